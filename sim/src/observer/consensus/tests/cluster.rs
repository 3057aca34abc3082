//! A few nodes of the real kernel with disks, a wire and an observer. Nothing happens by itself.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use quorate::raft::{
    Body, Boundary, Config, Effects, Entry, EntryKind, HardState, Input, Membership, Message,
    Persist, PersistPart, Raft, ReadPolicy, Restored, Role, Snapshot, SnapshotOutcome,
};
use quorate::{Micros, NodeId};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::super::{Confirmation, Consensus};
use super::naive::Naive;
use crate::observer::Ledger;

/// What survives a crash.
#[derive(Clone, Debug, Default)]
pub(super) struct Disk {
    pub(super) hard_state: HardState,
    pub(super) snapshot: Snapshot,
    pub(super) boundary: Boundary,
    pub(super) entries: Vec<Entry>,
    /// The state machine as of the snapshot.
    state: State,
}

/// A state machine that remembers what it was told.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) digest: u64,
    pub(super) applied: u64,
}

/// A node and its host.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) config: Config,
    /// `None` while crashed.
    pub(super) raft: Option<Raft>,
    pub(super) disk: Disk,
    writes: VecDeque<Persist>,
    /// Committed entries that the state machine has not taken up.
    to_apply: VecDeque<u64>,
    pub(super) state: State,
    snapshot_state: State,
    /// How far this node's clock runs ahead of the world's.
    pub(super) clock_ahead: Micros,
}

/// All of them.
#[derive(Clone, Debug)]
pub(super) struct Cluster {
    pub(super) now: Micros,
    pub(super) nodes: BTreeMap<NodeId, Node>,
    pub(super) wire: VecDeque<Message>,
    pub(super) cut: BTreeSet<(NodeId, NodeId)>,
    pub(super) consensus: Consensus,
    pub(super) ledger: Ledger,
    pub(super) naive: Naive,
    /// What the first member of the group was made of.
    group: Membership,
    reads: u64,
    steps: u64,
    /// The slow checker looks at everything every so many steps.
    naive_every: u64,
}

/// The election timeout of every node here.
const ELECTION: Micros = Micros::from_millis(150);

impl Cluster {
    /// `voters` nodes that vote and `spare` ones that belong to nothing.
    pub(super) fn new(voters: u64, spare: u64, shape: impl Fn(Config) -> Config) -> Self {
        let group = Membership::of_voters((1..=voters).map(NodeId)).unwrap();
        let mut cluster = Self {
            now: Micros::ZERO,
            nodes: BTreeMap::new(),
            wire: VecDeque::new(),
            cut: BTreeSet::new(),
            consensus: Consensus::new(group.clone(), None),
            ledger: Ledger::default(),
            naive: Naive::default(),
            group,
            reads: 0,
            steps: 0,
            naive_every: 25,
        };
        for id in (1..=voters + spare).map(NodeId) {
            let config = Config {
                election_timeout: ELECTION,
                heartbeat_interval: Micros::from_millis(50),
                max_append_entries: 4,
                seed: id.0,
                ..Config::new(id)
            };
            let disk = Disk {
                snapshot: Snapshot {
                    position: Boundary::default(),
                    membership: if id.0 <= voters {
                        cluster.group.clone()
                    } else {
                        Membership::default()
                    },
                },
                ..Disk::default()
            };
            let node = Node {
                config: shape(config),
                raft: None,
                disk,
                writes: VecDeque::new(),
                to_apply: VecDeque::new(),
                state: State::default(),
                snapshot_state: State::default(),
                clock_ahead: Micros::ZERO,
            };
            cluster.nodes.insert(id, node);
            cluster.restart(id);
        }
        cluster
    }

    pub(super) fn ids(&self) -> Vec<NodeId> {
        self.nodes.keys().copied().collect()
    }

    pub(super) fn raft(&self, id: NodeId) -> Option<&Raft> {
        self.nodes[&id].raft.as_ref()
    }

    pub(super) fn node(&mut self, id: NodeId) -> &mut Node {
        self.nodes.get_mut(&id).unwrap()
    }

    pub(super) fn leader(&self) -> Option<NodeId> {
        let rafts = self.nodes.values().filter_map(|node| node.raft.as_ref());
        let leaders = rafts.filter(|raft| raft.role() == Role::Leader);
        leaders.max_by_key(|raft| raft.term()).map(Raft::id)
    }

    /// One step of a node; `None` if it is down or refuses.
    pub(super) fn input(&mut self, id: NodeId, input: Input) -> Option<Effects> {
        self.steps += 1;
        self.ledger.advance(self.now);
        let now = self.now;
        let node = self.nodes.get_mut(&id).unwrap();
        let raft = node.raft.as_mut()?;
        let effects = raft.step(now + node.clock_ahead, input).ok()?.clone();
        self.consensus.stepped(&mut self.ledger, raft, &effects);
        self.carry_out(id, &effects);
        if self.steps.is_multiple_of(self.naive_every) {
            let mut naive = std::mem::take(&mut self.naive);
            naive.look(self);
            self.naive = naive;
        }
        Some(effects)
    }

    fn carry_out(&mut self, id: NodeId, effects: &Effects) {
        let node = self.nodes.get_mut(&id).unwrap();
        if let Some(persist) = &effects.persist {
            if persist.snapshot.is_some() {
                node.to_apply.clear();
            }
            node.writes.push_back(persist.clone());
        }
        node.to_apply.extend(effects.committed.clone());
        let raft = node.raft.as_ref().unwrap();
        let (term, lease) = (raft.term(), raft.config().reads);
        self.naive.sent(&effects.send);
        self.wire.extend(effects.send.iter().cloned());
        for _ in &effects.reads {
            let confirmation = match lease {
                ReadPolicy::Lease { .. } => Confirmation::Lease { at: self.now },
                ReadPolicy::Quorum => Confirmation::Quorum,
            };
            self.consensus
                .read_served(&mut self.ledger, id, term, confirmation);
        }
    }

    /// A client asks for a read.
    pub(super) fn read(&mut self, id: NodeId) {
        self.reads += 1;
        let read = self.reads;
        self.consensus.read_asked(id, read);
        self.input(id, Input::Read { id: read });
    }

    /// The oldest write of a node becomes durable.
    pub(super) fn sync_one(&mut self, id: NodeId) {
        let node = self.node(id);
        let Some(write) = node.writes.pop_front() else {
            return;
        };
        node.disk.store(&write, write.entries.len());
        node.disk.hard_state = write.hard_state;
        self.consensus.synced(&mut self.ledger, id, write.io);
        if let Some(snapshot) = &write.snapshot {
            // The state came beside the message, from whoever has it.
            let state = self.naive.state_at(snapshot.position.index);
            let node = self.node(id);
            node.state = state.clone();
            node.snapshot_state = state.clone();
            node.disk.state = state.clone();
            let (index, digest) = (state.applied, state.digest);
            self.consensus
                .state_installed(&mut self.ledger, id, index, digest);
        }
        self.input(id, Input::Persisted { io: write.io });
    }

    /// The state machine of a node takes up what it was handed.
    pub(super) fn apply_all(&mut self, id: NodeId) {
        let mut last = None;
        while let Some(index) = self.node(id).to_apply.pop_front() {
            let node = self.nodes.get_mut(&id).unwrap();
            let Some(raft) = &node.raft else { return };
            let Some(entry) = raft.log().entry(index) else {
                return;
            };
            if entry.kind() == EntryKind::Command {
                node.state.digest = xxh3_64_with_seed(entry.payload(), node.state.digest);
            }
            node.state.applied = index;
            let digest = node.state.digest;
            self.naive.applied(id, index, entry, digest);
            self.consensus.applied(&mut self.ledger, id, index, digest);
            last = Some(index);
        }
        if let Some(index) = last {
            self.input(id, Input::Applied { index });
        }
    }

    /// A snapshot of what is applied, and the log before it is dropped.
    pub(super) fn snapshot(&mut self, id: NodeId) {
        let node = self.node(id);
        let index = node.state.applied;
        let Some(raft) = &node.raft else { return };
        if index <= raft.snapshot().position.index || raft.applied_index() != index {
            return;
        }
        node.snapshot_state = node.state.clone();
        if self.input(id, Input::SnapshotTaken { index }).is_none() {
            return;
        }
        let node = self.nodes.get_mut(&id).unwrap();
        let snapshot = Snapshot::clone(node.raft.as_ref().unwrap().snapshot());
        // Only what is durable can be dropped from the disk.
        let stored = node.disk.boundary.index + node.disk.entries.len() as u64;
        if snapshot.position.index > stored || !node.writes.is_empty() {
            return;
        }
        let dropped = usize::try_from(index - node.disk.boundary.index).unwrap();
        node.disk.entries.drain(..dropped);
        node.disk.boundary = snapshot.position;
        node.disk.snapshot = snapshot;
        node.disk.state = node.snapshot_state.clone();
        self.consensus.compacted(id, index);
        self.input(id, Input::Compact { index });
    }

    /// A node dies; of its oldest write so many entries are on the disk.
    pub(super) fn crash(&mut self, id: NodeId, torn: Option<usize>) {
        let node = self.nodes.get_mut(&id).unwrap();
        if let (Some(kept), Some(write)) = (torn, node.writes.pop_front()) {
            let kept = kept.min(write.entries.len());
            if hard_state_first(&write) {
                node.disk.hard_state = write.hard_state;
            } else if write.snapshot.is_none() {
                node.disk.store(&write, kept);
                let parts = [PersistPart::Truncation, PersistPart::Entries];
                self.consensus.torn(&mut self.ledger, id, &parts, kept);
            }
        }
        let node = self.nodes.get_mut(&id).unwrap();
        node.raft = None;
        node.writes.clear();
        node.to_apply.clear();
        self.consensus.crashed(&mut self.ledger, id);
    }

    pub(super) fn restart(&mut self, id: NodeId) {
        let now = self.now;
        let node = self.nodes.get_mut(&id).unwrap();
        let restored = Restored {
            hard_state: node.disk.hard_state,
            snapshot: node.disk.snapshot.clone(),
            boundary: node.disk.boundary,
            entries: node.disk.entries.clone(),
            applied_index: node.disk.snapshot.position.index,
        };
        match Raft::new(node.config.clone(), restored, now + node.clock_ahead) {
            Ok(raft) => {
                self.consensus.started(&mut self.ledger, &raft);
                node.state = node.disk.state.clone();
                node.snapshot_state = node.disk.state.clone();
                node.raft = Some(raft);
                self.input(id, Input::Tick);
            }
            Err(error) => self
                .consensus
                .start_refused(&mut self.ledger, id, &error.to_string()),
        }
    }

    /// A message arrives.
    pub(super) fn deliver(&mut self, message: Message) {
        let Message { from, to, .. } = message;
        if self.cut.contains(&(from, to)) || !self.nodes.contains_key(&to) {
            return;
        }
        let is_snapshot = matches!(message.body, Body::Snapshot { .. });
        let outcome = match self.input(to, Input::Receive(message)) {
            Some(_) => SnapshotOutcome::Arrived,
            None => SnapshotOutcome::Failed,
        };
        if is_snapshot {
            self.input(from, Input::SnapshotSent { to, outcome });
        }
    }

    /// Everything happens at once until nothing more does, for so long.
    pub(super) fn run(&mut self, duration: Micros) {
        let end = self.now + duration;
        while self.now < end {
            self.deliver_all();
            self.now = self.now + Micros::from_millis(10);
            for id in self.ids() {
                self.input(id, Input::Tick);
            }
            self.settle_hosts();
        }
    }

    /// What was sent arrives, and what follows from it, at one moment.
    pub(super) fn deliver_all(&mut self) {
        self.settle_hosts();
        for _ in 0..10_000 {
            let Some(message) = self.wire.pop_front() else {
                break;
            };
            self.deliver(message);
            self.settle_hosts();
        }
    }

    fn settle_hosts(&mut self) {
        for id in self.ids() {
            while !self.nodes[&id].writes.is_empty() {
                self.sync_one(id);
            }
            self.apply_all(id);
        }
    }

    pub(super) fn propose(&mut self, id: NodeId, payload: &str) {
        let payload = Arc::from(payload.as_bytes());
        self.input(id, Input::Propose { payload });
    }
}

impl Disk {
    /// Stores the snapshot, the truncation and the first `kept` entries of a write.
    fn store(&mut self, write: &Persist, kept: usize) {
        if let Some(snapshot) = &write.snapshot {
            self.boundary = snapshot.position;
            self.snapshot = Snapshot::clone(snapshot);
            self.entries.clear();
        }
        if let Some(from) = write.truncate_from {
            let kept = from.saturating_sub(self.boundary.index + 1);
            self.entries.truncate(usize::try_from(kept).unwrap());
        }
        self.entries.extend(write.entries[..kept].iter().cloned());
    }
}

#[cfg(feature = "mutants")]
fn hard_state_first(write: &Persist) -> bool {
    write.hard_state_first
}

#[cfg(not(feature = "mutants"))]
fn hard_state_first(_: &Persist) -> bool {
    false
}
