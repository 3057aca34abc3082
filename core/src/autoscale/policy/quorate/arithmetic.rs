//! Fixed-point arithmetic that cannot overflow.
//!
//! Demands are micro-nodes, times are microseconds, and a product of the two outgrows 64 bits
//! with a few thousand nodes already. A wrapped product would be a fleet of the wrong sign, a
//! checked one an autoscaler that stops in the middle of a flash crowd. Here products are exact
//! and results stop at the largest number there is.

use crate::Micros;

/// Micro-nodes in one milli-node.
pub(super) const MICRO_PER_MILLI: i64 = 1_000;
/// Microseconds in one minute, the unit of time of a trend.
pub(super) const MICROS_PER_MINUTE: i64 = 60_000_000;

/// `value · numerator / denominator`, truncated toward zero, the product exact.
pub(super) const fn scaled(value: i64, numerator: i64, denominator: i64) -> i64 {
    if value == 0 || numerator == 0 {
        // No backlog, no regret, no trend: most of the time, and a division takes its time.
        return 0;
    }
    if is_small(value) && is_small(numerator) {
        // Checking for overflow is a call of its own in WebAssembly.
        return value * numerator / denominator;
    }
    match value.checked_mul(numerator) {
        Some(product) => product / denominator,
        None => saturated(value as i128 * numerator as i128 / denominator as i128),
    }
}

/// Milli-nodes as micro-nodes.
pub(super) const fn micro(milli: i64) -> i64 {
    if is_small(milli) {
        return milli * MICRO_PER_MILLI;
    }
    milli.saturating_mul(MICRO_PER_MILLI)
}

/// Whether a product of two such numbers fits into 64 bits.
const fn is_small(value: i64) -> bool {
    value.unsigned_abs() < 1 << 31
}

/// `value` times so many thousandths, truncated toward zero.
pub(super) const fn per_mille(value: i64, thousandths: i64) -> i64 {
    scaled(value, thousandths, 1_000)
}

/// One step of exponential smoothing: `average` moves towards `sample` by `dt / (tau + dt)` of
/// the distance.
///
/// The rational weight is the backward Euler step of a first-order lag: it stays between 0 and 1
/// however long the step is, and needs no `exp`. `dt` is at least one microsecond.
pub(super) const fn smoothed(average: i64, sample: i64, tau: i64, dt: i64) -> i64 {
    let distance = sample.saturating_sub(average);
    average.saturating_add(scaled(distance, dt, tau.saturating_add(dt)))
}

/// `value / divisor`, rounded up, as a number of nodes; zero for what is negative.
pub(super) fn ceil_nodes(value: i64, divisor: i64) -> u32 {
    let whole = value / divisor + i64::from(value % divisor > 0);
    u32::try_from(whole.max(0)).unwrap_or(u32::MAX)
}

/// A span as a signed number of microseconds.
pub(super) fn signed(span: Micros) -> i64 {
    i64::try_from(span.0).unwrap_or(i64::MAX)
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "both ends are checked before the cast"
)]
const fn saturated(value: i128) -> i64 {
    if value > i64::MAX as i128 {
        i64::MAX
    } else if value < i64::MIN as i128 {
        i64::MIN
    } else {
        value as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_exact_and_results_stop_at_the_ends() {
        assert_eq!(scaled(7, 3, 2), 10);
        assert_eq!(scaled(-7, 3, 2), -10);
        assert_eq!(scaled(i64::MAX, 3, 4), 6_917_529_027_641_081_855);
        assert_eq!(scaled(i64::MIN, 3, 4), -6_917_529_027_641_081_856);
        assert_eq!(scaled(i64::MAX, 3, 2), i64::MAX);
        assert_eq!(scaled(i64::MIN, 3, 2), i64::MIN);
    }

    #[test]
    fn smoothing_never_passes_the_sample() {
        for (average, sample) in [(0, 1_000), (1_000, 0), (i64::MIN, i64::MAX)] {
            for dt in [1, 60, i64::MAX] {
                let next = smoothed(average, sample, 100, dt);
                assert!((average.min(sample)..=average.max(sample)).contains(&next));
            }
        }
        assert_eq!(smoothed(0, 1_000, 0, 60), 1_000);
    }

    #[test]
    fn sizes_are_rounded_up_and_never_negative() {
        assert_eq!(ceil_nodes(800_001, 800_000), 2);
        assert_eq!(ceil_nodes(800_000, 800_000), 1);
        assert_eq!(ceil_nodes(0, 800_000), 0);
        assert_eq!(ceil_nodes(-1, 800_000), 0);
        assert_eq!(ceil_nodes(i64::MAX, 1), u32::MAX);
    }
}
