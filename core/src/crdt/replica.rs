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
//! A replica tells a few peers from time to time what it holds durably ([`SyncMessage::Ack`]).
//! Who knows more answers with a delta, or with a full state if the asker is below the floor; who
//! knows less asks back. A lost message is repaired by the next round, a repeated or late one
//! changes nothing.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::fmt;

use super::{
    Acks, ApplyError, CounterError, Delta, Event, FullState, MergeReport, Path, Payload,
    PruneOptions, PruneReport, PruneTrigger, ReplicaId, Store, StoreError, Table, VersionVector,
    Write, g_counter,
};
use crate::{Micros, Random};

/// How a replica behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicaConfig {
    /// How often it tells others what it has. Each round is drawn from half to one and a half of
    /// it, so that replicas do not move in step.
    pub sync_interval: Micros,
    /// How many peers it tells per round, and how many it sends a fresh local event.
    pub fanout: usize,
    /// What it prunes, and when.
    pub prune: PruneOptions,
    /// Seeds its choice of peers.
    pub seed: u64,
}

impl Default for ReplicaConfig {
    /// A round every 200 ms to two peers.
    fn default() -> Self {
        let prune = PruneOptions::default();
        Self {
            sync_interval: Micros::from_millis(200),
            fanout: 2,
            prune,
            seed: 0,
        }
    }
}

/// What a user does to the values at a replica.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// Puts a payload in place of what is live under the path: a set's add, a register's write.
    Put {
        /// Where.
        path: Path,
        /// What.
        payload: Payload,
    },
    /// Removes everything live under the path.
    Remove {
        /// Where.
        path: Path,
    },
    /// Adds to a counter.
    Increment {
        /// The counter.
        path: Path,
        /// How much.
        by: u64,
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
    /// Prune the journal now.
    Prune,
}

/// What replicas tell each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyncMessage {
    /// What the sender holds durably. It is an acknowledgement and a question at once.
    Ack {
        /// The sender's durable version vector.
        durable: VersionVector,
    },
    /// What the receiver lacks.
    Delta(Delta),
    /// Everything, for a receiver below the sender's floor.
    Full(FullState),
}

/// A message and its receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The receiver.
    pub to: ReplicaId,
    /// The message.
    pub message: SyncMessage,
}

/// A change to make durable, as it has to be done again after a restart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A local event.
    Event(Event),
    /// A delta that was joined.
    Delta(Delta),
    /// A full state that was joined.
    Full(FullState),
    /// The floor was raised.
    Floor(VersionVector),
}

/// A numbered request to make changes durable, in order and all or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Persist {
    /// Its number; they count up by one.
    pub io: u64,
    /// The changes.
    pub changes: Vec<Change>,
}

/// What goes out. The buffers are reused: take what you need before the next step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Messages that are free to go now.
    pub send: Vec<Envelope>,
    /// What has to be made durable, and reported by [`Input::Persisted`].
    pub persist: Option<Persist>,
    /// The event that a mutation made; `None` if it changed nothing.
    pub event: Option<Event>,
    /// What a merge did.
    pub merged: Option<MergeReport>,
    /// What a pruning did.
    pub pruned: Option<PruneReport>,
    /// When to send the next [`Input::Tick`].
    pub next_deadline: Micros,
}

/// Why an input was refused. The state is unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplicaError {
    /// The sender is not active in the membership table.
    Stranger {
        /// The sender.
        from: ReplicaId,
    },
    /// The message was made by another replica than the one that sent it.
    ForeignSender {
        /// Who sent it.
        from: ReplicaId,
        /// Who made it.
        made_by: ReplicaId,
    },
    /// A message could not be joined. (A gap is no error here: it is answered.)
    Apply(ApplyError),
    /// A mutation was refused.
    Store(StoreError),
    /// An increment was refused.
    Counter(CounterError),
    /// A persist was reported that was never asked for.
    UnknownPersist {
        /// The number reported.
        io: u64,
        /// The last number asked for.
        last: u64,
    },
}

/// One replica of a cluster.
#[derive(Clone, Debug)]
pub struct Replica {
    config: ReplicaConfig,
    table: Table,
    store: Store,
    acks: Acks,
    random: Random,
    /// The number of the last persist asked for.
    last_io: u64,
    /// The contexts that become durable, by the persist that makes them so; numbers ascend.
    unpersisted: VecDeque<(u64, VersionVector)>,
    /// Messages that cover changes of a persist that is still under way; numbers ascend.
    held: VecDeque<(u64, Envelope)>,
    next_round: Micros,
    effects: Effects,
}

impl Replica {
    /// Takes a state as it was durable, empty for a new replica.
    pub fn new(config: ReplicaConfig, table: Table, durable: Store, now: Micros) -> Self {
        let id = durable.replica();
        let mut acks = Acks::of(&table);
        acks.record(id, table.epoch(), durable.context());
        let mut random = Random::new(config.seed ^ id.node.0.rotate_left(32) ^ id.incarnation);
        let next_round = now + random.span(Micros::ZERO, config.sync_interval);
        Self {
            config,
            table,
            store: durable,
            acks,
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

    /// Takes an input and says what has to be done.
    pub fn step(&mut self, now: Micros, input: Input) -> Result<&Effects, ReplicaError> {
        self.effects.send.clear();
        self.effects.persist = None;
        self.effects.event = None;
        self.effects.merged = None;
        self.effects.pruned = None;
        match input {
            Input::Tick => self.tick(now),
            Input::Mutate(mutation) => self.mutate(now, mutation)?,
            Input::Receive { from, message } => self.receive(now, from, message)?,
            Input::Persisted { io } => self.persisted(io)?,
            Input::Prune => self.prune(now, PruneTrigger::Explicit),
        }
        self.effects.next_deadline = self.next_round;
        Ok(&self.effects)
    }

    /// Its id.
    pub fn id(&self) -> ReplicaId {
        self.store.replica()
    }

    /// The state, what is not yet durable included.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The sum of the counter under a path.
    pub fn counter(&self, path: &Path) -> u128 {
        g_counter::value(&self.store, path)
    }

    /// The membership table in force.
    pub fn table(&self) -> &Table {
        &self.table
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
        self.acks
            .row(self.id())
            .expect("the own row is made at the start")
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
        }
        Ok(())
    }

    fn tick(&mut self, now: Micros) {
        if now < self.next_round {
            return;
        }
        let half = Micros(self.config.sync_interval.0 / 2);
        self.next_round = now + self.random.span(half, half + self.config.sync_interval);
        for to in self.choose_peers() {
            self.send_ack(to);
        }
    }

    fn mutate(&mut self, now: Micros, mutation: Mutation) -> Result<(), ReplicaError> {
        let before = self.store.context().clone();
        let event = match mutation {
            Mutation::Put { path, payload } => self
                .store
                .record(now, &path, Write::Put(payload))
                .map_err(ReplicaError::Store)?,
            Mutation::Remove { path } => self
                .store
                .record(now, &path, Write::Remove)
                .map_err(ReplicaError::Store)?,
            Mutation::Increment { path, by } => {
                g_counter::increment(&mut self.store, now, &path, by)
                    .map_err(ReplicaError::Counter)?
            }
        };
        let Some(event) = event else { return Ok(()) };
        self.persist(Change::Event(event.clone()));
        self.effects.event = Some(event);
        // Optimistic: peers that lack something of `before` refuse it and say what they have.
        for to in self.choose_peers() {
            if let Some(delta) = self.store.delta_since(&before) {
                self.send_held(to, SyncMessage::Delta(delta));
            }
        }
        Ok(())
    }

    fn receive(
        &mut self,
        now: Micros,
        from: ReplicaId,
        message: SyncMessage,
    ) -> Result<(), ReplicaError> {
        if from == self.id() || !self.table.is_active(from) {
            return Err(ReplicaError::Stranger { from });
        }
        match message {
            SyncMessage::Ack { durable } => self.answer(from, &durable),
            SyncMessage::Delta(delta) => {
                check_maker(from, delta.sender)?;
                match self.store.apply(&delta) {
                    Ok(report) => self.merged(now, from, report, Change::Delta(delta)),
                    // Nobody's fault: the acknowledgement asks for the missing part.
                    Err(ApplyError::Gap { .. }) => self.send_ack(from),
                    Err(error) => return Err(ReplicaError::Apply(error)),
                }
            }
            SyncMessage::Full(full) => {
                check_maker(from, full.sender)?;
                let report = self.store.apply_full(&full).map_err(ReplicaError::Apply)?;
                self.merged(now, from, report, Change::Full(full));
            }
        }
        Ok(())
    }

    fn answer(&mut self, from: ReplicaId, durable: &VersionVector) {
        self.acks.record(from, self.table.epoch(), durable);
        if !durable.covers(self.store.context()) {
            let message = match self.store.delta_since(durable) {
                Some(delta) => SyncMessage::Delta(delta),
                None => SyncMessage::Full(self.store.full_state()),
            };
            self.send_held(from, message);
        }
        if !self.store.context().covers(durable) {
            self.send_ack(from);
        }
    }

    fn merged(&mut self, now: Micros, from: ReplicaId, report: MergeReport, change: Change) {
        if !report.is_empty() {
            self.persist(change);
            self.effects.merged = Some(report);
            if self.store.journal_len() > self.config.prune.max_tombstones {
                self.prune(now, PruneTrigger::Automatic);
            }
        }
        let durable = self.store.context().clone();
        self.send_held(from, SyncMessage::Ack { durable });
    }

    fn prune(&mut self, now: Micros, trigger: PruneTrigger) {
        let frontier = self.acks.frontier(&self.table);
        let options = PruneOptions {
            frontier: Some(frontier),
            ..self.config.prune.clone()
        };
        let mut report = self.store.prune(now, &options, trigger);
        report.held_back_by = self.acks.held_back_by(&self.table, self.store.context());
        if report.tags_removed > 0 {
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
        while self
            .unpersisted
            .front()
            .is_some_and(|&(number, _)| number <= io)
        {
            if let Some((_, context)) = self.unpersisted.pop_front() {
                self.acks.record(id, self.table.epoch(), &context);
            }
        }
        while self.held.front().is_some_and(|&(number, _)| number <= io) {
            if let Some((_, envelope)) = self.held.pop_front() {
                self.effects.send.push(envelope);
            }
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
        let context = self.store.context().clone();
        match self.unpersisted.back_mut() {
            Some((io, durable)) if *io == self.last_io => *durable = context,
            _ => self.unpersisted.push_back((self.last_io, context)),
        }
    }

    /// Sends now, because it speaks of durable things only.
    fn send_ack(&mut self, to: ReplicaId) {
        let durable = self.durable().clone();
        self.effects.send.push(Envelope {
            to,
            message: SyncMessage::Ack { durable },
        });
    }

    /// Sends as soon as everything it may cover is durable.
    fn send_held(&mut self, to: ReplicaId, message: SyncMessage) {
        let envelope = Envelope { to, message };
        if self.unpersisted.is_empty() {
            self.effects.send.push(envelope);
        } else {
            self.held.push_back((self.last_io, envelope));
        }
    }

    /// A few peers at random, each at most once.
    fn choose_peers(&mut self) -> Vec<ReplicaId> {
        let id = self.id();
        let mut peers: Vec<ReplicaId> = self.table.active().filter(|&peer| peer != id).collect();
        let fanout = self.config.fanout.min(peers.len());
        for chosen in 0..fanout {
            let rest = peers.len() - chosen;
            peers.swap(chosen, chosen + self.random.index(rest));
        }
        peers.truncate(fanout);
        peers
    }
}

fn check_maker(from: ReplicaId, made_by: ReplicaId) -> Result<(), ReplicaError> {
    if from == made_by {
        Ok(())
    } else {
        Err(ReplicaError::ForeignSender { from, made_by })
    }
}

impl fmt::Display for ReplicaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stranger { from } => write!(f, "{from} does not take part in this epoch"),
            Self::ForeignSender { from, made_by } => {
                write!(f, "{from} sent a message that {made_by} made")
            }
            Self::Apply(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
            Self::Counter(error) => error.fmt(f),
            Self::UnknownPersist { io, last } => {
                write!(
                    f,
                    "persist {io} was reported, but only {last} were asked for"
                )
            }
        }
    }
}

impl core::error::Error for ReplicaError {}
