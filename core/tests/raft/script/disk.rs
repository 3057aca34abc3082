//! What survives a crash.

use std::collections::VecDeque;

use quorate::raft::{Boundary, Entry, HardState, Persist, PersistPart, Restored, Snapshot};

/// The durable part of a node.
#[derive(Clone, Debug, Default)]
pub(super) struct Disk {
    pub(super) hard_state: HardState,
    pub(super) snapshot: Snapshot,
    pub(super) boundary: Boundary,
    pub(super) entries: VecDeque<Entry>,
}

/// The least that a crash leaves or takes away.
#[derive(Clone, Debug)]
enum Unit {
    Snapshot(Snapshot),
    Truncation(u64),
    Entry(Entry),
    HardState(HardState),
}

impl Disk {
    pub(super) fn of(restored: Restored) -> Self {
        Self {
            hard_state: restored.hard_state,
            snapshot: restored.snapshot,
            boundary: restored.boundary,
            entries: restored.entries.into(),
        }
    }

    /// What a node finds when it starts. Its state machine starts from the snapshot.
    pub(super) fn restored(&self) -> Restored {
        Restored {
            hard_state: self.hard_state,
            snapshot: self.snapshot.clone(),
            boundary: self.boundary,
            entries: self.entries.iter().cloned().collect(),
            applied_index: 0,
        }
    }

    /// Stores the first `count` units of a write, in the order that the write asks for.
    pub(super) fn store(&mut self, write: &Persist, count: usize) {
        for unit in units(write).into_iter().take(count) {
            match unit {
                Unit::Snapshot(snapshot) => {
                    self.boundary = snapshot.position;
                    self.snapshot = snapshot;
                    self.entries.clear();
                }
                Unit::Truncation(from) => self.truncate(from),
                Unit::Entry(entry) => self.entries.push_back(entry),
                Unit::HardState(hard_state) => self.hard_state = hard_state,
            }
        }
    }

    /// Drops what the node has dropped from its log.
    pub(super) fn compact(&mut self, boundary: Boundary) {
        while self.boundary.index < boundary.index && self.entries.pop_front().is_some() {
            self.boundary.index += 1;
        }
        self.boundary = boundary;
    }

    pub(super) fn last_index(&self) -> u64 {
        self.boundary.index + self.entries.len() as u64
    }

    /// The hash of the stored log at `index`.
    pub(super) fn prefix_hash_at(&self, index: u64) -> Option<u128> {
        if index == self.boundary.index {
            return Some(self.boundary.prefix_hash);
        }
        let offset = index.checked_sub(self.boundary.index + 1)?;
        let entry = self.entries.get(usize::try_from(offset).ok()?);
        entry.map(Entry::prefix_hash)
    }

    fn truncate(&mut self, from: u64) {
        let kept = from.saturating_sub(self.boundary.index + 1);
        self.entries.truncate(usize::try_from(kept).unwrap());
    }
}

fn units(write: &Persist) -> Vec<Unit> {
    let of_part = |part| match part {
        PersistPart::Snapshot => {
            let snapshot = write.snapshot.iter();
            snapshot
                .map(|snapshot| Unit::Snapshot((**snapshot).clone()))
                .collect()
        }
        PersistPart::Truncation => write
            .truncate_from
            .map(Unit::Truncation)
            .into_iter()
            .collect(),
        PersistPart::Entries => write.entries.iter().cloned().map(Unit::Entry).collect(),
        PersistPart::HardState => vec![Unit::HardState(write.hard_state)],
    };
    write
        .parts()
        .into_iter()
        .flat_map(of_part)
        .collect::<Vec<Unit>>()
}
