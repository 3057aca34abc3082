//! The laws of the autoscaler, on random settings and fleets.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use proptest::prelude::*;
use quorate::autoscale::threshold::{Reading, ThresholdRecord, ThresholdRule};
use quorate::autoscale::{
    Action, BindingRule, Bounds, Change, Decision, Executed, Fleet, Guards, Level, Metric,
    NodeSample, NodeState, Observation, Policy, Resource, State, Strategy as Scaling,
    StrategyRecord, StrategyRule, Threshold, ThresholdSettings, decide,
};
use quorate::{Micros, NodeId};

fn policy((settings, bounds): (ThresholdSettings, Bounds)) -> Policy {
    let strategy = Scaling::Threshold(Threshold::new(settings).unwrap());
    Policy::new(strategy, Guards::within(bounds)).unwrap()
}

fn decide_with(settings: (ThresholdSettings, Bounds), nodes: Vec<NodeSample>) -> Decision {
    decide(
        &policy(settings),
        &mut State::new(),
        &Observation::new(nodes).unwrap(),
        Micros::from_secs(500),
    )
}

/// The answer of the rule, within the bounds.
fn target((settings, bounds): (ThresholdSettings, Bounds), reading: &Reading) -> u32 {
    let record = Threshold::new(settings).unwrap().evaluate(reading);
    bounds.clamp(record.nodes)
}

fn record(decision: &Decision) -> ThresholdRecord {
    match &decision.chain.strategy {
        StrategyRecord::Threshold(record) => *record,
        other => panic!("another strategy decided: {other:?}"),
    }
}

/// Levels around the thresholds, and now and then anything.
fn amount(around: i64) -> impl Strategy<Value = i64> {
    prop_oneof![4 => 0..=around, 1 => any::<i64>()]
}

fn level(around: i64) -> impl Strategy<Value = Level> {
    prop_oneof![
        6 => amount(around).prop_map(Level::Complete),
        2 => amount(around).prop_map(Level::Partial),
        1 => Just(Level::Unknown),
    ]
}

fn size() -> impl Strategy<Value = u32> {
    prop_oneof![8 => 0..130u32, 1 => any::<u32>()]
}

prop_compose! {
    fn reading()(
        current in size(),
        cpu in level(1_100),
        memory in level(1_100),
        queue_total in level(10_000_000),
        queue_nodes in size(),
        since in proptest::option::of(0..100_000_000u64),
    ) -> Reading {
        let since_last_action = since.map(Micros);
        Reading { current, cpu, memory, queue_total, queue_nodes, since_last_action }
    }
}

prop_compose! {
    fn settings()(
        cpu in (0..900i64, 1..200i64),
        memory in (0..900i64, 1..200i64),
        queue in (0..90i64, 1..100i64),
        cooldown in 0..90_000_000u64,
        min_nodes in 1..120u32,
        more in 0..60u32,
    ) -> (ThresholdSettings, Bounds) {
        let settings = ThresholdSettings {
            cpu_up: cpu.0 + cpu.1,
            cpu_down: cpu.0,
            memory_up: memory.0 + memory.1,
            memory_down: memory.0,
            queue_up: queue.0 + queue.1,
            queue_down: queue.0,
            cooldown: Micros(cooldown),
        };
        (settings, Bounds::new(min_nodes, min_nodes + more).unwrap())
    }
}

fn metric(around: i64) -> impl Strategy<Value = Metric> {
    prop_oneof![
        6 => amount(around).prop_map(Metric::Fresh),
        1 => Just(Metric::Absent),
        1 => amount(around).prop_map(|value| Metric::Stale { value, age: Micros::from_secs(60) }),
    ]
}

fn samples() -> impl Strategy<Value = Vec<NodeSample>> {
    let state = prop_oneof![
        6 => Just(NodeState::Ready),
        1 => Just(NodeState::Starting),
        1 => Just(NodeState::Draining),
    ];
    let one = (state, metric(1_100), metric(1_100), metric(200_000));
    proptest::collection::vec(one, 0..12).prop_map(|nodes| {
        (1..)
            .zip(nodes)
            .map(|(id, (state, cpu, memory, queue))| NodeSample {
                cpu,
                memory,
                queue,
                ..NodeSample::unmeasured(NodeId(id), state)
            })
            .collect()
    })
}

/// The rule of the original, for a fleet within its bounds and with all data, written down apart.
fn original(
    (settings, bounds): &(ThresholdSettings, Bounds),
    reading: &Reading,
    cpu: i64,
    memory: i64,
) -> u32 {
    let (min, max) = (bounds.min_nodes(), bounds.max_nodes());
    let current = reading.current;
    if reading
        .since_last_action
        .is_some_and(|since| since < settings.cooldown)
    {
        return current;
    }
    let whole = reading.queue_total.value().unwrap().div_euclid(1_000);
    let queue = whole.div_euclid(i64::from(current));
    let high = cpu >= settings.cpu_up || memory >= settings.memory_up || queue >= settings.queue_up;
    let low =
        cpu <= settings.cpu_down && memory <= settings.memory_down && queue <= settings.queue_down;
    if high && current < max {
        max.min(current + 1.max(current / 2 + current % 2))
    } else if low && current > min {
        min.max(current - 1)
    } else {
        current
    }
}

/// The reading or the settings after a change, made here a second time.
fn changed(change: Change, decision: &Decision, bounds: &mut Bounds, reading: &mut Reading) {
    let proposals = record(decision).proposals;
    let mut set = |resource, level: Level| match resource {
        Resource::Cpu => reading.cpu = level,
        Resource::Memory => reading.memory = level,
        _ => {
            reading.queue_total = level.map(|requests| requests.saturating_mul(1_000));
            reading.queue_nodes = 1;
        }
    };
    match change {
        Change::CooldownOver { remaining } => {
            reading.since_last_action = reading.since_last_action.map(|since| since + remaining);
        }
        Change::HighOnesFall => {
            for each in &proposals {
                if each.level.value().is_some_and(|value| value >= each.up) {
                    set(each.resource, each.level.map(|_| each.up - 1));
                }
            }
        }
        Change::Rises { resource, level } => {
            let of_all = proposals
                .iter()
                .any(|each| each.resource == resource && matches!(each.level, Level::Complete(_)));
            set(
                resource,
                if of_all {
                    Level::Complete(level)
                } else {
                    Level::Partial(level)
                },
            );
        }
        Change::AllLow => {
            for each in &proposals {
                set(each.resource, Level::Complete(each.down));
            }
        }
        Change::MaxNodes(nodes) => {
            *bounds = Bounds::new(bounds.min_nodes(), nodes).unwrap();
        }
        Change::MinNodes(nodes) => {
            *bounds = Bounds::new(nodes, bounds.max_nodes()).unwrap();
        }
        other => panic!("a change that no rule here offers: {other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn the_target_is_always_within_the_bounds(settings in settings(), nodes in samples()) {
        let target = decide_with(settings, nodes).target;
        prop_assert_eq!(target, settings.1.clamp(target));
    }

    #[test]
    fn within_bounds_and_with_all_data_it_is_the_original(
        settings in settings(),
        reading in reading(),
        cpu in amount(1_100),
        memory in amount(1_100),
        queue in amount(10_000_000),
    ) {
        let current = settings.1.clamp(reading.current);
        let reading = Reading {
            current,
            cpu: Level::Complete(cpu),
            memory: Level::Complete(memory),
            queue_total: Level::Complete(queue),
            queue_nodes: current,
            ..reading
        };
        let target = target(settings, &reading);
        prop_assert_eq!(target, original(&settings, &reading, cpu, memory));
    }

    #[test]
    fn more_load_never_means_fewer_nodes(
        settings in settings(),
        reading in reading(),
        more in amount(500),
        resource in proptest::sample::select(Resource::ALL.to_vec()),
    ) {
        let mut busier = reading;
        let busy = |level: Level| level.map(|value| value.saturating_add(more.saturating_abs()));
        match resource {
            Resource::Cpu => busier.cpu = busy(reading.cpu),
            Resource::Memory => busier.memory = busy(reading.memory),
            _ => busier.queue_total = busy(reading.queue_total),
        }
        prop_assert!(target(settings, &busier) >= target(settings, &reading));
    }

    #[test]
    fn during_the_cooldown_nothing_happens(settings in settings(), reading in reading()) {
        if reading.since_last_action.is_some_and(|since| since < settings.0.cooldown) {
            prop_assert_eq!(target(settings, &reading), settings.1.clamp(reading.current));
        }
    }

    #[test]
    fn a_node_goes_only_on_the_word_of_every_ready_node(
        settings in settings(),
        nodes in samples(),
    ) {
        let decision = decide_with(settings, nodes.clone());
        let low = BindingRule::Strategy(StrategyRule::Threshold(ThresholdRule::DownThresholds));
        if decision.action == Action::In && decision.binding == low {
            prop_assert!(nodes.iter().filter(|sample| sample.state == NodeState::Ready).all(
                |sample| Resource::ALL.iter().all(|&each| sample.metric(each).fresh().is_some())
            ));
        }
    }

    #[test]
    fn the_order_of_the_nodes_changes_nothing(
        nodes in samples(),
        shuffled in samples().prop_flat_map(|nodes| {
            (Just(nodes.clone()), Just(nodes).prop_shuffle())
        }),
    ) {
        let decided = |nodes| decide_with((ThresholdSettings::default(), Bounds::default()), nodes);
        prop_assert_eq!(decided(shuffled.0), decided(shuffled.1));
        let reversed = nodes.iter().rev().cloned().collect();
        prop_assert_eq!(decided(nodes), decided(reversed));
    }

    #[test]
    fn the_average_lies_between_the_extremes(nodes in samples()) {
        let seen: Vec<i64> = nodes
            .iter()
            .filter(|sample| sample.state == NodeState::Ready)
            .filter_map(|sample| sample.cpu.fresh())
            .collect();
        let level = Fleet::of(&Observation::new(nodes).unwrap()).cpu.value();
        prop_assert_eq!(level.is_some(), !seen.is_empty());
        if let Some(level) = level {
            prop_assert!(seen.iter().min().unwrap() <= &level);
            prop_assert!(seen.iter().max().unwrap() >= &level);
        }
    }

    #[test]
    fn the_counterfactual_is_true(
        settings in settings(),
        nodes in samples(),
        since in proptest::option::of(0..100u64),
    ) {
        let policy = policy(settings);
        let mut state = State::new();
        let now = Micros::from_secs(200);
        if let Some(since) = since {
            let at = now - Micros::from_secs(since);
            state.executed(&policy, Executed { from: 1, to: 2, at });
        }
        let observation = Observation::new(nodes).unwrap();
        let decision = decide(&policy, &mut state, &observation, now);
        if let Some(offered) = decision.counterfactual {
            let (rule, mut bounds) = settings;
            let since = record(&decision).cooldown.since_last_action;
            let mut reading = Reading::of(&decision.chain.fleet, since);
            changed(offered.change, &decision, &mut bounds, &mut reading);
            let target = target((rule, bounds), &reading);
            prop_assert_eq!(offered.target, target, "{:?}", decision);
            let waits = matches!(offered.change, Change::CooldownOver { .. });
            prop_assert!(waits || target != decision.target);
        }
    }

    #[test]
    fn every_decision_has_words(settings in settings(), nodes in samples()) {
        let decision = decide_with(settings, nodes);
        prop_assert!(!decision.to_string().contains(": ;"), "{}", decision);
        prop_assert!(decision.what_would_change_it().ends_with('.'));
        let steps = decision.steps();
        prop_assert_eq!(steps.iter().filter(|step| step.binding).count(), 1);
        prop_assert!(steps.iter().all(|step| !step.detail.is_empty() && !step.value.is_empty()));
    }
}
