//! Products of counts and sizes, exact and saturating.

/// `value · numerator / denominator`, rounded down, the product exact. `denominator` is not zero.
pub(super) fn scaled(value: u64, numerator: u64, denominator: u64) -> u64 {
    if is_small(value, numerator) {
        return value * numerator / denominator;
    }
    narrow(u128::from(value) * u128::from(numerator) / u128::from(denominator))
}

/// `value · numerator / denominator`, rounded up, the product exact. `denominator` is not zero.
pub(super) fn scaled_up(value: u64, numerator: u64, denominator: u64) -> u64 {
    if is_small(value, numerator) {
        return (value * numerator).div_ceil(denominator);
    }
    let product = u128::from(value) * u128::from(numerator);
    narrow(product.div_ceil(u128::from(denominator)))
}

/// `value · factor`, or the largest number there is.
pub(super) fn product(value: u64, factor: u32) -> u64 {
    let factor = u64::from(factor);
    if is_small(value, factor) {
        return value * factor;
    }
    value.saturating_mul(factor)
}

/// `value · factor`, exact.
pub(super) fn wide_product(value: u64, factor: u32) -> u128 {
    let narrow = u64::from(factor);
    if is_small(value, narrow) {
        return u128::from(value * narrow);
    }
    u128::from(value) * u128::from(factor)
}

/// Whether a product of these fits into 64 bits for certain. A product of 128 bits, and with it
/// every check for overflow, is a call of its own in WebAssembly; counting zeros is one
/// instruction.
const fn is_small(value: u64, factor: u64) -> bool {
    value.leading_zeros() + factor.leading_zeros() >= u64::BITS
}

/// The nearest 64 bits.
pub(super) fn narrow(value: u128) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_exact_around_the_border_of_64_bits() {
        let values = [0, 1, 7, 1 << 31, (1 << 32) - 1, 1 << 32, 1 << 33, u64::MAX];
        for value in values {
            for factor in values {
                let exact = u128::from(value) * u128::from(factor);
                assert_eq!(scaled(value, factor, 3), narrow(exact / 3));
                assert_eq!(scaled_up(value, factor, 3), narrow(exact.div_ceil(3)));
                if let Ok(factor) = u32::try_from(factor) {
                    assert_eq!(product(value, factor), narrow(exact));
                    assert_eq!(wide_product(value, factor), exact);
                }
            }
        }
    }
}
