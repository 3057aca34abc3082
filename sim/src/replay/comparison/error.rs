//! Why policies cannot be compared, or a tick not be explained.

use std::fmt;

use quorate::autoscale::PolicyError;

use super::super::ModelError;

/// The most policies of one comparison.
pub(super) const MAX_POLICIES: usize = 16;
/// The most buckets of a series.
pub(super) const MAX_POINTS: usize = 4_096;
/// The most moments of a kind.
pub(super) const MAX_KEPT: usize = 1_024;
/// The longest name of a policy, in bytes.
pub(super) const MAX_NAME: usize = 128;

/// Why policies cannot be compared, or a tick not be explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ComparisonError {
    /// No policy, or more than 16.
    Policies(usize),
    /// A policy has no name, or one of more than 128 bytes.
    Name(String),
    /// Two policies have this name.
    NameTwice(String),
    /// A series of no bucket, or of more than 4,096.
    Points(usize),
    /// More moments of a kind are to be kept than 1,024.
    Kept(usize),
    /// The model cannot be played.
    Model(ModelError),
    /// A policy cannot be asked once per tick.
    Policy {
        /// Its name.
        name: String,
        /// Why.
        error: PolicyError,
    },
    /// The recording ends before that tick.
    NoSuchTick {
        /// The one that was asked for, counted from zero.
        tick: u64,
        /// How many there are.
        ticks: u64,
    },
}

impl fmt::Display for ComparisonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Policies(given) => {
                write!(
                    f,
                    "from 1 to {MAX_POLICIES} policies can be compared, not {given}"
                )
            }
            Self::Name(name) if name.is_empty() => f.write_str("a policy needs a name"),
            Self::Name(name) => write!(
                f,
                "the name of a policy has {} bytes, the limit is {MAX_NAME}",
                name.len()
            ),
            Self::NameTwice(name) => write!(f, "two policies are called {name:?}"),
            Self::Points(points) => {
                write!(f, "points must be from 1 to {MAX_POINTS}, not {points}")
            }
            Self::Kept(kept) => write!(f, "kept must be at most {MAX_KEPT}, not {kept}"),
            Self::Model(error) => error.fmt(f),
            Self::Policy { name, error } => write!(f, "{name}: {error}"),
            Self::NoSuchTick { tick, ticks } => {
                write!(
                    f,
                    "there is no tick {tick}: the recording has {ticks}, from 0 on"
                )
            }
        }
    }
}

impl std::error::Error for ComparisonError {}

impl From<ModelError> for ComparisonError {
    fn from(error: ModelError) -> Self {
        Self::Model(error)
    }
}
