//! The set with a tombstone per removed tag.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};

use super::{Timestamp, TombstonePruneOptions, TombstonePruneReport, TombstoneSize, size};
use crate::crdt::{Compaction, PruneOptions};
use crate::{Micros, Random};

/// The seed's add-wins set: two sets of tags that only grow, and when each tag was removed.
///
/// Metadata is O(adds), not O(elements): adding an element again keeps the earlier tag, and
/// removing it keeps its tags twice. Without pruning, merging is associative, commutative and
/// idempotent. Pruning breaks that, see [`prune`](Self::prune).
///
/// ```
/// use quorate::crdt::seed::{Timestamp, TombstoneOrSet};
///
/// let now = Timestamp::UNIX_EPOCH;
/// let (mut phone, mut laptop) = (TombstoneOrSet::new(), TombstoneOrSet::new());
/// phone.add("milk", "phone", 1);
/// laptop.merge(&phone, now);
/// laptop.remove("milk", now);
/// phone.add("milk", "phone", 2);
/// laptop.merge(&phone, now);
/// assert!(laptop.contains("milk"));
/// assert_eq!(laptop.tombstones(), 1);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TombstoneOrSet {
    /// Every tag that an add made, by element. No element is without tags.
    pub(super) add_set: TagSets,
    /// Every tag that was removed, by element. No element is without tags.
    pub(super) remove_set: TagSets,
    /// When a tag was removed first, as far as known, by `element:tag`.
    pub(super) remove_timestamps: BTreeMap<String, Timestamp>,
    options: TombstoneOptions,
}

/// Tags by element.
pub(super) type TagSets = BTreeMap<String, BTreeSet<String>>;

/// When a merge prunes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TombstoneOptions {
    /// A merge that leaves more removed tags than this prunes.
    pub auto_gc_threshold: usize,
    /// The age from which it takes them.
    pub gc_retention: Micros,
}

impl Default for TombstoneOptions {
    /// 10,000 removed tags, a day.
    fn default() -> Self {
        Self::from(&PruneOptions::default())
    }
}

impl From<&PruneOptions> for TombstoneOptions {
    /// `max_tombstones` and `retention`.
    fn from(options: &PruneOptions) -> Self {
        Self {
            auto_gc_threshold: options.max_tombstones,
            gc_retention: options.retention,
        }
    }
}

/// The tag `node:` and 32 hexadecimal digits.
pub fn tag_of(node: &str, unique: u128) -> String {
    format!("{node}:{unique:032x}")
}

impl TombstoneOrSet {
    /// An empty set with the default options.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty set.
    pub fn with_options(options: TombstoneOptions) -> Self {
        Self {
            options,
            ..Self::default()
        }
    }

    /// When a merge prunes by itself. A merge changes nothing about it.
    pub fn options(&self) -> TombstoneOptions {
        self.options
    }

    /// Adds an element under the tag of `node` and a number that no other add has. Returns the tag.
    ///
    /// What was there before stays: an element that is added N times has N tags.
    pub fn add(&mut self, element: &str, node: &str, unique: u128) -> String {
        let tag = tag_of(node, unique);
        let tags = self.add_set.entry(element.to_string()).or_default();
        tags.insert(tag.clone());
        tag
    }

    /// Adds an element under a tag of random digits.
    pub fn add_random(&mut self, element: &str, node: &str, random: &mut Random) -> String {
        let high = u128::from(random.next_u64()) << 64;
        self.add(element, node, high | u128::from(random.next_u64()))
    }

    /// Removes an element: every tag it has here moves into the remove-set, with the time if it had
    /// none yet. Returns how many tags died; zero if the element was not there.
    pub fn remove(&mut self, element: &str, now: Timestamp) -> usize {
        let Some(tags) = self.add_set.get(element) else {
            return 0;
        };
        let removed = self.remove_set.entry(element.to_string()).or_default();
        let before = removed.len();
        for tag in tags {
            removed.insert(tag.clone());
            self.remove_timestamps
                .entry(timestamp_key(element, tag))
                .or_insert(now);
        }
        removed.len() - before
    }

    /// Joins another set: the union of the tags, and of the times the earlier one. If more removed
    /// tags are left than the options allow, it prunes, and says what.
    pub fn merge(&mut self, other: &Self, now: Timestamp) -> Option<TombstonePruneReport> {
        self.join(other);
        (self.tombstones() > self.options.auto_gc_threshold).then(|| self.collect_garbage(now))
    }

    /// The merge without the pruning.
    pub fn join(&mut self, other: &Self) {
        join_tags(&mut self.add_set, &other.add_set);
        join_tags(&mut self.remove_set, &other.remove_set);
        for (key, &at) in &other.remove_timestamps {
            let known = self.remove_timestamps.entry(key.clone()).or_insert(at);
            *known = at.min(*known);
        }
    }

    /// Prunes what is older than `gc_retention`, as a merge above the threshold does.
    pub fn collect_garbage(&mut self, now: Timestamp) -> TombstonePruneReport {
        let options = TombstonePruneOptions {
            age: self.options.gc_retention,
            compaction: Compaction::ToSurvivor,
        };
        self.prune(now, &options, None)
    }

    /// Whether the element has a tag that was not removed.
    pub fn contains(&self, element: &str) -> bool {
        self.live_tags(element).next().is_some()
    }

    /// The elements that are present, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> + '_ {
        self.add_set
            .keys()
            .map(String::as_str)
            .filter(|element| self.contains(element))
    }

    /// How many elements are present. O(tags).
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether no element is present.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The tags that keep an element present, in order.
    pub fn live_tags<'a>(&'a self, element: &str) -> impl Iterator<Item = &'a str> + 'a {
        let removed = self.remove_set.get(element);
        tags(&self.add_set, element)
            .filter(move |&tag| !removed.is_some_and(|removed| removed.contains(tag)))
    }

    /// All tags that adds of an element made and that are remembered, in order.
    pub fn add_tags<'a>(&'a self, element: &str) -> impl Iterator<Item = &'a str> + 'a {
        tags(&self.add_set, element)
    }

    /// The tags of an element that were removed, in order.
    pub fn remove_tags<'a>(&'a self, element: &str) -> impl Iterator<Item = &'a str> + 'a {
        tags(&self.remove_set, element)
    }

    /// When a tag was removed; [`Timestamp::MIN`] if nobody wrote it down, so that every age is
    /// reached.
    pub fn removed_at(&self, element: &str, tag: &str) -> Timestamp {
        self.remove_timestamps
            .get(&timestamp_key(element, tag))
            .copied()
            .unwrap_or(Timestamp::MIN)
    }

    /// How many removed tags it keeps. O(elements).
    pub fn tombstones(&self) -> usize {
        self.remove_set.values().map(BTreeSet::len).sum()
    }

    /// How many of them nobody wrote a time down for: the next pruning takes them.
    pub fn undated_tombstones(&self) -> usize {
        let dated = |element: &str, tag: &str| {
            self.remove_timestamps
                .contains_key(&timestamp_key(element, tag))
        };
        self.remove_set
            .iter()
            .flat_map(|(element, tags)| tags.iter().map(move |tag| (element, tag)))
            .filter(|(element, tag)| !dated(element, tag))
            .count()
    }

    /// The exact bytes of its JSON form, by part. O(tags).
    pub fn size(&self) -> TombstoneSize {
        size::measure(self)
    }
}

/// The key of a removal time. Two pairs can share one, `a:b`/`c` and `a`/`b:c`, as in the seed.
pub(super) fn timestamp_key(element: &str, tag: &str) -> String {
    format!("{element}:{tag}")
}

fn tags<'a>(sets: &'a TagSets, element: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    sets.get(element).into_iter().flatten().map(String::as_str)
}

fn join_tags(into: &mut TagSets, from: &TagSets) {
    for (element, tags) in from {
        let known = into.entry(element.clone()).or_default();
        known.extend(tags.iter().cloned());
    }
}
