//! How fast the count may change, and between which ends.

use core::fmt;

use crate::autoscale::policy::rounding::{floor, from_i64, to_i32};

/// Ends and velocity limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Limits {
    /// The smallest count. With zero, the way down has no velocity limit either.
    pub min: u32,
    /// The largest count.
    pub max: u32,
    /// The largest step up in thousandths of a percent of the current count, at least one pod;
    /// zero forbids the way up.
    pub scale_up_factor: i64,
    /// The same for the way down.
    pub scale_down_factor: i64,
}

/// Which limit applied. The names are those of the condition `ScalingLimited`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum LimitReason {
    /// None.
    DesiredWithinRange,
    /// The largest step up.
    ScaleUpLimit,
    /// The largest step down.
    ScaleDownLimit,
    /// The smallest count.
    TooFewReplicas,
    /// The largest count.
    TooManyReplicas,
}

impl fmt::Display for LimitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DesiredWithinRange => "DesiredWithinRange",
            Self::ScaleUpLimit => "ScaleUpLimit",
            Self::ScaleDownLimit => "ScaleDownLimit",
            Self::TooFewReplicas => "TooFewReplicas",
            Self::TooManyReplicas => "TooManyReplicas",
        })
    }
}

/// A count within the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Normalized {
    /// The count.
    pub replicas: u32,
    /// The limit that applied.
    pub reason: LimitReason,
}

impl Limits {
    /// The largest count that the velocity allows.
    pub fn scale_up_limit(&self, current: u32) -> u32 {
        if self.scale_up_factor == 0 {
            return current;
        }
        let current = from_i64(i64::from(current));
        pods(current + step(self.scale_up_factor, current))
    }

    /// The smallest count that the velocity allows.
    pub fn scale_down_limit(&self, current: u32) -> u32 {
        if self.scale_down_factor == 0 {
            return current;
        }
        let current = from_i64(i64::from(current));
        pods(current - step(self.scale_down_factor, current))
    }

    /// Brings `desired` within the velocity limits and then between the ends.
    ///
    /// A way down that would end above what is ready at all is given up: the pods that are not
    /// ready are missing already.
    pub fn normalize(&self, current: u32, desired: u32, ready: u32) -> Normalized {
        let (fewest, reason) = self.fewest(current, desired, ready);
        if desired < fewest {
            return Normalized {
                replicas: fewest,
                reason,
            };
        }
        let limit = self.scale_up_limit(current);
        let (most, reason) = if desired > limit {
            (limit.min(self.max), LimitReason::ScaleUpLimit)
        } else {
            (self.max, LimitReason::TooManyReplicas)
        };
        if desired > most {
            return Normalized {
                replicas: most,
                reason,
            };
        }
        Normalized {
            replicas: desired,
            reason: LimitReason::DesiredWithinRange,
        }
    }

    fn fewest(&self, current: u32, desired: u32, ready: u32) -> (u32, LimitReason) {
        let limit = self.scale_down_limit(current);
        if self.min == 0 {
            // The original gives this case no name.
            (1, LimitReason::TooFewReplicas)
        } else if desired >= limit {
            (self.min, LimitReason::TooFewReplicas)
        } else {
            let fewest = limit.max(self.min);
            let given_up = ready < fewest && ready > 0;
            let fewest = if given_up { current } else { fewest };
            (fewest, LimitReason::ScaleDownLimit)
        }
    }
}

/// `factor` thousandths of a percent of `current`, at least one.
fn step(factor: i64, current: f64) -> f64 {
    floor(from_i64(factor) / 1_000.0 * current / 100.0).max(1.0)
}

/// Pods are counted in 32 bits with a sign.
fn pods(count: f64) -> u32 {
    to_i32(count).max(0).unsigned_abs()
}
