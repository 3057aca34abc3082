//! Exact rounding of doubles, and the ways between doubles and integers.
//!
//! Some of the systems that the policies copy compute in IEEE 754 doubles, and their answers hang
//! on the last bit: 7.000000000000001 rounds up to 8. `ceil` and `floor` belong to the standard
//! library, which the kernel does not have, and a detour over `x + 0.5` or a small epsilon gives
//! other answers than the originals. These functions are exact for every input, and the
//! conversions saturate, so that no infinity and no overflow gets past them.

/// From 2^52 on every double is a whole number.
const WHOLE_FROM: f64 = 4_503_599_627_370_496.0;

/// The largest whole number that is not above `x`. Infinities and NaN stay what they are.
#[must_use]
pub(in crate::autoscale) fn floor(x: f64) -> f64 {
    let whole = trunc(x);
    if whole > x { whole - 1.0 } else { whole }
}

/// The smallest whole number that is not below `x`. Infinities and NaN stay what they are.
#[must_use]
pub(in crate::autoscale) fn ceil(x: f64) -> f64 {
    -floor(-x)
}

/// `x` without its fraction. Infinities and NaN stay what they are.
#[must_use]
pub(in crate::autoscale) fn trunc(x: f64) -> f64 {
    if x.abs() < WHOLE_FROM {
        from_i64(to_i64(x)).copysign(x)
    } else {
        x
    }
}

/// The nearest double; a tie goes to the even one, as in every IEEE conversion.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    reason = "the copied systems convert their integers to doubles in the same way"
)]
pub(in crate::autoscale) const fn from_i64(x: i64) -> f64 {
    x as f64
}

/// `x` without its fraction, at the nearest end of the range if it lies outside; NaN is zero.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    reason = "truncation and saturation are what is asked for"
)]
pub(in crate::autoscale) const fn to_i64(x: f64) -> i64 {
    x as i64
}

/// `x` without its fraction, at the nearest end of the range if it lies outside; NaN is zero.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    reason = "truncation and saturation are what is asked for"
)]
pub(in crate::autoscale) const fn to_i32(x: f64) -> i32 {
    x as i32
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::{ceil, floor, from_i64, to_i32, to_i64, trunc};

    /// Doubles around every place where rounding can go wrong.
    fn awkward() -> impl Iterator<Item = f64> {
        let anchors = [
            0.0,
            1.0,
            7.0,
            0.1,
            f64::MIN_POSITIVE,
            f64::EPSILON,
            f64::MAX,
            f64::INFINITY,
        ];
        let powers = (0..64).map(|exponent| from_i64(1 << exponent));
        anchors.into_iter().chain(powers).flat_map(|x| {
            let around = [x.next_down(), x, x.next_up(), x - 0.5, x + 0.5];
            around.into_iter().flat_map(|x| [x, -x])
        })
    }

    #[test]
    fn rounding_is_that_of_the_standard_library_bit_for_bit() {
        for x in awkward() {
            assert_eq!(
                floor(x).to_bits(),
                std::primitive::f64::floor(x).to_bits(),
                "{x:e}"
            );
            assert_eq!(
                ceil(x).to_bits(),
                std::primitive::f64::ceil(x).to_bits(),
                "{x:e}"
            );
            assert_eq!(
                trunc(x).to_bits(),
                std::primitive::f64::trunc(x).to_bits(),
                "{x:e}"
            );
        }
        assert!(floor(f64::NAN).is_nan() && ceil(f64::NAN).is_nan() && trunc(f64::NAN).is_nan());
    }

    #[test]
    fn what_does_not_fit_stops_at_the_end_of_the_range() {
        assert_eq!(to_i32(f64::INFINITY), i32::MAX);
        assert_eq!(to_i32(-1e300), i32::MIN);
        assert_eq!(to_i64(9.3e18), i64::MAX);
        assert_eq!(to_i64(f64::NAN), 0);
    }
}
