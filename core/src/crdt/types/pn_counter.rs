//! The counter that goes up and down. How its rows work is in [`row`](super::row).
//!
//! One signed sum per row would do, as only its owner writes it. Two sums that only grow keep what
//! happened: ten up and ten down is not nothing.

use alloc::boxed::Box;

use super::g_counter::CounterError;
use super::layout::{Layout, LoadError, load};
use super::row::{self, is_row, own_row, row_path, rows};
use crate::Micros;
use crate::crdt::{Event, Path, PathRef, ReplicaId, Replicated, Store, Write};

/// A counter that goes up and down: one row per replica, the sums of its increments and of its
/// decrements.
///
/// Only a row's owner writes it; a replica that lost rows it had shown must come back under a new
/// [`ReplicaId`]. It cannot be reset: for that, see [`OrMap`](super::OrMap)'s counters.
///
/// ```
/// use quorate::crdt::{PnCounter, ReplicaId, Replicated};
/// use quorate::{Micros, NodeId};
///
/// let mut north = PnCounter::new(ReplicaId::first(NodeId(1)));
/// let mut south = PnCounter::new(ReplicaId::first(NodeId(2)));
/// north.increment(Micros(1), 3)?;
/// south.decrement(Micros(1), 5)?;
/// north.merge(&south)?;
/// assert_eq!(north.value(), -2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PnCounter {
    store: Store,
}

/// What a replica contributed.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Row {
    increments: u64,
    decrements: u64,
}

impl PnCounter {
    /// A counter at zero that `replica` changes.
    pub fn new(replica: ReplicaId) -> Self {
        Self {
            store: Store::new(replica),
        }
    }

    /// Counts up. By zero is no event.
    pub fn increment(&mut self, now: Micros, by: u64) -> Result<Option<Event>, CounterError> {
        increment(&mut self.store, now, &Path::root(), by)
    }

    /// Counts down. By zero is no event.
    pub fn decrement(&mut self, now: Micros, by: u64) -> Result<Option<Event>, CounterError> {
        decrement(&mut self.store, now, &Path::root(), by)
    }

    /// All increments seen less all decrements. 128 bits hold the sum of any number of rows there
    /// can be.
    pub fn value(&self) -> i128 {
        value(&self.store, &Path::root())
    }

    /// Reads what [`encode`](Replicated::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, LoadError> {
        load::<Self>(bytes).map(|store| Self { store })
    }
}

impl Replicated for PnCounter {
    fn store(&self) -> &Store {
        &self.store
    }

    fn store_mut(&mut self) -> &mut Store {
        &mut self.store
    }
}

impl Layout for PnCounter {
    const EVENT: &'static str = "a row of a counter that goes up and down";

    fn fits(path: PathRef<'_>, payload: &[u8]) -> bool {
        is_row(path) && Row::parse(payload).is_some()
    }

    fn may_kill(path: PathRef<'_>) -> bool {
        is_row(path)
    }

    fn owner(path: PathRef<'_>) -> Option<ReplicaId> {
        row::owner(path)
    }
}

/// The counter at `path`: what all its rows sum up to.
pub(in crate::crdt) fn value(store: &Store, path: &Path) -> i128 {
    rows(store, path)
        .filter_map(Row::parse)
        .map(|row| i128::from(row.increments) - i128::from(row.decrements))
        .sum()
}

/// Adds to the increments of the store's own replica in the counter at `path`.
pub(in crate::crdt) fn increment(
    store: &mut Store,
    now: Micros,
    path: &Path,
    by: u64,
) -> Result<Option<Event>, CounterError> {
    let row = Row::own(store, path);
    let grown = Row {
        increments: grow(row.increments, by)?,
        ..row
    };
    replace(store, now, path, row, grown)
}

/// Adds to the decrements of the store's own replica in the counter at `path`.
pub(in crate::crdt) fn decrement(
    store: &mut Store,
    now: Micros,
    path: &Path,
    by: u64,
) -> Result<Option<Event>, CounterError> {
    let row = Row::own(store, path);
    let grown = Row {
        decrements: grow(row.decrements, by)?,
        ..row
    };
    replace(store, now, path, row, grown)
}

fn grow(row: u64, by: u64) -> Result<u64, CounterError> {
    row.checked_add(by)
        .ok_or(CounterError::Overflow { row, by })
}

fn replace(
    store: &mut Store,
    now: Micros,
    path: &Path,
    row: Row,
    grown: Row,
) -> Result<Option<Event>, CounterError> {
    if row == grown {
        return Ok(None);
    }
    let path = row_path(path, store.replica());
    store
        .record(now, &path, Write::Put(Box::from(grown.to_bytes())))
        .map_err(CounterError::Store)
}

impl Row {
    fn own(store: &Store, counter: &Path) -> Self {
        own_row(store, counter, Self::parse).unwrap_or_default()
    }

    fn to_bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.increments.to_le_bytes());
        bytes[8..].copy_from_slice(&self.decrements.to_le_bytes());
        bytes
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (increments, decrements) = bytes.split_first_chunk()?;
        Some(Self {
            increments: u64::from_le_bytes(*increments),
            decrements: u64::from_le_bytes(decrements.try_into().ok()?),
        })
    }
}
