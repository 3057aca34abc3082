//! Numbers at the ends of their ranges, clocks that run backwards, fleets that are too large.

use quorate::Micros;
use quorate::autoscale::hpa::{
    Behavior, ConditionStatus, EventLog, Events, Hpa, HpaError, HpaMetric, HpaSettings, HpaState,
    MetricError, MetricReading, MetricSource, MetricValue, Pod, PodClass, PodSums, Proposal,
    Readiness, RecommendationLog, ReplicaBounds, ResourceName, Sample, ScaleEvent, ScaleUpLimit,
    ScalingPolicy, ScalingPolicyKind, ScalingRules, Selector, Spec, StartUp, Target, Tolerance,
    Windows, limit_by_behavior, limit_by_default, propose_average, propose_average_of_total,
    propose_total, propose_utilization, reconcile, sum_of_average_values, sum_of_values,
};

const VALUES: [i64; 9] = [
    i64::MIN,
    i64::MIN + 1,
    -1_000,
    -1,
    0,
    1,
    1_000,
    i64::MAX - 1,
    i64::MAX,
];

const COUNTS: [i32; 7] = [i32::MIN, -1, 0, 1, 3, i32::MAX - 1, i32::MAX];

fn is_sane(proposal: Result<Proposal, MetricError>) -> bool {
    proposal.is_ok_and(|proposal| proposal.ratio.is_finite()) || proposal.is_err()
}

#[test]
fn no_sample_and_no_target_breaks_a_proposal() {
    let tolerance = Tolerance::default();
    for usage in VALUES {
        for request in VALUES {
            for class in [PodClass::Ready, PodClass::Missing, PodClass::Unready] {
                for target in VALUES {
                    let percent = i32::try_from(target).unwrap_or(i32::MAX);
                    let mut sums = PodSums::for_utilization(percent);
                    sums.add_alike(u32::MAX, PodClass::Ready, Some(usage), Some(request));
                    sums.add_alike(u32::MAX, class, Some(usage), Some(request));
                    sums.add_foreign(usage);
                    for current in COUNTS {
                        assert!(is_sane(propose_utilization(
                            &sums, percent, current, tolerance
                        )));
                        assert!(is_sane(propose_average(&sums, target, current, tolerance)));
                    }
                }
            }
        }
    }
}

#[test]
fn no_total_and_no_target_breaks_a_proposal() {
    for total in VALUES {
        for target in VALUES {
            for replicas in COUNTS {
                let ready = u32::try_from(replicas).ok();
                let tolerance = Tolerance::default();
                assert!(is_sane(propose_total(
                    total, target, replicas, ready, tolerance
                )));
                let average = propose_average_of_total(total, target, replicas, tolerance);
                assert!(is_sane(average));
                assert_eq!(average.is_err(), target <= 0);
            }
        }
    }
}

#[test]
fn sums_of_values_stop_at_the_ends() {
    assert_eq!(sum_of_values(&[i64::MAX, 1, -5]), i64::MAX);
    assert_eq!(sum_of_values(&[i64::MIN, -1]), i64::MIN);
    assert_eq!(sum_of_values(&[-5, 3]), -2);
    assert_eq!(sum_of_average_values(&[i64::MAX, 1]), i64::MAX);
    assert_eq!(sum_of_average_values(&[3, 4]), 7);
    // The original takes what is below zero for an overflow.
    assert_eq!(sum_of_average_values(&[-5, 30]), i64::MAX);
}

#[test]
fn a_pod_without_a_request_and_pods_without_samples_are_errors() {
    let tolerance = Tolerance::default();
    let propose = |sums: &PodSums| propose_utilization(sums, 50, 2, tolerance);
    let mut sums = PodSums::for_utilization(50);
    assert_eq!(propose(&sums), Err(MetricError::NoSamples));
    sums.add_foreign(5);
    assert_eq!(propose(&sums), Err(MetricError::NoPods));
    let mut sums = PodSums::for_utilization(50);
    sums.add(PodClass::Unready, Some(10), Some(100));
    assert_eq!(propose(&sums), Err(MetricError::NoUsableSamples));
    sums.add(PodClass::Ready, Some(10), Some(100));
    assert!(propose(&sums).is_ok());
    // Even of a pod that is on its way out.
    sums.add(PodClass::Ignored, None, None);
    assert_eq!(propose(&sums), Err(MetricError::MissingRequest));
    let mut sums = PodSums::for_utilization(50);
    sums.add(PodClass::Ready, Some(10), Some(0));
    assert_eq!(propose(&sums), Err(MetricError::NoSamplesOfKnownPods));
}

#[test]
fn a_million_pods_are_one_pass_and_no_lists() {
    let pod = Pod {
        started_at: Some(Micros::ZERO),
        readiness: Some(Readiness {
            status: ConditionStatus::True,
            changed_at: Micros::ZERO,
        }),
        request: Some(1_000),
        sample: Some(Sample {
            value: 900,
            at: Micros::MAX,
            window: Micros::ZERO,
        }),
        ..Pod::default()
    };
    let pods = vec![pod; 1_000_000];
    let cpu = Some(ResourceName::Cpu);
    let sums = PodSums::for_utilization(60).with_pods(&pods, cpu, &StartUp::default(), Micros::MAX);
    let proposal = propose_utilization(&sums, 60, 1_000_000, Tolerance::default()).unwrap();
    assert_eq!(proposal.replicas, 1_500_000);
}

#[test]
fn no_log_and_no_limit_breaks_on_a_clock_that_runs_backwards() {
    let times = [Micros::MAX, Micros::ZERO, Micros::from_secs(50), Micros(1)];
    let policy = |kind, value| ScalingPolicy {
        kind,
        value,
        period: Micros::MAX,
    };
    let rules = ScalingRules {
        policies: COUNTS
            .into_iter()
            .flat_map(|value| {
                [
                    policy(ScalingPolicyKind::Pods, value),
                    policy(ScalingPolicyKind::Percent, value),
                ]
            })
            .collect(),
        ..ScalingRules::default_up()
    };
    let behavior = Behavior {
        scale_up: rules.clone(),
        scale_down: rules,
    };
    let mut recommendations = RecommendationLog::default();
    let mut events = Events::default();
    for now in times {
        for change in COUNTS {
            events.up.store(Some(&behavior.scale_up), change, now);
            events.down.store(Some(&behavior.scale_down), change, now);
            for desired in COUNTS {
                let windows = Windows {
                    up: Micros::from_secs(5),
                    down: Micros::MAX,
                };
                recommendations.stabilize(desired, Micros::from_secs(5), now);
                recommendations.stabilize_both_ways(change, desired, windows, now);
                let bounds = ReplicaBounds {
                    min: desired,
                    max: change,
                };
                limit_by_behavior(change, desired, bounds, &behavior, &events, now);
                limit_by_default(change, desired, bounds, ScaleUpLimit::default());
            }
        }
    }
    assert!(!events.up.entries().is_empty() && !recommendations.entries().is_empty());
}

#[test]
fn logs_do_not_grow_without_end() {
    let mut recommendations = RecommendationLog::default();
    let mut events = EventLog::default();
    let rules = ScalingRules::default_up();
    let stands_still = Micros::from_secs(5);
    for round in 0..i32::try_from(RecommendationLog::CAPACITY).unwrap() + 10 {
        recommendations.stabilize(round, Micros::from_secs(300), stands_still);
        events.store(Some(&rules), 1, stands_still);
    }
    assert_eq!(recommendations.entries().len(), RecommendationLog::CAPACITY);
    assert_eq!(events.entries().len(), EventLog::CAPACITY);
    let event = ScaleEvent {
        change: 1,
        at: stands_still,
        outdated: false,
    };
    assert_eq!(
        EventLog::new(vec![event; 5_000]).entries().len(),
        EventLog::CAPACITY
    );
}

#[test]
fn what_has_no_selector_or_no_metric_is_held() {
    let spec = Spec {
        tolerance: Tolerance::default(),
        behavior: None,
        downscale_stabilization: Micros::ZERO,
        scale_up_limit: ScaleUpLimit::default(),
    };
    let total = MetricReading {
        source: MetricSource::Object,
        value: MetricValue::Total {
            total: 90,
            target: 10,
            ready_pods: Some(3),
        },
    };
    let active = |selector, metrics: &[MetricReading]| {
        let bounds = ReplicaBounds { min: 1, max: 9 };
        let target = Target {
            current: 3,
            bounds,
            selector,
        };
        let mut state = HpaState::default();
        let reconciliation = reconcile(&spec, &mut state, target, metrics, Micros::ZERO);
        (
            reconciliation.replicas,
            state.conditions.scaling_active.unwrap().reason(),
        )
    };
    assert_eq!(active(Selector::Valid, &[total]), (6, "ValidMetricFound"));
    assert_eq!(active(Selector::Invalid, &[total]), (3, "InvalidSelector"));
    assert_eq!(
        active(Selector::Ambiguous, &[total]),
        (3, "AmbiguousSelector")
    );
    assert_eq!(active(Selector::Valid, &[]), (3, "InvalidMetricSourceType"));
}

#[test]
fn what_happened_to_the_write_is_a_condition() {
    let mut state = HpaState::default();
    state.scale_unavailable();
    let reason = |state: &HpaState| {
        let able = state.conditions.able_to_scale.unwrap();
        (able.reason(), able.status())
    };
    assert_eq!(reason(&state), ("FailedGetScale", ConditionStatus::False));
    state.write_failed();
    assert_eq!(
        reason(&state),
        ("FailedUpdateScale", ConditionStatus::False)
    );
    state.written(None, 3, 5, Micros::ZERO);
    assert_eq!(reason(&state), ("SucceededRescale", ConditionStatus::True));
    assert_eq!(state.events, Events::default());
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let parse = |json: &str| serde_json::from_str::<Hpa>(json).map_err(|error| error.to_string());
    assert_eq!(parse("{}").unwrap(), Hpa::default());
    let refused = [
        (r#"{"metrics":[]}"#, "at least one metric"),
        (
            r#"{"metrics":[{"type":"utilization","resource":"cpu","target_percent":0}]}"#,
            "metrics[0]",
        ),
        (
            r#"{"behavior":{"scale_up":{"policies":[]}}}"#,
            "behavior.scale_up.policies",
        ),
        (
            r#"{"behavior":{"scale_down":{"policies":[{"kind":"pods","value":0,"period_micros":1}]}}}"#,
            "behavior.scale_down.policies[0].value",
        ),
        (
            r#"{"behavior":{"scale_down":{"policies":[{"kind":"pods","value":1,"period_micros":0}]}}}"#,
            "period_micros",
        ),
        (r#"{"downscale_stabilization_micros":3600000001}"#, "3600 s"),
        (r#"{"tolerance":0.1}"#, "unknown field"),
    ];
    for (json, reason) in refused {
        let error = parse(json).unwrap_err();
        assert!(error.contains(reason), "{json}: {error}");
    }
    let many = vec![
        HpaMetric::Utilization {
            resource: ResourceName::Cpu,
            target_percent: 50,
        };
        Hpa::MAX_METRICS + 1
    ];
    let settings = HpaSettings {
        metrics: many,
        ..HpaSettings::default()
    };
    assert_eq!(Hpa::new(settings), Err(HpaError::TooManyMetrics(33)));
    assert!(
        Tolerance::new(f64::NAN, 0.1).is_none() && ScaleUpLimit::new(2.0, f64::INFINITY).is_none()
    );
}
