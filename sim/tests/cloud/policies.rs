//! Policies as manifests, step policies and autoscale settings.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use quorate::Micros;
use quorate::autoscale::hpa::{
    BehaviorSettings, DirectionSettings, Hpa, HpaMetric, HpaSettings, ResourceName, ScalingPolicy,
    ScalingPolicyKind, SelectPolicy,
};
use quorate::autoscale::{Bounds, Guards, MetricName, Policy, Strategy as Rule};
use quorate_sim::cloud::hpa::{self, Identity, NodeSize};
use quorate_sim::cloud::{Exported, Note, ec2, vmss};
use serde_json::{Value, json};

fn policy(json: &str) -> Policy {
    serde_json::from_str(json).unwrap()
}

fn threshold() -> Policy {
    policy(r#"{"strategy": {"kind": "threshold"}}"#)
}

fn paths(notes: &[Note]) -> Vec<&str> {
    notes.iter().map(|note| note.path.as_str()).collect()
}

fn manifest(policy: &Policy) -> Exported {
    hpa::export(policy, Identity::deployment("web"), NodeSize::default())
}

#[test]
fn what_a_manifest_cannot_hold_is_noted_in_it() {
    let policy = policy(
        r#"{"strategy": {"kind": "hpa",
                "metrics": [{"type": "resource_average", "resource": "cpu", "target": 700}],
                "behavior": {"scale_up": {"stabilization_window_micros": 1500000}},
                "tolerance_millionths": 50000, "downscale_stabilization_micros": 60000000},
            "guards": {"bounds": {"min_nodes": 2, "max_nodes": 9}, "flaps": {}}}"#,
    );
    let Exported { text, notes } = manifest(&policy);
    assert_eq!(
        text.lines().take(5).collect::<Vec<_>>(),
        [
            "# guards.flaps: has no equivalent: the flap budget will not be kept there",
            "# strategy.downscale_stabilization_micros: not in a manifest; start the controller with \
             --horizontal-pod-autoscaler-downscale-stabilization=60.000s (usually 300.000s)",
            "# strategy.tolerance_millionths: not in a manifest; start the controller with \
             --horizontal-pod-autoscaler-tolerance=0.050000 (usually 0.100000)",
            "# strategy.metrics[0].target: 700 per mille of a node with 1 of cpu is 700m",
            "# strategy.behavior.scale_up.stabilization_window_micros: Kubernetes counts whole seconds: \
             1.500 s became 2 s",
        ]
    );
    assert_eq!(notes.len(), 5);
    assert!(
        text.contains("\n  minReplicas: 2\n  maxReplicas: 9\n"),
        "{text}"
    );
    assert!(text.contains("averageValue: \"700m\""), "{text}");
}

#[test]
fn thresholds_become_the_nearest_autoscaler() {
    let Exported { text, notes } = manifest(&threshold());
    assert_eq!(
        paths(&notes),
        ["strategy.cooldown_micros", "behavior", "behavior.tolerance"]
    );
    let again = hpa::import(&text, NodeSize::default()).unwrap();
    let settings = again.hpa.settings();
    assert_eq!(
        settings.metrics,
        [
            HpaMetric::Utilization {
                resource: ResourceName::Cpu,
                target_percent: 80
            },
            HpaMetric::Utilization {
                resource: ResourceName::Memory,
                target_percent: 85
            },
            HpaMetric::NodeAverage {
                name: MetricName::new("queue").unwrap(),
                target: 100_000
            },
        ]
    );
    let behavior = settings.behavior.as_ref().unwrap();
    assert_eq!(behavior.scale_up.tolerance_millionths, Some(0));
    assert_eq!(behavior.scale_down.tolerance_millionths, Some(529_411));
    assert_eq!(
        behavior.scale_down.stabilization_window,
        Some(Micros::from_secs(60))
    );
    let minute = |kind, value| ScalingPolicy {
        kind,
        value,
        period: Micros::from_secs(60),
    };
    assert_eq!(
        behavior.scale_up.policies,
        Some(vec![
            minute(ScalingPolicyKind::Percent, 50),
            minute(ScalingPolicyKind::Pods, 1)
        ])
    );
    assert_eq!(
        behavior.scale_down.policies,
        Some(vec![minute(ScalingPolicyKind::Pods, 1)])
    );
}

#[test]
fn the_quorate_policy_leaves_a_utilization_behind() {
    let text = manifest(&policy(r#"{"strategy": {"kind": "quorate"}}"#)).text;
    let again = hpa::import(&text, NodeSize::default()).unwrap();
    // 80 % with a tenth of headroom: 72.7 %.
    let HpaMetric::Utilization { target_percent, .. } = again.hpa.settings().metrics[0] else {
        panic!("{text}");
    };
    assert_eq!(target_percent, 72);
    assert!(text.starts_with("# strategy.base_headroom: "), "{text}");
    let up = &again.hpa.settings().behavior.as_ref().unwrap().scale_up;
    assert_eq!(up.policies, None, "in proportion Kubernetes acts by itself");
    let window = again
        .hpa
        .settings()
        .behavior
        .as_ref()
        .unwrap()
        .scale_down
        .stabilization_window;
    assert_eq!(window, Some(Micros::from_secs(180)));
}

fn ec2(policy: &Policy) -> (Value, Vec<Note>) {
    let Exported { text, notes } = ec2::export(policy, "web", Micros::from_secs(120));
    (serde_json::from_str(&text).unwrap(), notes)
}

#[test]
fn thresholds_are_step_policies() {
    let (document, notes) = ec2(&threshold());
    assert_eq!(
        document["AutoScalingGroup"],
        json!({"AutoScalingGroupName": "web", "MinSize": 1, "MaxSize": 100, "DefaultCooldown": 60})
    );
    let policies = document["ScalingPolicies"].as_array().unwrap();
    assert_eq!(
        policies.len(),
        4,
        "one per resource that adds, one that removes"
    );
    assert_eq!(
        policies[0],
        json!({
            "AutoScalingGroupName": "web", "PolicyName": "web-cpu-out", "PolicyType": "StepScaling",
            "AdjustmentType": "PercentChangeInCapacity", "MinAdjustmentMagnitude": 1,
            "MetricAggregationType": "Average", "EstimatedInstanceWarmup": 120,
            "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 50}],
        })
    );
    assert_eq!(
        policies[3]["StepAdjustments"],
        json!([{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": -1}])
    );
    let alarms = document["MetricAlarms"].as_array().unwrap();
    assert_eq!(alarms[0]["Threshold"], 80.0);
    assert_eq!(
        alarms[0]["ComparisonOperator"],
        "GreaterThanOrEqualToThreshold"
    );
    let low = alarms[3]["Metrics"].as_array().unwrap();
    assert_eq!(
        low.last().unwrap()["Expression"],
        "IF(m_cpu <= 30 AND m_memory <= 40 AND m_queue <= 10, 1, 0)"
    );
    assert_eq!(
        paths(&notes),
        [
            "strategy.cooldown_micros",
            "metric mem_used_percent",
            "metric queue",
            "MetricAlarms"
        ]
    );
}

/// The copy of EC2 goes back as it came.
#[test]
fn step_policies_are_exported_as_they_are() {
    let policy = policy(
        r#"{"strategy": {"kind": "step_scaling", "cooldown_micros": 0, "policies": [{
            "signal": "cpu", "alarm": {"threshold": 600, "comparison": "above", "evaluation_periods": 3},
            "adjustment_type": "ChangeInCapacity",
            "bands": [{"lower_bound": 0, "upper_bound": 150, "adjustment": 1},
                      {"lower_bound": 150, "upper_bound": null, "adjustment": 4}]}]}}"#,
    );
    let (document, notes) = ec2(&policy);
    assert_eq!(
        document["ScalingPolicies"][0]["StepAdjustments"],
        json!([
            {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 15.0, "ScalingAdjustment": 1},
            {"MetricIntervalLowerBound": 15.0, "ScalingAdjustment": 4},
        ])
    );
    assert_eq!(
        document["MetricAlarms"][0]["ComparisonOperator"],
        "GreaterThanThreshold"
    );
    assert_eq!(document["MetricAlarms"][0]["EvaluationPeriods"], 3);
    assert_eq!(document["MetricAlarms"][0]["Threshold"], 60.0);
    assert_eq!(paths(&notes), ["MetricAlarms"]);
}

/// Whatever the strategy: three documents that can be read, and the first one by ourselves.
#[test]
fn every_strategy_goes_everywhere() {
    for kind in Rule::KINDS {
        let policy = policy(&format!("{{\"strategy\": {{\"kind\": \"{kind}\"}}}}"));
        let yaml = manifest(&policy);
        let again = hpa::import(&yaml.text, NodeSize::default()).unwrap();
        let bounds = policy.bounds();
        assert_eq!(again.bounds, bounds, "{kind}");
        let silent = ["hpa"].contains(&kind);
        assert_eq!(yaml.notes.is_empty(), silent, "{kind}: {:?}", yaml.notes);
        let (document, _) = ec2(&policy);
        assert!(
            document["ScalingPolicies"].as_array().unwrap().len() >= 2,
            "{kind}"
        );
        let azure = vmss::export(&policy, "web", "web").text;
        let azure: Value = serde_json::from_str(&azure).unwrap();
        let rules = azure["properties"]["profiles"][0]["rules"]
            .as_array()
            .unwrap();
        let directions: Vec<_> = rules
            .iter()
            .map(|rule| &rule["scaleAction"]["direction"])
            .collect();
        assert!(directions.contains(&&json!("Increase")), "{kind}");
        assert!(directions.contains(&&json!("Decrease")), "{kind}");
    }
}

/// Bands meet without gaps, and lie where the percentages say.
#[test]
fn a_proportional_rule_is_a_ladder() {
    let policy = policy(
        r#"{"strategy": {"kind": "hpa", "metrics":
            [{"type": "node_average", "name": "requests", "target": 100000}]}}"#,
    );
    let (document, _) = ec2(&policy);
    let policies = document["ScalingPolicies"].as_array().unwrap();
    let step = |lower: Option<f64>, upper: Option<f64>, by: i64| {
        let mut step = json!({"ScalingAdjustment": by});
        for (name, bound) in [("Lower", lower), ("Upper", upper)] {
            if let Some(bound) = bound {
                step[format!("MetricInterval{name}Bound")] = json!(bound);
            }
        }
        step
    };
    assert_eq!(document["MetricAlarms"][0]["Threshold"], 110.0);
    assert_eq!(
        policies[0]["StepAdjustments"],
        json!([
            step(Some(0.0), Some(15.0), 25),
            step(Some(15.0), Some(40.0), 50),
            step(Some(40.0), Some(90.0), 100),
            step(Some(90.0), None, 300),
        ])
    );
    assert_eq!(document["MetricAlarms"][1]["Threshold"], 90.0);
    assert_eq!(document["MetricAlarms"][1]["EvaluationPeriods"], 5);
    assert_eq!(
        policies[1]["StepAdjustments"],
        json!([
            step(Some(-15.0), Some(0.0), -10),
            step(Some(-40.0), Some(-15.0), -25),
            step(Some(-65.0), Some(-40.0), -50),
            step(None, Some(-65.0), -75),
        ])
    );
}

/// Processor time ends at 100 %: no band begins there, and the last one adds what 100 % shows.
#[test]
fn a_ladder_ends_where_the_metric_does() {
    let (document, _) = ec2(&policy(r#"{"strategy": {"kind": "hpa"}}"#));
    assert_eq!(document["MetricAlarms"][0]["Threshold"], 88.0);
    assert_eq!(
        document["ScalingPolicies"][0]["StepAdjustments"],
        json!([{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 25}])
    );
}

#[test]
fn azure_adds_on_any_and_removes_on_all() {
    let exported = vmss::export(&threshold(), "web", "/subscriptions/s/web");
    let document: Value = serde_json::from_str(&exported.text).unwrap();
    let profile = &document["properties"]["profiles"][0];
    assert_eq!(
        profile["capacity"],
        json!({"minimum": "1", "maximum": "100", "default": "1"})
    );
    let rules = profile["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 6);
    assert_eq!(
        rules[0],
        json!({
            "metricTrigger": {
                "metricName": "Percentage CPU", "metricNamespace": "",
                "metricResourceUri": "/subscriptions/s/web", "timeGrain": "PT1M",
                "statistic": "Average", "timeWindow": "PT5M", "timeAggregation": "Average",
                "operator": "GreaterThanOrEqual", "threshold": 80.0,
            },
            "scaleAction": {
                "direction": "Increase", "type": "PercentChangeCount", "value": "50",
                "cooldown": "PT1M",
            },
        })
    );
    let last = &rules[5];
    assert_eq!(last["metricTrigger"]["operator"], "LessThanOrEqual");
    assert_eq!(last["metricTrigger"]["threshold"], 10.0);
    assert_eq!(last["scaleAction"]["type"], "ChangeCount");
    assert!(exported.notes.iter().any(|note| note.path == "timeWindow"));
}

fn targets() -> impl Strategy<Value = i64> {
    prop_oneof![1..5_000_i64, 1..=i64::MAX]
}

fn metrics() -> impl Strategy<Value = HpaMetric> {
    let resource = || prop::sample::select(vec![ResourceName::Cpu, ResourceName::Memory]);
    let name = || "[a-z][a-z0-9_./-]{0,30}".prop_map(|name| MetricName::new(name).unwrap());
    prop_oneof![
        (resource(), 1..=i32::MAX).prop_map(|(resource, target_percent)| {
            HpaMetric::Utilization {
                resource,
                target_percent,
            }
        }),
        (resource(), 1..8_000_000_i64)
            .prop_map(|(resource, target)| HpaMetric::ResourceAverage { resource, target }),
        (name(), targets()).prop_map(|(name, target)| HpaMetric::NodeAverage { name, target }),
        (name(), targets()).prop_map(|(name, target)| HpaMetric::FleetValue { name, target }),
        (name(), targets()).prop_map(|(name, target)| HpaMetric::FleetAverage { name, target }),
    ]
}

fn directions() -> impl Strategy<Value = DirectionSettings> {
    let kind = prop::sample::select(vec![ScalingPolicyKind::Pods, ScalingPolicyKind::Percent]);
    let rate =
        (kind, 1..=i32::MAX, 1..=1_800_u64).prop_map(|(kind, value, period)| ScalingPolicy {
            kind,
            value,
            period: Micros::from_secs(period),
        });
    let select = vec![SelectPolicy::Max, SelectPolicy::Min, SelectPolicy::Disabled];
    (
        option::of((0..=3_600_u64).prop_map(Micros::from_secs)),
        option::of(prop::sample::select(select)),
        option::of(vec(rate, 1..4)),
        option::of(any::<u32>()),
    )
        .prop_map(
            |(stabilization_window, select_policy, policies, tolerance_millionths)| {
                DirectionSettings {
                    stabilization_window,
                    select_policy,
                    policies,
                    tolerance_millionths,
                }
            },
        )
}

fn policies() -> impl Strategy<Value = Policy> {
    let behavior = option::of((directions(), directions())).prop_map(|both| {
        both.map(|(scale_up, scale_down)| BehaviorSettings {
            scale_up,
            scale_down,
        })
    });
    (vec(metrics(), 1..5), behavior, 1..50_u32, 0..1_000_u32).prop_map(
        |(metrics, behavior, min, more)| {
            let settings = HpaSettings {
                metrics,
                behavior,
                ..HpaSettings::default()
            };
            let bounds = Bounds::new(min, min + more).unwrap();
            let rule = Rule::Hpa(Hpa::new(settings).unwrap());
            Policy::new(rule, Guards::within(bounds)).unwrap()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Out and in again: the same policy, and the same manifest from it.
    #[test]
    fn a_manifest_holds_the_whole_policy(policy in policies()) {
        let exported = manifest(&policy);
        let imported = hpa::import(&exported.text, NodeSize::default()).unwrap();
        prop_assert_eq!(imported.policy().unwrap(), policy, "{}", exported.text);
        let again = hpa::export(&imported.policy().unwrap(), imported.identity, NodeSize::default());
        prop_assert_eq!(again.text, exported.text);
    }

    /// Steps meet, start at the threshold and never go the wrong way.
    #[test]
    fn ladders_are_whole(policy in policies()) {
        let (document, _) = ec2(&policy);
        for policy in document["ScalingPolicies"].as_array().unwrap() {
            let steps = policy["StepAdjustments"].as_array().unwrap();
            let direction = if policy["PolicyName"].as_str().unwrap().ends_with("-in") { -1 } else { 1 };
            prop_assert!(!steps.is_empty());
            for step in steps {
                prop_assert!(step["ScalingAdjustment"].as_i64().unwrap() * direction > 0);
                let bound = |name| step[name].as_f64();
                let ends = (bound("MetricIntervalLowerBound"), bound("MetricIntervalUpperBound"));
                if let (Some(lower), Some(upper)) = ends {
                    prop_assert!(lower < upper, "{}", step);
                }
            }
            // Several metrics that are low together are one number, which is high.
            let beyond = steps[0]["MetricIntervalLowerBound"] == 0.0;
            let (inner, outer) = if beyond {
                ("MetricIntervalLowerBound", "MetricIntervalUpperBound")
            } else {
                ("MetricIntervalUpperBound", "MetricIntervalLowerBound")
            };
            for pair in steps.windows(2) {
                prop_assert_eq!(&pair[0][outer], &pair[1][inner]);
            }
            prop_assert!(steps.last().unwrap()[outer].is_null());
        }
        serde_json::from_str::<Value>(&vmss::export(&policy, "web", "web").text).unwrap();
    }
}
