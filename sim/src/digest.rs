//! The digest of a run: equal digests mean equal runs.

use quorate::Micros;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// A hash of every event so far, each with the state it left behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Digest(u64);

impl Digest {
    /// Takes one event in: when it happened, what it was, and what it left.
    pub(crate) fn absorb(&mut self, at: Micros, words: [u64; 6]) {
        let mut bytes = [[0; 8]; 7];
        bytes[0] = at.0.to_le_bytes();
        for (place, word) in bytes[1..].iter_mut().zip(words) {
            *place = word.to_le_bytes();
        }
        self.0 = xxh3_64_with_seed(bytes.as_flattened(), self.0);
    }

    /// The value so far.
    pub(crate) fn value(self) -> u64 {
        self.0
    }
}
