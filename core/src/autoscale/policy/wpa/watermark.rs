//! One metric against its two watermarks.

use core::fmt;

use crate::autoscale::policy::rounding::{ceil, floor, from_i64, to_i32, to_i64};

/// What the metric is compared as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Algorithm {
    /// As it is: it is an average already, or grows with nothing but the load of one pod.
    #[default]
    Absolute,
    /// Divided by the ready pods: it is a total.
    Average,
}

/// What to do between the watermarks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Converge {
    /// Nothing.
    #[default]
    No,
    /// Remove pods step by step, as long as the usage would stay below the high watermark.
    HighWatermark,
    /// Add pods step by step, as long as the usage would stay above the low watermark.
    LowWatermark,
}

/// Two watermarks and how to act on them. Metric values are thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Watermarks {
    /// Too little below this.
    pub low: i64,
    /// Too much above this.
    pub high: i64,
    /// How far beyond a watermark still counts as inside, in thousandths of the watermark.
    #[cfg_attr(feature = "serde", serde(default = "usual_tolerance"))]
    pub tolerance: i64,
    /// What the metric is compared as.
    #[cfg_attr(feature = "serde", serde(default))]
    pub algorithm: Algorithm,
    /// Counts are multiples of this (`replicaScalingAbsoluteModulo`).
    #[cfg_attr(feature = "serde", serde(default = "one"))]
    pub modulo: u32,
    /// What to do between the watermarks.
    #[cfg_attr(feature = "serde", serde(default))]
    pub converge: Converge,
    /// Whether a usage of exactly zero is believed; otherwise nothing is done.
    #[cfg_attr(feature = "serde", serde(default))]
    pub tolerate_zero: bool,
}

/// What one evaluation of one metric sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// The metric, all told.
    pub sum: i64,
    /// Pods that count as ready.
    pub ready: u32,
    /// Pods that were ordered.
    pub current: u32,
    /// The smallest count, for convergence.
    pub min: u32,
    /// The largest count, for convergence.
    pub max: u32,
}

/// Where the metric is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Position {
    /// Below the low watermark.
    Below,
    /// Between the watermarks, tolerance included.
    #[default]
    Within,
    /// Above the high watermark.
    Above,
}

/// What one metric wants, with the numbers on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Proposal {
    /// What was compared, in whole thousandths; the comparison itself is exact.
    pub utilization: i64,
    /// The low watermark less the tolerance.
    pub low: i64,
    /// The high watermark and the tolerance.
    pub high: i64,
    /// Where the usage lies.
    pub position: Position,
    /// The count that brings the usage back to the watermark, before it is made a multiple.
    pub exact: u32,
    /// The count that is proposed; never against the direction.
    pub replicas: u32,
}

impl Watermarks {
    /// Watermarks with the usual tolerance of 10 %.
    pub const fn new(low: i64, high: i64) -> Self {
        Self {
            low,
            high,
            tolerance: usual_tolerance(),
            algorithm: Algorithm::Absolute,
            modulo: one(),
            converge: Converge::No,
            tolerate_zero: false,
        }
    }

    /// Refuses numbers that make no sense.
    pub const fn validate(&self) -> Result<(), WatermarkError> {
        if self.low <= 0 {
            Err(WatermarkError::LowNotPositive)
        } else if self.high < self.low {
            Err(WatermarkError::Crossed {
                low: self.low,
                high: self.high,
            })
        } else if self.tolerance < 0 || self.tolerance > 1_000 {
            Err(WatermarkError::Tolerance(self.tolerance))
        } else if self.modulo == 0 {
            Err(WatermarkError::NoModulo)
        } else {
            Ok(())
        }
    }

    /// What the metric wants.
    pub fn propose(&self, usage: &Usage) -> Proposal {
        let compared = match self.algorithm {
            Algorithm::Absolute => from_i64(usage.sum),
            Algorithm::Average => from_i64(usage.sum) / from_i64(i64::from(usage.ready.max(1))),
        };
        let low = self.low.saturating_sub(self.margin(self.low));
        let high = self.high.saturating_add(self.margin(self.high));
        let hold = Proposal {
            utilization: to_i64(compared),
            low,
            high,
            position: Position::Within,
            exact: usage.ready,
            replicas: usage.ready,
        };
        if usage.sum == 0 && !self.tolerate_zero {
            return hold;
        }
        let (position, exact, replicas) = if compared > from_i64(high) {
            let exact = self.up(usage, compared);
            (
                Position::Above,
                exact,
                self.multiple(exact).max(usage.current),
            )
        } else if compared < from_i64(low) {
            let exact = self.down(usage, compared);
            (
                Position::Below,
                exact,
                self.multiple(exact).min(usage.current),
            )
        } else {
            let count = self.between(usage, compared);
            (Position::Within, count, count)
        };
        Proposal {
            position,
            exact,
            replicas,
            ..hold
        }
    }

    /// The tolerance around `mark`, in whole thousandths.
    fn margin(&self, mark: i64) -> i64 {
        let margin = i128::from(mark) * i128::from(self.tolerance) / 1_000;
        i64::try_from(margin).unwrap_or(i64::MAX)
    }

    fn up(&self, usage: &Usage, compared: f64) -> u32 {
        pods(ceil(ready(usage) * compared / from_i64(self.high)))
    }

    /// At least one pod stays.
    fn down(&self, usage: &Usage, compared: f64) -> u32 {
        pods(floor(ready(usage) * compared / from_i64(self.low))).max(1)
    }

    fn between(&self, usage: &Usage, compared: f64) -> u32 {
        let bounded = |count: f64| clamp(pods(count), usage.min.max(1), usage.max);
        match self.converge {
            Converge::No => usage.current,
            Converge::HighWatermark => {
                let fewest = bounded(ceil(ready(usage) / from_i64(self.high) * compared));
                let fewer = usage.current.saturating_sub(self.modulo).max(1);
                if fewer < fewest { usage.current } else { fewer }
            }
            Converge::LowWatermark => {
                let most = bounded(floor(ready(usage) / from_i64(self.low) * compared));
                let more = usage.current.saturating_add(self.modulo);
                if more > most { usage.current } else { more }
            }
        }
    }

    /// The next multiple of the modulo.
    fn multiple(&self, count: u32) -> u32 {
        match count % self.modulo.max(1) {
            0 => count,
            rest => count.saturating_add(self.modulo - rest),
        }
    }
}

/// The proposal of several metrics: the largest count, and whether any of them is outside.
/// `None` without a metric.
pub fn combine(proposals: &[Proposal]) -> Option<(u32, Outside)> {
    let replicas = proposals.iter().map(|proposal| proposal.replicas).max()?;
    let is = |position| proposals.iter().any(|each| each.position == position);
    let outside = Outside {
        above: is(Position::Above),
        below: is(Position::Below),
    };
    Some((replicas, outside))
}

/// Whether some metric is outside its watermarks. Both can be true, of different metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Outside {
    /// Some metric is above its high watermark.
    pub above: bool,
    /// Some metric is below its low watermark.
    pub below: bool,
}

fn ready(usage: &Usage) -> f64 {
    from_i64(i64::from(usage.ready))
}

/// Pods are counted in 32 bits with a sign.
fn pods(count: f64) -> u32 {
    to_i32(count).max(0).unsigned_abs()
}

/// The lower end is tested first, and the ends may be crossed.
const fn clamp(count: u32, min: u32, max: u32) -> u32 {
    if count < min {
        min
    } else if count > max {
        max
    } else {
        count
    }
}

const fn usual_tolerance() -> i64 {
    100
}

const fn one() -> u32 {
    1
}

/// Why watermarks make no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WatermarkError {
    /// The low watermark is zero or negative, and the way down divides by it.
    LowNotPositive,
    /// The high watermark is below the low one.
    Crossed {
        /// The low one.
        low: i64,
        /// The high one.
        high: i64,
    },
    /// The tolerance is not between 0 and 1,000 thousandths.
    Tolerance(i64),
    /// Counts cannot be multiples of zero.
    NoModulo,
}

impl fmt::Display for WatermarkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LowNotPositive => f.write_str("the low watermark must be above 0"),
            Self::Crossed { low, high } => {
                write!(
                    f,
                    "the high watermark ({high}) is below the low one ({low})"
                )
            }
            Self::Tolerance(tolerance) => {
                write!(
                    f,
                    "tolerance {tolerance} is not between 0 and 1000 thousandths"
                )
            }
            Self::NoModulo => f.write_str("modulo must be at least 1"),
        }
    }
}

impl core::error::Error for WatermarkError {}
