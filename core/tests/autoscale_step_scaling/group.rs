//! Bounds, and instances on their way.

use quorate::Micros;
use quorate::autoscale::step_scaling::{
    Adjustment, AdjustmentType, Capacity, Group, GroupRule, WarmUp,
};

use super::percent;

const GROUP: Group = Group {
    min_size: 2,
    max_size: 20,
};

fn step(adjustment: Adjustment, capacity: u32) -> (u32, GroupRule) {
    let step = GROUP.step(&adjustment, &Capacity::settled(capacity));
    (step.desired, step.rule)
}

#[test]
fn a_group_keeps_its_bounds() {
    assert_eq!(step(percent(50), 16), (20, GroupRule::MaxSize));
    assert_eq!(step(percent(-50), 3), (2, GroupRule::Step));
    assert_eq!(step(percent(-90), 3), (2, GroupRule::MinSize));
    assert_eq!(step(percent(-100), 10), (2, GroupRule::MinSize));
    assert_eq!(step(percent(0), 30), (20, GroupRule::MaxSize));
    assert_eq!(step(percent(0), 1), (2, GroupRule::MinSize));
    assert_eq!(step(percent(0), 7), (7, GroupRule::Step));
}

#[test]
fn an_exact_capacity_never_takes_back_what_is_on_its_way() {
    let exact = |value| Adjustment {
        adjustment_type: AdjustmentType::ExactCapacity,
        ..percent(value)
    };
    let warming = Capacity {
        desired: 8,
        in_service: 3,
        warming: 5,
        terminating: 0,
    };
    assert_eq!(GROUP.step(&exact(6), &warming).desired, 8);
    assert_eq!(GROUP.step(&exact(12), &warming).desired, 12);
    assert_eq!(GROUP.step(&exact(2), &warming).rule, GroupRule::WarmingUp);
    assert_eq!(step(exact(6), 10), (6, GroupRule::Step));
}

#[test]
fn launches_warm_up_one_after_the_other() {
    let mut warm_up = WarmUp::default();
    warm_up.launched(3, Micros::from_secs(100));
    warm_up.launched(0, Micros::from_secs(110));
    warm_up.launched(2, Micros::from_secs(160));
    assert_eq!(warm_up.warming(Micros::from_secs(99)), 5);
    assert_eq!(warm_up.warming(Micros::from_secs(100)), 2);
    assert_eq!(warm_up.warming(Micros::from_secs(160)), 0);
}

#[test]
fn the_newest_instances_go_first() {
    let mut warm_up = WarmUp::default();
    warm_up.launched(3, Micros::from_secs(100));
    warm_up.launched(2, Micros::from_secs(160));
    warm_up.terminated(4);
    assert_eq!(warm_up.warming(Micros::ZERO), 1);
    warm_up.terminated(u32::MAX);
    assert_eq!(warm_up.warming(Micros::ZERO), 0);
}

#[test]
fn many_launches_stay_bounded_and_none_is_lost() {
    let mut warm_up = WarmUp::default();
    for second in 0..1_000 {
        warm_up.launched(1, Micros::from_secs(10_000 - second));
    }
    assert_eq!(warm_up.warming(Micros::ZERO), 1_000);
    let text = serde_json::to_string(&warm_up).unwrap();
    assert!(text.matches('[').count() <= WarmUp::MAX + 1, "{text}");
    assert_eq!(serde_json::from_str::<WarmUp>(&text).unwrap(), warm_up);
}
