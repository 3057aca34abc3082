//! What a key holds, as a whole and without the store.
//!
//! A program that knows its keys asks with types. A user interface, or whoever prints a keyspace,
//! does not know them and wants everything at once.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::layout::DEPTH_MAX;
use super::registry::KeyKind;
use super::tags::{Tag, TagName};
use crate::crdt::types::{counter, ew_flag, lww_register, mv_register, pn_counter};
use crate::crdt::{Kind, MapRef, Path, SetRef, Store};

/// What a key holds. Elements, keys and values are bytes, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// The elements of a set.
    Set(Vec<Vec<u8>>),
    /// The sum of a counter, of either kind.
    Counter(i128),
    /// What the last writer wrote.
    Register(Option<Vec<u8>>),
    /// What was written concurrently.
    MultiRegister(Vec<Vec<u8>>),
    /// Whether a flag is up.
    Flag(bool),
    /// The fields of a map.
    Map(Box<BTreeMap<(Vec<u8>, Kind), Value>>),
    /// What is said of an object that has nothing but tags.
    Tags(BTreeMap<TagName, Tag>),
}

/// The value of a kind at a path, tags excepted.
pub(super) fn value_of(store: &Store, path: &Path, kind: KeyKind) -> Value {
    nested_value_of(store, path, kind, 1)
}

/// Nothing that is shown lies deeper than what can be written, whatever a peer sent.
fn nested_value_of(store: &Store, path: &Path, kind: KeyKind, depth: usize) -> Value {
    match kind {
        KeyKind::Set => Value::Set(SetRef::new(store, path.clone()).iter().collect()),
        KeyKind::Counter => Value::Counter(pn_counter::value(store, path)),
        KeyKind::ResettableCounter => Value::Counter(counter::value(store, path)),
        KeyKind::Register => Value::Register(lww_register::value(store, path)),
        KeyKind::MultiRegister => Value::MultiRegister(mv_register::values(store, path)),
        KeyKind::Flag => Value::Flag(ew_flag::is_enabled(store, path)),
        KeyKind::Map if depth < DEPTH_MAX => {
            let map = MapRef::<Vec<u8>>::new(store, path.clone());
            let field = |(key, kind): (Vec<u8>, Kind)| {
                let path = kind.field(path, &key);
                let value = nested_value_of(store, &path, kind.into(), depth + 1);
                ((key, kind), value)
            };
            Value::Map(Box::new(map.fields().map(field).collect()))
        }
        KeyKind::Map => Value::Map(Box::default()),
        KeyKind::Tags => Value::Tags(BTreeMap::new()),
    }
}
