//! From a policy to a [`Manifest`].
//!
//! The policy that copies Kubernetes comes out as it is. Any other is asked for the autoscaler that
//! acts most like it, and every setting that is lost on the way is noted: an export that looks
//! complete and is not is worse than none.

use quorate::Micros;
use quorate::autoscale::hpa::{
    self, BehaviorSettings, DirectionSettings, HpaMetric, HpaSettings, ResourceName,
};
use quorate::autoscale::{Guards, MetricName};

use super::NodeSize;
use super::manifest::{
    Behavior, Identity, Manifest, MetricIdentifier, MetricSource, MetricSpec, MetricTarget,
    ScalingPolicy, ScalingPolicyKind, ScalingRules, SelectPolicy,
};
use crate::cloud::{Note, Quantity, guards};

/// The largest `int32`, in which Kubernetes counts.
const MAX_REPLICAS: u32 = i32::MAX.unsigned_abs();

/// The manifest of `settings` within `guards`, and what is lost.
pub(super) fn manifest(
    settings: &HpaSettings,
    guards: &Guards,
    identity: Identity,
    size: NodeSize,
) -> (Manifest, Vec<Note>) {
    let mut notes = guards::beyond_bounds(guards);
    flags(settings, &mut notes);
    let bounds = guards.bounds();
    if bounds.min_nodes() == 0 {
        let words = "0 needs the feature gate HPAScaleToZero and an Object or External metric";
        notes.push(Note::new("guards.bounds.min_nodes", words));
    }
    let metrics = settings
        .metrics
        .iter()
        .enumerate()
        .map(|(index, metric)| self::metric(index, metric, size, &mut notes))
        .collect();
    let manifest = Manifest {
        identity,
        min_replicas: bounds.min_nodes().min(MAX_REPLICAS),
        max_replicas: bounds.max_nodes().min(MAX_REPLICAS),
        metrics,
        behavior: settings
            .behavior
            .as_ref()
            .map(|behavior| self::behavior(behavior, &mut notes)),
    };
    (manifest, notes)
}

/// Settings that Kubernetes keeps in the flags of its controller and not in a manifest.
fn flags(settings: &HpaSettings, notes: &mut Vec<Note>) {
    let usual = HpaSettings::default();
    let seconds = |time: Micros| format!("{time}s");
    let flags = [
        (
            "downscale_stabilization_micros",
            "downscale-stabilization",
            seconds(settings.downscale_stabilization),
            seconds(usual.downscale_stabilization),
        ),
        (
            "cpu_initialization_period_micros",
            "cpu-initialization-period",
            seconds(settings.cpu_initialization_period),
            seconds(usual.cpu_initialization_period),
        ),
        (
            "initial_readiness_delay_micros",
            "initial-readiness-delay",
            seconds(settings.initial_readiness_delay),
            seconds(usual.initial_readiness_delay),
        ),
        (
            "tolerance_millionths",
            "tolerance",
            millionths(settings.tolerance_millionths),
            millionths(usual.tolerance_millionths),
        ),
    ];
    for (setting, flag, value, usual) in flags {
        if value != usual {
            notes.push(Note::new(
                format!("strategy.{setting}"),
                format!(
                    "not in a manifest; start the controller with \
                     --horizontal-pod-autoscaler-{flag}={value} (usually {usual})"
                ),
            ));
        }
    }
}

/// A share as a decimal number.
fn millionths(share: u32) -> String {
    format!("{}.{:06}", share / 1_000_000, share % 1_000_000)
}

fn metric(index: usize, metric: &HpaMetric, size: NodeSize, notes: &mut Vec<Note>) -> MetricSpec {
    let resource_source = |resource: ResourceName| MetricSource::Resource {
        name: resource.as_str().to_owned(),
    };
    let identifier = |name: &MetricName| MetricIdentifier {
        name: name.as_str().to_owned(),
    };
    let (source, target) = match metric {
        HpaMetric::Utilization {
            resource,
            target_percent,
        } => (
            resource_source(*resource),
            MetricTarget::Utilization(target_percent.unsigned_abs()),
        ),
        HpaMetric::ResourceAverage { resource, target } => {
            let whole = size.of(*resource);
            let value = part(*target, whole);
            notes.push(Note::new(
                format!("strategy.metrics[{index}].target"),
                format!(
                    "{target} per mille of a node with {whole} of {} is {value}",
                    resource.as_str()
                ),
            ));
            (
                resource_source(*resource),
                MetricTarget::AverageValue(value),
            )
        }
        HpaMetric::NodeAverage { name, target } => (
            MetricSource::Pods {
                metric: identifier(name),
            },
            MetricTarget::AverageValue(Quantity::from_milli(*target)),
        ),
        HpaMetric::FleetValue { name, target } => (
            MetricSource::External {
                metric: identifier(name),
            },
            MetricTarget::Value(Quantity::from_milli(*target)),
        ),
        HpaMetric::FleetAverage { name, target } => (
            MetricSource::External {
                metric: identifier(name),
            },
            MetricTarget::AverageValue(Quantity::from_milli(*target)),
        ),
    };
    MetricSpec { source, target }
}

/// `share` per mille of `whole`, rounded up.
fn part(share: i64, whole: Quantity) -> Quantity {
    let product = u128::from(share.unsigned_abs()) * u128::from(whole.milli.unsigned_abs());
    let milli = product.div_ceil(1_000);
    Quantity::from_milli(i64::try_from(milli).unwrap_or(i64::MAX))
}

fn behavior(behavior: &BehaviorSettings, notes: &mut Vec<Note>) -> Behavior {
    let mut direction = |rules: &DirectionSettings, name: &str| {
        // An absent direction and an empty one are the same to Kubernetes.
        (*rules != DirectionSettings::default())
            .then(|| self::direction(rules, &format!("strategy.behavior.{name}"), notes))
    };
    Behavior {
        scale_up: direction(&behavior.scale_up, "scale_up"),
        scale_down: direction(&behavior.scale_down, "scale_down"),
    }
}

fn direction(rules: &DirectionSettings, path: &str, notes: &mut Vec<Note>) -> ScalingRules {
    let window = rules.stabilization_window.map(|window| {
        whole_seconds(
            window,
            &format!("{path}.stabilization_window_micros"),
            notes,
        )
    });
    let policies = rules.policies.as_ref().map(|policies| {
        policies
            .iter()
            .enumerate()
            .map(|(index, policy)| ScalingPolicy {
                kind: match policy.kind {
                    hpa::ScalingPolicyKind::Pods => ScalingPolicyKind::Pods,
                    hpa::ScalingPolicyKind::Percent => ScalingPolicyKind::Percent,
                },
                value: policy.value.unsigned_abs(),
                period_seconds: whole_seconds(
                    policy.period,
                    &format!("{path}.policies[{index}].period_micros"),
                    notes,
                ),
            })
            .collect()
    });
    ScalingRules {
        stabilization_window_seconds: window,
        tolerance_millionths: rules.tolerance_millionths,
        select_policy: rules.select_policy.map(|select| match select {
            hpa::SelectPolicy::Max => SelectPolicy::Max,
            hpa::SelectPolicy::Min => SelectPolicy::Min,
            hpa::SelectPolicy::Disabled => SelectPolicy::Disabled,
        }),
        policies,
    }
}

/// `time` in seconds, rounded up.
fn whole_seconds(time: Micros, path: &str, notes: &mut Vec<Note>) -> u32 {
    let seconds = time.0.div_ceil(1_000_000);
    if time != Micros::from_secs(seconds) {
        let words = format!("Kubernetes counts whole seconds: {time} s became {seconds} s");
        notes.push(Note::new(path, words));
    }
    u32::try_from(seconds).unwrap_or(u32::MAX)
}
