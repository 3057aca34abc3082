//! The edges of the rules, one by one: where a comparison is strict, what is filled in for whom,
//! which slot is used again.

use quorate::Micros;
use quorate::autoscale::hpa::{
    Basis, ConditionStatus, EventLog, HpaState, MetricReading, MetricSource, MetricValue, Pod,
    PodClass, PodSums, Proposal, Readiness, Recommendation, RecommendationLog, ReplicaBounds,
    ResourceName, Sample, ScaleEvent, ScaleUpLimit, ScalingRules, Selector, Spec, StartUp, Target,
    Tolerance, Usage, Windows, propose_average, propose_average_of_total, propose_utilization,
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

#[test]
fn a_proposal_of_zero_gives_way_and_a_negative_one_is_zero() {
    let total = |total| MetricReading {
        source: MetricSource::External,
        value: MetricValue::Total {
            total,
            target: 10,
            ready_pods: Some(1),
        },
    };
    let spec = Spec {
        tolerance: exact(),
        behavior: None,
        downscale_stabilization: Micros::ZERO,
        scale_up_limit: ScaleUpLimit::default(),
    };
    let target = Target {
        current: 4,
        bounds: ReplicaBounds { min: 0, max: 9 },
        selector: Selector::Valid,
    };
    let replicas = |metrics: &[MetricReading]| {
        let mut state = HpaState::default();
        let replicas = reconcile(&spec, &mut state, target, metrics, NOW).replicas;
        let log = state.recommendations.unwrap();
        (replicas, log.entries().last().unwrap().replicas)
    };
    assert_eq!(replicas(&[total(-50)]), (0, 0));
    assert_eq!(replicas(&[total(0), total(-50)]), (0, 0));
    assert_eq!(replicas(&[total(20), total(0), total(15)]), (2, 2));
}
