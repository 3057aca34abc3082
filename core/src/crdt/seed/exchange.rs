//! From the seed's set to ours and back.
//!
//! The two say different things about the past: tags say what was added and removed, a version
//! vector says what was seen. Neither can be made from the other, so only the present crosses
//! without loss. A conversion that pretended otherwise, by inventing dots for tags, would let two
//! replicas that import the same data believe that they saw the same events.

use alloc::string::{String, ToString};

use super::tombstone_or_set::timestamp_key;
use super::{Timestamp, TombstoneOrSet};
use crate::Micros;
use crate::crdt::{Dot, OrSet, Path, ReplicaId, Replicated, StoreError};

/// A set in the seed's form, and what did not fit into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeedExport {
    /// The set.
    pub set: TombstoneOrSet,
    /// Killed dots whose record does not name their element, because it was a removal of everything:
    /// they are not among the tombstones.
    pub unnamed: usize,
}

impl OrSet<String> {
    /// Takes over what is present in a set of the seed: one add of `replica` per element.
    ///
    /// What is lost: the tags, so several adds of an element become one; the tombstones and their
    /// times, as an absent element needs none here. Two imports are two adds: import at one replica
    /// and let it send the elements to the others. Importing older data later brings back what was
    /// removed since, as any add would.
    pub fn from_seed(
        now: Micros,
        replica: ReplicaId,
        seed: &TombstoneOrSet,
    ) -> Result<Self, StoreError> {
        let mut set = Self::new(replica);
        for element in seed.iter() {
            set.add(now, element)?;
        }
        Ok(set)
    }

    /// Writes the set in the seed's form: a tag per live dot, and a tombstone per killed dot whose
    /// record is still in the journal. `zero` is the instant at which the host's clock read
    /// [`Micros::ZERO`].
    ///
    /// A dot always becomes the same tag, so exports of several replicas, or of one at different
    /// times, merge in the seed as they should while the journal has not been pruned. What is lost:
    /// the version vector; removals whose record was pruned, so a seed that still has such a tag
    /// keeps the element; removals by [`clear`](Self::clear), which name no element. Where either
    /// has happened, let the export replace the seed's set, not merge with it.
    pub fn to_seed(&self, zero: Timestamp) -> SeedExport {
        let mut export = SeedExport {
            set: TombstoneOrSet::new(),
            unnamed: 0,
        };
        for element in self.iter() {
            for dot in self.dots(&element) {
                export.put(&element, dot);
            }
        }
        for record in self.store().journal() {
            let at = zero.plus(record.at);
            match element_of(&record.path) {
                Some(element) => {
                    for dot in record.kills.iter().copied() {
                        export.put_removed(&element, dot, at);
                    }
                }
                None => export.unnamed += record.kills.len(),
            }
        }
        export
    }
}

impl SeedExport {
    fn put(&mut self, element: &str, dot: Dot) -> String {
        let replica = dot.replica;
        let unique = u128::from(replica.incarnation) << 64 | u128::from(dot.counter);
        self.set.add(element, &replica.node.to_string(), unique)
    }

    fn put_removed(&mut self, element: &str, dot: Dot, at: Timestamp) {
        let tag = self.put(element, dot);
        let key = timestamp_key(element, &tag);
        // Concurrent removals kill the same dot: the first one counts, as in a merge.
        let first = self.set.remove_timestamps.entry(key).or_insert(at);
        *first = at.min(*first);
        let removed = &mut self.set.remove_set;
        removed.entry(element.to_string()).or_default().insert(tag);
    }
}

/// The element that a record names; `None` for the root, where everything was removed.
fn element_of(path: &Path) -> Option<String> {
    String::from_utf8(path.last()?).ok()
}
