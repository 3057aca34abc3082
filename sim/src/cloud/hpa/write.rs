//! From a [`Manifest`] to YAML.

use super::manifest::{
    Behavior, Identity, Manifest, MetricIdentifier, MetricSource, MetricSpec, MetricTarget,
    ScalingPolicyKind, ScalingRules, SelectPolicy,
};
use crate::cloud::note::Note;
use crate::cloud::quantity::{Quantity, from_millionths};
use crate::cloud::yaml::Writer;

/// The manifest as `kubectl apply` takes it, what was lost as comments above it.
pub(super) fn manifest(manifest: &Manifest, notes: &[Note]) -> String {
    let mut yaml = Writer::default();
    for note in notes {
        yaml.comment(&note.to_string());
    }
    yaml.text("apiVersion", "autoscaling/v2");
    yaml.text("kind", "HorizontalPodAutoscaler");
    yaml.mapping("metadata", |yaml| metadata(yaml, &manifest.identity));
    yaml.mapping("spec", |yaml| spec(yaml, manifest));
    yaml.finish()
}

fn metadata(yaml: &mut Writer, identity: &Identity) {
    yaml.text("name", &identity.name);
    if let Some(namespace) = &identity.namespace {
        yaml.text("namespace", namespace);
    }
}

fn spec(yaml: &mut Writer, manifest: &Manifest) {
    yaml.mapping("scaleTargetRef", |yaml| {
        if let Some(version) = &manifest.identity.target_api_version {
            yaml.text("apiVersion", version);
        }
        yaml.text("kind", &manifest.identity.target_kind);
        yaml.text("name", &manifest.identity.target_name);
    });
    yaml.number("minReplicas", manifest.min_replicas);
    yaml.number("maxReplicas", manifest.max_replicas);
    if !manifest.metrics.is_empty() {
        yaml.list("metrics", &manifest.metrics, metric);
    }
    if let Some(behavior) = &manifest.behavior {
        self::behavior(yaml, behavior);
    }
}

fn metric(yaml: &mut Writer, metric: &MetricSpec) {
    let target = metric.target;
    let identifier = |yaml: &mut Writer, metric: &MetricIdentifier| {
        yaml.mapping("metric", |yaml| yaml.text("name", &metric.name));
    };
    match &metric.source {
        MetricSource::Resource { name } => section(yaml, "Resource", "resource", |yaml| {
            yaml.text("name", name);
            self::target(yaml, target);
        }),
        MetricSource::ContainerResource { name, container } => {
            section(yaml, "ContainerResource", "containerResource", |yaml| {
                yaml.text("name", name);
                yaml.text("container", container);
                self::target(yaml, target);
            });
        }
        MetricSource::Pods { metric } => section(yaml, "Pods", "pods", |yaml| {
            identifier(yaml, metric);
            self::target(yaml, target);
        }),
        MetricSource::Object { object, metric } => section(yaml, "Object", "object", |yaml| {
            yaml.mapping("describedObject", |yaml| {
                if let Some(version) = &object.api_version {
                    yaml.text("apiVersion", version);
                }
                yaml.text("kind", &object.kind);
                yaml.text("name", &object.name);
            });
            identifier(yaml, metric);
            self::target(yaml, target);
        }),
        MetricSource::External { metric } => section(yaml, "External", "external", |yaml| {
            identifier(yaml, metric);
            self::target(yaml, target);
        }),
    }
}

fn section(yaml: &mut Writer, kind: &str, name: &str, fields: impl FnOnce(&mut Writer)) {
    yaml.text("type", kind);
    yaml.mapping(name, fields);
}

fn target(yaml: &mut Writer, target: MetricTarget) {
    yaml.mapping("target", |yaml| match target {
        MetricTarget::Utilization(percent) => {
            yaml.text("type", "Utilization");
            yaml.number("averageUtilization", percent);
        }
        MetricTarget::AverageValue(value) => {
            yaml.text("type", "AverageValue");
            quantity(yaml, "averageValue", value);
        }
        MetricTarget::Value(value) => {
            yaml.text("type", "Value");
            quantity(yaml, "value", value);
        }
    });
}

fn quantity(yaml: &mut Writer, name: &str, quantity: Quantity) {
    yaml.text(name, &quantity.to_string());
}

fn behavior(yaml: &mut Writer, behavior: &Behavior) {
    let directions = [
        ("scaleUp", &behavior.scale_up),
        ("scaleDown", &behavior.scale_down),
    ];
    // An empty `behavior` is not the same as none: it brings the default rates of Kubernetes.
    yaml.mapping("behavior", |yaml| {
        for (name, rules) in directions {
            if let Some(rules) = rules {
                yaml.mapping(name, |yaml| self::rules(yaml, rules));
            }
        }
    });
}

fn rules(yaml: &mut Writer, rules: &ScalingRules) {
    yaml.optional_number(
        "stabilizationWindowSeconds",
        rules.stabilization_window_seconds,
    );
    if let Some(tolerance) = rules.tolerance_millionths {
        yaml.text("tolerance", &from_millionths(tolerance));
    }
    if let Some(select) = rules.select_policy {
        let word = match select {
            SelectPolicy::Max => "Max",
            SelectPolicy::Min => "Min",
            SelectPolicy::Disabled => "Disabled",
        };
        yaml.text("selectPolicy", word);
    }
    if let Some(policies) = &rules.policies {
        yaml.list("policies", policies, |yaml, policy| {
            let kind = match policy.kind {
                ScalingPolicyKind::Pods => "Pods",
                ScalingPolicyKind::Percent => "Percent",
            };
            yaml.text("type", kind);
            yaml.number("value", policy.value);
            yaml.number("periodSeconds", policy.period_seconds);
        });
    }
}
