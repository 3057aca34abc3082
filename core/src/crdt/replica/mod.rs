//! A store that takes part in a cluster: one door, and nothing exposed before it is durable.
//!
//! # Persist before expose
//!
//! An event that was shown to a peer and then lost in a crash leaves a dot that the replica would
//! spend a second time, for another event: two states with equal contexts that differ for ever.
//! So every change gets a number, the host makes it durable, and messages that cover it stay
//! inside until the host says [`Input::Persisted`]. A host cannot get the order wrong, because it
//! never holds a message that is not free to go.
//!
//! # Anti-entropy
//!
//! A replica tells a few peers from time to time what it holds durably ([`SyncMessage::Ack`], or a
//! [`SyncMessage::Digest`] of it). Who knows more answers with a delta, or with a full state if the
//! asker is below the floor; who knows less asks back. A peer that says nothing new within a round gets
//! no second answer, so that a conversation never becomes two. A lost message is repaired by the next
//! round, a repeated or late one changes nothing.
//!
//! # Membership
//!
//! The host feeds the entries of the membership log ([`Input::Enter`]) and appends those that a
//! replica proposes ([`Effects::propose`]): closes, when everybody reported the same, and
//! readmissions. Whom to fence is the host's decision.

mod budget;
mod config;
mod effects;
mod epochs;
mod message;
mod pending;
mod proposals;
mod sync;

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;

pub use config::ReplicaConfig;
pub use effects::{Change, Effects, Persist, ReplicaError};
pub use message::{Digest, Envelope, SyncMessage};

use super::keyspace::{self, Keyspace, KeyspaceError, MergeMode, Operation, TagScope};
use super::{
    Acks, Entry, Epoch, Event, HybridClock, PruneCertificate, PruneOptions, PruneTrigger,
    ReplicaId, Rule, Store, Table, VersionVector,
};
use crate::{Micros, Random};
use pending::Pending;
use proposals::Proposals;

/// What a user does to the values at a replica.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// Changes the value of a key, whose type the registry says.
    Apply {
        /// The key.
        key: Vec<u8>,
        /// What is done to it.
        operation: Operation,
    },
    /// Sets what becomes of tags where replicas disagree, everywhere.
    SetMergeMode {
        /// Which tags.
        scope: TagScope,
        /// The mode.
        mode: MergeMode,
    },
    /// Takes a mode back.
    ClearMergeMode {
        /// Which tags.
        scope: TagScope,
    },
}

/// What comes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The deadline of the last effects has come.
    Tick,
    /// A user changes something.
    Mutate(Mutation),
    /// A message of a peer.
    Receive {
        /// Who sent it.
        from: ReplicaId,
        /// What it says.
        message: SyncMessage,
    },
    /// Every change up to this number is durable.
    Persisted {
        /// The number of the persist.
        io: u64,
    },
    /// The next committed entry of the membership log. After a restart the host goes on with the entry
    /// behind [`Store::epoch`], because what came later was not entered durably.
    Enter {
        /// Its index in the log.
        index: Epoch,
        /// The entry.
        entry: Entry,
    },
    /// Prune the journal now.
    Prune,
}

/// One replica of a cluster.
#[derive(Clone, Debug)]
pub struct Replica {
    config: ReplicaConfig,
    store: Store,
    /// Above every stamp seen.
    clock: HybridClock,
    acks: Acks,
    pending: Pending,
    /// The last acknowledgement of each peer that was answered; forgotten every round, because an answer
    /// may be lost.
    answered: BTreeMap<ReplicaId, VersionVector>,
    /// So that the log is not filled with what it has not come to yet.
    proposals: Proposals,
    /// Entries of the log since it was retired: those above the table that takes it in again have to
    /// be entered then. A host that restarts it feeds them again.
    noted: Vec<(Epoch, Entry)>,
    random: Random,
    /// What is durable here, and the table it is read under.
    durable: Durable,
    /// The number of the last persist asked for.
    last_io: u64,
    /// What becomes durable, by the persist that makes it so; numbers ascend.
    unpersisted: VecDeque<(u64, Durable)>,
    /// Messages that cover changes of a persist that is still under way; numbers ascend.
    held: VecDeque<(u64, Envelope)>,
    next_round: Micros,
    /// Whether the host was told to write down that the id is used up.
    is_standing_persisted: bool,
    effects: Effects,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Durable {
    epoch: Epoch,
    context: VersionVector,
}

impl Replica {
    /// Takes a state as it was durable, empty for a new replica.
    pub fn new(config: ReplicaConfig, durable: Store, now: Micros) -> Self {
        let durable = config.started(durable);
        let id = durable.replica();
        let mut acks = Acks::of(durable.table());
        acks.record(id, durable.epoch(), durable.context());
        let mut random = Random::new(config.seed ^ id.node.0.rotate_left(32) ^ id.incarnation);
        let next_round = now + random.span(Micros::ZERO, config.sync_interval);
        Self {
            config,
            durable: Durable::of(&durable),
            clock: keyspace::clock_of(&durable),
            is_standing_persisted: durable.is_superseded(),
            store: durable,
            acks,
            pending: Pending::default(),
            answered: BTreeMap::new(),
            proposals: Proposals::default(),
            noted: Vec::new(),
            random,
            last_io: 0,
            unpersisted: VecDeque::new(),
            held: VecDeque::new(),
            next_round,
            effects: Effects {
                next_deadline: next_round,
                ..Effects::default()
            },
        }
    }

    /// Takes an input and says what has to be done. The effects are the host's to take from, until
    /// the next step.
    pub fn step(&mut self, now: Micros, input: Input) -> Result<&mut Effects, ReplicaError> {
        self.effects.clear();
        match input {
            Input::Tick => self.tick(now),
            Input::Mutate(mutation) => self.mutate(now, &mutation)?,
            Input::Receive { from, message } => self.receive(now, from, message)?,
            Input::Persisted { io } => self.persisted(io)?,
            Input::Enter { index, entry } => self.enter(index, entry)?,
            Input::Prune => {
                let options = self.config.prune.clone();
                self.prune(now, &options, PruneTrigger::Explicit);
            }
        }
        self.persist_standing();
        self.effects.next_deadline = self.next_round;
        Ok(&mut self.effects)
    }

    /// Its id.
    pub fn id(&self) -> ReplicaId {
        self.store.replica()
    }

    /// The state, what is not yet durable included.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The values, by their types.
    pub fn keyspace(&self) -> Keyspace<'_> {
        Keyspace::new(&self.store, &self.config.registry)
    }

    /// The membership table in force.
    pub fn table(&self) -> &Table {
        self.store.table()
    }

    /// What everybody is known to hold.
    pub fn acks(&self) -> &Acks {
        &self.acks
    }

    /// When it wants to be ticked next.
    pub fn next_deadline(&self) -> Micros {
        self.next_round
    }

    /// What is durable here.
    pub fn durable(&self) -> &VersionVector {
        &self.durable.context
    }

    /// Redoes a change on a durable image, as a host does that replays its log.
    pub fn redo(image: &mut Store, change: &Change) -> Result<(), ReplicaError> {
        match change {
            Change::Event(event) => image.redo(event).map_err(ReplicaError::Store)?,
            Change::Delta(delta) => {
                image.apply(delta).map_err(ReplicaError::Apply)?;
            }
            Change::Full(full) => {
                image.apply_full(full).map_err(ReplicaError::Apply)?;
            }
            Change::Floor(floor) => {
                image.raise_floor(floor);
            }
            Change::Entered { index, entry } => {
                image.enter(*index, entry).map_err(ReplicaError::Enter)?;
            }
            Change::Superseded => image.supersede(),
            Change::Readmitted { table, full } => {
                image.readmit(table, full).map_err(ReplicaError::Readmit)?;
            }
        }
        Ok(())
    }

    fn tick(&mut self, now: Micros) {
        if now < self.next_round {
            return;
        }
        let half = Micros(self.config.sync_interval.0 / 2);
        self.next_round = now + self.random.span(half, half + self.config.sync_interval);
        self.answered.clear();
        self.proposals.begin_round();
        self.propose_closes();
        for to in self.choose_peers() {
            if self.store.retired().is_some() {
                self.ask_for_readmission(to);
            } else {
                self.greet(to);
            }
        }
    }

    fn mutate(&mut self, now: Micros, mutation: &Mutation) -> Result<(), ReplicaError> {
        if !budget::makes_room(mutation) {
            self.check_budget()?;
        }
        let before = self.store.context().clone();
        let Some(event) = self.make_event(now, mutation)? else {
            return Ok(());
        };
        self.persist(Change::Event(event.clone()));
        self.effects.event = Some(event);
        self.shrink_journal(now);
        if self.store.retired().is_none() {
            self.spread(&before);
        }
        Ok(())
    }

    fn make_event(
        &mut self,
        now: Micros,
        mutation: &Mutation,
    ) -> Result<Option<Event>, ReplicaError> {
        let (store, clock) = (&mut self.store, &mut self.clock);
        let event = match mutation {
            Mutation::Apply { key, operation } => {
                keyspace::apply(&self.config.registry, store, clock, now, key, operation)
            }
            Mutation::SetMergeMode { scope, mode } => {
                let written = keyspace::set_merge_mode(store, clock, now, scope, *mode);
                written.map(Some).map_err(KeyspaceError::from)
            }
            Mutation::ClearMergeMode { scope } => {
                keyspace::clear_merge_mode(store, now, scope).map_err(KeyspaceError::Store)
            }
        };
        event.map_err(ReplicaError::Keyspace)
    }

    fn prune(&mut self, now: Micros, options: &PruneOptions, trigger: PruneTrigger) {
        let options = PruneOptions {
            frontier: Some(self.acks.frontier(self.store.table())),
            ..options.clone()
        };
        let before = self.store.floor().clone();
        let mut report = self.store.prune(now, &options, trigger);
        let table = self.store.table();
        report.held_back_by = self.acks.held_back_by(table, self.store.context());
        if report.tags_removed > 0 {
            let floor = self.store.floor();
            self.effects.certificate = table
                .is_managed()
                .then(|| PruneCertificate::of(&self.acks, table, &before, floor));
            self.persist(Change::Floor(self.store.floor().clone()));
        }
        self.effects.pruned = Some(report);
    }

    fn persisted(&mut self, io: u64) -> Result<(), ReplicaError> {
        if io > self.last_io {
            return Err(ReplicaError::UnknownPersist {
                io,
                last: self.last_io,
            });
        }
        let id = self.id();
        let is_done = |number: u64| number <= io;
        while let Some((_, durable)) = pop_if(&mut self.unpersisted, is_done) {
            self.acks.record(id, durable.epoch, &durable.context);
            self.durable = durable;
        }
        while let Some((_, envelope)) = pop_if(&mut self.held, is_done) {
            self.effects.send.push(envelope);
        }
        Ok(())
    }

    /// Asks for a change to be made durable. Changes of one step share one number.
    fn persist(&mut self, change: Change) {
        let persist = self.effects.persist.get_or_insert_with(|| {
            self.last_io += 1;
            Persist {
                io: self.last_io,
                changes: Vec::new(),
            }
        });
        persist.changes.push(change);
        let after = Durable::of(&self.store);
        match self.unpersisted.back_mut() {
            Some((io, durable)) if *io == self.last_io => *durable = after,
            _ => self.unpersisted.push_back((self.last_io, after)),
        }
    }

    /// Breaks [`Rule::FreezeIsDurable`]: takes what is here for durable before the host says so.
    fn believe_durable(&mut self) {
        self.unpersisted.clear();
        self.durable = Durable::of(&self.store);
        let (id, durable) = (self.id(), &self.durable);
        self.acks.record(id, durable.epoch, &durable.context);
    }

    /// Asks once for it to be made durable that the id is used up. The message that says so is
    /// refused, so this goes out with the next step.
    fn persist_standing(&mut self) {
        if self.store.is_superseded() && !self.is_standing_persisted {
            self.is_standing_persisted = true;
            self.persist(Change::Superseded);
        }
    }

    /// Sends as soon as everything it may cover is durable.
    fn send_held(&mut self, to: ReplicaId, message: SyncMessage) {
        let envelope = Envelope { to, message };
        if self.unpersisted.is_empty() || !self.store.keeps(Rule::DurableBeforeShown) {
            self.effects.send.push(envelope);
        } else {
            self.held.push_back((self.last_io, envelope));
        }
    }

    /// A few peers at random, each at most once.
    fn choose_peers(&mut self) -> Vec<ReplicaId> {
        let id = self.id();
        let known = self.store.table().active();
        let mut peers: Vec<ReplicaId> = known.filter(|&peer| peer != id).collect();
        if peers.is_empty() {
            peers.clone_from(&self.config.contacts);
        }
        let fanout = self.config.fanout.min(peers.len());
        for chosen in 0..fanout {
            let rest = peers.len() - chosen;
            peers.swap(chosen, chosen + self.random.index(rest));
        }
        peers.truncate(fanout);
        peers
    }
}

impl Durable {
    fn of(store: &Store) -> Self {
        Self {
            epoch: store.epoch(),
            context: store.context().clone(),
        }
    }
}

fn pop_if<T>(queue: &mut VecDeque<(u64, T)>, is_done: impl Fn(u64) -> bool) -> Option<(u64, T)> {
    queue
        .front()
        .is_some_and(|&(number, _)| is_done(number))
        .then(|| queue.pop_front())?
}
