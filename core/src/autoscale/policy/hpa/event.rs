//! What the fleet did in the recent past, for limits of the form "so many per period".
//!
//! A limit per evaluation is not a limit per minute: it depends on how often somebody evaluates.
//! The changes are therefore noted when they were carried out, and each limit looks back over its
//! own period.
//!
//! As in `horizontal.go` of Kubernetes an entry that is older than every period is marked outdated,
//! and the last outdated slot is used again. An age equal to a period is outside of it.

use alloc::vec::Vec;

use super::behavior::ScalingRules;
use crate::Micros;

/// One change that was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ScaleEvent {
    /// Replicas added, or removed; never negative in a log that was kept here.
    pub change: i32,
    /// When.
    #[cfg_attr(feature = "serde", serde(rename = "at_micros"))]
    pub at: Micros,
    /// No period reaches back to it, so its slot may be used again.
    pub outdated: bool,
}

/// The changes in one direction, in slots that are used again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(from = "Vec<ScaleEvent>", into = "Vec<ScaleEvent>")
)]
pub struct EventLog {
    /// At most [`Self::CAPACITY`].
    entries: Vec<ScaleEvent>,
}

impl EventLog {
    /// The most changes that are remembered. Nobody carries out a change every second of an hour;
    /// beyond it the oldest entry makes room.
    pub const CAPACITY: usize = 4096;

    /// A log with these entries, in this order; all but the last [`Self::CAPACITY`] are dropped.
    pub fn new(mut entries: Vec<ScaleEvent>) -> Self {
        let surplus = entries.len().saturating_sub(Self::CAPACITY);
        entries.drain(..surplus);
        Self { entries }
    }

    /// The entries in the order of their slots.
    pub fn entries(&self) -> &[ScaleEvent] {
        &self.entries
    }

    /// The changes younger than `period`, summed up; stops at the ends of the range. O(n).
    pub fn change_within(&self, period: Micros, now: Micros) -> i32 {
        self.entries
            .iter()
            .filter(|event| now.since(event.at) < period)
            .fold(0, |sum, event| sum.saturating_add(event.change))
    }

    /// Notes `change` replicas in the direction of this log, carried out at `now`.
    ///
    /// Without `rules` nothing is ever asked of the log, so nothing is noted. O(n).
    pub fn store(&mut self, rules: Option<&ScalingRules>, change: i32, now: Micros) {
        let Some(rules) = rules else {
            return;
        };
        self.mark_outdated(rules.longest_period(), now);
        let event = ScaleEvent {
            change,
            at: now,
            outdated: false,
        };
        let reusable = self.entries.iter().rposition(|event| event.outdated);
        match reusable.or_else(|| self.oldest_if_full()) {
            Some(slot) => self.entries[slot] = event,
            None => self.entries.push(event),
        }
    }

    fn mark_outdated(&mut self, longest_period: Micros, now: Micros) {
        for event in &mut self.entries {
            if now.since(event.at) >= longest_period {
                event.outdated = true;
            }
        }
    }

    fn oldest_if_full(&self) -> Option<usize> {
        if self.entries.len() < Self::CAPACITY {
            return None;
        }
        (0..self.entries.len()).min_by_key(|&slot| self.entries[slot].at)
    }
}

impl From<Vec<ScaleEvent>> for EventLog {
    fn from(entries: Vec<ScaleEvent>) -> Self {
        Self::new(entries)
    }
}

impl From<EventLog> for Vec<ScaleEvent> {
    fn from(log: EventLog) -> Self {
        log.entries
    }
}

/// The changes of a fleet in both directions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct Events {
    /// Replicas added.
    pub up: EventLog,
    /// Replicas removed.
    pub down: EventLog,
}

impl Events {
    /// How many replicas there were at the start of `period`, if there are `current` now.
    pub fn at_start_of(&self, period: Micros, current: i32, now: Micros) -> i32 {
        let added = i64::from(self.up.change_within(period, now));
        let removed = i64::from(self.down.change_within(period, now));
        let start = i64::from(current) - added + removed;
        i32::try_from(start).unwrap_or(if start > 0 { i32::MAX } else { i32::MIN })
    }
}
