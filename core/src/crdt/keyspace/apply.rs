//! Doing an operation.
//!
//! Everything that can be wrong is found before the store is touched, and every operation is at most
//! one event: there is no half of one that could be lost or shown.

use alloc::vec::Vec;

use super::error::KeyspaceError;
use super::layout::{DEPTH_MAX, is_reserved, object_path, value_path};
use super::operation::Operation;
use super::registry::{KeyKind, Registry};
use super::tags;
use crate::Micros;
use crate::crdt::types::{counter, ew_flag, lww_register, mv_register, pn_counter};
use crate::crdt::{Event, HybridClock, MapMut, Path, SetMut, Store, Write};

/// Does an operation to the object under a key, at `now`.
///
/// `None` if nothing would change, which is no event: a removal of what is not there, an increment
/// by zero. On an error, store and clock are as they were. `clock` is the keyspace's own, one for all
/// keys: [`clock_of`](super::clock_of) makes it, and [`observe`](super::observe) keeps it above what
/// others wrote.
pub fn apply(
    registry: &Registry,
    store: &mut Store,
    clock: &mut HybridClock,
    now: Micros,
    key: &[u8],
    operation: &Operation,
) -> Result<Option<Event>, KeyspaceError> {
    if is_reserved(key) {
        return Err(KeyspaceError::Reserved { key: key.to_vec() });
    }
    let mut target = Target {
        store,
        clock,
        now,
        key,
    };
    match operation {
        Operation::Tag {
            name,
            value,
            source,
        } => {
            let Target { store, clock, .. } = target;
            tags::write(store, clock, now, key, name, value, source).map(Some)
        }
        Operation::Untag { name } => Ok(tags::remove(store, now, key, name)?),
        Operation::Delete => target.delete(registry.kind_of(key)),
        _ => {
            let kind = registry.kind_of(key);
            target.update(kind, value_path(key, kind), operation)
        }
    }
}

/// An object that something is done to.
struct Target<'a> {
    store: &'a mut Store,
    clock: &'a mut HybridClock,
    now: Micros,
    key: &'a [u8],
}

impl Target<'_> {
    /// Takes the whole object away, unless there are rows: a row that is killed here is written anew
    /// elsewhere with all it ever counted. They can be there under any kind, as another replica may
    /// have been configured otherwise.
    fn delete(&mut self, kind: KeyKind) -> Result<Option<Event>, KeyspaceError> {
        let rows = value_path(self.key, KeyKind::Counter);
        if kind == KeyKind::Counter || self.store.is_live_under(&rows) {
            let key = self.key.to_vec();
            return Err(KeyspaceError::NotRemovable { key });
        }
        self.remove(&object_path(self.key))
    }

    /// Changes the value of this kind at `path`: that of the key itself, or that of a field.
    fn update(
        &mut self,
        mut kind: KeyKind,
        mut path: Path,
        mut operation: &Operation,
    ) -> Result<Option<Event>, KeyspaceError> {
        let mut depth = 1;
        while let (
            KeyKind::Map,
            Operation::Field {
                key,
                kind: field,
                operation: inner,
            },
        ) = (kind, operation)
        {
            depth += 1;
            if depth > DEPTH_MAX {
                let key = self.key.to_vec();
                return Err(KeyspaceError::TooDeep { key });
            }
            path = field.field(&path, key);
            kind = KeyKind::from(*field);
            operation = inner;
        }
        // Of a field, deleting and clearing are the same. Deleting a key has been dealt with.
        match operation {
            Operation::Clear | Operation::Delete => self.clear(kind, &path),
            _ => self.write(kind, &path, operation),
        }
    }

    fn clear(&mut self, kind: KeyKind, path: &Path) -> Result<Option<Event>, KeyspaceError> {
        if kind == KeyKind::Counter {
            let key = self.key.to_vec();
            return Err(KeyspaceError::NotRemovable { key });
        }
        self.remove(path)
    }

    fn write(
        &mut self,
        kind: KeyKind,
        path: &Path,
        operation: &Operation,
    ) -> Result<Option<Event>, KeyspaceError> {
        let (store, now) = (&mut *self.store, self.now);
        let event = match (kind, operation) {
            (KeyKind::Set, Operation::Add { element }) => {
                Some(SetMut::<Vec<u8>>::new(store, now, path.clone()).add(element)?)
            }
            (KeyKind::Set, Operation::Remove { element }) => {
                SetMut::<Vec<u8>>::new(store, now, path.clone()).remove(element)?
            }
            (KeyKind::Map, Operation::Remove { element: key }) => {
                MapMut::<Vec<u8>>::new(store, self.clock, now, path.clone()).remove(key)?
            }
            (KeyKind::Counter, &Operation::Increment { by }) => {
                let count = match by {
                    0.. => pn_counter::increment,
                    _ => pn_counter::decrement,
                };
                count(store, now, path, by.unsigned_abs())
                    .map_err(|error| KeyspaceError::of_counter(self.key, error))?
            }
            (KeyKind::ResettableCounter, &Operation::Increment { by }) => {
                counter::increment(store, now, path, by)?
            }
            (KeyKind::Register, Operation::Write { value }) => {
                let event = lww_register::write(store, self.clock, now, path, value)?;
                Some(event)
            }
            (KeyKind::MultiRegister, Operation::Write { value }) => {
                Some(mv_register::write(store, now, path, value)?)
            }
            (KeyKind::Flag, Operation::Enable) => Some(ew_flag::enable(store, now, path)?),
            (KeyKind::Flag, Operation::Disable) => ew_flag::disable(store, now, path)?,
            _ => {
                return Err(KeyspaceError::WrongKind {
                    key: self.key.to_vec(),
                    kind,
                    operation: operation.name(),
                });
            }
        };
        Ok(event)
    }

    fn remove(&mut self, path: &Path) -> Result<Option<Event>, KeyspaceError> {
        Ok(self.store.record(self.now, path, Write::Remove)?)
    }
}
