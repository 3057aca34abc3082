//! What did not make it from one world into the other.

use std::fmt;

/// Something that has no equivalent, or only a similar one, on the other side.
///
/// Dropping it in silence would make an export look like a promise.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Note {
    /// The path of the setting that is meant, in the document or in the policy.
    pub path: String,
    /// What becomes of it.
    pub message: String,
}

impl Note {
    /// A note on the setting at `path`.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            message: message.into(),
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}
