//! Spans that are mostly short and sometimes long.
//!
//! Most messages take about as long as each other; a few take a hundred times longer, because a
//! packet was lost and sent again, or somebody collected garbage. A uniform span alone never shows
//! what the few do to a timeout, so a share of the messages takes an exponential time more. Faults
//! that come by themselves come that way, too. The logarithm is made of integers: the same bits on
//! every machine.

use quorate::{Micros, Random};

/// The natural logarithm of two, in 2^-32.
const LN_2: u128 = 2_977_044_472;
/// Binary digits of the logarithm behind the point: a millionth part of the mean is enough.
const DIGITS: u32 = 20;

/// An exponentially distributed span with this mean. At most 44 times the mean.
pub(crate) fn exponential(random: &mut Random, mean: Micros) -> Micros {
    // -ln(u) for u = draw / 2^64 in (0, 1]: 64 minus the binary logarithm, times ln 2.
    let draw = u128::from(random.next_u64()) + 1;
    let nats = ((64_u128 << DIGITS) - binary_logarithm(draw)) * LN_2;
    let span = (u128::from(mean.0) * nats) >> (32 + DIGITS);
    Micros(u64::try_from(span).unwrap_or(u64::MAX))
}

/// The binary logarithm of a number from 1 to 2^64, in 2^-[`DIGITS`], rounded down: squaring a
/// number between one and two shifts one digit of its logarithm in front of the point.
fn binary_logarithm(of: u128) -> u128 {
    let whole = u128::BITS - 1 - of.leading_zeros();
    // From 2^63 to 2^64, which stands for one to two.
    let mut rest = if whole == 64 {
        1 << 63
    } else {
        of << (63 - whole)
    };
    let mut logarithm = u128::from(whole);
    for _ in 0..DIGITS {
        rest = (rest * rest) >> 63;
        let digit = rest >> 64;
        rest >>= digit;
        logarithm = logarithm << 1 | digit;
    }
    logarithm
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_of_powers_are_exact_and_others_close() {
        for power in 0..=64_u8 {
            assert_eq!(binary_logarithm(1 << power), u128::from(power) << DIGITS);
        }
        // log2(10) = 3.3219280948…, and 0.3219280948 · 2^20 = 337566.07.
        assert_eq!(binary_logarithm(10), (3 << DIGITS) + 337_566);
    }

    #[test]
    fn the_tail_has_its_mean_and_its_quantiles() {
        let mut random = Random::new(7);
        let mean = Micros(10_000);
        let mut draws: Vec<u64> = (0..20_000)
            .map(|_| exponential(&mut random, mean).0)
            .collect();
        draws.sort_unstable();
        let average = draws.iter().sum::<u64>() / 20_000;
        assert!((9_800..10_200).contains(&average), "{average}");
        // Half are below ln 2 means, one in a hundred above ln 100.
        assert!((6_700..7_150).contains(&draws[10_000]), "{}", draws[10_000]);
        assert!(
            (44_000..48_500).contains(&draws[19_800]),
            "{}",
            draws[19_800]
        );
        assert_eq!(exponential(&mut random, Micros::ZERO), Micros::ZERO);
    }
}
