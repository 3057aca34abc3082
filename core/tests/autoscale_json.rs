//! The autoscaler's types as JSON: what a scenario may say, and what a program can read.
#![cfg(feature = "serde")]

use std::collections::BTreeMap;

use quorate::autoscale::{
    Guards, Metric, MetricName, NodeSample, NodeState, Observation, Policy, State, Strategy,
    Threshold, ThresholdSettings, decide,
};
use quorate::{Micros, NodeId};
use serde_json::{from_str, from_value, json, to_value};

#[test]
fn a_policy_needs_only_what_differs_from_the_default() {
    let policy: Policy = from_str(
        r#"{ "strategy": { "kind": "threshold", "cpu_up": 700 },
             "guards": { "bounds": { "min_nodes": 5, "max_nodes": 9 } } }"#,
    )
    .unwrap();
    let Strategy::Threshold(threshold) = policy.strategy() else {
        panic!("the kind is threshold")
    };
    let defaults = ThresholdSettings::default();
    assert_eq!(threshold.settings().cpu_up, 700);
    assert_eq!(threshold.settings().cooldown, defaults.cooldown);
    assert_eq!(policy.bounds().min_nodes(), 5);
    assert_eq!(
        from_str::<Policy>(r#"{ "strategy": { "kind": "quorate" } }"#).unwrap(),
        Policy::default()
    );
}

#[test]
fn what_makes_no_sense_is_refused_at_the_door() {
    let refusals = [
        (
            r#"{ "strategy": { "kind": "threshold", "cpu_up": 300 } }"#,
            "cpu_down (30.0 %) must be below cpu_up",
        ),
        (
            r#"{ "strategy": { "kind": "threshold", "cooldown": 60 } }"#,
            "unknown field `cooldown`",
        ),
        (
            r#"{ "strategy": { "kind": "treshold" } }"#,
            "unknown variant `treshold`",
        ),
        (
            r#"{ "strategy": { "kind": "threshold" },
                 "guards": { "bounds": { "min_nodes": 9, "max_nodes": 5 } } }"#,
            "min_nodes 9 is larger than max_nodes 5",
        ),
        (
            r#"{ "strategy": { "kind": "threshold" }, "evaluation_interval_micros": 0 }"#,
            "evaluation_interval_micros must not be 0",
        ),
        (r#"{ "guards": {} }"#, "missing field `strategy`"),
    ];
    for (text, reason) in refusals {
        let error = from_str::<Policy>(text).unwrap_err().to_string();
        assert!(error.contains(reason), "{text}: {error}");
    }
    let twice =
        json!({ "nodes": [{ "node": 1, "state": "ready" }, { "node": 1, "state": "starting" }] });
    let error = from_value::<Observation>(twice).unwrap_err().to_string();
    assert!(error.contains("n1 appears twice"), "{error}");
}

#[test]
fn everything_survives_the_way_there_and_back() {
    let threshold = Threshold::new(ThresholdSettings {
        cooldown: Micros(1_500),
        ..Default::default()
    });
    let strategy = Strategy::Threshold(threshold.unwrap());
    let policy = Policy::new(strategy, Guards::default()).unwrap();
    assert_eq!(
        from_value::<Policy>(to_value(&policy).unwrap()).unwrap(),
        policy
    );

    let name = |name| MetricName::new(name).unwrap();
    let nodes = vec![
        NodeSample {
            sampled_at: Some(Micros(8)),
            custom: BTreeMap::from([(name("connections"), Metric::Fresh(12_000))]),
            cpu: Metric::Fresh(910),
            memory: Metric::Stale {
                value: 300,
                age: Micros(7),
            },
            ..NodeSample::unmeasured(NodeId(3), NodeState::Ready)
        },
        NodeSample::unmeasured(NodeId(4), NodeState::Starting),
    ];
    let metrics = BTreeMap::from([(name("served"), Metric::Fresh(6_000))]);
    let observation = Observation::with_metrics(nodes, metrics).unwrap();
    let value = to_value(&observation).unwrap();
    assert_eq!(value["nodes"][0]["cpu"], json!({ "fresh": 910 }));
    assert_eq!(value["nodes"][0]["queue"], json!("absent"));
    assert_eq!(value["metrics"], json!({ "served": { "fresh": 6000 } }));
    assert_eq!(from_value::<Observation>(value).unwrap(), observation);

    let mut state = State::new();
    let decision = decide(&policy, &mut state, &observation, Micros::from_secs(9));
    let value = to_value(&decision).unwrap();
    assert_eq!(value["action"], json!("out"));
    assert_eq!(
        value["binding"],
        json!({ "strategy": { "threshold": { "up_threshold": "cpu" } } })
    );
    assert_eq!(
        from_value::<quorate::autoscale::Decision>(value).unwrap(),
        decision
    );
    assert_eq!(
        from_value::<State>(to_value(&state).unwrap()).unwrap(),
        state
    );
}
