//! How fast a fleet may change: the `behavior` of an HPA.
//!
//! A single step limit forces a choice between a fleet that grows too slowly from two nodes and one
//! that is halved in one step from two hundred. Here each direction has several policies (so many
//! pods, or so many percent, per period) and a rule for which of them counts.
//!
//! Sources: KEP-853 and `calculateScaleUpLimitWithScalingRules`,
//! `calculateScaleDownLimitWithBehaviors` in `horizontal.go` of Kubernetes.

use alloc::vec;
use alloc::vec::Vec;

use super::event::Events;
use crate::Micros;
use crate::autoscale::policy::rounding::{ceil, to_i32};

/// How far one policy lets the fleet change within its period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ScalingPolicy {
    /// What `value` counts.
    pub kind: ScalingPolicyKind,
    /// Pods, or percent of the pods at the start of the period.
    pub value: i32,
    /// The period.
    #[cfg_attr(feature = "serde", serde(rename = "period_micros"))]
    pub period: Micros,
}

/// What a [`ScalingPolicy`] counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum ScalingPolicyKind {
    /// A number of pods.
    Pods,
    /// Percent of the pods that there were at the start of the period.
    Percent,
}

/// Which of several policies counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum SelectPolicy {
    /// The one that allows the largest change.
    #[default]
    Max,
    /// The one that allows the smallest change.
    Min,
    /// None: no change in this direction at all.
    Disabled,
}

/// The rules of one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ScalingRules {
    /// How far stabilization looks back.
    #[cfg_attr(feature = "serde", serde(rename = "stabilization_window_micros"))]
    pub stabilization_window: Micros,
    /// Which of the policies counts.
    #[cfg_attr(feature = "serde", serde(rename = "select_policy"))]
    pub select: SelectPolicy,
    /// How fast the fleet may change.
    pub policies: Vec<ScalingPolicy>,
}

impl ScalingRules {
    /// What the API fills in for growth: at once, by 4 pods or 100 % per 15 s, whichever is more.
    pub fn default_up() -> Self {
        let period = Micros::from_secs(15);
        Self {
            stabilization_window: Micros::ZERO,
            select: SelectPolicy::Max,
            policies: vec![
                ScalingPolicy {
                    kind: ScalingPolicyKind::Pods,
                    value: 4,
                    period,
                },
                ScalingPolicy {
                    kind: ScalingPolicyKind::Percent,
                    value: 100,
                    period,
                },
            ],
        }
    }

    /// What the API fills in for shrinking: down to the highest recommendation of the last five
    /// minutes (the flag of the controller), by 100 % per 15 s.
    pub fn default_down() -> Self {
        Self {
            stabilization_window: Micros::from_secs(300),
            select: SelectPolicy::Max,
            policies: vec![ScalingPolicy {
                kind: ScalingPolicyKind::Percent,
                value: 100,
                period: Micros::from_secs(15),
            }],
        }
    }

    /// The longest period of the policies; zero if there are none.
    pub fn longest_period(&self) -> Micros {
        self.policies
            .iter()
            .map(|policy| policy.period)
            .max()
            .unwrap_or(Micros::ZERO)
    }

    /// The size up to which the fleet may grow from `current` at `now`. It may lie below
    /// `current`; whoever applies it must not shrink the fleet for that.
    pub fn scale_up_limit(&self, current: i32, events: &Events, now: Micros) -> i32 {
        let limits = self.policies.iter().map(|policy| {
            let start = events.at_start_of(policy.period, current, now);
            match policy.kind {
                ScalingPolicyKind::Pods => start.saturating_add(policy.value),
                // Up, or a small fleet could never grow.
                ScalingPolicyKind::Percent => to_i32(ceil(
                    f64::from(start) * (1.0 + f64::from(policy.value) / 100.0),
                )),
            }
        });
        match self.select {
            SelectPolicy::Max => limits.max().unwrap_or(i32::MIN),
            SelectPolicy::Min => limits.min().unwrap_or(i32::MAX),
            SelectPolicy::Disabled => current,
        }
    }

    /// The size down to which the fleet may shrink from `current` at `now`. It may lie above
    /// `current`; whoever applies it must not grow the fleet for that.
    pub fn scale_down_limit(&self, current: i32, events: &Events, now: Micros) -> i32 {
        let limits = self.policies.iter().map(|policy| {
            let start = events.at_start_of(policy.period, current, now);
            match policy.kind {
                ScalingPolicyKind::Pods => start.saturating_sub(policy.value),
                ScalingPolicyKind::Percent => {
                    to_i32(f64::from(start) * (1.0 - f64::from(policy.value) / 100.0))
                }
            }
        });
        match self.select {
            SelectPolicy::Max => limits.min().unwrap_or(i32::MAX),
            SelectPolicy::Min => limits.max().unwrap_or(i32::MIN),
            SelectPolicy::Disabled => current,
        }
    }
}

/// The rules of both directions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behavior {
    /// How the fleet may grow.
    pub scale_up: ScalingRules,
    /// How it may shrink.
    pub scale_down: ScalingRules,
}

impl Default for Behavior {
    /// What the API fills in for a `behavior` that is there and says nothing.
    fn default() -> Self {
        Self {
            scale_up: ScalingRules::default_up(),
            scale_down: ScalingRules::default_down(),
        }
    }
}
