//! The seed's pruner: forgetting by age.
//!
//! A removed tag may be forgotten when nobody holds it as live any more. The seed takes its age on
//! the local clock for that, so a replica that was away for longer brings the element back, and
//! after compaction brings back tags that a later removal has never seen. Nothing here can repair
//! that: what is missing is the knowledge of what was seen, which
//! [`OrSet`](crate::crdt::OrSet) keeps in its version vector. What can be done is to say so, and
//! [`TombstonePruneReport::uncovered`] does.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use super::tombstone_or_set::{TagSets, timestamp_key};
use super::{Timestamp, TombstoneOrSet};
use crate::Micros;
use crate::crdt::{Compaction, PruneOptions, PruneTrigger};

/// What the seed's rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TombstonePruneOptions {
    /// The age from which removed tags go.
    pub age: Micros,
    /// What happens to an element that is present.
    pub compaction: Compaction,
}

impl TombstonePruneOptions {
    /// The options as the seed reads them: the age that the trigger names, and compaction.
    ///
    /// `max_tombstones` and `frontier` have no part in it. The seed has a maximum among its
    /// pruner's options and never reads it; a frontier of event counters says nothing about tags.
    pub fn of(options: &PruneOptions, trigger: PruneTrigger) -> Self {
        Self {
            age: match trigger {
                PruneTrigger::Explicit => options.stability_threshold,
                PruneTrigger::Automatic => options.retention,
            },
            compaction: options.compaction,
        }
    }
}

/// What a pruning did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TombstonePruneReport {
    /// Tags that are gone, those in both sets counted twice.
    pub tags_removed: usize,
    /// Elements that shrank to one tag.
    pub elements_compacted: usize,
    /// Exact bytes of the JSON form before.
    pub bytes_before: usize,
    /// Exact bytes of the JSON form after.
    pub bytes_after: usize,
    /// When it happened.
    pub pruned_at: Timestamp,
    /// Removed tags that were forgotten although not every known active node has been shown to have
    /// the removal: each may come back to life. All of them if no active nodes were given.
    pub uncovered: usize,
}

/// Which removals the active nodes are known to have.
///
/// A node that is not listed is not waited for: whoever forgets to list one that still holds a
/// tag gets the tag back, without a word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RemovalAcks {
    rows: BTreeMap<String, TagSets>,
}

impl RemovalAcks {
    /// The active nodes, none of which has shown anything yet.
    pub fn of_nodes<N: Into<String>>(nodes: impl IntoIterator<Item = N>) -> Self {
        Self {
            rows: nodes
                .into_iter()
                .map(|node| (node.into(), TagSets::new()))
                .collect(),
        }
    }

    /// Takes a state that a node has shown. Returns whether the node is an active one; the state of
    /// any other counts for nothing.
    pub fn show(&mut self, node: &str, state: &TombstoneOrSet) -> bool {
        let Some(row) = self.rows.get_mut(node) else {
            return false;
        };
        for (element, tags) in &state.remove_set {
            let known = row.entry(element.clone()).or_default();
            known.extend(tags.iter().cloned());
        }
        true
    }

    /// Whether every active node has shown that it has the removal.
    pub fn cover(&self, element: &str, tag: &str) -> bool {
        self.rows.values().all(|row| has(row, element, tag))
    }
}

/// What becomes of an element.
enum Verdict<'a> {
    /// Everything about it is forgotten.
    Forget,
    /// One tag stays.
    KeepOnly(&'a str),
}

impl TombstoneOrSet {
    /// Forgets removed tags by their age, as the seed does.
    ///
    /// An element all of whose tags are removed, each for at least `age`, is forgotten. An element
    /// with exactly one living tag and removed ones, each removed for at least `age`, keeps that
    /// tag alone, if `compaction` says so. O(tags · log tags); enumerates first, mutates afterwards.
    ///
    /// **Not safe**: a replica that still holds a forgotten tag brings it back when it merges.
    /// [`TombstonePruneReport::uncovered`] counts the tags for which `acks` do not exclude that.
    pub fn prune(
        &mut self,
        now: Timestamp,
        options: &TombstonePruneOptions,
        acks: Option<&RemovalAcks>,
    ) -> TombstonePruneReport {
        let mut report = TombstonePruneReport {
            tags_removed: 0,
            elements_compacted: 0,
            bytes_before: self.size().total(),
            bytes_after: 0,
            pruned_at: now,
            uncovered: 0,
        };
        let mut forgotten: Vec<(String, Option<String>)> = Vec::new();
        for (element, added) in &self.add_set {
            let Some(verdict) = self.verdict(element, added, now, options) else {
                continue;
            };
            let removed = &self.remove_set[element];
            let survivor = match verdict {
                Verdict::Forget => None,
                Verdict::KeepOnly(tag) => Some(String::from(tag)),
            };
            let survivors = usize::from(survivor.is_some());
            report.tags_removed += added.len() + removed.len() - survivors;
            report.elements_compacted += survivors;
            report.uncovered += removed
                .iter()
                .filter(|tag| !acks.is_some_and(|acks| acks.cover(element, tag)))
                .count();
            forgotten.push((element.clone(), survivor));
        }
        for (element, survivor) in forgotten {
            self.forget(&element, survivor);
        }
        report.bytes_after = self.size().total();
        report
    }

    /// What the rule says about an element; `None` if it stays as it is.
    fn verdict<'a>(
        &self,
        element: &str,
        added: &'a BTreeSet<String>,
        now: Timestamp,
        options: &TombstonePruneOptions,
    ) -> Option<Verdict<'a>> {
        let removed = self.remove_set.get(element)?;
        let old_enough = |tags: &BTreeSet<String>| {
            tags.iter()
                .all(|tag| now.is_at_least_after(self.removed_at(element, tag), options.age))
        };
        let mut live = added.iter().filter(|&tag| !removed.contains(tag));
        match (live.next(), live.next()) {
            (None, _) => old_enough(added).then_some(Verdict::Forget),
            (Some(survivor), None) if options.compaction == Compaction::ToSurvivor => {
                old_enough(removed).then_some(Verdict::KeepOnly(survivor))
            }
            _ => None,
        }
    }

    /// Forgets all tags of an element but one.
    fn forget(&mut self, element: &str, survivor: Option<String>) {
        let added = self.add_set.remove(element).unwrap_or_default();
        let removed = self.remove_set.remove(element).unwrap_or_default();
        // The seed drops the times of an element's added tags only with the element itself. That
        // is all the difference there is: a living tag has no time, unless the keys collide.
        for tag in removed
            .iter()
            .chain(added.iter().filter(|_| survivor.is_none()))
        {
            self.remove_timestamps.remove(&timestamp_key(element, tag));
        }
        if let Some(survivor) = survivor {
            let tags = BTreeSet::from([survivor]);
            self.add_set.insert(String::from(element), tags);
        }
    }
}

fn has(sets: &TagSets, element: &str, tag: &str) -> bool {
    sets.get(element).is_some_and(|tags| tags.contains(tag))
}
