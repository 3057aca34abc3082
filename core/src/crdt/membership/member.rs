//! What a membership table says of one replica.

use core::fmt;

use super::Epoch;

/// The standing of one replica in a table. A replica that is not listed was never admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// It takes part: its messages are joined, and its reports count.
    Active,
    /// It no longer takes part, but the others still exchange what they hold of it. Its entry
    /// stays in vectors.
    Fenced {
        /// The table that fenced or reopened it.
        since: Epoch,
    },
    /// Everybody has seen exactly its first `at` events. Its entry is left out of vectors.
    Closed {
        /// How many of its events count as seen.
        at: u64,
    },
    /// Whatever it made counts as seen, and how much that was is forgotten. It never returns
    /// under this id.
    Expired {
        /// What was known when the number was given up.
        expiry: Expiry,
    },
}

/// Why the number of a closed replica could be given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// Nothing was lost: it stopped, handed over everything, and destroyed its state.
    Drained,
    /// An operator decided to do without what it may still hold. To be reported as data loss.
    Discarded,
}

impl Member {
    /// Whether the replica has an entry in vectors.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Active | Self::Fenced { .. })
    }
}

impl fmt::Display for Member {
    /// `active`, `fenced since epoch 4`, `closed at 17`, `expired (drained)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Active => f.write_str("active"),
            Self::Fenced { since } => write!(f, "fenced since epoch {since}"),
            Self::Closed { at } => write!(f, "closed at {at}"),
            Self::Expired { expiry } => write!(f, "expired ({expiry})"),
        }
    }
}

impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Drained => "drained",
            Self::Discarded => "discarded",
        })
    }
}
