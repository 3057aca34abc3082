//! What holds for any step and any metric.

use proptest::prelude::*;
use quorate::autoscale::step_scaling::{
    Adjustment, AdjustmentType, Bands, Capacity, Group, StepAdjustment, round_change,
};

fn any_type() -> impl Strategy<Value = AdjustmentType> {
    prop_oneof![
        Just(AdjustmentType::ChangeInCapacity),
        Just(AdjustmentType::ExactCapacity),
        Just(AdjustmentType::PercentChangeInCapacity),
    ]
}

fn any_adjustment() -> impl Strategy<Value = Adjustment> {
    let value = prop_oneof![6 => -200..200i64, 1 => any::<i64>()];
    let magnitude = prop_oneof![6 => 0..5u32, 1 => any::<u32>()];
    (any_type(), value, magnitude).prop_map(|(adjustment_type, value, magnitude)| Adjustment {
        adjustment_type,
        value,
        min_adjustment_magnitude: magnitude,
    })
}

fn any_capacity() -> impl Strategy<Value = Capacity> {
    let count = || prop_oneof![6 => 0..200u32, 1 => any::<u32>()];
    (count(), count(), count(), count()).prop_map(|(desired, in_service, warming, terminating)| {
        Capacity {
            desired,
            in_service,
            warming,
            terminating,
        }
    })
}

/// Steps that grow with the breach, on both sides of the threshold.
fn rising_bands() -> impl Strategy<Value = Bands> {
    let bounds = proptest::collection::btree_set(-50_000..50_000i64, 1..8);
    (bounds, -40..0i64, 1..15i64).prop_map(|(bounds, weakest, more)| {
        let mut ends: Vec<Option<i64>> = bounds.into_iter().map(Some).collect();
        ends.insert(0, None);
        ends.push(None);
        let steps = (0..).zip(ends.windows(2)).map(|(at, ends)| StepAdjustment {
            lower_bound: ends[0],
            upper_bound: ends[1],
            adjustment: weakest + at * more,
        });
        Bands::new(steps.collect()).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn the_bounds_hold_whatever_the_step(
        adjustment in any_adjustment(), capacity in any_capacity(), min in 0..50u32, span in 0..50u32,
    ) {
        let group = Group { min_size: min, max_size: min + span };
        let desired = group.step(&adjustment, &capacity).desired;
        let unchanged = desired == capacity.desired && capacity.warming > 0;
        prop_assert!((min..=min + span).contains(&desired) || unchanged);
    }

    #[test]
    fn every_breach_falls_into_exactly_one_of_bands_without_ends(
        bands in rising_bands(), breach in any::<i64>(),
    ) {
        let found = bands.find(breach).unwrap();
        let band = bands.as_slice()[found];
        prop_assert!(band.lower_bound.is_none_or(|lower| lower <= breach));
        prop_assert!(band.upper_bound.is_none_or(|upper| breach <= upper));
    }

    #[test]
    fn a_stronger_breach_never_means_less_capacity(
        bands in rising_bands(), breach in -60_000..60_000i64, more in 0..60_000i64,
        capacity in 0..500u32, adjustment_type in any_type(),
    ) {
        let desired = |breach| {
            let value = bands.as_slice()[bands.find(breach).unwrap()].adjustment;
            let adjustment = Adjustment { adjustment_type, value, min_adjustment_magnitude: 1 };
            let group = Group { min_size: 0, max_size: 1_000 };
            group.step(&adjustment, &Capacity::settled(capacity)).desired
        };
        prop_assert!(desired(breach + more) >= desired(breach));
    }

    #[test]
    fn rounding_is_odd_and_off_by_less_than_one(milli in -10_000_000..10_000_000i64) {
        let rounded = round_change(milli);
        prop_assert_eq!(round_change(-milli), -rounded);
        prop_assert!((rounded * 1_000 - milli).abs() < 1_000);
        prop_assert!(rounded.abs() <= (milli.abs() / 1_000).max(1));
        prop_assert_eq!(rounded == 0, milli == 0);
    }
}
