//! ISO 8601, read from front to back.

use core::ops::RangeInclusive;

use super::{FRACTION_DIGITS, TICKS_PER_SECOND, TimestampError, calendar};

const MAX_OFFSET_MINUTES: i16 = 14 * 60;
/// Digits of the fraction that are read; those that do not count are dropped.
const MAX_FRACTION_DIGITS: usize = 16;

/// Reads fields of fixed width from front to back.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        Self { bytes, at: 0 }
    }

    /// The byte that comes next.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// `yyyy-mm-dd`, as days since the start of year 1.
    pub(super) fn date(&mut self) -> Result<u64, TimestampError> {
        let year = self.number(4, 1..=9999, "a year from 0001 to 9999")?;
        self.byte(b'-', "`-` after the year")?;
        let month = self.number(2, 1..=12, "a month from 01 to 12")?;
        self.byte(b'-', "`-` after the month")?;
        let days = calendar::days_in_month(year, month);
        let day = self.number(2, 1..=days, "a day of that month")?;
        Ok(calendar::days_before_year(year) + calendar::days_before_month(year, month) + day - 1)
    }

    /// `Thh:mm:ss` and perhaps a fraction, as ticks since midnight.
    pub(super) fn time_of_day(&mut self) -> Result<u64, TimestampError> {
        self.byte(b'T', "`T` after the date")?;
        let hour = self.number(2, 0..=23, "an hour from 00 to 23")?;
        self.byte(b':', "`:` after the hour")?;
        let minute = self.number(2, 0..=59, "a minute from 00 to 59")?;
        self.byte(b':', "`:` after the minute")?;
        let second = self.number(2, 0..=59, "a second from 00 to 59")?;
        let fraction = self.fraction()?;
        Ok(((hour * 60 + minute) * 60 + second) * TICKS_PER_SECOND + fraction)
    }

    fn fraction(&mut self) -> Result<u64, TimestampError> {
        if self.bytes.get(self.at) != Some(&b'.') {
            return Ok(0);
        }
        self.at += 1;
        let (start, mut ticks) = (self.at, 0);
        while let Some(digit) = self.digit() {
            if self.at - start < FRACTION_DIGITS {
                ticks = ticks * 10 + digit;
            }
            self.at += 1;
        }
        let digits = self.at - start;
        if digits == 0 || digits > MAX_FRACTION_DIGITS {
            return Err(TimestampError {
                offset: start,
                expected: "1 to 16 digits of a fraction",
            });
        }
        Ok((digits..FRACTION_DIGITS).fold(ticks, |ticks, _| ticks * 10))
    }

    /// `Z`, or a sign and `hh:mm`, in minutes.
    pub(super) fn utc_offset(&mut self) -> Result<i16, TimestampError> {
        const EXPECTED: &str = "`Z` or an offset within 14 hours like `+01:00`";
        let start = self.at;
        let sign = match self.bytes.get(self.at) {
            Some(b'Z') => {
                self.at += 1;
                return Ok(0);
            }
            Some(b'+') => 1,
            Some(b'-') => -1,
            _ => return Err(self.expected(EXPECTED)),
        };
        self.at += 1;
        let hours = self.number(2, 0..=14, EXPECTED)?;
        self.byte(b':', EXPECTED)?;
        let minutes = hours * 60 + self.number(2, 0..=59, EXPECTED)?;
        i16::try_from(minutes)
            .ok()
            .filter(|&minutes| minutes <= MAX_OFFSET_MINUTES)
            .map(|minutes| sign * minutes)
            .ok_or(TimestampError {
                offset: start,
                expected: EXPECTED,
            })
    }

    pub(super) fn end(&self) -> Result<(), TimestampError> {
        if self.at < self.bytes.len() {
            return Err(self.expected("the end"));
        }
        Ok(())
    }

    /// The next `width` digits, if their value is among `allowed`.
    fn number(
        &mut self,
        width: usize,
        allowed: RangeInclusive<u64>,
        expected: &'static str,
    ) -> Result<u64, TimestampError> {
        let start = self.at;
        let mut value = 0;
        for _ in 0..width {
            let digit = self.digit().ok_or_else(|| self.expected(expected))?;
            value = value * 10 + digit;
            self.at += 1;
        }
        if !allowed.contains(&value) {
            return Err(TimestampError {
                offset: start,
                expected,
            });
        }
        Ok(value)
    }

    fn byte(&mut self, wanted: u8, expected: &'static str) -> Result<(), TimestampError> {
        if self.bytes.get(self.at) != Some(&wanted) {
            return Err(self.expected(expected));
        }
        self.at += 1;
        Ok(())
    }

    fn digit(&self) -> Option<u64> {
        let byte = self.bytes.get(self.at)?;
        byte.is_ascii_digit().then(|| u64::from(byte - b'0'))
    }

    fn expected(&self, expected: &'static str) -> TimestampError {
        TimestampError {
            offset: self.at,
            expected,
        }
    }
}
