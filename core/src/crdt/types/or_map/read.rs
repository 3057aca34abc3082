//! Reading a map.

use alloc::vec::Vec;
use core::marker::PhantomData;

use super::kind::{Kind, name_of};
use crate::crdt::types::element::{AsElement, Element};
use crate::crdt::types::or_set::SetRef;
use crate::crdt::types::{counter, ew_flag, lww_register, mv_register};
use crate::crdt::{Path, Store};

/// A map inside a store, to be read.
///
/// A field that nobody wrote reads as what its kind starts with: no value, zero, down, empty.
#[derive(Clone, Debug)]
pub struct MapRef<'a, K> {
    store: &'a Store,
    path: Path,
    key: PhantomData<K>,
}

impl<'a, K: Element> MapRef<'a, K> {
    /// The map whose keys lie right under `path`.
    pub(in crate::crdt) fn new(store: &'a Store, path: Path) -> Self {
        Self {
            store,
            path,
            key: PhantomData,
        }
    }

    /// Whether the key is present: something is live in one of its fields.
    pub fn contains_key(&self, key: &(impl AsElement<K> + ?Sized)) -> bool {
        self.store
            .is_live_under(&self.path.child(&key.element_bytes()))
    }

    /// Whether the field is present.
    pub fn contains_field(&self, key: &(impl AsElement<K> + ?Sized), kind: Kind) -> bool {
        self.store.is_live_under(&kind.field(&self.path, key))
    }

    /// The keys that are present, in the order of their bytes. What is no `K` is skipped. Walks
    /// over everything live in the map.
    pub fn keys(&self) -> impl Iterator<Item = K> + '_ {
        let mut previous = None;
        self.names().filter_map(move |(key, _)| {
            if previous.as_ref() == Some(&key) {
                return None;
            }
            let typed = K::from_bytes(&key);
            previous = Some(key);
            typed
        })
    }

    /// The fields that are present, by key and kind. Walks over everything live in the map.
    pub fn fields(&self) -> impl Iterator<Item = (K, Kind)> + '_ {
        self.names()
            .filter_map(|(key, kind)| Some((K::from_bytes(&key)?, kind)))
    }

    /// How many keys are present. Walks over everything live in the map.
    pub fn len(&self) -> usize {
        self.keys().count()
    }

    /// Whether no key is present.
    pub fn is_empty(&self) -> bool {
        self.keys().next().is_none()
    }

    /// The counter under the key.
    pub fn counter(&self, key: &(impl AsElement<K> + ?Sized)) -> i128 {
        counter::value(self.store, &Kind::Counter.field(&self.path, key))
    }

    /// Whether the flag under the key is up.
    pub fn flag(&self, key: &(impl AsElement<K> + ?Sized)) -> bool {
        ew_flag::is_enabled(self.store, &Kind::Flag.field(&self.path, key))
    }

    /// What the last writer wrote under the key; `None` also if that is no `V`.
    pub fn register<V: Element>(&self, key: &(impl AsElement<K> + ?Sized)) -> Option<V> {
        lww_register::value(self.store, &Kind::Register.field(&self.path, key))
    }

    /// What was written concurrently under the key, in the order of bytes. What is no `V` is skipped.
    pub fn multi_register<V: Element>(&self, key: &(impl AsElement<K> + ?Sized)) -> Vec<V> {
        mv_register::values(self.store, &Kind::MultiRegister.field(&self.path, key))
    }

    /// The set under the key.
    pub fn set<E: Element>(&self, key: &(impl AsElement<K> + ?Sized)) -> SetRef<'a, E> {
        SetRef::new(self.store, Kind::Set.field(&self.path, key))
    }

    /// The map under the key.
    pub fn map<L: Element>(&self, key: &(impl AsElement<K> + ?Sized)) -> MapRef<'a, L> {
        MapRef::new(self.store, Kind::Map.field(&self.path, key))
    }

    /// The names of the fields that are present, as bytes, each once.
    fn names(&self) -> impl Iterator<Item = (Vec<u8>, Kind)> + '_ {
        let mut previous = None;
        self.store.live_under(&self.path).filter_map(move |live| {
            let name = name_of(live.path, &self.path);
            if name.is_none() || name == previous {
                return None;
            }
            previous.clone_from(&name);
            name
        })
    }
}
