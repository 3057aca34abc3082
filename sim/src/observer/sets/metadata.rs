//! What a replica remembers beside the sets: contexts, floors, journals, and what it forgets.

use quorate::NodeId;
use quorate::crdt::{Dot, PruneCertificate, Store, VersionVector};

use super::{Finding, Invariant, Ledger, Seen, Sets};

/// The most that a live dot takes, in bytes.
const PER_LIVE: usize = 32;
/// The most that a replica takes in context and floor.
const PER_REPLICA: usize = 48;
/// The most that a record takes beside its path and the dots it kills.
const PER_RECORD: usize = 80;
/// The most that a killed dot takes in a record.
const PER_KILL: usize = 24;

impl Sets {
    /// Contexts hold only what was made and never fall; floors lie within them and never fall.
    pub(super) fn check_vectors(
        &self,
        ledger: &mut Ledger,
        node: NodeId,
        store: &Store,
        before: &Seen,
        (memory, floor): (&VersionVector, &VersionVector),
    ) {
        let invented = memory.iter().find(|(replica, seen)| {
            let made = self.made.get(replica).copied().unwrap_or(0);
            *seen > made
        });
        let fallen = fallen(store, &before.memory, memory);
        let broken = match (invented, fallen) {
            (Some((replica, seen)), _) => {
                let made = self.made.get(&replica).copied().unwrap_or(0);
                Some(format!(
                    "{node} has seen {seen} events of {replica}, which has made {made}"
                ))
            }
            (None, Some((dot, now))) => Some(format!(
                "{node} had seen {dot}, and counts only up to {now} now"
            )),
            (None, None) => None,
        };
        ledger.check(
            Invariant::NoGaps,
            broken.map(|words| Finding::of(node, words)),
        );
        let sunk = self::fallen(store, &before.floor, floor);
        let broken = (!memory.covers(floor) || sunk.is_some()).then(|| {
            let words = format!(
                "{node} has forgotten the records up to {floor}, has seen {memory}, and had \
                 forgotten them up to {} before",
                before.floor
            );
            Finding::of(node, words)
        });
        ledger.check(Invariant::FloorWithinContext, broken);
    }

    /// How many records the journal must have, after a floor has risen and killing events are new.
    pub(super) fn records_after(&self, before: &Seen, floor: &VersionVector, new: &[Dot]) -> usize {
        let risen = floor.meet(&before.memory);
        let forgotten = self.facts.killing_between(&before.floor, &risen);
        let added = new.iter().filter(|dot| !floor.contains(**dot)).count();
        (before.records + added).saturating_sub(forgotten)
    }

    /// A replica has pruned, knowing what all others hold: what is left is bounded by what is live,
    /// by the replicas, and by the removals that somebody may still lack. O(those removals).
    pub fn pruned(
        &self,
        ledger: &mut Ledger,
        node: NodeId,
        store: &Store,
        certificate: &PruneCertificate,
    ) {
        self.check_certificate(ledger, node, store, certificate);
        let frontier = store.table().expand(&certificate.frontier);
        let memory = store.table().expand(store.context());
        let open = store.context().len().max(store.floor().len());
        let lacking: usize = self
            .facts
            .between(&frontier, &memory)
            .filter(|(_, fact)| !fact.kills.is_empty())
            .map(|(_, fact)| {
                let kills = fact.kills.len() * PER_KILL;
                PER_RECORD + fact.path.as_bytes().len() + kills
            })
            .sum();
        let bound = PER_LIVE * store.live_len() + PER_REPLICA * open + lacking;
        let metadata = store.size().metadata();
        let broken = (metadata > bound).then(|| {
            let words = format!(
                "{node} holds {metadata} bytes of metadata after pruning; {} live elements, {open} \
                 replicas and {lacking} bytes of removals not yet everywhere allow {bound}",
                store.live_len()
            );
            Finding::of(node, words)
        });
        ledger.check(Invariant::BoundedMetadata, broken);
    }

    /// A certificate names what it rests on: rows that their owners durably hold, their meet, and
    /// ranges within it.
    fn check_certificate(
        &self,
        ledger: &mut Ledger,
        node: NodeId,
        store: &Store,
        certificate: &PruneCertificate,
    ) {
        let lies = certificate.rows.iter().find(|(owner, row)| {
            let durable = self.seen.get(&owner.node).map(|seen| &seen.disk);
            !durable.is_some_and(|durable| durable.covers(row)) && !row.is_empty()
        });
        let mut rows = certificate.rows.iter().map(|(_, row)| row);
        let first = rows.next().cloned().unwrap_or_default();
        let meet = rows.fold(first, |meet, row| meet.meet(row));
        let beyond = certificate
            .pruned
            .iter()
            .find(|(replica, range)| *range.end() > certificate.frontier.get(*replica));
        let uncertified = store
            .table()
            .active()
            .find(|replica| !certificate.rows.iter().any(|(owner, _)| owner == replica));
        let words = if let Some((owner, row)) = lies {
            Some(format!("the row {row} of {owner} is not on its disk"))
        } else if meet != certificate.frontier {
            Some(format!(
                "the frontier {} is not the meet {meet} of its rows",
                certificate.frontier
            ))
        } else if let Some((replica, range)) = beyond {
            Some(format!(
                "it forgets {replica} up to {}, beyond its frontier",
                range.end()
            ))
        } else {
            uncertified.map(|replica| format!("it does not ask {replica}"))
        };
        let broken = words
            .map(|words| Finding::of(node, format!("{node} certifies a pruning, and {words}")));
        ledger.check(Invariant::PruneCertificates, broken);
    }

    /// A node is switched off: all others that take part must durably hold its events, so that it
    /// takes nothing with it.
    pub fn switched_off(
        &self,
        ledger: &mut Ledger,
        node: NodeId,
        others: impl IntoIterator<Item = NodeId>,
    ) {
        let Some(left) = self.seen.get(&node) else {
            return;
        };
        let lacking = |other: NodeId| {
            let durable = &self.seen.get(&other)?.disk;
            let mut own = left
                .memory
                .iter()
                .filter(|(replica, _)| replica.node == node);
            own.find_map(|(replica, made)| {
                let held = durable.get(replica);
                (held < made).then_some((other, replica, made, held))
            })
        };
        let broken = others
            .into_iter()
            .filter(|other| *other != node)
            .find_map(lacking);
        let broken = broken.map(|(other, replica, made, held)| {
            let words = format!(
                "{node} is switched off; {replica} has made {made} events, and {other} durably \
                 holds {held}"
            );
            Finding::about([node, other], words)
        });
        ledger.check(Invariant::SafeDrain, broken);
    }
}

/// The first entry of `before` that `after` no longer has, unless the table has given it up; and
/// what `after` has.
fn fallen(store: &Store, before: &VersionVector, after: &VersionVector) -> Option<(Dot, u64)> {
    if after.covers(before) {
        return None;
    }
    let is_given_up = |replica| {
        store
            .table()
            .expired()
            .any(|(expired, _)| expired == replica)
    };
    before
        .iter()
        .filter(|(replica, _)| !is_given_up(*replica))
        .find(|(replica, seen)| after.get(*replica) < *seen)
        .map(|(replica, seen)| (Dot::new(replica, seen), after.get(replica)))
}

/// The journal must have every killing event above the floor. O(1): as many as there are.
pub(super) fn check_journal(ledger: &mut Ledger, node: NodeId, store: &Store, records: usize) {
    let broken = (store.journal_len() != records).then(|| {
        let words = format!(
            "{node} keeps {} records, and {records} of the removals it has seen lie above its \
             floor {}",
            store.journal_len(),
            store.floor()
        );
        Finding::of(node, words)
    });
    ledger.check(Invariant::CompleteJournals, broken);
}
