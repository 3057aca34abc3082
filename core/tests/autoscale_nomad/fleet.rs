//! The autoscaler on a fleet of nodes, through the same door as every other strategy.

use quorate::autoscale::nomad::{
    Check, FixedValue, Nomad, NomadCheck, NomadError, NomadRule, NomadSettings, OnError,
    StrategyError, TargetValue, Tier, TierChange,
};
use quorate::autoscale::{
    Bounds, Decision, Executed, Guards, Metric, NodeSample, NodeState, Observation, Policy, Signal,
    State, Strategy, StrategyRule, decide,
};
use quorate::{Micros, NodeId};

use super::autoscale_fleet::{assert_one_step_binds, assert_survives, at};

fn policy(settings: NomadSettings) -> Policy {
    let strategy = Strategy::Nomad(Nomad::new(settings).unwrap());
    let bounds = Bounds::new(1, 20).unwrap();
    Policy::new(strategy, Guards::within(bounds)).unwrap()
}

fn checks(checks: Vec<NomadCheck>) -> NomadSettings {
    NomadSettings {
        checks,
        ..NomadSettings::default()
    }
}

/// `ready` nodes that all report this CPU and this memory.
fn fleet(ready: u32, cpu: Metric, memory: Metric) -> Observation {
    let nodes = NodeSample {
        count: ready,
        cpu,
        memory,
        ..NodeSample::unmeasured(NodeId(1), NodeState::Ready)
    };
    Observation::new(vec![nodes]).unwrap()
}

fn busy(ready: u32, cpu: i64) -> Observation {
    fleet(ready, Metric::Fresh(cpu), Metric::Absent)
}

fn rule(decision: &Decision) -> NomadRule {
    match decision.chain.strategy.rule() {
        StrategyRule::Nomad(rule) => rule,
        other => unreachable!("{other}"),
    }
}

#[track_caller]
fn assert_decided(decision: &Decision, target: u32, by: NomadRule) {
    assert_eq!(
        (decision.target, rule(decision)),
        (target, by),
        "{decision}"
    );
}

#[test]
fn a_fleet_follows_its_target_between_cooldowns() {
    let policy = policy(NomadSettings::default());
    let mut state = State::new();
    let up = decide(&policy, &mut state, &busy(4, 910), at(100));
    assert_decided(&up, 6, NomadRule::TargetValue);
    assert_eq!(
        up.to_string(),
        "4 -> 6 nodes: check 1: 0.91, scaling up because factor is 1.300000; bound by the target value"
    );
    // Nothing was carried out, so nothing cools down.
    let again = decide(&policy, &mut state, &busy(4, 980), at(110));
    assert_decided(&again, 6, NomadRule::TargetValue);
    state.executed(
        &policy,
        Executed {
            from: 4,
            to: 6,
            at: at(110),
        },
    );
    let cooling = decide(&policy, &mut state, &busy(6, 980), at(410));
    assert_decided(&cooling, 6, NomadRule::Cooldown);
    let after = decide(&policy, &mut state, &busy(6, 980), at(411));
    assert_decided(&after, 9, NomadRule::TargetValue);
    let calm = decide(&policy, &mut state, &busy(6, 700), at(411));
    assert_decided(&calm, 6, NomadRule::NoChange);
}

#[test]
fn the_cooldowns_of_both_directions_differ() {
    let policy = policy(NomadSettings {
        cooldown_on_scale_up: at(30),
        ..NomadSettings::default()
    });
    let mut state = State::new();
    state.executed(
        &policy,
        Executed {
            from: 4,
            to: 6,
            at: at(100),
        },
    );
    let up = decide(&policy, &mut state, &busy(6, 910), at(131));
    assert_decided(&up, 8, NomadRule::TargetValue);
    state.executed(
        &policy,
        Executed {
            from: 6,
            to: 5,
            at: at(140),
        },
    );
    let down = decide(&policy, &mut state, &busy(5, 910), at(171));
    assert_decided(&down, 5, NomadRule::Cooldown);
}

#[test]
fn the_safest_check_wins_and_counts_are_capped() {
    let two = checks(vec![
        NomadCheck::new(Signal::Cpu, Check::TargetValue(TargetValue::new(0.7))),
        NomadCheck::new(Signal::Memory, Check::TargetValue(TargetValue::new(0.5))),
    ]);
    let policy = policy(two);
    let decide = |cpu, memory| {
        let fleet = fleet(8, Metric::Fresh(cpu), Metric::Fresh(memory));
        decide(&policy, &mut State::new(), &fleet, at(100))
    };
    assert_decided(&decide(100, 750), 12, NomadRule::TargetValue);
    assert_decided(&decide(100, 500), 8, NomadRule::NoChange);
    assert_decided(&decide(100, 250), 4, NomadRule::TargetValue);
    assert_decided(&decide(7_000, 500), 20, NomadRule::Limits);
}

#[test]
fn a_tier_waits_for_enough_samples_of_its_window() {
    let tier = Tier {
        lower_bound: Some(0.8),
        upper_bound: None,
        change: TierChange::Delta(2),
        within_bounds_trigger: 3,
    };
    let check = NomadCheck {
        query_window: at(30),
        ..NomadCheck::new(Signal::Cpu, Check::Threshold(tier))
    };
    let policy = policy(checks(vec![check]));
    let mut state = State::new();
    let mut target = |second, cpu| decide(&policy, &mut state, &busy(4, cpu), at(second)).target;
    assert_eq!(target(100, 900), 4);
    assert_eq!(target(110, 900), 4);
    assert_eq!(target(110, 900), 4, "the same moment is one sample");
    assert_eq!(target(120, 700), 4);
    assert_eq!(target(130, 800), 6);
    assert_eq!(target(141, 800), 4, "the first two are too old");
}

#[test]
fn a_check_without_data_is_ignored_or_stops_everything() {
    let with = |on_error| {
        let blind = NomadCheck {
            on_error,
            ..NomadCheck::new(Signal::Memory, Check::TargetValue(TargetValue::new(0.5)))
        };
        let cpu = NomadCheck::new(Signal::Cpu, Check::TargetValue(TargetValue::new(0.7)));
        let policy = policy(checks(vec![cpu, blind]));
        decide(&policy, &mut State::new(), &busy(4, 910), at(100))
    };
    assert_decided(&with(None), 6, NomadRule::TargetValue);
    assert_decided(&with(Some(OnError::Fail)), 4, NomadRule::FailedCheck);
    let policy = policy(NomadSettings::default());
    let blind = fleet(4, Metric::Absent, Metric::Absent);
    let decision = decide(&policy, &mut State::new(), &blind, at(100));
    assert_decided(&decision, 4, NomadRule::MissingData);
}

#[test]
fn a_fixed_value_needs_no_samples() {
    let fixed = NomadCheck::new(Signal::Cpu, Check::FixedValue(FixedValue { fixed: 7 }));
    let policy = policy(checks(vec![fixed]));
    let blind = fleet(4, Metric::Absent, Metric::Absent);
    let decision = decide(&policy, &mut State::new(), &blind, at(100));
    assert_decided(&decision, 7, NomadRule::FixedValue);
}

#[test]
fn every_rule_marks_one_step() {
    let policy = policy(NomadSettings::default());
    let mut state = State::new();
    for (second, cpu) in [(100, 910), (110, 700), (120, 100), (130, 900_000)] {
        let decision = decide(&policy, &mut state, &busy(6, cpu), at(second));
        state.executed(
            &policy,
            Executed {
                from: 6,
                to: 6,
                at: at(1),
            },
        );
        assert_one_step_binds(&decision);
    }
}

#[test]
fn state_policy_and_decision_survive_as_data() {
    let policy = policy(NomadSettings::default());
    let mut state = State::new();
    for second in 100..200 {
        let cpu = i64::try_from(second).unwrap() * 37 % 1_000;
        decide(&policy, &mut state, &busy(4, cpu), at(second));
    }
    let decision = decide(&policy, &mut state, &busy(4, 913), at(200));
    assert_survives(&state);
    assert_survives(&policy);
    assert_survives(&decision);
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let none = Nomad::new(checks(Vec::new())).unwrap_err();
    assert_eq!(none, NomadError::Checks(0));
    let nonsense = Check::TargetValue(TargetValue::new(f64::NAN));
    let error = Nomad::new(checks(vec![NomadCheck::new(Signal::Cpu, nonsense)])).unwrap_err();
    let expected = NomadError::Strategy {
        check: 0,
        error: StrategyError::NotFinite,
    };
    assert_eq!(error, expected);
    assert!(error.to_string().contains("checks[0]"));
}

#[test]
fn hostile_fleets_and_clocks_give_an_answer() {
    let policy = policy(NomadSettings::default());
    let mut state = State::new();
    for now in [Micros::ZERO, Micros::MAX, Micros(1), at(77), Micros::MAX] {
        for value in [i64::MIN, -1, 0, 1, i64::MAX] {
            for ready in [1, 1_000_000] {
                let target = decide(&policy, &mut state, &busy(ready, value), now).target;
                assert!((1..=20).contains(&target));
            }
        }
    }
}
