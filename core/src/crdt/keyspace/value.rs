//! What a key holds, as a whole and without the store.
//!
//! A program that knows its keys asks with types. A user interface, or whoever prints a keyspace,
//! does not know them and wants everything at once.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::layout::{DEPTH_MAX, value_path};
use super::read::tags_of;
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
    Map(BTreeMap<(Vec<u8>, Kind), Value>),
    /// What is said of an object that has nothing but tags.
    Tags(BTreeMap<TagName, Tag>),
}

/// What the key holds of a kind.
pub(super) fn value_of(store: &Store, key: &[u8], kind: KeyKind) -> Value {
    let path = value_path(key, kind);
    let field = |kind| field_of(store, &path, kind, 1);
    match kind {
        KeyKind::Counter => Value::Counter(pn_counter::value(store, &path)),
        KeyKind::Tags => Value::Tags(tags_of(store, key).collect()),
        KeyKind::ResettableCounter => field(Kind::Counter),
        KeyKind::Flag => field(Kind::Flag),
        KeyKind::Map => field(Kind::Map),
        KeyKind::Register => field(Kind::Register),
        KeyKind::Set => field(Kind::Set),
        KeyKind::MultiRegister => field(Kind::MultiRegister),
    }
}

/// The value of a kind at a path. Nothing is shown that lies deeper than what can be written,
/// whatever a peer sent.
fn field_of(store: &Store, path: &Path, kind: Kind, depth: usize) -> Value {
    match kind {
        Kind::Set => Value::Set(SetRef::new(store, path.clone()).iter().collect()),
        Kind::Counter => Value::Counter(counter::value(store, path)),
        Kind::Register => Value::Register(lww_register::value(store, path)),
        Kind::MultiRegister => Value::MultiRegister(mv_register::values(store, path)),
        Kind::Flag => Value::Flag(ew_flag::is_enabled(store, path)),
        Kind::Map if depth < DEPTH_MAX => {
            let map = MapRef::<Vec<u8>>::new(store, path.clone());
            let fields = map.fields().map(|(key, kind)| {
                let path = kind.field(path, &key);
                ((key, kind), field_of(store, &path, kind, depth + 1))
            });
            Value::Map(fields.collect())
        }
        Kind::Map => Value::Map(BTreeMap::new()),
    }
}
