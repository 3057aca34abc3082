//! When the fleet is not touched.

use quorate::Micros;
use quorate::autoscale::guard::{
    FreezeDirection, FreezeSchedule, FreezeWindow, GuardReason, GuardSettings,
};

use crate::fleet::{Bench, secs};

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

fn bench(windows: &[(FreezeSchedule, FreezeDirection)]) -> Bench {
    let freeze = windows
        .iter()
        .map(|&(schedule, direction)| FreezeWindow::new(schedule, direction).unwrap())
        .collect();
    Bench::new(GuardSettings {
        freeze,
        ..GuardSettings::default()
    })
}

fn once(from: u64, to: u64) -> FreezeSchedule {
    FreezeSchedule::Once {
        from: secs(from),
        to: secs(to),
    }
}

fn daily(from: u64, to: u64) -> FreezeSchedule {
    FreezeSchedule::Daily {
        from: secs(from),
        to: secs(to),
    }
}

#[test]
fn the_first_moment_belongs_to_it_and_the_last_does_not() {
    let mut bench = bench(&[(once(100, 200), FreezeDirection::All)]);
    assert_eq!(bench.target(5, 9, Micros(99_999_999)), 9);
    assert_eq!(bench.target(5, 9, secs(100)), 5);
    let held = bench.judge(5, 2, Micros(199_999_999));
    assert_eq!(held.target(), 5);
    let verdict = held.binding().unwrap();
    assert_eq!(verdict.reason, GuardReason::FreezeWindow);
    assert_eq!(verdict.frees_at, Some(secs(200)));
    assert_eq!(
        verdict.to_string(),
        "freeze window 0 forbids any change: 2 -> 5 nodes, until 200.000"
    );
    assert_eq!(bench.target(5, 2, secs(200)), 2);
}

#[test]
fn it_may_hold_one_direction_only() {
    let mut removals = bench(&[(once(0, 100), FreezeDirection::Removals)]);
    assert_eq!(removals.target(5, 2, secs(1)), 5);
    assert_eq!(removals.target(5, 9, secs(1)), 9);
    let mut additions = bench(&[(once(0, 100), FreezeDirection::Additions)]);
    assert_eq!(additions.target(5, 2, secs(1)), 2);
    assert_eq!(additions.target(5, 9, secs(1)), 5);
}

#[test]
fn every_day_over_midnight() {
    let mut bench = bench(&[(daily(22 * HOUR, 6 * HOUR), FreezeDirection::All)]);
    for day in [0, 1, 400] {
        let at = |hour: u64| secs(day * DAY + hour * HOUR);
        assert_eq!(
            bench.judge(5, 9, at(3)).binding().unwrap().frees_at,
            Some(at(6))
        );
        assert_eq!(bench.target(5, 9, at(6)), 9);
        assert_eq!(bench.target(5, 9, at(21)), 9);
        assert_eq!(
            bench.judge(5, 9, at(22)).binding().unwrap().frees_at,
            Some(at(30))
        );
    }
}

#[test]
fn every_week_from_monday_on() {
    let friday = 4 * DAY;
    let weekend = FreezeSchedule::Weekly {
        from: secs(friday + 18 * HOUR),
        to: secs(0),
    };
    let mut bench = bench(&[(weekend, FreezeDirection::Removals)]);
    // 1 January 1970 was a Thursday, so the first Friday began after a day.
    assert_eq!(bench.target(5, 2, secs(DAY + 17 * HOUR)), 2);
    let held = bench.judge(5, 2, secs(DAY + 18 * HOUR));
    assert_eq!(held.target(), 5);
    assert_eq!(
        held.binding().unwrap().frees_at,
        Some(secs(4 * DAY)),
        "Monday"
    );
    assert_eq!(bench.target(5, 2, secs(4 * DAY)), 2);
}

#[test]
fn windows_that_touch_are_one_freeze() {
    let mut bench = bench(&[
        (once(0, 100), FreezeDirection::All),
        (once(100, 200), FreezeDirection::Removals),
        (once(150, 300), FreezeDirection::Additions),
    ]);
    assert_eq!(
        bench.judge(5, 2, secs(50)).binding().unwrap().frees_at,
        Some(secs(200))
    );
    assert_eq!(
        bench.judge(5, 9, secs(50)).binding().unwrap().frees_at,
        Some(secs(100))
    );
}

#[test]
fn a_freeze_without_an_end_says_so() {
    let mut bench = bench(&[
        (daily(0, 12 * HOUR), FreezeDirection::All),
        (daily(12 * HOUR, 24 * HOUR), FreezeDirection::All),
    ]);
    let held = bench.judge(5, 2, secs(50));
    assert_eq!(held.target(), 5);
    assert_eq!(held.binding().unwrap().frees_at, None);
}

#[test]
fn the_calendar_is_that_of_utc() {
    let window = FreezeWindow::new(once(1_000_000, 1_000_100), FreezeDirection::All).unwrap();
    let mut bench = Bench::new(GuardSettings {
        freeze: vec![window],
        utc_at_zero: secs(999_950),
        ..GuardSettings::default()
    });
    assert_eq!(bench.target(5, 2, secs(49)), 2);
    assert_eq!(
        bench.judge(5, 2, secs(50)).binding().unwrap().frees_at,
        Some(secs(150))
    );
}

#[test]
fn a_clock_that_goes_back_does_not_end_it() {
    let mut bench = bench(&[(once(100, 200), FreezeDirection::All)]);
    assert_eq!(bench.target(5, 2, secs(150)), 5);
    assert_eq!(bench.target(5, 2, secs(20)), 5);
}
