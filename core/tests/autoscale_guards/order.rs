//! Which guard comes before which, and what follows.

use quorate::autoscale::Bounds;
use quorate::autoscale::guard::{
    ChangeBudget, ChangeLimit, ChangeWindow, CostCeiling, CostSettings, FreezeDirection,
    FreezeSchedule, FreezeWindow, GuardReason, GuardSettings,
};

use crate::fleet::{Bench, secs};

fn two_per_minute() -> ChangeBudget {
    let limit = ChangeLimit {
        nodes: Some(2),
        permille: None,
    };
    ChangeBudget::new(vec![ChangeWindow {
        window: secs(60),
        added: limit,
        removed: limit,
    }])
    .unwrap()
}

fn freeze() -> Vec<FreezeWindow> {
    let schedule = FreezeSchedule::Once {
        from: secs(0),
        to: secs(1_000),
    };
    vec![FreezeWindow::new(schedule, FreezeDirection::All).unwrap()]
}

#[test]
fn edited_bounds_are_reached_at_the_pace_of_the_budget() {
    let mut bench = Bench::new(GuardSettings {
        bounds: Bounds::new(10, 12).unwrap(),
        change_budget: Some(two_per_minute()),
        ..GuardSettings::default()
    });
    assert_eq!(bench.act(17, 11, secs(0)), 15);
    assert_eq!(bench.act(15, 11, secs(30)), 15);
    assert_eq!(bench.act(15, 30, secs(60)), 13);
    assert_eq!(bench.act(13, 11, secs(120)), 11);
    let held = bench.judge(3, 3, secs(180));
    assert_eq!(held.target(), 5);
    assert_eq!(held.binding().unwrap().reason, GuardReason::AdditionBudget);
}

#[test]
fn a_freeze_holds_even_outside_the_bounds() {
    let mut bench = Bench::new(GuardSettings {
        bounds: Bounds::new(10, 12).unwrap(),
        freeze: freeze(),
        ..GuardSettings::default()
    });
    assert_eq!(bench.target(17, 11, secs(5)), 17);
    assert_eq!(bench.target(3, 11, secs(5)), 3);
    assert_eq!(bench.target(3, 3, secs(1_000)), 10);
}

#[test]
fn a_freeze_holds_against_the_ceiling_too() {
    let cost = CostSettings {
        price_per_node_hour: 1_000,
        per_hour: Some(4_000),
        per_day: None,
        removal_takes: secs(0),
    };
    let mut bench = Bench::new(GuardSettings {
        cost: Some(CostCeiling::new(cost).unwrap()),
        freeze: freeze(),
        ..GuardSettings::default()
    });
    assert_eq!(bench.target(9, 9, secs(0)), 9);
    assert!(bench.target(9, 9, secs(1_000)) < 4);
}

#[test]
fn the_verdicts_come_in_order_and_each_goes_on_from_the_last() {
    let mut bench = Bench::new(GuardSettings {
        bounds: Bounds::new(1, 12).unwrap(),
        freeze: freeze(),
        change_budget: Some(two_per_minute()),
        ..GuardSettings::default()
    });
    let record = bench.judge(5, 40, secs(2_000));
    let seen: Vec<_> = record
        .verdicts()
        .map(|verdict| (verdict.reason, verdict.before, verdict.after))
        .collect();
    assert_eq!(
        seen,
        [
            (GuardReason::MaxNodes, 40, 12),
            (GuardReason::Passed, 12, 12),
            (GuardReason::AdditionBudget, 12, 7),
        ]
    );
    assert_eq!((record.proposed(), record.target()), (40, 7));
    let binding: Vec<_> = record.steps().iter().map(|step| step.binding).collect();
    assert_eq!(binding, [false, false, true]);
}

#[test]
fn who_has_its_way_is_bound_by_no_guard() {
    let mut bench = Bench::new(GuardSettings {
        change_budget: Some(two_per_minute()),
        ..GuardSettings::default()
    });
    let record = bench.judge(5, 6, secs(0));
    assert_eq!(record.binding(), None);
    assert_eq!(record.steps()[0].detail, "1 to 100 nodes: inside");
    assert_eq!(record.steps()[1].detail, "0 of 2 nodes changed within 60 s");
}
