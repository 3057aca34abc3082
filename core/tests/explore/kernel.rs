//! The shipped code, one replica at a time.
//!
//! What a replica does depends on its own state and on the message it gets, not on the rest of the
//! cluster. So every step of the store is executed once per pair of *replica state* and *input*,
//! judged by the oracle there and then, and remembered: the same delta reaches the same replica
//! state in thousands of histories. The search over whole clusters only combines numbers.
//!
//! A replica state is its encoded image together with the ledger's set of events it has seen. Two
//! states are one only if both agree.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use quorate::crdt::{
    Delta, Dot, FullState, PruneOptions, PruneTrigger, ReplicaId, Store, VersionVector,
};
use quorate::{Micros, NodeId};

use super::cluster::Pieces;
use super::fault::{self, Fault};
use super::judge::{self, Outcome};
use super::ledger::{EventId, EventSet, Ledger, Mutation};
use super::log::{LogId, Logs};
use super::search::Violation;
use super::table::Table;

/// The number of a replica state.
pub(crate) type SnapshotId = u32;

/// The number of a message, from 1.
pub(crate) type MessageId = u32;

/// The number of no message.
pub(crate) const NOTHING: MessageId = 0;

/// A replica at one moment.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// The shipped state.
    pub(crate) store: Store,
    /// What the oracle says it has seen.
    pub(crate) seen: EventSet,
    /// How far it has read the membership log.
    pub(crate) read: LogId,
    /// The number of the image of what is live and seen, without journal and floor.
    pub(crate) state_image: u32,
    mutated: Option<Mutated>,
    pruned: Option<Rc<[SnapshotId]>>,
    sendable: Option<Rc<[MessageId]>>,
}

/// What travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// What is missing since some vector.
    Delta(Delta),
    /// Everything.
    Full(FullState),
}

/// A message, and what it makes its receiver see.
#[derive(Debug)]
pub(crate) struct Message {
    /// The shipped message.
    pub(crate) body: Body,
    /// What its sender had seen; of a batch, what of that lies within the cut.
    pub(crate) seen: EventSet,
    /// The log up to the table it was made under.
    log: LogId,
}

/// Every replica state and every message that occurred, and the steps between them.
#[derive(Debug)]
pub(crate) struct Kernel {
    /// The oracle.
    pub(crate) ledger: Ledger,
    /// The membership logs.
    pub(crate) logs: Logs,
    vocabulary: &'static [Mutation],
    pieces: Pieces,
    fault: Option<Fault>,
    snapshots: Vec<Snapshot>,
    snapshot_numbers: BTreeMap<(EventSet, ReplicaId, LogId, Vec<u8>), SnapshotId>,
    state_images: BTreeMap<Vec<u8>, u32>,
    messages: Vec<Message>,
    message_numbers: BTreeMap<(EventSet, LogId), Vec<MessageId>>,
    deliveries: Table<u32>,
    readings: Table<u32>,
}

/// Mutations and what they lead to.
type Mutated = Rc<[(Mutation, SnapshotId)]>;

/// All events are made at once: age decides nothing here.
const NOW: Micros = Micros(1);

impl Kernel {
    /// Nothing happened yet. Replicas make the mutations of `vocabulary`.
    pub(crate) fn new(
        vocabulary: &'static [Mutation],
        logs: Logs,
        pieces: Pieces,
        fault: Option<Fault>,
    ) -> Self {
        Self {
            ledger: Ledger::default(),
            logs,
            vocabulary,
            pieces,
            fault,
            snapshots: Vec::new(),
            snapshot_numbers: BTreeMap::new(),
            state_images: BTreeMap::new(),
            messages: Vec::new(),
            message_numbers: BTreeMap::new(),
            deliveries: Table::new(),
            readings: Table::new(),
        }
    }

    /// The replica state of a number.
    pub(crate) fn snapshot(&self, id: SnapshotId) -> &Snapshot {
        &self.snapshots[id as usize]
    }

    /// The message of a number.
    pub(crate) fn message(&self, id: MessageId) -> &Message {
        &self.messages[id as usize - 1]
    }

    /// How many replica states, messages and deliveries were judged.
    pub(crate) fn extent(&self) -> [usize; 3] {
        [
            self.snapshots.len(),
            self.messages.len(),
            self.deliveries.len(),
        ]
    }

    /// An empty replica on a node, in the table that the log begins with.
    pub(crate) fn empty(&mut self, node: u64) -> Result<SnapshotId, Violation> {
        let table = Arc::clone(&self.logs.node(Logs::ROOT).table);
        let store = Store::member(ReplicaId::first(NodeId(node)), table);
        self.enter(store, EventSet::default(), Logs::ROOT)
    }

    /// A replica on the same node under the next incarnation that knows nothing.
    pub(crate) fn newcomer(&mut self, after: SnapshotId) -> Result<SnapshotId, Violation> {
        let Snapshot { store, read, .. } = self.snapshot(after);
        let (store, read) = (Store::newcomer(reborn(store.replica())), *read);
        self.enter(store, EventSet::default(), read)
    }

    /// Every mutation that changes something.
    pub(crate) fn mutate(&mut self, at: SnapshotId) -> Result<Mutated, (Mutation, Violation)> {
        if let Some(known) = &self.snapshot(at).mutated {
            return Ok(Rc::clone(known));
        }
        let mut mutated = Vec::new();
        for &mutation in self.vocabulary {
            let after = self.record(at, mutation);
            let after = after.map_err(|violation| (mutation, violation))?;
            mutated.extend(after.map(|after| (mutation, after)));
        }
        let mutated: Mutated = mutated.into();
        self.snapshots[at as usize].mutated = Some(Rc::clone(&mutated));
        Ok(mutated)
    }

    /// Every way to forget records: all, all but the last, or up to any one of them.
    pub(crate) fn prune(&mut self, at: SnapshotId) -> Result<Rc<[SnapshotId]>, Violation> {
        if let Some(known) = &self.snapshot(at).pruned {
            return Ok(Rc::clone(known));
        }
        let before = self.snapshot(at).store.clone();
        let (seen, read) = (self.snapshot(at).seen.clone(), self.snapshot(at).read);
        let records: Vec<Dot> = before.journal().map(|record| record.dot).collect();
        let mut pruned = Vec::new();
        let all_but_the_first = records.len().saturating_sub(1);
        for max_tombstones in [0, all_but_the_first] {
            let options = PruneOptions {
                max_tombstones,
                ..PruneOptions::default()
            };
            let mut store = before.clone();
            let report = store.prune(NOW, &options, PruneTrigger::Explicit);
            judge::pruned(&before, &store, report.tags_removed)?;
            pruned.push(self.enter(store, seen.clone(), read)?);
        }
        for dot in records {
            let floor: VersionVector = [(dot.replica, dot.counter)].into_iter().collect();
            let mut store = before.clone();
            let gone = store.raise_floor(&floor);
            judge::pruned(&before, &store, gone)?;
            pruned.push(self.enter(store, seen.clone(), read)?);
        }
        pruned.sort_unstable();
        pruned.dedup();
        let pruned: Rc<[_]> = pruned.into();
        self.snapshots[at as usize].pruned = Some(Rc::clone(&pruned));
        Ok(pruned)
    }

    /// Every message the replica could send: its full state, and a delta since any vector.
    ///
    /// Any vector within its own context, whether or not somebody has ever had just that; what a
    /// vector has beyond, a delta does not depend on. What carries nothing is left out: it is refused
    /// or changes nothing.
    pub(crate) fn sendable(&mut self, at: SnapshotId) -> Result<Rc<[MessageId]>, Violation> {
        if let Some(known) = &self.snapshot(at).sendable {
            return Ok(Rc::clone(known));
        }
        let context = self.snapshot(at).store.context().clone();
        let mut sendable = Vec::new();
        for since in vectors_within(&context) {
            let delta = self.delta(at, &since)?;
            sendable.extend(delta.filter(|_| since != context));
            if self.pieces == Pieces::Batches {
                sendable.extend(self.batches(at, &since)?);
            }
        }
        if !context.is_empty() {
            sendable.push(self.full(at));
        }
        let sendable: Rc<[_]> = sendable.into();
        self.snapshots[at as usize].sendable = Some(Rc::clone(&sendable));
        Ok(sendable)
    }

    /// The message arrives.
    pub(crate) fn deliver(
        &mut self,
        message: MessageId,
        to: SnapshotId,
    ) -> Result<SnapshotId, Violation> {
        let key = u128::from(message) << 32 | u128::from(to);
        if let Some(known) = self.deliveries.get(key) {
            return Ok(known);
        }
        let after = self.apply(message, to)?;
        self.deliveries.insert(key, after);
        Ok(after)
    }

    /// One asks another for what it lacks, and gets it. Of somebody under another table it gets the
    /// full state, because its vector would be misread there.
    pub(crate) fn pull(
        &mut self,
        to: SnapshotId,
        from: SnapshotId,
    ) -> Result<SnapshotId, Violation> {
        let (receiver, sender) = (&self.snapshot(to).store, &self.snapshot(from).store);
        let alike = receiver.retired().is_none() && receiver.epoch() == sender.epoch();
        let since = receiver.context().clone();
        let delta = if alike {
            self.delta(from, &since)?
        } else {
            None
        };
        let message = delta.unwrap_or_else(|| self.full(from));
        self.deliver(message, to)
    }

    /// The node starts again under the next incarnation, from a state that survived.
    pub(crate) fn reincarnate(&mut self, from: SnapshotId) -> Result<SnapshotId, Violation> {
        let Snapshot {
            store, seen, read, ..
        } = self.snapshot(from);
        let (mut store, seen, read) = (store.clone(), seen.clone(), *read);
        let goes_on = store.reincarnate(reborn(store.replica()));
        goes_on.map_err(|error| Violation(format!("a new incarnation: {error}")))?;
        self.enter(store, seen, read)
    }

    /// The replica reads the next entry of the membership log.
    pub(crate) fn read(&mut self, at: SnapshotId, log: LogId) -> Result<SnapshotId, Violation> {
        let key = u128::from(log) << 32 | u128::from(at);
        if let Some(known) = self.readings.get(key) {
            return Ok(known);
        }
        let Snapshot { store, seen, .. } = self.snapshot(at);
        let (mut store, seen) = (store.clone(), seen.clone());
        let node = self.logs.node(log);
        let entry = node.entry.as_ref().expect("only the root has no entry");
        let entered = store.enter(node.index, entry);
        judge::entered(node, &self.snapshot(at).store, &store, entered)?;
        let after = self.enter(store, seen, log)?;
        self.readings.insert(key, after);
        Ok(after)
    }

    fn record(
        &mut self,
        at: SnapshotId,
        mutation: Mutation,
    ) -> Result<Option<SnapshotId>, Violation> {
        let Snapshot {
            store, seen, read, ..
        } = self.snapshot(at);
        let (mut store, seen, read) = (store.clone(), seen.clone(), *read);
        let (path, write) = mutation.write();
        let event = store.record(NOW, &path, write);
        let event = event.map_err(|error| Violation(format!("a local event: {error}")))?;
        judge::recorded(&self.ledger, &seen, mutation, event.as_ref())?;
        let Some(event) = event else {
            return Ok(None);
        };
        let event = self.ledger.enter(event.dot, mutation, &seen);
        let seen = seen.union([event]);
        self.enter(store, seen, read).map(Some)
    }

    fn apply(&mut self, message: MessageId, to: SnapshotId) -> Result<SnapshotId, Violation> {
        let Message { body, seen, log } = self.message(message);
        let before = self.snapshot(to);
        let mut store = before.store.clone();
        let arriving = match self.fault {
            Some(fault) => fault.corrupt(body, &self.ledger, seen, &store),
            None => body.clone(),
        };
        let table = &self.logs.node(*log).table;
        let outcome = match &arriving {
            Body::Full(full) if store.retired().is_some() => {
                let readmitted = store.readmit(table, full);
                judge::readmitted(table, full, &before.store, &store, readmitted)?
            }
            Body::Full(full) => {
                let applied = store.apply_full(full);
                judge::accepted(&arriving, &before.store, &store, applied)?
            }
            Body::Delta(delta) => {
                let applied = store.apply(delta);
                judge::accepted(&arriving, &before.store, &store, applied)?
            }
        };
        let (seen, read) = match outcome {
            Outcome::Refused => return Ok(to),
            Outcome::Joined => (
                before.seen.union(self.carried(body, seen, table)),
                before.read,
            ),
            // Goes on reading behind the table that it takes part in now.
            Outcome::Readmitted => (before.seen.union(seen.iter()), *log),
        };
        self.enter(store, seen, read)
    }

    /// What the message makes its receiver see: of a delta, what its sender had seen beyond `since`.
    fn carried(&self, body: &Body, seen: &EventSet, table: &quorate::crdt::Table) -> Vec<EventId> {
        let beyond = |dot: Dot| match body {
            Body::Delta(delta) => !table.seen(dot, &delta.since),
            Body::Full(_) => true,
        };
        seen.iter()
            .filter(|&event| beyond(self.ledger.entry(event).dot))
            .collect()
    }

    fn full(&mut self, from: SnapshotId) -> MessageId {
        let body = Body::Full(self.snapshot(from).store.full_state());
        self.post(from, body)
    }

    fn delta(
        &mut self,
        from: SnapshotId,
        since: &VersionVector,
    ) -> Result<Option<MessageId>, Violation> {
        let Snapshot { store, seen, .. } = self.snapshot(from);
        let delta = store.delta_since(since);
        judge::delta(&self.ledger, store, seen, since, delta.as_ref())?;
        Ok(delta.map(|delta| self.post(from, Body::Delta(delta))))
    }

    /// The first batches, of every size below the whole.
    fn batches(
        &mut self,
        from: SnapshotId,
        since: &VersionVector,
    ) -> Result<Vec<MessageId>, Violation> {
        let Snapshot { store, seen, .. } = self.snapshot(from);
        let (store, seen) = (store.clone(), seen.clone());
        let Some(whole) = store.delta_since(since) else {
            return Ok(Vec::new());
        };
        let mut batches = Vec::new();
        for limit in 1..whole.upto.excess_over(&whole.since) {
            let events = usize::try_from(limit).expect("the bounds are small");
            let batch = if self.fault == Some(Fault::KillersCutOff) {
                Some(fault::naive_batch(&whole, limit))
            } else {
                store.batch_since(since, events)
            };
            let batch = batch.ok_or_else(|| Violation(format!("no batch since {since}")))?;
            let within = seen
                .iter()
                .filter(|&event| batch.upto.contains(self.ledger.entry(event).dot));
            let within: EventSet = within.collect();
            if self.fault.is_none() {
                judge::batch(&self.ledger, &within, &whole, &batch)?;
            }
            batches.push(self.post_seen(from, within, Body::Delta(batch)));
        }
        Ok(batches)
    }

    fn post(&mut self, from: SnapshotId, body: Body) -> MessageId {
        let seen = self.snapshot(from).seen.clone();
        self.post_seen(from, seen, body)
    }

    fn post_seen(&mut self, from: SnapshotId, seen: EventSet, body: Body) -> MessageId {
        let Snapshot { store, read, .. } = self.snapshot(from);
        let log = self.logs.up_to(*read, store.epoch());
        let alike = self.message_numbers.entry((seen.clone(), log));
        let alike = alike.or_default();
        let known = alike
            .iter()
            .find(|&&known| self.messages[known as usize - 1].body == body);
        if let Some(&known) = known {
            return known;
        }
        self.messages.push(Message { body, seen, log });
        let number = MessageId::try_from(self.messages.len()).expect("the bounds are small");
        alike.push(number);
        number
    }

    /// The number of a replica state. A new one is judged.
    fn enter(
        &mut self,
        store: Store,
        seen: EventSet,
        read: LogId,
    ) -> Result<SnapshotId, Violation> {
        let key = (seen, store.replica(), read, store.encode());
        if let Some(&known) = self.snapshot_numbers.get(&key) {
            return Ok(known);
        }
        judge::state(&self.ledger, self.vocabulary, self.pieces, &store, &key.0)?;
        let number = SnapshotId::try_from(self.snapshots.len()).expect("the bounds are small");
        let next_image = u32::try_from(self.state_images.len()).expect("the bounds are small");
        let images = &mut self.state_images;
        let state_image = *images.entry(store.encode_state()).or_insert(next_image);
        self.snapshots.push(Snapshot {
            state_image,
            store,
            seen: key.0.clone(),
            read,
            mutated: None,
            pruned: None,
            sendable: None,
        });
        self.snapshot_numbers.insert(key, number);
        Ok(number)
    }
}

/// The next incarnation on the same node.
fn reborn(replica: ReplicaId) -> ReplicaId {
    ReplicaId {
        incarnation: replica.incarnation + 1,
        ..replica
    }
}

/// Every vector that the given one covers.
pub(crate) fn vectors_within(context: &VersionVector) -> Vec<VersionVector> {
    let mut vectors = vec![VersionVector::new()];
    for (replica, upto) in context.iter() {
        let shorter = std::mem::take(&mut vectors);
        for counter in 0..=upto {
            vectors.extend(shorter.iter().cloned().map(|mut vector| {
                vector.raise(replica, counter);
                vector
            }));
        }
    }
    vectors
}
