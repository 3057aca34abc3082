//! Kubernetes' Horizontal Pod Autoscaler, `autoscaling/v2`, number for number.
//!
//! The fleet is sized in proportion to how far each metric is off its target; the largest
//! proposal wins, recent recommendations hold shrinking back, and rates limit the change. What
//! makes it hard to copy is not the formula but its edges: which pods a metric may speak for, what
//! a missing sample means in which direction, where a ratio is rounded, when a log slot is used
//! again. Each step is a function of its own, with its state and the time as arguments, so that it
//! can be held against the tables of the original.
//!
//! | step | here |
//! |---|---|
//! | which pods count | [`classify`], [`PodSums`] |
//! | proposal by pods | [`propose_utilization`], [`propose_average`], with [`Tolerance`] |
//! | proposal by totals | [`propose_total`], [`propose_average_of_total`] |
//! | stabilization | [`RecommendationLog`] |
//! | rate of change | [`ScalingRules`], [`EventLog`], [`Events`] |
//! | bounds and limits | [`limit_by_default`], [`limit_by_behavior`] |
//! | all of it | [`reconcile`], with [`HpaState`] and [`Conditions`] |
//!
//! ```
//! use quorate::autoscale::hpa::{PodClass, PodSums, Tolerance, propose_utilization};
//!
//! let target_percent = 30;
//! let mut pods = PodSums::for_utilization(target_percent);
//! for usage in [600, 1_000, 1_400] {
//!     pods.add(PodClass::Ready, Some(usage), Some(2_000));
//! }
//! let proposal = propose_utilization(&pods, target_percent, 3, Tolerance::default())?;
//! assert_eq!(proposal.replicas, 5);
//! # Ok::<(), quorate::autoscale::hpa::MetricError>(())
//! ```
//!
//! [`Hpa`] puts them together for a fleet of nodes; its [`HpaRecord`] keeps every number.
//!
//! Replica counts are `i32`, as in the Kubernetes API; what exceeds them stops at the end of the
//! range. Metric values are milli-units. Ratios are IEEE doubles like those of the original, with
//! nothing but `+ - * /`, comparison and exact rounding, so they are the same on every platform;
//! targets are checked to be above zero, so that none of them is infinite or not a number.

mod behavior;
mod condition;
mod evaluate;
mod event;
mod explanation;
mod limit;
mod pod;
mod proposal;
mod recommendation;
mod reconcile;
mod record;
mod settings;
mod sums;
mod tolerance;

pub use behavior::{Behavior, ScalingPolicy, ScalingPolicyKind, ScalingRules, SelectPolicy};
pub use condition::{AbleToScale, Conditions, MetricSource, ScalingActive, ScalingLimited};
pub use event::{EventLog, Events, ScaleEvent};
pub use limit::{
    LimitReason, Limited, ReplicaBounds, ScaleUpLimit, limit_by_behavior, limit_by_default,
};
pub use pod::{
    ConditionStatus, Grouping, Phase, Pod, PodClass, Readiness, ResourceName, Sample, StartUp,
    classify,
};
pub use proposal::{
    Basis, MetricError, Proposal, Usage, propose_average, propose_average_of_total, propose_total,
    propose_utilization, sum_of_average_values, sum_of_values,
};
pub use recommendation::{Recommendation, RecommendationLog, Windows};
pub use reconcile::{
    Course, HpaState, MetricReading, MetricValue, Reconciliation, Selector, Spec, Target, reconcile,
};
pub use record::{HpaRecord, HpaRule, MetricRecord, Outcome, PodCounts};
pub use settings::{
    BehaviorSettings, Direction, DirectionSettings, Hpa, HpaError, HpaMetric, HpaSettings,
};
pub use sums::PodSums;
pub use tolerance::Tolerance;
