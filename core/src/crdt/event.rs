//! Events, and what is remembered of those that killed something.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::{Dot, Path};
use crate::Micros;

/// What a live dot carries, opaque to the store: nothing for a set element, a sum for a counter.
pub type Payload = Box<[u8]>;

/// One mutation, immutable once made.
///
/// An add has a payload and kills what was live under its path; a removal has none and kills at
/// least one dot. A mutation that would do neither is no event and spends no dot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its name.
    pub dot: Dot,
    /// Where it belongs. A removal covers everything under it.
    pub path: Path,
    /// What it leaves live; `None` for a removal.
    pub payload: Option<Payload>,
    /// What was live under the path at its replica; sorted.
    pub kills: Vec<Dot>,
    /// The time at its replica.
    pub at: Micros,
}

/// What the journal keeps of an event that killed something: a removal, or an add that
/// superseded an earlier one.
///
/// Without the records of superseding adds a peer that had the earlier add and lacks the later
/// one would keep it alive for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The event's name.
    pub dot: Dot,
    /// Its path.
    pub path: Path,
    /// What it killed; sorted, never empty.
    pub kills: Vec<Dot>,
    /// The time at its replica.
    pub at: Micros,
}

impl Event {
    /// What the journal keeps of it; `None` if it killed nothing.
    pub fn record(&self) -> Option<Record> {
        (!self.kills.is_empty()).then(|| Record {
            dot: self.dot,
            path: self.path.clone(),
            kills: self.kills.clone(),
            at: self.at,
        })
    }
}
