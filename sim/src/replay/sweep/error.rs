//! Why a policy cannot be searched.

use std::fmt;

use serde_json::Value;

use super::super::ModelError;
use super::setting::MAX_VALUES;

/// Why a policy cannot be searched.
#[derive(Clone, Debug, PartialEq)]
pub enum SweepError {
    /// There is nothing to turn.
    NoSettings,
    /// The policy has nothing at this path.
    NoSuchPath {
        /// The path.
        path: String,
        /// What there is instead, at the deepest part of the path that exists.
        instead: Vec<String>,
    },
    /// Two settings have this path.
    PathTwice(String),
    /// A setting has no value to try, or too many.
    Values {
        /// Its path.
        path: String,
        /// How many it has.
        count: u64,
    },
    /// The policy refuses these values.
    Refused {
        /// Paths and values.
        settings: Vec<(String, Value)>,
        /// Why.
        reason: String,
    },
    /// No point, or too many.
    Points {
        /// How many would be tried.
        points: u64,
        /// How many may be.
        limit: u64,
    },
    /// A part of the recording would have fewer than two ticks.
    Split {
        /// The share that was asked for, per mille.
        training_permille: u32,
        /// The ticks of the whole.
        ticks: u64,
    },
    /// The model cannot be played.
    Model(ModelError),
}

impl fmt::Display for SweepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSettings => f.write_str("a search needs a setting to turn"),
            Self::NoSuchPath { path, instead } if instead.is_empty() => {
                write!(f, "the policy has no {path}")
            }
            Self::NoSuchPath { path, instead } => {
                write!(f, "the policy has no {path}; it has {}", instead.join(", "))
            }
            Self::PathTwice(path) => write!(f, "{path} is named twice"),
            Self::Values { path, count } => write!(
                f,
                "{path} has {count} values to try, from 1 to {MAX_VALUES} are possible"
            ),
            Self::Refused { settings, reason } => {
                for (index, (path, value)) in settings.iter().enumerate() {
                    let comma = if index > 0 { ", " } else { "" };
                    write!(f, "{comma}{path} = {value}")?;
                }
                write!(f, ": {reason}")
            }
            Self::Points { points: 0, .. } => f.write_str("a search must try a point"),
            Self::Points { points, limit } => write!(
                f,
                "{points} points, the limit is {limit}: try fewer values, or draw some at random"
            ),
            Self::Split {
                training_permille,
                ticks,
            } => write!(
                f,
                "{ticks} ticks cannot be split at {training_permille} per mille: both parts need two"
            ),
            Self::Model(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for SweepError {}

impl From<ModelError> for SweepError {
    fn from(error: ModelError) -> Self {
        Self::Model(error)
    }
}
