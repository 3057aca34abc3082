//! Deltas that came before what they build on.
//!
//! They are no part of the state: not durable, not acknowledged, not hashed. Keeping them saves a
//! round trip when messages overtake each other; dropping them at any time loses nothing.

use alloc::collections::VecDeque;

use crate::crdt::{Delta, VersionVector};

/// The buffer.
#[derive(Clone, Debug, Default)]
pub(super) struct Pending {
    /// Oldest first.
    deltas: VecDeque<Delta>,
    /// Events in all of them.
    events: usize,
}

impl Pending {
    /// Keeps a delta, and drops the oldest until no more than `limit` events wait.
    pub(super) fn keep(&mut self, delta: Delta, limit: usize) {
        self.events += events(&delta);
        self.deltas.push_back(delta);
        while self.events > limit {
            if let Some(oldest) = self.deltas.pop_front() {
                self.events -= events(&oldest);
            }
        }
    }

    /// Takes out a delta that builds on nothing beyond `context` and brings something new. Forgets
    /// those that bring nothing.
    pub(super) fn take_attachable(&mut self, context: &VersionVector) -> Option<Delta> {
        self.deltas.retain(|delta| !context.covers(&delta.upto));
        self.events = self.deltas.iter().map(events).sum();
        let at = self
            .deltas
            .iter()
            .position(|delta| context.covers(&delta.since))?;
        let delta = self.deltas.remove(at)?;
        self.events -= events(&delta);
        Some(delta)
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// What a delta weighs; one that brings nothing weighs something, too.
fn events(delta: &Delta) -> usize {
    delta.live.len() + delta.records.len() + 1
}
