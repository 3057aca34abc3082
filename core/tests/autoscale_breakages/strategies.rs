//! The laws of the strategies that copy other systems, and of this project's own.

use std::collections::BTreeMap;

use quorate::autoscale::hpa::{Hpa, HpaMetric, HpaSettings};
use quorate::autoscale::kpa::{Kpa, KpaSettings};
use quorate::autoscale::nomad::{
    Check as NomadStrategy, Nomad, NomadCheck, NomadSettings, OnError, TargetValue,
};
use quorate::autoscale::quorate::{Quorate, QuorateSettings, SeasonSettings};
use quorate::autoscale::step_scaling::{StepScaling, StepScalingSettings};
use quorate::autoscale::wpa::{Watermarks, Wpa, WpaMetric, WpaSettings};
use quorate::autoscale::{
    Executed, Guards, Metric, MetricName, NodeSample, NodeState, Observation, Policy, Rule, Signal,
    State, Strategy, StrategyRecord, evaluate,
};
use quorate::{Micros, NodeId};

use crate::fleet::{nodes, secs};
use crate::subject::{Check, Finding, Subject, ensure};

pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "hpa: silent pods keep the fleet",
        rules: &[Rule::HpaMissingIsNotZero],
        law: hpa_keeps_silent_pods,
    },
    Check {
        name: "hpa: a failed metric keeps the fleet",
        rules: &[Rule::HpaFailedMetricHolds],
        law: hpa_holds_on_failure,
    },
    Check {
        name: "hpa: five minutes hold the fleet up",
        rules: &[Rule::HpaStabilizes],
        law: hpa_stabilizes,
    },
    Check {
        name: "kpa: a restart removes nothing",
        rules: &[Rule::KpaStartsInPanic],
        law: kpa_starts_in_panic,
    },
    Check {
        name: "kpa: silence removes nothing",
        rules: &[Rule::KpaSilenceHolds],
        law: kpa_holds_in_silence,
    },
    Check {
        name: "nomad: a failed check keeps the fleet",
        rules: &[Rule::NomadFailedCheckHolds],
        law: nomad_holds_on_failure,
    },
    Check {
        name: "nomad: one action per cooldown",
        rules: &[Rule::NomadCooldownHolds],
        law: nomad_cools_down,
    },
    Check {
        name: "wpa: a missing metric keeps the fleet",
        rules: &[Rule::WpaMissingMetricHolds],
        law: wpa_holds_on_missing,
    },
    Check {
        name: "wpa: too few ready nodes keep the fleet",
        rules: &[Rule::WpaWaitsForReadiness],
        law: wpa_waits_for_readiness,
    },
    Check {
        name: "step scaling: one step per warm-up",
        rules: &[Rule::StepWarmUpCounts],
        law: steps_warm_up,
    },
    Check {
        name: "step scaling: one step per cooldown",
        rules: &[Rule::StepCooldownHolds],
        law: steps_cool_down,
    },
    Check {
        name: "quorate: silent nodes keep the fleet",
        rules: &[Rule::QuorateSilenceRemovesNothing],
        law: quorate_keeps_silent_nodes,
    },
    Check {
        name: "quorate: a queue is demand",
        rules: &[Rule::QuorateQueueIsDemand],
        law: quorate_sees_queues,
    },
    Check {
        name: "quorate: nothing is regretted that was not done",
        rules: &[Rule::QuorateRegretsWhatWasDone],
        law: quorate_regrets_what_was_done,
    },
    Check {
        name: "quorate: a wrong yesterday is not followed",
        rules: &[Rule::QuorateSeasonEarnsTrust],
        law: quorate_distrusts_a_wrong_day,
    },
];

const INTERVAL: u64 = 15;

/// A strategy, evaluated every 15 seconds within 1 to 100 nodes.
fn policy(subject: Subject, strategy: Strategy) -> Policy {
    let interval = secs(INTERVAL);
    let policy = Policy::with_interval(strategy, Guards::default(), interval).unwrap();
    subject.policy(policy)
}

/// Evaluates a fleet that starts with ten nodes and gets what is decided, `times` times. Returns the
/// sizes, with the seconds at which they were decided.
fn sizes(policy: &Policy, times: u64, see: impl Fn(u32, u64) -> Observation) -> Vec<(u64, u32)> {
    let mut state = State::new();
    let mut size = 10;
    let mut sizes = Vec::new();
    for time in 0..times {
        let second = time * INTERVAL;
        let at = secs(1_000 + second);
        let target = evaluate(policy, &mut state, &see(size, second), at).target;
        if target != size {
            let change = Executed {
                from: size,
                to: target,
                at,
            };
            state.executed(policy, change);
        }
        size = target;
        sizes.push((second, size));
    }
    sizes
}

/// Fails unless all ten nodes are kept.
fn kept(sizes: &[(u64, u32)]) -> Finding {
    let lost = sizes.iter().find(|(_, size)| *size != 10);
    ensure(lost.is_none(), || format!("{lost:?} of ten nodes"))
}

/// When the size changed, counted from ten.
fn changes(sizes: &[(u64, u32)]) -> Vec<u64> {
    let before = std::iter::once(10).chain(sizes.iter().map(|(_, size)| *size));
    sizes
        .iter()
        .zip(before)
        .filter(|((_, after), before)| after != before)
        .map(|((second, _), _)| *second)
        .collect()
}

/// `busy` nodes with this CPU, and the rest of `size` without a word.
fn with_silent(size: u32, busy: u32, cpu: i64) -> Observation {
    let mut samples = vec![nodes(1, busy, NodeState::Ready, Metric::Fresh(cpu))];
    if size > busy {
        samples.push(NodeSample {
            count: size - busy,
            ..NodeSample::unmeasured(NodeId(1_000), NodeState::Ready)
        });
    }
    Observation::new(samples).unwrap()
}

/// `size` ready nodes with this CPU.
fn busy(size: u32, cpu: i64) -> Observation {
    with_silent(size, size, cpu)
}

fn name(name: &str) -> MetricName {
    MetricName::new(name).unwrap()
}

fn hpa(settings: HpaSettings) -> Strategy {
    Strategy::Hpa(Hpa::new(settings).unwrap())
}

fn hpa_keeps_silent_pods(subject: Subject) -> Finding {
    let policy = policy(subject, hpa(HpaSettings::default()));
    kept(&sizes(&policy, 60, |size, _| with_silent(size, 1, 100)))
}

fn hpa_holds_on_failure(subject: Subject) -> Finding {
    let mut settings = HpaSettings::default();
    settings.metrics.push(HpaMetric::FleetValue {
        name: name("waiting"),
        target: 1_000,
    });
    let policy = policy(subject, hpa(settings));
    kept(&sizes(&policy, 60, |size, _| busy(size, 100)))
}

fn hpa_stabilizes(subject: Subject) -> Finding {
    let policy = policy(subject, hpa(HpaSettings::default()));
    let cpu = |second| if second < 60 { 800 } else { 100 };
    let sizes = sizes(&policy, 60, |size, second| busy(size, cpu(second)));
    let (held, later) = sizes.split_at(22);
    kept(held)?;
    ensure(later.last().is_some_and(|(_, size)| *size < 10), || {
        String::from("it never shrinks")
    })
}

fn kpa(subject: Subject) -> Policy {
    let kpa = Kpa::new(KpaSettings::default()).unwrap();
    policy(subject, Strategy::Kpa(kpa))
}

fn kpa_starts_in_panic(subject: Subject) -> Finding {
    kept(&sizes(&kpa(subject), 4, |size, _| busy(size, 100)))
}

fn kpa_holds_in_silence(subject: Subject) -> Finding {
    kept(&sizes(&kpa(subject), 30, |size, _| {
        let silent = NodeSample {
            count: size,
            ..NodeSample::unmeasured(NodeId(1), NodeState::Ready)
        };
        Observation::new(vec![silent]).unwrap()
    }))
}

fn nomad(subject: Subject, settings: NomadSettings) -> Policy {
    policy(subject, Strategy::Nomad(Nomad::new(settings).unwrap()))
}

fn nomad_holds_on_failure(subject: Subject) -> Finding {
    let mut settings = NomadSettings::default();
    let target = NomadStrategy::TargetValue(TargetValue::new(1.0));
    settings.checks.push(NomadCheck {
        on_error: Some(OnError::Fail),
        ..NomadCheck::new(Signal::Fleet(name("waiting")), target)
    });
    let policy = nomad(subject, settings);
    kept(&sizes(&policy, 60, |size, _| busy(size, 100)))
}

fn nomad_cools_down(subject: Subject) -> Finding {
    let policy = nomad(subject, NomadSettings::default());
    let sizes = sizes(&policy, 60, |size, _| busy(size, 750));
    let changes = changes(&sizes);
    let hasty = changes.windows(2).find(|pair| pair[1] - pair[0] < 300);
    ensure(changes.len() > 1 && hasty.is_none(), || {
        format!("actions at {changes:?}")
    })
}

fn wpa(subject: Subject, settings: WpaSettings) -> Policy {
    policy(subject, Strategy::Wpa(Wpa::new(settings).unwrap()))
}

fn wpa_holds_on_missing(subject: Subject) -> Finding {
    let mut settings = WpaSettings::default();
    settings.metrics.push(WpaMetric {
        signal: Signal::Fleet(name("waiting")),
        watermarks: Watermarks::new(500, 800),
    });
    let policy = wpa(subject, settings);
    kept(&sizes(&policy, 60, |size, _| busy(size, 100)))
}

fn wpa_waits_for_readiness(subject: Subject) -> Finding {
    let settings = WpaSettings {
        min_available_replica_percentage: 95,
        ..WpaSettings::default()
    };
    let policy = wpa(subject, settings);
    kept(&sizes(&policy, 60, |size, _| {
        let samples = vec![
            nodes(1, size - 1, NodeState::Ready, Metric::Fresh(1_000)),
            nodes(100, 1, NodeState::Unready, Metric::Absent),
        ];
        Observation::new(samples).unwrap()
    }))
}

fn steps(subject: Subject, warm_up: u64, cooldown: u64) -> Policy {
    let settings = StepScalingSettings {
        instance_warmup: secs(warm_up),
        cooldown: secs(cooldown),
        ..StepScalingSettings::default()
    };
    let scaling = StepScaling::new(settings).unwrap();
    policy(subject, Strategy::StepScaling(scaling))
}

fn steps_warm_up(subject: Subject) -> Finding {
    let sizes = sizes(&steps(subject, 300, 0), 20, |size, _| busy(size, 650));
    let changes = changes(&sizes);
    ensure(changes == [0], || {
        format!("steps at {changes:?} of one warm-up")
    })
}

fn steps_cool_down(subject: Subject) -> Finding {
    let sizes = sizes(&steps(subject, 0, 300), 60, |size, _| busy(size, 650));
    let changes = changes(&sizes);
    ensure(changes == [0, 300, 600], || format!("steps at {changes:?}"))
}

fn quorate(subject: Subject) -> Policy {
    let quorate = Quorate::new(QuorateSettings::default()).unwrap();
    policy(subject, Strategy::Quorate(quorate))
}

fn quorate_keeps_silent_nodes(subject: Subject) -> Finding {
    let sizes = sizes(&quorate(subject), 240, |size, _| with_silent(size, 5, 50));
    kept(&sizes)
}

fn quorate_sees_queues(subject: Subject) -> Finding {
    let policy = quorate(subject);
    let mut state = State::new();
    let mut see = |backlog, second| {
        let sample = nodes(1, 10, NodeState::Ready, Metric::Fresh(1_000));
        let metrics = BTreeMap::from([(name("backlog"), Metric::Fresh(backlog))]);
        let observation = Observation::with_metrics(vec![sample], metrics).unwrap();
        evaluate(&policy, &mut state, &observation, secs(second)).target
    };
    see(0, 1_000);
    // Ten nodes worked and twenty more would have had work: 30 at 80 % are 38.
    let target = see(20_000, 1_000 + INTERVAL);
    ensure(target >= 38, || {
        format!("{target} nodes for the work of thirty")
    })
}

fn quorate_regrets_what_was_done(subject: Subject) -> Finding {
    let policy = quorate(subject);
    let mut state = State::new();
    for time in 0..120_u64 {
        let cpu = if (60..100).contains(&time) { 200 } else { 700 };
        let now = Micros(secs(time * INTERVAL).0);
        let evaluation = evaluate(&policy, &mut state, &busy(10, cpu), now);
        let StrategyRecord::Quorate(record) = evaluation.chain.strategy else {
            return Err(String::from("another strategy has decided"));
        };
        ensure(record.penalty == 0, || {
            format!("a penalty of {} for what nobody did", record.penalty)
        })?;
    }
    Ok(())
}

fn quorate_distrusts_a_wrong_day(subject: Subject) -> Finding {
    const HOUR: u64 = 3_600;
    let quorate = Quorate::new(QuorateSettings {
        season: Some(SeasonSettings::default()),
        ..QuorateSettings::default()
    });
    let policy = policy(subject, Strategy::Quorate(quorate.unwrap()));
    let mut state = State::new();
    // One day two and eight nodes of work by turns, half an hour each; then four, without a day.
    for second in (0..36 * HOUR).step_by(300) {
        let cpu = match second {
            0..86_400 if second % HOUR < HOUR / 2 => 200,
            0..86_400 => 800,
            _ => 400,
        };
        let evaluation = evaluate(&policy, &mut state, &busy(10, cpu), secs(second));
        let StrategyRecord::Quorate(record) = evaluation.chain.strategy else {
            return Err(String::from("another strategy has decided"));
        };
        // Four and a tenth and 0.1 at 80 %; the error of the other forecast fades within hours.
        ensure(second < 30 * HOUR || record.need <= 7, || {
            format!("{} nodes for the work of four", record.need)
        })?;
    }
    Ok(())
}
