//! The grow-only counter.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use super::{
    ApplyError, Delta, EncodingError, Event, FullState, LiveDot, MergeReport, Path, Payload,
    PruneOptions, PruneReport, PruneTrigger, ReplicaId, Store, StoreError, VersionVector,
};
use crate::Micros;

/// A counter that only grows: one row per replica, its sum so far.
///
/// A row is an event that supersedes the row before, so it follows the rules of every other event
/// and needs none of its own. Only a row's owner writes it; a replica that lost rows it had shown
/// must come back under a new [`ReplicaId`], or increments are lost.
///
/// ```
/// use quorate::crdt::{GCounter, ReplicaId};
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

    /// What a replica that has seen `since` lacks; `None` if it needs the
    /// [full state](Self::full_state).
    pub fn delta_since(&self, since: &VersionVector) -> Option<Delta> {
        self.store.delta_since(since)
    }

    /// Joins a delta.
    pub fn apply(&mut self, delta: &Delta) -> Result<MergeReport, ApplyError> {
        self.store.apply(delta)
    }

    /// The whole state, to send.
    pub fn full_state(&self) -> FullState {
        self.store.full_state()
    }

    /// Joins a full state.
    pub fn apply_full(&mut self, full: &FullState) -> Result<MergeReport, ApplyError> {
        self.store.apply_full(full)
    }

    /// Joins another counter in the same process.
    pub fn merge(&mut self, other: &Self) -> Result<MergeReport, ApplyError> {
        match other.delta_since(self.context()) {
            Some(delta) => self.apply(&delta),
            None => self.apply_full(&other.full_state()),
        }
    }

    /// Forgets the records of superseded rows. The value does not change.
    pub fn prune(&mut self, now: Micros, options: &PruneOptions) -> PruneReport {
        self.store.prune(now, options, PruneTrigger::Explicit)
    }

    /// What was seen: the version vector to ask others with.
    pub fn context(&self) -> &VersionVector {
        self.store.context()
    }

    /// The events underneath.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The counter as bytes, for a disk.
    pub fn encode(&self) -> Vec<u8> {
        self.store.encode()
    }

    /// Reads what [`encode`](Self::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, EncodingError> {
        Ok(Self {
            store: Store::decode(bytes)?,
        })
    }
}

/// The counter under `path`: what all its rows sum up to.
pub(super) fn value(store: &Store, path: &Path) -> u128 {
    store
        .live_under(path)
        .flat_map(|(_, dots)| dots)
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
    let before = store.live_at(&path).iter().map(row).max().unwrap_or(0);
    let after = before
        .checked_add(by)
        .ok_or(CounterError::Overflow { row: before, by })?;
    let payload: Payload = Box::from(after.to_le_bytes());
    store
        .record(now, &path, Some(payload))
        .map_err(CounterError::Store)
}

fn row_path(counter: &Path, replica: ReplicaId) -> Path {
    let mut segment = [0; 16];
    segment[..8].copy_from_slice(&replica.node.0.to_be_bytes());
    segment[8..].copy_from_slice(&replica.incarnation.to_be_bytes());
    counter.child(&segment)
}

/// The sum a row carries. A payload that is none, from a peer that is wrong, counts as zero.
fn row(live: &LiveDot) -> u64 {
    live.payload
        .as_ref()
        .try_into()
        .map_or(0, u64::from_le_bytes)
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
