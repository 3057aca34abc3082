//! What holds for every fleet and every setting.

use proptest::prelude::*;
use quorate::Micros;
use quorate::autoscale::hpa::{
    Behavior, ConditionStatus, EventLog, Events, HpaState, MetricError, MetricReading,
    MetricSource, MetricValue, Phase, Pod, PodSums, Readiness, Recommendation, RecommendationLog,
    ReplicaBounds, ResourceName, Sample, ScaleEvent, ScaleUpLimit, ScalingPolicy,
    ScalingPolicyKind, ScalingRules, SelectPolicy, Selector, Spec, StartUp, Target, Tolerance,
    Windows, limit_by_behavior, limit_by_default, propose_average, propose_utilization, reconcile,
};

use crate::table::NOW;

fn seconds(range: std::ops::Range<u64>) -> impl Strategy<Value = Micros> {
    range.prop_map(Micros::from_secs)
}

fn status() -> impl Strategy<Value = ConditionStatus> {
    prop_oneof![
        Just(ConditionStatus::True),
        Just(ConditionStatus::False),
        Just(ConditionStatus::Unknown),
    ]
}

fn phase() -> impl Strategy<Value = Phase> {
    prop_oneof![
        1 => Just(Phase::Pending),
        8 => Just(Phase::Running),
        1 => Just(Phase::Succeeded),
        1 => Just(Phase::Failed),
    ]
}

prop_compose! {
    fn pod()(
        phase in phase(),
        deleting in prop::bool::weighted(0.1),
        started in prop::option::weighted(0.9, seconds(0..600)),
        ready in prop::option::weighted(0.9, (status(), seconds(0..600))),
        value in prop::option::weighted(0.8, 0..3_000i64),
        age in seconds(0..90),
        window in seconds(0..90),
        request in 1..2_000i64,
    ) -> Pod {
        Pod {
            phase,
            deleting,
            started_at: started.map(|age| NOW - age),
            readiness: ready.map(|(status, age)| Readiness { status, changed_at: NOW - age }),
            request: Some(request),
            sample: value.map(|value| Sample { value, at: NOW - age, window }),
        }
    }
}

fn tolerance() -> impl Strategy<Value = Tolerance> {
    (0..500_000u32, 0..500_000u32).prop_map(|(down, up)| Tolerance::from_millionths(down, up))
}

prop_compose! {
    fn rules()(
        window in seconds(0..400),
        select in prop_oneof![
            4 => Just(SelectPolicy::Max),
            4 => Just(SelectPolicy::Min),
            1 => Just(SelectPolicy::Disabled),
        ],
        policies in prop::collection::vec((any::<bool>(), 1..300i32, 1..200u64), 1..4),
    ) -> ScalingRules {
        let policy = |(pods, value, period)| ScalingPolicy {
            kind: if pods { ScalingPolicyKind::Pods } else { ScalingPolicyKind::Percent },
            value,
            period: Micros::from_secs(period),
        };
        ScalingRules {
            stabilization_window: window,
            select,
            policies: policies.into_iter().map(policy).collect(),
        }
    }
}

prop_compose! {
    fn behavior()(scale_up in rules(), scale_down in rules()) -> Behavior {
        Behavior { scale_up, scale_down }
    }
}

fn event_log() -> impl Strategy<Value = EventLog> {
    let event = (1..60i32, 0..400u64).prop_map(|(change, age)| ScaleEvent {
        change,
        at: NOW - Micros::from_secs(age),
        outdated: false,
    });
    prop::collection::vec(event, 0..6).prop_map(EventLog::new)
}

prop_compose! {
    fn events()(up in event_log(), down in event_log()) -> Events {
        Events { up, down }
    }
}

fn recommendations() -> impl Strategy<Value = RecommendationLog> {
    let entry = (0..200i32, 0..500u64).prop_map(|(replicas, age)| Recommendation {
        replicas,
        at: NOW - Micros::from_secs(age),
    });
    prop::collection::vec(entry, 0..8).prop_map(RecommendationLog::new)
}

fn bounds() -> impl Strategy<Value = ReplicaBounds> {
    (0..60i32, 1..150i32).prop_map(|(min, more)| ReplicaBounds {
        min,
        max: min + more,
    })
}

fn reading() -> impl Strategy<Value = MetricReading> {
    let sums = (prop::collection::vec(pod(), 1..12), 1..150i32);
    let utilization = sums.prop_map(|(pods, target_percent)| MetricValue::Utilization {
        sums: PodSums::for_utilization(target_percent).with_pods(
            &pods,
            Some(ResourceName::Cpu),
            &StartUp::default(),
            NOW,
        ),
        target_percent,
    });
    let total = (any::<i64>(), 1..i64::MAX, 0..200u32);
    let total = total.prop_map(|(total, target, ready)| MetricValue::Total {
        total,
        target,
        ready_pods: Some(ready),
    });
    let average = (0..1_000_000i64, 1..10_000i64, 0..200i32);
    let average =
        average.prop_map(
            |(total, target, status_replicas)| MetricValue::AverageOfTotal {
                total,
                target,
                status_replicas,
            },
        );
    let failed = Just(MetricValue::Failed(MetricError::Unavailable));
    prop_oneof![4 => utilization, 1 => total, 2 => average, 1 => failed].prop_map(|value| {
        MetricReading {
            source: MetricSource::Resource,
            value,
        }
    })
}

prop_compose! {
    fn spec()(
        tolerance in tolerance(),
        behavior in prop::option::of(behavior()),
        downscale_stabilization in seconds(0..400),
    ) -> Spec {
        Spec {
            tolerance,
            behavior,
            downscale_stabilization,
            scale_up_limit: ScaleUpLimit::default(),
        }
    }
}

prop_compose! {
    fn state()(
        recommendations in prop::option::of(recommendations()),
        events in events(),
    ) -> HpaState {
        HpaState { recommendations, events, ..HpaState::default() }
    }
}

proptest! {
    #[test]
    fn the_order_of_the_pods_changes_nothing(
        pods in prop::collection::vec(pod(), 0..20),
        target in 1..200i32,
    ) {
        let sums = |pods: &[Pod]| PodSums::for_utilization(target)
            .with_pods(pods, Some(ResourceName::Cpu), &StartUp::default(), NOW);
        let mut turned = pods.clone();
        turned.reverse();
        let middle = turned.len() / 2;
        turned.rotate_left(middle);
        prop_assert_eq!(sums(&pods), sums(&turned));
    }

    /// As long as the pods that count are those that are wanted. A fleet with other pods than
    /// were ordered is answered by their number on one side of the tolerance and held on the
    /// other, here as in the original.
    #[test]
    fn more_load_never_asks_for_fewer_replicas(
        pods in prop::collection::vec(pod(), 1..20),
        target in 1..200i32,
        tolerance in tolerance(),
        more in prop::collection::vec(0..3_000i64, 20),
    ) {
        let busier: Vec<Pod> = pods.iter().zip(more).map(|(pod, more)| Pod {
            sample: pod.sample.map(|sample| Sample { value: sample.value + more, ..sample }),
            ..*pod
        }).collect();
        let propose = |pods: &[Pod]| {
            let start_up = StartUp::default();
            let cpu = Some(ResourceName::Cpu);
            let sums = PodSums::for_utilization(target).with_pods(pods, cpu, &start_up, NOW);
            let averages = PodSums::for_average().with_pods(pods, cpu, &start_up, NOW);
            let ignored = sums.pods(quorate::autoscale::hpa::PodClass::Ignored);
            let current = i32::try_from(sums.listed() - ignored).unwrap();
            [
                propose_utilization(&sums, target, current, tolerance),
                propose_average(&averages, i64::from(target) * 10, current, tolerance),
            ].map(|proposal| proposal.map(|proposal| proposal.replicas).ok())
        };
        for (calm, busy) in propose(&pods).into_iter().zip(propose(&busier)) {
            prop_assert!(calm <= busy, "{calm:?} {busy:?}");
        }
    }

    #[test]
    fn limits_hold_back_and_never_push(
        current in 0..200i32,
        desired in 0..300i32,
        more in (0..50i32, 0..100i32),
        behavior in behavior(),
        events in events(),
    ) {
        let bounds = ReplicaBounds { min: (current - more.0).max(0), max: current + more.1 };
        let limits = [
            limit_by_behavior(current, desired, bounds, &behavior, &events, NOW),
            limit_by_default(current, desired, bounds, ScaleUpLimit::default()),
        ];
        for limited in limits {
            let (low, high) = (current.min(desired), current.max(desired));
            prop_assert!((low..=high).contains(&limited.replicas), "{limited:?}");
            prop_assert!((bounds.min..=bounds.max).contains(&limited.replicas), "{limited:?}");
        }
    }

    #[test]
    fn stabilization_stays_between_what_was_wanted(
        log in recommendations(),
        current in 0..200i32,
        desired in 0..200i32,
        up in seconds(0..400),
        down in seconds(0..400),
    ) {
        let wanted = || log.entries().iter().map(|entry| entry.replicas).chain([desired]);
        let highest = log.clone().stabilize(desired, down, NOW);
        prop_assert!(highest >= desired && wanted().any(|replicas| replicas == highest));
        let mut after = log.clone();
        let both = after.stabilize_both_ways(current, desired, Windows { up, down }, NOW);
        prop_assert!(both == current || wanted().any(|replicas| replicas == both));
        prop_assert!(both >= wanted().min().unwrap() && both <= wanted().max().unwrap());
        prop_assert!(after.entries().iter().any(|entry| entry.at == NOW && entry.replicas == desired));
        prop_assert!(after.entries().len() <= log.entries().len() + 1);
    }

    #[test]
    fn a_reconcile_stays_within_its_bounds_and_never_shrinks_on_half_the_truth(
        spec in spec(),
        state in state(),
        current in 0..220i32,
        bounds in bounds(),
        metrics in prop::collection::vec(reading(), 0..4),
    ) {
        let mut after = state.clone();
        let target = Target { current, bounds, selector: Selector::Valid };
        let reconciliation = reconcile(&spec, &mut after, target, &metrics, NOW);
        let replicas = reconciliation.replicas;
        let switched_off = current == 0 && bounds.min > 0;
        prop_assert!(switched_off || (bounds.min..=bounds.max).contains(&replicas));
        prop_assert!(!switched_off || replicas == 0);
        let failed = reconciliation.proposals.iter().any(Result::is_err);
        let highest = reconciliation.proposals.iter().flatten()
            .map(|proposal| proposal.replicas).max();
        if failed && highest < Some(current) {
            prop_assert_eq!(replicas, current);
        }
        let json = serde_json::to_string(&after).unwrap();
        prop_assert_eq!(serde_json::from_str::<HpaState>(&json).unwrap(), after);
    }

    /// Whoever looks back over any span as long as the period counts at most what the policy
    /// allows, however often somebody evaluates.
    #[test]
    fn no_period_sees_more_change_than_its_policy_allows(
        value in 1..20i32,
        period in 10..100u64,
        waits in prop::collection::vec(1..60u64, 1..60),
    ) {
        let policy = ScalingPolicy {
            kind: ScalingPolicyKind::Pods,
            value,
            period: Micros::from_secs(period),
        };
        let behavior = Behavior {
            scale_up: ScalingRules { policies: vec![policy], ..ScalingRules::default_up() },
            ..Behavior::default()
        };
        let bounds = ReplicaBounds { min: 0, max: i32::MAX };
        let mut state = HpaState::default();
        let (mut current, mut now, mut changes) = (1, NOW, Vec::new());
        for wait in waits {
            now = now + Micros::from_secs(wait);
            let limited =
                limit_by_behavior(current, i32::MAX, bounds, &behavior, &state.events, now);
            if limited.replicas != current {
                state.written(Some(&behavior), current, limited.replicas, now);
                changes.push((now, limited.replicas - current));
                current = limited.replicas;
            }
            let recent = changes.iter().filter(|(at, _)| now.since(*at) < policy.period);
            prop_assert!(recent.map(|(_, change)| change).sum::<i32>() <= value);
        }
        prop_assert!(!changes.is_empty());
    }
}
