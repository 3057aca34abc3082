//! What the histories are played with: stores, and replicas on hosts that crash.

use std::sync::Arc;

use quorate::crdt::keyspace::{KeyKind, Operation, Registry, value_path};
use quorate::crdt::{
    Entry, Envelope, Epoch, Input, Mutation, Path, PruneOptions, PruneTrigger, Replica,
    ReplicaConfig, ReplicaError, ReplicaId, Rule, Store, SyncMessage, Table, VersionVector, Write,
};
use quorate::{Micros, NodeId};

pub(crate) const NOW: Micros = Micros(1);
const SET: &[u8] = b"set";

/// The code under test.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kernel {
    /// As it is.
    Unbroken,
    /// With this rule broken.
    Breaking(Rule),
}

/// A history, and the rule without which something is lost in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct History {
    pub(crate) rule: Rule,
    pub(crate) story: fn(Kernel) -> Finding,
}

/// What was lost; the words say what.
pub(crate) type Finding = Result<(), String>;

impl Kernel {
    /// The state, which then breaks the rule.
    pub(crate) fn of(self, store: Store) -> Store {
        match self {
            Self::Unbroken => store,
            Self::Breaking(rule) => store.breaking(rule),
        }
    }

    /// An empty store without a membership table.
    pub(crate) fn store(self, letter: char) -> Store {
        self.of(Store::new(id(letter)))
    }

    /// A member of a cluster of these, on a host of its own.
    pub(crate) fn host(self, letter: char, members: &str) -> Host {
        Host::start(
            self,
            letter,
            self.of(Store::member(id(letter), table(members))),
        )
    }

    fn config(self) -> ReplicaConfig {
        ReplicaConfig {
            registry: Registry::new().key(SET, KeyKind::Set).unwrap(),
            broken_rule: match self {
                Self::Unbroken => None,
                Self::Breaking(rule) => Some(rule),
            },
            fanout: 9,
            batch_events: 2,
            prune: PruneOptions {
                max_tombstones: 1,
                ..PruneOptions::default()
            },
            ..ReplicaConfig::default()
        }
    }
}

/// The replica of a letter: A is 1.
pub(crate) fn id(letter: char) -> ReplicaId {
    ReplicaId::first(NodeId(u64::from(u32::from(letter) - 64)))
}

/// The table that a cluster of these letters starts with.
pub(crate) fn table(members: &str) -> Arc<Table> {
    Arc::new(Table::initial(members.chars().map(id)))
}

/// So many events of these letters.
pub(crate) fn seen(entries: &[(char, u64)]) -> VersionVector {
    entries
        .iter()
        .map(|&(letter, counter)| (id(letter), counter))
        .collect()
}

fn path(name: &str) -> Path {
    value_path(SET, KeyKind::Set).child(name.as_bytes())
}

/// Adds an element in place of what is there.
pub(crate) fn add(store: &mut Store, name: &str) {
    let added = store.record(NOW, &path(name), Write::Put(Box::default()));
    assert!(added.unwrap().is_some());
}

/// Removes an element that is there.
pub(crate) fn remove(store: &mut Store, name: &str) {
    let removed = store.record(NOW, &path(name), Write::Remove);
    assert!(removed.unwrap().is_some());
}

/// Forgets every removal.
pub(crate) fn prune_all(store: &mut Store) {
    let options = PruneOptions {
        max_tombstones: 0,
        ..PruneOptions::default()
    };
    store.prune(NOW, &options, PruneTrigger::Explicit);
}

/// Sends what `to` says it lacks: a delta, or the full state if there is none.
pub(crate) fn sync(to: &mut Store, from: &Store) {
    let joined = match from.delta_since(to.context()) {
        Some(delta) => to.apply(&delta),
        None => to.apply_full(&from.full_state()),
    };
    joined.unwrap();
}

/// Fails if the element shows.
pub(crate) fn gone(store: &Store, name: &str) -> Finding {
    if store.is_live_under(&path(name)) {
        return Err(format!(
            "{name} was removed and shows at {}",
            store.replica()
        ));
    }
    Ok(())
}

/// Fails unless the element shows.
pub(crate) fn shown(store: &Store, name: &str) -> Finding {
    if store.is_live_under(&path(name)) {
        return Ok(());
    }
    Err(format!(
        "{name} was added and is lost at {}",
        store.replica()
    ))
}

/// Fails if two stores have seen the same and show different things.
pub(crate) fn alike(left: &Store, right: &Store) -> Finding {
    let have_seen_the_same = left.table() == right.table() && left.context() == right.context();
    if have_seen_the_same && left.live_hash() != right.live_hash() {
        let seen = left.context();
        let (left, right) = (left.replica(), right.replica());
        return Err(format!("{left} and {right} have seen {seen} and differ"));
    }
    Ok(())
}

/// A replica, and a disk that keeps what it was told to.
pub(crate) struct Host {
    kernel: Kernel,
    letter: char,
    pub(crate) replica: Replica,
    /// What is on the disk.
    disk: Store,
    /// Up to where it was given the membership log.
    pub(crate) read: Epoch,
}

/// What a step let out.
#[derive(Default)]
pub(crate) struct Out {
    pub(crate) sent: Vec<Envelope>,
    pub(crate) proposed: Vec<Entry>,
}

impl Host {
    fn start(kernel: Kernel, letter: char, disk: Store) -> Self {
        Self {
            kernel,
            letter,
            replica: Replica::new(kernel.config(), disk.clone(), NOW),
            read: disk.epoch(),
            disk,
        }
    }

    pub(crate) fn store(&self) -> &Store {
        self.replica.store()
    }

    /// Learns what `other` holds, by a digest if both hold the same, by an acknowledgement otherwise.
    /// Everything else that is said gets lost.
    pub(crate) fn hear_report_of(&mut self, other: &mut Self) {
        let digest = other.tick();
        self.take(other.letter, &digest);
        let question = self.tick();
        let acknowledgement = other.take(self.letter, &question);
        self.take(other.letter, &acknowledgement);
    }

    /// A step whose changes are on the disk before it returns.
    pub(crate) fn step(&mut self, input: Input) -> Result<Out, ReplicaError> {
        let (mut out, io) = self.begin(input)?;
        if let Some(io) = io {
            let released = self.replica.step(NOW, Input::Persisted { io })?;
            out.sent.extend(released.send.iter().cloned());
        }
        Ok(out)
    }

    /// A step during which the power fails: what left before that, left.
    pub(crate) fn step_and_crash(&mut self, input: Input) -> Out {
        let disk = self.disk.clone();
        let out = self
            .begin(input)
            .map_or_else(|_| Out::default(), |(out, _)| out);
        self.disk = disk;
        self.crash();
        out
    }

    /// Enters an entry of the log, which does not reach the disk before the next crash.
    pub(crate) fn enter_in_memory(&mut self, index: u64, entry: &Entry) {
        let disk = self.disk.clone();
        let (index, entry) = (Epoch(index), entry.clone());
        self.begin(Input::Enter { index, entry }).unwrap();
        self.disk = disk;
    }

    fn begin(&mut self, input: Input) -> Result<(Out, Option<u64>), ReplicaError> {
        let now = match input {
            Input::Tick => self.replica.next_deadline(),
            _ => NOW,
        };
        let effects = self.replica.step(now, input)?;
        let out = Out {
            sent: effects.send.clone(),
            proposed: effects.propose.clone(),
        };
        let persist = effects.persist.clone();
        for change in persist.iter().flat_map(|persist| &persist.changes) {
            Replica::redo(&mut self.disk, change).unwrap();
        }
        Ok((out, persist.map(|persist| persist.io)))
    }

    /// Goes on from the disk.
    pub(crate) fn crash(&mut self) {
        *self = Self::start(self.kernel, self.letter, self.disk.clone());
    }

    pub(crate) fn add(&mut self, name: &str) -> Out {
        self.step(adding(name)).unwrap()
    }

    pub(crate) fn remove(&mut self, name: &str) -> Out {
        self.step(removing(name)).unwrap()
    }

    pub(crate) fn tick(&mut self) -> Out {
        self.step(Input::Tick).unwrap()
    }

    pub(crate) fn enter(&mut self, index: u64, entry: &Entry) {
        let (index, entry) = (Epoch(index), entry.clone());
        self.step(Input::Enter { index, entry }).unwrap();
    }

    /// Takes what was sent to it. What it refuses, it refuses.
    pub(crate) fn take(&mut self, from: char, out: &Out) -> Out {
        let mut answers = Out::default();
        for message in out.to(self.store().replica()) {
            let from = id(from);
            if let Ok(answer) = self.step(Input::Receive { from, message }) {
                answers.sent.extend(answer.sent);
                answers.proposed.extend(answer.proposed);
            }
        }
        answers
    }
}

impl Out {
    /// The messages to one replica.
    fn to(&self, replica: ReplicaId) -> impl Iterator<Item = SyncMessage> + '_ {
        let messages = self.sent.iter().filter(move |each| each.to == replica);
        messages.map(|each| each.message.clone())
    }

    /// The close of a replica, if it is proposed.
    pub(crate) fn close(&self, letter: char) -> Option<&Entry> {
        self.proposed
            .iter()
            .find(|entry| matches!(entry, Entry::Close { replica, .. } if *replica == id(letter)))
    }
}

/// The input that adds an element.
pub(crate) fn adding(name: &str) -> Input {
    let element = name.into();
    mutating(Operation::Add { element })
}

/// The input that removes an element.
pub(crate) fn removing(name: &str) -> Input {
    let element = name.into();
    mutating(Operation::Remove { element })
}

fn mutating(operation: Operation) -> Input {
    let key = SET.to_vec();
    Input::Mutate(Mutation::Apply { key, operation })
}
