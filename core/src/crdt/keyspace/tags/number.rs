//! Exact decimal numbers.
//!
//! A floating-point number has two zeros, values that are not equal to themselves, and no 0.1. Two
//! replicas that add up or print them differently have two values. A price or a confidence is a
//! decimal, so that is what there is.

use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;
use core::str::FromStr;

use super::ordered::{put_integer, split_integer};

/// An integer of 64 bits divided by a power of ten: `-12.5`.
///
/// Every number has one form: there is no `1.50` beside `1.5`. Ordered by value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Number {
    /// All digits. Not divisible by ten unless `scale` is zero.
    coefficient: i64,
    /// How many of them stand after the point; at most [`Number::SCALE_MAX`].
    scale: u8,
}

/// Why something is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberError {
    /// It is not digits with perhaps a sign before and a point between them.
    NotANumber,
    /// It has more digits than fit into 64 bits, or more than [`Number::SCALE_MAX`] after the point.
    OutOfRange,
}

impl Number {
    /// How many digits may stand after the point.
    pub const SCALE_MAX: u8 = 18;

    /// `coefficient` divided by ten to the power of `scale`.
    ///
    /// ```
    /// use quorate::crdt::keyspace::Number;
    ///
    /// assert_eq!(Number::new(150, 2)?, "1.5".parse()?);
    /// assert!(Number::new(15, 1)? < Number::from(2));
    /// # Ok::<(), quorate::crdt::keyspace::NumberError>(())
    /// ```
    pub fn new(coefficient: i64, scale: u8) -> Result<Self, NumberError> {
        let number = Self::reduced(i128::from(coefficient), u32::from(scale));
        number.ok_or(NumberError::OutOfRange)
    }

    /// Digits that are needed and no more.
    fn reduced(mut coefficient: i128, mut scale: u32) -> Option<Self> {
        while scale > 0 && coefficient % 10 == 0 {
            coefficient /= 10;
            scale -= 1;
        }
        let scale = u8::try_from(scale).ok()?;
        let coefficient = i64::try_from(coefficient).ok()?;
        (scale <= Self::SCALE_MAX).then_some(Self { coefficient, scale })
    }

    /// The value in units of ten to the power of minus [`Number::SCALE_MAX`].
    fn units(self) -> i128 {
        i128::from(self.coefficient) * 10_i128.pow(u32::from(Self::SCALE_MAX - self.scale))
    }

    /// The next integer below, then what is missing, two digits to a byte, up to the last that is not
    /// zero. The order of the bytes is the order of the numbers.
    pub(super) fn put(self, out: &mut Vec<u8>) {
        put_integer(out, self.units().div_euclid(ONE));
        let mut rest = self.units().rem_euclid(ONE);
        let mut weight = ONE;
        while rest > 0 {
            weight /= 100;
            out.push(u8::try_from(rest / weight).expect("below a hundred"));
            rest %= weight;
        }
    }

    /// Reads what `put` wrote; `None` for anything else.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (whole, digits) = split_integer(bytes)?;
        if digits.len() > usize::from(Self::SCALE_MAX) / 2 || digits.last() == Some(&0) {
            return None;
        }
        let mut units = whole * ONE;
        let mut weight = ONE;
        for &pair in digits {
            weight /= 100;
            units += i128::from(pair) * weight;
            if pair > 99 {
                return None;
            }
        }
        Self::reduced(units, u32::from(Self::SCALE_MAX))
    }
}

/// One, in units.
const ONE: i128 = 10_i128.pow(Number::SCALE_MAX as u32);

impl From<i64> for Number {
    fn from(coefficient: i64) -> Self {
        Self {
            coefficient,
            scale: 0,
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        self.units().cmp(&other.units())
    }
}

impl FromStr for Number {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = match unsigned.split_once('.') {
            Some((_, "")) => return Err(NumberError::NotANumber),
            Some((whole, fraction)) => (whole, fraction.trim_end_matches('0')),
            None => (unsigned, ""),
        };
        let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !is_number(whole) || !is_number(fraction) {
            return Err(NumberError::NotANumber);
        }
        let mut digits = String::from(&text[..text.len() - unsigned.len()]);
        digits.push_str(whole);
        digits.push_str(fraction);
        let coefficient = digits.parse().map_err(|_| NumberError::OutOfRange)?;
        let scale = u8::try_from(fraction.len()).map_err(|_| NumberError::OutOfRange)?;
        Self::new(coefficient, scale)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.coefficient < 0 { "-" } else { "" };
        let one = 10_u64.pow(u32::from(self.scale));
        let digits = self.coefficient.unsigned_abs();
        write!(f, "{sign}{}", digits / one)?;
        if self.scale > 0 {
            let width = usize::from(self.scale);
            write!(f, ".{:0width$}", digits % one)?;
        }
        Ok(())
    }
}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotANumber => f.write_str("not a decimal number"),
            Self::OutOfRange => f.write_str("a number with too many digits"),
        }
    }
}

impl core::error::Error for NumberError {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn bytes(number: Number) -> Vec<u8> {
        let mut out = Vec::new();
        number.put(&mut out);
        out
    }

    #[test]
    fn text_bytes_and_numbers_are_one_to_one_and_in_one_order() {
        let texts = [
            "-9223372036854775808",
            "-9.223372036854775808",
            "-1.5",
            "-1",
            "-0.99",
            "-0.000000000000000001",
            "0",
            "0.000000000000000001",
            "0.01",
            "0.1",
            "0.11",
            "1",
            "1.5",
            "2",
            "9223372036854775807",
        ];
        let numbers = texts.map(|text| text.parse::<Number>().unwrap());
        assert!(numbers.is_sorted_by(|a, b| a < b && bytes(*a) < bytes(*b)));
        for (text, number) in texts.iter().zip(numbers) {
            assert_eq!(number.to_string(), *text);
            assert_eq!(Number::from_bytes(&bytes(number)), Some(number));
        }
    }

    #[test]
    fn a_number_has_one_form() {
        assert_eq!("1.50".parse(), Ok(Number::new(15, 1).unwrap()));
        assert_eq!("-0".parse(), Ok(Number::default()));
        assert_eq!("007.0".parse(), Ok(Number::from(7)));
        assert_eq!(Number::new(70, 200), Err(NumberError::OutOfRange));
        assert_eq!(Number::new(0, 200), Ok(Number::default()));
        for text in [
            "", "-", ".5", "5.", "1e3", "+1", "1.2.3", "--1", "NaN", "1 ",
        ] {
            assert_eq!(
                text.parse::<Number>(),
                Err(NumberError::NotANumber),
                "{text}"
            );
        }
        for text in [
            "9223372036854775808",
            "0.0000000000000000001",
            "12.000000000000000001x",
        ] {
            assert!(text.parse::<Number>().is_err(), "{text}");
        }
    }

    #[test]
    fn bytes_that_no_number_has_are_refused() {
        assert_eq!(Number::from_bytes(&[0x80, 50, 0]), None);
        assert_eq!(Number::from_bytes(&[0x80, 100]), None);
        assert_eq!(
            Number::from_bytes(&[0x80, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
            None
        );
        // Ten to the eighteenth and a half has more digits than 64 bits hold.
        let mut large = Vec::new();
        put_integer(&mut large, i128::from(i64::MAX));
        large.push(50);
        assert_eq!(Number::from_bytes(&large), None);
        large.clear();
        put_integer(&mut large, i128::from(u64::MAX));
        assert_eq!(Number::from_bytes(&large), None);
    }
}
