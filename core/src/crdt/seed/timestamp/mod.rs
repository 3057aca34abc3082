//! Absolute instants as the seed writes them.
//!
//! The kernel itself measures time on the host's monotonic clock and needs no calendar. The
//! seed's data carries wall-clock instants as text, and text that comes back changed by a
//! microsecond is another tombstone to whoever compares: an instant here has the seed's own
//! resolution of 100 ns and keeps the offset it was written with.

mod calendar;
mod reader;

use core::cmp::Ordering;
use core::fmt;
use core::str::FromStr;

use crate::Micros;
use reader::Reader;

/// An instant in ticks of 100 ns since the start of year 1 in UTC, and the offset it is shown in.
///
/// Ordered by the instant; the offset decides between two ways to write the same one. The least
/// is [`MIN`](Self::MIN), "older than anything".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Timestamp {
    /// At most [`Self::MAX`]'s; with the offset added it is still within years 1 to 9999.
    ticks: u64,
    /// Minutes east of UTC, within 14 hours.
    offset_minutes: i16,
}

/// Text that is no instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimestampError {
    /// The byte at which it stopped to be one.
    pub offset: usize,
    /// What should have been there.
    pub expected: &'static str,
}

/// Shows an instant as [`Timestamp`] does, without the zeros that end the fraction.
#[derive(Clone, Copy, Debug)]
pub struct Trimmed(Timestamp);

const TICKS_PER_MICRO: u64 = 10;
const TICKS_PER_SECOND: u64 = 10_000_000;
const TICKS_PER_MINUTE: u64 = 60 * TICKS_PER_SECOND;
const TICKS_PER_DAY: u64 = 24 * 60 * TICKS_PER_MINUTE;
const DAYS_TO_1970: u64 = 719_162;
const DAYS_TO_10000: u64 = 3_652_059;
/// Digits of the fraction that count.
const FRACTION_DIGITS: usize = 7;

impl Timestamp {
    /// The start of year 1: older than every removal.
    pub const MIN: Self = Self {
        ticks: 0,
        offset_minutes: 0,
    };
    /// The last tick of year 9999.
    pub const MAX: Self = Self {
        ticks: DAYS_TO_10000 * TICKS_PER_DAY - 1,
        offset_minutes: 0,
    };
    /// The start of 1970, UTC.
    pub const UNIX_EPOCH: Self = Self {
        ticks: DAYS_TO_1970 * TICKS_PER_DAY,
        offset_minutes: 0,
    };

    /// The instant this many ticks of 100 ns after [`MIN`](Self::MIN), in UTC; `None` beyond
    /// [`MAX`](Self::MAX).
    pub const fn from_ticks(ticks: u64) -> Option<Self> {
        if ticks > Self::MAX.ticks {
            return None;
        }
        Some(Self {
            ticks,
            offset_minutes: 0,
        })
    }

    /// Ticks of 100 ns since [`MIN`](Self::MIN).
    pub const fn ticks(self) -> u64 {
        self.ticks
    }

    /// How far east of UTC it is shown, in minutes.
    pub const fn offset_minutes(self) -> i16 {
        self.offset_minutes
    }

    /// The instant a span later, in UTC; [`MAX`](Self::MAX) if there is none.
    #[must_use]
    pub const fn plus(self, span: Micros) -> Self {
        let ticks = self
            .ticks
            .saturating_add(span.0.saturating_mul(TICKS_PER_MICRO));
        match Self::from_ticks(ticks) {
            Some(later) => later,
            None => Self::MAX,
        }
    }

    /// The span since `earlier`, in whole microseconds; zero if it lies in the future.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Micros {
        Micros(self.ticks.saturating_sub(earlier.ticks) / TICKS_PER_MICRO)
    }

    /// Whether at least `age` has passed since `earlier`, to the tick. What lies in the future has
    /// not even the age of zero.
    pub const fn is_at_least_after(self, earlier: Self, age: Micros) -> bool {
        match self.ticks.checked_sub(earlier.ticks) {
            Some(passed) => passed >= age.0.saturating_mul(TICKS_PER_MICRO),
            None => false,
        }
    }

    /// The form without the zeros that end the fraction, as the seed writes registers and batches.
    pub const fn trimmed(self) -> Trimmed {
        Trimmed(self)
    }

    /// The ticks that a clock on the wall shows there.
    fn local_ticks(self) -> u64 {
        let offset = i64::from(self.offset_minutes) * TICKS_PER_MINUTE.cast_signed();
        self.ticks
            .checked_add_signed(offset)
            .expect("checked when the offset was taken")
    }

    fn write_to_seconds(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = self.local_ticks();
        let (year, month, day) = calendar::date_of(local / TICKS_PER_DAY);
        let seconds = local % TICKS_PER_DAY / TICKS_PER_SECOND;
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
        )
    }

    fn write_offset(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.offset_minutes < 0 { '-' } else { '+' };
        let minutes = self.offset_minutes.unsigned_abs();
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

impl Default for Timestamp {
    /// [`MIN`](Self::MIN), as in the seed.
    fn default() -> Self {
        Self::MIN
    }
}

impl Ord for Timestamp {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.ticks, self.offset_minutes).cmp(&(other.ticks, other.offset_minutes))
    }
}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Timestamp {
    /// The round-trip form: `2026-03-05T12:34:56.1200000+00:00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_to_seconds(f)?;
        write!(f, ".{:07}", self.ticks % TICKS_PER_SECOND)?;
        self.write_offset(f)
    }
}

impl fmt::Display for Trimmed {
    /// `2026-03-05T12:34:56.12+00:00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write_to_seconds(f)?;
        let (mut fraction, mut width) = (self.0.ticks % TICKS_PER_SECOND, FRACTION_DIGITS);
        if fraction > 0 {
            while fraction % 10 == 0 {
                fraction /= 10;
                width -= 1;
            }
            write!(f, ".{fraction:0width$}")?;
        }
        self.0.write_offset(f)
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    /// Reads ISO 8601 with an offset: `2026-03-05T12:34:56.1234567+01:00`, or `Z` for UTC.
    ///
    /// A fraction has up to 16 digits, of which seven count. Text without an offset names no
    /// instant and is refused, where the seed would read it by the machine's own time zone.
    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let mut reader = Reader::new(text);
        let local = reader.date()? * TICKS_PER_DAY + reader.time_of_day()?;
        let offset_at = reader.at();
        let offset_minutes = reader.utc_offset()?;
        reader.end()?;
        let offset = i64::from(offset_minutes) * TICKS_PER_MINUTE.cast_signed();
        local
            .checked_add_signed(-offset)
            .filter(|&ticks| ticks <= Self::MAX.ticks)
            .map(|ticks| Self {
                ticks,
                offset_minutes,
            })
            .ok_or(TimestampError {
                offset: offset_at,
                expected: "an offset that stays within the years 1 to 9999",
            })
    }
}

impl fmt::Display for TimestampError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the instant is unreadable at byte {}: expected {}",
            self.offset, self.expected
        )
    }
}

impl core::error::Error for TimestampError {}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    fn ticks(text: &str) -> u64 {
        text.parse::<Timestamp>().unwrap().ticks()
    }

    #[test]
    fn known_instants() {
        assert_eq!(ticks("0001-01-01T00:00:00.0000000+00:00"), 0);
        assert_eq!(ticks("1970-01-01T00:00:00Z"), Timestamp::UNIX_EPOCH.ticks());
        // The tick counts of the two ends as the seed's platform documents them.
        assert_eq!(Timestamp::UNIX_EPOCH.ticks(), 621_355_968_000_000_000);
        assert_eq!(Timestamp::MAX.ticks(), 3_155_378_975_999_999_999);
        assert_eq!(
            Timestamp::MAX.to_string(),
            "9999-12-31T23:59:59.9999999+00:00"
        );
        assert_eq!(
            ticks("2024-02-29T01:30:00+01:30"),
            ticks("2024-02-29T00:00:00Z")
        );
    }

    #[test]
    fn both_forms_come_back_to_the_tick_with_their_offset() {
        for text in [
            "0001-01-01T00:00:00.0000000+00:00",
            "2026-03-05T12:34:56.1234567+00:00",
            "2026-03-05T12:34:56.1200000-09:30",
            "2026-12-31T23:59:59.0000001+14:00",
        ] {
            let instant: Timestamp = text.parse().unwrap();
            assert_eq!(instant.to_string(), text);
            assert_eq!(instant.trimmed().to_string().parse(), Ok(instant));
        }
        let trimmed = |text: &str| text.parse::<Timestamp>().unwrap().trimmed().to_string();
        assert_eq!(
            trimmed("2026-03-05T12:34:56.1200000-09:30"),
            "2026-03-05T12:34:56.12-09:30"
        );
        assert_eq!(
            trimmed("2026-03-05T12:34:56.0010000Z"),
            "2026-03-05T12:34:56.001+00:00"
        );
        assert_eq!(
            trimmed("2026-03-05T12:34:56.0Z"),
            "2026-03-05T12:34:56+00:00"
        );
    }

    #[test]
    fn what_names_no_instant_is_refused_where_it_goes_wrong() {
        for (text, offset) in [
            ("", 0),
            ("yesterday", 0),
            ("0000-01-01T00:00:00Z", 0),
            ("2026-13-01T00:00:00Z", 5),
            ("2025-02-29T00:00:00Z", 8),
            ("2026-01-01 00:00:00Z", 10),
            ("2026-01-01T24:00:00Z", 11),
            ("2026-01-01T23:59:60Z", 17),
            ("2026-01-01T00:00:00", 19),
            ("2026-01-01T00:00:00.Z", 20),
            ("2026-01-01T00:00:00.12345678901234567Z", 20),
            ("2026-01-01T00:00:00+14:01", 19),
            ("2026-01-01T00:00:00Zulu", 20),
            ("0001-01-01T00:00:00+00:01", 19),
            ("9999-12-31T23:59:59-00:01", 19),
            ("２026-01-01T00:00:00Z", 0),
        ] {
            let refused = text.parse::<Timestamp>().unwrap_err();
            assert_eq!(refused.offset, offset, "{text}: {refused}");
        }
    }

    #[test]
    fn ages_are_exact_and_the_future_has_none() {
        let at = Timestamp::UNIX_EPOCH;
        let later = at.plus(Micros(5));
        assert!(later.is_at_least_after(at, Micros(5)));
        assert!(!later.is_at_least_after(at, Micros(6)));
        assert!(at.is_at_least_after(at, Micros::ZERO));
        assert!(!at.is_at_least_after(later, Micros::ZERO));
        assert_eq!(later.since(at), Micros(5));
        assert_eq!(at.since(later), Micros::ZERO);
        assert_eq!(at.plus(Micros::MAX), Timestamp::MAX);
        assert!(at.is_at_least_after(Timestamp::MIN, Micros::from_secs(24 * 60 * 60)));
    }
}
