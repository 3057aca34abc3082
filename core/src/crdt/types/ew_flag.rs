//! The flag that an enabling wins.
//!
//! Two replicas set a flag, one to true and one to false, without knowing of each other. By time, the
//! outcome depends on two clocks. Here a disabling takes away the enablings that it has seen, and
//! another one keeps the flag up.

use super::layout::{Layout, LoadError, is_root, load};
use crate::Micros;
use crate::crdt::{Event, Path, PathRef, Payload, ReplicaId, Replicated, Store, StoreError, Write};

/// A flag that is up if it was enabled and no disabling has seen all of that.
///
/// ```
/// use quorate::crdt::{EwFlag, ReplicaId, Replicated};
/// use quorate::{Micros, NodeId};
///
/// let mut left = EwFlag::new(ReplicaId::first(NodeId(1)));
/// let mut right = EwFlag::new(ReplicaId::first(NodeId(2)));
/// left.enable(Micros(1))?;
/// right.merge(&left)?;
///
/// right.disable(Micros(2))?;
/// left.enable(Micros(2))?;
/// right.merge(&left)?;
/// assert!(right.is_enabled());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EwFlag {
    store: Store,
}

impl EwFlag {
    /// A flag that is down, and that `replica` enables and disables.
    pub fn new(replica: ReplicaId) -> Self {
        Self {
            store: Store::new(replica),
        }
    }

    /// Puts the flag up. One that is up is renewed, so that a disabling elsewhere that has not seen
    /// this will not take it down.
    pub fn enable(&mut self, now: Micros) -> Result<Event, StoreError> {
        enable(&mut self.store, now, &Path::root())
    }

    /// Takes the flag down; `None` if it was down, which is no event.
    pub fn disable(&mut self, now: Micros) -> Result<Option<Event>, StoreError> {
        disable(&mut self.store, now, &Path::root())
    }

    /// Whether it is up.
    pub fn is_enabled(&self) -> bool {
        is_enabled(&self.store, &Path::root())
    }

    /// Reads what [`encode`](Replicated::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, LoadError> {
        load::<Self>(bytes).map(|store| Self { store })
    }
}

impl Replicated for EwFlag {
    fn store(&self) -> &Store {
        &self.store
    }

    fn store_mut(&mut self) -> &mut Store {
        &mut self.store
    }
}

impl Layout for EwFlag {
    const EVENT: &'static str = "an enabling of the flag";

    fn fits(path: PathRef<'_>, payload: &[u8]) -> bool {
        is_root(path) && payload.is_empty()
    }

    fn may_kill(path: PathRef<'_>) -> bool {
        is_root(path)
    }
}

/// Whether the flag at `path` is up.
pub(in crate::crdt) fn is_enabled(store: &Store, path: &Path) -> bool {
    store.live_at(path).next().is_some()
}

/// Puts the flag at `path` up.
pub(in crate::crdt) fn enable(
    store: &mut Store,
    now: Micros,
    path: &Path,
) -> Result<Event, StoreError> {
    let event = store.record(now, path, Write::Put(Payload::default()))?;
    Ok(event.expect("an enabling always changes something"))
}

/// Takes the flag at `path` down; `None` if it was down.
pub(in crate::crdt) fn disable(
    store: &mut Store,
    now: Micros,
    path: &Path,
) -> Result<Option<Event>, StoreError> {
    store.record(now, path, Write::Remove)
}
