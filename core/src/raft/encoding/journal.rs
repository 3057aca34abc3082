//! A disk from its journal.

use core::error::Error;
use core::fmt;

use super::super::effects::Restored;
use super::super::log::Boundary;
use super::record::Record;

/// A record that does not fit what was read before it: the journal has lost something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfPlace {
    /// The index that the record is about.
    pub index: u64,
    /// What the log starts after.
    pub boundary_index: u64,
    /// Where the log ends.
    pub last_index: u64,
}

impl Restored {
    /// Adds what a record says.
    ///
    /// ```
    /// # use quorate::raft::{HardState, Record, Restored};
    /// # let mut journal = Vec::new();
    /// # let hard_state = HardState { term: 7, ..HardState::default() };
    /// # Record::HardState(hard_state).encode_into(&mut journal);
    /// # journal.extend_from_slice(b"QR...");
    /// let mut restored = Restored::default();
    /// let mut whole = 0;
    /// // What a crash cut in half ends the journal.
    /// while let Ok((record, bytes)) = Record::decode_first(&journal[whole..]) {
    ///     restored.apply(record).expect("records in the order in which they were written");
    ///     whole += bytes;
    /// }
    /// journal.truncate(whole);
    /// # assert_eq!(restored.hard_state, hard_state);
    /// ```
    ///
    /// # Errors
    ///
    /// If the record does not fit. Nothing has changed then.
    pub fn apply(&mut self, record: Record) -> Result<(), OutOfPlace> {
        match record {
            Record::Snapshot(snapshot) => {
                if self.position(snapshot.position.index) != Some(snapshot.position) {
                    self.entries.clear();
                    self.boundary = snapshot.position;
                    self.applied_index = snapshot.position.index;
                }
                self.snapshot = snapshot;
            }
            Record::Truncation { from } => {
                let kept = from.checked_sub(1).ok_or_else(|| self.out_of_place(from))?;
                let kept = self.place(kept).ok_or_else(|| self.out_of_place(from))?;
                self.entries.truncate(kept);
            }
            Record::Entries {
                first_index,
                entries,
            } => {
                let last = self.position(self.last_index()).unwrap_or_default();
                if first_index != last.index + 1 || entries.previous_hash() != last.prefix_hash {
                    return Err(self.out_of_place(first_index));
                }
                self.entries.extend_from_slice(&entries);
            }
            Record::HardState(hard_state) => self.hard_state = hard_state,
            Record::Compaction(boundary) => {
                let is_first = self.entries.is_empty() && boundary.index > self.boundary.index;
                if self.position(boundary.index) != Some(boundary) && !is_first {
                    return Err(self.out_of_place(boundary.index));
                }
                let dropped = self.place(boundary.index).unwrap_or_default();
                self.entries.drain(..dropped);
                self.boundary = boundary;
            }
        }
        Ok(())
    }

    fn last_index(&self) -> u64 {
        self.boundary.index + self.entries.len() as u64
    }

    /// How many entries lie at or before `index`, if that is in the log or its boundary.
    fn place(&self, index: u64) -> Option<usize> {
        let place = usize::try_from(index.checked_sub(self.boundary.index)?).ok()?;
        (place <= self.entries.len()).then_some(place)
    }

    /// Where `index` stands, if it is in the log or its boundary.
    fn position(&self, index: u64) -> Option<Boundary> {
        let Some(at) = self.place(index)?.checked_sub(1) else {
            return Some(self.boundary);
        };
        let entry = &self.entries[at];
        Some(Boundary {
            index,
            term: entry.term(),
            prefix_hash: entry.prefix_hash(),
        })
    }

    fn out_of_place(&self, index: u64) -> OutOfPlace {
        OutOfPlace {
            index,
            boundary_index: self.boundary.index,
            last_index: self.last_index(),
        }
    }
}

impl fmt::Display for OutOfPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            index,
            boundary_index,
            last_index,
        } = self;
        write!(
            f,
            "a record about index {index} does not fit a log after {boundary_index} that ends at \
             {last_index}"
        )
    }
}

impl Error for OutOfPlace {}
