//! The replicated sets, held against every event that was ever made.
//!
//! What a replica shows must be a function of the events it has seen: the payload events among
//! them that no killer among them kills. The observer keeps all events, so it can compute that
//! function without anybody's journal, for just the paths that an event may have changed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use quorate::crdt::{Dot, Event, Path, ReplicaId, Store, VersionVector};
use quorate::{Micros, NodeId};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::{Finding, Invariant, Ledger};

/// Every event ever made, as far as anybody may still care.
#[derive(Clone, Debug)]
pub struct Sets {
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
    /// No message is under way for longer than this.
    longest_flight: Micros,
    next_sweep: Micros,
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
    pub fn new(nodes: impl Iterator<Item = NodeId>, longest_flight: Micros) -> Self {
        Self {
            seen: nodes.map(|node| (node, Seen::default())).collect(),
            paths: BTreeMap::new(),
            payloads: BTreeMap::new(),
            killers: BTreeMap::new(),
            dying: BTreeSet::new(),
            states: BTreeMap::new(),
            recent: VecDeque::new(),
            longest_flight,
            next_sweep: SWEEP,
        }
    }

    /// A replica made an event.
    pub fn made(&mut self, event: &Event) {
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
    pub fn changed(
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
        for (replica, upto) in store.context().iter() {
            let new = Dot::new(replica, before.get(replica) + 1)..=Dot::new(replica, upto);
            if upto > before.get(replica) {
                paths.extend(self.paths.range(new).map(|(_, path)| path.clone()));
            }
        }
        for path in &paths {
            self.check_path(ledger, node, store, path);
        }
        self.check_convergence(ledger, node, store);
        self.seen.entry(node).or_default().memory = store.context().clone();
        self.sweep(ledger.now());
    }

    /// A replica's disk has caught up to this.
    pub fn synced(&mut self, node: NodeId, durable: &VersionVector) {
        self.seen.entry(node).or_default().disk = durable.clone();
    }

    /// A replica is back with what was on its disk. Events that only it had are as if never made.
    pub fn restarted(&mut self, ledger: &mut Ledger, node: NodeId, store: &Store) {
        let own = store.replica();
        let lost = Dot::new(own, store.context().get(own) + 1)..=Dot::new(own, u64::MAX);
        let dots: Vec<Dot> = self.paths.range(lost).map(|(&dot, _)| dot).collect();
        for dot in dots {
            self.forget(dot);
        }
        let lost = |killer: Dot| killer.replica == own && !store.context().contains(killer);
        for killers in self.killers.values_mut() {
            killers.retain(|&killer| !lost(killer));
        }
        // Nobody else has seen what was lost, and other events will take the same dots.
        self.states.retain(|_, &mut (_, first)| first != node);
        self.seen.insert(
            node,
            Seen {
                memory: VersionVector::new(),
                disk: store.context().clone(),
            },
        );
        self.changed(ledger, node, store, Vec::new(), &[]);
    }

    /// What is live at a path must be what the events seen make of it.
    fn check_path(&self, ledger: &mut Ledger, node: NodeId, store: &Store, path: &Path) {
        let context = store.context();
        let shown: BTreeSet<Dot> = store.live_at(path).map(|live| live.dot).collect();
        let made = self.payloads.get(path);
        let lost = made.into_iter().flatten().find(|&&dot| {
            context.contains(dot) && !shown.contains(&dot) && self.killer(dot, context).is_none()
        });
        ledger.check(
            Invariant::NoLostAdd,
            lost.map(|dot| {
                let words =
                    format!("{node} has seen {dot}, which adds {path}, and does not show it");
                Finding::of(node, words)
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
        ledger.check(
            Invariant::NoResurrection,
            zombie.map(|words| Finding::of(node, words)),
        );
    }

    /// An event among `context` that kills `dot`.
    fn killer(&self, dot: Dot, context: &VersionVector) -> Option<Dot> {
        let killers = self.killers.get(&dot)?;
        killers
            .iter()
            .copied()
            .find(|&killer| context.contains(killer))
    }

    fn check_convergence(&mut self, ledger: &mut Ledger, node: NodeId, store: &Store) {
        let context = hash(store.context());
        let (state, first) = *self.states.entry(context).or_insert_with(|| {
            self.recent.push_back(context);
            (store.live_hash(), node)
        });
        if self.recent.len() > RECENT
            && let Some(oldest) = self.recent.pop_front()
        {
            self.states.remove(&oldest);
        }
        let broken = (state != store.live_hash()).then(|| {
            let words = format!(
                "{first} and {node} have both seen {} and show different sets",
                store.context()
            );
            Finding::about([node, first], words)
        });
        ledger.check(Invariant::Convergence, broken);
    }

    /// Forgets dead events that nobody can hold alive any more.
    ///
    /// An event is dead everywhere once everybody who has seen it has also seen a killer of it, in
    /// memory and on disk. It may go if that was so at the last sweep already: what was under way
    /// then has arrived since.
    fn sweep(&mut self, now: Micros) {
        if now < self.next_sweep {
            return;
        }
        self.next_sweep = now + SWEEP + self.longest_flight;
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
        let sets = Sets::new((1..=2).map(NodeId), Micros::from_millis(10));
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
