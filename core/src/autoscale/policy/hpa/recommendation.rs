//! Recent recommendations, and the calmest answer that they allow.
//!
//! Acting on each recommendation as it comes makes a fleet follow every dip of a noisy metric and
//! pay a start-up time for it a minute later. Waiting a fixed time after each action (a cooldown)
//! is no better: it also delays the action that a burst needs. A stabilization window looks back
//! instead: the fleet shrinks to no less than was wanted at any moment of the window, and, with a
//! window for growth, grows to no more.
//!
//! The log is kept as in `horizontal.go` of Kubernetes: the newest recommendation takes the slot of
//! the last one in the list that is too old, and is appended if there is none. An entry is inside a
//! window as long as it is *younger* than the window is long; the original reads its clock again
//! for each comparison, so that an age equal to the window is already outside.

use alloc::vec::Vec;

use crate::Micros;

/// What was recommended, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Recommendation {
    /// The size that the metrics wanted, before stabilization and limits.
    pub replicas: i32,
    /// When they did.
    #[cfg_attr(feature = "serde", serde(rename = "at_micros"))]
    pub at: Micros,
}

/// The recommendations of the recent past, in slots that are used again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(from = "Vec<Recommendation>", into = "Vec<Recommendation>")
)]
pub struct RecommendationLog {
    /// At most [`Self::CAPACITY`].
    entries: Vec<Recommendation>,
}

impl RecommendationLog {
    /// The most recommendations that are remembered. An evaluation every second fills an hour's
    /// window to less than this; beyond it the oldest one makes room.
    pub const CAPACITY: usize = 4096;

    /// A log with these entries, in this order; all but the last [`Self::CAPACITY`] are dropped.
    pub fn new(mut entries: Vec<Recommendation>) -> Self {
        let surplus = entries.len().saturating_sub(Self::CAPACITY);
        entries.drain(..surplus);
        Self { entries }
    }

    /// The entries in the order of their slots.
    pub fn entries(&self) -> &[Recommendation] {
        &self.entries
    }

    /// The highest of `desired` and the recommendations younger than `window`; `desired` is
    /// noted. O(n).
    pub fn stabilize(&mut self, desired: i32, window: Micros, now: Micros) -> i32 {
        let mut highest = desired;
        let mut reusable = None;
        for (slot, entry) in self.entries.iter().enumerate() {
            if now.since(entry.at) >= window {
                reusable = Some(slot);
            } else {
                highest = highest.max(entry.replicas);
            }
        }
        self.note(desired, reusable, now);
        highest
    }

    /// The size nearest to `current` between the lowest recommendation of the `up` window and the
    /// highest of the `down` window, `desired` counted into both; `desired` is noted. O(n).
    pub fn stabilize_both_ways(
        &mut self,
        current: i32,
        desired: i32,
        windows: Windows,
        now: Micros,
    ) -> i32 {
        let mut lowest = desired;
        let mut highest = desired;
        let mut reusable = None;
        for (slot, entry) in self.entries.iter().enumerate() {
            let age = now.since(entry.at);
            if age < windows.up {
                lowest = lowest.min(entry.replicas);
            }
            if age < windows.down {
                highest = highest.max(entry.replicas);
            }
            if age >= windows.up && age >= windows.down {
                reusable = Some(slot);
            }
        }
        self.note(desired, reusable, now);
        current.max(lowest).min(highest)
    }

    fn note(&mut self, replicas: i32, reusable: Option<usize>, now: Micros) {
        let entry = Recommendation { replicas, at: now };
        match reusable.or_else(|| self.oldest_if_full()) {
            Some(slot) => self.entries[slot] = entry,
            None => self.entries.push(entry),
        }
    }

    fn oldest_if_full(&self) -> Option<usize> {
        if self.entries.len() < Self::CAPACITY {
            return None;
        }
        (0..self.entries.len()).min_by_key(|&slot| self.entries[slot].at)
    }
}

impl From<Vec<Recommendation>> for RecommendationLog {
    fn from(entries: Vec<Recommendation>) -> Self {
        Self::new(entries)
    }
}

impl From<RecommendationLog> for Vec<Recommendation> {
    fn from(log: RecommendationLog) -> Self {
        log.entries
    }
}

/// How far a stabilization looks back, per direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// The fleet grows to no more than was wanted all through this time.
    pub up: Micros,
    /// The fleet shrinks to no less than was wanted at any moment of this time.
    pub down: Micros,
}
