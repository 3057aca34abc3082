//! From one pod to none, without losing the request that arrives in between.
//!
//! The naive way removes the last pod when the load is zero, and the next request finds nobody.
//! Knative first routes requests through a buffer (its activator), waits until that has taken
//! effect everywhere (the grace period), and only then removes the pod; an optional retention
//! keeps it longer. After `handleScaleToZero` of `pkg/reconciler/autoscaling/kpa/scaler.go`.

use crate::Micros;

/// How, and whether, the last pod goes. The defaults are Knative's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct ScaleToZero {
    /// Without, one pod stays.
    pub enabled: bool,
    /// How long requests must have gone through the buffer before the last pod goes.
    #[cfg_attr(feature = "serde", serde(rename = "grace_period_micros"))]
    pub grace_period: Micros,
    /// How long the last pod stays after the load is gone, at least.
    #[cfg_attr(feature = "serde", serde(rename = "pod_retention_micros"))]
    pub pod_retention: Micros,
    /// How long a start may take before it counts as failed.
    #[cfg_attr(feature = "serde", serde(rename = "activation_timeout_micros"))]
    pub activation_timeout: Micros,
}

impl Default for ScaleToZero {
    /// Enabled, 30 s of grace, no retention, 610 s for a start.
    fn default() -> Self {
        Self {
            enabled: true,
            grace_period: Micros::from_secs(30),
            pod_retention: Micros::ZERO,
            activation_timeout: Micros::from_secs(610),
        }
    }
}

/// Where the pods are between asleep and serving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Activity {
    /// Pods were ordered and none serves yet.
    Activating {
        /// Since when.
        since: Micros,
    },
    /// There is load.
    Active {
        /// Since when.
        since: Micros,
    },
    /// The load is gone.
    Inactive {
        /// Since when.
        since: Micros,
        /// Since when requests go through the buffer; `None` while that is not confirmed.
        buffered_since: Option<Micros>,
    },
}

/// What happens when no pod is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum ZeroDecision {
    /// There should be this many pods.
    Scale(u32),
    /// There should be one until the stable window has seen no load at all.
    KeepOne {
        /// How long that still takes.
        remaining: Micros,
    },
    /// Requests should go through the buffer from now on; the pods stay for the moment.
    Deactivate,
    /// Nothing changes yet.
    Wait {
        /// How long, if that is known.
        remaining: Option<Micros>,
    },
}

impl ScaleToZero {
    /// What becomes of `desired` pods. Everything but zero passes.
    pub fn decide(
        &self,
        desired: u32,
        activity: Activity,
        stable_window: Micros,
        now: Micros,
    ) -> ZeroDecision {
        if desired > 0 {
            return ZeroDecision::Scale(desired);
        }
        if !self.enabled {
            return ZeroDecision::Scale(1);
        }
        match activity {
            Activity::Activating { since } => self.activating(now.since(since)),
            Activity::Active { since } => {
                let remaining = stable_window.since(now.since(since));
                if remaining == Micros::ZERO {
                    ZeroDecision::Deactivate
                } else {
                    ZeroDecision::KeepOne { remaining }
                }
            }
            Activity::Inactive {
                buffered_since: None,
                ..
            } => ZeroDecision::Wait { remaining: None },
            Activity::Inactive {
                since,
                buffered_since: Some(buffered),
            } => self.inactive(now.since(since), now.since(buffered)),
        }
    }

    /// A start that takes too long will not succeed any more.
    fn activating(&self, age: Micros) -> ZeroDecision {
        if age >= self.activation_timeout {
            ZeroDecision::Scale(0)
        } else {
            ZeroDecision::Wait {
                remaining: Some(self.activation_timeout - age),
            }
        }
    }

    fn inactive(&self, idle: Micros, buffered: Micros) -> ZeroDecision {
        if idle >= self.grace_period.max(self.pod_retention) {
            return ZeroDecision::Scale(0);
        }
        let retention = self.pod_retention.since(idle);
        let grace = self.grace_period.since(buffered);
        match (retention, grace) {
            (Micros::ZERO, Micros::ZERO) => ZeroDecision::Scale(0),
            (Micros::ZERO, remaining) | (remaining, _) => ZeroDecision::Wait {
                remaining: Some(remaining),
            },
        }
    }
}

/// `pods` within Knative's bounds, in which a largest number of zero means that there is none.
/// Of crossed bounds the lower one counts for fewer pods, the upper one for more.
pub const fn apply_bounds(min_pods: u32, max_pods: u32, pods: u32) -> u32 {
    if pods < min_pods {
        min_pods
    } else if max_pods != 0 && pods > max_pods {
        max_pods
    } else {
        pods
    }
}
