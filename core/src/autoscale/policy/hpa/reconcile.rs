//! One whole evaluation of an HPA, from the metrics to the size that is to be written.
//!
//! The order of the steps is half of the algorithm. A fleet outside of its bounds is brought back
//! without asking any metric; the largest proposal wins; if a metric failed, the others may still
//! grow the fleet but not shrink it, because the missing one might have wanted more; stabilization
//! sees what the metrics wanted, and only what comes out of it is limited.
//!
//! [`reconcile`] decides and writes nothing. The host that carried the change out says so with
//! [`HpaState::written`]; only then does it count towards the limits on the rate of change. Source:
//! `reconcileAutoscaler` and `computeReplicasForMetrics` in `horizontal.go` of Kubernetes.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::behavior::Behavior;
use super::condition::{AbleToScale, Conditions, MetricSource, ScalingActive, ScalingLimited};
use super::event::Events;
use super::limit::{Limited, ReplicaBounds, ScaleUpLimit, limit_by_behavior, limit_by_default};
use super::pod::ConditionStatus;
use super::proposal::{
    MetricError, Proposal, propose_average, propose_average_of_total, propose_total,
    propose_utilization,
};
use super::recommendation::{Recommendation, RecommendationLog, Windows};
use super::sums::PodSums;
use super::tolerance::Tolerance;
use crate::Micros;

/// One metric and its target, as known at the moment of a reconcile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MetricReading {
    /// Where it comes from.
    pub source: MetricSource,
    /// What it says.
    pub value: MetricValue,
}

/// What a metric says, and with what it is compared. All values are milli-units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricValue {
    /// Use of what the pods request, see [`propose_utilization`].
    Utilization {
        /// From [`PodSums::for_utilization`] with the same target.
        sums: PodSums,
        /// `averageUtilization`, percent.
        target_percent: i32,
    },
    /// A value per pod, see [`propose_average`].
    Average {
        /// From [`PodSums::for_average`].
        sums: PodSums,
        /// `averageValue`.
        target: i64,
    },
    /// One total for all pods, see [`propose_total`].
    Total {
        /// The total.
        total: i64,
        /// `value`.
        target: i64,
        /// Pods that are ready; `None` if there are no pods.
        ready_pods: Option<u32>,
    },
    /// One total that is spread over the pods, see [`propose_average_of_total`].
    AverageOfTotal {
        /// The total.
        total: i64,
        /// `averageValue`.
        target: i64,
        /// How many pods there are.
        status_replicas: i32,
    },
    /// The metric could not be had.
    Failed(MetricError),
}

impl MetricReading {
    /// What this metric alone would make of a fleet of `current` replicas. O(1).
    pub fn propose(&self, current: i32, tolerance: Tolerance) -> Result<Proposal, MetricError> {
        match self.value {
            MetricValue::Utilization {
                sums,
                target_percent,
            } => propose_utilization(&sums, target_percent, current, tolerance),
            MetricValue::Average { sums, target } => {
                propose_average(&sums, target, current, tolerance)
            }
            MetricValue::Total {
                total,
                target,
                ready_pods,
            } => propose_total(total, target, current, ready_pods, tolerance),
            MetricValue::AverageOfTotal {
                total,
                target,
                status_replicas,
            } => propose_average_of_total(total, target, status_replicas, tolerance),
            MetricValue::Failed(error) => Err(error),
        }
    }
}

/// What an HPA is told to do, apart from its metrics.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// How far a metric may be off.
    pub tolerance: Tolerance,
    /// `behavior`; without it the two defaults below apply.
    pub behavior: Option<Behavior>,
    /// How long a high recommendation holds the fleet up if there is no behavior
    /// (`--horizontal-pod-autoscaler-downscale-stabilization`, 5 minutes).
    pub downscale_stabilization: Micros,
    /// How fast the fleet grows if there is no behavior.
    pub scale_up_limit: ScaleUpLimit,
}

/// The workload at the moment of a reconcile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// How many replicas are wanted (`spec.replicas`).
    pub current: i32,
    /// Between which sizes it may be scaled.
    pub bounds: ReplicaBounds,
    /// Whether it is known which pods are its own.
    pub selector: Selector,
}

/// Whether a workload and its pods belong together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Selector {
    /// They do, and to nobody else.
    #[default]
    Valid,
    /// The workload has no selector, or one that cannot be read.
    Invalid,
    /// Another autoscaler selects the same pods.
    Ambiguous,
}

/// What an HPA remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct HpaState {
    /// `None` before the first reconcile, which notes the size that it finds as a recommendation:
    /// a controller that has just started must not shrink a fleet at once.
    pub recommendations: Option<RecommendationLog>,
    /// What was carried out.
    pub events: Events,
    /// What it last said about itself.
    pub conditions: Conditions,
}

impl HpaState {
    /// The change `from` to `to` was carried out at `now`.
    pub fn written(&mut self, behavior: Option<&Behavior>, from: i32, to: i32, now: Micros) {
        self.conditions.able_to_scale = Some(AbleToScale::SucceededRescale { to });
        if to > from {
            let rules = behavior.map(|behavior| &behavior.scale_up);
            self.events.up.store(rules, to.saturating_sub(from), now);
        } else {
            let rules = behavior.map(|behavior| &behavior.scale_down);
            self.events.down.store(rules, from.saturating_sub(to), now);
        }
    }

    /// The change could not be carried out. It counts towards no limit.
    pub const fn write_failed(&mut self) {
        self.conditions.able_to_scale = Some(AbleToScale::FailedUpdateScale);
    }

    /// The current size could not be had, so there is nothing to reconcile.
    pub const fn scale_unavailable(&mut self) {
        self.conditions.able_to_scale = Some(AbleToScale::FailedGetScale);
    }
}

/// What came of a reconcile, with every number on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Reconciliation {
    /// The size before.
    pub current: i32,
    /// The size that is to be written; `current` if nothing is.
    pub replicas: i32,
    /// How that came about.
    pub course: Course,
    /// What each metric proposed, in the order of the metrics; empty if none was asked.
    pub proposals: Vec<Result<Proposal, MetricError>>,
    /// What the HPA says about itself before anything is written.
    pub conditions: Conditions,
}

impl Reconciliation {
    /// Whether a new size is to be written.
    pub const fn rescales(&self) -> bool {
        self.replicas != self.current
    }
}

/// The way that a reconcile took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Course {
    /// Switched off: no replicas, and a minimum above zero.
    Disabled,
    /// Above the maximum: brought down to it.
    AboveMaximum {
        /// The maximum.
        max: i32,
    },
    /// Below the minimum: brought up to it.
    BelowMinimum {
        /// The minimum.
        min: i32,
    },
    /// No size could be computed: held.
    Failed,
    /// By the metrics.
    ByMetrics {
        /// The metric whose proposal won, as an index into the list.
        metric: u32,
        /// What it wanted, at least zero.
        desired: i32,
        /// What stabilization made of it.
        stabilized: i32,
        /// What the limits made of that.
        limited: Limited,
    },
}

impl Course {
    /// The size to which it leads from `current`.
    pub const fn replicas(self, current: i32) -> i32 {
        match self {
            Self::Disabled | Self::Failed => current,
            Self::AboveMaximum { max } => max,
            Self::BelowMinimum { min } => min,
            Self::ByMetrics { limited, .. } => limited.replicas,
        }
    }

    /// What Kubernetes notes as the reason of a change to another size than `current`: the
    /// `SuccessfulRescale` event. `name` tells what the metric with an index is called.
    pub fn rescale_reason(self, current: i32, name: impl FnOnce(u32) -> String) -> String {
        match self {
            Self::AboveMaximum { .. } => {
                String::from("Current number of replicas above Spec.MaxReplicas")
            }
            Self::BelowMinimum { .. } => {
                String::from("Current number of replicas below Spec.MinReplicas")
            }
            Self::ByMetrics {
                metric, desired, ..
            } if desired > current => format!("{} above target", name(metric)),
            Self::ByMetrics { desired, .. } if desired < current => {
                String::from("All metrics below target")
            }
            Self::Disabled | Self::Failed | Self::ByMetrics { .. } => String::new(),
        }
    }
}

/// Decides at `now` what becomes of `target`, given its `metrics`. O(m + l) for m metrics and l
/// entries in the logs.
pub fn reconcile(
    spec: &Spec,
    state: &mut HpaState,
    target: Target,
    metrics: &[MetricReading],
    now: Micros,
) -> Reconciliation {
    let current = target.current;
    let mut proposals = Vec::new();
    let course = begin(state, target, now).unwrap_or_else(|| {
        let propose = |metric: &MetricReading| metric.propose(current, spec.tolerance);
        proposals.extend(metrics.iter().map(propose));
        let sources = metrics.iter().map(|metric| metric.source);
        conclude(
            spec,
            state,
            target,
            sources.zip(
                proposals
                    .iter()
                    .map(|proposal| proposal.map(|proposal| proposal.replicas)),
            ),
            now,
        )
    });
    Reconciliation {
        current,
        replicas: course.replicas(current),
        course,
        proposals,
        conditions: state.conditions,
    }
}

/// The part of a reconcile that asks no metric. `None` if the metrics are to decide.
pub(super) fn begin(state: &mut HpaState, target: Target, now: Micros) -> Option<Course> {
    let Target {
        current, bounds, ..
    } = target;
    state.conditions.able_to_scale = Some(AbleToScale::SucceededGetScale);
    state.recommendations.get_or_insert_with(|| {
        RecommendationLog::new(vec![Recommendation {
            replicas: current,
            at: now,
        }])
    });
    if current == 0 && bounds.min != 0 {
        state.conditions.scaling_active = Some(ScalingActive::ScalingDisabled);
        return Some(Course::Disabled);
    }
    if current > bounds.max {
        return Some(Course::AboveMaximum { max: bounds.max });
    }
    if current < bounds.min {
        return Some(Course::BelowMinimum { min: bounds.min });
    }
    let selector = match target.selector {
        Selector::Valid => return None,
        Selector::Invalid => ScalingActive::InvalidSelector,
        Selector::Ambiguous => ScalingActive::AmbiguousSelector,
    };
    state.conditions.scaling_active = Some(selector);
    Some(Course::Failed)
}

/// The part of a reconcile that follows from what the metrics propose.
pub(super) fn conclude(
    spec: &Spec,
    state: &mut HpaState,
    target: Target,
    proposals: impl Iterator<Item = (MetricSource, Result<i32, MetricError>)>,
    now: Micros,
) -> Course {
    let (metric, replicas) = match winner(target.current, proposals) {
        Ok(winner) => winner,
        Err(condition) => {
            state.conditions.scaling_active = Some(condition);
            return Course::Failed;
        }
    };
    state.conditions.scaling_active = Some(ScalingActive::ValidMetricFound { metric });
    let desired = replicas.max(0);
    let (stabilized, limited) = normalize(spec, state, target, desired, now);
    Course::ByMetrics {
        metric,
        desired,
        stabilized,
        limited,
    }
}

/// The metric with the largest proposal, and that proposal.
fn winner(
    current: i32,
    proposals: impl Iterator<Item = (MetricSource, Result<i32, MetricError>)>,
) -> Result<(u32, i32), ScalingActive> {
    let mut winner: Option<(u32, i32)> = None;
    let mut first_failure = None;
    for (metric, (source, proposal)) in (0_u32..).zip(proposals) {
        match proposal {
            // A proposal of zero gives way to any later one, even to a negative one; the original
            // cannot tell it from none.
            Ok(replicas) => {
                if winner.is_none_or(|(_, best)| best == 0 || replicas > best) {
                    winner = Some((metric, replicas));
                }
            }
            Err(error) => {
                first_failure.get_or_insert(ScalingActive::FailedMetric {
                    metric,
                    source,
                    error,
                });
            }
        }
    }
    match (winner, first_failure) {
        (Some(winner), None) => Ok(winner),
        // The metric that failed might have wanted more: growing is safe, shrinking is not.
        (Some((metric, replicas)), Some(_)) if replicas >= current => Ok((metric, replicas)),
        (_, Some(failure)) => Err(failure),
        (None, None) => Err(ScalingActive::NoMetrics),
    }
}

/// Stabilizes and limits what the metrics want.
fn normalize(
    spec: &Spec,
    state: &mut HpaState,
    target: Target,
    desired: i32,
    now: Micros,
) -> (i32, Limited) {
    let Target {
        current, bounds, ..
    } = target;
    let log = state.recommendations.get_or_insert_default();
    let (stabilized, hold, limited) = match &spec.behavior {
        None => {
            let stabilized = log.stabilize(desired, spec.downscale_stabilization, now);
            let limited = limit_by_default(current, stabilized, bounds, spec.scale_up_limit);
            (stabilized, AbleToScale::ScaleDownStabilized, limited)
        }
        Some(behavior) => {
            let windows = Windows {
                up: behavior.scale_up.stabilization_window,
                down: behavior.scale_down.stabilization_window,
            };
            let stabilized = log.stabilize_both_ways(current, desired, windows, now);
            let hold = if desired >= current {
                AbleToScale::ScaleUpStabilized
            } else {
                AbleToScale::ScaleDownStabilized
            };
            let events = &state.events;
            let limited = limit_by_behavior(current, stabilized, bounds, behavior, events, now);
            (stabilized, hold, limited)
        }
    };
    state.conditions.able_to_scale = Some(if stabilized == desired {
        AbleToScale::ReadyForNewScale
    } else {
        hold
    });
    state.conditions.scaling_limited = Some(ScalingLimited {
        status: if limited.replicas == stabilized {
            ConditionStatus::False
        } else {
            ConditionStatus::True
        },
        reason: limited.reason,
    });
    (stabilized, limited)
}
