//! Membership tables: everybody has the same, and agrees with the others on what it closes.

use std::sync::Arc;

use quorate::NodeId;
use quorate::crdt::{ReplicaId, Table};

use super::{Finding, Invariant, Ledger, Seen, Sets};

/// So many tables are kept for comparison.
const TABLES: usize = 64;

impl Sets {
    /// A replica may have entered another table. Without a list of members there is nothing to
    /// agree on.
    pub(super) fn check_epoch(
        &mut self,
        ledger: &mut Ledger,
        node: NodeId,
        own: ReplicaId,
        table: &Arc<Table>,
        before: &Seen,
    ) {
        let known = before.table.as_ref();
        if !table.is_managed() || known.is_some_and(|known| Arc::ptr_eq(known, table)) {
            return;
        }
        let first = self
            .tables
            .entry(table.epoch())
            .or_insert_with(|| Arc::clone(table));
        let differs = **first != **table;
        if self.tables.len() > TABLES {
            self.tables.pop_first();
        }
        let words = if differs {
            Some(format!(
                "another table of epoch {} than others",
                table.epoch()
            ))
        } else {
            let closed = table.closed();
            let was_open = |replica| known.is_none_or(|known| known.closed_at(replica).is_none());
            closed
                .filter(|(replica, _)| was_open(*replica))
                .find_map(|(replica, at)| disagreement(before, own, (replica, at)))
        };
        let broken = words.map(|words| {
            Finding::of(
                node,
                format!("{node} enters epoch {} with {words}", table.epoch()),
            )
        });
        ledger.check(Invariant::EpochAgreement, broken);
    }
}

/// What a replica has of one that is closed, if that is not what was agreed. Who takes part must have
/// exactly that; who comes back, at most.
fn disagreement(before: &Seen, own: ReplicaId, (replica, at): (ReplicaId, u64)) -> Option<String> {
    let held = before.memory.get(replica);
    let takes_part = |table: &Arc<Table>| table.is_active(own);
    let took_part = !before.is_retired && before.table.as_ref().is_some_and(takes_part);
    let disagrees = held > at || held < at && took_part;
    disagrees.then(|| format!("{held} events of {replica}, which is closed at {at}"))
}
