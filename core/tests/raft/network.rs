//! A few nodes, their disks, and the messages between them; nothing happens by itself.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use quorate::raft::{
    Body, Boundary, Cause, Config, Effects, Entries, Entry, EntryKind, HardState, Input,
    Membership, Message, Persist, Raft, Restored, Role, Snapshot, StepError,
};
use quorate::{Micros, NodeId};

use super::observer::Observer;

/// The election timeout of every node here.
pub(crate) const ELECTION: Micros = Micros::from_millis(150);
/// The heartbeat interval of every node here.
pub(crate) const HEARTBEAT: Micros = Micros::from_millis(50);

/// What survives a crash.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk {
    pub(crate) hard_state: HardState,
    /// The last snapshot; before the first, who belongs to the group at the start.
    pub(crate) snapshot: Snapshot,
    pub(crate) boundary: Boundary,
    pub(crate) entries: Vec<Entry>,
}

impl Disk {
    /// The hash of the stored log at `index`.
    pub(crate) fn prefix_hash_at(&self, index: u64) -> Option<u128> {
        let Some(offset) = index.checked_sub(self.boundary.index + 1) else {
            return (index == self.boundary.index).then_some(self.boundary.prefix_hash);
        };
        let entry = self.entries.get(usize::try_from(offset).unwrap());
        entry.map(Entry::prefix_hash)
    }

    /// The terms of the stored log.
    pub(crate) fn terms(&self) -> Vec<u64> {
        self.entries.iter().map(Entry::term).collect()
    }

    /// Stores a whole write.
    pub(crate) fn store(&mut self, write: &Persist) {
        self.store_torn(write, write.entries.len());
        self.hard_state = write.hard_state;
    }

    /// Stores what a crash leaves of a write: the truncation and the first `kept` entries.
    pub(crate) fn store_torn(&mut self, write: &Persist, kept: usize) {
        if let Some(snapshot) = &write.snapshot {
            self.boundary = snapshot.position;
            self.snapshot = Snapshot::clone(snapshot);
            self.entries.clear();
        }
        if let Some(from) = write.truncate_from {
            let kept = usize::try_from(from - self.boundary.index - 1).unwrap();
            self.entries.truncate(kept);
        }
        self.entries.extend(write.entries[..kept].iter().cloned());
    }
}

/// A node and its host.
#[derive(Clone, Debug)]
pub(crate) struct Host {
    pub(crate) config: Config,
    /// `None` while crashed.
    pub(crate) raft: Option<Raft>,
    pub(crate) disk: Disk,
    /// Writes that are not durable yet.
    pub(crate) writes: VecDeque<Persist>,
    /// Writes stay where they are until the test syncs them.
    pub(crate) slow_disk: bool,
    /// What was handed out to be applied stays until the test applies it.
    pub(crate) slow_state_machine: bool,
    /// The last index that was handed out and is not applied.
    pub(crate) handed_index: u64,
}

/// The nodes, the wire and the observer.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    pub(crate) now: Micros,
    pub(crate) hosts: BTreeMap<NodeId, Host>,
    pub(crate) wire: VecDeque<Message>,
    /// Directed links that lose everything.
    pub(crate) cut: BTreeSet<(NodeId, NodeId)>,
    pub(crate) observer: Observer,
}

/// The node of that number.
pub(crate) fn n(number: u64) -> NodeId {
    NodeId(number)
}

/// A payload.
pub(crate) fn bytes(text: &str) -> Arc<[u8]> {
    Arc::from(text.as_bytes())
}

/// A log whose entries have these terms. Entries of the same index and term are equal wherever
/// they occur, provided what comes before them is.
pub(crate) fn log_of(terms: &[u64]) -> Vec<Entry> {
    let mut hash = 0;
    let mut log = Vec::new();
    for (index, term) in (1..).zip(terms) {
        let payload = bytes(&format!("{index}@{term}"));
        let entry = Entry::new(hash, *term, EntryKind::Command, payload);
        hash = entry.prefix_hash();
        log.push(entry);
    }
    log
}

/// The entries of a log after `previous_index`, as an append carries them.
pub(crate) fn piece(log: &[Entry], previous_index: u64) -> Entries {
    let (before, after) = log.split_at(usize::try_from(previous_index).unwrap());
    let previous_hash = before.last().map_or(0, Entry::prefix_hash);
    Entries::new(previous_hash, after.to_vec()).unwrap()
}

/// The settings of node `id`.
pub(crate) fn config(id: NodeId) -> Config {
    Config {
        election_timeout: ELECTION,
        heartbeat_interval: HEARTBEAT,
        max_append_entries: 64,
        max_inflight_appends: 8,
        ..Config::new(id)
    }
}

/// A group of the voters 1 to `voters`.
pub(crate) fn group(voters: u64) -> Membership {
    Membership::of_voters((1..=voters).map(NodeId)).unwrap()
}

/// A leader says nothing but that it leads.
pub(crate) fn heartbeat(commit_index: u64) -> Body {
    Body::Heartbeat {
        commit_index,
        round: 1,
        sent_at: Micros::ZERO,
    }
}

/// A candidate asks for a vote.
pub(crate) fn vote(last_index: u64, last_term: u64) -> Body {
    Body::Vote {
        last_index,
        last_term,
        cause: Cause::Election,
    }
}

impl Network {
    /// `voters` nodes with empty disks.
    pub(crate) fn new(voters: u64) -> Self {
        let disks = (0..voters).map(|_| Disk::default()).collect();
        Self::with_disks(disks, |_| {})
    }

    /// One voter per disk, with adjusted settings.
    pub(crate) fn with_disks(disks: Vec<Disk>, adjust: impl Fn(&mut Config)) -> Self {
        let voters = disks.len() as u64;
        Self::with_group(disks, voters, adjust)
    }

    /// One node per disk, of which the first few are the voters of the group at the start.
    pub(crate) fn with_group(disks: Vec<Disk>, voters: u64, adjust: impl Fn(&mut Config)) -> Self {
        let hosts = disks.len() as u64;
        let membership = group(voters);
        let mut network = Self {
            now: Micros::from_secs(1),
            hosts: BTreeMap::new(),
            wire: VecDeque::new(),
            cut: BTreeSet::new(),
            observer: Observer::default(),
        };
        for (id, mut disk) in (1..=hosts).map(NodeId).zip(disks) {
            let mut config = config(id);
            adjust(&mut config);
            if id.0 <= voters {
                disk.snapshot.membership = membership.clone();
            }
            let host = Host {
                config,
                raft: None,
                disk,
                writes: VecDeque::new(),
                slow_disk: false,
                slow_state_machine: false,
                handed_index: 0,
            };
            network.hosts.insert(id, host);
        }
        for id in network.ids() {
            network.restart(id);
        }
        network
    }

    pub(crate) fn ids(&self) -> Vec<NodeId> {
        self.hosts.keys().copied().collect()
    }

    pub(crate) fn host(&mut self, id: NodeId) -> &mut Host {
        self.hosts.get_mut(&id).unwrap()
    }

    pub(crate) fn raft(&self, id: NodeId) -> &Raft {
        self.hosts[&id].raft.as_ref().unwrap()
    }

    /// The terms of a node's log.
    pub(crate) fn terms(&self, id: NodeId) -> Vec<u64> {
        let log = self.raft(id).log();
        log.range(0..u64::MAX)
            .map(|(_, entry)| entry.term())
            .collect()
    }

    /// The payloads of the commands a node has committed.
    pub(crate) fn committed(&self, id: NodeId) -> Vec<String> {
        let raft = self.raft(id);
        let entries = raft.log().range(0..raft.commit_index() + 1);
        entries
            .filter(|(_, entry)| entry.kind() == EntryKind::Command)
            .map(|(_, entry)| String::from_utf8(entry.payload().to_vec()).unwrap())
            .collect()
    }

    /// Starts a node from its disk. Its state machine starts anew.
    pub(crate) fn restart(&mut self, id: NodeId) {
        let now = self.now;
        let host = self.host(id);
        let restored = Restored {
            hard_state: host.disk.hard_state,
            snapshot: host.disk.snapshot.clone(),
            boundary: host.disk.boundary,
            entries: host.disk.entries.clone(),
            applied_index: 0,
        };
        host.raft = Some(Raft::new(host.config.clone(), restored, now).unwrap());
        let raft = self.hosts[&id].raft.as_ref().unwrap();
        self.observer.started(id, raft);
        self.input(id, Input::Tick).unwrap();
    }

    /// Stops a node. What it had not synced is lost.
    pub(crate) fn crash(&mut self, id: NodeId) {
        let host = self.host(id);
        host.raft = None;
        host.writes.clear();
        host.handed_index = 0;
    }

    /// One step of a node: does what the effects ask for, except that a slow disk waits.
    pub(crate) fn input(&mut self, id: NodeId, input: Input) -> Result<Effects, StepError> {
        let now = self.now;
        let host = self.hosts.get_mut(&id).unwrap();
        let raft = host.raft.as_mut().unwrap();
        let effects = raft.step(now, input)?.clone();
        self.observer.stepped(raft, &effects, &host.disk);
        host.writes.extend(effects.persist.clone());
        let slow_disk = host.slow_disk;
        self.observer.committed(&self.hosts[&id], &self.hosts);
        self.wire.extend(effects.send.iter().cloned());
        if !effects.committed.is_empty() {
            self.host(id).handed_index = effects.committed.end - 1;
            if !self.host(id).slow_state_machine {
                self.apply(id);
            }
        }
        if !slow_disk {
            self.sync(id);
        }
        Ok(effects)
    }

    /// Applies everything that was handed out to a node.
    pub(crate) fn apply(&mut self, id: NodeId) {
        let index = self.host(id).handed_index;
        if index > self.raft(id).applied_index() {
            self.input(id, Input::Applied { index }).unwrap();
        }
    }

    /// Makes all waiting writes of a node durable and tells it.
    pub(crate) fn sync(&mut self, id: NodeId) {
        while self.sync_one(id) {}
    }

    /// Makes the oldest waiting write durable and tells the node. False if there is none.
    pub(crate) fn sync_one(&mut self, id: NodeId) -> bool {
        let host = self.host(id);
        let Some(write) = host.writes.pop_front() else {
            return false;
        };
        host.disk.store(&write);
        self.input(id, Input::Persisted { io: write.io }).unwrap();
        true
    }

    /// Delivers one message. It is lost if the link is cut or the receiver is down. A leader may
    /// refuse a wish, and the answer of somebody who was removed; anything else is understood.
    pub(crate) fn deliver(&mut self, message: Message) {
        let lost = self.cut.contains(&(message.from, message.to));
        if lost || self.hosts[&message.to].raft.is_none() {
            return;
        }
        let is_wish = matches!(
            message.body,
            Body::Propose { .. } | Body::TransferLeadership { .. }
        );
        match self.input(message.to, Input::Receive(message)) {
            Err(StepError::UnknownSender { .. }) => {}
            Err(_) if is_wish => {}
            other => drop(other.unwrap()),
        }
    }

    /// Delivers everything on the wire, and what that causes, in order.
    pub(crate) fn settle(&mut self) {
        let mut rounds = 0;
        while let Some(message) = self.wire.pop_front() {
            self.deliver(message);
            rounds += 1;
            assert!(rounds < 100_000, "the network does not come to rest");
        }
    }

    /// Takes the messages on the wire that `wanted` wants; the others stay.
    pub(crate) fn take(&mut self, wanted: impl Fn(&Message) -> bool) -> Vec<Message> {
        let (taken, left) = self.wire.drain(..).partition(wanted);
        self.wire = left;
        Vec::from_iter::<VecDeque<Message>>(taken)
    }

    /// Lets time pass; every node ticks when it wants to, and messages take none.
    pub(crate) fn run(&mut self, span: Micros) {
        let end = self.now + span;
        let mut ticks = 0;
        loop {
            self.settle();
            let next = self.hosts.iter().filter_map(|(id, host)| {
                let raft = host.raft.as_ref()?;
                Some((raft.next_deadline()?, *id))
            });
            match next.min() {
                Some((deadline, id)) if deadline <= end => {
                    self.now = self.now.max(deadline);
                    self.input(id, Input::Tick).unwrap();
                }
                _ => break,
            }
            ticks += 1;
            assert!(ticks < 100_000, "a deadline does not move on");
        }
        self.now = end;
    }

    /// Lets everybody forget the leader they hear, and makes `id` call an election.
    pub(crate) fn campaign(&mut self, id: NodeId) {
        self.now = self.now + ELECTION;
        self.input(id, Input::Campaign).unwrap();
        self.settle();
    }

    /// Makes `id` the leader.
    pub(crate) fn elect(&mut self, id: NodeId) {
        self.campaign(id);
        assert_eq!(self.raft(id).role(), Role::Leader, "{id} was to be elected");
    }

    /// A client proposes at `id`.
    pub(crate) fn propose(&mut self, id: NodeId, command: &str) -> Result<Effects, StepError> {
        self.input(
            id,
            Input::Propose {
                payload: bytes(command),
            },
        )
    }

    /// The live leaders, of whatever term.
    pub(crate) fn leaders(&self) -> Vec<NodeId> {
        let rafts = self.hosts.values().filter_map(|host| host.raft.as_ref());
        rafts
            .filter(|raft| raft.role() == Role::Leader)
            .map(Raft::id)
            .collect()
    }

    /// Cuts every link between `id` and the others.
    pub(crate) fn isolate(&mut self, id: NodeId) {
        for other in self.ids() {
            self.cut_pair(id, other);
        }
    }

    /// Cuts the links between two nodes, both ways.
    pub(crate) fn cut_pair(&mut self, one: NodeId, other: NodeId) {
        self.cut.insert((one, other));
        self.cut.insert((other, one));
    }
}

/// Whether the message is an append with entries.
pub(crate) fn carries_entries(message: &Message) -> bool {
    matches!(&message.body, Body::Append { entries, .. } if !entries.is_empty())
}
