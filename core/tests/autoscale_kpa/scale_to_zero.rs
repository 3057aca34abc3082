//! When the last pod goes. After `handleScaleToZero` and `applyBounds` of
//! `knative/serving`, `pkg/reconciler/autoscaling/kpa/scaler.go` (Apache-2.0).

use quorate::Micros;
use quorate::autoscale::kpa::{Activity, ScaleToZero, ZeroDecision, apply_bounds};

const STABLE_WINDOW: Micros = Micros::from_secs(60);
const START: Micros = Micros::from_secs(1_000);

fn after(seconds: u64) -> Micros {
    START + Micros::from_secs(seconds)
}

fn wait(seconds: u64) -> ZeroDecision {
    ZeroDecision::Wait {
        remaining: Some(Micros::from_secs(seconds)),
    }
}

fn inactive(buffered_after: u64) -> Activity {
    Activity::Inactive {
        since: START,
        buffered_since: Some(after(buffered_after)),
    }
}

#[track_caller]
fn assert_zero(settings: ScaleToZero, activity: Activity, seconds: u64, expected: ZeroDecision) {
    let decision = settings.decide(0, activity, STABLE_WINDOW, after(seconds));
    assert_eq!(decision, expected);
}

#[test]
fn a_need_for_pods_passes() {
    let active = Activity::Active { since: START };
    let decision = ScaleToZero::default().decide(3, active, STABLE_WINDOW, START);
    assert_eq!(decision, ZeroDecision::Scale(3));
}

#[test]
fn where_zero_is_not_allowed_one_stays() {
    let settings = ScaleToZero {
        enabled: false,
        ..ScaleToZero::default()
    };
    assert_zero(settings, inactive(0), 10_000, ZeroDecision::Scale(1));
}

#[test]
fn who_was_active_for_less_than_the_stable_window_keeps_one() {
    let active = Activity::Active { since: START };
    let remaining = Micros::from_secs(1);
    assert_zero(
        ScaleToZero::default(),
        active,
        59,
        ZeroDecision::KeepOne { remaining },
    );
    assert_zero(ScaleToZero::default(), active, 60, ZeroDecision::Deactivate);
}

#[test]
fn a_start_that_failed_ends_at_zero() {
    let activating = Activity::Activating { since: START };
    assert_zero(ScaleToZero::default(), activating, 609, wait(1));
    assert_zero(
        ScaleToZero::default(),
        activating,
        610,
        ZeroDecision::Scale(0),
    );
}

#[test]
fn the_last_pod_waits_for_the_buffer_and_for_the_grace_period() {
    let unconfirmed = Activity::Inactive {
        since: START,
        buffered_since: None,
    };
    let unknown = ZeroDecision::Wait { remaining: None };
    assert_zero(ScaleToZero::default(), unconfirmed, 10_000, unknown);
    assert_zero(ScaleToZero::default(), inactive(0), 29, wait(1));
    assert_zero(
        ScaleToZero::default(),
        inactive(0),
        30,
        ZeroDecision::Scale(0),
    );
    // Inactive for as long as the grace period is enough, whenever the buffer came in.
    assert_zero(
        ScaleToZero::default(),
        inactive(25),
        30,
        ZeroDecision::Scale(0),
    );
}

#[test]
fn a_buffer_that_was_there_before_shortens_the_wait() {
    let since = Activity::Inactive {
        since: START,
        buffered_since: Some(START - Micros::from_secs(25)),
    };
    assert_zero(ScaleToZero::default(), since, 4, wait(1));
    assert_zero(ScaleToZero::default(), since, 5, ZeroDecision::Scale(0));
}

#[test]
fn retention_keeps_the_last_pod_longer() {
    let settings = ScaleToZero {
        pod_retention: Micros::from_secs(90),
        ..ScaleToZero::default()
    };
    assert_zero(settings, inactive(0), 31, wait(59));
    assert_zero(settings, inactive(0), 90, ZeroDecision::Scale(0));
}

#[test]
fn a_largest_number_of_zero_is_no_bound() {
    assert_eq!(apply_bounds(2, 0, 1_000_000), 1_000_000);
    assert_eq!(apply_bounds(2, 9, 1_000_000), 9);
    assert_eq!(apply_bounds(2, 9, 1), 2);
    // Crossed bounds: the test for the lower one comes first.
    assert_eq!(apply_bounds(5, 3, 4), 5);
    assert_eq!(apply_bounds(5, 3, 6), 3);
}
