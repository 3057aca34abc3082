//! Looking at a keyspace.

use alloc::vec::Vec;

use super::layout::{after, fact_of, is_reserved, object_path, tag_path, value_path};
use super::query::{Query, matches};
use super::registry::{KeyKind, Registry};
use super::tags::{Fact, Schema, Tag, TagName, resolve};
use super::value::{Value, value_of};
use crate::crdt::types::{counter, ew_flag, lww_register, mv_register, pn_counter};
use crate::crdt::{Element, MapRef, Path, SetRef, Store};

/// The objects in a store, to be read.
///
/// Methods with a type read what the key holds of that type, whatever the registry says: what
/// another replica wrote under another registry can be seen. An object that nobody wrote reads as
/// what its type starts with. [`get`](Self::get) goes by the registry.
///
/// ```
/// use quorate::crdt::keyspace::{KeyKind, Keyspace, Operation, Registry, Value, apply};
/// use quorate::crdt::{HybridClock, ReplicaId, Store};
/// use quorate::{Micros, NodeId};
///
/// let registry = Registry::new().prefix("cart/", KeyKind::Set)?;
/// let mut store = Store::new(ReplicaId::first(NodeId(1)));
/// let mut clock = HybridClock::new();
/// let add = Operation::Add { element: b"milk".to_vec() };
/// apply(&registry, &mut store, &mut clock, Micros(1), b"cart/ada", &add)?;
///
/// let keyspace = Keyspace::new(&store, &registry);
/// assert!(keyspace.set::<String>("cart/ada").contains("milk"));
/// assert_eq!(keyspace.get("cart/ada"), Value::Set(vec![b"milk".to_vec()]));
/// assert!(keyspace.keys().eq([b"cart/ada"]));
///
/// // What a cart has no use for is refused, and nothing has changed.
/// let count = Operation::Increment { by: 1 };
/// let refused = apply(&registry, &mut store, &mut clock, Micros(2), b"cart/ada", &count);
/// assert_eq!(refused.unwrap_err().to_string(), "`cart/ada`: no operation `increment` on a set");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Keyspace<'a> {
    store: &'a Store,
    registry: &'a Registry,
}

impl<'a> Keyspace<'a> {
    /// The objects in `store`, whose kinds `registry` tells.
    pub fn new(store: &'a Store, registry: &'a Registry) -> Self {
        Self { store, registry }
    }

    /// What the key holds, by the registry.
    pub fn kind_of(self, key: impl AsRef<[u8]>) -> KeyKind {
        self.registry.kind_of(key)
    }

    /// Whether anything is there under the key: a value or a tag. O(log n).
    pub fn contains(self, key: impl AsRef<[u8]>) -> bool {
        let key = key.as_ref();
        !is_reserved(key) && self.store.is_live_under(&object_path(key))
    }

    /// The keys under which anything is, in order. O(log n) each, however much an object holds.
    pub fn keys(self) -> impl Iterator<Item = Vec<u8>> + 'a {
        self.keys_under([])
    }

    /// Those of the keys that start with these bytes. O(log n) each.
    pub fn keys_under(self, prefix: impl AsRef<[u8]>) -> impl Iterator<Item = Vec<u8>> + 'a {
        keys_under(self.store, prefix.as_ref())
    }

    /// What the key holds, as a whole, by the registry.
    pub fn get(self, key: impl AsRef<[u8]>) -> Value {
        let key = key.as_ref();
        value_of(self.store, key, self.registry.kind_of(key))
    }

    /// The set under the key.
    pub fn set<E: Element>(self, key: impl AsRef<[u8]>) -> SetRef<'a, E> {
        SetRef::new(self.store, value_path(key.as_ref(), KeyKind::Set))
    }

    /// The counter under the key. O(replicas that counted).
    pub fn counter(self, key: impl AsRef<[u8]>) -> i128 {
        pn_counter::value(self.store, &value_path(key.as_ref(), KeyKind::Counter))
    }

    /// The resettable counter under the key. O(increments since it was cleared).
    pub fn resettable_counter(self, key: impl AsRef<[u8]>) -> i128 {
        let path = value_path(key.as_ref(), KeyKind::ResettableCounter);
        counter::value(self.store, &path)
    }

    /// What the last writer wrote under the key; `None` also if that is no `V`.
    pub fn register<V: Element>(self, key: impl AsRef<[u8]>) -> Option<V> {
        lww_register::value(self.store, &value_path(key.as_ref(), KeyKind::Register))
    }

    /// What was written concurrently under the key, in the order of bytes. What is no `V` is skipped.
    pub fn multi_register<V: Element>(self, key: impl AsRef<[u8]>) -> Vec<V> {
        let path = value_path(key.as_ref(), KeyKind::MultiRegister);
        mv_register::values(self.store, &path)
    }

    /// Whether the flag under the key is up.
    pub fn flag(self, key: impl AsRef<[u8]>) -> bool {
        ew_flag::is_enabled(self.store, &value_path(key.as_ref(), KeyKind::Flag))
    }

    /// The map under the key.
    pub fn map<K: Element>(self, key: impl AsRef<[u8]>) -> MapRef<'a, K> {
        MapRef::new(self.store, value_path(key.as_ref(), KeyKind::Map))
    }

    /// What a tag of the object says, by the mode of its name; `None` if it has no such tag.
    ///
    /// ```
    /// use quorate::crdt::keyspace::{
    ///     Keyspace, MergeMode, Operation, Registry, TagName, TagScope, TagValue, apply,
    ///     set_merge_mode,
    /// };
    /// use quorate::crdt::{HybridClock, ReplicaId, Store};
    /// use quorate::{Micros, NodeId};
    ///
    /// let registry = Registry::new();
    /// let colour = TagName::new("photo:colours")?;
    /// let say = |store: &mut Store, now, colours: [&str; 2]| {
    ///     let (name, value) = (colour.clone(), TagValue::list(colours));
    ///     let tag = Operation::Tag { name, value, source: "camera".into() };
    ///     apply(&registry, store, &mut HybridClock::new(), now, b"image", &tag)
    /// };
    /// let mut left = Store::new(ReplicaId::first(NodeId(1)));
    /// let mut right = Store::new(ReplicaId::first(NodeId(2)));
    /// say(&mut left, Micros(5), ["red", "green"])?;
    /// say(&mut right, Micros(7), ["green", "blue"])?;
    /// left.apply_full(&right.full_state())?;
    ///
    /// // Both facts are there. By default the last one shows; lists can be united.
    /// let shown = |store: &Store| Keyspace::new(store, &registry).tag("image", &colour).unwrap();
    /// assert_eq!(shown(&left).value(), Some(&TagValue::list(["green", "blue"])));
    /// let scope = TagScope::Name(colour.clone());
    /// set_merge_mode(&mut left, &mut HybridClock::new(), Micros(9), &scope, MergeMode::Union)?;
    /// assert_eq!(shown(&left).value(), Some(&TagValue::list(["blue", "green", "red"])));
    ///
    /// // The mode travels with the facts.
    /// right.apply_full(&left.full_state())?;
    /// assert_eq!(shown(&right), shown(&left));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn tag(self, key: impl AsRef<[u8]>, name: &TagName) -> Option<Tag> {
        tag_of(self.store, key.as_ref(), name)
    }

    /// The facts behind a tag: more than one if they were said concurrently. By dot.
    pub fn facts(self, key: impl AsRef<[u8]>, name: &TagName) -> Vec<Fact> {
        facts_of(self.store, key.as_ref(), name)
    }

    /// All tags of the object, by name.
    pub fn tags(self, key: impl AsRef<[u8]>) -> impl Iterator<Item = (TagName, Tag)> + 'a {
        tags_of(self.store, key.as_ref())
    }

    /// How tags are merged.
    pub fn schema(self) -> Schema<'a> {
        Schema::new(self.store)
    }

    /// The keys of the objects that a query finds, in order. Looks at every object; for many queries,
    /// keep a [`TagIndex`](super::TagIndex).
    pub fn find<'q>(self, query: &'q Query) -> impl Iterator<Item = Vec<u8>> + use<'a, 'q> {
        let store = self.store;
        self.keys().filter(move |key| matches(store, key, query))
    }
}

/// The keys that start with these bytes. Every object is one jump.
pub(super) fn keys_under<'a>(
    store: &'a Store,
    prefix: &[u8],
) -> impl Iterator<Item = Vec<u8>> + use<'a> {
    let prefix = prefix.to_vec();
    let mut from = Path::of([&prefix]);
    let next = move || {
        let first = store.live_from(&from).next()?;
        let key = first.path.segments().next()?.into_owned();
        from = after(&key);
        key.starts_with(&prefix).then_some(key)
    };
    core::iter::from_fn(next).filter(|key| !is_reserved(key))
}

pub(super) fn facts_of(store: &Store, key: &[u8], name: &TagName) -> Vec<Fact> {
    let path = tag_path(key, name);
    store.live_at(&path).filter_map(Fact::of).collect()
}

pub(super) fn tag_of(store: &Store, key: &[u8], name: &TagName) -> Option<Tag> {
    let mode = Schema::new(store).mode_of(name);
    resolve(facts_of(store, key, name), mode)
}

/// The names of an object's tags with what they amount to, by name.
pub(super) fn tags_of<'a>(
    store: &'a Store,
    key: &[u8],
) -> impl Iterator<Item = (TagName, Tag)> + use<'a> {
    let schema = Schema::new(store);
    let path = value_path(key, KeyKind::Tags);
    let mut facts = store
        .live_from(&path)
        .take_while(move |live| live.path.is_under(path.as_ref()));
    let mut next = facts.find_map(fact_of);
    core::iter::from_fn(move || {
        let (name, first) = next.take()?;
        let mut siblings = alloc::vec![first];
        for (other, fact) in facts.by_ref().filter_map(fact_of) {
            if other != name {
                next = Some((other, fact));
                break;
            }
            siblings.push(fact);
        }
        let tag = resolve(siblings, schema.mode_of(&name))?;
        Some((name, tag))
    })
}
