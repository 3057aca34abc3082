//! The last word inside the policy: bounds, and how fast the fleet may change.
//!
//! Clamping to the bounds alone lets one bogus sample order the whole maximum. So the step is
//! limited too: with a `behavior` by its policies, without one to twice the fleet (or four). And
//! a limit only ever holds back: a fleet that already changed more than a limit allows stays where
//! it is, it is not pushed the other way.

use core::fmt;

use super::behavior::Behavior;
use super::event::Events;
use crate::Micros;
use crate::autoscale::policy::rounding::to_i32;

/// The smallest and the largest size, in replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ReplicaBounds {
    /// `minReplicas`.
    pub min: i32,
    /// `maxReplicas`.
    pub max: i32,
}

/// What was made of the recommendation, and which limit bound it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Limited {
    /// The size that is allowed.
    pub replicas: i32,
    /// Why it is not another.
    pub reason: LimitReason,
    /// The size up or down to which the rate of change allowed to go; `None` if it was not asked.
    pub rate_limit: Option<i32>,
}

/// The reasons of the condition `ScalingLimited`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum LimitReason {
    /// Nothing bound.
    DesiredWithinRange,
    /// The minimum.
    TooFewReplicas,
    /// The maximum.
    TooManyReplicas,
    /// The rate of growth.
    ScaleUpLimit,
    /// The rate of shrinking.
    ScaleDownLimit,
}

impl LimitReason {
    /// As Kubernetes spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DesiredWithinRange => "DesiredWithinRange",
            Self::TooFewReplicas => "TooFewReplicas",
            Self::TooManyReplicas => "TooManyReplicas",
            Self::ScaleUpLimit => "ScaleUpLimit",
            Self::ScaleDownLimit => "ScaleDownLimit",
        }
    }

    /// The message that Kubernetes writes beside it.
    pub const fn message(self) -> &'static str {
        match self {
            Self::DesiredWithinRange => "the desired count is within the acceptable range",
            Self::TooFewReplicas => {
                "the desired replica count is less than the minimum replica count"
            }
            Self::TooManyReplicas => {
                "the desired replica count is more than the maximum replica count"
            }
            Self::ScaleUpLimit => {
                "the desired replica count is increasing faster than the maximum scale rate"
            }
            Self::ScaleDownLimit => {
                "the desired replica count is decreasing faster than the maximum scale rate"
            }
        }
    }
}

impl fmt::Display for LimitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How fast a fleet grows that has no `behavior`: to `max(factor * current, minimum)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaleUpLimit {
    /// Finite.
    factor: f64,
    /// Finite.
    minimum: f64,
}

impl ScaleUpLimit {
    /// A fleet grows to `factor` times its size, and to at least `minimum`. `None` unless both are
    /// finite.
    pub fn new(factor: f64, minimum: f64) -> Option<Self> {
        (factor.is_finite() && minimum.is_finite()).then_some(Self { factor, minimum })
    }

    /// The limit for a fleet of `current` replicas.
    pub fn of(self, current: i32) -> i32 {
        to_i32((self.factor * f64::from(current)).max(self.minimum))
    }
}

impl Default for ScaleUpLimit {
    /// The constants of the controller: twice the fleet, or four.
    fn default() -> Self {
        Self {
            factor: 2.0,
            minimum: 4.0,
        }
    }
}

/// Brings `desired` within `bounds` and under the default limit on growth.
pub fn limit_by_default(
    current: i32,
    desired: i32,
    bounds: ReplicaBounds,
    scale_up: ScaleUpLimit,
) -> Limited {
    let limit = scale_up.of(current);
    let (max, too_many) = if bounds.max > limit {
        (limit, LimitReason::ScaleUpLimit)
    } else {
        (bounds.max, LimitReason::TooManyReplicas)
    };
    let (replicas, reason) = if desired < bounds.min {
        (bounds.min, LimitReason::TooFewReplicas)
    } else if desired > max {
        (max, too_many)
    } else {
        (desired, LimitReason::DesiredWithinRange)
    };
    Limited {
        replicas,
        reason,
        rate_limit: Some(limit),
    }
}

/// Brings `desired` within `bounds` and within what the policies of `behavior` allow after
/// `events`.
pub fn limit_by_behavior(
    current: i32,
    desired: i32,
    bounds: ReplicaBounds,
    behavior: &Behavior,
    events: &Events,
    now: Micros,
) -> Limited {
    let within = |rate_limit| Limited {
        replicas: desired,
        reason: LimitReason::DesiredWithinRange,
        rate_limit,
    };
    if desired > current {
        let limit = behavior.scale_up.scale_up_limit(current, events, now);
        // What was added already may exceed the limit; that is no reason to remove it.
        let limit = limit.max(current);
        let (replicas, reason) = if bounds.max > limit {
            (limit, LimitReason::ScaleUpLimit)
        } else {
            (bounds.max, LimitReason::TooManyReplicas)
        };
        let rate_limit = Some(limit);
        if desired > replicas {
            return Limited {
                replicas,
                reason,
                rate_limit,
            };
        }
        return within(rate_limit);
    }
    if desired < current {
        let limit = behavior.scale_down.scale_down_limit(current, events, now);
        let limit = limit.min(current);
        let (replicas, reason) = if bounds.min < limit {
            (limit, LimitReason::ScaleDownLimit)
        } else {
            (bounds.min, LimitReason::TooFewReplicas)
        };
        let rate_limit = Some(limit);
        if desired < replicas {
            return Limited {
                replicas,
                reason,
                rate_limit,
            };
        }
        return within(rate_limit);
    }
    within(None)
}
