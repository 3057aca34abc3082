//! What a check wants done, why, and what became of it within the limits.

use alloc::vec::Vec;
use core::fmt;

/// The count that stands for "nothing is really done" in a dry run.
pub const DRY_RUN_COUNT: i64 = -1;

/// A direction of scaling, from the riskiest to the safest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Direction {
    /// Fewer.
    Down,
    /// As many as now.
    #[default]
    None,
    /// More.
    Up,
}

impl Direction {
    /// The direction from one count to another.
    pub const fn between(current: i64, wanted: i64) -> Self {
        if wanted > current {
            Self::Up
        } else if wanted < current {
            Self::Down
        } else {
            Self::None
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Down => "down",
            Self::None => "none",
            Self::Up => "up",
        })
    }
}

/// Why an action has its count. The words are Nomad's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Reason {
    /// The metric is this many times its target.
    Factor {
        /// Where to.
        direction: Direction,
        /// The metric divided by its target, or the metric itself if the target is zero; in
        /// millionths, which is as far as Nomad writes it.
        factor_micro: i64,
    },
    /// Enough samples lie within the bounds of the step.
    WithinBounds {
        /// Where to.
        direction: Direction,
    },
    /// The metric is the count.
    MetricIs {
        /// Where to.
        direction: Direction,
        /// The metric, without its fraction.
        metric: i64,
    },
    /// The count is fixed.
    FixedValue {
        /// Where to.
        direction: Direction,
        /// The count.
        fixed: i64,
    },
    /// The count was outside the limits.
    Capped {
        /// The count before.
        from: i64,
        /// The count now.
        to: i64,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Factor {
                direction,
                factor_micro,
            } => {
                let sign = if *factor_micro < 0 { "-" } else { "" };
                let micro = factor_micro.unsigned_abs();
                let (whole, rest) = (micro / 1_000_000, micro % 1_000_000);
                write!(
                    f,
                    "scaling {direction} because factor is {sign}{whole}.{rest:06}"
                )
            }
            Self::WithinBounds { direction } => {
                write!(f, "scaling {direction} because metric is within bounds")
            }
            Self::MetricIs { direction, metric } => {
                write!(f, "scaling {direction} because metric is {metric}")
            }
            Self::FixedValue { direction, fixed } => {
                write!(f, "scaling {direction} because fixed value is {fixed}")
            }
            Self::Capped { from, to } => {
                write!(f, "capped count from {from} to {to} to stay within limits")
            }
        }
    }
}

/// What happened to an action on its way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct Meta {
    /// The count before it was capped, if it was (`count.original`; `count.capped` is true then).
    pub count_original: Option<i64>,
    /// The reasons that later ones have replaced, oldest first (`reason_history`).
    pub reason_history: Vec<Reason>,
    /// The count that is not set because this is a dry run (`dry_run.count`).
    pub dry_run_count: Option<i64>,
}

/// What a check wants done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct Action {
    /// How many there should be. Means nothing without a direction; [`DRY_RUN_COUNT`] in a dry
    /// run.
    pub count: i64,
    /// Where that is from the current count.
    pub direction: Direction,
    /// Why; `None` without a direction.
    pub reason: Option<Reason>,
    /// What happened to it on its way.
    pub meta: Meta,
}

impl Action {
    /// Nothing is to be done.
    pub const NONE: Self = Self {
        count: 0,
        direction: Direction::None,
        reason: None,
        meta: Meta {
            count_original: None,
            reason_history: Vec::new(),
            dry_run_count: None,
        },
    };

    /// `count` instead of the current one.
    pub(super) fn new(count: i64, direction: Direction, reason: Reason) -> Self {
        Self {
            count,
            direction,
            reason: Some(reason),
            ..Self::NONE
        }
    }

    /// The count, if there is a direction.
    pub fn wanted(&self) -> Option<i64> {
        (self.direction != Direction::None).then_some(self.count)
    }

    /// Brings the count within the limits and keeps its reason. The direction stays: a check that
    /// wants more of a fleet that is at its limit still votes for more. A dry run is not capped.
    ///
    /// Of crossed limits the lower one is tested first.
    pub fn cap(&mut self, min: i64, max: i64) {
        let capped = if self.count < min {
            min
        } else if self.count > max {
            max
        } else {
            return;
        };
        if self.count == DRY_RUN_COUNT {
            return;
        }
        self.meta.count_original = Some(self.count);
        self.push_reason(Reason::Capped {
            from: self.count,
            to: capped,
        });
        self.count = capped;
    }

    /// Makes this an action that changes nothing but is told about.
    pub const fn set_dry_run(&mut self) {
        self.meta.dry_run_count = Some(self.count);
        self.count = DRY_RUN_COUNT;
    }

    fn push_reason(&mut self, reason: Reason) {
        if let Some(previous) = self.reason.replace(reason) {
            self.meta.reason_history.push(previous);
        }
    }
}
