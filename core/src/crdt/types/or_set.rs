//! The add-wins set.
//!
//! A set that remembers removed elements by name cannot tell an add that a removal has seen from one
//! that it has not. Here an add is an event of its own and a removal kills the adds it has seen; what
//! it has not seen survives.

use alloc::vec::Vec;
use core::marker::PhantomData;

use super::element::{AsElement, Element};
use super::layout::{Layout, LoadError, check_beyond, is_root, load};
use crate::Micros;
use crate::crdt::{
    ApplyError, Dot, Event, MergeReport, Path, PathRef, Payload, ReplicaId, Replicated, Store,
    StoreError, Write,
};

/// A set in which an add wins over a concurrent removal.
///
/// Metadata is O(live elements + replicas): a stable element has one dot, a removed one has none,
/// and what the journal still says about it may be pruned at any time.
///
/// ```
/// use quorate::crdt::{OrSet, ReplicaId, Replicated};
/// use quorate::{Micros, NodeId};
///
/// let mut phone = OrSet::<String>::new(ReplicaId::first(NodeId(1)));
/// let mut laptop = OrSet::<String>::new(ReplicaId::first(NodeId(2)));
/// phone.add(Micros(1), "milk")?;
/// laptop.merge(&phone)?;
///
/// // One removes what the other adds again, without knowing: the add wins.
/// laptop.remove(Micros(2), "milk")?;
/// phone.add(Micros(2), "milk")?;
/// laptop.merge(&phone)?;
/// phone.merge(&laptop)?;
/// assert!(phone.contains("milk") && laptop.contains("milk"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// How it travels is in [`Replicated`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrSet<E> {
    store: Store,
    /// Where the elements are: the root.
    path: Path,
    element: PhantomData<E>,
}

/// A set inside a store, to be read.
#[derive(Clone, Debug)]
pub struct SetRef<'a, E> {
    store: &'a Store,
    path: Path,
    element: PhantomData<E>,
}

/// A set inside a store, to be written to at one moment.
#[derive(Debug)]
pub struct SetMut<'a, E> {
    store: &'a mut Store,
    now: Micros,
    path: Path,
    element: PhantomData<E>,
}

impl<E: Element> OrSet<E> {
    /// An empty set at which `replica` adds and removes.
    pub fn new(replica: ReplicaId) -> Self {
        Self::of(Store::new(replica))
    }

    /// Adds an element. Adding what is present renews its dot, so that a removal elsewhere that
    /// has not seen this add will not take it away.
    pub fn add(
        &mut self,
        now: Micros,
        element: &(impl AsElement<E> + ?Sized),
    ) -> Result<Event, StoreError> {
        add(&mut self.store, now, &self.path, element)
    }

    /// Removes an element; `None` if it was not there, which is no event.
    pub fn remove(
        &mut self,
        now: Micros,
        element: &(impl AsElement<E> + ?Sized),
    ) -> Result<Option<Event>, StoreError> {
        remove(&mut self.store, now, &self.path, element)
    }

    /// Removes every element that is present here; `None` if there was none.
    pub fn clear(&mut self, now: Micros) -> Result<Option<Event>, StoreError> {
        self.store.record(now, &self.path, Write::Remove)
    }

    /// Whether the element is present.
    pub fn contains(&self, element: &(impl AsElement<E> + ?Sized)) -> bool {
        contains(&self.store, &self.path, element)
    }

    /// The dots that keep the element alive: one, unless it was added concurrently.
    pub fn dots<Q: AsElement<E> + ?Sized>(
        &self,
        element: &Q,
    ) -> impl ExactSizeIterator<Item = Dot> + use<E, Q> {
        dots(&self.store, &self.path, element).into_iter()
    }

    /// The elements, in the order of their bytes. What another program wrote that is no `E` is
    /// skipped.
    pub fn iter(&self) -> impl Iterator<Item = E> + '_ {
        elements(&self.store, &self.path)
    }

    /// How many elements there are. O(1).
    pub fn len(&self) -> usize {
        self.store.path_len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads what [`encode`](Replicated::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, LoadError> {
        load::<Self>(bytes).map(Self::of)
    }

    fn of(store: Store) -> Self {
        Self {
            store,
            path: Path::root(),
            element: PhantomData,
        }
    }
}

impl<E: Element> Replicated for OrSet<E> {
    fn store(&self) -> &Store {
        &self.store
    }

    fn store_mut(&mut self) -> &mut Store {
        &mut self.store
    }

    /// Joins the events themselves: a set keeps no clock that would have to be told.
    fn merge(&mut self, other: &Self) -> Result<MergeReport, ApplyError> {
        check_beyond::<Self>(&other.store, self.store.context())?;
        self.store.merge(&other.store)
    }
}

impl<E: Element> Layout for OrSet<E> {
    const EVENT: &'static str = "an element of the set";

    fn fits(path: PathRef<'_>, payload: &[u8]) -> bool {
        payload.is_empty() && is_element::<E>(path)
    }

    /// An add in place of others, a removal, or a clearing of the whole set.
    fn may_kill(path: PathRef<'_>) -> bool {
        is_root(path) || is_element::<E>(path)
    }
}

impl<'a, E: Element> SetRef<'a, E> {
    /// The set whose elements lie right under `path`.
    pub(in crate::crdt) fn new(store: &'a Store, path: Path) -> Self {
        Self {
            store,
            path,
            element: PhantomData,
        }
    }

    /// Whether the element is present.
    pub fn contains(&self, element: &(impl AsElement<E> + ?Sized)) -> bool {
        contains(self.store, &self.path, element)
    }

    /// The dots that keep the element alive: one, unless it was added concurrently.
    pub fn dots<Q: AsElement<E> + ?Sized>(
        &self,
        element: &Q,
    ) -> impl ExactSizeIterator<Item = Dot> + use<E, Q> {
        dots(self.store, &self.path, element).into_iter()
    }

    /// The elements, in the order of their bytes. What is no `E` is skipped.
    pub fn iter(&self) -> impl Iterator<Item = E> + '_ {
        elements(self.store, &self.path)
    }

    /// How many elements there are. O(elements).
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there is none. O(1), unless there are events of other programs.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

impl<'a, E: Element> SetMut<'a, E> {
    /// The set whose elements lie right under `path`, to be written to at `now`.
    pub(in crate::crdt) fn new(store: &'a mut Store, now: Micros, path: Path) -> Self {
        Self {
            store,
            now,
            path,
            element: PhantomData,
        }
    }

    /// Adds an element. Adding what is present renews its dot.
    pub fn add(&mut self, element: &(impl AsElement<E> + ?Sized)) -> Result<Event, StoreError> {
        add(self.store, self.now, &self.path, element)
    }

    /// Removes an element; `None` if it was not there, which is no event.
    pub fn remove(
        &mut self,
        element: &(impl AsElement<E> + ?Sized),
    ) -> Result<Option<Event>, StoreError> {
        remove(self.store, self.now, &self.path, element)
    }

    /// Removes every element that is present here; `None` if there was none.
    pub fn clear(&mut self) -> Result<Option<Event>, StoreError> {
        self.store.record(self.now, &self.path, Write::Remove)
    }

    /// The set as it is now.
    pub fn view(&self) -> SetRef<'_, E> {
        SetRef::new(self.store, self.path.clone())
    }
}

fn add<E>(
    store: &mut Store,
    now: Micros,
    set: &Path,
    element: &(impl AsElement<E> + ?Sized),
) -> Result<Event, StoreError> {
    let path = set.child(&element.element_bytes());
    let event = store.record(now, &path, Write::Put(Payload::default()))?;
    Ok(event.expect("an add always changes something"))
}

fn remove<E>(
    store: &mut Store,
    now: Micros,
    set: &Path,
    element: &(impl AsElement<E> + ?Sized),
) -> Result<Option<Event>, StoreError> {
    store.record(now, &set.child(&element.element_bytes()), Write::Remove)
}

fn contains<E>(store: &Store, set: &Path, element: &(impl AsElement<E> + ?Sized)) -> bool {
    let path = set.child(&element.element_bytes());
    store.live_at(&path).next().is_some()
}

fn dots<E>(store: &Store, set: &Path, element: &(impl AsElement<E> + ?Sized)) -> Vec<Dot> {
    let path = set.child(&element.element_bytes());
    store.live_at(&path).map(|live| live.dot).collect()
}

/// The elements right under `set`, each once.
fn elements<'a, E: Element>(store: &'a Store, set: &'a Path) -> impl Iterator<Item = E> + 'a {
    let mut previous: Option<PathRef<'a>> = None;
    store.live_under(set).filter_map(move |live| {
        // An element that was added concurrently has several dots, one after the other.
        if previous.replace(live.path) == Some(live.path) {
            return None;
        }
        E::from_bytes(&live.path.relative_to(set.as_ref())?.only()?)
    })
}

/// Whether the path is that of an element within its set.
fn is_element<E: Element>(path: PathRef<'_>) -> bool {
    path.only().is_some_and(|bytes| E::is_element(&bytes))
}
