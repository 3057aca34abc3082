//! The log in memory: everything after a boundary, durable or not.
//!
//! The log lives inside the state machine. A log behind a storage trait would have to be read in
//! the middle of a step, and every read could fail or be "temporarily unavailable". What is on
//! disk is tracked apart, in `storage`.
//!
//! One long vector would copy ten million entries whenever it grows, and again whenever its front
//! is compacted. So the entries stand in segments of a fixed size: adding one touches the last
//! segment, compacting drops whole ones, and an index is found by a division.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::iter;
use core::ops::Range;

use super::entry::{Entries, Entry};
use super::error::ConfigError;

/// How many entries a segment has.
const SEGMENT: u64 = 256;

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
    /// All full but the last, which is never empty.
    segments: VecDeque<Vec<Entry>>,
    /// How many entries at the front of the first segment lie at or before the boundary.
    skipped: u64,
    /// The last entry, or the boundary.
    last: Boundary,
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
        self.last.index
    }

    /// The term of the last entry, or of the boundary.
    pub fn last_term(&self) -> u64 {
        self.last.term
    }

    /// The hash of the whole log.
    pub fn last_prefix_hash(&self) -> u128 {
        self.last.prefix_hash
    }

    /// The entry at `index`, if it is in the log. O(1).
    pub fn entry(&self, index: u64) -> Option<&Entry> {
        if index > self.last.index {
            return None;
        }
        let place = index.checked_sub(self.first_index())? + self.skipped;
        self.segments.get(segment_of(place))?.get(slot_of(place))
    }

    /// The term at `index`, which may be the boundary. O(1).
    pub fn term_at(&self, index: u64) -> Option<u64> {
        match index {
            _ if index == self.last.index => Some(self.last.term),
            _ if index == self.boundary.index => Some(self.boundary.term),
            _ => self.entry(index).map(Entry::term),
        }
    }

    /// The hash of the log up to and including `index`, which may be the boundary. O(1).
    pub fn prefix_hash_at(&self, index: u64) -> Option<u128> {
        match index {
            _ if index == self.last.index => Some(self.last.prefix_hash),
            _ if index == self.boundary.index => Some(self.boundary.prefix_hash),
            _ => self.entry(index).map(Entry::prefix_hash),
        }
    }

    /// The place of `index`, with its term and hash.
    pub fn position(&self, index: u64) -> Option<Boundary> {
        Some(Boundary {
            index,
            term: self.term_at(index)?,
            prefix_hash: self.prefix_hash_at(index)?,
        })
    }

    /// The entries of `range` (indices, end exclusive) with their indices, as far as they are in
    /// the log.
    pub fn range(&self, range: Range<u64>) -> impl Iterator<Item = (u64, &Entry)> {
        let start = range.start.max(self.first_index());
        (start..).zip(self.pieces(range).flatten())
    }

    /// How many bytes the payloads of `range` have together.
    pub(super) fn payload_bytes(&self, range: Range<u64>) -> u64 {
        let entries = self.pieces(range).flatten();
        entries.map(Entry::payload_bytes).sum()
    }

    /// The entries of `range`, as far as they are in the log, segment by segment.
    fn pieces(&self, range: Range<u64>) -> impl Iterator<Item = &[Entry]> {
        let mut index = range.start.max(self.first_index());
        let end = range.end.min(self.last.index + 1);
        iter::from_fn(move || {
            if index >= end {
                return None;
            }
            let entries = self.piece(index)?;
            let wanted = usize::try_from(end - index).unwrap_or(usize::MAX);
            let entries = &entries[..wanted.min(entries.len())];
            index += entries.len() as u64;
            Some(entries)
        })
    }

    /// The entries from `index` to the end of its segment.
    fn piece(&self, index: u64) -> Option<&[Entry]> {
        let place = index.checked_sub(self.first_index())? + self.skipped;
        let entries = self
            .segments
            .get(segment_of(place))?
            .get(slot_of(place)..)?;
        (!entries.is_empty()).then_some(entries)
    }

    /// The entries of `range` as a batch.
    pub(super) fn batch(&self, range: Range<u64>) -> Entries {
        let previous_hash = self.prefix_hash_at(range.start - 1).unwrap_or_default();
        if range.end == range.start + 1
            && let Some(entry) = self.entry(range.start)
        {
            return Entries::one(previous_hash, entry.clone());
        }
        let entries = self.range(range).map(|(_, entry)| entry.clone());
        Entries::trusted(previous_hash, entries.collect())
    }

    /// An empty log after `boundary`.
    pub(super) fn after(boundary: Boundary) -> Self {
        Self {
            boundary,
            segments: VecDeque::new(),
            skipped: 0,
            last: boundary,
        }
    }

    /// The log of `boundary` and `entries`, or the index where they stop being one.
    pub(super) fn restore(boundary: Boundary, entries: Vec<Entry>) -> Result<Self, ConfigError> {
        if (boundary.index == 0) != (boundary.term == 0) {
            return Err(ConfigError::BrokenLog {
                index: boundary.index,
            });
        }
        let mut log = Self::after(boundary);
        for entry in entries {
            let fits = entry.term() >= log.last.term.max(1) && entry.follows(log.last.prefix_hash);
            if !fits {
                return Err(ConfigError::BrokenLog {
                    index: log.last.index + 1,
                });
            }
            log.push(entry);
        }
        Ok(log)
    }

    /// Adds the next entry.
    #[inline(always)]
    pub(super) fn push(&mut self, entry: Entry) {
        debug_assert!(entry.term() >= self.last.term, "terms never decrease");
        self.last = Boundary {
            index: self.last.index + 1,
            term: entry.term(),
            prefix_hash: entry.prefix_hash(),
        };
        match self.segments.back_mut() {
            Some(segment) if (segment.len() as u64) < SEGMENT => segment.push(entry),
            _ => self.open_segment().push(entry),
        }
    }

    /// Adds the next entries, sharing their payloads.
    #[inline(always)]
    pub(super) fn extend(&mut self, entries: &[Entry]) {
        if let [entry] = entries {
            self.push(entry.clone());
            return;
        }
        self.extend_by_segments(entries);
    }

    #[inline(never)]
    fn extend_by_segments(&mut self, mut entries: &[Entry]) {
        let Some(last) = entries.last() else { return };
        self.last = Boundary {
            index: self.last.index + entries.len() as u64,
            term: last.term(),
            prefix_hash: last.prefix_hash(),
        };
        while !entries.is_empty() {
            let segment = self.open_segment();
            let room = slot_of(SEGMENT - 1) + 1 - segment.len();
            let (fitting, rest) = entries.split_at(room.min(entries.len()));
            segment.extend_from_slice(fitting);
            entries = rest;
        }
    }

    /// The last segment, which has room for one more entry.
    #[inline(never)]
    fn open_segment(&mut self) -> &mut Vec<Entry> {
        let is_full = |segment: &Vec<Entry>| segment.len() as u64 == SEGMENT;
        if self.segments.back().is_none_or(is_full) {
            let capacity = slot_of(SEGMENT - 1) + 1;
            self.segments.push_back(Vec::with_capacity(capacity));
        }
        self.segments.back_mut().expect("there is one now")
    }

    /// Removes all entries from `index` on.
    pub(super) fn truncate(&mut self, index: u64) {
        assert!(
            index > self.boundary.index,
            "what lies before the boundary is committed"
        );
        let last = self.position(index - 1);
        self.last = last.expect("the log is cut within its entries");
        let kept = index - self.first_index() + self.skipped;
        self.segments.truncate(segment_of(kept) + 1);
        if let Some(segment) = self.segments.back_mut() {
            segment.truncate(slot_of(kept));
        }
        if self.segments.back().is_some_and(Vec::is_empty) {
            self.segments.pop_back();
        }
        if self.last.index == self.boundary.index {
            *self = Self::after(self.boundary);
        }
    }

    /// Drops all entries up to and including `index`, which becomes the boundary.
    pub(super) fn compact(&mut self, index: u64) {
        let Some(boundary) = self.position(index) else {
            return;
        };
        if index == self.last.index {
            *self = Self::after(boundary);
            return;
        }
        let dropped = index - self.boundary.index + self.skipped;
        self.segments.drain(..segment_of(dropped));
        self.skipped = dropped % SEGMENT;
        self.boundary = boundary;
    }

    /// The last index at or before `index` whose term is at most `term`, or the boundary if there
    /// is none. Both sides of a conflict use it to skip whole terms (paper, end of section 5.3;
    /// etcd does it on both sides). O(log n), since terms never decrease.
    pub(super) fn last_at_most(&self, index: u64, term: u64) -> u64 {
        let (mut low, mut high) = (self.boundary.index, index.min(self.last.index));
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            if self.term_at(middle).is_some_and(|found| found <= term) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        low
    }

    /// Whether a log that ends at (`last_term`, `last_index`) is at least as up to date as this
    /// one (paper, section 5.4.1).
    pub(super) fn is_covered_by(&self, last_index: u64, last_term: u64) -> bool {
        (last_term, last_index) >= (self.last.term, self.last.index)
    }
}

/// The segment of the entry at `place`, counted from the front of the first segment.
fn segment_of(place: u64) -> usize {
    usize::try_from(place / SEGMENT).expect("entries in memory can be counted")
}

/// Where in its segment the entry at `place` is.
fn slot_of(place: u64) -> usize {
    usize::try_from(place % SEGMENT).expect("a segment is small")
}

#[cfg(test)]
mod tests {
    use super::{Boundary, Log, SEGMENT};
    use crate::raft::entry::{Entry, EntryKind};
    use alloc::sync::Arc;
    use alloc::vec::Vec;

    fn grown(log: &mut Log, model: &mut Vec<Entry>, term: u64, count: u64) {
        for _ in 0..count {
            let hash = log.last_prefix_hash();
            let entry = Entry::new(hash, term, EntryKind::NoOp, Arc::default());
            log.push(entry.clone());
            model.push(entry);
        }
    }

    fn check(log: &Log, model: &[Entry], first: u64) {
        assert_eq!(log.first_index(), first);
        assert_eq!(log.last_index(), first - 1 + model.len() as u64);
        let held: Vec<_> = log
            .range(0..u64::MAX)
            .map(|(_, entry)| entry.clone())
            .collect();
        assert_eq!(held, model);
        assert_eq!(log.entry(first - 1), None);
        assert_eq!(log.entry(log.last_index() + 1), None);
        for (index, entry) in (first..).zip(model) {
            assert_eq!(log.entry(index), Some(entry));
            assert_eq!(log.term_at(index), Some(entry.term()));
        }
    }

    /// Cutting at either end at every place around the seams of segments leaves a log that still
    /// grows right.
    #[test]
    fn a_log_in_segments_is_a_list() {
        let length = 2 * SEGMENT + 3;
        let cuts = [
            1,
            2,
            SEGMENT - 1,
            SEGMENT,
            SEGMENT + 1,
            2 * SEGMENT,
            length - 1,
            length,
        ];
        for compacted in cuts {
            for cut in cuts.into_iter().filter(|cut| *cut > compacted) {
                let (mut log, mut model) = (Log::default(), Vec::new());
                grown(&mut log, &mut model, 1, length);
                log.compact(compacted);
                model.drain(..usize::try_from(compacted).unwrap());
                check(&log, &model, compacted + 1);
                log.truncate(cut);
                model.truncate(usize::try_from(cut - compacted - 1).unwrap());
                check(&log, &model, compacted + 1);
                grown(&mut log, &mut model, 2, SEGMENT + 1);
                check(&log, &model, compacted + 1);
            }
        }
    }

    #[test]
    fn a_log_compacted_to_its_end_keeps_its_place() {
        let (mut log, mut model) = (Log::default(), Vec::new());
        grown(&mut log, &mut model, 3, 5);
        let end = Boundary {
            index: 5,
            term: 3,
            prefix_hash: log.last_prefix_hash(),
        };
        log.compact(5);
        assert_eq!(log.boundary(), end);
        grown(&mut log, &mut Vec::new(), 3, 1);
        assert_eq!(log.last_index(), 6);
    }

    #[test]
    fn whole_terms_are_skipped() {
        let mut log = Log::default();
        for term in [1, 1, 1, 4, 4, 5, 5, 6, 6, 6] {
            grown(&mut log, &mut Vec::new(), term, 1);
        }
        assert_eq!(log.last_at_most(10, 6), 10);
        assert_eq!(log.last_at_most(10, 5), 7);
        assert_eq!(log.last_at_most(9, 3), 3);
        assert_eq!(log.last_at_most(2, 6), 2);
        assert_eq!(log.last_at_most(99, 0), 0);
        log.compact(4);
        assert_eq!(
            log.last_at_most(10, 1),
            4,
            "before the boundary is one known place"
        );
    }
}
