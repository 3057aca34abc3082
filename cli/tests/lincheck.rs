//! `quorate lincheck` from outside: verdicts, exit codes, JSON, and histories with a hole.
#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

mod common;

use common::{file, json, quorate, quorate_with, refusal};

const GOOD: &str = r#"{"client":1,"type":"invoke","op":"write","key":"x","value":1}
{"client":2,"type":"invoke","op":"read","key":"x"}
{"client":2,"type":"ok","value":null}
{"client":1,"type":"ok"}
"#;

const BAD: &str = "INFO  jepsen.util - 0\t:invoke\t:write\t4
INFO  jepsen.util - 0\t:ok\t:write\t4
INFO  jepsen.util - 1\t:invoke\t:read\tnil
INFO  jepsen.util - 1\t:ok\t:read\t3
";

#[test]
fn a_linearizable_history_is_said_to_be_one() {
    let path = file("good.jsonl", GOOD);
    let ran = quorate(&["lincheck", &path]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(
        ran.stdout,
        "linearizable\n2 operations on 1 keys, 0 of them of unknown outcome; 1 steps\n"
    );
    let report = json(&["lincheck", &path, "--json"]);
    assert_eq!(report["verdict"], "linearizable");
    assert_eq!(report["format"], "jsonl");
    assert_eq!(report["operations"], 2);
}

#[test]
fn a_history_without_an_order_is_shown_where_it_breaks() {
    let ran = quorate_with(&["lincheck", "-"], BAD);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let words = ran.stdout;
    let first = "not linearizable\nline 4: client 1 read 3, but register could only be 4\n";
    assert!(words.starts_with(first), "{words}");

    let ran = quorate_with(&["lincheck", "-", "--json"], BAD);
    assert_eq!(ran.code, Some(1));
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["verdict"], "not_linearizable");
    assert_eq!(report["format"], "jepsen");
    let witness = &report["witness"];
    assert_eq!(witness["line"], 4);
    assert_eq!(witness["possible"], serde_json::json!(["4"]));
    assert_eq!(witness["impossible"]["client"], 1);
    assert_eq!(witness["window"].as_array().unwrap().len(), 1);
}

#[test]
fn a_history_with_a_hole_is_refused_with_its_line() {
    let hole = file("hole.jsonl", "{\"client\":7,\"type\":\"ok\"}\n");
    assert_eq!(
        refusal(&["lincheck", &hole]),
        format!(
            "error: {hole}: line 1: client 7 gets an answer and has nothing open: a call is missing"
        )
    );
    let cut = file("cut.jsonl", &GOOD[..GOOD.len() - 5]);
    assert!(refusal(&["lincheck", &cut]).ends_with("line 4: the line is cut off"));
    let empty = file("empty.jsonl", "\n\n");
    assert!(refusal(&["lincheck", &empty]).ends_with("there is no event in this history"));
}

#[test]
fn a_format_can_be_named_and_must_be_the_right_one() {
    let path = file("named.jsonl", GOOD);
    assert_eq!(
        quorate(&["lincheck", &path, "--format", "jsonl"]).code,
        Some(0)
    );
    assert!(refusal(&["lincheck", &path, "--format", "kv"]).contains("line 1: "));
    assert!(refusal(&["lincheck", &path, "--format", "edn"]).contains("jsonl, jepsen, kv"));
    assert!(refusal(&["lincheck", "no such file"]).contains("no such file"));
}

#[test]
fn too_small_a_budget_decides_nothing() {
    let ran = quorate_with(&["lincheck", "-", "--steps", "1"], BAD);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stdout.starts_with("undecided: 1 steps"),
        "{}",
        ran.stdout
    );
}
