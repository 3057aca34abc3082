//! Times of a trace.
//!
//! Most traces say a date and a time and not where on Earth that was. Such civil times are read
//! as they stand, without a time zone; where a file gives an offset, UTC is meant. Mixing the two
//! in one file would shift part of it by hours, so a file keeps to the way of its first row.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use quorate::Micros;

use super::number::fixed_point;

/// How times are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    /// Date and time, nothing about where.
    Civil,
    /// Date, time and offset from UTC.
    Utc,
    /// Seconds since 1970.
    Epoch,
}

/// A moment, in microseconds since 1970-01-01 00:00:00 of its clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Instant(i64);

impl Instant {
    /// The moment of `date_time`; `None` in the last hours of the calendar.
    pub(super) fn of(date_time: DateTime) -> Option<Self> {
        let timestamp = Offset::UTC.to_timestamp(date_time).ok()?;
        Some(Self(timestamp.as_microsecond()))
    }

    /// The date and time of it.
    pub(super) fn date_time(self) -> DateTime {
        let timestamp = Timestamp::from_microsecond(self.0).unwrap_or(Timestamp::MAX);
        Offset::UTC.to_datetime(timestamp)
    }

    /// The moment that lies `span` after it.
    pub(super) fn later(self, span: Micros) -> Self {
        Self(self.0.saturating_add_unsigned(span.0))
    }

    /// How long after `earlier` it is; `None` if it is before.
    pub(super) fn since(self, earlier: Self) -> Option<Micros> {
        (self >= earlier).then(|| Micros(self.0.abs_diff(earlier.0)))
    }
}

/// A date, with a time or without, as people type it.
pub(in crate::load) fn date_time(text: &str) -> Option<DateTime> {
    match read(text.trim())? {
        (Clock::Epoch, _) => None,
        (Clock::Civil | Clock::Utc, instant) => Some(instant.date_time()),
    }
}

/// Reads `text` in whichever way it is written.
pub(super) fn read(text: &str) -> Option<(Clock, Instant)> {
    if text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.')
    {
        Some((Clock::Epoch, epoch(text)?))
    } else if has_offset(text) {
        let timestamp: Timestamp = text.parse().ok()?;
        Some((Clock::Utc, Instant(timestamp.as_microsecond())))
    } else {
        Some((Clock::Civil, Instant::of(text.parse().ok()?)?))
    }
}

/// Reads seconds since 1970, with an exponent or without.
pub(super) fn epoch(text: &str) -> Option<Instant> {
    let micros = i64::try_from(fixed_point(text, 6).ok()?).ok()?;
    Timestamp::from_microsecond(micros).ok()?;
    Some(Instant(micros))
}

/// True if a date and time ends in `Z`, `+02:00` or `-0500`. The first ten bytes are the date,
/// where a `-` means nothing.
fn has_offset(text: &str) -> bool {
    text.ends_with(['Z', 'z']) || text.get(10..).is_some_and(|time| time.contains(['+', '-']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_moment_in_many_ways() {
        let ways = [
            ("1998-04-30 21:31:00", Clock::Civil),
            ("1998-04-30T21:31", Clock::Civil),
            ("1998-04-30T21:31:00.000", Clock::Civil),
            ("1998-04-30T21:31:00Z", Clock::Utc),
            ("1998-04-30 23:31:00+02:00", Clock::Utc),
            ("1998-04-30T16:31:00-05:00", Clock::Utc),
            ("893971860", Clock::Epoch),
            ("893971860.0", Clock::Epoch),
        ];
        for (text, clock) in ways {
            assert_eq!(
                read(text),
                Some((clock, Instant(893_971_860_000_000))),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_not_a_time_is_none() {
        let texts = [
            "",
            ".",
            "04/30/1998",
            "1998-13-01",
            "1998-04-30 25:00",
            "893971860000000000",
            "noon",
            "-5",
            "1998-04-30T21:31:00+99:00",
        ];
        for text in texts {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(date_time("893971860"), None);
        assert_eq!(
            date_time(" 1998-07-07 ").unwrap().to_string(),
            "1998-07-07T00:00:00"
        );
    }
}
