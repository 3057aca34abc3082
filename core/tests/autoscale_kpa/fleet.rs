//! The autoscaler on a fleet of nodes, through the same door as every other strategy.

use std::collections::BTreeMap;

use quorate::autoscale::kpa::{Kpa, KpaError, KpaRule, KpaSettings, Mode, Percentage, SpecError};
use quorate::autoscale::{
    BindingRule, Bounds, Decision, Executed, GuardReason, Guards, Metric, MetricName, NodeSample,
    NodeState, Observation, Policy, Signal, State, Strategy, StrategyRecord, StrategyRule, decide,
};
use quorate::{Micros, NodeId};

use super::autoscale_fleet::{assert_one_step_binds, assert_survives, at};

fn policy(settings: KpaSettings, min_nodes: u32) -> Policy {
    let strategy = Strategy::Kpa(Kpa::new(settings).unwrap());
    let bounds = Bounds::new(min_nodes, 100).unwrap();
    Policy::new(strategy, Guards::within(bounds)).unwrap()
}

/// `ready` nodes that all report this CPU.
fn busy(ready: u32, cpu: i64) -> Observation {
    let nodes = NodeSample {
        count: ready,
        cpu: Metric::Fresh(cpu),
        ..NodeSample::unmeasured(NodeId(1), NodeState::Ready)
    };
    Observation::new(vec![nodes]).unwrap()
}

/// `ready` nodes, and work of the fleet as a whole.
fn working(ready: u32, served: i64, backlog: i64) -> Observation {
    let node = |id| NodeSample::unmeasured(NodeId(id), NodeState::Ready);
    let metric = |name: &str, value| (MetricName::new(name).unwrap(), Metric::Fresh(value));
    Observation::with_metrics(
        (0..u64::from(ready)).map(node).collect(),
        BTreeMap::from([metric("served", served), metric("backlog", backlog)]),
    )
    .unwrap()
}

fn rule(decision: &Decision) -> KpaRule {
    match decision.chain.strategy.rule() {
        StrategyRule::Kpa(rule) => rule,
        other => unreachable!("{other}"),
    }
}

/// Runs an evaluation every two seconds and returns the last decision.
fn run(
    policy: &Policy,
    state: &mut State,
    seconds: core::ops::Range<u64>,
    observation: &Observation,
) -> Decision {
    let times = seconds.step_by(2);
    times
        .map(|second| decide(policy, state, observation, at(second)))
        .last()
        .unwrap()
}

#[test]
fn a_fleet_follows_its_load() {
    let policy = policy(KpaSettings::default(), 1);
    let mut state = State::new();
    // One ready node is no reason to start in panic. 1 node of work at 70 % needs two.
    let first = run(&policy, &mut state, 100..102, &working(1, 1_000, 0));
    assert_eq!((first.target, rule(&first)), (2, KpaRule::StableWindow));
    let grown = run(&policy, &mut state, 102..300, &working(2, 1_000, 0));
    assert_eq!((grown.target, rule(&grown)), (2, KpaRule::StableWindow));
    let burst = run(&policy, &mut state, 300..306, &working(2, 2_000, 5_000));
    let StrategyRecord::Kpa(record) = &burst.chain.strategy else {
        unreachable!()
    };
    let tick = record.reading.unwrap().tick;
    assert_eq!((tick.mode, burst.target), (Mode::Panic, 10));
    assert_eq!(tick.panic_needed, 10);
    assert!(tick.stable_needed < 10);
    let after = run(&policy, &mut state, 306..360, &working(10, 500, 0));
    assert_eq!((after.target, rule(&after)), (10, KpaRule::Panic));
    let calm = run(&policy, &mut state, 360..500, &working(10, 500, 0));
    assert_eq!((calm.target, rule(&calm)), (5, KpaRule::MaxScaleDownRate));
}

#[test]
fn a_decider_that_starts_beside_nodes_removes_none_of_them() {
    let policy = policy(KpaSettings::default(), 1);
    let mut state = State::new();
    let first = run(&policy, &mut state, 100..102, &busy(8, 0));
    assert_eq!((first.target, rule(&first)), (8, KpaRule::Panic));
    let later = run(&policy, &mut state, 102..170, &busy(8, 0));
    assert_eq!((later.target, rule(&later)), (4, KpaRule::MaxScaleDownRate));
}

#[test]
fn late_and_repeated_evaluations_change_no_average() {
    let policy = policy(KpaSettings::default(), 1);
    let (mut even, mut uneven) = (State::new(), State::new());
    run(&policy, &mut even, 100..200, &busy(4, 500));
    for second in [100, 101, 101, 104, 110, 90, 111, 140, 141, 160, 140, 199] {
        decide(&policy, &mut uneven, &busy(4, 500), at(second));
    }
    let record = |state: &mut State| {
        let decision = decide(&policy, state, &busy(4, 500), at(200));
        match decision.chain.strategy {
            StrategyRecord::Kpa(record) => record.reading.unwrap().stable,
            other => unreachable!("{other:?}"),
        }
    };
    assert_eq!(record(&mut even), 2_000);
    assert_eq!(record(&mut uneven), 2_000);
}

#[test]
fn without_any_load_to_be_seen_nothing_changes() {
    let policy = policy(KpaSettings::default(), 1);
    let blind = Observation::new(vec![NodeSample::unmeasured(NodeId(1), NodeState::Ready)]);
    let decision = decide(&policy, &mut State::new(), &blind.unwrap(), at(5));
    assert_eq!(
        (decision.target, rule(&decision)),
        (1, KpaRule::MissingData)
    );
    assert_eq!(
        decision.to_string(),
        "1 node: no load was seen in the stable window; bound by missing data"
    );
}

#[test]
fn the_way_to_zero_and_back() {
    let policy = policy(KpaSettings::default(), 0);
    let mut state = State::new();
    run(&policy, &mut state, 100..200, &working(1, 300, 0));
    let idle = run(&policy, &mut state, 200..270, &working(1, 0, 0));
    assert_eq!((idle.target, rule(&idle)), (1, KpaRule::ScaleToZero));
    let asleep = run(&policy, &mut state, 270..310, &working(1, 0, 0));
    assert_eq!((asleep.target, rule(&asleep)), (0, KpaRule::ScaleToZero));
    let change = Executed {
        from: 1,
        to: 0,
        at: at(309),
    };
    state.executed(&policy, change);
    let none = run(&policy, &mut state, 310..400, &working(0, 0, 0));
    assert_eq!(none.target, 0);
    let woken = run(&policy, &mut state, 400..402, &working(0, 0, 3_000));
    assert_eq!(woken.target, 2);
}

#[test]
fn who_would_not_see_the_next_request_keeps_one_node() {
    let mut settings = KpaSettings::default();
    for signal in [Signal::Work, Signal::Cpu] {
        settings.signal = signal.clone();
        let strategy = Strategy::Kpa(Kpa::new(settings.clone()).unwrap());
        let guards = Guards::within(Bounds::new(0, 100).unwrap());
        let Ok(policy) = Policy::new(strategy, guards) else {
            assert!(signal.needs_a_node());
            continue;
        };
        let mut state = State::new();
        let last = run(&policy, &mut state, 100..1_000, &busy(1, 0));
        assert_eq!((last.target, rule(&last)), (1, KpaRule::ScaleToZero));
    }
}

#[test]
fn the_guards_have_the_last_word() {
    let policy = policy(KpaSettings::default(), 1);
    let flood = working(50, 50_000, 900_000);
    let decision = decide(&policy, &mut State::new(), &flood, at(100));
    assert_eq!(decision.target, 100);
    assert_eq!(decision.binding, BindingRule::Guard(GuardReason::MaxNodes));
    assert!(decision.chain.proposed() > 1_000);
}

#[test]
fn every_rule_marks_one_step_and_says_its_numbers() {
    let policy = policy(KpaSettings::default(), 1);
    let mut state = State::new();
    for (second, observation) in [
        (100, working(1, 1_000, 0)),
        (102, working(2, 2_000, 9_000)),
        (104, working(15, 0, 0)),
        (190, working(15, 0, 0)),
    ] {
        let decision = decide(&policy, &mut state, &observation, at(second));
        assert_one_step_binds(&decision);
        assert!(decision.to_string().contains("load "), "{decision}");
    }
}

#[test]
fn state_and_policy_survive_a_restart_as_data() {
    let delay = Micros::from_secs(120);
    let settings = KpaSettings {
        scale_down_delay: delay,
        ..KpaSettings::default()
    };
    let policy = policy(settings, 1);
    let mut state = State::new();
    for second in (100..200).step_by(2) {
        let load = i64::try_from(second).unwrap() * 37 % 5_000;
        decide(&policy, &mut state, &working(3, load, load / 2), at(second));
    }
    assert_survives(&state);
    assert_survives(&policy);
    let decision = decide(&policy, &mut state, &working(3, 700, 0), at(200));
    assert_survives(&decision);
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let refused = |change: fn(&mut KpaSettings)| {
        let mut settings = KpaSettings::default();
        change(&mut settings);
        let error = Kpa::new(settings).unwrap_err();
        assert!(!error.to_string().is_empty());
        error
    };
    let short = Micros::from_secs(5);
    assert_eq!(
        refused(|it| it.stable_window = Micros::from_secs(5)),
        KpaError::StableWindow(short)
    );
    let long = Micros::from_secs(3_601);
    let error = refused(|it| it.scale_down_delay = Micros::from_secs(3_601));
    assert_eq!(error, KpaError::ScaleDownDelay(long));
    let percentage = |which, percentage| KpaError::Percentage { which, percentage };
    let error = refused(|it| it.target_percentage = 0);
    assert_eq!(error, percentage(Percentage::Target, 0));
    let error = refused(|it| it.panic_window_percentage = 101);
    assert_eq!(error, percentage(Percentage::PanicWindow, 101));
    let error = refused(|it| it.panic_threshold_percentage = 100);
    assert_eq!(error, percentage(Percentage::PanicThreshold, 100));
    assert_eq!(
        refused(|it| it.max_scale_down_rate = 1_000),
        KpaError::Rate(1_000)
    );
    assert!(matches!(
        refused(|it| it.capacity_per_node = 0),
        KpaError::Spec(SpecError::NotPositive(_))
    ));
    assert!(matches!(
        refused(|it| it.target_burst_capacity = -2),
        KpaError::Spec(SpecError::Negative(_))
    ));
}

#[test]
fn hostile_fleets_and_clocks_give_an_answer() {
    let policy = policy(KpaSettings::default(), 1);
    let mut state = State::new();
    let values = [i64::MIN, -1, 0, 1, i64::MAX];
    let times = [Micros::ZERO, Micros::MAX, Micros(1), at(77), Micros::MAX];
    for now in times {
        for value in values {
            for observation in [busy(1_000_000, value), working(1, value, value)] {
                let target = decide(&policy, &mut state, &observation, now).target;
                assert!((1..=100).contains(&target));
            }
        }
    }
}
