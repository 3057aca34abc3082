//! Dates under a chart.
//!
//! Marks are at round times of the clock on the wall, midnight before noon before any hour, however
//! the recording begins.

use jiff::SignedDuration;
use jiff::civil::DateTime;
use quorate::Micros;

use super::axis::Place;

const DAY: u64 = 86_400;
/// Distances of marks, in seconds.
const STEPS: [u64; 23] = [
    1,
    5,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1_800,
    3_600,
    7_200,
    10_800,
    21_600,
    43_200,
    DAY,
    2 * DAY,
    7 * DAY,
    14 * DAY,
    28 * DAY,
    91 * DAY,
    182 * DAY,
    364 * DAY,
];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// When a recording began, if its date could be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Calendar(Option<DateTime>);

/// A mark under a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DateMark {
    pub(super) place: Place,
    pub(super) label: String,
}

impl Calendar {
    /// The calendar of a recording that began at `start`, as `1998-04-30T21:30:00`.
    pub(super) fn beginning(start: &str) -> Self {
        Self(start.parse().ok())
    }

    /// The date and time at `offset`: `30 Apr 21:30`.
    pub(super) fn moment(self, offset: Micros) -> String {
        match self.at(offset) {
            Some(time) => format!("{} {}", date(time), clock(time)),
            None => elapsed(offset.as_secs()),
        }
    }

    /// The date and time of the beginning: `30 Apr 1998 21:30`.
    pub(super) fn beginning_in_full(self) -> String {
        match self.0 {
            Some(time) => format!("{} {} {}", date(time), time.year(), clock(time)),
            None => String::from("unknown"),
        }
    }

    /// At most `most` marks along `duration`.
    pub(super) fn marks(self, duration: Micros, most: u64) -> Vec<DateMark> {
        let seconds = duration.as_secs().max(1);
        let step = STEPS
            .into_iter()
            .find(|step| seconds / step < most.max(1))
            .unwrap_or(seconds);
        let midnight = self.0.map_or(0, seconds_of_day);
        let first = midnight.next_multiple_of(step.min(DAY)) - midnight;
        let count = usize::try_from(most).unwrap_or(usize::MAX);
        (0..)
            .map(|index| first + index * step)
            .take_while(|&at| at <= seconds)
            .take(count)
            .map(|at| DateMark {
                place: place(at, seconds),
                label: self.label(at, step),
            })
            .collect()
    }

    fn label(self, at: u64, step: u64) -> String {
        let Some(time) = self.at(Micros::from_secs(at)) else {
            return elapsed(at);
        };
        if step >= DAY || seconds_of_day(time) == 0 {
            return date(time);
        }
        clock(time)
    }

    fn at(self, offset: Micros) -> Option<DateTime> {
        let seconds = i64::try_from(offset.as_secs()).ok()?;
        self.0?.checked_add(SignedDuration::from_secs(seconds)).ok()
    }
}

fn place(at: u64, of: u64) -> Place {
    let place = u128::from(at) * u128::from(Place::END) / u128::from(of.max(1));
    Place(u64::try_from(place).unwrap_or(Place::END))
}

/// `30 Apr`.
fn date(time: DateTime) -> String {
    let month = usize::try_from(time.month() - 1).unwrap_or_default();
    format!("{} {}", time.day(), MONTHS[month % 12])
}

/// `21:30`, and the seconds if there are any.
fn clock(time: DateTime) -> String {
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    if second == 0 {
        format!("{hour:02}:{minute:02}")
    } else {
        format!("{hour:02}:{minute:02}:{second:02}")
    }
}

fn seconds_of_day(time: DateTime) -> u64 {
    let [hour, minute, second] =
        [time.hour(), time.minute(), time.second()].map(|part| u64::from(part.unsigned_abs()));
    hour * 3_600 + minute * 60 + second
}

/// Time since the beginning, where there is no date: `2 d 03:30`.
fn elapsed(seconds: u64) -> String {
    let (days, rest) = (seconds / DAY, seconds % DAY);
    let clock = format!("{:02}:{:02}", rest / 3_600, rest % 3_600 / 60);
    if days == 0 {
        clock
    } else {
        format!("{days} d {clock}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(start: &str, hours: u64) -> Vec<String> {
        let calendar = Calendar::beginning(start);
        let marks = calendar.marks(Micros::from_secs(hours * 3_600), 8);
        marks.into_iter().map(|mark| mark.label).collect()
    }

    #[test]
    fn marks_are_at_round_times_of_the_wall_clock() {
        assert_eq!(
            labels("2025-01-15T00:00:00", 24),
            ["15 Jan", "06:00", "12:00", "18:00", "16 Jan"]
        );
        assert_eq!(
            labels("1998-04-30T21:30:00", 24 * 88)[..3],
            ["1 May", "15 May", "29 May"]
        );
    }

    #[test]
    fn a_beginning_that_is_no_date_counts_from_zero() {
        assert_eq!(labels("yesterday", 4)[..3], ["00:00", "01:00", "02:00"]);
        let calendar = Calendar::beginning("");
        assert_eq!(calendar.moment(Micros::from_secs(90_000)), "1 d 01:00");
    }

    #[test]
    fn a_year_beyond_the_calendar_is_no_trouble() {
        let calendar = Calendar::beginning("9999-12-31T23:00:00");
        assert!(!calendar.marks(Micros::MAX, 7).is_empty());
    }
}
