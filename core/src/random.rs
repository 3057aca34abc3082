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
        upper_half(self.next_u64(), bound)
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

/// The upper 64 bits of the product. WebAssembly has no wide multiplication: for a factor below 2^32,
/// as nearly all are, two narrow ones give the same number.
fn upper_half(number: u64, factor: u64) -> u64 {
    if factor > u64::from(u32::MAX) {
        let wide = u128::from(number) * u128::from(factor);
        return u64::try_from(wide >> 64).expect("the upper half of 128 bits");
    }
    let (high, low) = (number >> 32, number & u64::from(u32::MAX));
    (high * factor + ((low * factor) >> 32)) >> 32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::upper_half;

    proptest! {
        #[test]
        fn the_narrow_product_is_the_wide_one(number: u64, factor: u64, shift in 0_u32..64) {
            let limit = u64::from(u32::MAX);
            for factor in [factor >> shift, 0, 1, limit, limit + 1] {
                for number in [number, u64::MAX] {
                    let wide = u128::from(number) * u128::from(factor);
                    prop_assert_eq!(u128::from(upper_half(number, factor)), wide >> 64);
                }
            }
        }
    }
}
