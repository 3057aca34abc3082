//! The rows of `vectors.json` (sources and licence inside the file).

use quorate::autoscale::nomad::{
    Action, Check, DRY_RUN_COUNT, Direction, Reason, Vote, direction, merge, preempt,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::action;

fn rows(table: &str) -> Vec<Value> {
    let vectors: Value = serde_json::from_str(include_str!("vectors.json")).unwrap();
    let rows = vectors[table].as_array().unwrap();
    assert!(!rows.is_empty(), "{table}");
    rows.clone()
}

fn read<T: DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

#[test]
fn every_strategy() {
    for row in rows("strategies") {
        let check: Check = read(&row["check"]);
        check.validate().unwrap();
        let samples: Vec<f64> = read(&row["samples"]);
        let action = check.run(read(&row["count"]), &samples);
        let name = &row["name"];
        assert_eq!(
            action.direction,
            read(&row["direction"]),
            "{name}: {action:?}"
        );
        assert_eq!(action.wanted(), read(&row["wanted"]), "{name}: {action:?}");
        let reason = action.reason.map(|reason| reason.to_string());
        assert_eq!(reason, read::<Option<String>>(&row["reason"]), "{name}");
    }
}

#[test]
fn every_direction() {
    for row in rows("directions") {
        let found = direction(
            read(&row["count"]),
            read(&row["factor"]),
            read(&row["threshold"]),
        );
        assert_eq!(found, read(&row["direction"]), "{row}");
    }
}

#[test]
fn every_cap() {
    for row in rows("caps") {
        let mut capped = action(Direction::Up, read(&row["count"]));
        capped.cap(read(&row["min"]), read(&row["max"]));
        assert_eq!(capped.count, read::<i64>(&row["capped"]), "{row}");
        assert_eq!(
            capped.meta.count_original,
            read::<Option<i64>>(&row["original"]),
            "{row}"
        );
        assert_eq!(
            capped.reason.is_some(),
            capped.meta.count_original.is_some()
        );
    }
}

#[test]
fn every_merge() {
    for row in rows("merges") {
        let votes: Vec<(String, Option<Direction>, i64)> = read(&row["votes"]);
        let actions: Vec<Option<Action>> = votes
            .iter()
            .map(|(_, direction, count)| direction.map(|direction| action(direction, *count)))
            .collect();
        let votes: Vec<Vote<'_>> = votes
            .iter()
            .zip(&actions)
            .map(|((group, ..), action)| Vote {
                group,
                action: action.as_ref(),
            })
            .collect();
        assert_eq!(
            merge(&votes),
            read::<Option<usize>>(&row["winner"]),
            "{row}"
        );
    }
}

#[test]
fn a_cap_keeps_the_reason_that_it_replaces() {
    let direction = Direction::Up;
    let mut capped = Action {
        reason: Some(Reason::WithinBounds { direction }),
        ..action(direction, 0)
    };
    capped.cap(4, 9);
    capped.cap(6, 9);
    assert_eq!(
        capped.reason.unwrap().to_string(),
        "capped count from 4 to 6 to stay within limits"
    );
    let history: Vec<String> = capped
        .meta
        .reason_history
        .iter()
        .map(Reason::to_string)
        .collect();
    assert_eq!(
        history,
        [
            "scaling up because metric is within bounds",
            "capped count from 0 to 4 to stay within limits"
        ]
    );
    assert_eq!(capped.meta.count_original, Some(4));
}

#[test]
fn a_cap_without_a_reason_has_no_history() {
    let mut capped = action(Direction::Up, 1);
    capped.cap(4, 9);
    assert_eq!(capped.meta.reason_history, []);
}

#[test]
fn a_dry_run_remembers_its_count_and_is_not_capped() {
    let mut dry = action(Direction::Up, 12);
    dry.set_dry_run();
    dry.cap(2, 9);
    assert_eq!(
        (dry.count, dry.meta.dry_run_count),
        (DRY_RUN_COUNT, Some(12))
    );
}

#[test]
fn preempt_takes_the_safer_one_from_either_side() {
    let (down, none) = (action(Direction::Down, 3), action(Direction::None, 0));
    let (up, more) = (action(Direction::Up, 5), action(Direction::Up, 6));
    for (riskier, safer) in [(&down, &none), (&none, &up), (&down, &up), (&up, &more)] {
        assert_eq!(preempt(riskier, safer), safer);
        assert_eq!(preempt(safer, riskier), safer);
    }
}
