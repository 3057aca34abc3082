//! Entries, and the hash that stands for everything before them.
//!
//! Two logs that agree at an index and term agree on all entries up to it: that is Log Matching,
//! and checking it entry by entry costs the length of the log. Here every entry carries a hash of
//! the log up to and including itself, so any two logs are compared at an index in one step.

use alloc::sync::Arc;

use xxhash_rust::xxh3::xxh3_128;

/// What an entry is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum EntryKind {
    /// Appended by a new leader, so that it can commit what earlier leaders left behind.
    NoOp,
    /// A command for the state machine.
    Command,
}

impl EntryKind {
    /// The byte that stands for the kind in the prefix hash.
    const fn tag(self) -> u8 {
        match self {
            Self::NoOp => 0,
            Self::Command => 1,
        }
    }
}

/// One entry of the log. Cloning it shares the payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place, counted from one.
    pub index: u64,
    /// The term of the leader that appended it.
    pub term: u64,
    /// What it is for.
    pub kind: EntryKind,
    /// The command; empty in a no-op.
    pub payload: Arc<[u8]>,
    /// The hash of the log up to and including this entry.
    pub prefix_hash: u128,
}

impl Entry {
    /// The entry at `index` whose predecessors hash to `previous_hash`, which is zero for the
    /// first entry.
    pub fn new(
        previous_hash: u128,
        index: u64,
        term: u64,
        kind: EntryKind,
        payload: Arc<[u8]>,
    ) -> Self {
        let prefix_hash = chain(previous_hash, term, kind, &payload);
        Self {
            index,
            term,
            kind,
            payload,
            prefix_hash,
        }
    }

    /// Whether the prefix hash is the one that follows from `previous_hash`.
    pub fn follows(&self, previous_hash: u128) -> bool {
        self.prefix_hash == chain(previous_hash, self.term, self.kind, &self.payload)
    }
}

/// XXH3-128 over previous hash, term, kind and the XXH3-128 of the payload, little endian. The
/// payload is hashed on its own so that nothing has to be copied together.
fn chain(previous_hash: u128, term: u64, kind: EntryKind, payload: &[u8]) -> u128 {
    let mut link = [0; 41];
    link[..16].copy_from_slice(&previous_hash.to_le_bytes());
    link[16..24].copy_from_slice(&term.to_le_bytes());
    link[24] = kind.tag();
    link[25..].copy_from_slice(&xxh3_128(payload).to_le_bytes());
    xxh3_128(&link)
}
