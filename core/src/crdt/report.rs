//! What a merge did.

use alloc::vec::Vec;

use super::{Dot, Path};

/// What changed, so that a user interface can show it without comparing two states.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MergeReport {
    /// Paths that had nothing live before and have now, each once. In an order that depends on how
    /// the merge was done, and on nothing else.
    pub added: Vec<Path>,
    /// Paths that had something live before and have nothing now, each once; ordered as above.
    pub removed: Vec<Path>,
    /// Dots that are live here and were not known before; sorted.
    pub inserted: Vec<Dot>,
    /// Dots that were live here and are not any more, because they were removed or superseded;
    /// ordered as above.
    pub killed: Vec<Dot>,
    /// Events that were not known before.
    pub new_events: u64,
    /// Records that fell to a raised floor or to the automatic pruner.
    pub records_pruned: usize,
}

impl MergeReport {
    /// A report of a merge that brings so many events.
    pub(super) fn expecting(new_events: u64) -> Self {
        Self {
            new_events,
            ..Self::default()
        }
    }

    /// Whether nothing was new.
    pub fn is_empty(&self) -> bool {
        self.new_events == 0
            && self.inserted.is_empty()
            && self.killed.is_empty()
            && self.records_pruned == 0
    }
}
