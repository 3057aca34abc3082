//! What everybody is known to hold.

use alloc::collections::BTreeMap;

use super::{ReplicaId, Table, VersionVector};

/// One row per replica: the last version vector it reported as *durable*.
///
/// Rows are joined, so reports may be lost, repeated or late; an old report never takes anything
/// back. Only durable vectors may be entered: what a crash can undo stabilises nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acks {
    rows: BTreeMap<ReplicaId, VersionVector>,
}

impl Acks {
    /// Enters a report.
    pub fn record(&mut self, replica: ReplicaId, durable: &VersionVector) {
        self.rows.entry(replica).or_default().join(durable);
    }

    /// What the replica is known to hold durably; `None` if it never reported.
    pub fn row(&self, replica: ReplicaId) -> Option<&VersionVector> {
        self.rows.get(&replica)
    }

    /// What every active replica is known to hold: the meet of their rows.
    ///
    /// A replica without a row counts as empty, so the frontier falls when one joins. O(active²)
    /// in the number of replicas, independent of the number of elements.
    pub fn frontier(&self, table: &Table) -> VersionVector {
        let mut rows = table.active().map(|replica| self.rows.get(&replica));
        let Some(Some(first)) = rows.next() else {
            return VersionVector::new();
        };
        rows.try_fold(first.clone(), |meet, row| row.map(|row| meet.meet(row)))
            .unwrap_or_default()
    }

    /// The active replica that lacks most of `context`, and how many events that is.
    pub fn held_back_by(&self, table: &Table, context: &VersionVector) -> Option<(ReplicaId, u64)> {
        let nothing = VersionVector::new();
        table
            .active()
            .map(|replica| {
                (
                    replica,
                    context.excess_over(self.rows.get(&replica).unwrap_or(&nothing)),
                )
            })
            .filter(|&(_, missing)| missing > 0)
            .max_by_key(|&(replica, missing)| (missing, core::cmp::Reverse(replica)))
    }
}
