//! The replicated sets, held against every event that was ever made.
//!
//! What a replica shows must be a function of the events it has seen: the payload events among
//! them that no killer among them kills. The observer keeps all events, so it can compute that
//! function without anybody's journal, for just the paths that an event may have changed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use quorate::crdt::{Dot, Event, Path, ReplicaId, Store, VersionVector};
use quorate::{Micros, NodeId};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::{Invariant, Ledger};

/// Every event ever made, as far as anybody may still care.
#[derive(Clone, Debug)]
pub(crate) struct Sets {
    /// What is known of each replica: the events it has seen, in memory and on disk.
    seen: BTreeMap<NodeId, Seen>,
    /// The path of every event.
    paths: BTreeMap<Dot, Path>,
    /// Payload events by path.
    payloads: BTreeMap<Path, BTreeSet<Dot>>,
    /// Who kills an event.
    killers: BTreeMap<Dot, Vec<Dot>>,
    /// Events that were dead everywhere at the last sweep.
    dying: BTreeSet<Dot>,
    /// What the sets were for a context, for the contexts seen most recently.
    states: BTreeMap<u64, (u64, NodeId)>,
    recent: VecDeque<u64>,
    /// No message is under way that was sent before this.
    under_way_since: Micros,
    last_sweep: Micros,
}

#[derive(Clone, Debug, Default)]
struct Seen {
    memory: VersionVector,
    disk: VersionVector,
}

/// How many contexts are remembered for comparison.
const RECENT: usize = 4_096;
/// How often dead events are swept out.
const SWEEP: Micros = Micros::from_secs(30);

impl Sets {
    /// No events.
    pub(crate) fn new(nodes: impl Iterator<Item = NodeId>) -> Self {
        Self {
            seen: nodes.map(|node| (node, Seen::default())).collect(),
            paths: BTreeMap::new(),
            payloads: BTreeMap::new(),
            killers: BTreeMap::new(),
            dying: BTreeSet::new(),
            states: BTreeMap::new(),
            recent: VecDeque::new(),
            under_way_since: Micros::ZERO,
            last_sweep: Micros::ZERO,
        }
    }

    /// No message is under way any more that was sent before this.
    pub(crate) fn under_way_since(&mut self, sent: Micros) {
        self.under_way_since = sent;
    }

    /// A replica made an event.
    pub(crate) fn made(&mut self, event: &Event) {
        self.paths.insert(event.dot, event.path.clone());
        if event.payload.is_some() {
            self.payloads
                .entry(event.path.clone())
                .or_default()
                .insert(event.dot);
        }
        for &killed in event.kills.iter() {
            self.killers.entry(killed).or_default().push(event.dot);
        }
    }

    /// A replica has changed: it says that something became live or dead at the paths `touched`, and
    /// that the dots `killed` died.
    pub(crate) fn changed(
        &mut self,
        ledger: &mut Ledger,
        node: NodeId,
        store: &Store,
        touched: Vec<Path>,
        killed: &[Dot],
    ) {
        let mut paths: BTreeSet<Path> = touched.into_iter().collect();
        paths.extend(killed.iter().filter_map(|dot| self.paths.get(dot).cloned()));
        let before = self
            .seen
            .get(&node)
            .map(|seen| seen.memory.clone())
            .unwrap_or_default();
        let context = seen_by(store);
        for (replica, upto) in context.iter() {
            let new = Dot::new(replica, before.get(replica) + 1)..=Dot::new(replica, upto);
            if upto > before.get(replica) {
                paths.extend(self.paths.range(new).map(|(_, path)| path.clone()));
            }
        }
        for path in &paths {
            self.check_path(ledger, node, (store, &context), path);
        }
        self.check_convergence(ledger, node, (store, &context));
        self.seen.entry(node).or_default().memory = context;
        self.sweep(ledger.now);
    }

    /// A replica's disk has caught up to this.
    pub(crate) fn synced(&mut self, node: NodeId, durable: &Store) {
        self.seen.entry(node).or_default().disk = seen_by(durable);
    }

    /// A replica is back with what was on its disk. Events that only it had are as if never made.
    pub(crate) fn restarted(&mut self, ledger: &mut Ledger, node: NodeId, store: &Store) {
        let own = store.replica();
        let context = seen_by(store);
        let lost = Dot::new(own, context.get(own) + 1)..=Dot::new(own, u64::MAX);
        let dots: Vec<Dot> = self.paths.range(lost).map(|(&dot, _)| dot).collect();
        for dot in dots {
            self.forget(dot);
        }
        let lost = |killer: Dot| killer.replica == own && !context.contains(killer);
        for killers in self.killers.values_mut() {
            killers.retain(|&killer| !lost(killer));
        }
        // Nobody else has seen what was lost, and other events will take the same dots.
        self.states.retain(|_, &mut (_, first)| first != node);
        self.seen.insert(
            node,
            Seen {
                memory: VersionVector::new(),
                disk: context,
            },
        );
        self.changed(ledger, node, store, Vec::new(), &[]);
    }

    /// What is live at a path must be what the events seen make of it.
    fn check_path(
        &self,
        ledger: &mut Ledger,
        node: NodeId,
        (store, context): (&Store, &VersionVector),
        path: &Path,
    ) {
        let shown: BTreeSet<Dot> = store.live_at(path).map(|live| live.dot).collect();
        let made = self.payloads.get(path);
        let lost = made.into_iter().flatten().find(|&&dot| {
            context.contains(dot) && !shown.contains(&dot) && self.killer(dot, context).is_none()
        });
        ledger.check(
            Invariant::NoLostAdd,
            lost.map(|dot| {
                format!("{node} has seen {dot}, which adds {path}, and does not show it")
            }),
        );
        let zombie = shown
            .iter()
            .find_map(|&dot| match self.killer(dot, context) {
                Some(killer) => Some(format!(
                    "{node} shows {path} by {dot}, which {killer} removed, and has seen both"
                )),
                // A live event is never swept out, so this one was dead everywhere.
                None if !made.is_some_and(|made| made.contains(&dot)) => Some(format!(
                    "{node} shows {path} by {dot}, which was dead everywhere"
                )),
                None => None,
            });
        ledger.check(Invariant::NoResurrection, zombie);
    }

    /// An event among `context` that kills `dot`.
    fn killer(&self, dot: Dot, context: &VersionVector) -> Option<Dot> {
        let killers = self.killers.get(&dot)?;
        killers
            .iter()
            .copied()
            .find(|&killer| context.contains(killer))
    }

    fn check_convergence(
        &mut self,
        ledger: &mut Ledger,
        node: NodeId,
        (store, seen): (&Store, &VersionVector),
    ) {
        let context = hash(seen);
        let (state, first) = *self.states.entry(context).or_insert_with(|| {
            self.recent.push_back(context);
            (store.live_hash(), node)
        });
        if self.recent.len() > RECENT
            && let Some(oldest) = self.recent.pop_front()
        {
            self.states.remove(&oldest);
        }
        let broken = (state != store.live_hash())
            .then(|| format!("{first} and {node} have both seen {seen} and show different sets"));
        ledger.check(Invariant::Convergence, broken);
    }

    /// Forgets dead events that nobody can hold alive any more.
    ///
    /// An event is dead everywhere once everybody who has seen it has also seen a killer of it, in
    /// memory and on disk. It may go if that was so at the last sweep already: what was under way
    /// then has arrived since.
    fn sweep(&mut self, now: Micros) {
        if now < self.last_sweep + SWEEP || self.under_way_since <= self.last_sweep {
            return;
        }
        self.last_sweep = now;
        let everywhere = |dot: Dot, killer: Dot| {
            let contexts = self
                .seen
                .values()
                .flat_map(|seen| [&seen.memory, &seen.disk]);
            let mut contexts = contexts.filter(|context| context.contains(dot));
            contexts.all(|context| context.contains(killer))
        };
        let is_dead = |(dot, killers): &(&Dot, &Vec<Dot>)| {
            killers.iter().any(|&killer| everywhere(**dot, killer))
        };
        let dead: BTreeSet<Dot> = self
            .killers
            .iter()
            .filter(is_dead)
            .map(|(&dot, _)| dot)
            .collect();
        let settled: Vec<Dot> = dead.intersection(&self.dying).copied().collect();
        for dot in settled {
            self.forget(dot);
            self.killers.remove(&dot);
        }
        self.dying = dead;
    }

    fn forget(&mut self, dot: Dot) {
        let Some(path) = self.paths.remove(&dot) else {
            return;
        };
        if let Some(dots) = self.payloads.get_mut(&path) {
            dots.remove(&dot);
            if dots.is_empty() {
                self.payloads.remove(&path);
            }
        }
    }
}

/// The events a replica has seen, those of closed replicas written out: what was agreed of them is
/// in no vector any more.
fn seen_by(store: &Store) -> VersionVector {
    store.table().expand(store.context())
}

fn hash(context: &VersionVector) -> u64 {
    context
        .iter()
        .fold(0, |hash, (ReplicaId { node, incarnation }, counter)| {
            let mut bytes = [0; 24];
            bytes[..8].copy_from_slice(&node.0.to_le_bytes());
            bytes[8..16].copy_from_slice(&incarnation.to_le_bytes());
            bytes[16..].copy_from_slice(&counter.to_le_bytes());
            xxh3_64_with_seed(&bytes, hash)
        })
}

#[cfg(test)]
mod tests {
    //! Every checker against a replica that was lied to.

    use quorate::crdt::{Delta, Epoch, Write};

    use super::*;

    fn id(node: u64) -> ReplicaId {
        ReplicaId::first(NodeId(node))
    }

    fn add(store: &mut Store) -> Event {
        let path = Path::of(["cart", "milk"]);
        store
            .record(Micros(1), &path, Write::Put(Box::from([])))
            .unwrap()
            .unwrap()
    }

    fn remove(store: &mut Store) -> Event {
        let path = Path::of(["cart", "milk"]);
        store
            .record(Micros(2), &path, Write::Remove)
            .unwrap()
            .unwrap()
    }

    /// A delta that covers what `from` has seen and tells nothing of it.
    fn lie(from: &Store, to: &Store) -> Delta {
        Delta {
            sender: from.replica(),
            epoch: Epoch(0),
            since: to.context().clone(),
            upto: from.context().clone(),
            live: Vec::new(),
            records: Vec::new(),
        }
    }

    fn join(to: &mut Store, from: &Store) {
        to.apply(&from.delta_since(to.context()).unwrap()).unwrap();
    }

    fn watched() -> (Sets, Ledger, Store, Store) {
        let sets = Sets::new((1..=2).map(NodeId));
        (
            sets,
            Ledger::default(),
            Store::new(id(1)),
            Store::new(id(2)),
        )
    }

    #[test]
    fn a_lost_add_is_seen_and_so_is_the_divergence() {
        let (mut sets, mut ledger, mut a, mut b) = watched();
        sets.made(&add(&mut a));
        sets.changed(&mut ledger, NodeId(1), &a, Vec::new(), &[]);
        assert!(ledger.broken().is_empty());
        b.apply(&lie(&a, &b)).unwrap();
        sets.changed(&mut ledger, NodeId(2), &b, Vec::new(), &[]);
        assert_eq!(
            ledger.broken(),
            [Invariant::NoLostAdd, Invariant::Convergence]
        );
    }

    #[test]
    fn a_resurrection_is_seen() {
        let (mut sets, mut ledger, mut a, mut b) = watched();
        sets.made(&add(&mut a));
        join(&mut b, &a);
        sets.changed(&mut ledger, NodeId(2), &b, Vec::new(), &[]);
        sets.made(&remove(&mut a));
        sets.changed(&mut ledger, NodeId(1), &a, Vec::new(), &[]);
        assert!(ledger.broken().is_empty());
        b.apply(&lie(&a, &b)).unwrap();
        sets.changed(&mut ledger, NodeId(2), &b, Vec::new(), &[]);
        assert_eq!(
            ledger.broken(),
            [Invariant::NoResurrection, Invariant::Convergence]
        );
    }

    /// An event that was swept out is known to be dead everywhere: whoever shows it is wrong.
    #[test]
    fn a_resurrection_is_seen_after_the_sweep() {
        let (mut sets, mut ledger, mut a, mut b) = watched();
        sets.made(&add(&mut a));
        let zombie = a.delta_since(b.context()).unwrap();
        sets.made(&remove(&mut a));
        for second in [1, 40, 80, 120] {
            ledger.now = Micros::from_secs(second);
            sets.under_way_since(ledger.now);
            sets.changed(&mut ledger, NodeId(1), &a, Vec::new(), &[]);
        }
        assert!(sets.payloads.is_empty(), "not swept");
        b.apply(&zombie).unwrap();
        sets.changed(
            &mut ledger,
            NodeId(2),
            &b,
            vec![Path::of(["cart", "milk"])],
            &[],
        );
        assert_eq!(ledger.broken(), [Invariant::NoResurrection]);
    }
}
