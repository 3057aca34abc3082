//! What all types over a store have in common.

use alloc::vec::Vec;

use super::{
    ApplyError, Delta, FullState, Layout, LiveEvent, MergeReport, PruneOptions, PruneReport,
    PruneTrigger, Store, VersionVector,
};
use crate::Micros;

/// A type whose state is a [`Store`]: how it is sent, joined, pruned and written down.
///
/// Its own methods say what may be done to it; none of them needs to know how events travel, and
/// nothing here needs to know what they mean. All that is asked of what comes in is whether it can
/// be of the type, which its [`Layout`] says: a counter's message that went to a set would otherwise
/// be joined as it is, by a set that never shows it and cannot be read again once it was saved.
///
/// Make an event durable before you hand out a delta or a state that covers it, or take a new
/// [`ReplicaId`](super::ReplicaId) after every restart; [`Replica`](super::Replica) does the former
/// for you.
pub trait Replicated: Layout {
    /// The events underneath.
    fn store(&self) -> &Store;

    /// The events underneath. Making events through it is up to the type: what its [`Layout`] does
    /// not have is refused wherever it arrives.
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

    /// Joins a delta, unless something in it is [foreign](ApplyError::Foreign) to the type.
    fn apply(&mut self, delta: &Delta) -> Result<MergeReport, ApplyError> {
        Self::check_delta(delta)?;
        let report = self.store_mut().apply(delta)?;
        self.observe(&delta.live);
        Ok(report)
    }

    /// The whole state, to send.
    fn full_state(&self) -> FullState {
        self.store().full_state()
    }

    /// Joins a full state, unless something in it is [foreign](ApplyError::Foreign) to the type.
    fn apply_full(&mut self, full: &FullState) -> Result<MergeReport, ApplyError> {
        Self::check_full(full)?;
        let report = self.store_mut().apply_full(full)?;
        self.observe(&full.live);
        Ok(report)
    }

    /// Takes note of the live events of a message that was joined. Only a type that keeps a clock
    /// has anything to note.
    fn observe(&mut self, _live: &[LiveEvent]) {}

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
