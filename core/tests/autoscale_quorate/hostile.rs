//! Numbers that nobody should send, and clocks that nobody should have.

use proptest::prelude::*;
use quorate::Micros;
use quorate::autoscale::quorate::{Quorate, QuorateSettings, QuorateState, SeasonSettings, Tick};

use crate::{Asked, MINUTE};

fn numbers() -> impl Strategy<Value = i64> {
    prop_oneof![
        Just(i64::MIN),
        Just(i64::MAX),
        Just(0),
        Just(-1),
        any::<i64>(),
        0_i64..1_000_000
    ]
}

fn times() -> impl Strategy<Value = Micros> {
    prop_oneof![
        Just(Micros::ZERO),
        Just(Micros(1)),
        Just(Micros::MAX),
        any::<u64>().prop_map(Micros),
        (0_u64..10_000).prop_map(Micros::from_secs)
    ]
}

fn sizes() -> impl Strategy<Value = u32> {
    prop_oneof![
        Just(0),
        Just(1),
        Just(1_000_000),
        Just(u32::MAX),
        0_u32..100
    ]
}

prop_compose! {
    fn ticks()(
        served_milli in numbers(),
        queue_milli in prop::option::of(numbers()),
        ready in sizes(),
        current in sizes(),
        interval in times(),
    ) -> Tick {
        Tick { served_milli, queue_milli, ready, current, interval }
    }
}

proptest! {
    #[test]
    fn nothing_panics_and_the_state_stays_small(
        calls in prop::collection::vec((ticks(), times()), 1..60),
        cover in any::<u32>(),
        error_limit in prop::option::of(0_u32..1_000_000_001),
    ) {
        let settings = QuorateSettings {
            cover: cover % 1_000_000_001,
            season: error_limit.map(|error_limit| SeasonSettings { error_limit }),
            ..QuorateSettings::default()
        };
        let policy = Quorate::new(settings).unwrap();
        let mut state = QuorateState::default();
        for (tick, now) in calls {
            let record = policy.tick(&mut state, &tick, now);
            prop_assert!(record.nodes >= 1);
            prop_assert!(record.work >= 0);
        }
    }
}

#[test]
fn a_million_nodes_are_counted_exactly() {
    let mut asked = Asked::new();
    let record = asked.tick(700_000_000, 0, 1_000_000);
    // 700,000 + 10 % + 0.1 at 80 %.
    assert_eq!(record.work, 770_000_100_000);
    assert_eq!(record.need, 962_501);
    let record = asked.tick(1_000_000_000, 500_000_000, 1_000_000);
    assert_eq!(record.demand, 1_500_000_000_000);
    assert!(record.nodes > 1_875_000);
}

#[test]
fn an_idle_fleet_shrinks_to_one_node_and_stays_there() {
    let mut asked = Asked::new();
    let mut nodes = 50;
    for _ in 0..60 {
        nodes = asked.tick(0, 0, nodes).nodes;
    }
    assert_eq!(nodes, 1);
}

#[test]
fn a_clock_that_stands_still_or_goes_back_removes_nothing_early() {
    let policy = Quorate::default();
    let mut state = QuorateState::default();
    let tick = |served_milli| Tick {
        served_milli,
        queue_milli: Some(0),
        ready: 30,
        current: 30,
        interval: MINUTE,
    };
    let late = Micros::from_secs(100_000);
    assert_eq!(policy.tick(&mut state, &tick(23_000), late).nodes, 32);
    for now in [late, Micros::ZERO, Micros::from_secs(50_000), late] {
        assert_eq!(policy.tick(&mut state, &tick(100), now).nodes, 30);
    }
}

#[test]
fn a_long_pause_does_not_count_as_a_wrong_forecast() {
    let mut asked = Asked::new();
    for _ in 0..10 {
        asked.tick(1_000, 0, 40);
    }
    asked.minute += 600;
    let record = asked.tick(30_000, 0, 40);
    assert_eq!(record.forecast.expected, None);
    assert_eq!(record.forecast.usual_error, 0);
}

#[test]
fn many_evaluations_within_a_start_up_time_keep_few_forecasts() {
    let settings = QuorateSettings {
        start_up: Micros::from_secs(600),
        ..QuorateSettings::default()
    };
    let policy = Quorate::new(settings).unwrap();
    let mut state = QuorateState::default();
    let mut scored = 0;
    for second in 0..6_000 {
        let tick = Tick {
            served_milli: 5_000,
            queue_milli: Some(0),
            ready: 8,
            current: 8,
            interval: Micros::from_secs(1),
        };
        let record = policy.tick(&mut state, &tick, Micros::from_secs(second));
        assert_eq!(record.forecast.horizon, Micros::from_secs(600));
        scored += usize::from(record.forecast.expected.is_some());
    }
    // One in ten seconds, from the time on at which the first is due.
    assert_eq!(scored, 540);
}
