//! A scale-in asks for a drain first.

use quorate::autoscale::controller::{Controller, ControllerSettings, Effect, Input};
use quorate::autoscale::{Metric, NodeSample, NodeState, Observation};
use quorate::{Micros, NodeId};

use crate::bench::{Bench, HIGH, LOW, MIDDLE, SETTINGS, order, policy, ready, secs};

/// Five nodes too many: n9, n3, n7, n6, n5 go first, in that order.
fn surplus() -> Observation {
    let samples = (1..=9).map(|id| {
        let state = match id {
            3 => NodeState::Starting,
            9 => NodeState::Unready,
            8 => NodeState::Draining,
            2 => NodeState::Gone,
            _ => NodeState::Ready,
        };
        NodeSample {
            cpu: Metric::Fresh(500),
            ..NodeSample::unmeasured(NodeId(id), state)
        }
    });
    Observation::new(samples.collect()).unwrap()
}

fn bench() -> Bench {
    Bench::with(policy(1, 2), SETTINGS)
}

#[test]
fn nodes_that_do_not_serve_go_first_and_the_last_one_scales() {
    let mut bench = bench();
    assert_eq!(
        bench.step(0, Input::Observed(surplus())),
        ["drain 1.1 n9 n3 n7 n6 n5", "in started 1.1"]
    );
    for node in [3, 7, 3, 1, 9, 6] {
        assert!(bench.drained(1, order(1, 1), node).is_empty());
    }
    assert_eq!(bench.0.draining(), [NodeId(5)]);
    assert_eq!(
        bench.drained(2, order(1, 1), 5),
        ["scale 1.1 7->2 n9 n3 n7 n6 n5"]
    );
    assert_eq!(bench.executed(3, order(1, 1)), ["in completed 1.1"]);
}

#[test]
fn nobody_is_removed_before_all_have_drained() {
    let mut bench = bench();
    bench.step(0, Input::Observed(surplus()));
    let before = bench.0.save().clone();
    assert!(
        bench.executed(0, order(1, 1)).is_empty(),
        "it was not asked for"
    );
    assert_eq!(*bench.0.save(), before);
}

#[test]
fn a_drain_that_takes_too_long_is_called_off() {
    let mut bench = bench();
    bench.step(0, Input::Observed(surplus()));
    for node in [9, 3, 7] {
        bench.drained(1, order(1, 1), node);
    }
    assert!(bench.tick(99).is_empty());
    assert_eq!(
        bench.tick(100),
        [
            "cancel 1.1 n9 n3 n7 n6 n5",
            "in failed 1.1: nodes did not drain in time: n6 n5"
        ]
    );
    assert_eq!(
        bench.0.state().last_action(),
        None,
        "nothing was done, nothing is charged"
    );
    assert!(bench.drained(101, order(1, 1), 6).is_empty());
    assert!(
        bench.step(115, Input::Observed(surplus())).is_empty(),
        "it backs off"
    );
    assert_eq!(
        bench.step(130, Input::Observed(surplus()))[0],
        "drain 1.2 n9 n3 n7 n6 n5"
    );
}

/// Three ready nodes with this CPU, and a fourth in this state.
fn three_and(state: NodeState, cpu: i64) -> Input {
    let mut samples = ready(3, cpu).nodes().to_vec();
    samples.push(NodeSample::unmeasured(NodeId(4), state));
    Input::Observed(Observation::new(samples).unwrap())
}

#[test]
fn a_scale_out_does_not_wait_for_a_drain() {
    let mut bench = Bench::new();
    bench.see(0, 4, LOW);
    let draining = |cpu| three_and(NodeState::Draining, cpu);
    assert!(bench.step(15, draining(MIDDLE)).is_empty());
    assert_eq!(
        bench.step(30, draining(HIGH)),
        [
            "cancel 1.1 n4",
            "in failed 1.1: more nodes were wanted while some drained"
        ]
    );
    assert_eq!(bench.see(45, 4, HIGH)[0], "scale 1.2 4->6");
}

#[test]
fn a_node_that_is_gone_has_nothing_left_to_drain() {
    let mut bench = Bench::new();
    bench.see(0, 4, LOW);
    assert!(
        bench.see(5, 3, MIDDLE).is_empty(),
        "not to be seen is not to be gone"
    );
    let gone = three_and(NodeState::Gone, MIDDLE);
    assert_eq!(bench.step(6, gone), ["scale 1.1 4->3 n4"]);
}

#[test]
fn a_scale_in_that_fails_lets_its_nodes_serve_again() {
    let mut bench = Bench::new();
    bench.see(0, 4, LOW);
    assert_eq!(bench.drained(1, order(1, 1), 4), ["scale 1.1 4->3 n4"]);
    assert_eq!(
        bench.failed(2, order(1, 1)),
        [
            "cancel 1.1 n4",
            "in failed 1.1: the executor failed: no capacity"
        ]
    );
}

#[test]
fn without_a_drain_nodes_go_at_once() {
    let settings = ControllerSettings {
        drain_timeout: None,
        ..SETTINGS
    };
    let mut bench = Bench(Controller::new(policy(1, 10), settings).unwrap());
    bench.step(0, Input::Lead { term: 1 });
    assert_eq!(
        bench.see(0, 4, LOW),
        ["scale 1.1 4->3 n4", "in started 1.1"]
    );
}

#[test]
fn an_order_names_at_most_65_536_nodes() {
    let mut bench = bench();
    let observation = ready(1_000_000, MIDDLE);
    let effects = bench.0.step(secs(0), Input::Observed(observation)).unwrap();
    let [Effect::Drain { nodes, .. }] = &effects.orders[..] else {
        panic!("{:?}", effects.orders.len());
    };
    assert_eq!(nodes.len(), 65_536);
    assert_eq!(nodes[0], NodeId(1_000_000));
}

#[test]
fn the_largest_ids_are_nodes_too() {
    let sample = NodeSample {
        count: 4,
        cpu: Metric::Fresh(0),
        memory: Metric::Fresh(0),
        queue: Metric::Fresh(0),
        window: Micros::ZERO,
        ..NodeSample::unmeasured(NodeId(u64::MAX - 4), NodeState::Ready)
    };
    let mut bench = Bench::new();
    let observation = Observation::new(vec![sample]).unwrap();
    let lines = bench.step(0, Input::Observed(observation));
    assert_eq!(lines[0], format!("drain 1.1 n{}", u64::MAX - 1));
}
