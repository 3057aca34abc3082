//! Writing to a map.

use core::marker::PhantomData;

use super::kind::Kind;
use super::read::MapRef;
use crate::Micros;
use crate::crdt::types::element::{AsElement, Element};
use crate::crdt::types::hybrid_clock::HybridClock;
use crate::crdt::types::lww_register::{self, WriteError};
use crate::crdt::types::or_set::SetMut;
use crate::crdt::types::{counter, ew_flag, mv_register};
use crate::crdt::{Event, Path, Store, StoreError, Write};

/// A map inside a store, to be written to at one moment.
///
/// Writing to a field makes it, and the maps around it: there is nothing to create. Every method
/// makes at most one event.
#[derive(Debug)]
pub struct MapMut<'a, K> {
    store: &'a mut Store,
    /// One for all registers of the store.
    clock: &'a mut HybridClock,
    now: Micros,
    path: Path,
    key: PhantomData<K>,
}

impl<'a, K: Element> MapMut<'a, K> {
    /// The map whose keys lie right under `path`, to be written to at `now`.
    pub(in crate::crdt) fn new(
        store: &'a mut Store,
        clock: &'a mut HybridClock,
        now: Micros,
        path: Path,
    ) -> Self {
        Self {
            store,
            clock,
            now,
            path,
            key: PhantomData,
        }
    }

    /// Removes a key with all its fields, as far as they were seen here; `None` if it was not there,
    /// which is no event. What was written concurrently stays.
    pub fn remove(
        &mut self,
        key: &(impl AsElement<K> + ?Sized),
    ) -> Result<Option<Event>, StoreError> {
        let path = self.path.child(&key.element_bytes());
        self.store.record(self.now, &path, Write::Remove)
    }

    /// Removes one field of a key; `None` if it was not there. A counter is reset by it.
    pub fn remove_field(
        &mut self,
        key: &(impl AsElement<K> + ?Sized),
        kind: Kind,
    ) -> Result<Option<Event>, StoreError> {
        let path = kind.field(&self.path, key);
        self.store.record(self.now, &path, Write::Remove)
    }

    /// Removes every key that is present here; `None` if there was none.
    pub fn clear(&mut self) -> Result<Option<Event>, StoreError> {
        self.store.record(self.now, &self.path, Write::Remove)
    }

    /// Adds an amount, which may be negative, to the counter under the key. Adding zero is no event.
    ///
    /// Every call leaves an event live until the counter is removed: who counts often adds up first.
    pub fn increment(
        &mut self,
        key: &(impl AsElement<K> + ?Sized),
        by: i64,
    ) -> Result<Option<Event>, StoreError> {
        let path = Kind::Counter.field(&self.path, key);
        counter::increment(self.store, self.now, &path, by)
    }

    /// Puts the flag under the key up.
    pub fn enable(&mut self, key: &(impl AsElement<K> + ?Sized)) -> Result<Event, StoreError> {
        ew_flag::enable(self.store, self.now, &Kind::Flag.field(&self.path, key))
    }

    /// Takes the flag under the key down; `None` if it was down, which is no event.
    pub fn disable(
        &mut self,
        key: &(impl AsElement<K> + ?Sized),
    ) -> Result<Option<Event>, StoreError> {
        ew_flag::disable(self.store, self.now, &Kind::Flag.field(&self.path, key))
    }

    /// Writes to the register under the key, in place of all writes that were seen.
    pub fn write<V: Element>(
        &mut self,
        key: &(impl AsElement<K> + ?Sized),
        value: &(impl AsElement<V> + ?Sized),
    ) -> Result<Event, WriteError> {
        let path = Kind::Register.field(&self.path, key);
        let Self {
            store, clock, now, ..
        } = self;
        lww_register::write(store, clock, *now, &path, &value.element_bytes())
    }

    /// Writes to the multi-value register under the key, in place of all values that were seen.
    pub fn write_multi<V: Element>(
        &mut self,
        key: &(impl AsElement<K> + ?Sized),
        value: &(impl AsElement<V> + ?Sized),
    ) -> Result<Event, StoreError> {
        let path = Kind::MultiRegister.field(&self.path, key);
        mv_register::write(self.store, self.now, &path, &value.element_bytes())
    }

    /// The set under the key.
    pub fn set<E: Element>(&mut self, key: &(impl AsElement<K> + ?Sized)) -> SetMut<'_, E> {
        let path = Kind::Set.field(&self.path, key);
        SetMut::new(self.store, self.now, path)
    }

    /// The map under the key.
    pub fn map<L: Element>(&mut self, key: &(impl AsElement<K> + ?Sized)) -> MapMut<'_, L> {
        let path = Kind::Map.field(&self.path, key);
        MapMut::new(self.store, self.clock, self.now, path)
    }

    /// The map as it is now.
    pub fn view(&self) -> MapRef<'_, K> {
        MapRef::new(self.store, self.path.clone())
    }
}
