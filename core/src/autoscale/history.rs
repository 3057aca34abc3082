//! The latest decisions, so many and no more.
//!
//! "Why did it do that last night?" is asked in the morning. A log that grows without end is turned
//! off in the end, and one last status has been overwritten by then. A ring keeps the latest
//! decisions whole, with every number, and says how many there have been.

use alloc::collections::VecDeque;
use core::fmt;

use super::Decision;

/// A ring of decisions, oldest first.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "UncheckedHistory"))]
pub struct History {
    /// From one to [`History::MAX_CAPACITY`].
    capacity: usize,
    /// Decisions there have ever been. At least as many as are kept.
    recorded: u64,
    /// At most `capacity`.
    decisions: VecDeque<Decision>,
}

impl History {
    /// The largest capacity: eleven days of one decision every 15 seconds.
    pub const MAX_CAPACITY: usize = 65_536;

    /// An empty history that will keep the latest `capacity` decisions.
    pub const fn new(capacity: usize) -> Result<Self, HistoryError> {
        if capacity == 0 || capacity > Self::MAX_CAPACITY {
            return Err(HistoryError::Capacity { given: capacity });
        }
        Ok(Self {
            capacity,
            recorded: 0,
            decisions: VecDeque::new(),
        })
    }

    /// Keeps `decision`, and forgets the oldest if there is no room. O(1).
    pub fn record(&mut self, decision: Decision) {
        if self.decisions.len() == self.capacity {
            self.decisions.pop_front();
        }
        self.decisions.push_back(decision);
        self.recorded = self.recorded.saturating_add(1);
    }

    /// The decisions that are kept, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Decision> + ExactSizeIterator {
        self.decisions.iter()
    }

    /// The last decision.
    pub fn latest(&self) -> Option<&Decision> {
        self.decisions.back()
    }

    /// How many decisions are kept.
    pub fn len(&self) -> usize {
        self.decisions.len()
    }

    /// True before the first decision.
    pub fn is_empty(&self) -> bool {
        self.decisions.is_empty()
    }

    /// How many decisions are kept at most.
    pub const fn capacity(&self) -> usize {
        self.capacity
    }

    /// How many decisions there have ever been.
    pub const fn recorded(&self) -> u64 {
        self.recorded
    }
}

/// Why a history is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryError {
    /// It would keep nothing, or more than [`History::MAX_CAPACITY`].
    Capacity {
        /// What was asked for.
        given: usize,
    },
    /// It keeps more decisions than it may, or than there have been.
    Overfull {
        /// How many it keeps.
        kept: usize,
    },
}

impl fmt::Display for HistoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Capacity { given } => write!(
                f,
                "a history of {given} decisions is not between 1 and {}",
                History::MAX_CAPACITY
            ),
            Self::Overfull { kept } => {
                write!(f, "a history keeps {kept} decisions, more than it can have")
            }
        }
    }
}

impl core::error::Error for HistoryError {}

/// A history as it comes in, before the check.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedHistory {
    capacity: usize,
    recorded: u64,
    decisions: VecDeque<Decision>,
}

#[cfg(feature = "serde")]
impl TryFrom<UncheckedHistory> for History {
    type Error = HistoryError;
    fn try_from(unchecked: UncheckedHistory) -> Result<Self, HistoryError> {
        let UncheckedHistory {
            capacity,
            recorded,
            decisions,
        } = unchecked;
        let kept = decisions.len();
        let has_been = u64::try_from(kept).is_ok_and(|kept| kept <= recorded);
        if kept > capacity || !has_been {
            return Err(HistoryError::Overfull { kept });
        }
        Ok(Self {
            recorded,
            decisions,
            ..Self::new(capacity)?
        })
    }
}
