//! What a replica must show, from the events it has seen.

use std::collections::BTreeSet;

use quorate::NodeId;
use quorate::crdt::{Dot, Event, Path, ReplicaId, Store, VersionVector};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::facts::stamp_of;
use super::{Finding, Invariant, Ledger, RECENT, Seen, Sets};

impl Sets {
    /// A mutation kills exactly what was live under its path where it was made: what it did not
    /// kill was concurrent, and wins. An event with a payload may kill nothing, as a counter's do.
    pub(super) fn check_kills(&self, ledger: &mut Ledger, node: NodeId, event: &Event) {
        if event.payload.is_some() && event.kills.is_empty() {
            return;
        }
        let empty = VersionVector::new();
        let context = self.seen.get(&node).map_or(&empty, |seen| &seen.memory);
        let expected = self.facts.live_under(&event.path, context);
        let broken = (!expected.iter().eq(event.kills.iter())).then(|| {
            let words = format!(
                "{node} makes {} at {}, which kills {}; live there were {}",
                event.dot,
                event.path,
                list(event.kills.iter()),
                list(expected.iter())
            );
            Finding::of(node, words)
        });
        ledger.check(Invariant::AddWins, broken);
    }

    /// A write to a register is stamped above all that its writer has seen there, dead or live:
    /// otherwise one of those could show again in its place.
    pub(super) fn check_stamp(&self, ledger: &mut Ledger, node: NodeId, event: &Event) {
        let Some(stamp) = stamp_of(event) else {
            return;
        };
        let empty = VersionVector::new();
        let context = self.seen.get(&node).map_or(&empty, |seen| &seen.memory);
        let written = self.facts.payloads_at(&event.path).into_iter().flatten();
        let seen = written.filter(|dot| context.contains(**dot));
        let stamps = seen.filter_map(|dot| Some((self.facts.get(*dot)?.stamp?, *dot)));
        let above = stamps.max().filter(|(newest, _)| *newest >= stamp);
        let broken = above.map(|(newest, dot)| {
            let words = format!(
                "{node} writes {} at {} s, and has seen {dot}, written at {} s",
                event.dot, stamp.time, newest.time
            );
            Finding::of(node, words)
        });
        ledger.check(Invariant::LastWriterWins, broken);
    }

    /// Events that are new to a replica: it must have seen what they kill. Adds to `paths` where
    /// they may have changed anything; the vector up to which they were new.
    pub(super) fn check_new_events(
        &self,
        ledger: &mut Ledger,
        node: NodeId,
        before: &Seen,
        memory: &VersionVector,
        paths: &mut BTreeSet<Path>,
    ) -> Vec<Dot> {
        let mut killing = Vec::new();
        for (dot, fact) in self.facts.between(&before.memory, memory) {
            if fact.has_payload {
                paths.insert(fact.path.clone());
            }
            if fact.kills.is_empty() {
                continue;
            }
            killing.push(dot);
            let unseen = fact.kills.iter().find(|killed| !memory.contains(**killed));
            let broken = unseen.map(|killed| {
                let words =
                    format!("{node} has seen {dot}, which kills {killed}, and has not seen that");
                Finding::of(node, words)
            });
            ledger.check(Invariant::KillClosure, broken);
            let places = fact
                .kills
                .iter()
                .filter_map(|killed| self.facts.path(*killed));
            paths.extend(places.cloned());
        }
        killing
    }

    /// What is live at a path must be what the events seen make of it.
    pub(super) fn check_path(
        &self,
        ledger: &mut Ledger,
        node: NodeId,
        store: &Store,
        path: &Path,
        (before, context): (&VersionVector, &VersionVector),
    ) {
        let shown: BTreeSet<Dot> = store.live_at(path).map(|live| live.dot).collect();
        let made = self.facts.payloads_at(path);
        let is_lost =
            |dot: &Dot| !shown.contains(dot) && self.facts.killer(*dot, context).is_none();
        let lost = made.and_then(|made| seen(made, context).find(is_lost));
        let broken = lost.map(|dot| {
            let words = format!("{node} has seen {dot}, which adds {path}, and does not show it");
            Finding::of(node, words)
        });
        ledger.check(Invariant::NoLostAdd, broken);
        let dead = shown.iter().find_map(|dot| {
            let killer = self.facts.killer(*dot, context)?;
            Some((*dot, killer))
        });
        // Who had seen the removal before has shown the add as gone.
        let (back, kept) = match dead {
            Some((_, killer)) if before.contains(killer) => (dead, None),
            _ => (None, dead),
        };
        let broken = kept.map(|(dot, killer)| {
            let words = format!(
                "{node} still shows {path} by {dot}, and has seen {killer}, which removes it"
            );
            Finding::of(node, words)
        });
        ledger.check(Invariant::NoLostRemoval, broken);
        // A live event is never swept out, so this one was dead everywhere.
        let is_known = |dot: &Dot| made.is_some_and(|made| made.contains(dot));
        let unknown = shown.iter().copied().find(|dot| !is_known(dot));
        let broken = match (back, unknown) {
            (Some((dot, killer)), _) => Some(format!(
                "{node} shows {path} by {dot} again, which {killer} had removed there"
            )),
            (None, Some(dot)) => Some(format!(
                "{node} shows {path} by {dot}, which was dead everywhere or never made"
            )),
            (None, None) => None,
        };
        ledger.check(
            Invariant::NoResurrection,
            broken.map(|words| Finding::of(node, words)),
        );
    }

    /// Two replicas that have seen the same events show the same.
    pub(super) fn check_convergence(
        &mut self,
        ledger: &mut Ledger,
        node: NodeId,
        store: &Store,
        memory: &VersionVector,
    ) {
        let context = hash(memory);
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
            let words =
                format!("{first} and {node} have both seen {memory} and show different sets");
            Finding::about([node, first], words)
        });
        ledger.check(Invariant::Convergence, broken);
    }
}

/// Those of the events that the context has. They are sorted by replica, so most have the same bound as
/// the one before.
fn seen<'a>(dots: &'a BTreeSet<Dot>, context: &'a VersionVector) -> impl Iterator<Item = Dot> + 'a {
    let mut last = None;
    dots.iter().copied().filter(move |dot| {
        let upto = match last {
            Some((replica, upto)) if replica == dot.replica => upto,
            _ => context.get(dot.replica),
        };
        last = Some((dot.replica, upto));
        dot.counter <= upto
    })
}

fn list<'a>(dots: impl Iterator<Item = &'a Dot>) -> String {
    let names: Vec<String> = dots.map(ToString::to_string).collect();
    if names.is_empty() {
        return "nothing".into();
    }
    names.join(", ")
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
