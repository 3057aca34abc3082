//! Out at once, in with care.

use quorate::Micros;
use quorate::autoscale::Executed;
use quorate::autoscale::quorate::{QuorateRule, QuorateSettings};

use crate::Asked;

/// Settings without smoothing and headroom: the need is the demand at 80 %.
fn plain() -> QuorateSettings {
    QuorateSettings {
        level_time: Micros::ZERO,
        trend_time: Micros::from_secs(366 * 86_400),
        cover: 0,
        panic_headroom: 0,
        ..QuorateSettings::default()
    }
}

#[test]
fn a_scale_out_waits_for_nothing() {
    let mut asked = Asked::with(plain());
    asked.tick(8_000, 0, 12);
    let shrunk = asked.tick(800, 0, 12);
    assert_eq!(shrunk.nodes, 10);
    let grown = asked.tick(15_900, 0, 10);
    assert_eq!(grown.nodes, 20);
}

#[test]
fn a_scale_in_covers_every_need_of_the_hold() {
    let mut asked = Asked::with(plain());
    assert_eq!(asked.tick(8_000, 0, 10).nodes, 10);
    for _ in 0..2 {
        let record = asked.tick(800, 0, 10);
        assert_eq!((record.nodes, record.rule), (10, QuorateRule::Hold));
        assert_eq!(record.hold, Micros::from_secs(180));
    }
    // Three minutes after the need of ten.
    let record = asked.tick(800, 0, 10);
    assert_eq!((record.need, record.nodes), (1, 2));
    assert_eq!(record.rule, QuorateRule::Hysteresis);
}

#[test]
fn of_equal_needs_the_newest_is_named() {
    let mut asked = Asked::with(plain());
    for minute in 0..3 {
        let held = asked.tick(8_000, 0, 12).held.unwrap();
        let now = Micros::from_secs(60 * minute);
        assert_eq!((held.nodes, held.at), (10, now));
    }
}

#[test]
fn a_smaller_fleet_must_leave_room() {
    let settings = QuorateSettings {
        hold: Micros::ZERO,
        ..plain()
    };
    let nodes = |served| Asked::with(settings).tick(served, 0, 10).nodes;
    // 5.6 nodes of work at 80 % are 7; with a tenth more they are 7.7.
    assert_eq!(nodes(5_600), 8);
    // 5.09 are 6.36; with a tenth more 6.999.
    assert_eq!(nodes(5_090), 7);
    assert_eq!(nodes(5_091), 8);
    // No fleet grows by it.
    assert_eq!(nodes(7_900), 10);
}

#[test]
fn what_just_fits_is_bound_by_the_load_and_not_by_the_room() {
    // Seven nodes hold 5.6 of work; a scale-in to seven would ask for eight.
    let record = Asked::with(plain()).tick(5_600, 0, 7);
    assert_eq!((record.need, record.roomy, record.nodes), (7, 8, 7));
    assert_eq!(record.rule, QuorateRule::Demand);
}

#[test]
fn there_is_always_one_node() {
    let record = Asked::with(plain()).tick(0, 0, 1);
    assert_eq!((record.work, record.need, record.nodes), (0, 1, 1));
    assert_eq!(record.rule, QuorateRule::OneNode);
}

#[test]
fn a_regretted_scale_in_lengthens_the_hold_and_is_forgotten() {
    let mut asked = Asked::with(plain());
    let regrets = |asked: &mut Asked, minutes: u64| {
        let now = Micros::from_secs(60 * asked.minute);
        let policy = asked.policy;
        let mut action = |from, to, at| {
            let change = Executed { from, to, at };
            policy.executed(&mut asked.state, change);
        };
        action(10, 9, now);
        action(9, 10, now + Micros::from_secs(60 * minutes));
        asked.minute += minutes + 1;
        asked.tick(800, 0, 10)
    };
    let once = regrets(&mut asked, 15);
    // A thousand, faded by one minute of two hours: 1000 - 1000 · 60 / 7260.
    assert_eq!(once.penalty, 992);
    // 180 · 992 / 1000 · 500 / 1000 = 89 s more.
    assert_eq!(once.hold, Micros::from_secs(269));
    let not_soon_enough = regrets(&mut asked, 16);
    assert!(not_soon_enough.penalty < 992);
    for _ in 0..2_000 {
        asked.tick(800, 0, 10);
    }
    // A rest too small to fade in whole numbers stays: 120 · 60 / 7260 is less than one.
    let late = asked.tick(800, 0, 10);
    assert_eq!((late.penalty, late.hold), (120, Micros::from_secs(190)));
}

#[test]
fn the_hold_has_a_limit() {
    let mut asked = Asked::with(plain());
    for _ in 0..100 {
        for (from, to) in [(10, 9), (9, 10)] {
            let at = Micros::ZERO;
            let change = Executed { from, to, at };
            asked.policy.executed(&mut asked.state, change);
        }
    }
    assert_eq!(asked.tick(800, 0, 10).hold, Micros::from_secs(3_600));
}

#[test]
fn two_scale_outs_in_a_row_regret_nothing() {
    let mut asked = Asked::with(plain());
    for (from, to) in [(10, 9), (9, 10), (10, 11), (11, 11), (11, 12)] {
        let at = Micros::ZERO;
        asked
            .policy
            .executed(&mut asked.state, Executed { from, to, at });
    }
    assert_eq!(asked.tick(800, 0, 12).penalty, 992);
}
