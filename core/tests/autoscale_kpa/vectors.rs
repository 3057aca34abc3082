//! The rows of the public table (source and licence inside the file).

use core::time::Duration;

use super::test;
use quorate::Micros;
use quorate::autoscale::kpa::{Decider, DeciderSpec, Load, Mode, State};
use serde_json::Value;

const VECTORS: &str = include_str!("vectors.json");

/// Any time will do; it is even, so that the buckets of the delay lie as in the table.
const START: Micros = Micros::from_secs(1_000_000);

/// A spec that panics at twice the ready pods and grows and shrinks tenfold.
pub(super) fn spec() -> DeciderSpec {
    DeciderSpec {
        target: 10.0,
        total_per_pod: 13.0,
        target_burst_capacity: 0.0,
        panic_threshold: 2.0,
        max_scale_up_rate: 10.0,
        max_scale_down_rate: 10.0,
        stable_window: Micros::from_secs(60),
        scale_down_delay: Micros::ZERO,
        reachable: true,
        activation_scale: 0,
    }
}

fn cases(suite: &str) -> Vec<Value> {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    let of_suite: Vec<_> = cases
        .iter()
        .filter(|case| case["suite"] == suite)
        .cloned()
        .collect();
    assert!(!of_suite.is_empty(), "{suite}");
    of_suite
}

fn seconds(value: &Value) -> Micros {
    let exact = Duration::from_secs_f64(value.as_f64().unwrap());
    Micros(u64::try_from(exact.as_micros()).unwrap())
}

fn count(value: &Value) -> u32 {
    u32::try_from(value.as_u64().unwrap()).unwrap()
}

fn decider(spec: &Value) -> Decider {
    let real = |field: &str| spec[field].as_f64().unwrap();
    Decider::new(DeciderSpec {
        target: real("target"),
        total_per_pod: real("total_per_pod"),
        target_burst_capacity: real("burst_capacity"),
        panic_threshold: real("panic_threshold"),
        max_scale_up_rate: real("max_up_rate"),
        max_scale_down_rate: real("max_down_rate"),
        stable_window: seconds(&spec["stable_window_s"]),
        scale_down_delay: seconds(&spec["scale_down_delay_s"]),
        reachable: spec["reachable"].as_bool().unwrap(),
        activation_scale: count(&spec["activation_scale"]),
    })
    .unwrap()
}

#[test]
fn every_sequence_of_ticks() {
    for case in cases("kpa.sequence") {
        let input = &case["input"];
        let mut decider = decider(&input["spec"]);
        let mut state = State::created(decider.spec(), count(&input["initial_ready"]), START);
        if let Some(panic) = input["initial_panic"].as_object() {
            let since = START - seconds(&panic["started_s_ago"]);
            state = state.in_panic(since, count(&panic["max_pods"]));
        }
        for step in case["expect"]["steps"].as_array().unwrap() {
            if let Some(spec) = step.get("spec").filter(|spec| spec.is_object()) {
                decider = self::decider(spec);
            }
            let load = Load {
                ready_pods: count(&step["ready_pods"]),
                stable: step["stable"].as_f64().unwrap(),
                panic: step["panic"].as_f64().unwrap(),
            };
            let tick = decider
                .tick(&mut state, &load, START + seconds(&step["t_s"]))
                .unwrap();
            let id = &case["id"];
            assert_eq!(
                tick.desired,
                count(&step["desired"]),
                "{id} {step}: {tick:?}"
            );
            let burst = step["excess_burst"].as_i64().unwrap();
            assert!(
                (i64::from(tick.excess_burst) - burst).abs() <= 1,
                "{id} {step}: {tick:?}"
            );
        }
    }
}

#[test]
fn a_decider_that_is_made_beside_running_pods_starts_in_panic() {
    for case in cases("kpa.initial_panic") {
        let ready = count(&case["input"]["ready_pods"]);
        let state = State::created(&spec(), ready, START);
        let panics = case["expect"]["panic"].as_bool().unwrap();
        assert_eq!(state.mode() == Mode::Panic, panics, "{case}");
        assert_eq!(
            state.max_panic_pods(),
            count(&case["expect"]["max_panic_pods"])
        );
    }
}

#[test]
fn a_decider_that_is_made_beside_one_pod_does_not_panic() {
    let state = State::created(&spec(), 1, START);
    assert_eq!((state.mode(), state.max_panic_pods()), (Mode::Stable, 1));
}
