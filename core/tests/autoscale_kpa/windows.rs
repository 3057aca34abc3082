//! The two averages: after `pkg/autoscaler/aggregation/bucketing.go` and Knative's own worked
//! example of the weighted average (`knative/serving`, Apache-2.0).

use quorate::Micros;
use quorate::autoscale::kpa::{Aggregation, AverageWindow, WindowError};

const SECOND: Micros = Micros::from_secs(1);

fn window(seconds: u64, aggregation: Aggregation) -> AverageWindow {
    AverageWindow::new(Micros::from_secs(seconds), SECOND, aggregation).unwrap()
}

fn record(window: &mut AverageWindow, samples: impl IntoIterator<Item = (u64, f64)>) {
    for (second, value) in samples {
        window.record(Micros::from_secs(second), value).unwrap();
    }
}

#[track_caller]
fn assert_average(window: &AverageWindow, second: u64, expected: f64) {
    let average = window.average(Micros::from_secs(second));
    assert!(
        (average - expected).abs() < 1e-9,
        "{average} instead of {expected}"
    );
}

#[test]
fn the_worked_example_of_the_weighted_average() {
    let series = [1.0, 3.0, 5.0, 4.0, 6.0, 7.0, 2.0, 8.0, 10.0, 20.0];
    for (seconds, expected) in [(10, 15.430_728_028_666_296), (3, 19.530_732_247_258_655)] {
        let mut window = window(seconds, Aggregation::WeightedExponential);
        record(&mut window, (101..).zip(series));
        assert_average(&window, 110, expected);
    }
}

#[test]
fn a_long_weighted_window_keeps_a_fifth_for_the_newest() {
    let mut window = window(60, Aggregation::WeightedExponential);
    record(&mut window, [(100, 10.0)]);
    assert_average(&window, 100, 2.0);
    assert_average(&window, 101, 1.6);
    assert_average(&window, 103, 10.0 * 0.2 * 0.8 * 0.8 * 0.8);
}

#[test]
fn only_the_part_of_the_window_that_was_seen_counts() {
    let mut window = window(60, Aggregation::Linear);
    record(&mut window, (100..106).map(|second| (second, 12.0)));
    assert_average(&window, 105, 12.0);
    assert_average(&window, 110, 12.0);
    assert_average(&window, 164, 12.0);
    assert_average(&window, 165, 0.0);
}

#[test]
fn a_gap_between_two_samples_is_zero() {
    let mut window = window(10, Aggregation::Linear);
    record(&mut window, [(100, 6.0), (103, 6.0)]);
    assert_average(&window, 103, 3.0);
}

#[test]
fn what_is_older_than_the_window_is_forgotten() {
    let mut window = window(5, Aggregation::Linear);
    record(
        &mut window,
        (1..11_u32).map(|value| (u64::from(value) + 99, f64::from(value))),
    );
    assert_average(&window, 109, 8.0);
    // Nothing for two seconds: the oldest two of the five no longer count.
    assert_average(&window, 111, 9.0);
    // After a whole window of silence a new one begins.
    record(&mut window, [(130, 4.0)]);
    assert_average(&window, 130, 4.0);
}

#[test]
fn values_of_one_bucket_add_up_and_late_ones_find_theirs() {
    let mut window = window(10, Aggregation::Linear);
    record(
        &mut window,
        [(100, 1.0), (100, 2.0), (102, 3.0), (101, 6.0)],
    );
    assert_average(&window, 102, 4.0);
    record(&mut window, [(99, 4.0)]);
    assert_average(&window, 102, 4.0);
    record(&mut window, [(92, 1_000.0)]);
    assert_average(&window, 102, 4.0);
}

#[test]
fn averages_have_six_digits_and_are_rounded_down() {
    let mut window = window(3, Aggregation::Linear);
    record(&mut window, [(100, 1.0), (101, 0.0), (102, 1.0)]);
    assert_average(&window, 102, 0.666_666);
}

#[test]
fn empty_means_that_nothing_came_within_the_window() {
    let mut window = window(10, Aggregation::Linear);
    assert!(window.is_empty(Micros::ZERO));
    record(&mut window, [(100, 0.0)]);
    assert!(
        !window.is_empty(Micros::from_secs(110)),
        "the edge is inside"
    );
    assert!(window.is_empty(Micros::from_secs(111)));
}

#[test]
fn windows_without_length_and_endless_ones_are_refused() {
    let new = |window, granularity| AverageWindow::new(window, granularity, Aggregation::Linear);
    assert_eq!(new(Micros::ZERO, SECOND), Err(WindowError::Empty));
    assert_eq!(new(SECOND, Micros::ZERO), Err(WindowError::Empty));
    let endless = WindowError::TooManyBuckets(3_601);
    assert_eq!(new(Micros::from_secs(3_601), SECOND), Err(endless));
    assert!(endless.to_string().contains("3601"));
}

#[test]
fn a_window_survives_a_restart_as_data() {
    let mut window = window(10, Aggregation::WeightedExponential);
    record(
        &mut window,
        (0..25_u32).map(|second| (u64::from(second), 1_500.0 * f64::from(second))),
    );
    let copy: AverageWindow =
        serde_json::from_str(&serde_json::to_string(&window).unwrap()).unwrap();
    assert_eq!(copy, window);
}
