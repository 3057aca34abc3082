//! Knative's pod autoscaler: its own decision table, its windows, and laws that hold for any load.
#![cfg(feature = "serde")]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

// In WebAssembly, where some of these files run too, it is another attribute.
pub use std::prelude::v1::test;

#[path = "../autoscale_fleet/mod.rs"]
mod autoscale_fleet;
mod fleet;
mod hostile;
mod laws;
mod order;
mod scale_to_zero;
mod vectors;
mod windows;

use quorate::autoscale::kpa::{Decider, DeciderSpec};
use vectors::spec;

fn decider(spec: DeciderSpec) -> Decider {
    Decider::new(spec).unwrap()
}
