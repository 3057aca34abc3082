//! The autoscaler on a fleet of nodes, through the same door as every other strategy.

use quorate::autoscale::wpa::{
    Algorithm, Converge, Patience, WatermarkError, Watermarks, Wpa, WpaError, WpaMetric, WpaRule,
    WpaSettings,
};
use quorate::autoscale::{
    Bounds, Decision, Executed, Guards, Metric, NodeSample, NodeState, Observation, Policy, Signal,
    State, Strategy, StrategyRule, decide,
};
use quorate::{Micros, NodeId};

use super::autoscale_fleet::{assert_one_step_binds, assert_survives, at};

fn policy(settings: WpaSettings) -> Policy {
    let strategy = Strategy::Wpa(Wpa::new(settings).unwrap());
    let bounds = Bounds::new(2, 30).unwrap();
    Policy::new(strategy, Guards::within(bounds)).unwrap()
}

fn nodes(first: u64, count: u32, state: NodeState, cpu: Metric) -> NodeSample {
    NodeSample {
        count,
        cpu,
        ..NodeSample::unmeasured(NodeId(first), state)
    }
}

/// `ready` nodes that all report this CPU.
fn busy(ready: u32, cpu: i64) -> Observation {
    Observation::new(vec![nodes(1, ready, NodeState::Ready, Metric::Fresh(cpu))]).unwrap()
}

fn rule(decision: &Decision) -> WpaRule {
    match decision.chain.strategy.rule() {
        StrategyRule::Wpa(rule) => rule,
        other => unreachable!("{other}"),
    }
}

#[track_caller]
fn assert_decided(decision: &Decision, target: u32, by: WpaRule) {
    assert_eq!(
        (decision.target, rule(decision)),
        (target, by),
        "{decision}"
    );
}

#[test]
fn a_fleet_is_kept_between_its_watermarks() {
    let policy = policy(WpaSettings::default());
    let first = |cpu| decide(&policy, &mut State::new(), &busy(10, cpu), at(100));
    assert_decided(&first(650), 10, WpaRule::WithinWatermarks);
    assert_decided(&first(960), 12, WpaRule::HighWatermark);
    assert_decided(&first(440), 8, WpaRule::LowWatermark);
    assert_decided(&first(2_000), 15, WpaRule::ScaleUpLimit);
    assert_decided(&first(100), 8, WpaRule::ScaleDownLimit);
    assert_eq!(
        first(960).to_string(),
        "10 -> 12 nodes: 0.96 above 0.88 → 12; bound by the high watermark"
    );
}

#[test]
fn each_direction_has_its_own_window() {
    let policy = policy(WpaSettings::default());
    let mut state = State::new();
    state.executed(
        &policy,
        Executed {
            from: 9,
            to: 10,
            at: at(100),
        },
    );
    let mut decide = |cpu, second| decide(&policy, &mut state, &busy(10, cpu), at(second));
    assert_decided(&decide(960, 159), 10, WpaRule::ForbiddenWindow);
    assert_decided(&decide(960, 160), 12, WpaRule::HighWatermark);
    assert_decided(&decide(440, 399), 10, WpaRule::ForbiddenWindow);
    assert_decided(&decide(440, 400), 8, WpaRule::LowWatermark);
}

#[test]
fn a_metric_must_stay_outside_for_the_delay() {
    let policy = policy(WpaSettings {
        patience: Patience {
            upscale_delay: at(60),
            ..Patience::default()
        },
        ..WpaSettings::default()
    });
    let mut state = State::new();
    state.executed(
        &policy,
        Executed {
            from: 9,
            to: 10,
            at: at(0),
        },
    );
    let mut decide = |cpu, second| decide(&policy, &mut state, &busy(10, cpu), at(second));
    assert_decided(&decide(960, 100), 10, WpaRule::Delay);
    assert_decided(&decide(960, 159), 10, WpaRule::Delay);
    assert_decided(&decide(960, 160), 12, WpaRule::HighWatermark);
    assert_decided(&decide(650, 170), 10, WpaRule::WithinWatermarks);
    assert_decided(&decide(960, 180), 10, WpaRule::Delay);
}

#[test]
fn convergence_moves_one_step_inside_the_watermarks() {
    let watermarks = Watermarks {
        converge: Converge::HighWatermark,
        ..Watermarks::new(500, 800)
    };
    let policy = policy(WpaSettings {
        metrics: vec![WpaMetric {
            signal: Signal::Cpu,
            watermarks,
        }],
        ..WpaSettings::default()
    });
    let first = |cpu| decide(&policy, &mut State::new(), &busy(10, cpu), at(100));
    assert_decided(&first(650), 9, WpaRule::Convergence);
    assert_decided(&first(750), 10, WpaRule::WithinWatermarks);
}

#[test]
fn a_total_is_divided_by_the_ready_nodes() {
    let watermarks = Watermarks {
        algorithm: Algorithm::Average,
        ..Watermarks::new(500, 800)
    };
    let policy = policy(WpaSettings {
        metrics: vec![WpaMetric {
            signal: Signal::Cpu,
            watermarks,
        }],
        ..WpaSettings::default()
    });
    let decision = decide(&policy, &mut State::new(), &busy(10, 960), at(100));
    assert_decided(&decision, 12, WpaRule::HighWatermark);
}

#[test]
fn too_few_ready_nodes_or_a_missing_metric_hold() {
    let policy = policy(WpaSettings {
        min_available_replica_percentage: 50,
        ..WpaSettings::default()
    });
    let mixed = |ready, unready| {
        let nodes = vec![
            nodes(1, ready, NodeState::Ready, Metric::Fresh(960)),
            nodes(100, unready, NodeState::Unready, Metric::Absent),
        ];
        decide(
            &policy,
            &mut State::new(),
            &Observation::new(nodes).unwrap(),
            at(100),
        )
    };
    assert_decided(&mixed(4, 6), 10, WpaRule::NotAvailable);
    assert_decided(&mixed(5, 5), 10, WpaRule::HighWatermark);
    let blind = Observation::new(vec![nodes(1, 4, NodeState::Ready, Metric::Absent)]).unwrap();
    let decision = decide(&policy, &mut State::new(), &blind, at(100));
    assert_decided(&decision, 4, WpaRule::MissingData);
}

#[test]
fn a_fleet_outside_its_bounds_comes_back_at_once() {
    let policy = policy(WpaSettings::default());
    let mut state = State::new();
    state.executed(
        &policy,
        Executed {
            from: 1,
            to: 40,
            at: at(100),
        },
    );
    let above = decide(&policy, &mut state, &busy(40, 900), at(101));
    assert_decided(&above, 30, WpaRule::MaxReplicas);
    let below = decide(&policy, &mut state, &busy(1, 100), at(101));
    assert_decided(&below, 2, WpaRule::MinReplicas);
}

#[test]
fn every_rule_marks_one_step() {
    let policy = policy(WpaSettings::default());
    let mut state = State::new();
    for (second, cpu) in [(100, 960), (110, 650), (120, 100), (130, 9_000), (140, 1)] {
        let decision = decide(&policy, &mut state, &busy(10, cpu), at(second));
        state.executed(
            &policy,
            Executed {
                from: 9,
                to: 10,
                at: at(60),
            },
        );
        assert_one_step_binds(&decision);
    }
}

#[test]
fn state_policy_and_decision_survive_as_data() {
    let policy = policy(WpaSettings::default());
    let mut state = State::new();
    state.executed(
        &policy,
        Executed {
            from: 9,
            to: 10,
            at: at(60),
        },
    );
    let decision = decide(&policy, &mut state, &busy(10, 913), at(100));
    assert_survives(&state);
    assert_survives(&policy);
    assert_survives(&decision);
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let refused = |change: fn(&mut WpaSettings)| {
        let mut settings = WpaSettings::default();
        change(&mut settings);
        let error = Wpa::new(settings).unwrap_err();
        assert!(!error.to_string().is_empty());
        error
    };
    assert_eq!(refused(|it| it.metrics.clear()), WpaError::Metrics(0));
    let error = WatermarkError::LowNotPositive;
    let watermarks = WpaError::Watermarks { metric: 0, error };
    assert_eq!(refused(|it| it.metrics[0].watermarks.low = 0), watermarks);
    assert_eq!(
        refused(|it| it.scale_up_limit_factor = -1),
        WpaError::ScaleUpFactor(-1)
    );
    let all = WpaError::ScaleDownFactor(100_000);
    assert_eq!(refused(|it| it.scale_down_limit_factor = 100_000), all);
    let share = WpaError::Percentage(101);
    assert_eq!(
        refused(|it| it.min_available_replica_percentage = 101),
        share
    );
}

#[test]
fn hostile_fleets_and_clocks_give_an_answer() {
    let policy = policy(WpaSettings::default());
    let mut state = State::new();
    for now in [Micros::ZERO, Micros::MAX, Micros(1), at(77), Micros::MAX] {
        for value in [i64::MIN, -1, 0, 1, i64::MAX] {
            for ready in [1, 1_000_000] {
                let target = decide(&policy, &mut state, &busy(ready, value), now).target;
                assert!((2..=30).contains(&target));
            }
        }
    }
}
