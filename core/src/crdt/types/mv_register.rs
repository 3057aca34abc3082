//! The register that keeps what was written concurrently.
//!
//! Last-writer-wins throws one of two concurrent writes away, and nobody is told. Here a write
//! replaces the writes it has seen; those that did not see each other are all there, to be shown or
//! to be merged by somebody who knows what they mean.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::marker::PhantomData;

use super::element::{AsElement, Element};
use super::layout::{Layout, LoadError, is_root, load};
use crate::Micros;
use crate::crdt::{Dot, Event, Path, PathRef, ReplicaId, Replicated, Store, StoreError, Write};

/// A register whose values are all writes that no other write has seen.
///
/// ```
/// use quorate::crdt::{MvRegister, ReplicaId, Replicated};
/// use quorate::{Micros, NodeId};
///
/// let mut left = MvRegister::<String>::new(ReplicaId::first(NodeId(1)));
/// let mut right = MvRegister::<String>::new(ReplicaId::first(NodeId(2)));
/// left.set(Micros(1), "tea")?;
/// right.set(Micros(1), "coffee")?;
/// left.merge(&right)?;
/// assert_eq!(left.values(), ["coffee", "tea"]);
///
/// left.set(Micros(2), "both")?;
/// right.merge(&left)?;
/// assert_eq!(right.values(), ["both"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MvRegister<V> {
    store: Store,
    value: PhantomData<V>,
}

/// One of the values of a register: a write that no other write has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sibling<V> {
    /// What was written.
    pub value: V,
    /// The write.
    pub dot: Dot,
    /// The time at its replica.
    pub at: Micros,
}

impl<V: Element> MvRegister<V> {
    /// A register without a value, to which `replica` writes.
    pub fn new(replica: ReplicaId) -> Self {
        Self::of(Store::new(replica))
    }

    /// Writes a value in place of all there are.
    pub fn set(
        &mut self,
        now: Micros,
        value: &(impl AsElement<V> + ?Sized),
    ) -> Result<Event, StoreError> {
        write(&mut self.store, now, &Path::root(), &value.element_bytes())
    }

    /// Takes all values away; `None` if there was none, which is no event.
    pub fn clear(&mut self, now: Micros) -> Result<Option<Event>, StoreError> {
        self.store.record(now, &Path::root(), Write::Remove)
    }

    /// The values, in the order of their bytes; equal ones once.
    pub fn values(&self) -> Vec<V> {
        values(&self.store, &Path::root())
    }

    /// The writes behind the values, in the order of the values' bytes, then of dots.
    pub fn siblings(&self) -> Vec<Sibling<V>> {
        siblings(&self.store, &Path::root())
            .into_iter()
            .filter_map(Sibling::typed)
            .collect()
    }

    /// Reads what [`encode`](Replicated::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, LoadError> {
        load::<Self>(bytes).map(Self::of)
    }

    fn of(store: Store) -> Self {
        Self {
            store,
            value: PhantomData,
        }
    }
}

impl<V: Element> Replicated for MvRegister<V> {
    fn store(&self) -> &Store {
        &self.store
    }

    fn store_mut(&mut self) -> &mut Store {
        &mut self.store
    }
}

impl<V: Element> Layout for MvRegister<V> {
    const EVENT: &'static str = "a value of the register";

    fn fits(path: PathRef<'_>, payload: &[u8]) -> bool {
        is_root(path) && V::is_element(payload)
    }

    fn may_kill(path: PathRef<'_>) -> bool {
        is_root(path)
    }
}

impl Sibling<&[u8]> {
    /// The same with a value of a type; `None` if the bytes are none.
    fn typed<V: Element>(self) -> Option<Sibling<V>> {
        Some(Sibling {
            value: V::from_bytes(self.value)?,
            dot: self.dot,
            at: self.at,
        })
    }
}

/// The writes at `path` that no other write has seen, in the order of values, then of dots.
pub(in crate::crdt) fn siblings<'a>(store: &'a Store, path: &'a Path) -> Vec<Sibling<&'a [u8]>> {
    let mut siblings: Vec<Sibling<&[u8]>> = store
        .live_at(path)
        .map(|live| Sibling {
            value: live.payload,
            dot: live.dot,
            at: live.at,
        })
        .collect();
    siblings.sort_unstable_by_key(|sibling| (sibling.value, sibling.dot));
    siblings
}

/// The values of the register at `path`, in the order of their bytes; equal ones once.
pub(in crate::crdt) fn values<V: Element>(store: &Store, path: &Path) -> Vec<V> {
    let mut siblings = siblings(store, path);
    siblings.dedup_by_key(|sibling| sibling.value);
    siblings
        .into_iter()
        .filter_map(|sibling| V::from_bytes(sibling.value))
        .collect()
}

/// Writes to the register at `path`.
pub(in crate::crdt) fn write(
    store: &mut Store,
    now: Micros,
    path: &Path,
    value: &[u8],
) -> Result<Event, StoreError> {
    let event = store.record(now, path, Write::Put(Box::from(value)))?;
    Ok(event.expect("a write always changes something"))
}
