//! The autoscaler by example: the vectors of the system it copies, the words of its decisions,
//! and hostile input. Its laws are in `autoscale_laws.rs`.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use quorate::autoscale::threshold::{Reading, ThresholdRecord, ThresholdRule};
use quorate::autoscale::{
    Action, BindingRule, Bounds, BoundsError, Decision, Executed, GuardReason, Guards, Level,
    Metric, MetricName, NodeSample, NodeState, Observation, ObservationError, Policy, PolicyError,
    Resource, State, Strategy, StrategyRecord, StrategyRule, Threshold, ThresholdError,
    ThresholdSettings, decide,
};
use quorate::{Micros, NodeId};

#[path = "vectors/seed_threshold.rs"]
mod seed_threshold;

const MINUTE: Micros = Micros::from_secs(60);

/// A ready node; its queue in whole requests.
fn node(node: u64, cpu: i64, memory: i64, queue: i64) -> NodeSample {
    NodeSample {
        cpu: Metric::Fresh(cpu),
        memory: Metric::Fresh(memory),
        queue: Metric::Fresh(queue.saturating_mul(1_000)),
        ..NodeSample::unmeasured(NodeId(node), NodeState::Ready)
    }
}

/// `count` ready nodes that all report the same.
fn fleet(count: u64, cpu: i64, memory: i64, queue: i64) -> Vec<NodeSample> {
    (1..=count).map(|id| node(id, cpu, memory, queue)).collect()
}

fn decide_first(nodes: Vec<NodeSample>) -> Decision {
    decide_with(Bounds::default(), nodes)
}

fn decide_with(bounds: Bounds, nodes: Vec<NodeSample>) -> Decision {
    decide(
        &bounded_policy(bounds),
        &mut State::new(),
        &Observation::new(nodes).unwrap(),
        Micros::from_secs(500),
    )
}

/// The policy of the original, within the usual bounds.
fn seed() -> Policy {
    bounded_policy(Bounds::default())
}

fn bounded_policy(bounds: Bounds) -> Policy {
    let strategy = Strategy::Threshold(Threshold::default());
    Policy::new(strategy, Guards::within(bounds)).unwrap()
}

fn bounded(min_nodes: u32, max_nodes: u32) -> Bounds {
    Bounds::new(min_nodes, max_nodes).unwrap()
}

const fn by(rule: ThresholdRule) -> BindingRule {
    BindingRule::Strategy(StrategyRule::Threshold(rule))
}

fn record(decision: &Decision) -> ThresholdRecord {
    match &decision.chain.strategy {
        StrategyRecord::Threshold(record) => *record,
        other => panic!("another strategy decided: {other:?}"),
    }
}

/// Notes that four nodes became six at `secs`.
fn execute(state: &mut State, secs: u64) {
    let at = Micros::from_secs(secs);
    state.executed(&seed(), Executed { from: 4, to: 6, at });
}

#[test]
fn the_original_decides_the_same() {
    for case in &seed_threshold::CASES {
        case.check();
    }
}

#[test]
fn a_hot_fleet_grows_by_half_and_says_why() {
    let decision = decide_first(fleet(4, 910, 500, 12));
    assert_eq!((decision.target, decision.action), (6, Action::Out));
    assert_eq!(
        decision.binding,
        by(ThresholdRule::UpThreshold(Resource::Cpu))
    );
    assert_eq!(
        decision.to_string(),
        "4 -> 6 nodes: cpu 91.0 % >= 80.0 %; bound by the upper threshold of cpu"
    );
    assert_eq!(
        decision.what_would_change_it(),
        "With cpu below 80.0 % it stays at 4."
    );
}

#[test]
fn an_idle_fleet_loses_one_node() {
    let decision = decide_first(fleet(4, 120, 399, 0));
    assert_eq!((decision.target, decision.action), (3, Action::In));
    assert_eq!(
        decision.to_string(),
        "4 -> 3 nodes: cpu 12.0 % <= 30.0 %, memory 39.9 % <= 40.0 %, queue per node 0 <= 10; \
         bound by the lower thresholds"
    );
    assert_eq!(
        decision.what_would_change_it(),
        "With memory at 40.1 % it stays at 4."
    );
}

#[test]
fn the_steps_tell_the_whole_chain() {
    let mut nodes = fleet(6, 943, 620, 148);
    nodes.push(NodeSample::unmeasured(NodeId(7), NodeState::Starting));
    nodes.push(NodeSample::unmeasured(NodeId(8), NodeState::Starting));
    let decision = decide_with(bounded(5, 10), nodes);
    let steps: Vec<_> = decision
        .steps()
        .into_iter()
        .map(|step| format!("{}: {} = {}", step.name, step.detail, step.value))
        .collect();
    assert_eq!(
        steps,
        [
            "Samples: 8 nodes: 6 fresh, 0 stale, 2 without data = 8",
            "Classified: 6 ready, 2 starting, 0 draining = 6 + 2",
            "Proposals: cpu 94.3 % >= 80.0 % → 12 · memory 62.0 % between 40.0 % and 85.0 % → 8 \
             · queue per node 148 >= 100 → 12 = 12 · 8 · 12",
            "Winner: cpu is high: half as many again = 12",
            "Cooldown: no action yet = 12",
            "Bounded: 5 to 10 nodes: held down to 10 = 10",
            "Proposed: add 2 nodes = 10",
        ]
    );
    let binding: Vec<_> = decision
        .steps()
        .into_iter()
        .filter(|step| step.binding)
        .collect();
    assert_eq!(binding.len(), 1);
    assert_eq!(binding[0].name.to_string(), "Bounded");
    assert_eq!(
        decision.what_would_change_it(),
        "With max_nodes 12 it is 12."
    );
}

#[test]
fn the_cooldown_begins_with_the_execution_and_not_with_the_decision() {
    let policy = seed();
    let mut state = State::new();
    let hot = Observation::new(fleet(4, 990, 500, 0)).unwrap();
    let at = |state: &mut State, secs| decide(&policy, state, &hot, Micros::from_secs(secs));

    assert_eq!(at(&mut state, 0).target, 6);
    assert_eq!(
        at(&mut state, 15).target,
        6,
        "nobody carried the first one out"
    );
    execute(&mut state, 15);
    let held = at(&mut state, 74);
    assert_eq!(
        (held.target, held.binding),
        (4, by(ThresholdRule::Cooldown))
    );
    assert_eq!(
        held.to_string(),
        "4 nodes: cpu 99.0 % >= 80.0 %; bound by the cooldown (1 s left)"
    );
    assert_eq!(
        held.what_would_change_it(),
        "In 1 s at the same load it is 6."
    );
    assert_eq!(
        at(&mut state, 75).target,
        6,
        "exactly sixty seconds are enough"
    );
}

#[test]
fn a_clock_that_goes_backwards_prolongs_the_cooldown() {
    let mut state = State::new();
    execute(&mut state, 1_000);
    let hot = Observation::new(fleet(4, 990, 500, 0)).unwrap();
    for now in [
        Micros::ZERO,
        Micros::from_secs(999),
        Micros::from_secs(1_000),
    ] {
        let decision = decide(&seed(), &mut state, &hot, now);
        assert_eq!(decision.action, Action::None);
        assert_eq!(record(&decision).cooldown.remaining(), MINUTE);
    }
    let decision = decide(&seed(), &mut state, &hot, Micros::MAX);
    assert_eq!(decision.action, Action::Out);
}

#[test]
fn the_next_evaluation_is_due_after_the_interval() {
    let policy = seed();
    let mut state = State::new();
    assert_eq!(policy.next_evaluation(&state), Micros::ZERO);
    decide(
        &policy,
        &mut state,
        &Observation::default(),
        Micros::from_secs(20),
    );
    assert_eq!(policy.next_evaluation(&state), Micros::from_secs(35));
}

#[test]
fn only_ready_nodes_are_averaged_but_starting_ones_count() {
    let mut nodes = fleet(2, 900, 500, 0);
    for id in 3..=4 {
        nodes.push(NodeSample {
            state: NodeState::Starting,
            ..node(id, 0, 0, 0)
        });
    }
    for id in 5..=6 {
        nodes.push(NodeSample {
            state: NodeState::Draining,
            ..node(id, 0, 0, 9_000)
        });
    }
    let decision = decide_first(nodes);
    assert_eq!(decision.chain.fleet.cpu, Level::Complete(900));
    assert_eq!(decision.chain.fleet.queue_total, Level::Complete(0));
    assert_eq!((decision.current, decision.target), (4, 6));
}

#[test]
fn absent_stale_and_zero_are_three_things() {
    let mut nodes = fleet(4, 100, 100, 0);
    assert_eq!(
        decide_first(nodes.clone()).action,
        Action::In,
        "zero is a number"
    );

    nodes[2].queue = Metric::Absent;
    let absent = decide_first(nodes.clone());
    assert_eq!(
        (absent.action, absent.binding),
        (Action::None, by(ThresholdRule::MissingData))
    );
    assert_eq!(absent.chain.fleet.samples.absent, 1);
    assert_eq!(
        absent.what_would_change_it(),
        "With queue per node at most 10 on every ready node it is 3."
    );

    nodes[2].queue = Metric::reported(0, Micros::from_secs(31), Micros::from_secs(30));
    let stale = decide_first(nodes.clone());
    assert_eq!(
        (stale.action, stale.binding),
        (Action::None, by(ThresholdRule::MissingData))
    );
    assert_eq!(stale.chain.fleet.samples.stale, 1);

    nodes[2].queue = Metric::reported(0, Micros::from_secs(30), Micros::from_secs(30));
    assert_eq!(decide_first(nodes).action, Action::In);
}

#[test]
fn a_stale_peak_triggers_nothing() {
    let mut nodes = fleet(2, 500, 500, 0);
    nodes[0].cpu = Metric::Stale {
        value: 1_000_000,
        age: MINUTE,
    };
    let decision = decide_first(nodes);
    assert_eq!(decision.chain.fleet.cpu, Level::Partial(500));
    assert_eq!(decision.action, Action::None);
}

#[test]
fn the_nodes_that_are_seen_may_ask_for_more() {
    let mut nodes = fleet(5, 950, 500, 0);
    nodes[3] = NodeSample::unmeasured(NodeId(4), NodeState::Ready);
    nodes[4] = NodeSample::unmeasured(NodeId(5), NodeState::Ready);
    assert_eq!(decide_first(nodes).target, 8);
}

#[test]
fn within_the_range_it_names_the_nearest_way_out() {
    let decision = decide_with(bounded(1, 9), fleet(4, 500, 700, 60));
    assert_eq!(
        decision.to_string(),
        "4 nodes: cpu 50.0 % between 30.0 % and 80.0 %, memory 70.0 % between 40.0 % and 85.0 %, \
         queue per node 60 between 10 and 100; bound by the range between the \
         thresholds"
    );
    assert_eq!(
        decision.what_would_change_it(),
        "With memory at 85.0 % it is 6."
    );

    let full = decide_with(bounded(1, 4), fleet(4, 500, 100, 0));
    assert_eq!(
        full.what_would_change_it(),
        "With cpu at most 30.0 % on every ready node it is 3."
    );
    let fixed = decide_with(bounded(4, 4), fleet(4, 500, 100, 0));
    assert_eq!(
        fixed.what_would_change_it(),
        "No single change of the load or the guards would."
    );
}

#[test]
fn a_fleet_outside_its_bounds_is_brought_inside() {
    let above = decide_with(bounded(1, 6), fleet(9, 500, 500, 0));
    assert_eq!(
        (above.target, above.binding),
        (6, BindingRule::Guard(GuardReason::MaxNodes))
    );
    let below = decide_with(bounded(5, 9), fleet(3, 500, 500, 0));
    assert_eq!(
        (below.target, below.binding),
        (5, BindingRule::Guard(GuardReason::MinNodes))
    );
    let none = decide_with(bounded(5, 9), Vec::new());
    assert_eq!(
        (none.target, none.binding),
        (5, BindingRule::Guard(GuardReason::MinNodes))
    );
    let nothing_ready = decide_first(vec![NodeSample::unmeasured(NodeId(1), NodeState::Starting)]);
    assert_eq!(
        (nothing_ready.target, nothing_ready.binding),
        (1, by(ThresholdRule::MissingData))
    );
}

#[test]
fn a_million_nodes_and_the_largest_numbers_are_only_numbers() {
    let huge = decide_with(
        bounded(1, u32::MAX),
        fleet(1_000_000, i64::MAX, i64::MAX, i64::MAX),
    );
    assert_eq!(huge.chain.fleet.cpu, Level::Complete(i64::MAX));
    assert_eq!(huge.chain.fleet.queue_total, Level::Complete(i64::MAX));
    assert_eq!(huge.target, 1_500_000);
    let reading = Reading {
        current: u32::MAX,
        cpu: Level::Complete(i64::MAX),
        memory: Level::Unknown,
        queue_total: Level::Complete(i64::MAX),
        queue_nodes: 0,
        since_last_action: Some(Micros::MAX),
    };
    let policy = Threshold::default();
    assert_eq!(policy.evaluate(&reading).nodes, u32::MAX);
    let empty = policy.evaluate(&Reading {
        current: 0,
        since_last_action: None,
        ..reading
    });
    assert_eq!(
        (empty.nodes, empty.rule),
        (1, ThresholdRule::UpThreshold(Resource::Cpu))
    );
}

#[test]
fn a_node_that_appears_twice_is_refused() {
    let twice = vec![node(2, 0, 0, 0), node(1, 0, 0, 0), node(2, 900, 0, 0)];
    let error = Observation::new(twice).unwrap_err();
    assert_eq!(error, ObservationError::NodeTwice(NodeId(2)));
    assert_eq!(
        error.to_string(),
        "node n2 appears twice in one observation"
    );
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let refuse = |settings| Threshold::new(settings).unwrap_err().to_string();
    let good = ThresholdSettings::default();
    assert_eq!(
        refuse(ThresholdSettings {
            memory_down: 850,
            ..good
        }),
        "memory_down (85.0 %) must be below memory_up (85.0 %)"
    );
    assert_eq!(
        Threshold::new(ThresholdSettings {
            queue_up: 9,
            ..good
        })
        .unwrap_err(),
        ThresholdError::Crossed {
            resource: Resource::Queue,
            up: 9,
            down: 10
        }
    );
    let strategy = || Strategy::Threshold(Threshold::default());
    assert_eq!(
        Policy::with_interval(strategy(), Guards::default(), Micros::ZERO),
        Err(PolicyError::NoInterval)
    );
    assert_eq!(
        Policy::new(strategy(), Guards::within(bounded(0, 5))),
        Err(PolicyError::EmptyFleet)
    );
    assert_eq!(Bounds::new(0, 0), Err(BoundsError::NoNodes));
    assert_eq!(
        Bounds::new(6, 5).unwrap_err().to_string(),
        "min_nodes 6 is larger than max_nodes 5"
    );
}

#[test]
fn a_sample_may_stand_for_many_nodes_that_are_alike() {
    let one_by_one = decide_first(fleet(4, 910, 500, 12));
    let crowd = NodeSample {
        count: 4,
        ..node(1, 910, 500, 12)
    };
    assert_eq!(decide_first(vec![crowd.clone()]), one_by_one);

    let overlapping = vec![crowd.clone(), node(4, 0, 0, 0)];
    assert_eq!(
        Observation::new(overlapping),
        Err(ObservationError::NodeTwice(NodeId(4)))
    );
    let beside = vec![crowd.clone(), node(5, 0, 0, 0)];
    assert!(Observation::new(beside).is_ok());
    let none = NodeSample {
        count: 0,
        ..crowd.clone()
    };
    assert_eq!(
        Observation::new(vec![none]),
        Err(ObservationError::NoNodes(NodeId(1)))
    );
    let beyond = NodeSample {
        node: NodeId(u64::MAX - 2),
        ..crowd.clone()
    };
    assert_eq!(
        Observation::new(vec![beyond]),
        Err(ObservationError::BeyondIds(NodeId(u64::MAX - 2)))
    );
    let too_many = NodeSample {
        count: u32::MAX,
        ..crowd
    };
    assert_eq!(
        Observation::new(vec![too_many]),
        Err(ObservationError::TooMany(u64::from(u32::MAX)))
    );
}

#[test]
fn nodes_that_should_serve_and_do_not_count_towards_the_size() {
    let mut nodes = fleet(2, 900, 500, 0);
    for (id, state) in [(3, NodeState::Unready), (4, NodeState::Gone)] {
        nodes.push(NodeSample::unmeasured(NodeId(id), state));
    }
    let decision = decide_first(nodes);
    assert_eq!((decision.current, decision.target), (3, 5));
    let classified = &decision.steps()[1];
    assert_eq!(
        classified.detail,
        "2 ready, 0 starting, 0 draining, 1 unready, 1 gone"
    );
}

#[test]
fn names_of_metrics_are_checked() {
    let refuse = |name: &str| MetricName::new(name).unwrap_err().to_string();
    assert_eq!(refuse(""), "the name of a metric must not be empty");
    assert!(refuse(&"x".repeat(64)).contains("64 bytes"));
    assert!(refuse("requests per second").contains("at byte 8"));
    assert_eq!(
        MetricName::new("http/requests.rate-5m")
            .unwrap()
            .to_string(),
        "http/requests.rate-5m"
    );
}

#[test]
fn a_reading_from_the_future_is_not_acted_on() {
    let sampled = |secs| {
        let mut nodes = fleet(4, 990, 500, 0);
        for sample in &mut nodes {
            sample.sampled_at = Some(Micros::from_secs(secs));
        }
        nodes
    };
    assert_eq!(decide_first(sampled(500)).action, Action::Out);
    let later = decide_first(sampled(501));
    assert_eq!(
        (later.action, later.binding),
        (Action::None, by(ThresholdRule::MissingData))
    );
    assert_eq!(later.chain.fleet.samples.stale, 4);
}
