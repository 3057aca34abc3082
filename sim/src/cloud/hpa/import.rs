//! From a [`Manifest`] to the settings of the policy that copies Kubernetes.

use quorate::Micros;
use quorate::autoscale::hpa::{
    self, BehaviorSettings, DirectionSettings, Hpa, HpaMetric, HpaSettings, ResourceName,
};
use quorate::autoscale::{Bounds, MetricName};

use super::manifest::{
    Behavior, Manifest, MetricSource, MetricSpec, MetricTarget, ScalingPolicyKind, ScalingRules,
    SelectPolicy,
};
use super::{Imported, NodeSize};
use crate::cloud::{CloudError, CloudFault, Note, Place, Quantity};

/// The policy that `manifest` describes, `notes` so far included.
pub(super) fn policy(
    manifest: Manifest,
    size: NodeSize,
    mut notes: Vec<Note>,
) -> Result<Imported, CloudError> {
    let mut metrics = Vec::new();
    for (index, metric) in manifest.metrics.iter().enumerate() {
        let path = format!("spec.metrics[{index}]");
        metrics.push(self::metric(metric, size, &path, &mut notes)?);
    }
    if metrics.is_empty() {
        let words = "absent: Kubernetes then goes by CPU at 80 % of what is requested";
        notes.push(Note::new("spec.metrics", words));
        metrics = HpaSettings::default().metrics;
    }
    let settings = HpaSettings {
        metrics,
        behavior: manifest.behavior.as_ref().map(behavior),
        ..HpaSettings::default()
    };
    let hpa = Hpa::new(settings).map_err(|error| refused("spec", &error))?;
    let bounds = Bounds::new(manifest.min_replicas, manifest.max_replicas)
        .map_err(|error| refused("spec", &error))?;
    Ok(Imported {
        hpa,
        bounds,
        identity: manifest.identity,
        notes,
    })
}

fn refused(path: &str, error: &dyn std::error::Error) -> CloudError {
    CloudError {
        place: Place { line: 1, column: 1 },
        path: path.to_owned(),
        fault: CloudFault::Policy(error.to_string()),
    }
}

fn metric(
    metric: &MetricSpec,
    size: NodeSize,
    path: &str,
    notes: &mut Vec<Note>,
) -> Result<HpaMetric, CloudError> {
    match &metric.source {
        MetricSource::Resource { name } => {
            let resource = resource(name, &format!("{path}.resource.name"))?;
            Ok(of_resource(resource, metric.target, size, path, notes))
        }
        MetricSource::ContainerResource { name, container } => {
            let resource = resource(name, &format!("{path}.containerResource.name"))?;
            notes.push(Note::new(
                format!("{path}.containerResource.container"),
                format!("the policy looks at the whole node, not at {container} alone"),
            ));
            Ok(of_resource(resource, metric.target, size, path, notes))
        }
        MetricSource::Pods { metric: identifier } => Ok(HpaMetric::NodeAverage {
            name: name(&identifier.name, &format!("{path}.pods.metric.name"))?,
            target: in_total(metric.target),
        }),
        MetricSource::Object {
            object,
            metric: identifier,
        } => {
            notes.push(Note::new(
                format!("{path}.object.describedObject"),
                format!(
                    "the policy asks for a metric of the fleet by its name, wherever it comes \
                     from; here from {} {}",
                    object.kind, object.name
                ),
            ));
            let name = name(&identifier.name, &format!("{path}.object.metric.name"))?;
            Ok(of_fleet(name, metric.target))
        }
        MetricSource::External { metric: identifier } => {
            let name = name(&identifier.name, &format!("{path}.external.metric.name"))?;
            Ok(of_fleet(name, metric.target))
        }
    }
}

fn resource(name: &str, path: &str) -> Result<ResourceName, CloudError> {
    [ResourceName::Cpu, ResourceName::Memory]
        .into_iter()
        .find(|resource| resource.as_str() == name)
        .ok_or_else(|| CloudError {
            place: Place { line: 1, column: 1 },
            path: path.to_owned(),
            fault: CloudFault::NotOneOf {
                found: name.to_owned(),
                allowed: "cpu, memory",
            },
        })
}

fn name(text: &str, path: &str) -> Result<MetricName, CloudError> {
    MetricName::new(text).map_err(|error| refused(path, &error))
}

fn of_resource(
    resource: ResourceName,
    target: MetricTarget,
    size: NodeSize,
    path: &str,
    notes: &mut Vec<Note>,
) -> HpaMetric {
    match target {
        MetricTarget::Utilization(percent) => HpaMetric::Utilization {
            resource,
            target_percent: i32::try_from(percent).unwrap_or(i32::MAX),
        },
        MetricTarget::AverageValue(value) | MetricTarget::Value(value) => {
            let whole = size.of(resource);
            notes.push(Note::new(
                format!("{path}.target.averageValue"),
                format!(
                    "{value} is read as a share of a node with {whole} of {}",
                    resource.as_str()
                ),
            ));
            HpaMetric::ResourceAverage {
                resource,
                target: share(value, whole),
            }
        }
    }
}

/// `value` per mille of `whole`, at least one.
fn share(value: Quantity, whole: Quantity) -> i64 {
    let share = i128::from(value.milli) * 1_000 / i128::from(whole.milli.max(1));
    i64::try_from(share).unwrap_or(i64::MAX).max(1)
}

fn of_fleet(name: MetricName, target: MetricTarget) -> HpaMetric {
    match target {
        MetricTarget::AverageValue(value) => HpaMetric::FleetAverage {
            name,
            target: value.milli,
        },
        other => HpaMetric::FleetValue {
            name,
            target: in_total(other),
        },
    }
}

/// The number of a target in thousandths.
fn in_total(target: MetricTarget) -> i64 {
    match target {
        MetricTarget::AverageValue(value) | MetricTarget::Value(value) => value.milli,
        MetricTarget::Utilization(percent) => i64::from(percent) * 1_000,
    }
}

fn behavior(behavior: &Behavior) -> BehaviorSettings {
    let direction =
        |rules: &Option<ScalingRules>| rules.as_ref().map(direction).unwrap_or_default();
    BehaviorSettings {
        scale_up: direction(&behavior.scale_up),
        scale_down: direction(&behavior.scale_down),
    }
}

fn direction(rules: &ScalingRules) -> DirectionSettings {
    let policy = |policy: &super::ScalingPolicy| hpa::ScalingPolicy {
        kind: match policy.kind {
            ScalingPolicyKind::Pods => hpa::ScalingPolicyKind::Pods,
            ScalingPolicyKind::Percent => hpa::ScalingPolicyKind::Percent,
        },
        value: i32::try_from(policy.value).unwrap_or(i32::MAX),
        period: Micros::from_secs(u64::from(policy.period_seconds)),
    };
    DirectionSettings {
        stabilization_window: rules
            .stabilization_window_seconds
            .map(|seconds| Micros::from_secs(u64::from(seconds))),
        select_policy: rules.select_policy.map(|select| match select {
            SelectPolicy::Max => hpa::SelectPolicy::Max,
            SelectPolicy::Min => hpa::SelectPolicy::Min,
            SelectPolicy::Disabled => hpa::SelectPolicy::Disabled,
        }),
        policies: rules
            .policies
            .as_ref()
            .map(|policies| policies.iter().map(policy).collect()),
        tolerance_millionths: rules.tolerance_millionths,
    }
}
