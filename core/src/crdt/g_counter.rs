//! The grow-only counter.

use alloc::boxed::Box;
use core::fmt;

use super::{
    EncodingError, Event, Live, Path, Payload, ReplicaId, Replicated, Store, StoreError, Write,
};
use crate::Micros;

/// A counter that only grows: one row per replica, its sum so far.
///
/// A row is an event that supersedes the row before, so it follows the rules of every other event
/// and needs none of its own. Only a row's owner writes it; a replica that lost rows it had shown
/// must come back under a new [`ReplicaId`], or increments are lost.
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
    /// The replica's row would not fit into 64 bits.
    Overflow {
        /// The row as it is.
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
    pub fn decode(bytes: &[u8]) -> Result<Self, EncodingError> {
        Ok(Self {
            store: Store::decode(bytes)?,
        })
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

/// The counter under `path`: what all its rows sum up to.
pub(super) fn value(store: &Store, path: &Path) -> u128 {
    store
        .live_under(path)
        .map(|live| u128::from(row(live)))
        .sum()
}

/// Adds to the row of the store's own replica in the counter under `path`.
pub(super) fn increment(
    store: &mut Store,
    now: Micros,
    path: &Path,
    by: u64,
) -> Result<Option<Event>, CounterError> {
    if by == 0 {
        return Ok(None);
    }
    let path = row_path(path, store.replica());
    let before = store.live_at(&path).map(row).max().unwrap_or(0);
    let after = before
        .checked_add(by)
        .ok_or(CounterError::Overflow { row: before, by })?;
    let payload: Payload = Box::from(after.to_le_bytes());
    store
        .record(now, &path, Write::Put(payload))
        .map_err(CounterError::Store)
}

fn row_path(counter: &Path, replica: ReplicaId) -> Path {
    let mut segment = [0; 16];
    segment[..8].copy_from_slice(&replica.node.0.to_be_bytes());
    segment[8..].copy_from_slice(&replica.incarnation.to_be_bytes());
    counter.child(&segment)
}

/// The sum a row carries. A payload that is none, from a peer that is wrong, counts as zero.
fn row(live: Live<'_>) -> u64 {
    live.payload.try_into().map_or(0, u64::from_le_bytes)
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
