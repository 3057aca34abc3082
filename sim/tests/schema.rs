//! The JSON Schema of scenarios says the same as the program that reads them.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

use jsonschema::Validator;
use quorate_sim::{Scenario, presets};
use serde_json::{Value, json};

fn schema() -> Validator {
    let text = include_str!("../../docs/scenario.schema.json");
    let schema: Value = serde_json::from_str(text).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

/// A scenario with every section, and one action of every kind.
fn everything() -> Value {
    let scenario = presets::find("five-nodes").unwrap().scenario;
    let mut json: Value = serde_json::from_str(&scenario.to_json()).unwrap();
    json["actions"] = json!([
        {"at": 1, "do": "crash", "node": 1},
        {"at": 2, "do": "restart", "node": 1},
        {"at": 3, "do": "restart_empty", "node": 1},
        {"at": 4, "do": "pause", "node": 2},
        {"at": 5, "do": "resume", "node": 2},
        {"at": 6, "do": "isolate", "node": 3},
        {"at": 7, "do": "partition", "groups": [[1, 2, 3], [3, 4, 5]]},
        {"at": 8, "do": "cut", "a": 1, "b": 1001},
        {"at": 9, "do": "cut_one_way", "from": [1], "to": [2, 3]},
        {"at": 10, "do": "mend", "a": 1, "b": 2},
        {"at": 11, "do": "lossy", "a": 1, "b": 2, "permille": 300},
        {"at": 12, "do": "link", "from": 1, "to": 2, "latency_min": 1, "latency_max": 2,
         "tail_permille": 3, "tail_mean": 4, "loss_permille": 5, "duplicate_permille": 6,
         "overtake_permille": 7, "bytes_per_second": 8},
        {"at": 13, "do": "heal"},
        {"at": 14, "do": "disk", "node": 1, "sync_min": 1, "sync_max": 2, "torn_permille": 3,
         "lying_permille": 4},
        {"at": 15, "do": "mend_disk", "node": 1},
        {"at": 16, "do": "lose_disk", "node": 1},
        {"at": 17, "do": "drift", "node": 1, "ppm": -500},
        {"at": 18, "do": "jump", "node": 1, "by": -5_000_000},
        {"at": 19, "do": "campaign", "node": 1},
        {"at": 19, "do": "transfer", "node": 2},
        {"at": 20, "do": "put", "node": 1, "key": 1, "value": 2},
        {"at": 21, "do": "add", "node": 1, "element": "milk"},
        {"at": 22, "do": "remove", "node": 1, "element": "milk"},
        {"at": 23, "do": "prune", "node": 1}
    ]);
    json
}

fn assert_good(schema: &Validator, json: &Value, what: &str) {
    let errors: Vec<String> = schema.iter_errors(json).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{what}: {errors:?}");
    Scenario::parse(&json.to_string()).unwrap_or_else(|error| panic!("{what}: {error}"));
}

#[test]
fn every_preset_fits_the_schema() {
    let schema = schema();
    for preset in presets::all() {
        let json = serde_json::from_str(&preset.scenario.to_json()).unwrap();
        assert_good(&schema, &json, preset.slug);
    }
    assert_good(&schema, &everything(), "everything");
}

/// Every strategy with all its settings, as the program writes them.
#[test]
fn every_strategy_fits_the_schema() {
    let schema = schema();
    let strategies = [
        json!({"kind": "quorate"}),
        json!({"kind": "threshold"}),
        json!({"kind": "hpa"}),
        json!({"kind": "hpa", "behavior": {"scale_down": {"select_policy": "min", "policies": [
            {"kind": "percent", "value": 10, "period_micros": 60_000_000}]}}}),
        json!({"kind": "kpa"}),
        json!({"kind": "nomad"}),
        json!({"kind": "nomad", "checks": [{"signal": {"node": "rps"}, "strategy":
            {"threshold": {"upper_bound": 0.5, "change": {"delta": -1}}}}]}),
        json!({"kind": "wpa"}),
        json!({"kind": "step_scaling"}),
    ];
    for strategy in strategies {
        let mut json = everything();
        json["autoscale"]["strategy"] = strategy.clone();
        let what = strategy.to_string();
        assert_good(&schema, &json, &what);
        // With everything that was left out.
        let scenario = Scenario::parse(&json.to_string()).unwrap();
        let whole = serde_json::from_str(&scenario.to_json()).unwrap();
        assert_good(&schema, &whole, &what);
    }
}

#[test]
fn every_guard_fits_the_schema() {
    let mut json = everything();
    json["autoscale"]["guards"] = json!({
        "bounds": {"min_nodes": 5, "max_nodes": 9},
        "change_budget": [{"window_micros": 60_000_000, "added": {"nodes": 3}}],
        "cost": {"price_per_node_hour": 100, "per_hour": 10_000},
        "freeze": [{"schedule": {"daily": {"from_micros": 0, "to_micros": 1_000}},
                    "direction": "removals"}],
        "ready_share": {"permille": 500},
        "distrust": {"min_fresh_permille": 500, "disagreements": [
            {"sum_of": {"resource": "cpu"}, "against": "load", "permille": 100}]},
        "flaps": {"max_flaps": 2},
        "utc_at_zero_micros": 7
    });
    assert_good(&schema(), &json, "guards");
}

/// What the schema refuses is refused by the program, and the other way round: except for what a
/// schema cannot say, such as the order of actions.
#[test]
fn bad_files_are_refused_by_both() {
    let schema = schema();
    let bad: [(&str, Value); 32] = [
        ("/version", json!(1)),
        ("/version", Value::Null),
        ("/sede", json!(1)),
        ("/seed", json!(-1)),
        ("/seed", json!(1.5)),
        ("/until", json!("60s")),
        ("/voters", json!(2)),
        ("/voters", json!(10)),
        ("/raft/heartbeat_interval", json!(0)),
        ("/raft/max_entries_per_append", json!(0)),
        ("/raft/reads", json!("stale")),
        ("/raft/pre_vote", json!(true)),
        ("/network/loss_permille", json!(1_001)),
        ("/network/overtake_permille", json!(1_001)),
        ("/network/tail_mean", json!(3_600_000_001_u64)),
        ("/disk/lying_permille", json!(1_001)),
        ("/disk/fsync", json!(1)),
        ("/clocks/max_drift_ppm", json!(500_000)),
        ("/faults/crash_interval", json!(999)),
        ("/faults/jump_max", json!(3_600_000_001_u64)),
        ("/sets/sync_interval", json!(0)),
        ("/workload/elements", json!(0)),
        ("/service/capacity_per_node", json!(0)),
        ("/load", json!({"kind": "storm"})),
        ("/load", json!({"kind": "constant"})),
        (
            "/load",
            json!({"kind": "constant", "requests_per_second": 1, "rate": 1}),
        ),
        ("/autoscale/strategy/kind", json!("none")),
        ("/autoscale/guards/bounds/max_nodes", json!(101)),
        ("/autoscale/guards/flap", json!(1)),
        ("/actions", json!([{"at": 1, "do": "explode", "node": 1}])),
        (
            "/actions",
            json!([{"at": 1, "do": "crash", "node": 1, "x": 1}]),
        ),
        ("/actions", json!([{"do": "heal"}])),
    ];
    for (path, value) in bad {
        let mut json = everything();
        let (parent, field) = path.rsplit_once('/').unwrap();
        json.pointer_mut(parent).unwrap()[field] = value.clone();
        assert!(!schema.is_valid(&json), "the schema takes {path} = {value}");
        let read = Scenario::parse(&json.to_string());
        assert!(read.is_err(), "the program takes {path} = {value}");
    }
}

#[test]
fn bad_actions_are_refused_by_both() {
    let schema = schema();
    let bad = [
        json!({"at": 1, "do": "crash", "node": 0}),
        json!({"at": 1, "do": "crash"}),
        json!({"at": -1, "do": "heal"}),
        json!({"at": 1, "do": "cut", "a": 1, "b": 2_001}),
        json!({"at": 1, "do": "lossy", "a": 1, "b": 2, "permille": 1_001}),
        json!({"at": 1, "do": "link", "from": 1, "to": 2, "loss": 1}),
        json!({"at": 1, "do": "drift", "node": 1, "ppm": 500_000}),
        json!({"at": 1, "do": "jump", "node": 1, "by": 1.5}),
        json!({"at": 1, "do": "add", "node": 1, "element": ""}),
        json!({"at": 1, "do": "partition", "groups": [1, 2]}),
        json!({"at": 1, "do": "heal", "node": 1}),
    ];
    for action in bad {
        let mut json = everything();
        json["actions"] = json!([action]);
        assert!(!schema.is_valid(&json), "the schema takes {action}");
        let read = Scenario::parse(&json.to_string());
        assert!(read.is_err(), "the program takes {action}");
    }
}

/// The defaults that the schema names are those of the program.
#[test]
fn the_defaults_are_the_programs() {
    let text = include_str!("../../docs/scenario.schema.json");
    let schema: Value = serde_json::from_str(text).unwrap();
    let least = json!({
        "version": 2, "name": "", "seed": 1, "until": 1, "voters": 3,
        "load": {"kind": "constant", "requests_per_second": 1},
        "autoscale": {"strategy": {"kind": "threshold"}, "guards": {"bounds": {"min_nodes": 3}}}
    });
    let scenario = Scenario::parse(&least.to_string()).unwrap();
    let whole: Value = serde_json::from_str(&scenario.to_json()).unwrap();
    let mut compared = 0;
    for section in [
        "raft", "network", "disk", "clocks", "faults", "sets", "workload", "service",
    ] {
        let fields = &schema["properties"][section]["properties"];
        for (name, field) in fields.as_object().unwrap() {
            if let Some(default) = field.get("default") {
                assert_eq!(&whole[section][name], default, "{section}.{name}");
                compared += 1;
            }
            assert!(
                whole[section].get(name).is_some(),
                "there is no {section}.{name}"
            );
        }
        let named = fields.as_object().unwrap().len();
        assert_eq!(
            whole[section].as_object().unwrap().len(),
            named,
            "{section}"
        );
    }
    assert!(compared > 30, "{compared} defaults compared");
}
