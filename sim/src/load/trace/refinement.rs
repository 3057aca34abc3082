//! What is asked of a trace that is to be played in ticks of another length.
//!
//! A minute's count says nothing about its seconds. Playing it at a finer tick invents something, and
//! how bursty the invention is decides which autoscaler wins; so it is asked for by name and, where
//! chance comes in, seeded. Whatever the way, the ticks of a row add up to the row.
//!
//! A gap is not played by default: the ticks on both sides follow each other. Filling it adds
//! load that nobody measured.

use std::fmt;

use quorate::Micros;

/// How a trace is cut into ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refinement {
    /// The length of a tick; `None`: the step of the trace. A longer one must be a whole number of
    /// steps, which are added up, and a rest at the end is left out; a shorter one must go into a
    /// step a whole number of times.
    pub tick: Option<Micros>,
    /// How a row's count is spread over shorter ticks.
    pub within: Interpolation,
    /// What is played where rows are missing.
    pub gaps: GapRule,
}

/// How a row's count is spread over the ticks of its step. Their sum is always the count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Interpolation {
    /// Not at all: shorter ticks are refused.
    #[default]
    None,
    /// Evenly.
    Hold,
    /// Along a line from the middle of the row before over its own to that of the row after,
    /// scaled to the row's count.
    Linear,
    /// Every request falls on a tick of its own choice, as if they came independently. Rows of more
    /// than 2^20 requests are thrown in as many equal parcels.
    Poisson {
        /// The seed of these choices.
        seed: u64,
    },
}

/// What is played where rows are missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GapRule {
    /// Nothing; the ticks before and after it follow each other.
    #[default]
    Skip,
    /// The row before, once per missing row.
    Hold,
    /// A line from the row before to the row after.
    Linear,
}

/// Why a trace cannot be cut so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefinementError {
    /// Neither does the tick go into the step nor the step into the tick.
    NoWholeNumber {
        /// The tick that was asked for.
        tick: Micros,
        /// The step of the trace.
        step: Micros,
    },
    /// The ticks are shorter than the step, and nobody said how the counts are spread.
    NoInterpolation {
        /// The tick that was asked for.
        tick: Micros,
        /// The step of the trace.
        step: Micros,
    },
    /// More than [`MAX_PARTS`] ticks in a step.
    TooFine(u64),
    /// More than [`MAX_TICKS`] ticks.
    TooManyTicks(u64),
    /// Fewer than two ticks.
    TooFewTicks(u64),
}

/// The most ticks in a step.
pub const MAX_PARTS: u64 = 10_000;
/// The most ticks of a trace: more than four years of seconds.
pub const MAX_TICKS: u64 = 1 << 27;

impl fmt::Display for RefinementError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoWholeNumber { tick, step } => write!(
                f,
                "ticks of {tick} s do not go into the trace's steps of {step} s, nor the other way \
                 round"
            ),
            Self::NoInterpolation { tick, step } => write!(
                f,
                "ticks of {tick} s are shorter than the trace's steps of {step} s: say how the \
                 counts are spread (hold, linear or poisson)"
            ),
            Self::TooFine(parts) => {
                write!(f, "{parts} ticks in a step, the limit is {MAX_PARTS}")
            }
            Self::TooManyTicks(ticks) => {
                write!(f, "the trace has {ticks} ticks, the limit is {MAX_TICKS}")
            }
            Self::TooFewTicks(ticks) => {
                write!(
                    f,
                    "the trace has {ticks} ticks of this length, at least two are needed"
                )
            }
        }
    }
}

impl std::error::Error for RefinementError {}
