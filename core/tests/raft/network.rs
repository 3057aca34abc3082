//! A few nodes, their disks, and the messages between them; nothing happens by itself.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use quorate::raft::{
    Body, Boundary, Config, Effects, Entry, EntryKind, HardState, Input, Message, Persist, Raft,
    Restored, Role, StepError,
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
        entry.map(|entry| entry.prefix_hash)
    }

    /// Stores a whole write.
    pub(crate) fn store(&mut self, write: &Persist) {
        self.store_torn(write, write.entries.len());
        self.hard_state = write.hard_state;
    }

    /// Stores what a crash leaves of a write: the truncation and the first `kept` entries.
    pub(crate) fn store_torn(&mut self, write: &Persist, kept: usize) {
        if let Some(from) = write.truncate_from {
            self.entries.retain(|entry| entry.index < from);
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
        let entry = Entry::new(hash, index, *term, EntryKind::Command, payload);
        hash = entry.prefix_hash;
        log.push(entry);
    }
    log
}

/// The settings of node `id` among `voters`.
pub(crate) fn config(id: NodeId, voters: u64) -> Config {
    Config {
        id,
        voters: (1..=voters).map(NodeId).collect(),
        election_timeout: ELECTION,
        heartbeat_interval: HEARTBEAT,
        max_entries_per_append: 64,
        max_inflight_appends: 8,
        seed: id.0,
    }
}

impl Network {
    /// `voters` nodes with empty disks.
    pub(crate) fn new(voters: u64) -> Self {
        let disks = (0..voters).map(|_| Disk::default()).collect();
        Self::with_disks(disks, |_| {})
    }

    /// One node per disk, with adjusted settings.
    pub(crate) fn with_disks(disks: Vec<Disk>, adjust: impl Fn(&mut Config)) -> Self {
        let voters = disks.len() as u64;
        let mut network = Self {
            now: Micros::from_secs(1),
            hosts: BTreeMap::new(),
            wire: VecDeque::new(),
            cut: BTreeSet::new(),
            observer: Observer::default(),
        };
        for (id, disk) in (1..=voters).map(NodeId).zip(disks) {
            let mut config = config(id, voters);
            adjust(&mut config);
            let host = Host {
                config,
                raft: None,
                disk,
                writes: VecDeque::new(),
                slow_disk: false,
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
        log.slice(0..u64::MAX)
            .iter()
            .map(|entry| entry.term)
            .collect()
    }

    /// The payloads of the commands a node has committed.
    pub(crate) fn committed(&self, id: NodeId) -> Vec<String> {
        let raft = self.raft(id);
        let entries = raft.log().slice(0..raft.commit_index() + 1).iter();
        entries
            .filter(|entry| entry.kind == EntryKind::Command)
            .map(|entry| String::from_utf8(entry.payload.to_vec()).unwrap())
            .collect()
    }

    /// Starts a node from its disk. Its state machine starts anew.
    pub(crate) fn restart(&mut self, id: NodeId) {
        let now = self.now;
        let host = self.host(id);
        let restored = Restored {
            hard_state: host.disk.hard_state,
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
        let disks = self.hosts.values().map(|host| &host.disk);
        self.observer.committed(&self.hosts[&id], disks);
        self.wire.extend(effects.send.iter().cloned());
        if !effects.committed.is_empty() {
            self.input(
                id,
                Input::Applied {
                    index: effects.committed.end - 1,
                },
            )?;
        }
        if !slow_disk {
            self.sync(id);
        }
        Ok(effects)
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

    /// Delivers one message. It is lost if the link is cut or the receiver is down.
    pub(crate) fn deliver(&mut self, message: Message) {
        let lost = self.cut.contains(&(message.from, message.to));
        if !lost && self.hosts[&message.to].raft.is_some() {
            self.input(message.to, Input::Receive(message)).unwrap();
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
                Some((raft.next_deadline(), *id))
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
