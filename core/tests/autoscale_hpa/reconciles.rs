//! Whole reconciles, from the metrics to the size that is written.

use quorate::autoscale::hpa::{
    AbleToScale, HpaState, MetricError, MetricReading, MetricSource, MetricValue, ScalingActive,
    Selector, Spec, Target, Tolerance, reconcile, sum_of_values,
};

use super::logs::scale_up_limit;
use super::proposals::{average_sums, utilization_sums, values};
use super::table::{NOW, Row, for_each_row};
use super::test;

fn reading(metric: &Row<'_>) -> MetricReading {
    let target = |key| metric.at(key).integer().unwrap();
    match metric.at("type").text() {
        "cpu_utilization" => MetricReading {
            source: MetricSource::Resource,
            value: MetricValue::Utilization {
                sums: utilization_sums(metric),
                target_percent: metric.at("target_pct").count(),
            },
        },
        "pods_average" => MetricReading {
            source: MetricSource::Pods,
            value: MetricValue::Average {
                sums: average_sums(metric),
                target: target("target_avg_m"),
            },
        },
        "total_value" => MetricReading {
            source: MetricSource::Object,
            value: MetricValue::Total {
                total: sum_of_values(&values(metric)),
                target: target("target_m"),
                ready_pods: Some(u32::try_from(metric.at("ready_pods").count()).unwrap()),
            },
        },
        "average_value" => MetricReading {
            source: MetricSource::External,
            value: MetricValue::AverageOfTotal {
                total: target("value_m"),
                target: target("target_avg_m"),
                status_replicas: metric.at("status_replicas").count(),
            },
        },
        "unavailable" => unavailable(metric.at("reason").text()),
        other => panic!("{}: {other}", metric.name),
    }
}

fn unavailable(reason: &str) -> MetricReading {
    let sources = [
        MetricSource::Resource,
        MetricSource::ContainerResource,
        MetricSource::Pods,
        MetricSource::Object,
        MetricSource::External,
    ];
    let source = sources
        .into_iter()
        .find(|source| source.failure() == reason);
    MetricReading {
        source: source.unwrap_or(MetricSource::External),
        value: MetricValue::Failed(if source.is_some() {
            MetricError::Unavailable
        } else {
            MetricError::UnknownSource
        }),
    }
}

#[test]
fn whole_reconciles_end_as_in_the_table() {
    for_each_row(include_str!("vectors/reconcile.json"), |input, expect| {
        let current = input.at("current").count();
        let tolerance = input.at("tolerance").float();
        let spec = Spec {
            tolerance: Tolerance::new(tolerance, tolerance).unwrap(),
            behavior: None,
            downscale_stabilization: input.at("down_window_s").span(),
            scale_up_limit: scale_up_limit(input),
        };
        let log = input.at("recommendation_log");
        let mut state = HpaState {
            recommendations: (!log.is_null()).then(|| log.recommendations()),
            ..HpaState::default()
        };
        let metrics: Vec<_> = input
            .at("metrics")
            .rows()
            .map(|metric| {
                let mut metric = metric.value.clone();
                metric["status_replicas"] = input.at("status_replicas").value.clone();
                reading(&Row {
                    name: input.name,
                    value: &metric,
                })
            })
            .collect();
        let target = Target {
            current,
            bounds: input.bounds(),
            selector: Selector::Valid,
        };
        let reconciliation = reconcile(&spec, &mut state, target, &metrics, NOW);
        if reconciliation.rescales() {
            state.written(None, current, reconciliation.replicas, NOW);
        }
        assert_eq!(
            reconciliation.replicas,
            expect.at("replicas").count(),
            "{}",
            input.name
        );
        let conditions = state.conditions;
        let reasons = [
            (
                "AbleToScale",
                conditions.able_to_scale.map(AbleToScale::reason),
            ),
            (
                "ScalingActive",
                conditions.scaling_active.map(ScalingActive::reason),
            ),
            (
                "ScalingLimited",
                conditions
                    .scaling_limited
                    .map(|limited| limited.reason.as_str()),
            ),
        ];
        for (condition, reason) in reasons {
            let stated = expect.at("reasons").at(condition);
            if !stated.is_null() {
                assert_eq!(reason, Some(stated.text()), "{}", input.name);
            }
        }
    });
}
