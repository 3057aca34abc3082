//! How large a store is, at any time, without a pass over it.
//!
//! An estimate that is refreshed now and then cannot carry a budget: the write that breaks it is
//! the one between two refreshes. So every part keeps its own sum.

use super::Store;

/// What a store holds, in bytes.
///
/// Content is counted byte for byte. A dot, a record and a vector entry count as what they take on a
/// 64-bit machine, everywhere, so that a budget means the same on every platform. What the
/// allocator sets aside beyond that is not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SizeReport {
    /// Paths and payloads of what is live: the user's data.
    pub content: usize,
    /// The live dots, beyond their paths and payloads.
    pub dots: usize,
    /// Context and floor.
    pub context: usize,
    /// The journal.
    pub journal: usize,
}

/// An entry in the table of dots (20), in the order of paths (8), in the row of its replica (4).
const DOT: usize = 32;
/// A replica id and a counter.
const VECTOR_ENTRY: usize = 24;

impl SizeReport {
    /// All of it.
    pub fn total(self) -> usize {
        self.content + self.metadata()
    }

    /// All of it but the content.
    pub fn metadata(self) -> usize {
        self.dots + self.context + self.journal
    }
}

impl Store {
    /// What it holds. O(1).
    pub fn size(&self) -> SizeReport {
        SizeReport {
            content: self.live.content(),
            dots: self.live.len() * DOT,
            context: (self.context.len() + self.floor.len()) * VECTOR_ENTRY,
            journal: self.journal.bytes(),
        }
    }
}
