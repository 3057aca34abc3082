//! The strategy in its place: from an observation to an explained decision.

use quorate::autoscale::hpa::{Hpa, HpaRule, HpaSettings};
use quorate::autoscale::{
    BindingRule, Bounds, Decision, Executed, Guards, Metric, NodeSample, NodeState, Observation,
    Policy, State, StepName, Strategy, StrategyRule, decide,
};
use quorate::{Micros, NodeId};

fn policy(json: &str) -> Policy {
    let settings: HpaSettings = serde_json::from_str(json).unwrap();
    let strategy = Strategy::Hpa(Hpa::new(settings).unwrap());
    Policy::new(strategy, Guards::within(Bounds::new(1, 100).unwrap())).unwrap()
}

fn fleet(count: u32, cpu: i64) -> Observation {
    Observation::new(vec![NodeSample {
        count,
        cpu: Metric::Fresh(cpu),
        ..NodeSample::unmeasured(NodeId(1), NodeState::Ready)
    }])
    .unwrap()
}

/// Decides on `count` nodes at `cpu` and carries the decision out.
fn step(policy: &Policy, state: &mut State, (count, cpu): (u32, i64), at: Micros) -> Decision {
    let decision = decide(policy, state, &fleet(count, cpu), at);
    if decision.target != decision.current {
        let change = Executed {
            from: decision.current,
            to: decision.target,
            at,
        };
        state.executed(policy, change);
    }
    decision
}

fn is_bound_by(decision: &Decision, rule: HpaRule) -> bool {
    decision.binding == BindingRule::Strategy(StrategyRule::Hpa(rule))
}

#[test]
fn a_burst_is_followed_at_once_and_its_end_after_five_minutes() {
    let policy = policy("{}");
    let mut state = State::new();
    let at = |seconds: u64| Micros::from_secs(1_000 + seconds);
    let burst = step(&policy, &mut state, (4, 3_000), at(0));
    assert_eq!(burst.target, 8);
    assert!(is_bound_by(&burst, HpaRule::ScaleUpLimit));
    // Twelve nodes would do, but 15 were wanted a moment ago.
    let more = step(&policy, &mut state, (8, 1_200), at(15));
    assert_eq!(more.target, 15);
    assert!(is_bound_by(&more, HpaRule::ScaleDownWindow));
    let over = step(&policy, &mut state, (15, 100), at(30));
    assert_eq!(over.target, 15);
    assert!(is_bound_by(&over, HpaRule::ScaleDownWindow));
    // The first recommendation is five minutes old; the second, of 12 nodes, is not.
    assert_eq!(step(&policy, &mut state, (15, 100), at(300)).target, 12);
    let calm = step(&policy, &mut state, (12, 100), at(315));
    assert_eq!(calm.target, 2);
    assert!(is_bound_by(&calm, HpaRule::Target));
}

#[test]
fn a_decision_says_what_bound_it_and_survives_json() {
    let policy = policy(
        r#"{ "behavior": { "scale_up": { "policies":
            [{ "kind": "pods", "value": 2, "period_micros": 60000000 }] } } }"#,
    );
    let mut state = State::new();
    let decision = step(&policy, &mut state, (4, 950), Micros::from_secs(500));
    assert_eq!(
        decision.to_string(),
        "4 -> 5 nodes: cpu 95 % of 80 %; bound by the target of a metric"
    );
    let decision = step(&policy, &mut state, (5, 1_900), Micros::from_secs(510));
    assert_eq!(decision.target, 6);
    let line = decision.to_string();
    let expected = "5 -> 6 nodes: cpu 190 % of 80 %; bound by the scale-up limit";
    assert!(line.starts_with(expected), "{line}");
    let steps = decision.steps();
    let binding: Vec<_> = steps.iter().filter(|step| step.binding).collect();
    assert_eq!(binding.len(), 1);
    assert_eq!(binding[0].name, StepName::RateLimited);
    let json = serde_json::to_string(&decision).unwrap();
    assert_eq!(serde_json::from_str::<Decision>(&json).unwrap(), decision);
    let json = serde_json::to_string(&state).unwrap();
    assert_eq!(serde_json::from_str::<State>(&json).unwrap(), state);
    let json = serde_json::to_string(&policy).unwrap();
    assert_eq!(serde_json::from_str::<Policy>(&json).unwrap(), policy);
}

#[test]
fn fleets_of_hostile_nodes_stay_within_their_bounds() {
    let metrics = [i64::MIN, -1, 0, 1, 1_000, i64::MAX].map(Metric::Fresh);
    let states = [
        NodeState::Starting,
        NodeState::Ready,
        NodeState::Unready,
        NodeState::Draining,
        NodeState::Gone,
    ];
    let policy = policy(
        r#"{ "metrics": [
            { "type": "utilization", "resource": "cpu", "target_percent": 1 },
            { "type": "resource_average", "resource": "memory", "target": 1 },
            { "type": "node_average", "name": "queue", "target": 1 }],
            "behavior": {} }"#,
    );
    let mut state = State::new();
    for (turn, cpu) in metrics.into_iter().chain([Metric::Absent]).enumerate() {
        for state_of_all in states {
            for count in [1, 100, Observation::MAX_NODES] {
                let sample = NodeSample {
                    count,
                    cpu,
                    memory: cpu,
                    queue: cpu,
                    started_at: Some(Micros::MAX),
                    window: Micros::MAX,
                    ..NodeSample::unmeasured(NodeId(1), state_of_all)
                };
                let observation = Observation::new(vec![sample]).unwrap();
                // Back and forth in time.
                let now = Micros::from_secs(if turn % 2 == 0 { 900 } else { 100 });
                let decision = decide(&policy, &mut state, &observation, now);
                assert!(decision.target <= 100);
                assert!(!decision.steps().is_empty());
            }
        }
    }
}

#[test]
fn the_flag_of_the_controller_fills_in_the_window_that_a_behavior_leaves_out() {
    let target = |json: &str| {
        let mut state = State::new();
        step(&policy(json), &mut state, (10, 100), Micros::ZERO).target
    };
    assert_eq!(target(r#"{ "behavior": {} }"#), 10);
    let flag = r#"{ "behavior": {}, "downscale_stabilization_micros": 0 }"#;
    assert_eq!(target(flag), 2);
}
