//! `quorate fuzz` and `quorate shrink` from outside.
#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

mod common;

use std::fs;
use std::path::PathBuf;

use common::{json, quorate, refusal};

fn folder(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&path);
    path.to_str().unwrap().into()
}

#[test]
fn a_campaign_is_summed_up_the_same_with_any_number_of_threads() {
    let alone = json(&["fuzz", "--seeds", "0..6", "--jobs", "1", "--json"]);
    let together = json(&["fuzz", "--seeds", "0..6", "--jobs", "3", "--json"]);
    assert_eq!(alone["done"], 6);
    assert!(alone["events"].as_u64().unwrap() > 10_000);
    assert_eq!(alone["failures"], serde_json::json!([]));
    for field in ["events", "simulated_micros", "failed", "failures", "seeds"] {
        assert_eq!(alone[field], together[field], "{field}");
    }
    let ran = quorate(&["fuzz", "--seeds", "0..2"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.stdout
            .starts_with("seeds      0..2, of which 0..2 are done\n"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_campaign_goes_on_where_it_was() {
    let out = folder("campaign");
    let first = json(&["fuzz", "--seeds", "0..3", "--out", &out, "--json"]);
    let more = json(&["fuzz", "--seeds", "1..5", "--out", &out, "--json"]);
    assert_eq!(
        (first["ran"].as_u64(), more["ran"].as_u64()),
        (Some(3), Some(2))
    );
    let at_once = json(&["fuzz", "--seeds", "0..5", "--json"]);
    assert_eq!(more["events"], at_once["events"]);
    fs::write(PathBuf::from(&out).join("campaign.json"), "{}").unwrap();
    let broken = refusal(&["fuzz", "--seeds", "0..3", "--out", &out]);
    assert!(broken.contains("campaign.json: missing field"), "{broken}");
}

/// Every run outside of the fault model is clean, or what it lost is explained by an assumption.
#[test]
fn what_is_lost_outside_of_the_model_is_no_failure() {
    let out = folder("outside");
    let lost = json(&[
        "fuzz",
        "--seeds",
        "0..12",
        "--outside",
        "--out",
        &out,
        "--json",
    ]);
    assert_eq!(
        (lost["failed"].as_u64(), &lost["failures"]),
        (Some(0), &serde_json::json!([]))
    );
    assert_eq!(lost["model"], "outside");
    let tallies = lost["losses"].as_array().unwrap();
    let runs = tallies.iter().map(|tally| tally["runs"].as_u64().unwrap());
    let runs: u64 = runs.sum();
    assert!(runs > 0 && lost["lost"] == runs, "{lost}");
    for tally in tallies {
        assert!(
            tally["assumption"].is_string() && tally["invariant"].is_string(),
            "{tally}"
        );
    }
    // A folder is about one side of the model.
    let other = refusal(&["fuzz", "--seeds", "0..1", "--out", &out]);
    assert!(other.contains("another folder"), "{other}");
}

#[test]
fn bad_options_are_refused() {
    assert!(refusal(&["fuzz", "--seeds", "5..5"]).contains("there is no seed in 5..5"));
    assert!(refusal(&["fuzz", "--seeds", "many"]).contains("0..1000"));
    assert!(refusal(&["fuzz", "--mutant", "no such rule"]).contains("mutants"));
    assert!(refusal(&["shrink", "no such scenario"]).contains("no such scenario"));
}

#[test]
fn what_does_not_fail_is_not_shrunk() {
    let ran = quorate(&["shrink", "leader-cut-off"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.starts_with("nothing breaks"), "{}", ran.stdout);
}

#[cfg(feature = "mutants")]
#[test]
fn what_fails_is_written_down_shrunk_and_told() {
    let out = folder("mutant");
    let mutant = ["--mutant", "commit_needs_quorum"];
    let campaign = [
        "fuzz",
        "--seeds",
        "0..40",
        "--out",
        &out,
        "--shrink-runs",
        "400",
        "--json",
    ];
    let ran = quorate(&[&campaign[..], &mutant[..]].concat());
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let failure = &report["failures"][0];
    assert_eq!(
        failure["violation"]["invariant"],
        failure["shrunk"]["violation"]["invariant"]
    );
    assert!(failure["shrunk"]["actions"].as_u64().unwrap() <= 10);
    assert!(
        failure["shrunk"]["fragment"]
            .as_str()
            .unwrap()
            .starts_with("v1.")
    );

    let id = failure["id"].as_str().unwrap();
    let file = PathBuf::from(&out).join(format!("shrunk-{id}.json"));
    let again = ["shrink", file.to_str().unwrap(), "--runs", "1"];
    let ran = quorate(&[&again[..], &mutant[..]].concat());
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stdout.contains("   1. "), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("open in the lab: #v1."),
        "{}",
        ran.stdout
    );

    // A folder is about one program.
    let other = refusal(&["fuzz", "--seeds", "0..1", "--out", &out]);
    assert!(other.contains("another folder"), "{other}");
}
