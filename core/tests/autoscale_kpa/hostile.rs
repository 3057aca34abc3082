//! Numbers and clocks that make no sense.

use quorate::Micros;
use quorate::autoscale::kpa::{
    Aggregation, AverageWindow, DeciderSpec, Load, Mode, NotFinite, SpecError, SpecField, State,
};

use super::{decider, spec};

#[test]
fn a_spec_must_make_sense() {
    let refused = |change: fn(&mut DeciderSpec)| {
        let mut spec = spec();
        change(&mut spec);
        quorate::autoscale::kpa::Decider::new(spec).unwrap_err()
    };
    let not_positive = [
        (refused(|spec| spec.target = 0.0), SpecField::Target),
        (refused(|spec| spec.target = f64::NAN), SpecField::Target),
        (
            refused(|spec| spec.panic_threshold = -1.0),
            SpecField::PanicThreshold,
        ),
        (
            refused(|spec| spec.max_scale_up_rate = f64::INFINITY),
            SpecField::MaxScaleUpRate,
        ),
        (
            refused(|spec| spec.max_scale_down_rate = 0.0),
            SpecField::MaxScaleDownRate,
        ),
    ];
    for (error, field) in not_positive {
        assert_eq!(error, SpecError::NotPositive(field));
        assert!(error.to_string().contains(&field.to_string()));
    }
    let burst = SpecError::Negative(SpecField::TargetBurstCapacity);
    assert_eq!(refused(|spec| spec.target_burst_capacity = -2.0), burst);
    assert_eq!(refused(|spec| spec.target_burst_capacity = -1.5), burst);
    let total = SpecError::Negative(SpecField::TotalPerPod);
    assert_eq!(refused(|spec| spec.total_per_pod = -1.0), total);
}

#[test]
fn a_load_that_is_no_number_changes_nothing() {
    let decider = decider(spec());
    let mut state = State::created(decider.spec(), 5, Micros::from_secs(1));
    let before = state.clone();
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for (stable, panic) in [(value, 1.0), (1.0, value)] {
            let load = Load {
                ready_pods: 1,
                stable,
                panic,
            };
            assert_eq!(decider.tick(&mut state, &load, Micros::MAX), Err(NotFinite));
        }
    }
    assert_eq!(state, before);
}

#[test]
fn the_largest_numbers_saturate() {
    let decider = decider(DeciderSpec {
        target: f64::MIN_POSITIVE,
        total_per_pod: f64::MAX,
        target_burst_capacity: f64::MAX,
        max_scale_up_rate: f64::MAX,
        ..spec()
    });
    let mut state = State::default();
    for (load, desired) in [(f64::MAX, i32::MAX), (-f64::MAX, i32::MAX)] {
        let load = Load {
            ready_pods: u32::MAX,
            stable: load,
            panic: load,
        };
        let tick = decider.tick(&mut state, &load, Micros::MAX).unwrap();
        assert_eq!(tick.desired, desired.unsigned_abs());
    }
}

#[test]
fn a_million_pods_and_no_load_shrink_by_the_rate() {
    let decider = decider(spec());
    let load = Load {
        ready_pods: 1_000_000,
        stable: 0.0,
        panic: 0.0,
    };
    let tick = decider
        .tick(&mut State::default(), &load, Micros::ZERO)
        .unwrap();
    assert_eq!(tick.desired, 100_000);
}

#[test]
fn a_clock_that_goes_backwards_does_not_end_a_panic() {
    let decider = decider(spec());
    let mut state = State::created(decider.spec(), 7, Micros::from_secs(500));
    let load = Load {
        ready_pods: 7,
        stable: 0.0,
        panic: 0.0,
    };
    let tick = decider.tick(&mut state, &load, Micros::ZERO).unwrap();
    assert_eq!((tick.mode, tick.desired), (Mode::Panic, 7));
}

#[test]
fn windows_take_any_finite_sample_at_any_time() {
    for aggregation in [Aggregation::Linear, Aggregation::WeightedExponential] {
        let window = Micros::from_secs(3_600);
        let mut window = AverageWindow::new(window, Micros::from_secs(1), aggregation).unwrap();
        assert_eq!(window.record(Micros::ZERO, f64::NAN), Err(NotFinite));
        for at in [
            Micros::ZERO,
            Micros::MAX,
            Micros::from_secs(7),
            Micros::MAX,
            Micros::ZERO,
        ] {
            for value in [f64::MAX, -f64::MAX, 0.0, f64::MIN_POSITIVE, f64::MAX] {
                window.record(at, value).unwrap();
                assert!(window.average(Micros::ZERO).is_finite());
                assert!(window.average(Micros::MAX).is_finite());
            }
        }
    }
}

#[test]
fn a_stored_window_that_contradicts_itself_is_refused() {
    let stored = |granularity: u64, buckets: &str, written: &str| {
        serde_json::from_str::<AverageWindow>(&format!(
            r#"{{"aggregation":"linear","window_micros":2000000,"granularity_micros":{granularity},
            "buckets":{buckets},"total":3.0,"written":{written}}}"#
        ))
    };
    assert!(stored(1_000_000, "[1.0,2.0]", "[4,5]").is_ok());
    assert!(stored(1_000_000, "[1.0,2.0]", "[5,4]").is_err());
    assert!(stored(1_000_000, "[1.0]", "[4,5]").is_err());
    assert!(stored(1_000_000, "[1.0,1e300]", "[4,5]").is_err());
    assert!(stored(0, "[]", "null").is_err());
}
