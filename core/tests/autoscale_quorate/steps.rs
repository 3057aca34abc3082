//! Each step with numbers that were worked out by hand.

use quorate::Micros;
use quorate::autoscale::quorate::{QuorateRule, QuorateSettings};

use crate::Asked;

#[test]
fn the_first_tick_knows_a_level_and_nothing_else() {
    let record = Asked::new().tick(3_000, 0, 5);
    assert_eq!(record.demand, 3_000_000);
    let forecast = record.forecast;
    assert_eq!((forecast.level, forecast.trend), (3_000_000, 0));
    assert_eq!((forecast.expected, forecast.usual_error), (None, 0));
    assert_eq!(forecast.horizon, Micros::from_secs(120));
    assert_eq!(forecast.demand, 3_000_000);
    // 10 % and a tenth of a node.
    assert_eq!(record.base_headroom, 400_000);
    assert_eq!(record.error_headroom, 0);
    assert_eq!((record.panic, record.backlog), (0, 0));
    assert_eq!(record.work, 3_400_000);
    // 3.4 nodes of work at 80 % are 4.25 nodes.
    assert_eq!((record.need, record.nodes), (5, 5));
    assert_eq!(record.rule, QuorateRule::BaseHeadroom);
}

#[test]
fn level_and_trend_follow_the_load_by_their_time_constants() {
    let mut asked = Asked::new();
    asked.tick(3_000, 0, 10);
    let forecast = asked.tick(4_000, 0, 10).forecast;
    // 3 + 1 · 60/160.
    assert_eq!(forecast.level, 3_375_000);
    // 0.375 per minute, smoothed with 60/760: 375,000 · 60 / 760.
    assert_eq!(forecast.trend, 29_605);
    // Two minutes further.
    assert_eq!(forecast.demand, 3_375_000 + 59_210);
    let forecast = asked.tick(4_000, 0, 10).forecast;
    // From 3.375 + 0.029605 towards 4 by 60/160.
    assert_eq!(forecast.level, 3_404_605 + 223_273);
    // The slope is 252,878 per minute; the trend moves by 60/760 of the difference.
    assert_eq!(forecast.trend, 29_605 + 17_626);
}

#[test]
fn a_forecast_is_scored_when_its_time_has_come() {
    let mut asked = Asked::new();
    asked.tick(3_000, 0, 10);
    assert_eq!(asked.tick(3_000, 0, 10).forecast.expected, None);
    let forecast = asked.tick(4_086, 0, 10).forecast;
    assert_eq!(forecast.expected, Some(3_000_000));
    // 1,086,000 · 60 / 10,860.
    assert_eq!(forecast.usual_error, 6_000);
}

#[test]
fn a_fall_is_not_extrapolated() {
    let mut asked = Asked::new();
    asked.tick(8_000, 0, 20);
    let forecast = asked.tick(2_000, 0, 20).forecast;
    assert!(forecast.trend < 0);
    assert_eq!(forecast.demand, forecast.level);
}

#[test]
fn the_start_up_time_is_looked_ahead_in_whole_intervals() {
    for (seconds, horizon) in [(0, 60), (60, 60), (61, 120), (600, 600), (601, 660)] {
        let mut asked = Asked::with(QuorateSettings {
            start_up: Micros::from_secs(seconds),
            ..QuorateSettings::default()
        });
        let forecast = asked.tick(1_000, 0, 2).forecast;
        assert_eq!(
            forecast.horizon,
            Micros::from_secs(horizon),
            "{seconds} s to start"
        );
    }
}

#[test]
fn cover_scales_every_kind_of_headroom() {
    let at = |cover| {
        let mut asked = Asked::with(QuorateSettings {
            cover,
            ..QuorateSettings::default()
        });
        asked.tick(3_000, 0, 10);
        asked.tick(3_000, 0, 10);
        let record = asked.tick(4_086, 0, 10);
        (record.base_headroom, record.error_headroom)
    };
    let (base, error) = at(1_000);
    assert_eq!(error, 6_000);
    assert_eq!(at(2_000), (2 * base, 2 * error));
    assert_eq!(at(500), (base / 2, error / 2));
    assert_eq!(at(0), (0, 0));
}

#[test]
fn noise_makes_headroom_that_a_steady_load_does_not_need() {
    let after = |swing: i64| {
        let mut asked = Asked::new();
        for minute in 0..600 {
            let served = if minute % 2 == 0 { 0 } else { swing };
            asked.tick(10_000 + served, 0, 40);
        }
        asked.tick(10_000, 0, 40)
    };
    let steady = after(0);
    assert_eq!(steady.error_headroom, 0);
    assert_eq!(steady.rule, QuorateRule::Hysteresis);
    let noisy = after(8_000);
    assert!(noisy.error_headroom > noisy.base_headroom);
    assert!(noisy.need > steady.need);
}

#[test]
fn never_less_than_what_arrives_now_is_provided_for() {
    let mut asked = Asked::new();
    asked.tick(1_000, 0, 40);
    let record = asked.tick(20_000, 0, 40);
    assert!(record.forecast.demand < 12_000_000);
    assert_eq!(record.covered, 20_000_000);
    assert_eq!(record.need, 25);
}

#[test]
fn a_breach_adds_a_little_for_ten_minutes() {
    let mut asked = Asked::new();
    // 80 % of five nodes.
    let breach = asked.tick(4_000, 0, 5);
    assert_eq!(breach.panic, 200_000);
    assert_eq!(breach.panic_left, Micros::from_secs(600));
    for _ in 0..9 {
        assert!(asked.tick(3_999, 0, 5).panic > 0);
    }
    let after = asked.tick(3_999, 0, 5);
    assert_eq!((after.panic, after.panic_left), (0, Micros::ZERO));
}

#[test]
fn a_backlog_adds_what_drains_it_in_ten_minutes() {
    let mut asked = Asked::new();
    asked.tick(5_000, 10_000, 5);
    let record = asked.tick(5_000, 10_000, 5);
    // Ten node-minutes in ten minutes are one node.
    assert_eq!(record.backlog, 1_000_000);
    assert_eq!(record.demand, 5_000_000);
}

#[test]
fn the_rule_is_the_part_without_which_the_need_were_smaller() {
    // 3.95 of work is 4.94 nodes; a little panic or backlog more, and it is a sixth.
    let mut asked = Asked::new();
    let record = asked.tick(4_000, 0, 5);
    assert_eq!((record.need, record.rule), (6, QuorateRule::BaseHeadroom));
    let mut asked = Asked::new();
    // 3.3 + 0.43 = 3.73 → 5 at 80 %; with panic 3.895 → 5; four nodes at 82.5 % are a breach.
    let record = asked.tick(3_300, 0, 4);
    assert_eq!((record.need, record.rule), (5, QuorateRule::BaseHeadroom));
    // 3.5 + 0.45 = 3.95 → 5; with panic 4.125 → 6.
    let record = Asked::new().tick(3_500, 0, 4);
    assert_eq!((record.need, record.rule), (6, QuorateRule::Panic));
    let mut asked = Asked::new();
    asked.tick(0, 0, 1);
    let record = asked.tick(0, 0, 1);
    assert_eq!((record.need, record.rule), (1, QuorateRule::BaseHeadroom));
}
