//! The edges of the rules, one by one: where a comparison is strict, what is filled in for whom,
//! which slot is used again.

use quorate::Micros;
use quorate::autoscale::hpa::{
    Basis, Behavior, ConditionStatus, EventLog, HpaState, MetricError, MetricReading, MetricSource,
    MetricValue, Pod, PodClass, PodSums, Proposal, Readiness, Recommendation, RecommendationLog,
    Reconciliation, ReplicaBounds, ResourceName, Sample, ScaleEvent, ScaleUpLimit, ScalingActive,
    ScalingPolicy, ScalingPolicyKind, ScalingRules, Selector, Spec, StartUp, Target, Tolerance,
    Usage, Windows, propose_average, propose_average_of_total, propose_total, propose_utilization,
    reconcile,
};

use crate::table::NOW;

/// No tolerance at all.
fn exact() -> Tolerance {
    Tolerance::from_millionths(0, 0)
}

fn seconds_ago(seconds: u64) -> Micros {
    NOW - Micros::from_secs(seconds)
}

fn utilization(pods: &[(PodClass, i64, i64)], target: i32, current: i32) -> Proposal {
    let mut sums = PodSums::for_utilization(target);
    for &(class, usage, request) in pods {
        let usage = (class != PodClass::Missing).then_some(usage);
        sums.add(class, usage, Some(request));
    }
    propose_utilization(&sums, target, current, exact()).unwrap()
}

#[test]
fn the_initialization_period_ends_when_it_is_over() {
    let start_up = StartUp {
        cpu_initialization_period: Micros::from_secs(120),
        initial_readiness_delay: Micros::from_secs(10),
    };
    let class = |age, resource| {
        let pod = Pod {
            started_at: Some(seconds_ago(age)),
            readiness: Some(Readiness {
                status: ConditionStatus::True,
                changed_at: seconds_ago(20),
            }),
            sample: Some(Sample {
                value: 1,
                at: NOW,
                window: Micros::from_secs(30),
            }),
            ..Pod::default()
        };
        start_up.classify(&pod, resource, NOW)
    };
    assert_eq!(class(119, Some(ResourceName::Cpu)), PodClass::Unready);
    assert_eq!(class(120, Some(ResourceName::Cpu)), PodClass::Ready);
    assert_eq!(class(119, Some(ResourceName::Memory)), PodClass::Ready);
    assert_eq!(class(119, None), PodClass::Ready);
}

#[test]
fn missing_pods_use_nothing_when_the_fleet_might_grow() {
    let pods = [
        (PodClass::Ready, 2_000, 1_000),
        (PodClass::Missing, 0, 1_000),
    ];
    // 200 % of one pod are 100 % of two.
    let proposal = utilization(&pods, 50, 2);
    assert_eq!((proposal.replicas, proposal.basis), (4, Basis::FilledIn));
    let usage = Usage::Utilization {
        percent: 200,
        average: 2_000,
    };
    assert_eq!(proposal.usage, usage);
}

#[test]
fn unready_pods_count_only_when_the_fleet_might_grow() {
    let unready = (PodClass::Unready, 9_000, 1_000);
    let calm = [
        (PodClass::Ready, 250, 1_000),
        (PodClass::Ready, 250, 1_000),
        unready,
    ];
    assert_eq!(utilization(&calm, 50, 3).replicas, 1);
    let missing = (PodClass::Missing, 0, 1_000);
    let large = (PodClass::Unready, 0, 5_000);
    let calm = [(PodClass::Ready, 900, 1_000), large, large, missing];
    // 95 % of two pods: the unready ones, however much they request, are no part of it.
    assert_eq!(utilization(&calm, 100, 4).replicas, 2);
    let busy = [(PodClass::Ready, 3_000, 1_000), unready];
    assert_eq!(utilization(&busy, 50, 2).replicas, 6);
}

#[test]
fn a_missing_pod_is_taken_to_use_the_target_where_that_is_more_than_its_request() {
    let pods = [(PodClass::Ready, 600, 1_000), (PodClass::Missing, 0, 1_000)];
    // 60 % and 200 % of 200 %, not 60 % and 100 %.
    assert_eq!(utilization(&pods, 200, 4).replicas, 2);
    // 150 % of 15 and of 15 are 22 each: rounded down pod by pod, 44 and not 45.
    let fine = [
        (PodClass::Ready, 1, 15),
        (PodClass::Missing, 0, 15),
        (PodClass::Missing, 0, 15),
    ];
    let mut sums = PodSums::for_utilization(150);
    for (class, _, request) in fine {
        sums.add(
            class,
            (class == PodClass::Ready).then_some(1),
            Some(request),
        );
    }
    let mut alike = PodSums::for_utilization(150);
    alike.add(PodClass::Ready, Some(1), Some(15));
    alike.add_alike(2, PodClass::Missing, None, Some(15));
    assert_eq!(sums, alike);
    // (1 + 44) / 45 are exactly 100 %, 2/3 of the target: 2 of 3 pods.
    assert_eq!(utilization(&fine, 150, 9).replicas, 2);
}

#[test]
fn a_ratio_of_exactly_one_fills_in_nobody() {
    let pods = [(PodClass::Ready, 500, 1_000), (PodClass::Missing, 0, 1_000)];
    let proposal = utilization(&pods, 50, 7);
    assert_eq!(
        (proposal.replicas, proposal.basis),
        (7, Basis::FilledInHolds)
    );
}

#[test]
fn samples_of_unlisted_pods_count_as_the_original_counts_them() {
    let mut sums = PodSums::for_average();
    sums.add(PodClass::Ready, Some(10_000), None);
    sums.add_foreign(50_000);
    let proposal = propose_average(&sums, 10_000, 1, exact()).unwrap();
    // The average is over both, the pods are the listed ones.
    assert_eq!(proposal.usage, Usage::Average(30_000));
    assert_eq!(proposal.replicas, 3);
    let mut sums = PodSums::for_utilization(50);
    sums.add(PodClass::Ready, Some(2_000), Some(1_000));
    sums.add(PodClass::Missing, None, Some(1_000));
    sums.add_foreign(9_000);
    let proposal = propose_utilization(&sums, 50, 2, exact()).unwrap();
    // 100 % of 50 %, times two listed pods and the unlisted one.
    assert_eq!(proposal.replicas, 6);
}

#[test]
fn an_empty_fleet_is_never_within_the_tolerance() {
    let wide = Tolerance::new(2.0, 2.0).unwrap();
    let replicas = |total, status| {
        propose_average_of_total(total, 10, status, wide)
            .unwrap()
            .replicas
    };
    assert_eq!(
        (replicas(25, 0), replicas(0, 0), replicas(25, 3)),
        (3, 0, 3)
    );
}

#[test]
fn a_total_wakes_an_empty_fleet_whatever_the_tolerance() {
    let wide = Tolerance::new(2.0, 2.0).unwrap();
    let proposal = propose_total(25, 10, 0, None, wide).unwrap();
    assert_eq!((proposal.replicas, proposal.basis), (3, Basis::Total));
    let proposal = propose_total(11, 10, 0, Some(0), wide).unwrap();
    assert_eq!(proposal.replicas, 2);
    let proposal = propose_total(11, 10, 5, Some(5), wide).unwrap();
    assert_eq!(proposal.replicas, 5);
    let no_pods = propose_total(25, 10, 5, None, exact());
    assert_eq!(no_pods, Err(MetricError::NoPods));
}

#[test]
fn an_age_equal_to_a_window_is_outside() {
    let entry = |replicas, age| Recommendation {
        replicas,
        at: seconds_ago(age),
    };
    let window = Micros::from_secs(300);
    let replicas = |log: &RecommendationLog| -> Vec<i32> {
        log.entries().iter().map(|entry| entry.replicas).collect()
    };
    let mut log = RecommendationLog::new(vec![entry(9, 300), entry(7, 299)]);
    assert_eq!(log.stabilize(3, window, NOW), 7);
    assert_eq!(replicas(&log), [3, 7]);
    let mut log = RecommendationLog::new(vec![entry(2, 300), entry(9, 300), entry(4, 10)]);
    let windows = Windows {
        up: window,
        down: window,
    };
    assert_eq!(log.stabilize_both_ways(1, 8, windows, NOW), 4);
    // The last slot that is too old is used again.
    assert_eq!(replicas(&log), [2, 8, 4]);
}

#[test]
fn an_age_equal_to_a_period_is_outside_and_the_last_outdated_slot_is_used_again() {
    let event = |change, age| ScaleEvent {
        change,
        at: seconds_ago(age),
        outdated: false,
    };
    let mut log = EventLog::new(vec![event(5, 15), event(7, 60), event(3, 14)]);
    assert_eq!(log.change_within(Micros::from_secs(60), NOW), 8);
    log.store(Some(&ScalingRules::default_up()), 1, NOW);
    let entries: Vec<_> = log
        .entries()
        .iter()
        .map(|event| (event.change, event.outdated))
        .collect();
    assert_eq!(entries, [(5, true), (1, false), (3, false)]);
}

fn total(total: i64) -> MetricReading {
    MetricReading {
        source: MetricSource::External,
        value: MetricValue::Total {
            total,
            target: 10,
            ready_pods: Some(1),
        },
    }
}

fn spec(behavior: Option<Behavior>) -> Spec {
    Spec {
        tolerance: exact(),
        behavior,
        downscale_stabilization: Micros::ZERO,
        scale_up_limit: ScaleUpLimit::default(),
    }
}

/// A reconcile of four replicas that may be zero to nine.
fn reconciled(spec: &Spec, state: &mut HpaState, metrics: &[MetricReading]) -> Reconciliation {
    let target = Target {
        current: 4,
        bounds: ReplicaBounds { min: 0, max: 9 },
        selector: Selector::Valid,
    };
    reconcile(spec, state, target, metrics, NOW)
}

#[test]
fn a_proposal_of_zero_gives_way_and_a_negative_one_is_zero() {
    let outcome = |metrics: &[MetricReading]| {
        let outcome = reconciled(&spec(None), &mut HpaState::default(), metrics);
        let active = outcome.conditions.scaling_active.unwrap();
        (outcome.replicas, active)
    };
    let found = |metric| ScalingActive::ValidMetricFound { metric };
    assert_eq!(outcome(&[total(-50)]), (0, found(0)));
    assert_eq!(outcome(&[total(0), total(-50)]), (0, found(1)));
    assert_eq!(outcome(&[total(20), total(0), total(15)]), (2, found(0)));
}

#[test]
fn a_metric_that_fails_blocks_nothing_but_shrinking() {
    let failed = MetricReading {
        source: MetricSource::ContainerResource,
        value: MetricValue::Failed(MetricError::Unavailable),
    };
    let outcome = |metrics: &[MetricReading]| {
        let outcome = reconciled(&spec(None), &mut HpaState::default(), metrics);
        (
            outcome.replicas,
            outcome.conditions.scaling_active.unwrap().reason(),
        )
    };
    assert_eq!(outcome(&[failed, total(50)]), (5, "ValidMetricFound"));
    assert_eq!(outcome(&[failed, total(40)]), (4, "ValidMetricFound"));
    assert_eq!(
        outcome(&[failed, total(30)]),
        (4, "FailedGetContainerResourceMetric")
    );
}

#[test]
fn the_window_that_holds_the_fleet_is_named() {
    let behavior = Behavior {
        scale_up: ScalingRules {
            stabilization_window: Micros::from_secs(60),
            ..ScalingRules::default_up()
        },
        ..Behavior::default()
    };
    let outcome = |wanted: i64, recommended| {
        let log = RecommendationLog::new(vec![Recommendation {
            replicas: recommended,
            at: seconds_ago(30),
        }]);
        let mut state = HpaState {
            recommendations: Some(log),
            ..HpaState::default()
        };
        let outcome = reconciled(&spec(Some(behavior.clone())), &mut state, &[total(wanted)]);
        (
            outcome.replicas,
            outcome.conditions.able_to_scale.unwrap().reason(),
        )
    };
    assert_eq!(outcome(80, 5), (5, "ScaleUpStabilized"));
    assert_eq!(outcome(20, 3), (3, "ScaleDownStabilized"));
    assert_eq!(outcome(60, 6), (6, "ReadyForNewScale"));
}

#[test]
fn each_direction_forgets_after_its_own_periods() {
    let period = |seconds| ScalingPolicy {
        kind: ScalingPolicyKind::Pods,
        value: 1,
        period: Micros::from_secs(seconds),
    };
    let behavior = Behavior {
        scale_up: ScalingRules {
            policies: vec![period(60), period(10)],
            ..ScalingRules::default_up()
        },
        scale_down: ScalingRules {
            policies: vec![period(20)],
            ..ScalingRules::default_down()
        },
    };
    let mut state = HpaState::default();
    for (from, to, age) in [(1, 2, 30), (2, 3, 0), (3, 2, 30), (2, 1, 0)] {
        state.written(Some(&behavior), from, to, seconds_ago(age));
    }
    let slots = |log: &EventLog| log.entries().len();
    assert_eq!((slots(&state.events.up), slots(&state.events.down)), (2, 1));
}
