//! The rules for bands, after the API reference of `StepAdjustment`.

use quorate::autoscale::step_scaling::{Alarm, AlarmState, BandError, Bands, Comparison};

use super::{bands, steps};

#[test]
fn a_bound_belongs_to_the_band_that_is_further_from_the_threshold() {
    let both = bands(&[
        (None, Some(-20), -3),
        (Some(-20), Some(-10), -2),
        (Some(-10), Some(0), -1),
        (Some(0), Some(10), 1),
        (Some(10), Some(20), 2),
        (Some(20), None, 3),
    ]);
    let step = |breach: i64| both.as_slice()[both.find(breach).unwrap()].adjustment;
    let expected = [
        (i64::MIN, -3),
        (-20_001, -3),
        (-20_000, -3),
        (-19_999, -2),
        (-10_000, -2),
        (-9_999, -1),
        (-1, -1),
        (0, 1),
        (9_999, 1),
        (10_000, 2),
        (19_999, 2),
        (20_000, 3),
        (i64::MAX, 3),
    ];
    for (breach, adjustment) in expected {
        assert_eq!(step(breach), adjustment, "{breach}");
    }
}

#[test]
fn at_the_threshold_the_only_neighbour_applies() {
    assert_eq!(bands(&[(Some(0), None, 1)]).find(0), Some(0));
    assert_eq!(bands(&[(None, Some(0), -1)]).find(0), Some(0));
}

#[test]
fn outside_of_all_bands_there_is_no_step() {
    let upper = bands(&[(Some(5), None, 1)]);
    assert_eq!(upper.find(4_999), None);
    assert_eq!(upper.find(-1), None);
    assert_eq!(bands(&[(None, Some(-5), 1)]).find(0), None);
}

#[test]
fn the_order_of_bands_does_not_matter() {
    let sorted = [(Some(0), Some(10), 1), (Some(10), None, 2)];
    let turned = [sorted[1], sorted[0]];
    assert_eq!(bands(&turned), bands(&sorted));
}

#[test]
fn bands_that_are_not_those_of_one_policy_are_refused() {
    let refused = |bands: &[_]| Bands::new(steps(bands)).unwrap_err();
    assert_eq!(refused(&[]), BandError::None);
    assert_eq!(refused(&[(None, None, 1)]), BandError::Unbounded);
    let (lower, upper) = (5_000, 5_000);
    assert_eq!(
        refused(&[(Some(5), Some(5), 1)]),
        BandError::Empty { lower, upper }
    );
    let gap = refused(&[(Some(0), Some(10), 1), (Some(11), None, 2)]);
    let (upper, lower) = (Some(10_000), Some(11_000));
    assert_eq!(gap, BandError::NotAdjacent { upper, lower });
    let overlap = refused(&[(Some(0), None, 1), (Some(10), None, 2)]);
    assert!(matches!(
        overlap,
        BandError::NotAdjacent { upper: None, .. }
    ));
    assert_eq!(refused(&[(Some(0), Some(10), 1)]), BandError::OpenAbove);
    assert_eq!(refused(&[(Some(-10), Some(0), 1)]), BandError::OpenBelow);
    let many: Vec<_> = (0..21)
        .map(|at| (Some(at), (at < 20).then_some(at + 1), 1))
        .collect();
    assert_eq!(refused(&many), BandError::TooMany(21));
    for error in [gap, overlap, refused(&many)] {
        assert!(!error.to_string().is_empty());
    }
}

#[test]
fn bands_are_checked_when_they_are_read() {
    let read = serde_json::from_str::<Bands>;
    assert!(read(r#"[{"lower_bound":0,"adjustment":1}]"#).is_ok());
    assert!(read(r#"[{"lower_bound":0,"upper_bound":9,"adjustment":1}]"#).is_err());
    assert!(read(r#"[{"adjustment":1}]"#).is_err());
}

#[test]
fn an_alarm_goes_off_after_enough_breaches_in_a_row() {
    let alarm = Alarm {
        threshold: 60_000,
        comparison: Comparison::AtOrAbove,
        evaluation_periods: 3,
    };
    let mut state = AlarmState::default();
    let metrics = [
        Some(60_000),
        Some(70_000),
        None,
        Some(61_000),
        Some(60_000),
        Some(99_000),
    ];
    let on: Vec<bool> = metrics
        .iter()
        .map(|metric| alarm.observe(&mut state, *metric))
        .collect();
    assert_eq!(on, [false, false, false, false, false, true]);
    assert!(alarm.observe(&mut state, Some(60_000)));
    assert!(!alarm.observe(&mut state, Some(59_999)));
}

#[test]
fn comparisons_include_the_threshold_or_not() {
    let breached = |comparison, metric| {
        let alarm = Alarm {
            threshold: 10,
            comparison,
            evaluation_periods: 0,
        };
        alarm.observe(&mut AlarmState::default(), Some(metric))
    };
    let expected = [
        (Comparison::AtOrAbove, [false, true, true]),
        (Comparison::Above, [false, false, true]),
        (Comparison::AtOrBelow, [true, true, false]),
        (Comparison::Below, [true, false, false]),
    ];
    for (comparison, results) in expected {
        assert_eq!(
            [9, 10, 11].map(|metric| breached(comparison, metric)),
            results
        );
    }
    let alarm = Alarm {
        threshold: i64::MIN,
        comparison: Comparison::Above,
        evaluation_periods: 1,
    };
    assert_eq!(alarm.breach(i64::MAX), i64::MAX);
}
