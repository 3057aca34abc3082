//! Numbers and times that nobody would send on purpose, and somebody will.

use std::collections::BTreeMap;

use quorate::autoscale::{
    Executed, Metric, MetricName, NodeSample, NodeState, Observation, State, decide, evaluate,
};
use quorate::{Micros, NodeId};

use super::policies;

fn sample(id: u64, value: i64) -> NodeSample {
    let metric = Metric::Fresh(value);
    NodeSample {
        cpu: metric,
        memory: metric,
        queue: metric,
        started_at: Some(Micros::MAX),
        state_since: Some(Micros::ZERO),
        sampled_at: Some(Micros::ZERO),
        window: Micros::MAX,
        custom: BTreeMap::from([(MetricName::new("requests").unwrap(), metric)]),
        ..NodeSample::unmeasured(NodeId(id), NodeState::Ready)
    }
}

fn whole(value: i64) -> BTreeMap<MetricName, Metric> {
    ["served", "backlog", "requests", "queue", "cpu"]
        .into_iter()
        .map(|name| (MetricName::new(name).unwrap(), Metric::Fresh(value)))
        .collect()
}

/// Whatever comes in, there is an answer, and it is within the bounds if the fleet was.
#[test]
fn the_largest_and_the_smallest_numbers_are_answered() {
    let values = [i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - 1, i64::MAX];
    let times = [Micros::ZERO, Micros(1), Micros::from_secs(1), Micros::MAX];
    for (name, policy) in policies::all() {
        let mut state = State::new();
        for value in values {
            for nodes in [vec![], vec![sample(1, value)], crowd(value), mixed(value)] {
                let observation = Observation::with_metrics(nodes, whole(value)).unwrap();
                // Forwards, and backwards again.
                for now in times.into_iter().chain(times.into_iter().rev()) {
                    let decision = decide(&policy, &mut state, &observation, now);
                    let bounds = policy.bounds();
                    if bounds.clamp(decision.current) == decision.current {
                        let target = decision.target;
                        assert_eq!(bounds.clamp(target), target, "{name}: {decision}");
                    }
                    assert!(!decision.steps().is_empty());
                    assert!(decision.what_would_change_it().ends_with('.'));
                    let (from, to) = (decision.current, decision.target);
                    state.executed(&policy, Executed { from, to, at: now });
                }
            }
        }
    }
}

/// A million nodes that are alike, in one sample.
fn crowd(value: i64) -> Vec<NodeSample> {
    vec![NodeSample {
        count: 1_000_000,
        ..sample(1, value)
    }]
}

/// Opposite numbers side by side.
fn mixed(value: i64) -> Vec<NodeSample> {
    let other = value.checked_neg().unwrap_or(i64::MAX);
    vec![sample(1, value), sample(2, other), sample(3, 0)]
}

#[test]
fn a_million_nodes_one_by_one_are_decided_as_one_sample_of_them() {
    for (name, policy) in policies::all() {
        let apart = (1..=1_000_000).map(|id| sample(id, 700)).collect();
        let decided = |nodes| {
            let observation = Observation::new(nodes).unwrap();
            evaluate(
                &policy,
                &mut State::new(),
                &observation,
                Micros::from_secs(60),
            )
        };
        assert_eq!(decided(apart), decided(crowd(700)), "{name}");
    }
}
