//! What survives a crash.
//!
//! A disk takes requests in order and syncs them one after the other. What was asked for and not
//! yet synced is lost when the process dies: whoever acts on it before the sync acts on nothing.

use std::collections::VecDeque;

use quorate::Micros;
use quorate::crdt::{self, Replica, Store};
use quorate::raft::{self, Entry, HardState};

/// A log-structured device: what is durable, what is under way, and when it is free again.
#[derive(Clone, Debug)]
pub(crate) struct Disk<D, P> {
    durable: D,
    pending: VecDeque<P>,
    busy_until: Micros,
}

impl<D, P> Disk<D, P> {
    /// A disk with something on it.
    pub(crate) fn new(durable: D) -> Self {
        Self {
            durable,
            pending: VecDeque::new(),
            busy_until: Micros::ZERO,
        }
    }

    /// Takes a request, and says when it will be durable.
    pub(crate) fn submit(&mut self, now: Micros, latency: Micros, request: P) -> Micros {
        self.pending.push_back(request);
        self.busy_until = self.busy_until.max(now) + latency;
        self.busy_until
    }

    /// The process dies: what was under way is gone.
    pub(crate) fn lose_pending(&mut self) {
        self.pending.clear();
        self.busy_until = Micros::ZERO;
    }

    /// What is durable.
    pub(crate) fn durable(&self) -> &D {
        &self.durable
    }
}

/// What a voter has on disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct VoterImage {
    pub(crate) hard_state: HardState,
    pub(crate) entries: Vec<Entry>,
}

/// A voter's disk.
pub(crate) type RaftDisk = Disk<VoterImage, raft::Persist>;
/// A replica's disk.
pub(crate) type ReplicaDisk = Disk<Store, crdt::Persist>;

impl RaftDisk {
    /// Whether nothing was ever written to it.
    pub(crate) fn is_blank(&self) -> bool {
        self.durable.entries.is_empty() && self.durable.hard_state == HardState::default()
    }

    /// The oldest request is done; its number.
    pub(crate) fn sync(&mut self) -> Option<u64> {
        let persist = self.pending.pop_front()?;
        let image = &mut self.durable;
        if let Some(from) = persist.truncate_from {
            let kept = usize::try_from(from - 1).expect("a simulated log fits into memory");
            image.entries.truncate(kept);
        }
        image.entries.extend_from_slice(&persist.entries);
        image.hard_state = persist.hard_state;
        Some(persist.io)
    }
}

impl ReplicaDisk {
    /// The oldest request is done; its number.
    pub(crate) fn sync(&mut self) -> Option<u64> {
        let persist = self.pending.pop_front()?;
        for change in &persist.changes {
            Replica::redo(&mut self.durable, change)
                .expect("what the replica did to its state can be done to the image of it");
        }
        Some(persist.io)
    }
}
