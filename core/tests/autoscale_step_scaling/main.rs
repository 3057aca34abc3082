//! EC2 step scaling: the documented examples, the rules for bands, and laws that hold for any step.
#![cfg(feature = "serde")]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

#[path = "../autoscale_fleet/mod.rs"]
mod autoscale_fleet;
mod bands;
mod documented;
mod fleet;
mod group;
mod laws;

use quorate::autoscale::step_scaling::{Adjustment, AdjustmentType, Bands, StepAdjustment};

/// Bands as lower bound, upper bound and step; bounds in whole units.
fn bands(bands: &[(Option<i64>, Option<i64>, i64)]) -> Bands {
    Bands::new(steps(bands)).unwrap()
}

fn steps(bands: &[(Option<i64>, Option<i64>, i64)]) -> Vec<StepAdjustment> {
    let milli = |bound: Option<i64>| bound.map(|bound| bound * 1_000);
    let step = |&(lower, upper, adjustment)| StepAdjustment {
        lower_bound: milli(lower),
        upper_bound: milli(upper),
        adjustment,
    };
    bands.iter().map(step).collect()
}

fn percent(value: i64) -> Adjustment {
    Adjustment {
        adjustment_type: AdjustmentType::PercentChangeInCapacity,
        value,
        min_adjustment_magnitude: 0,
    }
}
