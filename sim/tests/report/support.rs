//! One small comparison that every test can have.

use quorate::autoscale::Policy;
use quorate_sim::load::{Refinement, Trace};
use quorate_sim::replay::comparison::{
    Comparison, ComparisonOptions, Contender, Recording, compare,
};
use serde_json::json;

pub(crate) fn flash_day(name: &str) -> Trace {
    Trace::parse(name, include_bytes!("../../data/flash_day.csv")).unwrap()
}

pub(crate) fn contender(name: &str, kind: &str) -> Contender {
    let policy: Policy = serde_json::from_value(json!({"strategy": {"kind": kind}})).unwrap();
    Contender {
        name: name.to_owned(),
        policy,
    }
}

pub(crate) fn contenders() -> Vec<Contender> {
    vec![
        contender("Ours", "quorate"),
        contender("Threshold", "threshold"),
        contender("HPA", "hpa"),
    ]
}

pub(crate) fn compared(trace: &Trace, options: ComparisonOptions) -> Comparison {
    let recording = Recording::new(trace, Refinement::default()).unwrap();
    compare(&recording, &contenders(), options, |_| ()).unwrap()
}
