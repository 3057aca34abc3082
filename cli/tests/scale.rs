//! `quorate scale` from outside: the table, the JSON, and every kind of bad input.
#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

mod common;

use std::fs;

use common::{FLASH_DAY, file, json, quorate, refusal};

/// Three minutes, a hole of two, and a line that a logger cut.
const DIRTY: &str = "\
time,requests
1998-07-07 00:00:00,600
1998-07-07 00:01:00,660
1998-07-07 00:01:00,660
1998-07-07 00:0
1998-07-07 00:02:00,many
1998-07-07 00:05:00,6000
1998-07-07 00:06:00,600
";

const MANIFEST: &str = "\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, labels: {app: web}}
spec:
  scaleTargetRef: {kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: 60
  metrics:
  - type: Resource
    resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}
";

#[test]
fn policies_stand_side_by_side() {
    let ran = quorate(&["scale", FLASH_DAY]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert_eq!(
        lines[..5],
        [
            "load    flash_day.csv: 288 rows every 300 s from 2025-01-15T00:00:00, hash ecf2020311f276e4",
            "        0 gaps (0 rows missing), 0 early rows, 0 repeats, 0 absent, 0 bad rows skipped",
            "played  288 ticks of 300 s, spread none, gaps skip",
            "fleet   40 nodes at the peak, service level at 80 % use, 120 s to start a node, 1 to 100 nodes",
            "",
        ]
    );
    let first = |line: &str| line.split_whitespace().next().unwrap().to_owned();
    let names: Vec<_> = lines[5..].iter().map(|line| first(line)).collect();
    assert_eq!(names[..2], ["policy", "oracle"]);
    for name in ["threshold", "hpa", "quorate"] {
        assert!(names.contains(&name.to_owned()), "{names:?}");
    }
    let widths: Vec<_> = lines[5..].iter().map(|line| line.chars().count()).collect();
    assert!(
        widths.windows(2).all(|pair| pair[0] == pair[1]),
        "{widths:?}"
    );
}

#[test]
fn a_replay_repeats_itself_byte_for_byte() {
    let run = |seed| {
        let ran = quorate(&[
            "scale",
            FLASH_DAY,
            "--policy",
            "hpa",
            "--interval",
            "15s",
            "--interpolate",
            "poisson",
            "--seed",
            seed,
            "--json",
        ]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        ran.stdout
    };
    assert_eq!(run("7"), run("7"));
    assert_ne!(run("7"), run("8"));
    let value: serde_json::Value = serde_json::from_str(&run("7")).unwrap();
    assert_eq!(value["replay"]["ticks"], 288 * 20);
    assert_eq!(value["replay"]["seed"], 7);
    assert_eq!(value["policies"][0]["policy"]["strategy"]["kind"], "hpa");
}

/// The settings of the fleet are in what is printed, and change what comes out.
#[test]
fn the_fleet_is_what_was_asked_for() {
    let base = ["scale", FLASH_DAY, "--policy", "hpa", "--json"];
    let usual = json(&base);
    assert_eq!(usual["replay"]["peak_nodes"], 40);
    let other = json(
        &[
            &base[..],
            &[
                "--start-up",
                "0s",
                "--slo",
                "60",
                "--peak-nodes",
                "20",
                "--timing",
                "strict",
            ],
        ]
        .concat(),
    );
    assert_eq!(other["replay"]["start_up_s"], 0.0);
    assert_eq!(other["replay"]["slo_percent"], 60);
    assert_eq!(other["replay"]["timing"], "strict");
    let hours = |value: &serde_json::Value| value["oracle"]["node_hours"].as_f64().unwrap();
    assert!(hours(&other) < hours(&usual));
    let score = |value: &serde_json::Value| {
        value["policies"][0]["under_provisioned_min"]
            .as_f64()
            .unwrap()
    };
    assert!(score(&usual) > 0.0);
}

#[test]
fn bad_rows_end_the_run_or_are_reported() {
    let dirty = file("dirty.csv", DIRTY);
    let said = refusal(&["scale", &dirty]);
    assert!(
        said.ends_with("dirty.csv: line 5: 1 fields, the first line has 2"),
        "{said}"
    );
    let ran = quorate(&["scale", &dirty, "--keep-going", "--json", "--policy", "hpa"]);
    assert_eq!(ran.code, Some(0));
    assert_eq!(
        ran.stderr,
        "skipped: line 5: 1 fields, the first line has 2\n\
         skipped: line 6, column 2 (requests): `many` is not a number\n"
    );
    let value: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let trace = &value["trace"];
    assert_eq!(
        [
            &trace["rows"],
            &trace["skipped"],
            &trace["repeats"],
            &trace["gaps"],
            &trace["missing_rows"]
        ],
        [4, 2, 1, 1, 3]
    );
    assert_eq!(trace["first_skipped"].as_array().unwrap().len(), 2);
    assert_eq!(value["replay"]["ticks"], 4);
    let filled = json(&[
        "scale",
        &dirty,
        "--keep-going",
        "--gaps",
        "linear",
        "--json",
    ]);
    assert_eq!(filled["replay"]["ticks"], 7);
}

#[test]
fn prometheus_is_read() {
    let answer = r#"{"status": "success", "data": {"resultType": "matrix", "result": [
        {"metric": {"code": "200"}, "values": [[0, "10"], [15, "20"], [30, "30"]]},
        {"metric": {"code": "500"}, "values": [[0, "1"], [15, "NaN"], [30, "3"]]}]}}"#;
    let path = file("answer.json", answer);
    assert!(refusal(&["scale", &path]).contains("2 series fit"));
    assert!(refusal(&["scale", &path, "--series", "code"]).contains("expected LABEL=VALUE"));
    let one = json(&["scale", &path, "--series", "code=200", "--json"]);
    assert_eq!(one["trace"]["series"][0], "{code=\"200\"}");
    assert_eq!(one["trace"]["step_s"], 15.0);
    let sum = json(&["scale", &path, "--sum", "--json"]);
    assert_eq!(
        (&sum["trace"]["absent"], &sum["trace"]["partial"]),
        (&1.into(), &1.into())
    );
}

#[test]
fn a_manifest_or_a_file_is_a_policy() {
    let manifest = file("web.yaml", MANIFEST);
    let policy = r#"{"strategy": {"kind": "quorate", "cover": 2000},
        "guards": {"bounds": {"min_nodes": 3, "max_nodes": 50}}}"#;
    let safe = file("safe.json", policy);
    let ran = quorate(&[
        "scale", FLASH_DAY, "--policy", &manifest, "--policy", &safe, "--json",
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(
        ran.stderr,
        "note: web: metadata.labels: line 3: means nothing to a policy, not kept\n"
    );
    let value: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let [web, safe] = &value["policies"].as_array().unwrap()[..] else {
        panic!("{value}");
    };
    assert_eq!(
        (&web["name"], &web["strategy"]),
        (&"web".into(), &"hpa".into())
    );
    assert_eq!(web["policy"]["guards"]["bounds"]["max_nodes"], 60);
    assert_eq!(safe["policy"]["strategy"]["cover"], 2_000);
}

#[test]
fn settings_are_searched_for_a_front() {
    let csv = file("points.csv", "");
    let sweep = [
        "scale",
        FLASH_DAY,
        "--policy",
        "quorate",
        "--sweep",
        "/strategy/cover=500..1500/500",
        "--sweep",
        "/strategy/hysteresis=0,100",
        "--csv",
        &csv,
    ];
    let value = json(&[&sweep[..], &["--json"]].concat());
    let found = &value["sweep"];
    assert_eq!(found["paths"][0], "/strategy/cover");
    assert_eq!(
        found["points"].as_array().unwrap().len(),
        6,
        "the policy itself is one of the grid"
    );
    assert!(!found["front"].as_array().unwrap().is_empty());
    let lines = fs::read_to_string(&csv).unwrap();
    assert_eq!(lines.lines().count(), 7);
    assert!(
        lines.starts_with("point,front,front_with_flips,/strategy/cover,/strategy/hysteresis,")
    );
    let words = quorate(&[&sweep[..], &["--sweep-points", "3", "--sweep-train", "50"]].concat());
    assert_eq!(words.code, Some(0), "{}", words.stderr);
    assert!(words.stdout.contains("\nsweep   "), "{}", words.stdout);
    assert!(words.stdout.contains("(test)"), "{}", words.stdout);
    for options in [
        &["--sweep", "/strategy/no-such-setting=1"][..],
        &["--sweep", "cover=1"],
        &["--sweep-points", "3"],
        &["--csv", &csv],
    ] {
        refusal(&[&["scale", FLASH_DAY, "--policy", "quorate"], options].concat());
    }
}

#[test]
fn reports_are_files_of_their_own() {
    let (html, svg) = (file("report.html", ""), file("report.svg", ""));
    let run = [
        "scale", FLASH_DAY, "--policy", "hpa", "--html", &html, "--svg", &svg,
    ];
    let ran = quorate(&run);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let page = fs::read_to_string(&html).unwrap();
    assert!(page.starts_with("<!doctype html>") || page.starts_with("<!DOCTYPE html>"));
    assert!(
        page.contains("quorate scale") && page.contains("--policy hpa"),
        "the command that made it"
    );
    assert!(!page.contains("<script"));
    assert!(fs::read_to_string(&svg).unwrap().starts_with("<svg"));
    quorate(&run);
    assert_eq!(
        fs::read_to_string(&html).unwrap(),
        page,
        "equal data give equal bytes"
    );
    let nowhere = quorate(&[
        "scale",
        FLASH_DAY,
        "--policy",
        "hpa",
        "--svg",
        "/no/such/place.svg",
    ]);
    assert_eq!(nowhere.code, Some(2));
    assert!(nowhere.stderr.contains("place.svg"), "{}", nowhere.stderr);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let said = refusal(&["scale", FLASH_DAY, "--policy", "no-such-thing"]);
    assert!(
        said.contains("the strategies are quorate, threshold, hpa, "),
        "{said}"
    );
    let broken = file(
        "broken-policy.json",
        "{\"strategy\": {\"kind\": \"hpa\"},\n \"gards\": {}}",
    );
    let said = refusal(&["scale", FLASH_DAY, "--policy", &broken]);
    assert!(
        said.contains("broken-policy.json: line 2, column ") && said.contains("gards"),
        "{said}"
    );
    let bad = file(
        "bad.yaml",
        &MANIFEST.replace("maxReplicas: 60", "maxReplicas: 1"),
    );
    let said = refusal(&["scale", FLASH_DAY, "--policy", &bad]);
    assert!(
        said.contains("bad.yaml: line 7, column 16: spec.maxReplicas: `1` is not"),
        "{said}"
    );
    let said = refusal(&["scale", FLASH_DAY, "--interval", "60s"]);
    assert!(said.contains("say how the counts are spread"), "{said}");
    for options in [
        &["--interval", "7m", "--interpolate", "hold"][..],
        &["--interpolate", "spline"],
        &["--peak-nodes", "0"],
        &["--slo", "0"],
        &["--slo", "101"],
        &["--min-nodes", "0"],
        &["--min-nodes", "9", "--max-nodes", "3"],
        &["--start-up", "-5s"],
        &["--seed", "x"],
    ] {
        refusal(&[&["scale", FLASH_DAY], options].concat());
    }
    refusal(&["scale", "no-such-file.csv"]);
    refusal(&["scale"]);
}
