//! Bad input at every door of the simulator: an error that says what and where, nothing changed.

use quorate::{Micros, NodeId};
use quorate_sim::{
    Action, ActionError, FragmentError, Lab, Recording, Scenario, ScenarioError, World, presets,
};

fn refused(edit: impl FnOnce(&mut serde_json::Value)) -> String {
    let scenario = presets::find("five-nodes").unwrap().scenario;
    let mut json: serde_json::Value = serde_json::from_str(&scenario.to_json()).unwrap();
    edit(&mut json);
    Scenario::parse(&json.to_string()).unwrap_err().to_string()
}

#[test]
fn a_scenario_survives_a_round_trip() {
    for preset in presets::all() {
        assert_eq!(
            Scenario::parse(&preset.scenario.to_json()),
            Ok(preset.scenario.clone())
        );
        assert_eq!(
            Scenario::from_fragment(&preset.scenario.to_fragment()),
            Ok(preset.scenario)
        );
    }
}

#[test]
fn settings_that_make_no_sense_are_named() {
    assert_eq!(
        refused(|s| s["voters"] = 2.into()),
        "voters: must be from 3 to 9"
    );
    assert_eq!(
        refused(|s| s["version"] = 7.into()),
        "version: the scenario is of version 7; this program reads version 2"
    );
    let old = refused(|s| s["version"] = 1.into());
    assert!(
        old.starts_with("version: the scenario is of the old version 1"),
        "{old}"
    );
    let heartbeat = refused(|s| s["raft"]["heartbeat_interval"] = 0.into());
    assert_eq!(
        heartbeat,
        "raft.heartbeat_interval: must be above zero and below the election timeout"
    );
    let loss = refused(|s| s["network"]["loss_permille"] = 1_001.into());
    assert_eq!(loss, "network.loss_permille: must be at most 1000");
    let misspelled = refused(|s| s["network"]["los_permille"] = 1.into());
    assert!(
        misspelled.starts_with("network.los_permille: unknown field `los_permille`"),
        "{misspelled}"
    );
    let huge = refused(|s| s["autoscale"]["guards"]["bounds"]["max_nodes"] = 5_000.into());
    assert_eq!(
        huge,
        "autoscale.guards.bounds.max_nodes: must be at most 100"
    );
}

#[test]
fn impossible_actions_are_refused_with_their_place() {
    let action = |do_: serde_json::Value| refused(|s| s["actions"] = serde_json::json!([do_]));
    let stranger = action(serde_json::json!({"at": 5, "do": "crash", "node": 40}));
    assert_eq!(
        stranger,
        "actions[0].node: there is no n40: nodes are n1 to n9"
    );
    let link = action(serde_json::json!({"at": 5, "do": "cut", "a": 1, "b": 1}));
    assert_eq!(link, "actions[0].b: a link needs two ends, and both are n1");
    let group = action(serde_json::json!({"at": 5, "do": "partition", "groups": [[1, 2], [2, 0]]}));
    assert_eq!(
        group,
        "actions[0].groups[1][1]: there is no n0: nodes are n1 to n9"
    );
    let late = refused(|s| {
        s["actions"] = serde_json::json!([
            {"at": 5, "do": "heal"}, {"at": 4, "do": "heal"}
        ]);
    });
    assert_eq!(late, "actions[1]: is at 0.000 s, before the one above it");
}

#[test]
fn truncated_and_bent_json_is_refused_everywhere() {
    let json = presets::find("three-carts").unwrap().scenario.to_json();
    for len in (0..json.len()).step_by(7) {
        assert!(matches!(
            Scenario::parse(&json[..len]),
            Err(ScenarioError::Json { .. })
        ));
    }
}

#[test]
fn damaged_links_are_refused() {
    let link = presets::find("five-nodes").unwrap().scenario.to_fragment();
    assert_eq!(
        Scenario::from_fragment("hello"),
        Err(FragmentError::UnknownVersion)
    );
    assert_eq!(
        Scenario::from_fragment(&link[..link.len() / 2]),
        Err(FragmentError::Damaged)
    );
    assert_eq!(
        Scenario::from_fragment("v1.%%%"),
        Err(FragmentError::Damaged)
    );
}

#[test]
fn an_action_that_cannot_be_done_changes_nothing() {
    let mut lab = Lab::new(presets::find("five-nodes").unwrap().scenario, None).unwrap();
    lab.advance(Micros::from_secs(5), u64::MAX);
    let before = (lab.digest(), lab.scenario().clone());
    let add = |element: String| Action::Add {
        node: NodeId(1),
        element,
    };
    let refusals = [
        (Action::Restart { node: NodeId(1) }, "n1 has not crashed"),
        (Action::Crash { node: NodeId(7) }, "n7 does not run"),
        (
            Action::Crash { node: NodeId(77) },
            "there is no n77: nodes are n1 to n9",
        ),
        (
            Action::Remove {
                node: NodeId(1),
                element: "gold".into(),
            },
            "the set at n1 does not have it",
        ),
        (add(String::new()), "an element has 1 to 64 bytes"),
        (add("x".repeat(65)), "an element has 1 to 64 bytes"),
    ];
    for (action, expected) in refusals {
        assert_eq!(lab.act(action).unwrap_err().to_string(), expected);
    }
    assert_eq!((lab.digest(), lab.scenario().clone()), before);
    lab.advance(lab.end(), u64::MAX);
    assert_eq!(lab.act(Action::Heal), Err(ActionError::AfterTheEnd));
}

#[test]
fn a_load_that_asks_for_a_file_does_not_run_without_it() {
    let mut json: serde_json::Value =
        serde_json::from_str(&presets::find("five-nodes").unwrap().scenario.to_json()).unwrap();
    json["load"] = serde_json::json!({
        "kind": "trace", "name": "day.csv", "rows": 3, "hash": "00000000000000aa", "speed": 60
    });
    let scenario = Scenario::parse(&json.to_string()).unwrap();
    let error = World::new(scenario, None, Recording::Off).unwrap_err();
    assert!(error.to_string().contains("day.csv"), "{error}");
}
