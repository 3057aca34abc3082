//! A voter's disk: its hard state, its snapshot with the state machine in it, and its log.

use std::sync::Arc;

use quorate::Random;
use quorate::raft::{
    self, Boundary, Entry, HardState, Membership, PersistPart, Restored, Snapshot,
};

use super::{Disk, Image};

/// A voter's disk.
pub(crate) type RaftDisk = Disk<VoterImage>;

/// What a voter has on disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct VoterImage {
    /// Term, vote, and a hint of what is committed.
    pub(crate) hard_state: HardState,
    /// Where the last snapshot stands. Before the first: the beginning, and the group there.
    pub(crate) snapshot: Arc<Snapshot>,
    /// The encoded state machine as of the snapshot's position; `None` before the first.
    pub(crate) state: Option<Arc<[u8]>>,
    /// What the log starts after: the position of the snapshot, or one before that.
    pub(crate) boundary: Boundary,
    /// The log after the boundary.
    pub(crate) entries: Vec<Entry>,
}

/// A request to a voter's disk.
#[derive(Clone, Debug)]
pub(crate) enum VoterWrite {
    /// What the consensus asks for.
    Consensus {
        /// The parts, in the order that they name.
        persist: raft::Persist,
        /// The state machine of the snapshot that the write starts over from, if it does.
        state: Option<Arc<[u8]>>,
    },
    /// A snapshot of the node's own state machine. All or nothing.
    Snapshot {
        /// Where it stands: at an applied index.
        snapshot: Arc<Snapshot>,
        /// The encoded state machine.
        state: Arc<[u8]>,
    },
    /// Entries up to an index that the snapshot covers are not needed any more. All or nothing.
    Compaction {
        /// The index.
        index: u64,
    },
}

/// Which request is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VoterSynced {
    /// [`VoterWrite::Consensus`], and all before it.
    Consensus {
        /// Its number.
        io: u64,
    },
    /// [`VoterWrite::Snapshot`].
    Snapshot {
        /// The index it stands at.
        index: u64,
    },
    /// [`VoterWrite::Compaction`].
    Compaction {
        /// Up to here.
        index: u64,
    },
}

/// What a crash has left of a [`VoterWrite::Consensus`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TornWrite {
    /// The parts that were begun, in their order.
    pub(crate) parts: Vec<PersistPart>,
    /// How many of the entries are there, if their part was begun.
    pub(crate) entries: usize,
}

impl VoterImage {
    /// The disk of a node whose group starts with this membership.
    pub(crate) fn fresh(group: Membership) -> Self {
        Self {
            snapshot: Arc::new(Restored::fresh(group).snapshot),
            ..Self::default()
        }
    }

    /// Whether nothing was ever written to it.
    pub(crate) fn is_blank(&self) -> bool {
        self.last_index() == 0 && self.hard_state == HardState::default()
    }

    /// What the consensus starts from, and the state machine that it starts with.
    pub(crate) fn restored(&self) -> (Restored, Option<Arc<[u8]>>) {
        let restored = Restored {
            hard_state: self.hard_state,
            snapshot: (*self.snapshot).clone(),
            boundary: self.boundary,
            entries: self.entries.clone(),
            applied_index: self.snapshot.position.index,
        };
        (restored, self.state.clone())
    }

    /// The index of the last entry, or of the boundary.
    pub(crate) fn last_index(&self) -> u64 {
        self.boundary.index + self.entries.len() as u64
    }

    /// The entries with their indices.
    pub(crate) fn indexed(&self) -> impl Iterator<Item = (u64, &Entry)> {
        (self.boundary.index + 1..).zip(&self.entries)
    }

    /// Does one part of a write; of its entries the first `entries`.
    fn put(
        &mut self,
        part: PersistPart,
        persist: &raft::Persist,
        state: Option<&Arc<[u8]>>,
        entries: usize,
    ) {
        match part {
            PersistPart::Snapshot => {
                if let Some(snapshot) = &persist.snapshot {
                    self.snapshot = Arc::clone(snapshot);
                    self.state = state.cloned();
                    self.boundary = snapshot.position;
                    self.entries.clear();
                }
            }
            PersistPart::Truncation => {
                if let Some(from) = persist.truncate_from {
                    self.entries.truncate(self.places_before(from));
                }
            }
            PersistPart::Entries => self.entries.extend_from_slice(&persist.entries[..entries]),
            PersistPart::HardState => self.hard_state = persist.hard_state,
        }
    }

    /// Drops the entries up to an index.
    fn compact(&mut self, index: u64) {
        let dropped = self.places_before(index + 1).min(self.entries.len());
        if let Some(last) = dropped.checked_sub(1).map(|last| &self.entries[last]) {
            self.boundary = Boundary {
                index: self.boundary.index + dropped as u64,
                term: last.term(),
                prefix_hash: last.prefix_hash(),
            };
            self.entries.drain(..dropped);
        }
    }

    /// How many places there are in the log before an index.
    fn places_before(&self, index: u64) -> usize {
        let places = index.saturating_sub(self.boundary.index + 1);
        usize::try_from(places).expect("a simulated log fits into memory")
    }
}

impl Image for VoterImage {
    type Write = VoterWrite;
    type Synced = VoterSynced;
    type Torn = TornWrite;

    fn report(write: &VoterWrite) -> VoterSynced {
        match write {
            VoterWrite::Consensus { persist, .. } => VoterSynced::Consensus { io: persist.io },
            VoterWrite::Snapshot { snapshot, .. } => VoterSynced::Snapshot {
                index: snapshot.position.index,
            },
            VoterWrite::Compaction { index } => VoterSynced::Compaction { index: *index },
        }
    }

    fn write(&mut self, write: VoterWrite) {
        match write {
            VoterWrite::Consensus { persist, state } => {
                for part in persist.parts() {
                    self.put(part, &persist, state.as_ref(), persist.entries.len());
                }
            }
            // A snapshot received meanwhile may stand beyond one's own.
            VoterWrite::Snapshot { snapshot, state } => {
                if snapshot.position.index >= self.snapshot.position.index {
                    self.snapshot = snapshot;
                    self.state = Some(state);
                }
            }
            VoterWrite::Compaction { index } => self.compact(index),
        }
    }

    /// A prefix of the parts, in the order that the write names; the entries possibly cut short.
    fn tear(&mut self, write: VoterWrite, random: &mut Random) -> TornWrite {
        let VoterWrite::Consensus { persist, state } = write else {
            return TornWrite::default();
        };
        let order = persist.parts();
        let whole = random.index(order.len() + 1);
        let mut entries = persist.entries.len();
        let mut begun = whole;
        if order.get(whole) == Some(&PersistPart::Entries) {
            entries = random.index(entries + 1);
            begun += 1;
        }
        let parts = order[..begun].to_vec();
        for &part in &parts {
            self.put(part, &persist, state.as_ref(), entries);
        }
        TornWrite { parts, entries }
    }
}

#[cfg(test)]
mod tests;
