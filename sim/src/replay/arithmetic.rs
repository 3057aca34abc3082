//! Products of counts and sizes, exact and saturating.

/// `value · numerator / denominator`, rounded down, the product exact. `denominator` is not zero.
pub(super) fn scaled(value: u64, numerator: u64, denominator: u64) -> u64 {
    match value.checked_mul(numerator) {
        Some(product) => product / denominator,
        None => narrow(u128::from(value) * u128::from(numerator) / u128::from(denominator)),
    }
}

/// `value · numerator / denominator`, rounded up, the product exact. `denominator` is not zero.
pub(super) fn scaled_up(value: u64, numerator: u64, denominator: u64) -> u64 {
    if let Some(product) = value.checked_mul(numerator) {
        return product.div_ceil(denominator);
    }
    let product = u128::from(value) * u128::from(numerator);
    narrow(product.div_ceil(u128::from(denominator)))
}

/// The nearest 64 bits.
pub(super) fn narrow(value: u128) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}
