//! What is wrong, and where.

use std::fmt;

use serde::de::{Error, Expected, Unexpected};

/// What is wrong with a field, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldError {
    /// Its path from the value that was read: `groups[1].node`; empty for the value itself.
    pub(crate) path: String,
    /// What is wrong.
    pub(crate) what: String,
}

impl FieldError {
    /// The value itself is wrong.
    pub(crate) fn here(what: impl Into<String>) -> Self {
        Self {
            path: String::new(),
            what: what.into(),
        }
    }

    /// The value at a path is wrong.
    pub(crate) fn at(path: impl Into<String>, what: &impl fmt::Display) -> Self {
        Self {
            path: path.into(),
            what: what.to_string(),
        }
    }

    /// The same, seen from a value that has this one at `place`.
    pub(crate) fn within(self, place: &str) -> Self {
        let path = match self.path.as_str() {
            "" => place.to_owned(),
            path if path.starts_with('[') => format!("{place}{path}"),
            path => format!("{place}.{path}"),
        };
        Self { path, ..self }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => f.write_str(&self.what),
            path => write!(f, "{path}: {}", self.what),
        }
    }
}

impl std::error::Error for FieldError {}

impl Error for FieldError {
    fn custom<T: fmt::Display>(what: T) -> Self {
        Self::here(what.to_string())
    }

    /// Says `null` where other formats have a unit.
    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        match found {
            Unexpected::Unit => {
                Self::custom(format_args!("invalid type: null, expected {expected}"))
            }
            found => Self::custom(format_args!("invalid type: {found}, expected {expected}")),
        }
    }
}
