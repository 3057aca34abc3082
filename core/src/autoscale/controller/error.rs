//! Inputs that a controller refuses.

use core::fmt;

/// Why an input was refused. It has changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControllerError {
    /// Somebody else has led since, or this very term has ended.
    TermIsOver {
        /// The term in which it was to lead.
        term: u64,
        /// The lowest term in which it can.
        first_possible: u64,
    },
}

impl fmt::Display for ControllerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TermIsOver {
                term,
                first_possible,
            } => write!(
                f,
                "term {term} is over; the next that can be led in is {first_possible}"
            ),
        }
    }
}

impl core::error::Error for ControllerError {}
