//! The three conditions in which an HPA explains itself, with their reasons.
//!
//! They are kept from one reconcile to the next, as in the status of the object: a reconcile that
//! fails early leaves the others as they were. The messages are made on demand from the reason and
//! its numbers; nothing here holds a string.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use super::limit::LimitReason;
use super::pod::ConditionStatus;
use super::proposal::MetricError;

/// What an HPA says about itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct Conditions {
    /// Whether it can fetch and change the size, and whether something holds it back from doing
    /// so now. `None` as long as nobody asked.
    pub able_to_scale: Option<AbleToScale>,
    /// Whether it can compute a size.
    pub scaling_active: Option<ScalingActive>,
    /// Whether a limit changed the size it wanted.
    pub scaling_limited: Option<ScalingLimited>,
}

/// The reasons of the condition `AbleToScale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum AbleToScale {
    /// The current size is known.
    SucceededGetScale,
    /// The current size is not known.
    FailedGetScale,
    /// Stabilization did not change the recommendation.
    ReadyForNewScale,
    /// Lower recommendations of the recent past hold growth back.
    ScaleUpStabilized,
    /// Higher recommendations of the recent past hold shrinking back.
    ScaleDownStabilized,
    /// The new size was written.
    SucceededRescale {
        /// The new size.
        to: i32,
    },
    /// The new size could not be written.
    FailedUpdateScale,
}

impl AbleToScale {
    /// Whether the condition holds with this reason.
    pub const fn status(self) -> ConditionStatus {
        match self {
            Self::FailedGetScale | Self::FailedUpdateScale => ConditionStatus::False,
            _ => ConditionStatus::True,
        }
    }

    /// The reason as Kubernetes spells it.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::SucceededGetScale => "SucceededGetScale",
            Self::FailedGetScale => "FailedGetScale",
            Self::ReadyForNewScale => "ReadyForNewScale",
            Self::ScaleUpStabilized => "ScaleUpStabilized",
            Self::ScaleDownStabilized => "ScaleDownStabilized",
            Self::SucceededRescale { .. } => "SucceededRescale",
            Self::FailedUpdateScale => "FailedUpdateScale",
        }
    }

    /// The message beside it.
    pub fn message(self) -> String {
        match self {
            Self::SucceededGetScale => {
                "the HPA controller was able to get the target's current scale".to_string()
            }
            Self::FailedGetScale => {
                "the HPA controller was unable to get the target's current scale".to_string()
            }
            Self::ReadyForNewScale => "recommended size matches current size".to_string(),
            Self::ScaleUpStabilized => "recent recommendations were lower than current one, \
                applying the lowest recent recommendation"
                .to_string(),
            Self::ScaleDownStabilized => "recent recommendations were higher than current one, \
                applying the highest recent recommendation"
                .to_string(),
            Self::SucceededRescale { to } => {
                format!("the HPA controller was able to update the target scale to {to}")
            }
            Self::FailedUpdateScale => {
                "the HPA controller was unable to update the target scale".to_string()
            }
        }
    }
}

/// The reasons of the condition `ScalingActive`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum ScalingActive {
    /// A metric gave a size.
    ValidMetricFound {
        /// Its index in the list of metrics.
        metric: u32,
    },
    /// The fleet is at zero and its minimum is not: somebody switched it off by hand.
    ScalingDisabled,
    /// The target does not say which pods are its own.
    InvalidSelector,
    /// Another autoscaler claims the same pods.
    AmbiguousSelector,
    /// A metric failed, and without it nothing can be done.
    FailedMetric {
        /// The first that failed, as an index into the list of metrics.
        metric: u32,
        /// What kind of metric it is.
        source: MetricSource,
        /// Why it failed.
        error: MetricError,
    },
    /// There is no metric at all.
    NoMetrics,
}

impl ScalingActive {
    /// Whether the condition holds with this reason.
    pub const fn status(self) -> ConditionStatus {
        match self {
            Self::ValidMetricFound { .. } => ConditionStatus::True,
            _ => ConditionStatus::False,
        }
    }

    /// The reason as Kubernetes spells it.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::ValidMetricFound { .. } => "ValidMetricFound",
            Self::ScalingDisabled => "ScalingDisabled",
            Self::InvalidSelector => "InvalidSelector",
            Self::AmbiguousSelector => "AmbiguousSelector",
            Self::FailedMetric {
                error: MetricError::UnknownSource,
                ..
            }
            | Self::NoMetrics => "InvalidMetricSourceType",
            Self::FailedMetric { source, .. } => source.failure(),
        }
    }

    /// The message beside it; `name` tells what the metric with an index is called.
    pub fn message(self, name: impl FnOnce(u32) -> String) -> String {
        match self {
            Self::ValidMetricFound { metric } => format!(
                "the HPA was able to successfully calculate a replica count from {}",
                name(metric)
            ),
            Self::ScalingDisabled => {
                "scaling is disabled since the replica count of the target is zero".to_string()
            }
            Self::InvalidSelector => "the HPA target's scale is missing a selector".to_string(),
            Self::AmbiguousSelector => {
                "pods by selector are controlled by multiple HPAs".to_string()
            }
            Self::FailedMetric { metric, error, .. } => format!(
                "the HPA was unable to compute the replica count: {}: {error}",
                name(metric)
            ),
            Self::NoMetrics => {
                "the HPA was unable to compute the replica count: no metric is configured"
                    .to_string()
            }
        }
    }
}

/// Where a metric comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum MetricSource {
    /// A resource of the pods.
    Resource,
    /// A resource of one container of each pod.
    ContainerResource,
    /// A custom metric of the pods.
    Pods,
    /// A metric of one other object.
    Object,
    /// A metric from outside the cluster.
    External,
}

impl MetricSource {
    /// The reason of `ScalingActive` when a metric of this kind fails.
    pub const fn failure(self) -> &'static str {
        match self {
            Self::Resource => "FailedGetResourceMetric",
            Self::ContainerResource => "FailedGetContainerResourceMetric",
            Self::Pods => "FailedGetPodsMetric",
            Self::Object => "FailedGetObjectMetric",
            Self::External => "FailedGetExternalMetric",
        }
    }
}

impl fmt::Display for MetricSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resource => "resource metric",
            Self::ContainerResource => "container resource metric",
            Self::Pods => "pods metric",
            Self::Object => "object metric",
            Self::External => "external metric",
        })
    }
}

/// The condition `ScalingLimited`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ScalingLimited {
    /// Whether a limit changed the size.
    pub status: ConditionStatus,
    /// Which one.
    pub reason: LimitReason,
}
