//! The records of the events that killed something, by dot.
//!
//! A queue per replica: records come in the order of their counters and leave in the same order,
//! because whatever a pruning is guided by, it takes a prefix.

use alloc::collections::{VecDeque, vec_deque};
use alloc::vec::Vec;
use core::mem;

use super::counters::first_above;
use crate::crdt::version_vector::position;
use crate::crdt::{Dot, Record, ReplicaId};

/// The records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Journal {
    /// Sorted by replica. No queue is empty.
    rows: Vec<(ReplicaId, VecDeque<Record>)>,
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
        self.rows.iter().flat_map(|(_, row)| row)
    }

    /// The records of a replica whose counters lie above `since`, by counter.
    pub(super) fn above(
        &self,
        replica: ReplicaId,
        since: u64,
    ) -> impl ExactSizeIterator<Item = &Record> + Clone + '_ {
        let Ok(row) = self.row(replica) else {
            return vec_deque::Iter::default();
        };
        let row = &self.rows[row].1;
        let from = first_above(row.len(), |at| row[at].dot.counter, since);
        row.range(from..)
    }

    /// Adds a record whose counter lies above all that its replica has here.
    pub(super) fn push(&mut self, record: Record) {
        let at = self.row_or_new(record.dot.replica);
        self.len += 1;
        self.bytes += bytes(&record);
        push(&mut self.rows[at].1, record);
    }

    /// Adds copies of records as [`push`](Self::push) does. One look-up per run of a replica's.
    pub(super) fn extend<'a>(&mut self, records: impl IntoIterator<Item = &'a Record>) {
        let mut records = records.into_iter().peekable();
        while let Some(first) = records.peek() {
            let replica = first.dot.replica;
            let at = self.row_or_new(replica);
            let row = &mut self.rows[at].1;
            while let Some(record) = records.next_if(|next| next.dot.replica == replica) {
                self.len += 1;
                self.bytes += bytes(record);
                push(row, record.clone());
            }
        }
    }

    /// Forgets the records of a replica up to a counter. O(forgotten).
    pub(super) fn forget(&mut self, replica: ReplicaId, upto: u64) {
        let Ok(at) = self.row(replica) else {
            return;
        };
        let row = &mut self.rows[at].1;
        let count = first_above(row.len(), |at| row[at].dot.counter, upto);
        self.len -= count;
        if count == row.len() {
            let (_, row) = self.rows.remove(at);
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

    fn row(&self, replica: ReplicaId) -> Result<usize, usize> {
        position(&self.rows, replica, |row| row.0)
    }

    fn row_or_new(&mut self, replica: ReplicaId) -> usize {
        self.row(replica).unwrap_or_else(|at| {
            self.rows.insert(at, (replica, VecDeque::new()));
            at
        })
    }
}

fn push(row: &mut VecDeque<Record>, record: Record) {
    debug_assert!(row.back().is_none_or(|last| last.dot < record.dot));
    row.push_back(record);
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
