//! The grow-only counter. How its rows work is in [`row`](super::row).

use alloc::boxed::Box;
use core::fmt;

use super::layout::{Layout, LoadError, load};
use super::row::{self, is_row, own_row, row_path, rows};
use crate::Micros;
use crate::crdt::{Event, Path, PathRef, ReplicaId, Replicated, Store, StoreError, Write};

/// A counter that only grows: one row per replica, its sum so far.
///
/// Only a row's owner writes it; a replica that lost rows it had shown must come back under a new
/// [`ReplicaId`], or increments are lost. It cannot be reset: for that, see
/// [`OrMap`](super::OrMap)'s counters.
///
/// ```
/// use quorate::crdt::{GCounter, ReplicaId, Replicated};
/// use quorate::{Micros, NodeId};
///
/// let mut left = GCounter::new(ReplicaId::first(NodeId(1)));
/// let mut right = GCounter::new(ReplicaId::first(NodeId(2)));
/// left.increment(Micros(1), 3)?;
/// right.increment(Micros(1), 4)?;
/// left.merge(&right)?;
/// assert_eq!(left.value(), 7);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GCounter {
    store: Store,
}

/// Why an increment was refused. The counter is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CounterError {
    /// A sum in the replica's row would not fit into 64 bits.
    Overflow {
        /// The sum as it is.
        row: u64,
        /// What should have been added.
        by: u64,
    },
    /// The store refused it.
    Store(StoreError),
}

impl GCounter {
    /// A counter at zero that `replica` increments.
    pub fn new(replica: ReplicaId) -> Self {
        Self {
            store: Store::new(replica),
        }
    }

    /// Adds to this replica's row. Adding zero is no event.
    pub fn increment(&mut self, now: Micros, by: u64) -> Result<Option<Event>, CounterError> {
        increment(&mut self.store, now, &Path::root(), by)
    }

    /// The sum of all rows seen. 128 bits hold the sum of any number of 64-bit rows there can be.
    pub fn value(&self) -> u128 {
        value(&self.store, &Path::root())
    }

    /// Reads what [`encode`](Replicated::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, LoadError> {
        load::<Self>(bytes).map(|store| Self { store })
    }
}

impl Replicated for GCounter {
    fn store(&self) -> &Store {
        &self.store
    }

    fn store_mut(&mut self) -> &mut Store {
        &mut self.store
    }
}

impl Layout for GCounter {
    const EVENT: &'static str = "a row of a counter";

    fn fits(path: PathRef<'_>, payload: &[u8]) -> bool {
        is_row(path) && parse(payload).is_some()
    }

    fn may_kill(path: PathRef<'_>) -> bool {
        is_row(path)
    }

    fn owner(path: PathRef<'_>) -> Option<ReplicaId> {
        row::owner(path)
    }
}

/// The counter at `path`: what all its rows sum up to.
pub(in crate::crdt) fn value(store: &Store, path: &Path) -> u128 {
    rows(store, path).filter_map(parse).map(u128::from).sum()
}

/// Adds to the row of the store's own replica in the counter at `path`.
pub(in crate::crdt) fn increment(
    store: &mut Store,
    now: Micros,
    path: &Path,
    by: u64,
) -> Result<Option<Event>, CounterError> {
    if by == 0 {
        return Ok(None);
    }
    let row = own_row(store, path, parse).unwrap_or(0);
    let grown = row
        .checked_add(by)
        .ok_or(CounterError::Overflow { row, by })?;
    let path = row_path(path, store.replica());
    let write = Write::Put(Box::from(grown.to_le_bytes()));
    store.record(now, &path, write).map_err(CounterError::Store)
}

fn parse(row: &[u8]) -> Option<u64> {
    row.try_into().ok().map(u64::from_le_bytes)
}

impl fmt::Display for CounterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overflow { row, by } => write!(f, "{row} + {by} does not fit into 64 bits"),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for CounterError {}
