//! The group on a fleet of nodes, through the same door as every other strategy.

use quorate::autoscale::step_scaling::{
    AdjustmentType, Alarm, Comparison, StepPolicy, StepScaling, StepScalingError, StepScalingRule,
    StepScalingSettings,
};
use quorate::autoscale::{
    Bounds, Decision, Executed, Guards, Metric, NodeSample, NodeState, Observation, Policy, Signal,
    State, Strategy, StrategyRule, decide,
};
use quorate::{Micros, NodeId};

use super::autoscale_fleet::{assert_one_step_binds, assert_survives, at};

use super::bands;

fn policy(settings: StepScalingSettings) -> Policy {
    let strategy = Strategy::StepScaling(StepScaling::new(settings).unwrap());
    let bounds = Bounds::new(2, 30).unwrap();
    Policy::new(strategy, Guards::within(bounds)).unwrap()
}

/// `ready` nodes that all report this CPU, and some that start.
fn fleet(ready: u32, cpu: i64, starting: u32) -> Observation {
    let ready = NodeSample {
        count: ready,
        cpu: Metric::Fresh(cpu),
        ..NodeSample::unmeasured(NodeId(1), NodeState::Ready)
    };
    let starting = (0..starting)
        .map(|id| NodeSample::unmeasured(NodeId(10_000_000 + u64::from(id)), NodeState::Starting));
    Observation::new(starting.chain([ready]).collect()).unwrap()
}

#[track_caller]
fn assert_decided(decision: &Decision, target: u32, by: StepScalingRule) {
    let StrategyRule::StepScaling(rule) = decision.chain.strategy.rule() else {
        unreachable!()
    };
    assert_eq!((decision.target, rule), (target, by), "{decision}");
}

#[test]
fn the_worked_example_as_a_policy() {
    let policy = policy(StepScalingSettings::default());
    let first = |cpu, ready| decide(&policy, &mut State::new(), &fleet(ready, cpu, 0), at(100));
    assert_decided(&first(599, 10), 10, StepScalingRule::NoAlarm);
    assert_decided(&first(600, 10), 11, StepScalingRule::Band);
    assert_decided(&first(700, 11), 14, StepScalingRule::Band);
    assert_decided(&first(400, 14), 13, StepScalingRule::Band);
    assert_decided(&first(300, 13), 10, StepScalingRule::Band);
    assert_decided(&first(990, 28), 30, StepScalingRule::MaxSize);
    assert_eq!(
        first(720, 10).to_string(),
        "10 -> 13 nodes: alarm 1: 0.72, 0.12 above its threshold, band 2; bound by the band of the breach"
    );
}

#[test]
fn what_warms_up_is_not_ordered_twice_and_keeps_all_nodes() {
    let policy = policy(StepScalingSettings::default());
    let mut state = State::new();
    state.executed(
        &policy,
        Executed {
            from: 10,
            to: 11,
            at: at(100),
        },
    );
    let mut decide = |ready, cpu, starting, second| {
        let observation = fleet(ready, cpu, starting);
        decide(&policy, &mut state, &observation, at(second))
    };
    assert_decided(&decide(10, 620, 1, 160), 11, StepScalingRule::InProgress);
    assert_decided(&decide(10, 700, 1, 220), 13, StepScalingRule::Band);
    assert_decided(&decide(11, 300, 0, 399), 11, StepScalingRule::WarmingUp);
    assert_decided(&decide(11, 300, 0, 400), 8, StepScalingRule::Band);
}

#[test]
fn a_cooldown_holds_every_policy() {
    let policy = policy(StepScalingSettings {
        instance_warmup: Micros::ZERO,
        cooldown: at(300),
        ..StepScalingSettings::default()
    });
    let mut state = State::new();
    state.executed(
        &policy,
        Executed {
            from: 10,
            to: 11,
            at: at(100),
        },
    );
    let mut decide = |second| decide(&policy, &mut state, &fleet(11, 990, 0), at(second));
    assert_decided(&decide(399), 11, StepScalingRule::Cooldown);
    assert_decided(&decide(400), 14, StepScalingRule::Band);
}

#[test]
fn of_several_alarms_the_largest_capacity_wins() {
    let exact = |signal, capacity| StepPolicy {
        signal,
        alarm: Alarm {
            threshold: 0,
            comparison: Comparison::AtOrAbove,
            evaluation_periods: 1,
        },
        adjustment_type: AdjustmentType::ExactCapacity,
        bands: bands(&[(Some(0), None, capacity)]),
        min_adjustment_magnitude: 0,
    };
    let policies = vec![
        exact(Signal::Cpu, 5),
        exact(Signal::Cpu, 9),
        exact(Signal::Memory, 20),
    ];
    let policy = policy(StepScalingSettings {
        policies,
        ..StepScalingSettings::default()
    });
    let decision = decide(&policy, &mut State::new(), &fleet(10, 500, 0), at(100));
    assert_decided(&decision, 9, StepScalingRule::Band);
}

#[test]
fn without_data_no_alarm_is_on() {
    let policy = policy(StepScalingSettings::default());
    let blind = Observation::new(vec![NodeSample::unmeasured(NodeId(1), NodeState::Ready)]);
    let decision = decide(&policy, &mut State::new(), &blind.unwrap(), at(100));
    // One node is below the smallest group, and bringing it there is the guards' business.
    assert_decided(&decision, 2, StepScalingRule::MissingData);
}

#[test]
fn every_rule_marks_one_step() {
    let policy = policy(StepScalingSettings::default());
    let mut state = State::new();
    for (second, cpu) in [(100, 620), (160, 500), (220, 100), (280, 990)] {
        let decision = decide(&policy, &mut state, &fleet(10, cpu, 0), at(second));
        assert_one_step_binds(&decision);
    }
}

#[test]
fn state_policy_and_decision_survive_as_data() {
    let policy = policy(StepScalingSettings::default());
    let mut state = State::new();
    state.executed(
        &policy,
        Executed {
            from: 9,
            to: 10,
            at: at(60),
        },
    );
    let decision = decide(&policy, &mut state, &fleet(10, 913, 2), at(100));
    assert_survives(&state);
    assert_survives(&policy);
    assert_survives(&decision);
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let mut settings = StepScalingSettings::default();
    settings.policies[1].adjustment_type = AdjustmentType::ExactCapacity;
    let negative = StepScaling::new(settings.clone()).unwrap_err();
    assert_eq!(negative, StepScalingError::NegativeCapacity { policy: 1 });
    assert!(negative.to_string().contains("policies[1]"));
    settings.policies.clear();
    let none = StepScaling::new(settings).unwrap_err();
    assert_eq!(none, StepScalingError::Policies(0));
}

#[test]
fn hostile_fleets_and_clocks_give_an_answer() {
    let policy = policy(StepScalingSettings::default());
    let mut state = State::new();
    for now in [Micros::ZERO, Micros::MAX, Micros(1), at(77), Micros::MAX] {
        for value in [i64::MIN, -1, 0, 1, i64::MAX] {
            for ready in [1, 1_000_000] {
                let target = decide(&policy, &mut state, &fleet(ready, value, 3), now).target;
                assert!((2..=30).contains(&target), "{target}");
            }
        }
    }
}
