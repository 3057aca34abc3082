//! Kubernetes quantities: `500m`, `1Gi`, `2k`, `1.5`, `1e3`.
//!
//! A quantity is a decimal number with a decimal (`m`, `k`, `M` …) or a binary (`Ki`, `Mi` …) suffix or with an
//! exponent. Reading it as a double loses the last digits of large memory sizes; here it becomes
//! thousandths in an `i64`, exactly, and what is smaller than a thousandth is rounded up, away from
//! zero, as `MilliValue` of Kubernetes does (`apimachinery/pkg/api/resource`). Writing gives one
//! canonical form per value.

use std::fmt;
use std::str::FromStr;

/// A quantity in thousandths.
///
/// # Examples
///
/// ```
/// use quorate_sim::cloud::Quantity;
///
/// let half_a_core: Quantity = "0.5".parse()?;
/// assert_eq!(half_a_core.milli, 500);
/// assert_eq!(half_a_core.to_string(), "500m");
/// # Ok::<(), quorate_sim::cloud::QuantityError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity {
    /// The value times 1,000.
    pub milli: i64,
}

impl Quantity {
    /// A quantity of `milli` thousandths.
    pub const fn from_milli(milli: i64) -> Self {
        Self { milli }
    }

    /// A quantity of `units` wholes; saturates.
    pub const fn from_units(units: i64) -> Self {
        Self {
            milli: units.saturating_mul(1_000),
        }
    }
}

/// Why a text is not a quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuantityError {
    /// It does not begin with a decimal number.
    NotANumber,
    /// What follows the number is no suffix of Kubernetes.
    UnknownSuffix,
    /// It does not fit into the bits that there are for it: 63 for thousandths.
    TooLarge,
    /// More than 20 digits before a binary suffix.
    TooPrecise,
}

impl fmt::Display for QuantityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotANumber => "does not begin with a number such as 2, 0.5 or 500",
            Self::UnknownSuffix => {
                "has a suffix that is none of n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei or e3"
            }
            Self::TooLarge => "is too large",
            Self::TooPrecise => "has more than 20 digits before a binary suffix",
        })
    }
}

impl std::error::Error for QuantityError {}

/// What the number before a suffix is multiplied with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scale {
    /// Ten to this power.
    Decimal(i32),
    /// Two to this power.
    Binary(u32),
}

/// The suffixes that are words. `E` followed by digits is an exponent and no word.
const SUFFIXES: [(&str, Scale); 16] = [
    ("", Scale::Decimal(0)),
    ("n", Scale::Decimal(-9)),
    ("u", Scale::Decimal(-6)),
    ("m", Scale::Decimal(-3)),
    ("k", Scale::Decimal(3)),
    ("M", Scale::Decimal(6)),
    ("G", Scale::Decimal(9)),
    ("T", Scale::Decimal(12)),
    ("P", Scale::Decimal(15)),
    ("E", Scale::Decimal(18)),
    ("Ki", Scale::Binary(10)),
    ("Mi", Scale::Binary(20)),
    ("Gi", Scale::Binary(30)),
    ("Ti", Scale::Binary(40)),
    ("Pi", Scale::Binary(50)),
    ("Ei", Scale::Binary(60)),
];

/// Digits that are looked at: 20 digits times 2^60 fit into 128 bits, and a result has at most 19.
const MAX_DIGITS: usize = 20;

/// Exponents beyond this are refused; the result would be zero or too large anyway.
const MAX_EXPONENT: i32 = 1_000;

impl FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        Self::parse(text).map(|(quantity, _)| quantity)
    }
}

/// Whether a text has exactly the value that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Precision {
    /// It has.
    Exact,
    /// Its value is smaller than what was read, by less than a thousandth.
    RoundedUp,
}

impl Quantity {
    /// Reads `text` and says whether it was rounded.
    pub(super) fn parse(text: &str) -> Result<(Self, Precision), QuantityError> {
        fixed_point(text, 3).map(|(milli, precision)| (Self { milli }, precision))
    }
}

/// Reads `text` as millionths: tolerances are finer than other quantities.
pub(super) fn millionths(text: &str) -> Result<(i64, Precision), QuantityError> {
    fixed_point(text, 6)
}

/// Millionths as a quantity.
pub(super) fn from_millionths(millionths: u32) -> String {
    if millionths.is_multiple_of(1_000) {
        Quantity::from_milli(i64::from(millionths / 1_000)).to_string()
    } else {
        format!("{millionths}u")
    }
}

/// `text` times ten to the power of `places`, rounded away from zero.
fn fixed_point(text: &str, places: i32) -> Result<(i64, Precision), QuantityError> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = unsigned
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return Err(QuantityError::NotANumber);
    }
    let (magnitude, precision) = Digits::of(whole, fraction).times(scale_of(suffix)?, places)?;
    let value = i64::try_from(magnitude).map_err(|_| QuantityError::TooLarge)?;
    Ok((if negative { -value } else { value }, precision))
}

fn scale_of(suffix: &str) -> Result<Scale, QuantityError> {
    if let Some((_, scale)) = SUFFIXES.iter().find(|(name, _)| *name == suffix) {
        return Ok(*scale);
    }
    let exponent = suffix
        .strip_prefix(['e', 'E'])
        .and_then(|digits| digits.parse::<i32>().ok())
        .ok_or(QuantityError::UnknownSuffix)?;
    if exponent > MAX_EXPONENT {
        return Err(QuantityError::TooLarge);
    }
    Ok(Scale::Decimal(exponent.max(-MAX_EXPONENT)))
}

/// The first digits of a number, and where its point is.
struct Digits {
    /// The first [`MAX_DIGITS`] digits that count.
    mantissa: u128,
    /// The number is `mantissa * 10^exponent`, and a bit more if something was dropped.
    exponent: i32,
    /// A digit that was not looked at is not zero.
    dropped: bool,
}

impl Digits {
    fn of(whole: &str, fraction: &str) -> Self {
        let mut digits = Self {
            mantissa: 0,
            exponent: 0,
            dropped: false,
        };
        let mut kept = 0;
        let places = whole
            .bytes()
            .map(|digit| (digit, 0))
            .chain(fraction.bytes().map(|digit| (digit, 1)));
        for (digit, place) in places {
            if kept < MAX_DIGITS {
                digits.mantissa = digits.mantissa * 10 + u128::from(digit - b'0');
                digits.exponent -= place;
                kept += usize::from(digits.mantissa > 0);
            } else {
                digits.dropped |= digit != b'0';
                digits.exponent += 1 - place;
            }
        }
        digits
    }

    /// The number times `scale` times ten to the power of `places`, rounded up.
    fn times(&self, scale: Scale, places: i32) -> Result<(u128, Precision), QuantityError> {
        let (mantissa, power) = match scale {
            Scale::Binary(_) if self.dropped => return Err(QuantityError::TooPrecise),
            Scale::Binary(bits) => (self.mantissa << bits, 0),
            Scale::Decimal(power) => (self.mantissa, power),
        };
        if mantissa == 0 {
            return Ok((0, Precision::Exact));
        }
        let power = self.exponent.saturating_add(power).saturating_add(places);
        let ten = |power: u32| 10_u128.checked_pow(power);
        if power >= 0 {
            return ten(power.unsigned_abs())
                .and_then(|ten| mantissa.checked_mul(ten))
                .filter(|_| !self.dropped)
                .map(|magnitude| (magnitude, Precision::Exact))
                .ok_or(QuantityError::TooLarge);
        }
        let Some(divisor) = ten(power.unsigned_abs()) else {
            return Ok((1, Precision::RoundedUp));
        };
        if mantissa.is_multiple_of(divisor) && !self.dropped {
            return Ok((mantissa / divisor, Precision::Exact));
        }
        Ok((mantissa / divisor + 1, Precision::RoundedUp))
    }
}

/// Decimal suffixes from the largest, with the thousandths in one of them.
const WRITTEN: [(&str, i64); 6] = [
    ("P", 1_000_000_000_000_000_000),
    ("T", 1_000_000_000_000_000),
    ("G", 1_000_000_000_000),
    ("M", 1_000_000_000),
    ("k", 1_000_000),
    ("", 1_000),
];

/// Binary suffixes from the largest, with the thousandths in one of them. `Ki` is not among them:
/// a rate of 1,024 requests is no size of memory.
const WRITTEN_BINARY: [(&str, i64); 4] = [
    ("Pi", 1_000 << 50),
    ("Ti", 1_000 << 40),
    ("Gi", 1_000 << 30),
    ("Mi", 1_000 << 20),
];

impl fmt::Display for Quantity {
    /// No fraction, the largest decimal suffix that leaves a whole number. Whole mebibytes that
    /// no decimal suffix shortens have the largest binary one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let divides = |(_, unit): &&(&str, i64)| self.milli % unit == 0;
        let (suffix, unit) = match WRITTEN.iter().find(divides) {
            Some(&("", unit)) => match WRITTEN_BINARY.iter().find(divides) {
                Some(&binary) => binary,
                None => ("", unit),
            },
            Some(&decimal) if self.milli != 0 => decimal,
            Some(_) => ("", 1),
            None => ("m", 1),
        };
        write!(f, "{}{suffix}", self.milli / unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn milli(text: &str) -> Result<i64, QuantityError> {
        text.parse::<Quantity>().map(|quantity| quantity.milli)
    }

    #[test]
    fn quantities_become_thousandths() {
        let cases = [
            ("0", 0),
            ("2", 2_000),
            ("+2", 2_000),
            ("-2", -2_000),
            ("500m", 500),
            ("0.5", 500),
            (".5", 500),
            ("5.", 5_000),
            ("2k", 2_000_000),
            ("1e3", 1_000_000),
            ("1E3", 1_000_000),
            ("15e-1", 1_500),
            ("1e-9", 1),
            ("1e-2000", 1),
            ("0e-2000", 0),
            ("100u", 1),
            ("1000u", 1),
            ("1001u", 2),
            ("-1001u", -2),
            ("1n", 1),
            ("0n", 0),
            ("0.0001", 1),
            ("1Ki", 1_024_000),
            ("1.5Gi", 1_610_612_736_000),
            ("1Gi", 1_073_741_824_000),
            ("0.0001Ki", 103),
            ("9223372036854775807m", i64::MAX),
            ("9223372036854775806.0000000000000001m", i64::MAX),
            ("00000000000000000000000000000000001", 1_000),
            ("0.000000000000000000000000000000000000000000001", 1),
            ("1000000000000000000000000e-24", 1_000),
            ("1000000000000000000000001e-24", 1_001),
        ];
        for (text, expected) in cases {
            assert_eq!(milli(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_quantity_says_why() {
        use QuantityError::{NotANumber, TooLarge, TooPrecise, UnknownSuffix};
        let cases = [
            ("", NotANumber),
            ("-", NotANumber),
            (".", NotANumber),
            ("m", NotANumber),
            ("1.2.3", NotANumber),
            (" 1", NotANumber),
            ("1 ", UnknownSuffix),
            ("1e", UnknownSuffix),
            ("1K", UnknownSuffix),
            ("1ki", UnknownSuffix),
            ("1mi", UnknownSuffix),
            ("1e3k", UnknownSuffix),
            ("1,5", UnknownSuffix),
            ("9223372036854775808m", TooLarge),
            ("9223372036854775807.1m", TooLarge),
            ("1E", TooLarge),
            ("10P", TooLarge),
            ("8Ei", TooLarge),
            ("1e1000", TooLarge),
            ("1e99999999999", UnknownSuffix),
            ("99999999999999999999999999999999999999999999", TooLarge),
            ("1.000000000000000000001Ki", TooPrecise),
        ];
        for (text, error) in cases {
            assert_eq!(milli(text), Err(error), "{text}");
        }
    }

    #[test]
    fn one_value_has_one_form_and_comes_back() {
        let cases = [
            (0, "0"),
            (1, "1m"),
            (500, "500m"),
            (1_000, "1"),
            (1_500, "1500m"),
            (-1_500, "-1500m"),
            (100_000, "100"),
            (2_000_000, "2k"),
            (1_024_000, "1024"),
            (1_073_741_824_000, "1Gi"),
            (1_610_612_736_000, "1536Mi"),
            (i64::MAX, "9223372036854775807m"),
            (i64::MIN + 1, "-9223372036854775807m"),
        ];
        for (milli, text) in cases {
            let quantity = Quantity { milli };
            assert_eq!(quantity.to_string(), text);
            assert_eq!(text.parse(), Ok(quantity), "{text}");
        }
    }
}
