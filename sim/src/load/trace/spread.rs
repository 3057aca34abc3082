//! One count as several that add up to it.
//!
//! Rounding each part on its own loses requests or makes some up. Here the sums up to each part are
//! rounded, and a part is the difference of two of them.

use quorate::Random;

/// The most draws for one count.
const MAX_PARCELS: u64 = 1 << 20;
/// A request, in thousandths.
const REQUEST_MILLI: u64 = 1_000;

/// Appends `parts` numbers whose sum is `count`, in proportion to their weights; evenly, if all of
/// these are zero.
///
/// The sum of the weights times `count` must fit into 128 bits.
pub(super) fn spread(count: u64, parts: u64, weight: impl Fn(u64) -> u128, into: &mut Vec<u64>) {
    let sum: u128 = (0..parts).map(&weight).sum();
    let flat = sum == 0;
    let total = if flat { u128::from(parts) } else { sum };
    let (mut weights, mut spent) = (0_u128, 0_u64);
    for part in 0..parts {
        weights += if flat { 1 } else { weight(part) };
        let upto = u64::try_from(u128::from(count) * weights / total)
            .expect("no more than the count, which has 64 bits");
        into.push(upto - spent);
        spent = upto;
    }
}

/// The line through the middles of three steps.
pub(super) struct Slope {
    pub(super) before: u64,
    pub(super) own: u64,
    pub(super) after: u64,
    pub(super) parts: u64,
}

impl Slope {
    /// The height of the line in the middle of a part, in an arbitrary unit. Between two steps it
    /// is half way between them.
    pub(super) fn weight(&self, part: u64) -> u128 {
        let parts = u128::from(self.parts);
        // From 0 to twice the parts; the middle of the step is at `parts`.
        let at = u128::from(part) * 2 + 1;
        let own = u128::from(self.own) * 2;
        if at <= parts {
            let edge = u128::from(self.before) + u128::from(self.own);
            edge * (parts - at) + own * at
        } else {
            let edge = u128::from(self.own) + u128::from(self.after);
            own * (2 * parts - at) + edge * (at - parts)
        }
    }
}

/// Appends `parts` numbers whose sum is `count`: every request falls on one of them by chance.
pub(super) fn throw(count: u64, parts: u64, random: &mut Random, into: &mut Vec<u64>) {
    let parcel = count.div_ceil(MAX_PARCELS).max(REQUEST_MILLI);
    let begin = into.len();
    halve(count / parcel, parts, random, into);
    for part in &mut into[begin..] {
        *part *= parcel;
    }
    let rest = count % parcel;
    if rest > 0 {
        let lucky = random.index(into.len() - begin);
        into[begin + lucky] += rest;
    }
}

/// Appends `parts` counts of the `parcels` that fall on each.
fn halve(parcels: u64, parts: u64, random: &mut Random, into: &mut Vec<u64>) {
    if parts == 1 {
        into.push(parcels);
        return;
    }
    let left = parts / 2;
    let on_left = successes(parcels, left, parts, random);
    halve(on_left, left, random, into);
    halve(parcels - on_left, parts - left, random, into);
}

/// How many of `trials` succeed if each does with chance `of / among`, which is less than one.
///
/// Exactly binomial, without a double: a trial draws a binary fraction bit by bit and succeeds once
/// it falls below the chance. A word of the generator draws a bit for 64 trials.
fn successes(trials: u64, of: u64, among: u64, random: &mut Random) -> u64 {
    let mut count = 0;
    let mut left = trials;
    while left > 0 {
        let lanes = left.min(64);
        left -= lanes;
        let mut undecided = u64::MAX >> (64 - lanes);
        let mut rest = of;
        while undecided != 0 && rest != 0 {
            let bits = random.next_u64();
            rest *= 2;
            if rest >= among {
                rest -= among;
                count += u64::from((undecided & !bits).count_ones());
                undecided &= bits;
            } else {
                undecided &= !bits;
            }
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread_all(count: u64, weights: &[u128]) -> Vec<u64> {
        let mut into = Vec::new();
        let weight = |part: u64| weights[usize::try_from(part).unwrap()];
        spread(count, weights.len() as u64, weight, &mut into);
        into
    }

    #[test]
    fn parts_are_in_proportion_and_lose_nothing() {
        assert_eq!(spread_all(10, &[1, 1, 1]), [3, 3, 4]);
        assert_eq!(spread_all(10, &[0, 3, 1]), [0, 7, 3]);
        assert_eq!(spread_all(10, &[0, 0]), [5, 5]);
        assert_eq!(spread_all(0, &[2, 1]), [0, 0]);
        let huge = spread_all(u64::MAX, &[1; 7]);
        assert_eq!(huge.iter().sum::<u64>(), u64::MAX);
    }

    /// Thirds have an endless binary expansion. Three standard deviations around the mean.
    #[test]
    fn trials_succeed_as_often_as_their_chance_says() {
        let mut random = Random::new(7);
        for (of, among) in [(1, 2), (1, 3), (2, 3), (1, 1_000), (49, 99)] {
            let trials = 900_000;
            let (mean, got) = (
                trials * of / among,
                successes(trials, of, among, &mut random),
            );
            let variance = trials * of * (among - of) / among / among;
            assert!(
                got.abs_diff(mean).pow(2) <= 9 * variance,
                "{of}/{among}: {got}, not {mean}"
            );
        }
        assert_eq!(successes(0, 1, 2, &mut random), 0);
    }
}
