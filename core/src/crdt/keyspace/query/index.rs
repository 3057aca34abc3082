//! Sorted lists of objects that follow the store.
//!
//! An index that is told what a write *meant* has to know every way in which a state changes: a
//! write, a join, a deletion, a mode. This one is told only *where* something changed, looks at what
//! is there now, and puts that in place of what it had. It cannot drift from the store, whatever
//! happened in between.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::expression::{Query, ValueRange};
use super::selection::Selection;
use crate::crdt::keyspace::layout::{Place, SCHEMA, is_reserved, mode_path, tag_path, value_path};
use crate::crdt::keyspace::read::{keys_under, tag_of, tags_of};
use crate::crdt::keyspace::registry::KeyKind;
use crate::crdt::keyspace::tags::{TagName, TagValue};
use crate::crdt::{Dot, Event, MergeReport, Store};

/// The key of an object, shared between all lists that it is in.
pub(super) type Key = Arc<[u8]>;

/// An inverted index of the tags in a store: which objects have which tag, saying what.
///
/// Tell it of every change of the store, right after the change: events made here by
/// [`note_event`](Self::note_event), joins by [`note_merge`](Self::note_merge). Either costs
/// O(log n) for every tag that changed. If a mode changed it also looks at the tags of that name
/// that were said concurrently. Pruning changes nothing that it knows.
///
/// ```
/// use quorate::crdt::keyspace::{
///     Operation, Query, Registry, TagIndex, TagName, TagValue, apply,
/// };
/// use quorate::crdt::{HybridClock, ReplicaId, Store};
/// use quorate::{Micros, NodeId};
///
/// let (registry, mut clock) = (Registry::new(), HybridClock::new());
/// let mut store = Store::new(ReplicaId::first(NodeId(1)));
/// let mut index = TagIndex::build(&store);
/// let price = TagName::new("shop:price")?;
/// for (key, value) in [("tea", 4), ("coffee", 7), ("water", 1)] {
///     let (name, value) = (price.clone(), TagValue::from(value));
///     let tag = Operation::Tag { name, value, source: "shop".into() };
///     let key = key.as_bytes();
///     let event = apply(&registry, &mut store, &mut clock, Micros(1), key, &tag)?;
///     index.note_event(&store, &event.expect("a tag is an event"));
/// }
/// let affordable = Query::range(price, ..TagValue::from(5));
/// assert_eq!(index.find(&store, &affordable), [&b"tea"[..], b"water"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagIndex {
    /// What the lists below have of each object: what to take out of them when it changes.
    objects: BTreeMap<Key, BTreeMap<TagName, Entry>>,
    /// The lists. No name is without an object.
    names: BTreeMap<TagName, Posting>,
    /// Where the dots lie that share their path with another one. If one of these is killed, a
    /// report of the merge does not say where it lay.
    contested: BTreeMap<Dot, Contested>,
    /// The dots of the modes that were seen, for the same reason.
    modes: BTreeMap<Dot, Option<TagName>>,
}

/// What the index has of a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    terms: Vec<TagValue>,
    /// The facts, if there are several.
    contested: Vec<Dot>,
}

/// The objects with a tag of one name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Posting {
    holders: BTreeSet<Key>,
    /// By what the tag says. No term is without an object.
    terms: BTreeMap<TagValue, BTreeSet<Key>>,
}

/// A tag of an object.
type Contested = (TagName, Key);

/// The tags to look at again.
#[derive(Debug, Default)]
struct Touched {
    everything: bool,
    /// Objects of which every tag may have changed.
    objects: BTreeSet<Vec<u8>>,
    tags: BTreeSet<(Vec<u8>, TagName)>,
    /// Names whose mode may have changed; none for all of them.
    modes: BTreeSet<Option<TagName>>,
}

impl TagIndex {
    /// The index of what a store holds. O(n log n).
    pub fn build(store: &Store) -> Self {
        let mut index = Self::default();
        for key in keys_under(store, &[]) {
            index.look_at_object(store, &key);
        }
        let modes = value_path(SCHEMA, KeyKind::Map);
        for live in store.live_under(&modes) {
            if let Place::Schema(name) = Place::of(live.path) {
                index.look_at_mode(store, name.as_ref());
            }
        }
        index
    }

    /// Follows an event that was made here. The store has to have it already.
    pub fn note_event(&mut self, store: &Store, event: &Event) {
        let mut touched = Touched::default();
        touched.add(Place::of(event.path.as_ref()));
        self.look_at(store, &touched);
    }

    /// Follows a join. The store has to be as the join left it.
    pub fn note_merge(&mut self, store: &Store, report: &MergeReport) {
        let mut touched = Touched::default();
        for path in report.added.iter().chain(&report.removed) {
            touched.add(Place::of(path.as_ref()));
        }
        for live in report.inserted.iter().filter_map(|&dot| store.get(dot)) {
            touched.add(Place::of(live.path));
        }
        for dot in &report.killed {
            if let Some((name, key)) = self.contested.get(dot) {
                touched.tags.insert((key.to_vec(), name.clone()));
            }
            if let Some(name) = self.modes.get(dot) {
                touched.modes.insert(name.clone());
            }
        }
        self.look_at(store, &touched);
    }

    /// The keys of the objects that a query finds, in order.
    ///
    /// O(objects that its parts find · log n). Only what is [`Query::Not`] as a whole walks over
    /// the keys of the store.
    pub fn find(&self, store: &Store, query: &Query) -> Vec<Vec<u8>> {
        match self.select(query) {
            Selection::Only(keys) => keys.iter().map(|key| key.to_vec()).collect(),
            Selection::AllBut(keys) => keys_under(store, &[])
                .filter(|key| !keys.contains(&key[..]))
                .collect(),
        }
    }

    /// The names that tags have, with how many objects have one.
    pub fn names(&self) -> impl Iterator<Item = (&TagName, usize)> {
        let count = |(name, posting)| {
            let posting: &Posting = posting;
            (name, posting.holders.len())
        };
        self.names.iter().map(count)
    }

    fn select(&self, query: &Query) -> Selection {
        match query {
            Query::Exists(name) => match self.names.get(name) {
                Some(posting) => Selection::Only(posting.holders.clone()),
                None => Selection::none(),
            },
            Query::Within(name, range) => match self.names.get(name) {
                Some(posting) => Selection::Only(posting.within(range)),
                None => Selection::none(),
            },
            Query::All(queries) => queries
                .iter()
                .map(|query| self.select(query))
                .fold(Selection::none().complement(), Selection::intersection),
            Query::Any(queries) => queries
                .iter()
                .map(|query| self.select(query))
                .fold(Selection::none(), Selection::union),
            Query::Not(query) => self.select(query).complement(),
        }
    }

    fn look_at(&mut self, store: &Store, touched: &Touched) {
        if touched.everything {
            *self = Self::build(store);
            return;
        }
        for key in &touched.objects {
            self.look_at_object(store, key);
        }
        for (key, name) in &touched.tags {
            self.look_at_tag(store, key, name);
        }
        for name in &touched.modes {
            self.look_at_mode(store, name.as_ref());
            for (name, key) in &self.contested_of(name.as_ref()) {
                self.look_at_tag(store, key, name);
            }
        }
    }

    fn look_at_object(&mut self, store: &Store, key: &[u8]) {
        let known = self.objects.get(key).into_iter().flat_map(BTreeMap::keys);
        let mut names: BTreeSet<TagName> = known.cloned().collect();
        names.extend(tags_of(store, key).map(|(name, _)| name));
        for name in &names {
            self.look_at_tag(store, key, name);
        }
    }

    /// Puts what is there now in place of what was known.
    fn look_at_tag(&mut self, store: &Store, key: &[u8], name: &TagName) {
        self.forget(key, name);
        if is_reserved(key) {
            return;
        }
        if let Some(tag) = tag_of(store, key, name) {
            let path = tag_path(key, name);
            // Counted as the store counts, which does not ask whether a payload can be read.
            let mut contested: Vec<Dot> = store.live_at(&path).map(|live| live.dot).collect();
            if contested.len() < 2 {
                contested.clear();
            }
            let terms = tag.terms();
            self.learn(key, name, Entry { terms, contested });
        }
    }

    fn look_at_mode(&mut self, store: &Store, name: Option<&TagName>) {
        self.modes.retain(|_, known| known.as_ref() != name);
        for live in store.live_at(&mode_path(name)) {
            self.modes.insert(live.dot, name.cloned());
        }
    }

    /// The tags that a mode decides about: of one name, or of all.
    fn contested_of(&self, name: Option<&TagName>) -> BTreeSet<Contested> {
        let contested = self.contested.values();
        let of_name = contested.filter(|(known, _)| name.is_none_or(|name| name == known));
        of_name.cloned().collect()
    }

    fn learn(&mut self, key: &[u8], name: &TagName, entry: Entry) {
        let key = match self.objects.get_key_value(key) {
            Some((key, _)) => Arc::clone(key),
            None => Arc::from(key),
        };
        let posting = self.names.entry(name.clone()).or_default();
        posting.holders.insert(Arc::clone(&key));
        for term in &entry.terms {
            let holders = posting.terms.entry(term.clone()).or_default();
            holders.insert(Arc::clone(&key));
        }
        for &dot in &entry.contested {
            let place = (name.clone(), Arc::clone(&key));
            self.contested.insert(dot, place);
        }
        self.objects
            .entry(key)
            .or_default()
            .insert(name.clone(), entry);
    }

    fn forget(&mut self, key: &[u8], name: &TagName) {
        let Some(tags) = self.objects.get_mut(key) else {
            return;
        };
        let Some(entry) = tags.remove(name) else {
            return;
        };
        if tags.is_empty() {
            self.objects.remove(key);
        }
        for dot in &entry.contested {
            self.contested.remove(dot);
        }
        let posting = self.names.get_mut(name);
        let posting = posting.expect("an object with the tag is in the lists of its name");
        posting.forget(key, &entry);
        if posting.holders.is_empty() {
            self.names.remove(name);
        }
    }
}

impl Posting {
    fn within(&self, range: &ValueRange) -> BTreeSet<Key> {
        let mut found = BTreeSet::new();
        if let Some(bounds) = range.bounds() {
            for (term, holders) in self.terms.range::<TagValue, _>(bounds) {
                if range.is_of_its_type(term) {
                    found.extend(holders.iter().cloned());
                }
            }
        }
        found
    }

    fn forget(&mut self, key: &[u8], entry: &Entry) {
        self.holders.remove(key);
        for term in &entry.terms {
            if let Some(holders) = self.terms.get_mut(term) {
                holders.remove(key);
                if holders.is_empty() {
                    self.terms.remove(term);
                }
            }
        }
    }
}

impl Touched {
    fn add(&mut self, place: Place) {
        match place {
            Place::Everything => self.everything = true,
            Place::Object(key) | Place::Tags(key) => {
                self.objects.insert(key);
            }
            Place::Tag(key, name) => {
                self.tags.insert((key, name));
            }
            Place::Schema(name) => {
                self.modes.insert(name);
            }
            Place::Elsewhere => {}
        }
    }
}
