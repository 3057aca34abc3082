//! The seed's "bounded dictionary": a map that evicts what was not used for longest.

use std::collections::{BTreeMap, BTreeSet};

/// How many entries each map of the seed holds.
pub(super) const CAPACITY: usize = 1_000;

/// A map that silently drops its least recently used entry for the entry beyond its capacity.
#[derive(Clone, Debug)]
pub(super) struct LruMap<V> {
    entries: BTreeMap<String, (u64, V)>,
    uses: u64,
}

impl<V: Default> LruMap<V> {
    pub(super) fn new() -> Self {
        let entries = BTreeMap::new();
        Self { entries, uses: 0 }
    }

    pub(super) fn get(&self, key: &str) -> Option<&V> {
        self.entries.get(key).map(|(_, value)| value)
    }

    /// The value of a key, made if it is not there.
    pub(super) fn entry(&mut self, key: &str) -> &mut V {
        self.uses += 1;
        if !self.entries.contains_key(key) && self.entries.len() == CAPACITY {
            let by_use = self.entries.iter().min_by_key(|(_, (used, _))| *used);
            let oldest = by_use.map(|(key, _)| key.clone()).unwrap();
            self.entries.remove(&oldest);
        }
        let entry = self.entries.entry(key.to_owned()).or_default();
        entry.0 = self.uses;
        &mut entry.1
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &V)> {
        self.entries.iter().map(|(key, (_, value))| (key, value))
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}

/// The seed's set over such maps; removal times are the tick of the removal.
#[derive(Clone, Debug)]
pub(super) struct LruOrSet {
    pub(super) added: LruMap<BTreeSet<String>>,
    pub(super) removed: LruMap<BTreeSet<String>>,
    pub(super) removed_at: LruMap<u64>,
}

impl LruOrSet {
    pub(super) fn new() -> Self {
        Self {
            added: LruMap::new(),
            removed: LruMap::new(),
            removed_at: LruMap::new(),
        }
    }

    pub(super) fn add(&mut self, element: &str, tag: &str) {
        self.added.entry(element).insert(tag.to_owned());
    }

    pub(super) fn remove(&mut self, element: &str, now: u64) {
        let Some(tags) = self.added.get(element).cloned() else {
            return;
        };
        for tag in tags {
            *self.removed_at.entry(&format!("{element}:{tag}")) = now;
            self.removed.entry(element).insert(tag);
        }
    }

    pub(super) fn contains(&self, element: &str) -> bool {
        let removed = self.removed.get(element);
        self.added.get(element).is_some_and(|added| {
            let live = |tag| !removed.is_some_and(|removed| removed.contains(tag));
            added.iter().any(live)
        })
    }
}
