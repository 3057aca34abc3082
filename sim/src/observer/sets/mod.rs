//! The replicated sets, held against every event that was ever made.
//!
//! What a replica shows must be a function of the events it has seen: the payload events among
//! them that no killer among them kills. The observer keeps all events, so it can compute that
//! function without anybody's journal, for just the paths that an event may have changed.
//!
//! Vectors are kept *expanded*: with the replicas that a membership table closed written out, so
//! that two vectors mean the same whatever tables they come from.

mod epochs;
mod facts;
mod metadata;
mod oracle;
mod sweep;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use quorate::crdt::{Dot, Epoch, Event, Path, ReplicaId, Store, SyncMessage, Table, VersionVector};
use quorate::{Micros, NodeId};

use self::facts::Facts;
use super::{Finding, Invariant, Ledger};

/// Every event ever made, as far as anybody may still care, and what each replica has seen.
#[derive(Clone, Debug)]
pub struct Sets {
    seen: BTreeMap<NodeId, Seen>,
    facts: Facts,
    /// How many events each replica has made, as far as they can still be heard of.
    made: BTreeMap<ReplicaId, u64>,
    /// What was settled everywhere at the last sweep.
    settled: BTreeSet<Dot>,
    /// What the sets were for a context, for the contexts seen most recently, and who had it first.
    states: BTreeMap<u64, (u64, NodeId)>,
    recent: VecDeque<u64>,
    /// The table of every epoch that was entered lately.
    tables: BTreeMap<Epoch, Arc<Table>>,
    /// When the oldest message was sent that nobody has taken yet.
    under_way_since: Micros,
    last_sweep: Micros,
}

/// What is known of a replica.
#[derive(Clone, Debug, Default)]
struct Seen {
    /// The events it has seen.
    memory: VersionVector,
    /// The events on its disk.
    disk: VersionVector,
    /// Up to where it has forgotten its records, in memory and on disk.
    floor: VersionVector,
    disk_floor: VersionVector,
    /// How many records its journal must have.
    records: usize,
    /// The highest event of its own that it has told anybody of, and under which name.
    exposed: Option<Dot>,
    /// The table it is in, or was in before it was retired.
    table: Option<Arc<Table>>,
    /// Whether it was retired, and waits to be admitted.
    is_retired: bool,
}

/// How many contexts are remembered for comparison.
const RECENT: usize = 4_096;
/// How often settled events are swept out.
const SWEEP: Micros = Micros::from_secs(30);

impl Sets {
    /// No events.
    pub fn new(nodes: impl Iterator<Item = NodeId>) -> Self {
        Self {
            seen: nodes.map(|node| (node, Seen::default())).collect(),
            facts: Facts::default(),
            made: BTreeMap::new(),
            settled: BTreeSet::new(),
            states: BTreeMap::new(),
            recent: VecDeque::new(),
            tables: BTreeMap::new(),
            under_way_since: Micros::ZERO,
            last_sweep: Micros::ZERO,
        }
    }

    /// A replica made an event. To be told before the change that it is.
    pub fn made(&mut self, ledger: &mut Ledger, node: NodeId, event: &Event) {
        let replica = event.dot.replica;
        let made = self.made.entry(replica).or_default();
        let broken = (event.dot.counter != *made + 1).then(|| {
            let words = format!(
                "{node} makes {}, and {made} events of {replica} were made before",
                event.dot
            );
            Finding::of(node, words)
        });
        *made = (*made).max(event.dot.counter);
        ledger.check(Invariant::UniqueDots, broken);
        self.check_kills(ledger, node, event);
        self.check_stamp(ledger, node, event);
        self.facts.add(event);
    }

    /// A replica has changed: by an event of its own, a merge, a pruning, or a membership table. It
    /// says that something became live or dead at the paths `touched`, and that the dots `killed`
    /// died; the observer looks at more than that.
    ///
    /// O(events that are new here + what is live at their paths + replicas).
    pub fn changed(
        &mut self,
        ledger: &mut Ledger,
        node: NodeId,
        store: &Store,
        touched: Vec<Path>,
        killed: &[Dot],
    ) {
        let before = self.seen.remove(&node).unwrap_or_default();
        let memory = store.table().expand(store.context());
        let floor = store.table().expand(store.floor());
        let mut paths: BTreeSet<Path> = touched.into_iter().collect();
        for dot in killed {
            paths.extend(self.facts.path(*dot).cloned());
        }
        let new = self.check_new_events(ledger, node, &before, &memory, &mut paths);
        for path in &paths {
            self.check_path(ledger, node, store, path, (&before.memory, &memory));
        }
        self.check_convergence(ledger, node, store, &memory);
        self.check_vectors(ledger, node, store, &before, (&memory, &floor));
        self.check_epoch(ledger, node, store.replica(), store.table(), &before);
        let records = self.records_after(&before, &floor, &new);
        metadata::check_journal(ledger, node, store, records);
        let table = Some(Arc::clone(store.table()));
        let seen = Seen {
            memory,
            floor,
            records,
            table,
            is_retired: store.retired().is_some(),
            ..before
        };
        self.seen.insert(node, seen);
        self.sweep(ledger.now());
    }

    /// The oldest message that nobody has taken yet was sent at this time; now if there is none.
    pub fn under_way_since(&mut self, sent: Micros) {
        self.under_way_since = sent;
    }

    /// A replica's disk has caught up to this image.
    pub fn synced(&mut self, node: NodeId, durable: &Store) {
        let table = durable.table();
        let seen = self.seen.entry(node).or_default();
        seen.disk = table.expand(durable.context());
        seen.disk_floor = table.expand(durable.floor());
    }

    /// A message leaves a replica. Its own events in it must be durable, and what it acknowledges,
    /// too. O(replicas) for an acknowledgement, O(log replicas) otherwise.
    pub fn sent(&mut self, ledger: &mut Ledger, node: NodeId, message: &SyncMessage) {
        let (told, acknowledged) = match message {
            SyncMessage::Delta(delta) => (Some((delta.sender, &delta.upto)), None),
            SyncMessage::Full(full) | SyncMessage::Admission { full, .. } => {
                (Some((full.sender, &full.context)), None)
            }
            SyncMessage::Ack { durable, .. } => (None, Some(durable)),
            SyncMessage::Digest(_) | SyncMessage::Readmit { .. } => (None, None),
        };
        let seen = self.seen.entry(node).or_default();
        if let Some((own, upto)) = told {
            let dot = Dot::new(own, upto.get(own));
            let broken = (dot.counter > seen.disk.get(own)).then(|| {
                let durable = seen.disk.get(own);
                let words = format!("{node} tells of {dot}, and only {durable} are on its disk");
                Finding::of(node, words)
            });
            ledger.check(Invariant::PersistBeforeExpose, broken);
            if seen
                .exposed
                .is_none_or(|last| last.replica != own || last < dot)
            {
                seen.exposed = Some(dot);
            }
        }
        if let Some(durable) = acknowledged {
            let broken = (!seen.disk.covers(durable)).then(|| {
                let words = format!(
                    "{node} acknowledges {durable}, and {} is on its disk",
                    seen.disk
                );
                Finding::of(node, words)
            });
            ledger.check(Invariant::PersistBeforeExpose, broken);
        }
    }

    /// A replica is back with what was on its disk. Events that only it had are as if never made.
    pub fn restarted(&mut self, ledger: &mut Ledger, node: NodeId, store: &Store) {
        let own = store.replica();
        let kept = store.table().expand(store.context());
        let exposed = self.seen.get(&node).and_then(|seen| seen.exposed);
        let lost = exposed.filter(|dot| dot.replica == own && !kept.contains(*dot));
        let broken = lost.map(|dot| {
            let words = format!(
                "{node} is back as {own} with {} events of its own, and had told others of {dot}",
                kept.get(own)
            );
            Finding::of(node, words)
        });
        ledger.check(Invariant::UniqueDots, broken);
        if lost.is_none() {
            self.facts.lose(own, kept.get(own));
            self.made.insert(own, kept.get(own));
        }
        // Nobody else has seen what was lost, and other events will take the same dots.
        self.states.retain(|_, &mut (_, first)| first != node);
        let floor = store.table().expand(store.floor());
        let records = self.facts.killing_between(&floor, &kept);
        let seen = Seen {
            memory: kept.clone(),
            disk: kept,
            floor: floor.clone(),
            disk_floor: floor,
            records,
            exposed,
            table: Some(Arc::clone(store.table())),
            is_retired: store.retired().is_some(),
        };
        self.seen.insert(node, seen);
        let paths: Vec<Path> = self.facts.paths().cloned().collect();
        self.changed(ledger, node, store, paths, &[]);
    }
}
