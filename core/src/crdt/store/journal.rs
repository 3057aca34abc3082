//! The records of the events that killed something, by dot.
//!
//! A queue per replica: records come in the order of their counters and leave in the same order,
//! because whatever a pruning is guided by, it takes a prefix.

use alloc::collections::{BTreeMap, VecDeque};
use core::mem;

use crate::crdt::{Dot, Record, ReplicaId};

/// The records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Journal {
    /// No queue is empty.
    rows: BTreeMap<ReplicaId, VecDeque<Record>>,
    len: usize,
    bytes: usize,
}

impl Journal {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// What the records take, shared paths counted in full.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// All records, by dot.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Record> + Clone + '_ {
        self.rows.values().flatten()
    }

    /// The queues by replica.
    pub(super) fn rows(&self) -> impl Iterator<Item = (ReplicaId, &VecDeque<Record>)> + '_ {
        self.rows.iter().map(|(&replica, row)| (replica, row))
    }

    /// The records of a replica whose counters lie above `since`, by counter.
    pub(super) fn above(
        &self,
        replica: ReplicaId,
        since: u64,
    ) -> impl Iterator<Item = &Record> + Clone + '_ {
        self.rows.get(&replica).into_iter().flat_map(move |row| {
            let from = row.partition_point(|record| record.dot.counter <= since);
            row.range(from..)
        })
    }

    /// The record of an event.
    pub(super) fn get(&self, dot: Dot) -> Option<&Record> {
        let row = self.rows.get(&dot.replica)?;
        let at = row.binary_search_by_key(&dot.counter, |record| record.dot.counter);
        at.ok().map(|at| &row[at])
    }

    /// Adds a record whose counter lies above all that its replica has here.
    pub(super) fn push(&mut self, record: Record) {
        self.len += 1;
        self.bytes += bytes(&record);
        let row = self.rows.entry(record.dot.replica).or_default();
        debug_assert!(row.back().is_none_or(|last| last.dot < record.dot));
        row.push_back(record);
    }

    /// Forgets the records of a replica up to a counter. O(forgotten).
    pub(super) fn forget(&mut self, replica: ReplicaId, upto: u64) {
        let Some(row) = self.rows.get_mut(&replica) else {
            return;
        };
        let count = row.partition_point(|record| record.dot.counter <= upto);
        self.len -= count;
        if count == row.len() {
            let row = self.rows.remove(&replica).unwrap_or_default();
            self.bytes -= row.iter().map(bytes).sum::<usize>();
            return;
        }
        self.bytes -= row
            .drain(..count)
            .map(|record| bytes(&record))
            .sum::<usize>();
        if row.len() * 4 < row.capacity() {
            row.shrink_to(row.len() * 2);
        }
    }
}

/// What one record takes.
pub(super) fn bytes(record: &Record) -> usize {
    let dots = match record.kills.len() {
        1 => 0,
        many => many * mem::size_of::<Dot>(),
    };
    RECORD + record.path.as_bytes().len() + dots
}

/// The fixed part of a record on a 64-bit machine, counted everywhere: the same budget refuses the
/// same write on every platform.
const RECORD: usize = 80;
