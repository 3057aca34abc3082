//! Decimal text to fixed-point integers, exactly.
//!
//! Going through a double would be shorter and would make the load depend on how a platform
//! rounds. Here every digit is looked at, and the last place is rounded half up.

/// Why a text is not a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberFault {
    /// It is not written as one.
    NotANumber,
    /// It is below zero.
    Negative,
    /// It is beyond the range.
    TooLarge,
}

/// Exponents beyond this are not numbers that anybody measured.
const MAX_EXPONENT: i64 = 400;

/// `text` times `10^places`, rounded half up: `12`, `+0.5`, `3.2e-5`.
pub(super) fn fixed_point(text: &str, places: u8) -> Result<u64, NumberFault> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    if digits().next().is_none() || !digits().all(|digit| digit.is_ascii_digit()) {
        return Err(NumberFault::NotANumber);
    }
    if negative && digits().any(|digit| digit != b'0') {
        return Err(NumberFault::Negative);
    }
    let whole_digits = i64::try_from(whole.len()).map_err(|_| NumberFault::TooLarge)?;
    let kept = whole_digits + exponent + i64::from(places);
    scale(digits(), kept)
}

/// The number that the first `kept` digits make, zeros added where there are fewer.
fn scale(mut digits: impl Iterator<Item = u8>, kept: i64) -> Result<u64, NumberFault> {
    let mut value: u64 = 0;
    for _ in 0..kept {
        let digit = digits.next().map_or(0, |digit| digit - b'0');
        value = value
            .checked_mul(10)
            .and_then(|value| value.checked_add(u64::from(digit)))
            .ok_or(NumberFault::TooLarge)?;
    }
    // With fewer than zero digits kept, the first digit is not the one after the last kept.
    let rounds_up = kept >= 0 && digits.next().is_some_and(|digit| digit >= b'5');
    value
        .checked_add(u64::from(rounds_up))
        .ok_or(NumberFault::TooLarge)
}

fn parse_exponent(text: &str) -> Result<i64, NumberFault> {
    text.parse()
        .ok()
        .filter(|exponent: &i64| exponent.abs() <= MAX_EXPONENT)
        .ok_or(NumberFault::NotANumber)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_text_becomes_thousandths() {
        let cases = [
            ("0", 0),
            ("12", 12_000),
            ("94.0", 94_000),
            ("33.5573", 33_557),
            ("0.33399999999999996", 334),
            ("0.0004", 0),
            ("0.0005", 1),
            (".5", 500),
            ("5.", 5_000),
            ("+1.5", 1_500),
            ("-0.0", 0),
            ("1e3", 1_000_000),
            ("2.5E-1", 250),
            ("3.2e-05", 0),
            ("9e-4", 1),
            ("9e-5", 0),
            ("0e400", 0),
            ("18446744073709551.615", u64::MAX),
        ];
        for (text, milli) in cases {
            assert_eq!(fixed_point(text, 3), Ok(milli), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_number_says_why() {
        for text in [
            "", "-", ".", "1 2", "1,5", "0x10", "nan", "inf", "1e", "1e999", "1.2.3", "٣",
        ] {
            assert_eq!(fixed_point(text, 3), Err(NumberFault::NotANumber), "{text}");
        }
        assert_eq!(fixed_point("-0.1", 3), Err(NumberFault::Negative));
        assert_eq!(
            fixed_point("18446744073709551.6155", 3),
            Err(NumberFault::TooLarge)
        );
        assert_eq!(fixed_point("1e300", 3), Err(NumberFault::TooLarge));
    }
}
