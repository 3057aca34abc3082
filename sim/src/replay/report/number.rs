//! Numbers as people read them.

use std::fmt;

use quorate::Micros;

/// `12,345`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grouped(pub(super) u64);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

/// Thousandths, without zeros at the end: `1.5`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Milli(pub(super) u64);

impl fmt::Display for Milli {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Grouped(self.0 / 1_000))?;
        let rest = format!("{:03}", self.0 % 1_000);
        let rest = rest.trim_end_matches('0');
        if rest.is_empty() {
            return Ok(());
        }
        write!(f, ".{rest}")
    }
}

/// Ten thousandths in per cent: `1.24`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Percent(pub(super) u64);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", Grouped(self.0 / 100), self.0 % 100)
    }
}

/// Ten thousandths as a difference in whole per cent: `+15`, `−2`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Difference(pub(super) i64);

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = (self.0.unsigned_abs() + 50) / 100;
        let sign = match (percent, self.0 < 0) {
            (0, _) => "",
            (_, true) => "\u{2212}",
            (_, false) => "+",
        };
        write!(f, "{sign}{}", Grouped(percent))
    }
}

/// A time as people say it: `45 s`, `2 min`, `1 h 30 min`, `88 d 6 h`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span(pub(super) Micros);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
        let seconds = self.0.as_secs();
        if seconds == 0 {
            return match self.0.as_millis() {
                0 => f.write_str("0 s"),
                millis => write!(f, "{millis} ms"),
            };
        }
        let first = UNITS.iter().position(|(unit, _)| seconds >= *unit);
        let first = first.unwrap_or(UNITS.len() - 1);
        let (unit, name) = UNITS[first];
        write!(f, "{} {name}", Grouped(seconds / unit))?;
        match UNITS.get(first + 1) {
            Some((next, name)) if seconds % unit >= *next => {
                write!(f, " {} {name}", seconds % unit / next)
            }
            _ => Ok(()),
        }
    }
}

/// `1 flip`, `2 flips`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Count(pub(super) u64, pub(super) &'static str);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0 == 1 { "" } else { "s" };
        write!(f, "{} {}{plural}", Grouped(self.0), self.1)
    }
}

/// A time in minutes: whole ones, rounded down, if the ticks are, otherwise with a tenth.
#[derive(Clone, Copy, Debug)]
pub(super) struct Minutes {
    pub(super) time: Micros,
    /// The length of a tick.
    pub(super) interval: Micros,
}

impl fmt::Display for Minutes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MINUTE: u64 = 60_000_000;
        write!(f, "{}", Grouped(self.time.0 / MINUTE))?;
        if self.interval.0.is_multiple_of(MINUTE) {
            return Ok(());
        }
        write!(f, ".{}", self.time.0 % MINUTE / (MINUTE / 10))
    }
}

/// The least and the most: `3–7`, or one number where they are the same.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range(pub(super) u32, pub(super) u32);

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == self.1 {
            return write!(f, "{}", self.0);
        }
        write!(f, "{}\u{2013}{}", self.0, self.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        let grouped = [0, 999, 1_000, 1_234_567].map(|number| Grouped(number).to_string());
        assert_eq!(grouped, ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(Count(1, "flip").to_string(), "1 flip");
        assert_eq!(Count(1_000, "flip").to_string(), "1,000 flips");
        assert_eq!(Milli(1_234_500).to_string(), "1,234.5");
        assert_eq!(Milli(2_000).to_string(), "2");
    }

    #[test]
    fn differences_have_a_sign() {
        let differences = [0, 49, 1_450, -1_450].map(|parts| Difference(parts).to_string());
        assert_eq!(differences, ["0", "0", "+15", "\u{2212}15"]);
    }

    #[test]
    fn times_have_at_most_two_units() {
        let span = |seconds| Span(Micros::from_secs(seconds)).to_string();
        assert_eq!([span(0), span(45), span(60)], ["0 s", "45 s", "1 min"]);
        assert_eq!(span(5_400), "1 h 30 min");
        assert_eq!(span(7_518_000), "87 d");
        assert_eq!(span(86_400 + 3_700), "1 d 1 h");
    }

    #[test]
    fn short_ticks_have_tenths_of_minutes() {
        let minutes = |interval| Minutes {
            time: Micros::from_secs(105),
            interval: Micros::from_secs(interval),
        };
        assert_eq!(minutes(60).to_string(), "1");
        assert_eq!(minutes(15).to_string(), "1.7");
    }
}
