//! The examples and rules of the Amazon EC2 Auto Scaling User Guide, "Step and simple scaling
//! policies" (sections on step adjustments, scaling adjustment types and instance warm-up).

use quorate::autoscale::step_scaling::{
    Adjustment, AdjustmentType, Bands, Capacity, Group, GroupRule, round_change,
};

use super::{bands, percent};

const GROUP: Group = Group {
    min_size: 1,
    max_size: 100,
};

/// Nothing, 10 % and 30 % above a threshold of 50, in bands of 10.
fn outward() -> Bands {
    bands(&[
        (Some(0), Some(10), 0),
        (Some(10), Some(20), 10),
        (Some(20), None, 30),
    ])
}

/// The same below it.
fn inward() -> Bands {
    bands(&[
        (Some(-10), Some(0), 0),
        (Some(-20), Some(-10), -10),
        (None, Some(-20), -30),
    ])
}

#[track_caller]
fn desired(bands: &Bands, metric: i64, capacity: &Capacity) -> (u32, GroupRule) {
    let band = bands.find((metric - 50) * 1_000).unwrap();
    let step = percent(bands.as_slice()[band].adjustment);
    let step = GROUP.step(&step, capacity);
    (step.desired, step.rule)
}

#[test]
fn the_worked_example_goes_up_and_down_again() {
    let mut capacity = 10;
    let metrics = [(60, 11), (70, 14), (40, 13), (30, 10), (45, 10), (55, 10)];
    for (metric, expected) in metrics {
        let bands = if metric > 50 { outward() } else { inward() };
        capacity = desired(&bands, metric, &Capacity::settled(capacity)).0;
        assert_eq!(capacity, expected, "at {metric}");
    }
}

#[test]
fn the_worked_example_while_an_instance_warms_up() {
    let warming = Capacity {
        desired: 11,
        in_service: 10,
        warming: 1,
        terminating: 0,
    };
    assert_eq!(
        desired(&outward(), 62, &warming),
        (11, GroupRule::InProgress)
    );
    assert_eq!(desired(&outward(), 70, &warming), (13, GroupRule::Step));
    assert_eq!(desired(&inward(), 30, &warming), (11, GroupRule::WarmingUp));
}

#[test]
fn what_terminates_is_not_removed_twice() {
    let terminating = Capacity {
        desired: 13,
        in_service: 13,
        warming: 0,
        terminating: 1,
    };
    assert_eq!(
        desired(&inward(), 40, &terminating),
        (13, GroupRule::InProgress)
    );
}

#[test]
fn changes_are_rounded_as_documented() {
    let documented = [(12_700, 12), (670, 1), (-580, -1), (-6_670, -6)];
    let at_the_edges = [
        (0, 0),
        (1, 1),
        (1_000, 1),
        (1_999, 1),
        (-1, -1),
        (-1_000, -1),
        (-1_999, -1),
    ];
    for (milli, instances) in documented.into_iter().chain(at_the_edges) {
        assert_eq!(round_change(milli), instances, "{milli}");
    }
}

#[test]
fn adjustments_mean_what_their_type_says() {
    let apply = |adjustment_type, value, current| {
        let min_adjustment_magnitude = 0;
        Adjustment {
            adjustment_type,
            value,
            min_adjustment_magnitude,
        }
        .apply(current)
        .capacity
    };
    assert_eq!(apply(AdjustmentType::ChangeInCapacity, 5, 3), 8);
    assert_eq!(apply(AdjustmentType::ChangeInCapacity, -5, 3), 0);
    assert_eq!(apply(AdjustmentType::ExactCapacity, 5, 3), 5);
    assert_eq!(apply(AdjustmentType::PercentChangeInCapacity, 10, 10), 11);
}

#[test]
fn a_percentage_comes_to_the_smallest_magnitude() {
    let quarter = |value, min_adjustment_magnitude| {
        let adjustment = Adjustment {
            min_adjustment_magnitude,
            ..percent(value)
        };
        adjustment.apply(4).capacity
    };
    assert_eq!(quarter(25, 0), 5);
    assert_eq!(quarter(25, 2), 6);
    assert_eq!(quarter(-25, 2), 2);
    assert_eq!(quarter(100, 2), 8, "more than the smallest stays");
    assert_eq!(quarter(0, 2), 4, "nothing stays nothing");
    let added = Adjustment {
        adjustment_type: AdjustmentType::ChangeInCapacity,
        min_adjustment_magnitude: 9,
        ..percent(1)
    };
    assert_eq!(
        added.apply(4).capacity,
        5,
        "only percentages have a smallest magnitude"
    );
}
