//! The laws of the threshold strategy, and of what it is told.

use quorate::autoscale::{
    Bounds, Executed, Guards, Metric, NodeSample, NodeState, Observation, Policy, Rule, State,
    Strategy, Threshold, ThresholdSettings, evaluate,
};
use quorate::{Micros, NodeId, Random};

use crate::fleet::secs;
use crate::subject::{Check, Finding, Subject, ensure};

pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "thresholds decide as written down apart",
        rules: &[
            Rule::AnyHighResourceAdds,
            Rule::AllMustBeLowToRemove,
            Rule::MissingDataRemovesNothing,
            Rule::HalfIsRoundedUp,
            Rule::CooldownHoldsBothDirections,
        ],
        law: thresholds_decide_as_written,
    },
    Check {
        name: "a reading from the future is not believed",
        rules: &[Rule::ReadingsFromTheFutureAreStale],
        law: the_future_is_not_believed,
    },
];

fn policy(subject: Subject) -> Policy {
    let threshold = Threshold::new(ThresholdSettings::default()).unwrap();
    let guards = Guards::within(Bounds::new(1, 1_000).unwrap());
    subject.policy(Policy::new(Strategy::Threshold(threshold), guards).unwrap())
}

/// The rule of the original: cooldown, any high, all low, otherwise nothing.
fn original(nodes: u32, readings: [Option<i64>; 3], since: Option<u64>) -> u32 {
    let bands = [(800, 300), (850, 400), (100, 10)];
    let high = |(reading, (up, _)): (Option<i64>, (i64, i64))| reading.is_some_and(|it| it >= up);
    let low =
        |(reading, (_, down)): (Option<i64>, (i64, i64))| reading.is_some_and(|it| it <= down);
    if since.is_some_and(|since| since < 60) {
        nodes
    } else if readings.into_iter().zip(bands).any(high) {
        nodes + nodes.div_ceil(2)
    } else if readings.into_iter().zip(bands).all(low) {
        (nodes - 1).max(1)
    } else {
        nodes
    }
}

fn thresholds_decide_as_written(subject: Subject) -> Finding {
    let policy = policy(subject);
    let mut random = Random::new(1);
    for _ in 0..2_000 {
        let nodes = u32::try_from(random.below(40)).unwrap() + 1;
        let mut reading = |largest: u64| {
            let value = i64::try_from(random.below(largest)).unwrap();
            let value = if random.chance(400) { 0 } else { value };
            (!random.chance(100)).then_some(value)
        };
        let readings = [reading(1_000), reading(1_000), reading(130)];
        let since = random.chance(400).then(|| random.below(120));

        let [cpu, memory, queue] =
            readings.map(|value| value.map_or(Metric::Absent, Metric::Fresh));
        let sample = NodeSample {
            count: nodes,
            cpu,
            memory,
            queue: queue.map(|waiting| waiting * 1_000),
            ..NodeSample::unmeasured(NodeId(1), NodeState::Ready)
        };
        let observation = Observation::new(vec![sample]).unwrap();
        let mut state = State::new();
        if let Some(since) = since {
            let change = Executed {
                from: 1,
                to: nodes,
                at: secs(1_000 - since),
            };
            state.executed(&policy, change);
        }
        let target = evaluate(&policy, &mut state, &observation, secs(1_000)).target;
        let expected = original(nodes, readings, since);
        ensure(target == expected, || {
            format!("{nodes} -> {target}, not {expected}: {readings:?}, {since:?} s ago")
        })?;
    }
    Ok(())
}

fn the_future_is_not_believed(subject: Subject) -> Finding {
    let policy = policy(subject);
    let seen = |sampled_at: Micros| {
        let sample = NodeSample {
            count: 10,
            sampled_at: Some(sampled_at),
            cpu: Metric::Fresh(0),
            memory: Metric::Fresh(0),
            queue: Metric::Fresh(0),
            ..NodeSample::unmeasured(NodeId(1), NodeState::Ready)
        };
        let observation = Observation::new(vec![sample]).unwrap();
        evaluate(&policy, &mut State::new(), &observation, secs(100)).target
    };
    let (now, later) = (seen(secs(100)), seen(Micros(secs(100).0 + 1)));
    ensure((now, later) == (9, 10), || {
        format!("{now} of ten now, {later} from later")
    })
}
