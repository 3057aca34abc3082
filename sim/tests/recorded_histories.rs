//! Histories that were recorded from real systems, with their known verdicts. They are not kept
//! here: the feature `traces` says that they are at hand.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::path::{Path, PathBuf};

use quorate_sim::linearizability::format::{Format, Recorded};
use quorate_sim::linearizability::{DEFAULT_STEPS, Verdict};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/histories")
}

#[test]
fn every_recorded_history_has_its_known_verdict() {
    let json = std::fs::read(folder().join("expected.json")).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let expected = json["expected_linearizable"].as_object().unwrap();
    assert_eq!(expected.len(), 24);
    for (name, linearizable) in expected {
        let bytes = std::fs::read(folder().join(name)).unwrap();
        let format = Format::guess(&bytes).unwrap();
        let report = Recorded::read(&bytes, format).unwrap().check(DEFAULT_STEPS);
        let found = report.verdict == Verdict::Linearizable;
        assert_eq!(Some(found), linearizable.as_bool(), "{name}: {report:?}");
        let undecided = matches!(report.verdict, Verdict::Undecided { .. });
        assert!(!undecided, "{name} in {} steps", report.steps);
    }
}
