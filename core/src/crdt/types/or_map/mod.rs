//! The map of replicated values.
//!
//! A map whose keys each have a context of their own loses it when a key is removed. The key is made
//! again, its counter of events starts again, and two events have one name. A map that keeps the
//! contexts of removed keys grows for ever. Here the whole map, with all maps within it, is one
//! store: one version vector, one journal, one floor. A key is nothing but what is live under it.
//!
//! - [`kind`]: what kinds of field there are, and their paths.
//! - [`read`], [`write`]: the views.

mod kind;
mod read;
mod write;

use core::marker::PhantomData;

use super::element::{AsElement, Element};
use super::hybrid_clock::{HybridClock, Stamp};
use super::layout::{Layout, LoadError, load};
use super::lww_register::observe_events;
use crate::Micros;
use crate::crdt::{LiveEvent, Path, PathRef, ReplicaId, Replicated, Store};

pub use kind::Kind;
pub use read::MapRef;
pub use write::MapMut;

/// A map from keys to replicated values: counters, flags, registers, sets and maps.
///
/// A field is a key and a [`Kind`]; one key can have a field of each. Removing a key removes what was
/// seen of all its fields, to any depth, and nothing else: what somebody writes concurrently stays,
/// alone. So a removed counter starts again at what was counted concurrently, and a register does not
/// come back with the value from before.
///
/// ```
/// use quorate::crdt::{OrMap, ReplicaId, Replicated};
/// use quorate::{Micros, NodeId};
///
/// let mut left = OrMap::<String>::new(ReplicaId::first(NodeId(1)));
/// let mut right = OrMap::<String>::new(ReplicaId::first(NodeId(2)));
///
/// let mut ada = left.edit(Micros(1));
/// let mut ada = ada.map::<String>("ada");
/// ada.write("city", "London")?;
/// ada.increment("visits", 5)?;
/// ada.set::<String>("tags").add("admin")?;
/// right.merge(&left)?;
///
/// // One removes her while the other counts a visit: of her, that visit is left.
/// left.edit(Micros(2)).remove("ada")?;
/// right.edit(Micros(2)).map::<String>("ada").increment("visits", 1)?;
/// left.merge(&right)?;
/// right.merge(&left)?;
///
/// let ada = right.view().map::<String>("ada");
/// assert_eq!(ada.counter("visits"), 1);
/// assert_eq!(ada.register::<String>("city"), None);
/// assert!(ada.set::<String>("tags").is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct OrMap<K> {
    store: Store,
    /// Above every stamp seen. Not part of the value: it is found again when a state is read.
    clock: HybridClock,
    key: PhantomData<K>,
}

impl<K: Element> OrMap<K> {
    /// An empty map to which `replica` writes.
    pub fn new(replica: ReplicaId) -> Self {
        Self::of(Store::new(replica))
    }

    /// The map, to be read.
    pub fn view(&self) -> MapRef<'_, K> {
        MapRef::new(&self.store, Path::root())
    }

    /// The map, to be written to at `now`.
    pub fn edit(&mut self, now: Micros) -> MapMut<'_, K> {
        MapMut::new(&mut self.store, &mut self.clock, now, Path::root())
    }

    /// Whether the key is present.
    pub fn contains_key(&self, key: &(impl AsElement<K> + ?Sized)) -> bool {
        self.view().contains_key(key)
    }

    /// Whether no key is present. O(1), unless there are events of other programs.
    pub fn is_empty(&self) -> bool {
        self.view().is_empty()
    }

    /// The highest stamp of a register given or seen.
    pub fn last_stamp(&self) -> Stamp {
        self.clock.last()
    }

    /// Reads what [`encode`](Replicated::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, LoadError> {
        load::<Self>(bytes).map(Self::of)
    }

    fn of(store: Store) -> Self {
        let mut clock = HybridClock::new();
        for live in store.iter() {
            if is_register(live.path)
                && let Some((stamp, _)) = Stamp::split(live.payload)
            {
                clock.observe(stamp);
            }
        }
        Self {
            store,
            clock,
            key: PhantomData,
        }
    }
}

impl<K> PartialEq for OrMap<K> {
    /// Equal states: the clock is no part of the value.
    fn eq(&self, other: &Self) -> bool {
        self.store == other.store
    }
}

impl<K> Eq for OrMap<K> {}

impl<K: Element> Replicated for OrMap<K> {
    fn store(&self) -> &Store {
        &self.store
    }

    fn store_mut(&mut self) -> &mut Store {
        &mut self.store
    }

    fn observe(&mut self, live: &[LiveEvent]) {
        observe_events(&mut self.clock, live, is_register);
    }
}

impl<K: Element> Layout for OrMap<K> {
    const EVENT: &'static str = "a part of a field of the map";

    fn fits(path: PathRef<'_>, payload: &[u8]) -> bool {
        let key = path.segments().next();
        key.is_some_and(|key| K::is_element(&key))
            && Kind::of_path(path).is_some_and(|kind| kind.fits(payload))
    }

    /// A write to a field, or a removal of anything from a field to the whole map.
    fn may_kill(path: PathRef<'_>) -> bool {
        let key = path.segments().next();
        key.is_none_or(|key| K::is_element(&key)) && Kind::leads_to_field(path)
    }
}

fn is_register(path: PathRef<'_>) -> bool {
    Kind::of_path(path) == Some(Kind::Register)
}
