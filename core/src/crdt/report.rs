//! What a merge did.

use alloc::vec::Vec;

use super::{Dot, Path};

/// What changed, so that a user interface can show it without comparing two states.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MergeReport {
    /// Paths that had nothing live before and have now; sorted.
    pub added: Vec<Path>,
    /// Paths that had something live before and have nothing now; sorted.
    pub removed: Vec<Path>,
    /// Paths whose live dots changed in any way; sorted. Contains `added` and `removed`.
    pub touched: Vec<Path>,
    /// Dots that were live here and are not any more.
    pub killed: Vec<Dot>,
    /// Events that were not known before.
    pub new_events: u64,
    /// Records that fell to a raised floor or to the automatic pruner.
    pub records_pruned: usize,
}

impl MergeReport {
    /// Whether nothing was new.
    pub fn is_empty(&self) -> bool {
        self.new_events == 0 && self.touched.is_empty() && self.records_pruned == 0
    }
}
