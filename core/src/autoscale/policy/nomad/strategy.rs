//! The strategies: the current count and samples in, an action out.
//!
//! All of them look at samples in the order of their time. A sample that is infinite or not a
//! number is as if it had not come, which is what Nomad's sources do with it.

use core::fmt;

use super::{Action, Direction, Reason};
use crate::autoscale::policy::rounding::{ceil, floor, from_i64, to_i64};

/// Keeps a metric at a target, by proportion (`target-value`).
///
/// With a target of zero the metric itself is the factor: agents for a queue that should be empty.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct TargetValue {
    /// What the metric should be.
    pub target: f64,
    /// How far the factor may be from 1 without anything being done; 0.01 is usual.
    #[cfg_attr(feature = "serde", serde(default = "usual_threshold"))]
    pub threshold: f64,
    /// The most that are added at once.
    #[cfg_attr(feature = "serde", serde(default))]
    pub max_scale_up: Option<i64>,
    /// The most that are removed at once.
    #[cfg_attr(feature = "serde", serde(default))]
    pub max_scale_down: Option<i64>,
}

/// Takes one step if enough samples lie in a range (`threshold`).
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Tier {
    /// A sample is in the range from here on.
    #[cfg_attr(feature = "serde", serde(default))]
    pub lower_bound: Option<f64>,
    /// A sample is in the range below this.
    #[cfg_attr(feature = "serde", serde(default))]
    pub upper_bound: Option<f64>,
    /// The step.
    pub change: TierChange,
    /// How many samples must lie in the range; 5 is usual.
    #[cfg_attr(feature = "serde", serde(default = "usual_trigger"))]
    pub within_bounds_trigger: u32,
}

/// What a [`Tier`] does to the count.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum TierChange {
    /// Adds it; negative to remove.
    Delta(i64),
    /// Adds this many percent, rounded up, which takes away less than it adds.
    Percentage(f64),
    /// Sets it. Not negative.
    Value(i64),
}

/// Always the same count (`fixed-value`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct FixedValue {
    /// The count.
    pub fixed: i64,
}

/// The metric is the count (`pass-through`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct PassThrough {
    /// The most that are added at once.
    pub max_scale_up: Option<i64>,
    /// The most that are removed at once.
    pub max_scale_down: Option<i64>,
}

/// One of the strategies.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Check {
    /// Keeps a metric at a target.
    TargetValue(TargetValue),
    /// Takes a step if enough samples lie in a range.
    Threshold(Tier),
    /// Always the same count.
    FixedValue(FixedValue),
    /// The metric is the count.
    PassThrough(PassThrough),
}

impl Check {
    /// Refuses numbers that make no sense.
    pub fn validate(&self) -> Result<(), StrategyError> {
        match self {
            Self::TargetValue(strategy) => strategy.validate(),
            Self::Threshold(strategy) => strategy.validate(),
            Self::FixedValue(strategy) if strategy.fixed < 0 => Err(StrategyError::NegativeCount),
            Self::FixedValue(_) => Ok(()),
            Self::PassThrough(strategy) => {
                not_negative(strategy.max_scale_up, strategy.max_scale_down)
            }
        }
    }

    /// Runs the strategy.
    pub fn run(&self, count: i64, samples: &[f64]) -> Action {
        match self {
            Self::TargetValue(strategy) => strategy.run(count, samples),
            Self::Threshold(strategy) => strategy.run(count, samples),
            Self::FixedValue(strategy) => strategy.run(count),
            Self::PassThrough(strategy) => strategy.run(count, samples),
        }
    }
}

impl TargetValue {
    /// The usual strategy for this target.
    pub const fn new(target: f64) -> Self {
        Self {
            target,
            threshold: usual_threshold(),
            max_scale_up: None,
            max_scale_down: None,
        }
    }

    fn validate(&self) -> Result<(), StrategyError> {
        if !(self.target.is_finite() && self.threshold.is_finite()) {
            return Err(StrategyError::NotFinite);
        }
        not_negative(self.max_scale_up, self.max_scale_down)
    }

    /// The metric divided by the target, or the metric if the target is zero.
    pub fn factor(&self, metric: f64) -> f64 {
        if self.target.abs() > 0.0 {
            metric / self.target
        } else {
            metric
        }
    }

    /// Acts on the newest sample.
    pub fn run(&self, count: i64, samples: &[f64]) -> Action {
        let Some(metric) = newest(samples) else {
            return Action::NONE;
        };
        let factor = self.factor(metric);
        let direction = direction(count, factor, self.threshold);
        if direction == Direction::None {
            return Action::NONE;
        }
        let wanted = if count == 0 {
            to_i64(ceil(factor))
        } else {
            to_i64(ceil(from_i64(count) * factor))
        };
        let wanted = limit(
            count,
            wanted,
            direction,
            self.max_scale_up,
            self.max_scale_down,
        );
        if wanted == count {
            return Action::NONE;
        }
        let factor_micro = to_i64(floor(factor * 1_000_000.0 + 0.5));
        let reason = Reason::Factor {
            direction,
            factor_micro,
        };
        Action::new(wanted, direction, reason)
    }
}

/// Where a factor leads: nowhere within `threshold` around 1. From a count of zero there is only
/// a way up.
pub fn direction(count: i64, factor: f64, threshold: f64) -> Direction {
    if count == 0 {
        if factor > 0.0 {
            Direction::Up
        } else {
            Direction::None
        }
    } else if factor < 1.0 - threshold {
        Direction::Down
    } else if factor > 1.0 + threshold {
        Direction::Up
    } else {
        Direction::None
    }
}

impl Tier {
    fn validate(&self) -> Result<(), StrategyError> {
        let bounds = [self.lower_bound, self.upper_bound];
        if bounds == [None, None] {
            return Err(StrategyError::NoBound);
        }
        if bounds.into_iter().flatten().any(|bound| !bound.is_finite()) {
            return Err(StrategyError::NotFinite);
        }
        match self.change {
            TierChange::Percentage(percent) if !percent.is_finite() => {
                Err(StrategyError::NotFinite)
            }
            TierChange::Value(count) if count < 0 => Err(StrategyError::NegativeCount),
            TierChange::Delta(_) | TierChange::Percentage(_) | TierChange::Value(_) => Ok(()),
        }
    }

    /// Acts on all samples.
    pub fn run(&self, count: i64, samples: &[f64]) -> Action {
        let within = samples.iter().filter(|sample| self.contains(**sample));
        let enough = usize::try_from(self.within_bounds_trigger).unwrap_or(usize::MAX);
        if samples.is_empty() || within.count() < enough {
            return Action::NONE;
        }
        let wanted = self.change.apply(count);
        match Direction::between(count, wanted) {
            Direction::None => Action::NONE,
            direction => Action::new(wanted, direction, Reason::WithinBounds { direction }),
        }
    }

    /// The lower bound is inside, the upper one is not.
    fn contains(&self, sample: f64) -> bool {
        sample.is_finite()
            && self.lower_bound.is_none_or(|lower| sample >= lower)
            && self.upper_bound.is_none_or(|upper| sample < upper)
    }
}

impl TierChange {
    /// The count after the step; not below zero.
    fn apply(self, count: i64) -> i64 {
        let wanted = match self {
            Self::Delta(delta) => count.saturating_add(delta),
            Self::Percentage(percent) => to_i64(ceil(from_i64(count) * (1.0 + percent / 100.0))),
            Self::Value(value) => value,
        };
        wanted.max(0)
    }
}

impl FixedValue {
    /// Acts on nothing but the count.
    pub fn run(&self, count: i64) -> Action {
        let fixed = self.fixed;
        match Direction::between(count, fixed) {
            Direction::None => Action::NONE,
            direction => Action::new(fixed, direction, Reason::FixedValue { direction, fixed }),
        }
    }
}

impl PassThrough {
    /// Acts on the newest sample.
    pub fn run(&self, count: i64, samples: &[f64]) -> Action {
        let Some(sample) = newest(samples) else {
            return Action::NONE;
        };
        // Compared with its fraction, set without: 2.5 is more than 2, and is 2.
        let direction = if sample > from_i64(count) {
            Direction::Up
        } else if sample < from_i64(count) {
            Direction::Down
        } else {
            return Action::NONE;
        };
        let metric = to_i64(sample);
        let wanted = limit(
            count,
            metric,
            direction,
            self.max_scale_up,
            self.max_scale_down,
        );
        Action::new(wanted, direction, Reason::MetricIs { direction, metric })
    }
}

/// No further from `count` than the largest step in that direction.
fn limit(
    count: i64,
    wanted: i64,
    direction: Direction,
    max_scale_up: Option<i64>,
    max_scale_down: Option<i64>,
) -> i64 {
    match (direction, max_scale_up, max_scale_down) {
        (Direction::Up, Some(most), _) => wanted.min(count.saturating_add(most)),
        (Direction::Down, _, Some(most)) => wanted.max(count.saturating_sub(most)),
        _ => wanted,
    }
}

fn newest(samples: &[f64]) -> Option<f64> {
    samples
        .iter()
        .rev()
        .copied()
        .find(|sample| sample.is_finite())
}

fn not_negative(up: Option<i64>, down: Option<i64>) -> Result<(), StrategyError> {
    if up.is_some_and(|most| most < 0) || down.is_some_and(|most| most < 0) {
        Err(StrategyError::NegativeStep)
    } else {
        Ok(())
    }
}

const fn usual_threshold() -> f64 {
    0.01
}

#[cfg(feature = "serde")]
const fn usual_trigger() -> u32 {
    5
}

/// Why the numbers of a strategy make no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StrategyError {
    /// A number is infinite or not a number.
    NotFinite,
    /// A step has neither a lower nor an upper bound.
    NoBound,
    /// A fixed count is negative.
    NegativeCount,
    /// A largest step is negative.
    NegativeStep,
}

impl fmt::Display for StrategyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFinite => "a number is infinite or not a number",
            Self::NoBound => "a step needs lower_bound or upper_bound",
            Self::NegativeCount => "a fixed count must not be negative",
            Self::NegativeStep => "max_scale_up and max_scale_down must not be negative",
        })
    }
}

impl core::error::Error for StrategyError {}
