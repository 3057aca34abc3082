//! What the fleet may cost.

use quorate::autoscale::guard::{
    CostCeiling, CostError, CostPeriod, CostSettings, GuardNumbers, GuardReason, GuardSettings,
    Guards, GuardsError,
};
use quorate::autoscale::{Bounds, Metric, NodeState};

use crate::fleet::{Bench, nodes, secs};

const HOUR: u64 = 3_600;

/// A node costs 2.00 an hour; removals are immediate.
fn settings(per_hour: Option<u64>, per_day: Option<u64>, removal_takes: u64) -> GuardSettings {
    let cost = CostSettings {
        price_per_node_hour: 2_000,
        per_hour,
        per_day,
        removal_takes: secs(removal_takes),
    };
    GuardSettings {
        cost: Some(CostCeiling::new(cost).unwrap()),
        ..GuardSettings::default()
    }
}

#[test]
fn the_fleet_may_be_as_large_as_the_rest_of_the_hour_can_pay() {
    let mut bench = Bench::new(settings(Some(20_000), None, 0));
    assert_eq!(
        bench.target(4, 50, secs(0)),
        10,
        "20.00 pay ten nodes for an hour"
    );
    // Half an hour with four nodes cost 4.00; 16.00 pay 16 nodes for the other half.
    let held = bench.judge(4, 50, secs(HOUR / 2));
    assert_eq!(held.target(), 16);
    let verdict = held.binding().unwrap();
    assert_eq!(verdict.reason, GuardReason::CostPerHour);
    assert_eq!(verdict.frees_at, Some(secs(HOUR)));
    assert_eq!(
        verdict.numbers,
        GuardNumbers::Cost {
            period: CostPeriod::Hour,
            spent: 4_000,
            ceiling: 20_000,
            affordable: 16
        }
    );
    assert_eq!(
        verdict.to_string(),
        "4.00 of 20.00 spent this hour, 16 nodes are affordable: 50 -> 16 nodes, until 3600.000"
    );
}

#[test]
fn a_fleet_that_the_next_hour_cannot_pay_must_shrink() {
    let mut bench = Bench::new(settings(Some(20_000), None, 0));
    assert_eq!(bench.target(4, 4, secs(0)), 4);
    assert_eq!(bench.act(4, 16, secs(HOUR / 2)), 16);
    assert_eq!(bench.target(16, 16, secs(HOUR - 1)), 16);
    assert_eq!(bench.target(16, 16, secs(HOUR)), 10);
}

#[test]
fn what_cannot_be_removed_in_time_is_not_added() {
    // Ten minutes into the next hour they may still be there: 1 node for 50 minutes and n for 10
    // must stay within ten node-hours.
    let mut bench = Bench::new(settings(Some(20_000), None, 600));
    assert_eq!(bench.target(1, 1, secs(0)), 1);
    assert_eq!(bench.target(1, 100, secs(HOUR - 60)), 55);
}

#[test]
fn nodes_that_drain_still_cost() {
    let mut bench = Bench::new(settings(Some(20_000), None, 600));
    let draining = || nodes(100, 30, NodeState::Draining, Metric::Absent);
    let fleet = || {
        vec![
            nodes(1, 2, NodeState::Ready, Metric::Fresh(500)),
            draining(),
        ]
    };
    // 30 nodes for ten minutes are five node-hours of the ten.
    assert_eq!(bench.judge_fleet(fleet(), 50, secs(0)).target(), 5);
}

#[test]
fn a_day_has_a_ceiling_of_its_own_and_the_lower_one_counts() {
    let mut bench = Bench::new(settings(Some(200_000), Some(96_000), 0));
    let held = bench.judge(2, 100, secs(0));
    assert_eq!(held.target(), 2, "48 node-hours are two nodes for a day");
    assert_eq!(held.binding().unwrap().reason, GuardReason::CostPerDay);
    // Twelve hours with one node leave 36 node-hours for the other twelve.
    let mut bench = Bench::new(settings(Some(200_000), Some(96_000), 0));
    bench.judge(1, 1, secs(0));
    assert_eq!(bench.target(1, 100, secs(12 * HOUR)), 3);
}

#[test]
fn added_nodes_cost_from_the_moment_they_are_ordered() {
    let mut bench = Bench::new(settings(Some(20_000), None, 0));
    bench.judge(1, 1, secs(0));
    bench.executed(1, 19, secs(0));
    // 19 node-half-hours are 19.00 of 20.00.
    assert_eq!(bench.target(19, 19, secs(HOUR / 2)), 1);
}

#[test]
fn the_calendar_is_that_of_utc() {
    let mut bench = Bench::new(GuardSettings {
        utc_at_zero: secs(HOUR / 2),
        ..settings(Some(20_000), None, 0)
    });
    assert_eq!(bench.target(1, 50, secs(0)), 20, "half an hour is left");
    assert_eq!(
        bench.judge(1, 50, secs(0)).binding().unwrap().frees_at,
        Some(secs(HOUR / 2))
    );
}

#[test]
fn no_ceiling_asks_for_fewer_than_min_nodes() {
    let mut bench = Bench::new(GuardSettings {
        bounds: Bounds::new(3, 50).unwrap(),
        ..settings(Some(20_000), None, 0)
    });
    bench.judge(50, 50, secs(0));
    assert_eq!(bench.target(50, 50, secs(HOUR / 2)), 3);
}

#[test]
fn a_smallest_fleet_beyond_the_ceiling_is_refused() {
    let too_dear = GuardSettings {
        bounds: Bounds::new(11, 50).unwrap(),
        ..settings(Some(20_000), None, 0)
    };
    let error = Guards::new(too_dear).unwrap_err();
    assert_eq!(
        error,
        GuardsError::Cost(CostError::MinNodes {
            min_nodes: 11,
            period: CostPeriod::Hour,
            ceiling: 20_000
        })
    );
    let guards = Guards::new(settings(Some(20_000), None, 0)).unwrap();
    assert!(guards.with_bounds(Bounds::new(10, 20).unwrap()).is_ok());
    assert!(guards.with_bounds(Bounds::new(11, 20).unwrap()).is_err());
}

#[test]
fn the_largest_numbers_are_numbers() {
    let cost = CostSettings {
        price_per_node_hour: u64::MAX,
        per_hour: Some(u64::MAX),
        per_day: Some(u64::MAX),
        removal_takes: secs(u64::MAX),
    };
    let mut bench = Bench::new(GuardSettings {
        bounds: Bounds::new(0, u32::MAX).unwrap(),
        cost: Some(CostCeiling::new(cost).unwrap()),
        utc_at_zero: secs(u64::MAX),
        ..GuardSettings::default()
    });
    assert_eq!(bench.target(100_000_000, u32::MAX, secs(0)), 0);
    assert_eq!(bench.target(100_000_000, u32::MAX, secs(u64::MAX)), 0);
}
