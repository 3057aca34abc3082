//! The nodes, their clocks, disks and state machines, and the wire between them.

use std::collections::{BTreeMap, VecDeque};

use quorate::raft::{
    Config, Effects, EntryKind, Input, Message, Persist, Raft, Read, Restored, RoleChangeReason,
    Standing,
};
use quorate::{Micros, NodeId};

use super::Stop;
use super::disk::Disk;
use super::machine::Machine;
use super::observer::Observer;
use super::settings::BrokenRule;
use super::wire::Wire;

/// How many steps may pass before everything has to be quiet.
const STEPS: usize = 20_000;

/// Everything there is.
#[derive(Debug)]
pub(super) struct World {
    pub(super) now: Micros,
    pub(super) hosts: BTreeMap<NodeId, Host>,
    pub(super) wire: Wire,
    pub(super) broken: BrokenRule,
    /// Settings that were made before there were nodes: for one or for all.
    pub(super) settings: Vec<(Option<NodeId>, String)>,
    pub(super) observer: Observer,
    /// The state machine at every snapshot, by the hash of the log there: what hosts ship.
    states: BTreeMap<u128, Machine>,
    /// What was committed anywhere when a read was asked for.
    read_floors: BTreeMap<(NodeId, u64), u64>,
}

/// A node and what it runs on.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) config: Config,
    /// `None` while crashed.
    pub(super) raft: Option<Raft>,
    pub(super) disk: Disk,
    /// Writes that are not durable yet.
    pub(super) writes: VecDeque<Persist>,
    /// Indices that are handed out and not applied yet.
    pub(super) to_apply: VecDeque<u64>,
    /// The state machine after every index that it has applied since it started.
    pub(super) states: BTreeMap<u64, Machine>,
    /// `settle` leaves its writes alone.
    pub(super) has_slow_disk: bool,
    /// `settle` leaves its state machine alone.
    pub(super) has_slow_state_machine: bool,
    /// How much its clock runs fast, in millionths.
    pub(super) clock_error: i64,
    pub(super) seen: Seen,
}

/// What a node told its host during the last command of the script.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) reads: Vec<Read>,
    pub(super) abandoned: Vec<u64>,
    pub(super) because: Option<RoleChangeReason>,
}

impl Host {
    /// The state machine as it is.
    pub(super) fn state(&self) -> &Machine {
        let last = self.states.last_key_value();
        last.expect("a state machine starts from a snapshot").1
    }
}

impl World {
    pub(super) fn new(broken: BrokenRule) -> Self {
        Self {
            now: Micros::from_secs(1),
            hosts: BTreeMap::new(),
            wire: Wire::default(),
            broken,
            settings: Vec::new(),
            observer: Observer::default(),
            states: BTreeMap::new(),
            read_floors: BTreeMap::new(),
        }
    }

    pub(super) fn ids(&self) -> Vec<NodeId> {
        self.hosts.keys().copied().collect()
    }

    /// A node with a new disk.
    pub(super) fn add(&mut self, config: Config, restored: Restored) -> Result<(), Stop> {
        let id = config.id;
        let host = Host {
            config,
            raft: None,
            disk: Disk::of(restored),
            writes: VecDeque::new(),
            to_apply: VecDeque::new(),
            states: BTreeMap::new(),
            has_slow_disk: false,
            has_slow_state_machine: false,
            clock_error: 0,
            seen: Seen::default(),
        };
        let hash = host.disk.snapshot.position.prefix_hash;
        self.states.insert(hash, Machine::new(self.broken));
        self.hosts.insert(id, host);
        self.start(id)
    }

    /// Starts a node from its disk.
    pub(super) fn start(&mut self, id: NodeId) -> Result<(), Stop> {
        let now = self.clock(id);
        let host = self.hosts.get_mut(&id).unwrap();
        let restored = host.disk.restored();
        let raft = Raft::new(host.config.clone(), restored, now)
            .map_err(|error| Stop::Violated(format!("Durability: {id} cannot start: {error}")))?;
        self.observer.started(&raft).map_err(Stop::Violated)?;
        host.raft = Some(raft);
        self.restore_state(id)?;
        self.step(id, Input::Tick)
    }

    /// Stops a node, after the first `torn` units of its oldest write became durable.
    pub(super) fn crash(&mut self, id: NodeId, torn: usize) {
        let host = self.hosts.get_mut(&id).unwrap();
        if let Some(write) = host.writes.pop_front() {
            host.disk.store(&write, torn);
        }
        host.raft = None;
        host.writes.clear();
        host.to_apply.clear();
    }

    /// One step of a node. What follows from it waits for the script, except that what is sent is
    /// on its way.
    pub(super) fn step(&mut self, id: NodeId, input: Input) -> Result<(), Stop> {
        let now = self.clock(id);
        let host = self.hosts.get_mut(&id).unwrap();
        let Some(raft) = host.raft.as_mut() else {
            return Err(Stop::Senseless(format!("{id} is down")));
        };
        if let Input::Read { id: read } = input {
            self.read_floors
                .insert((id, read), self.observer.committed_index());
        }
        let effects = match raft.step(now, input) {
            Ok(effects) => effects.clone(),
            Err(error) => return Err(Stop::Refused(error.to_string())),
        };
        let hosts = &self.hosts;
        let disks = |id: NodeId| hosts.get(&id).map(|host| &host.disk);
        let raft = hosts[&id].raft.as_ref().unwrap();
        self.observer
            .stepped(raft, &effects, disks)
            .map_err(Stop::Violated)?;
        self.check_reads(id, &effects)?;
        self.obey(id, effects);
        Ok(())
    }

    /// Linearizability: a read sees what was committed anywhere when it was asked for.
    fn check_reads(&self, id: NodeId, effects: &Effects) -> Result<(), Stop> {
        for read in &effects.reads {
            let floor = self
                .read_floors
                .get(&(id, read.id))
                .copied()
                .unwrap_or_default();
            if read.index < floor {
                let text = format!("Linearizability: {id} reads at {}, not {floor}", read.index);
                return Err(Stop::Violated(text));
            }
        }
        Ok(())
    }

    fn obey(&mut self, id: NodeId, effects: Effects) {
        let host = self.hosts.get_mut(&id).unwrap();
        if effects
            .persist
            .as_ref()
            .is_some_and(|write| write.snapshot.is_some())
        {
            host.to_apply.clear();
        }
        host.writes.extend(effects.persist);
        host.to_apply.extend(effects.committed);
        host.seen.reads.extend(effects.reads);
        host.seen.abandoned.extend(effects.abandoned_reads);
        if let Some(change) = effects.role {
            host.seen.because = Some(change.reason);
        }
        for message in effects.send {
            self.wire.send(message);
        }
    }

    /// Makes the oldest write of a node durable. False if there is none.
    pub(super) fn persist(&mut self, id: NodeId) -> Result<bool, Stop> {
        let host = self.hosts.get_mut(&id).unwrap();
        let Some(write) = host.writes.pop_front() else {
            return Ok(false);
        };
        host.disk.store(&write, usize::MAX);
        if write.snapshot.is_some() {
            self.restore_state(id)?;
        }
        self.step(id, Input::Persisted { io: write.io })?;
        Ok(true)
    }

    /// The state machine starts over from the snapshot on the disk. To a witness no state comes.
    fn restore_state(&mut self, id: NodeId) -> Result<(), Stop> {
        let host = self.hosts.get_mut(&id).unwrap();
        let position = host.disk.snapshot.position;
        let standing = host.disk.snapshot.membership.standing(id);
        let state = match self.states.get(&position.prefix_hash) {
            _ if standing == Standing::Witness => Machine::new(self.broken),
            Some(state) => state.clone(),
            None => return Err(Stop::Senseless("a snapshot that nobody took".to_owned())),
        };
        host.states = BTreeMap::from([(position.index, state)]);
        Ok(())
    }

    /// Applies the next entry of a node. False if there is none.
    pub(super) fn apply(&mut self, id: NodeId) -> Result<bool, Stop> {
        let host = self.hosts.get_mut(&id).unwrap();
        let (Some(index), Some(raft)) = (host.to_apply.pop_front(), &host.raft) else {
            return Ok(false);
        };
        let mut state = host.state().clone();
        let entry = raft.log().entry(index);
        if let Some(entry) = entry.filter(|entry| entry.kind() == EntryKind::Command) {
            state.apply(index, entry.payload());
        }
        host.states.insert(index, state);
        self.step(id, Input::Applied { index })?;
        Ok(true)
    }

    /// The state machine of a node, as of `index`, becomes a durable snapshot.
    pub(super) fn take_snapshot(&mut self, id: NodeId, index: u64) -> Result<(), Stop> {
        self.step(id, Input::SnapshotTaken { index })?;
        let host = self.hosts.get_mut(&id).unwrap();
        let raft = host.raft.as_ref().unwrap();
        host.disk.snapshot = (**raft.snapshot()).clone();
        let state = host.states.range(..=index).next_back();
        let state = state.map_or_else(|| Machine::new(self.broken), |(_, state)| state.clone());
        self.states
            .insert(raft.snapshot().position.prefix_hash, state);
        Ok(())
    }

    pub(super) fn compact(&mut self, id: NodeId, index: u64) -> Result<(), Stop> {
        self.step(id, Input::Compact { index })?;
        let host = self.hosts.get_mut(&id).unwrap();
        let boundary = host.raft.as_ref().unwrap().log().boundary();
        host.disk.compact(boundary);
        Ok(())
    }

    /// Delivers a message; who is down hears nothing.
    pub(super) fn deliver(&mut self, message: Message) -> Result<(), Stop> {
        match self.hosts.get(&message.to) {
            Some(Host { raft: Some(_), .. }) => self.step(message.to, Input::Receive(message)),
            _ => Ok(()),
        }
    }

    /// Delivers a message. That a node which is no member any more is refused is as it should be.
    fn deliver_if_known(&mut self, message: Message) -> Result<(), Stop> {
        let (from, to) = (message.from, message.to);
        let outcome = self.deliver(message);
        let raft = self.hosts.get(&to).and_then(|host| host.raft.as_ref());
        let is_member = |raft: &Raft| raft.membership().members().contains(&from);
        match outcome {
            Err(Stop::Refused(_)) if raft.is_some_and(|raft| !is_member(raft)) => Ok(()),
            outcome => outcome,
        }
    }

    /// Persists, applies and delivers everything until all is quiet.
    pub(super) fn settle(&mut self) -> Result<(), Stop> {
        for _ in 0..STEPS {
            for id in self.ids() {
                while !self.hosts[&id].has_slow_disk && self.persist(id)? {}
                while !self.hosts[&id].has_slow_state_machine && self.apply(id)? {}
            }
            match self.wire.messages.pop_front() {
                Some(message) => self.deliver_if_known(message)?,
                None if self.has_work() => {}
                None => return Ok(()),
            }
        }
        Err(Stop::Senseless("nothing comes to rest".to_owned()))
    }

    fn has_work(&self) -> bool {
        self.hosts.values().any(|host| {
            (!host.has_slow_disk && !host.writes.is_empty())
                || (!host.has_slow_state_machine && !host.to_apply.is_empty())
        })
    }

    /// Lets time pass: every node ticks when it wants to, and all is quiet in between.
    pub(super) fn advance(&mut self, span: Micros) -> Result<(), Stop> {
        let end = self.now + span;
        for _ in 0..STEPS {
            self.settle()?;
            match self.next_tick() {
                Some((at, id)) if at <= end => {
                    self.now = self.now.max(at);
                    self.step(id, Input::Tick)?;
                }
                _ => {
                    self.now = end;
                    return Ok(());
                }
            }
        }
        Err(Stop::Senseless("a deadline does not move on".to_owned()))
    }

    /// When the next node wants to tick, by the clock of the world.
    fn next_tick(&self) -> Option<(Micros, NodeId)> {
        let deadlines = self.hosts.iter().filter_map(|(id, host)| {
            let deadline = host.raft.as_ref()?.next_deadline()?;
            Some((self.when(*id, deadline), *id))
        });
        deadlines.min()
    }

    /// What the clock of a node shows.
    fn clock(&self, id: NodeId) -> Micros {
        let rate = self
            .hosts
            .get(&id)
            .map_or(1_000_000, |host| rate(host.clock_error));
        let shown = u128::from(self.now.0) * rate / 1_000_000;
        Micros(u64::try_from(shown).unwrap())
    }

    /// When the clock of a node will show `time`.
    fn when(&self, id: NodeId, time: Micros) -> Micros {
        let at = (u128::from(time.0) * 1_000_000).div_ceil(rate(self.hosts[&id].clock_error));
        Micros(u64::try_from(at).unwrap())
    }
}

/// How many millionths of a second such a clock counts in a second.
fn rate(clock_error: i64) -> u128 {
    u128::try_from(1_000_000 + clock_error).unwrap()
}
