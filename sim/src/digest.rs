//! The digest of a run: equal digests mean equal runs.
//!
//! It is computed for every event, natively and in WebAssembly, which has no wide multiplication: the
//! hashes that need one are slow there. What it has to tell apart are runs, not the tricks of an
//! adversary, so one multiplication of 64 bits per word is enough.

use quorate::Micros;

/// A hash of every event so far, each with the state it left behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Digest(u64);

/// The fractional part of the golden ratio, odd: multiplication by it loses nothing.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl Digest {
    /// Takes one event in: when it happened, what it was, and what it left.
    pub(crate) fn absorb(&mut self, at: Micros, words: [u64; 6]) {
        self.0 = words.into_iter().fold(turned(self.0, at.0), turned);
    }

    /// The value so far.
    pub(crate) fn value(self) -> u64 {
        self.0
    }
}

/// The digest after one more word. Another word gives another digest, and so does the same word after
/// another digest: a difference stays until a second one happens to undo it.
fn turned(digest: u64, word: u64) -> u64 {
    (digest.rotate_left(23) ^ word).wrapping_mul(GOLDEN)
}
