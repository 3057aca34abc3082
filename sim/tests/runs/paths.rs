//! Errors of scenario files name the field, however deep it lies.

use quorate_sim::{Scenario, presets};
use serde_json::{Value, json};

fn refused(edit: impl FnOnce(&mut Value)) -> String {
    let scenario = presets::find("three-carts").unwrap().scenario;
    let mut json: Value = serde_json::from_str(&scenario.to_json()).unwrap();
    edit(&mut json);
    Scenario::parse(&json.to_string()).unwrap_err().to_string()
}

fn action(action: &Value) -> String {
    refused(|s| s["actions"] = json!([{"at": 1, "do": "heal"}, action]))
}

#[test]
fn every_setting_is_checked_and_named() {
    let share = "must be at most 1000";
    let cases = [
        ("network", "tail_permille", 1_001_u64, share),
        ("network", "duplicate_permille", 1_001, share),
        ("network", "overtake_permille", 1_001, share),
        ("network", "latency_max", 1, "must be at least latency_min"),
        (
            "network",
            "tail_mean",
            4_000_000_000_u64,
            "must be at most an hour",
        ),
        ("disk", "torn_permille", 1_001, share),
        ("disk", "lying_permille", 1_001, share),
        ("disk", "sync_max", 1, "must be at least sync_min"),
        ("clocks", "max_drift_ppm", 500_000, "must be below 500000"),
        ("clocks", "bound_ppm", 500_000, "must be below 500000"),
        (
            "faults",
            "crash_interval",
            1,
            "must be zero, or at least 1000",
        ),
        (
            "faults",
            "pause_time",
            4_000_000_000_u64,
            "must be at most an hour",
        ),
        (
            "faults",
            "jump_max",
            4_000_000_000_u64,
            "must be at most an hour",
        ),
    ];
    for (section, field, value, expected) in cases {
        let said = refused(|s| s[section][field] = value.into());
        assert_eq!(said, format!("{section}.{field}: {expected}"));
    }
}

#[test]
fn wrong_types_and_unknown_fields_are_named_with_their_path() {
    let starts = |said: String, path: &str| {
        assert!(
            said.starts_with(&format!("{path}: ")),
            "{said}, not at {path}"
        );
    };
    starts(refused(|s| s["voters"] = "five".into()), "voters");
    starts(refused(|s| s["seed"] = (-1).into()), "seed");
    starts(refused(|s| s["sede"] = 1.into()), "sede");
    starts(refused(|s| s["disk"]["torn"] = 1.into()), "disk.torn");
    starts(
        refused(|s| s["raft"]["reads"] = "leaze".into()),
        "raft.reads",
    );
    starts(
        refused(|s| s["sets"]["prune"]["age"] = 1.into()),
        "sets.prune.age",
    );
    starts(refused(|s| s["load"]["kind"] = "storm".into()), "load.kind");
    starts(
        refused(|s| s["load"]["requests_per_second"] = (-1).into()),
        "load.requests_per_second",
    );
    starts(refused(|s| s["load"]["rate"] = 1.into()), "load.rate");
    starts(refused(|s| s["load"] = 1.into()), "load");
    starts(
        refused(|s| s["autoscale"]["guards"]["bounds"]["most"] = 1.into()),
        "autoscale.guards.bounds.most",
    );
    starts(refused(|s| s["actions"] = 1.into()), "actions");
}

#[test]
fn actions_are_named_with_their_place_and_field() {
    let cases = [
        (
            json!({"at": 2, "do": "crash"}),
            "actions[1]: missing field `node`",
        ),
        (
            json!({"at": 2, "do": "explode"}),
            "actions[1].do: unknown variant `explode`",
        ),
        (
            json!({"at": 2, "node": 1}),
            "actions[1]: missing field `do`",
        ),
        (json!({"do": "heal"}), "actions[1]: missing field `at`"),
        (
            json!({"at": -2, "do": "heal"}),
            "actions[1].at: invalid value",
        ),
        (
            json!({"at": 2, "do": 7}),
            "actions[1].do: expected a string",
        ),
        (json!(7), "actions[1]: expected an object"),
        (
            json!({"at": 2, "do": "heal", "node": 1}),
            "actions[1].node: unknown field `node`",
        ),
        (
            json!({"at": 2, "do": "crash", "node": "n1"}),
            "actions[1].node: invalid type",
        ),
        (
            json!({"at": 2, "do": "crash", "node": 1, "x": 1}),
            "actions[1].x: unknown field `x`",
        ),
        (
            json!({"at": 2, "do": "partition", "groups": [[1], ["b"]]}),
            "actions[1].groups[1][0]: invalid type",
        ),
        (
            json!({"at": 2, "do": "cut_one_way", "from": [1], "to": [9]}),
            "actions[1].to[0]: there is no n9",
        ),
        (
            json!({"at": 2, "do": "link", "from": 1, "to": 2, "loss_permille": 1_001}),
            "actions[1].loss_permille: must be at most 1000",
        ),
        (
            json!({"at": 2, "do": "link", "from": 1, "to": 2, "latency_min": 9, "latency_max": 8}),
            "actions[1].latency_max: must be at least latency_min",
        ),
        (
            json!({"at": 2, "do": "cut", "a": 1, "b": 3_000}),
            "actions[1].b: there is no n3000",
        ),
        (
            json!({"at": 2, "do": "disk", "node": 1, "torn_permille": 1_001}),
            "actions[1].torn_permille: must be at most 1000",
        ),
        (
            json!({"at": 2, "do": "drift", "node": 1, "ppm": 500_000}),
            "actions[1].ppm: must be from -499999 to 499999",
        ),
        (
            json!({"at": 2, "do": "jump", "node": 1, "by": i64::MIN}),
            "actions[1].by: must be at most a year",
        ),
    ];
    for (bad, expected) in cases {
        let said = action(&bad);
        assert!(said.starts_with(expected), "{bad}: {said}");
    }
}

/// Clients are ends of links as nodes are.
#[test]
fn a_link_to_a_client_can_be_cut() {
    let scenario = presets::find("three-carts").unwrap().scenario;
    let mut json: Value = serde_json::from_str(&scenario.to_json()).unwrap();
    json["actions"] = json!([
        {"at": 2, "do": "cut", "a": 1, "b": 1_001},
        {"at": 3, "do": "link", "from": 1_001, "to": 2, "loss_permille": 500}
    ]);
    Scenario::parse(&json.to_string()).unwrap();
}

/// A field that is named twice is neither of the two.
#[test]
fn a_repeated_field_is_refused_with_its_line() {
    let json = "{\n  \"version\": 2,\n  \"seed\": 1,\n  \"seed\": 2\n}";
    let said = Scenario::parse(json).unwrap_err().to_string();
    assert!(said.starts_with("line 4, column "), "{said}");
    assert!(said.ends_with("field `seed` is named twice"), "{said}");
}
