//! Forgetting removals.
//!
//! A classic observed-remove set must know that *nobody* still holds a removed tag before it may
//! forget the removal; "older than a day" is a guess, and a replica that was away for two days
//! brings the element back. Here a forgotten record only raises the floor: whoever is below it
//! gets a full state, whose context alone says that the element is dead. So records may go by
//! age, by number or because everybody has them, in any order and at any time.

use alloc::vec::Vec;

use super::Store;
use crate::Micros;
use crate::crdt::{Dot, ReplicaId, VersionVector};

/// Which records may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PruneOptions {
    /// The age from which an explicit call takes a record.
    pub stability_threshold: Micros,
    /// The most records that are kept, whatever their age.
    pub max_tombstones: usize,
    /// The age from which the automatic pruner takes a record.
    pub retention: Micros,
    /// What becomes of an element that is present and has removed tags. It concerns the classic set
    /// alone: here an element never has more dots than concurrent adds.
    pub compaction: Compaction,
    /// What every active replica is known to hold; records within it go whatever their age.
    pub frontier: Option<VersionVector>,
}

/// What becomes of an element of a [classic set](crate::crdt::seed::TombstoneOrSet) that is present and
/// has removed tags of sufficient age.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compaction {
    /// If exactly one tag survives, all others are forgotten.
    #[default]
    ToSurvivor,
    /// Nothing.
    Off,
}

impl Default for PruneOptions {
    /// Five minutes, 10,000 records, a day, no frontier.
    fn default() -> Self {
        Self {
            stability_threshold: Micros::from_secs(5 * 60),
            max_tombstones: 10_000,
            retention: Micros::from_secs(24 * 60 * 60),
            compaction: Compaction::default(),
            frontier: None,
        }
    }
}

/// Who asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PruneTrigger {
    /// A call: `stability_threshold` is the age that counts.
    Explicit,
    /// A merge left more than `max_tombstones`: `retention` is the age that counts.
    Automatic,
}

/// What a pruning did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PruneReport {
    /// Records that are gone.
    pub tags_removed: usize,
    /// Elements that shrank to one tag. Always zero: here an element never has more dots than
    /// concurrent adds.
    pub elements_compacted: usize,
    /// Exact bytes of the store before, see [`SizeReport`](super::SizeReport).
    pub bytes_before: usize,
    /// Exact bytes of the store after.
    pub bytes_after: usize,
    /// When it happened.
    pub pruned_at: Micros,
    /// The replica that keeps most of the remaining records above the frontier, and how many
    /// events it lacks. `None` if no frontier was given or nothing is held back.
    pub held_back_by: Option<(ReplicaId, u64)>,
}

impl Store {
    /// Forgets records by the options, and raises the floor accordingly.
    ///
    /// Changes neither what is live nor what was seen. Enumerates first and mutates afterwards:
    /// O(journal · log journal) when the number of records binds, O(journal) otherwise.
    pub fn prune(
        &mut self,
        now: Micros,
        options: &PruneOptions,
        trigger: PruneTrigger,
    ) -> PruneReport {
        let bytes_before = self.size().total();
        let floor = self.prunable(now, options, trigger);
        let tags_removed = self.raise_floor(&floor);
        PruneReport {
            tags_removed,
            elements_compacted: 0,
            bytes_before,
            bytes_after: self.size().total(),
            pruned_at: now,
            held_back_by: None,
        }
    }

    /// The floor that the options lead to: the highest prunable record of every replica.
    fn prunable(
        &self,
        now: Micros,
        options: &PruneOptions,
        trigger: PruneTrigger,
    ) -> VersionVector {
        let active_age = match trigger {
            PruneTrigger::Explicit => options.stability_threshold,
            PruneTrigger::Automatic => options.retention,
        };
        let covered = |dot: Dot| {
            options
                .frontier
                .as_ref()
                .is_some_and(|frontier| frontier.contains(dot))
        };
        let mut floor = VersionVector::new();
        let mut kept: Vec<(Micros, Dot)> = Vec::new();
        let mut last: Option<Dot> = None;
        for record in self.journal.iter() {
            if now.since(record.at) < active_age && !covered(record.dot) {
                kept.push((record.at, record.dot));
                continue;
            }
            // Records come by dot: the last of a replica's is its highest.
            if let Some(dot) = last.filter(|dot| dot.replica != record.dot.replica) {
                floor.raise(dot.replica, dot.counter);
            }
            last = Some(record.dot);
        }
        if let Some(dot) = last {
            floor.raise(dot.replica, dot.counter);
        }
        kept.retain(|&(_, dot)| !floor.contains(dot));
        if kept.len() > options.max_tombstones {
            kept.sort_unstable();
            for &(_, dot) in &kept[..kept.len() - options.max_tombstones] {
                floor.raise(dot.replica, dot.counter);
            }
        }
        floor
    }
}
