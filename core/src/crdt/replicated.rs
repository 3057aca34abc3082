//! What all types over a store have in common.

use alloc::vec::Vec;

use super::{
    ApplyError, Delta, FullState, MergeReport, PruneOptions, PruneReport, PruneTrigger, Store,
    VersionVector,
};
use crate::Micros;

/// A type whose state is a [`Store`]: how it is sent, joined, pruned and written down.
///
/// Its own methods say what may be done to it; none of them needs to know how events travel, and
/// nothing here needs to know what they mean.
///
/// Make an event durable before you hand out a delta or a state that covers it, or take a new
/// [`ReplicaId`](super::ReplicaId) after every restart; [`Replica`](super::Replica) does the former
/// for you.
pub trait Replicated {
    /// The events underneath.
    fn store(&self) -> &Store;

    /// The events underneath, to join others with. Making events through it is up to the type.
    fn store_mut(&mut self) -> &mut Store;

    /// What was seen: the version vector to ask others with.
    fn context(&self) -> &VersionVector {
        self.store().context()
    }

    /// What a replica that has seen `since` lacks; `None` if it needs the
    /// [full state](Self::full_state).
    fn delta_since(&self, since: &VersionVector) -> Option<Delta> {
        self.store().delta_since(since)
    }

    /// Joins a delta.
    fn apply(&mut self, delta: &Delta) -> Result<MergeReport, ApplyError> {
        self.store_mut().apply(delta)
    }

    /// The whole state, to send.
    fn full_state(&self) -> FullState {
        self.store().full_state()
    }

    /// Joins a full state.
    fn apply_full(&mut self, full: &FullState) -> Result<MergeReport, ApplyError> {
        self.store_mut().apply_full(full)
    }

    /// Joins another replica in the same process, by a delta where its journal allows it.
    fn merge(&mut self, other: &Self) -> Result<MergeReport, ApplyError> {
        match other.delta_since(self.context()) {
            Some(delta) => self.apply(&delta),
            None => self.apply_full(&other.full_state()),
        }
    }

    /// Forgets removals and superseded events. The value does not change, here or anywhere.
    fn prune(&mut self, now: Micros, options: &PruneOptions) -> PruneReport {
        self.store_mut().prune(now, options, PruneTrigger::Explicit)
    }

    /// The state as bytes, for a disk.
    fn encode(&self) -> Vec<u8> {
        self.store().encode()
    }
}
