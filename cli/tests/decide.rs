//! `quorate decide` from outside: a pipe that answers line by line.
#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use common::{file, quorate_with, refusal};
use serde_json::Value;

/// A fleet of one busy node, `seconds` after the start.
fn busy(seconds: u64) -> String {
    format!(
        "{{\"at_micros\": {}, \"nodes\": [{{\"node\": 1, \"state\": \"ready\", \"cpu\": {{\"fresh\": 910}}}}]}}\n",
        seconds * 1_000_000
    )
}

const EXECUTED: &str = "{\"executed\": {\"from\": 1, \"to\": 2, \"at_micros\": 1000000}}\n";

fn decisions(stdout: &str) -> Vec<Value> {
    stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn every_observation_is_answered() {
    let input = [&busy(1), "\n", &busy(2), EXECUTED, &busy(3), &busy(61)].concat();
    let ran = quorate_with(&["decide", "--policy", "threshold"], &input);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let decisions = decisions(&ran.stdout);
    let actions: Vec<_> = decisions
        .iter()
        .map(|each| each["action"].as_str().unwrap())
        .collect();
    // Nothing happens by being decided: only what was carried out starts a cooldown.
    assert_eq!(actions, ["out", "out", "none", "out"]);
    assert_eq!(decisions[2]["at_micros"], 3_000_000);
    assert_eq!(decisions[0]["target"], 2);
}

#[test]
fn a_decision_is_explained_in_words() {
    let ran = quorate_with(&["decide", "--policy", "threshold", "--explain"], &busy(1));
    assert_eq!(ran.code, Some(0));
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert!(
        lines[0].starts_with("1.000 s: 1 -> 2 nodes: cpu 91.0 % >= 80.0 %"),
        "{lines:?}"
    );
    assert_eq!(
        lines.iter().filter(|line| line.starts_with("  > ")).count(),
        1,
        "{lines:?}"
    );
    assert!(lines.last().unwrap().contains("80.0 %"), "{lines:?}");
}

#[test]
fn a_bad_line_is_named_and_ends_the_run_or_not() {
    let input = [
        &busy(1),
        "{\"at_micros\": 5, \"nodes\": [{\"node\": 1}]}\n",
        &busy(2),
    ]
    .concat();
    let ran = quorate_with(&["decide", "--policy", "threshold"], &input);
    assert_eq!(ran.code, Some(2));
    assert_eq!(
        ran.stdout.lines().count(),
        1,
        "what came before was answered"
    );
    assert!(
        ran.stderr.starts_with("error: line 2: column "),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("missing field `state`"),
        "{}",
        ran.stderr
    );
    let going = quorate_with(&["decide", "--policy", "threshold", "--keep-going"], &input);
    assert_eq!(going.code, Some(0));
    assert_eq!(going.stdout.lines().count(), 2);
    assert!(
        going.stderr.starts_with("skipped: line 2: column "),
        "{}",
        going.stderr
    );
}

#[test]
fn every_kind_of_bad_line_is_refused() {
    let twice = "{\"at_micros\": 1, \"nodes\": [{\"node\": 1, \"state\": \"ready\"}, {\"node\": 1, \"state\": \"ready\"}]}";
    for (line, what) in [
        ("nonsense", "expected"),
        (
            "{}",
            "expected either `at_micros` and `nodes`, or `executed` alone",
        ),
        ("{\"at_micros\": 1}", "expected either"),
        (
            "{\"at_micros\": -1, \"nodes\": []}",
            "column 16: invalid value: integer `-1`",
        ),
        (
            "{\"at_micros\": 1, \"nodes\": [], \"weather\": 1}",
            "unknown field `weather`",
        ),
        (
            "{\"at_micros\": 1, \"nodes\": [], \"executed\": {\"from\": 1, \"to\": 2, \"at_micros\": 1}}",
            "expected either",
        ),
        (
            "{\"at_micros\": 1, \"nodes\": [], \"metrics\": {\"a b\": \"absent\"}}",
            "`a b`",
        ),
        (twice, "node n1 appears twice"),
    ] {
        let ran = quorate_with(&["decide", "--policy", "threshold"], line);
        assert_eq!(ran.code, Some(2), "{line}");
        assert_eq!(ran.stdout, "");
        assert!(
            ran.stderr.starts_with("error: line 1: ") && ran.stderr.contains(what),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn what_it_remembers_outlives_it() {
    let path = file("memory.json", "");
    std::fs::remove_file(&path).unwrap();
    let run = ["decide", "--policy", "threshold", "--state", &path];
    let first = quorate_with(&run, &[&busy(1), EXECUTED].concat());
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    assert!(Path::new(&path).exists());
    let second = quorate_with(&run, &busy(2));
    assert_eq!(decisions(&second.stdout)[0]["action"], "none");
    let broken = file("broken-memory.json", "{\"last_action\": 5}");
    let said = refusal(&["decide", "--policy", "threshold", "--state", &broken]);
    assert!(
        said.contains("broken-memory.json: line 1, column "),
        "{said}"
    );
    assert_eq!(
        std::fs::read_to_string(&broken).unwrap(),
        "{\"last_action\": 5}"
    );
}

/// Somebody who waits for the answer before asking again must get it.
#[test]
fn answers_do_not_wait_for_the_end_of_the_input() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_quorate"))
        .args(["decide", "--policy", "threshold"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for second in 1..=3 {
        stdin.write_all(busy(second).as_bytes()).unwrap();
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert_eq!(decisions(&line)[0]["at_micros"], second * 1_000_000);
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_policy_must_be_named() {
    refusal(&["decide"]);
    assert!(refusal(&["decide", "--policy", "none"]).contains("no strategy of that name"));
}
