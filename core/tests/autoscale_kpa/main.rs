//! Knative's pod autoscaler: its own decision table, its windows, and laws that hold for any load.
#![cfg(feature = "serde")]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod fleet;
mod hostile;
mod laws;
mod scale_to_zero;
mod vectors;
mod windows;

use quorate::Micros;
use quorate::autoscale::kpa::{Decider, DeciderSpec};

/// A spec that panics at twice the ready pods and grows and shrinks tenfold.
fn spec() -> DeciderSpec {
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

fn decider(spec: DeciderSpec) -> Decider {
    Decider::new(spec).unwrap()
}
