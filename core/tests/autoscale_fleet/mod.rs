//! What the tests of several strategies on a fleet of nodes ask in the same words.
#![allow(dead_code, reason = "each of them needs a part of it")]

use core::fmt::Debug;

use quorate::Micros;
use quorate::autoscale::Decision;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) fn at(seconds: u64) -> Micros {
    Micros::from_secs(seconds)
}

/// What goes into JSON comes out of it again.
#[track_caller]
pub(crate) fn assert_survives<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    let found: T = serde_json::from_str(&text).unwrap();
    assert_eq!(&found, value, "{text}");
}

/// Exactly one step of the chain is said to have decided.
#[track_caller]
pub(crate) fn assert_one_step_binds(decision: &Decision) {
    let steps = decision.steps();
    let binding = steps.iter().filter(|step| step.binding);
    assert_eq!(binding.count(), 1, "{decision}: {steps:?}");
}
