//! Why a scenario was refused.

use std::fmt;

use super::{MAX_BYTES, VERSION};
use crate::load::LoadError;

/// Why a scenario was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScenarioError {
    /// It is too long.
    TooLarge {
        /// Its length in bytes.
        bytes: usize,
    },
    /// It is not JSON.
    Json {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong.
        what: String,
    },
    /// A version that this program does not read.
    Version {
        /// The version found.
        found: u64,
    },
    /// A field is missing, unknown or of the wrong type, or a setting makes no sense.
    Setting {
        /// Where: `network.loss_permille`, `actions[3].node`; empty for the whole.
        path: String,
        /// What is wrong, and what would be right.
        what: String,
    },
    /// The load cannot be made.
    Load(LoadError),
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { bytes } => {
                write!(
                    f,
                    "the scenario has {bytes} bytes; at most {MAX_BYTES} are read"
                )
            }
            Self::Json { line, column, what } => write!(f, "line {line}, column {column}: {what}"),
            Self::Version { found } if *found < u64::from(VERSION) => write!(
                f,
                "version: the scenario is of the old version {found}, whose faults and settings \
                 meant something else; this program reads version {VERSION}"
            ),
            Self::Version { found } => write!(
                f,
                "version: the scenario is of version {found}; this program reads version {VERSION}"
            ),
            Self::Setting { path, what } if path.is_empty() => f.write_str(what),
            Self::Setting { path, what } => write!(f, "{path}: {what}"),
            Self::Load(error) => write!(f, "load: {error}"),
        }
    }
}

impl std::error::Error for ScenarioError {}
