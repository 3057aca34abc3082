//! The Gregorian calendar, as if it had always been in force.

/// Days between the start of year 1 and the start of `year`, in the Gregorian calendar.
pub(super) fn days_before_year(year: u64) -> u64 {
    let past = year - 1;
    past * 365 + past / 4 - past / 100 + past / 400
}

/// How many days a month has.
pub(super) fn days_in_month(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days between the start of the year and the start of the month.
pub(super) fn days_before_month(year: u64, month: u64) -> u64 {
    (1..month).map(|month| days_in_month(year, month)).sum()
}

/// Year, month and day of the day that many days after the start of year 1.
pub(super) fn date_of(days: u64) -> (u64, u64, u64) {
    // No year is longer than 366 days, so this starts early, by 21 years at most.
    let mut year = days / 366 + 1;
    while days_before_year(year + 1) <= days {
        year += 1;
    }
    let mut rest = days - days_before_year(year);
    let mut month = 1;
    while rest >= days_in_month(year, month) {
        rest -= days_in_month(year, month);
        month += 1;
    }
    (year, month, rest + 1)
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_the_calendar_has_one_date_and_back() {
        let mut expected = (1, 1, 1);
        for day in 0..super::super::DAYS_TO_10000 {
            assert_eq!(date_of(day), expected, "day {day}");
            let (year, month, date) = expected;
            assert_eq!(
                days_before_year(year) + days_before_month(year, month) + date - 1,
                day
            );
            expected = match expected {
                (year, 12, 31) => (year + 1, 1, 1),
                (year, month, date) if date == days_in_month(year, month) => (year, month + 1, 1),
                (year, month, date) => (year, month, date + 1),
            };
        }
        assert_eq!(expected, (10_000, 1, 1));
    }
}
