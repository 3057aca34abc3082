//! A restart is no restart.

use quorate::autoscale::controller::{Controller, ControllerState, Input};

use crate::bench::{Bench, HIGH, LOW, MIDDLE, SETTINGS, order, policy};

/// The process dies and comes back with what it saved.
fn restarted(bench: &Bench) -> Bench {
    let saved = serde_json::to_string(bench.0.save()).unwrap();
    let state: ControllerState = serde_json::from_str(&saved).unwrap();
    Bench(Controller::restore(policy(1, 10), SETTINGS, state).unwrap())
}

#[test]
fn an_open_order_is_asked_for_again_under_the_same_id() {
    let mut bench = Bench::new();
    bench.see(0, 4, HIGH);
    let mut bench = restarted(&bench);
    assert!(bench.see(1, 4, HIGH).is_empty(), "it does not lead yet");
    assert_eq!(bench.step(2, Input::Lead { term: 1 }), ["scale 1.1 4->6"]);
    assert!(bench.see(15, 4, HIGH).is_empty());
    assert_eq!(bench.executed(16, order(1, 1)), ["out completed 1.1"]);
}

#[test]
fn a_drain_goes_on_with_those_that_it_waited_for() {
    let mut bench = Bench::with(policy(1, 2), SETTINGS);
    bench.see(0, 5, MIDDLE);
    bench.drained(1, order(1, 1), 4);
    let mut bench = restarted(&bench);
    assert_eq!(bench.step(2, Input::Lead { term: 1 }), ["drain 1.1 n5 n3"]);
    bench.drained(3, order(1, 1), 5);
    assert_eq!(
        bench.drained(4, order(1, 1), 3),
        ["scale 1.1 5->2 n5 n4 n3"]
    );
}

#[test]
fn what_was_waited_for_is_still_waited_for() {
    let mut bench = Bench::new();
    bench.see(0, 4, LOW);
    bench.failed(1, order(1, 1));
    bench.see(15, 4, HIGH);
    bench.executed(16, order(1, 2));
    let mut bench = restarted(&bench);
    bench.step(17, Input::Lead { term: 1 });
    assert!(bench.see(20, 4, HIGH).is_empty(), "no evaluation is due");
    assert!(
        bench.see(30, 4, HIGH).is_empty(),
        "the last order does not show"
    );
    assert_eq!(
        bench.see(45, 6, HIGH)[0],
        "scale 1.3 6->9",
        "the next number"
    );
}

#[test]
fn nothing_is_a_state_and_a_broken_one_is_none() {
    let fresh: ControllerState = serde_json::from_str("{}").unwrap();
    assert_eq!(fresh, ControllerState::default());
    let mut bench = Bench::new();
    bench.see(0, 4, HIGH);
    let saved = serde_json::to_value(bench.0.save()).unwrap();
    let mut spent = saved.clone();
    spent["orders"] = u64::MAX.into();
    let state = serde_json::from_value(spent).unwrap();
    assert!(Controller::restore(policy(1, 10), SETTINGS, state).is_err());
    for (field, wrong) in [
        ("orders", "the open order has not been given yet"),
        ("fence", "the open order is of a term that has not begun"),
    ] {
        let mut broken = saved.clone();
        broken[field] = 0.into();
        let state = serde_json::from_value(broken).unwrap();
        let refused = Controller::restore(policy(1, 10), SETTINGS, state).unwrap_err();
        assert_eq!(
            refused.to_string(),
            format!("the saved state cannot be: {wrong}")
        );
    }
}
