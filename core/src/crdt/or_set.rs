//! The add-wins set.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::marker::PhantomData;

use super::{
    Dot, EncodingError, Event, Path, Payload, ReplicaId, Replicated, Store, StoreError, Write,
};
use crate::Micros;

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
/// phone.add(Micros(1), &"milk".to_owned())?;
/// laptop.merge(&phone)?;
///
/// // One removes what the other adds again, without knowing: the add wins.
/// laptop.remove(Micros(2), &"milk".to_owned())?;
/// phone.add(Micros(2), &"milk".to_owned())?;
/// laptop.merge(&phone)?;
/// phone.merge(&laptop)?;
/// assert!(phone.contains(&"milk".to_owned()) && laptop.contains(&"milk".to_owned()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// How it travels is in [`Replicated`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrSet<E> {
    store: Store,
    element: PhantomData<E>,
}

/// Something that can be an element: it has one form as bytes.
pub trait Element: Sized {
    /// The bytes that stand for it. Equal elements have equal bytes.
    fn to_bytes(&self) -> Cow<'_, [u8]>;
    /// The element of these bytes; `None` if there is none.
    fn from_bytes(bytes: &[u8]) -> Option<Self>;
}

impl<E: Element> OrSet<E> {
    /// An empty set at which `replica` adds and removes.
    pub fn new(replica: ReplicaId) -> Self {
        Self {
            store: Store::new(replica),
            element: PhantomData,
        }
    }

    /// Adds an element. Adding what is present renews its dot, so that a removal elsewhere that
    /// has not seen this add will not take it away.
    pub fn add(&mut self, now: Micros, element: &E) -> Result<Event, StoreError> {
        let event = self
            .store
            .record(now, &path_of(element), Write::Put(Payload::default()))?;
        Ok(event.expect("an add always changes something"))
    }

    /// Removes an element; `None` if it was not there, which is no event.
    pub fn remove(&mut self, now: Micros, element: &E) -> Result<Option<Event>, StoreError> {
        self.store.record(now, &path_of(element), Write::Remove)
    }

    /// Removes every element that is present here; `None` if there was none.
    pub fn clear(&mut self, now: Micros) -> Result<Option<Event>, StoreError> {
        self.store.record(now, &Path::root(), Write::Remove)
    }

    /// Whether the element is present.
    pub fn contains(&self, element: &E) -> bool {
        self.store.live_at(&path_of(element)).next().is_some()
    }

    /// The dots that keep the element alive: one, unless it was added concurrently.
    pub fn dots(&self, element: &E) -> impl ExactSizeIterator<Item = Dot> + '_ {
        let dots: Vec<Dot> = self
            .store
            .live_at(&path_of(element))
            .map(|live| live.dot)
            .collect();
        dots.into_iter()
    }

    /// The elements, in the order of their bytes. What another program wrote that is no `E` is
    /// skipped.
    pub fn iter(&self) -> impl Iterator<Item = E> + '_ {
        self.store
            .iter()
            .filter_map(|live| E::from_bytes(&live.path.last()?))
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.store.path_len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads what [`encode`](Replicated::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, EncodingError> {
        Ok(Self {
            store: Store::decode(bytes)?,
            element: PhantomData,
        })
    }
}

impl<E: Element> Replicated for OrSet<E> {
    fn store(&self) -> &Store {
        &self.store
    }

    fn store_mut(&mut self) -> &mut Store {
        &mut self.store
    }
}

fn path_of<E: Element>(element: &E) -> Path {
    Path::of([element.to_bytes()])
}

impl Element for String {
    fn to_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(self.as_bytes())
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Self::from_utf8(bytes.to_vec()).ok()
    }
}

impl Element for Vec<u8> {
    fn to_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(self)
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(bytes.to_vec())
    }
}

impl Element for u64 {
    /// Big endian, so that the order of the bytes is the order of the numbers.
    fn to_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Owned(self.to_be_bytes().to_vec())
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_be_bytes)
    }
}
