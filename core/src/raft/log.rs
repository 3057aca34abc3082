//! The log in memory: everything after a boundary, durable or not.
//!
//! The log lives inside the state machine. A log behind a storage trait would have to be read in
//! the middle of a step, and every read could fail or be "temporarily unavailable". What is on
//! disk is tracked apart, in `storage`.

use alloc::vec::Vec;
use core::ops::Range;

use super::entry::Entry;
use super::error::ConfigError;

/// What stands before the first entry: nothing (all zero), or a snapshot's last entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Boundary {
    /// The index of the last entry that is no longer in the log.
    pub index: u64,
    /// Its term.
    pub term: u64,
    /// The hash of the log up to it.
    pub prefix_hash: u128,
}

/// A boundary and the entries after it: indices without gaps, terms that never decrease.
#[derive(Clone, Debug, Default)]
pub struct Log {
    boundary: Boundary,
    entries: Vec<Entry>,
}

impl Log {
    /// The boundary before the first entry.
    pub fn boundary(&self) -> Boundary {
        self.boundary
    }

    /// The index of the first entry there is or would be.
    pub fn first_index(&self) -> u64 {
        self.boundary.index + 1
    }

    /// The index of the last entry, or of the boundary if there are no entries.
    pub fn last_index(&self) -> u64 {
        self.boundary.index + self.entries.len() as u64
    }

    /// The term of the last entry, or of the boundary.
    pub fn last_term(&self) -> u64 {
        self.entries
            .last()
            .map_or(self.boundary.term, |entry| entry.term)
    }

    /// The entry at `index`, if it is in the log. O(1).
    pub fn entry(&self, index: u64) -> Option<&Entry> {
        let offset = index.checked_sub(self.first_index())?;
        self.entries.get(usize::try_from(offset).ok()?)
    }

    /// The term at `index`, which may be the boundary. O(1).
    pub fn term_at(&self, index: u64) -> Option<u64> {
        if index == self.boundary.index {
            return Some(self.boundary.term);
        }
        self.entry(index).map(|entry| entry.term)
    }

    /// The hash of the log up to and including `index`, which may be the boundary. O(1).
    pub fn prefix_hash_at(&self, index: u64) -> Option<u128> {
        if index == self.boundary.index {
            return Some(self.boundary.prefix_hash);
        }
        self.entry(index).map(|entry| entry.prefix_hash)
    }

    /// The entries of `range` (indices, end exclusive), as far as they are in the log. O(1).
    pub fn slice(&self, range: Range<u64>) -> &[Entry] {
        let end = range.end.min(self.last_index() + 1);
        let start = range
            .start
            .clamp(self.first_index(), end.max(self.first_index()));
        let offset = |index: u64| {
            usize::try_from(index.saturating_sub(self.first_index()))
                .expect("an index within the log counts entries in memory")
        };
        self.entries
            .get(offset(start)..offset(end))
            .unwrap_or_default()
    }

    /// The log of `boundary` and `entries`, or the index where they stop being one.
    pub(super) fn restore(boundary: Boundary, entries: Vec<Entry>) -> Result<Self, ConfigError> {
        if (boundary.index == 0) != (boundary.term == 0) {
            return Err(ConfigError::BrokenLog {
                index: boundary.index,
            });
        }
        let mut log = Self {
            boundary,
            entries: Vec::with_capacity(entries.len()),
        };
        for entry in entries {
            let index = log.last_index() + 1;
            let fits = entry.index == index
                && entry.term >= log.last_term().max(1)
                && entry.follows(log.last_prefix_hash());
            if !fits {
                return Err(ConfigError::BrokenLog { index });
            }
            log.entries.push(entry);
        }
        Ok(log)
    }

    /// The hash of the whole log.
    pub(super) fn last_prefix_hash(&self) -> u128 {
        self.entries
            .last()
            .map_or(self.boundary.prefix_hash, |entry| entry.prefix_hash)
    }

    /// Adds the next entry.
    pub(super) fn push(&mut self, entry: Entry) {
        debug_assert_eq!(
            entry.index,
            self.last_index() + 1,
            "entries follow each other"
        );
        debug_assert!(entry.term >= self.last_term(), "terms never decrease");
        self.entries.push(entry);
    }

    /// Removes all entries from `index` on.
    pub(super) fn truncate(&mut self, index: u64) {
        assert!(
            index > self.boundary.index,
            "what lies before the boundary is committed"
        );
        if let Ok(kept) = usize::try_from(index - self.first_index()) {
            self.entries.truncate(kept);
        }
    }

    /// The last index at or before `index` whose term is at most `term`, or the boundary if there
    /// is none. Both sides of a conflict use it to skip whole terms (paper, end of section 5.3;
    /// etcd does it on both sides). O(log n), since terms never decrease.
    pub(super) fn last_at_most(&self, index: u64, term: u64) -> u64 {
        let candidates = self.slice(self.first_index()..index.saturating_add(1));
        self.boundary.index + candidates.partition_point(|entry| entry.term <= term) as u64
    }

    /// Whether a log that ends at (`last_term`, `last_index`) is at least as up to date as this
    /// one (paper, section 5.4.1).
    pub(super) fn is_covered_by(&self, last_index: u64, last_term: u64) -> bool {
        (last_term, last_index) >= (self.last_term(), self.last_index())
    }
}
