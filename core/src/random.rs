//! Random numbers from a seed.

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::Micros;

/// A seeded generator with the few draws that the kernel and its simulator need.
///
/// Xoshiro256++ behind fixed-width draws: the same seed gives the same numbers on x86-64 and on
/// wasm32, whatever the width of `usize`. It is not meant for secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Random(Xoshiro256PlusPlus);

impl Random {
    /// The generator for `seed`.
    pub fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// The next 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number in `0..bound`, or zero if `bound` is zero.
    ///
    /// Multiply-shift without rejection (Lemire 2019): the bias is below `bound / 2^64`, far
    /// under anything a simulation can see, and every draw costs exactly one step of the
    /// generator, which keeps runs comparable.
    pub fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.next_u64()) * u128::from(bound);
        u64::try_from(wide >> 64).expect("the upper half of 128 bits")
    }

    /// An index into a collection of `len` items, or zero if it is empty.
    pub fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).expect("below `len`, which is a usize")
    }

    /// A span in `low..=high`; `low` if the bounds are crossed.
    pub fn span(&mut self, low: Micros, high: Micros) -> Micros {
        Micros(low.0 + self.below(high.0.saturating_sub(low.0).saturating_add(1)))
    }

    /// True in `permille` of 1,000 draws.
    pub fn chance(&mut self, permille: u32) -> bool {
        self.below(1_000) < u64::from(permille)
    }
}
