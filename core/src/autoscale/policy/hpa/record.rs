//! Every number of one evaluation of an HPA.

use alloc::vec::Vec;
use core::fmt;

use super::condition::{Conditions, MetricSource};
use super::limit::LimitReason;
use super::pod::PodClass;
use super::proposal::{Basis, MetricError, Proposal, Usage};
use super::reconcile::Course;
use super::settings::HpaMetric;
use super::sums::PodSums;
use crate::autoscale::policy::rounding::to_i64;

/// One evaluation of an [`Hpa`](super::Hpa).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HpaRecord {
    /// The size before.
    pub current: u32,
    /// The size that it wants.
    pub nodes: u32,
    /// How that came about.
    pub course: Course,
    /// What each metric proposed; empty if none was asked.
    pub metrics: Vec<MetricRecord>,
    /// What it says about itself, before anything is written.
    pub conditions: Conditions,
}

impl HpaRecord {
    /// The answer before the guards.
    pub const fn nodes(&self) -> u32 {
        self.nodes
    }

    /// The rule that bound.
    pub fn rule(&self) -> HpaRule {
        let Course::ByMetrics {
            metric,
            desired,
            stabilized,
            limited,
        } = self.course
        else {
            return match self.course {
                Course::Disabled => HpaRule::Disabled,
                Course::AboveMaximum { .. } => HpaRule::Maximum,
                Course::BelowMinimum { .. } => HpaRule::Minimum,
                Course::Failed | Course::ByMetrics { .. } => HpaRule::FailedMetric,
            };
        };
        if limited.replicas != stabilized {
            return match limited.reason {
                LimitReason::TooFewReplicas => HpaRule::Minimum,
                LimitReason::TooManyReplicas => HpaRule::Maximum,
                LimitReason::ScaleUpLimit => HpaRule::ScaleUpLimit,
                LimitReason::ScaleDownLimit | LimitReason::DesiredWithinRange => {
                    HpaRule::ScaleDownLimit
                }
            };
        }
        if stabilized > desired {
            return HpaRule::ScaleDownWindow;
        }
        if stabilized < desired {
            return HpaRule::ScaleUpWindow;
        }
        match self.basis(metric) {
            Some(Basis::Tolerated) => HpaRule::Tolerance,
            Some(Basis::FilledIn | Basis::FilledInHolds) => HpaRule::IncompleteMetric,
            Some(Basis::Proportional | Basis::Total) | None => HpaRule::Target,
        }
    }

    /// How the proposal of the metric with an index came about.
    pub(super) fn basis(&self, metric: u32) -> Option<Basis> {
        match self.metric(metric)?.outcome {
            Outcome::Proposed { basis, .. } => Some(basis),
            Outcome::Failed(_) => None,
        }
    }

    pub(super) fn metric(&self, metric: u32) -> Option<&MetricRecord> {
        self.metrics.get(usize::try_from(metric).ok()?)
    }
}

/// What one metric alone would make of the fleet.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct MetricRecord {
    /// The metric and its target.
    pub metric: HpaMetric,
    /// Of how many nodes it knows; zero for a metric of the fleet as a whole.
    pub pods: PodCounts,
    /// What came of it.
    pub outcome: Outcome,
}

impl MetricRecord {
    /// Where the metric comes from and the size that it wants.
    pub(super) const fn replicas(&self) -> (MetricSource, Result<i32, MetricError>) {
        let replicas = match self.outcome {
            Outcome::Proposed { replicas, .. } => Ok(replicas),
            Outcome::Failed(error) => Err(error),
        };
        (self.metric.source(), replicas)
    }
}

/// What came of a metric.
///
/// The ratio is kept as a whole number: a double does not survive the way through JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Outcome {
    /// A size.
    Proposed {
        /// The size that would bring the metric to its target.
        replicas: i32,
        /// What was measured.
        usage: Usage,
        /// Measured over wanted, before anything was filled in, in millionths rounded towards
        /// zero.
        ratio_millionths: i64,
        /// How `replicas` came about.
        basis: Basis,
    },
    /// No size.
    Failed(MetricError),
}

impl From<Proposal> for Outcome {
    fn from(proposal: Proposal) -> Self {
        Self::Proposed {
            replicas: proposal.replicas,
            usage: proposal.usage,
            ratio_millionths: to_i64(proposal.ratio * 1e6),
            basis: proposal.basis,
        }
    }
}

/// The nodes of a metric by class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PodCounts {
    /// Their samples count.
    pub ready: u32,
    /// Their samples say nothing yet.
    pub unready: u32,
    /// They have no sample.
    pub missing: u32,
    /// They are on their way out, or gone.
    pub ignored: u32,
}

impl PodCounts {
    pub(super) const fn of(sums: &PodSums) -> Self {
        Self {
            ready: sums.pods(PodClass::Ready),
            unready: sums.pods(PodClass::Unready),
            missing: sums.pods(PodClass::Missing),
            ignored: sums.pods(PodClass::Ignored),
        }
    }
}

/// The rule of an HPA without which its answer would have been another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum HpaRule {
    /// The metric that wants the largest fleet.
    Target,
    /// That metric is close enough to its target.
    Tolerance,
    /// Nodes without a sample, or with one that does not count, were filled in.
    IncompleteMetric,
    /// Lower recommendations of the recent past.
    ScaleUpWindow,
    /// Higher recommendations of the recent past.
    ScaleDownWindow,
    /// How fast the fleet may grow.
    ScaleUpLimit,
    /// How fast it may shrink.
    ScaleDownLimit,
    /// The smallest fleet.
    Minimum,
    /// The largest fleet.
    Maximum,
    /// A metric failed without which nothing can be done.
    FailedMetric,
    /// The fleet is at zero, and only somebody else can wake it.
    Disabled,
}

impl fmt::Display for HpaRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Target => "the target of a metric",
            Self::Tolerance => "the tolerance",
            Self::IncompleteMetric => "nodes without a usable sample",
            Self::ScaleUpWindow => "the scale-up window",
            Self::ScaleDownWindow => "the scale-down window",
            Self::ScaleUpLimit => "the scale-up limit",
            Self::ScaleDownLimit => "the scale-down limit",
            Self::Minimum => "the minimum",
            Self::Maximum => "the maximum",
            Self::FailedMetric => "a metric that failed",
            Self::Disabled => "a fleet switched off by hand",
        })
    }
}
