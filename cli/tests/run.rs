//! The command line from outside: exit codes, words, JSON, and bad input.
#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

mod common;

use std::fs;

use common::{FLASH_DAY, file, json, quorate, refusal};

#[test]
fn a_run_is_summed_up_and_repeats_itself() {
    let run = [
        "run",
        "bad-network",
        "--until",
        "20s",
        "--seed",
        "7",
        "--json",
    ];
    let (first, second) = (json(&run), json(&run));
    assert_eq!(first["digest"], second["digest"]);
    assert_eq!(first["seed"], 7);
    assert_eq!(first["simulated_s"], 20.0);
    assert!(first["events"].as_u64().unwrap() > 1_000);
    assert_eq!(first["invariants"].as_array().unwrap().len(), 44);
    assert_eq!(first["verdict"]["kind"], "clean");
    let other = json(&[
        "run",
        "bad-network",
        "--until",
        "20s",
        "--seed",
        "8",
        "--json",
    ]);
    assert_ne!(first["digest"], other["digest"]);
}

#[test]
fn a_run_is_told_in_words() {
    let ran = quorate(&["run", "leader-cut-off", "--until", "10s"]);
    assert_eq!(ran.code, Some(0));
    let words = ran.stdout;
    assert!(
        words.contains("Leader cut off from its quorum, seed 42"),
        "{words}"
    );
    assert!(words.contains("holds    Election Safety"), "{words}");
}

#[test]
fn a_trace_drives_the_fleet() {
    let run = [
        "run",
        "flash-crowd",
        "--load",
        FLASH_DAY,
        "--load-speed",
        "600",
        "--json",
    ];
    let summary = json(&run);
    assert_eq!(summary["trace"]["rows"], 288);
    assert_eq!(summary["trace"]["name"], "flash_day.csv");
    let from = ["--load-from", "2031-01-01"];
    let elsewhere = refusal(&[&run[..], &from[..]].concat());
    assert!(elsewhere.contains("2031-01-01"), "{elsewhere}");
}

#[test]
fn a_scenario_file_is_run_and_a_broken_one_is_refused_with_its_place() {
    let preset = quorate_sim::presets::find("three-carts").unwrap();
    let path = file("three-carts.json", &preset.scenario.to_json());
    let summary = json(&["run", &path, "--json"]);
    assert_eq!(summary["scenario"], "A partition and three carts");
    let broken = preset
        .scenario
        .to_json()
        .replace("\"voters\": 3", "\"voters\": \"three\"");
    let said = refusal(&["run", &file("broken.json", &broken)]);
    assert!(said.contains("broken.json: voters: invalid type"), "{said}");
    let cut = &preset.scenario.to_json()[..40];
    let said = refusal(&["run", &file("cut.json", cut)]);
    assert!(said.contains("cut.json: line "), "{said}");
}

/// A loss that the scenario's own faults explain is told as one, and is no failure.
#[test]
fn an_expected_loss_is_named_with_its_reason() {
    let mut scenario = quorate_sim::presets::find("leader-cut-off")
        .unwrap()
        .scenario;
    scenario.actions.clear();
    scenario.disk.lying_permille = 1_000;
    scenario.faults.crash_interval = quorate::Micros::from_secs(1);
    scenario.faults.crash_time = quorate::Micros::from_secs(2);
    let path = file("lying.json", &scenario.to_json());
    let ran = quorate(&["run", &path]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let verdict = (ran.stdout.lines()).find(|line| line.starts_with("verdict"));
    let verdict = verdict.unwrap();
    assert!(verdict.contains("expected loss: "), "{verdict}");
    assert!(
        verdict.contains("; because the assumption that what a disk reports as synced"),
        "{verdict}"
    );
    let summary = json(&["run", &path, "--json"]);
    assert_eq!(summary["verdict"]["kind"], "expected_loss");
    assert!(summary["verdict"]["node"].is_u64());
}

#[test]
fn bad_traces_are_refused_with_line_and_column() {
    let bad = file(
        "bad.csv",
        "period,count\n1998-07-07 00:00:00,5\n1998-07-07 00:01:00,many\n",
    );
    let said = refusal(&["run", "long-day", "--load", &bad]);
    assert!(
        said.contains("bad.csv") && said.contains("line 3") && said.contains("count"),
        "{said}"
    );
    let said = refusal(&["run", "long-day", "--load", &file("empty.csv", "")]);
    assert!(said.contains("empty.csv"), "{said}");
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let unknown = refusal(&["run", "no-such-thing"]);
    assert!(
        unknown.contains("`quorate scenarios` lists them"),
        "{unknown}"
    );
    for arguments in [
        &["run", "five-nodes", "--until", "soon"][..],
        &["run", "five-nodes", "--until", "0s"],
        &["run", "five-nodes", "--seed", "-1"],
        &["run", "five-nodes", "--load-from", "1998-07-07"],
        &[
            "run",
            "five-nodes",
            "--load",
            FLASH_DAY,
            "--load-speed",
            "0",
        ],
        &["run", "five-nodes", "--load", "no-such-file.csv"],
        &["run"],
        &["walk"],
    ] {
        refusal(arguments);
    }
}

/// A scenario that was recorded with a trace runs with that trace and with no other.
#[test]
fn a_recorded_scenario_asks_for_its_trace() {
    let mut scenario = quorate_sim::presets::find("flash-crowd").unwrap().scenario;
    let trace = quorate_sim::load::Trace::parse("flash_day.csv", &fs::read(FLASH_DAY).unwrap());
    let spec = quorate_sim::load::TraceSpec::of(&trace.unwrap());
    scenario.load = quorate_sim::load::LoadSpec::Trace(spec);
    let path = file("recorded.json", &scenario.to_json());
    assert!(refusal(&["run", &path]).contains("give it with --load"));
    assert!(json(&["run", &path, "--load", FLASH_DAY, "--json"])["trace"].is_object());
    let other = file(
        "other.csv",
        "period,count\n1998-07-07 00:00:00,5\n1998-07-07 00:01:00,6\n",
    );
    assert!(refusal(&["run", &path, "--load", &other]).contains("flash_day.csv"));
}
