//! The `HorizontalPodAutoscaler` of `autoscaling/v2`, as it stands in a manifest.
//!
//! Field names and limits are those of the Kubernetes API reference, `HorizontalPodAutoscalerSpec`
//! of v2. Nothing here knows a policy of Quorate.

use crate::cloud::quantity::Quantity;

/// A manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Whose it is and what it scales.
    pub identity: Identity,
    /// `minReplicas`; 1 if it was left out.
    pub min_replicas: u32,
    /// `maxReplicas`, at least `min_replicas`.
    pub max_replicas: u32,
    /// `metrics`.
    pub metrics: Vec<MetricSpec>,
    /// `behavior`.
    pub behavior: Option<Behavior>,
}

/// The name of an autoscaler and of what it scales.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// `metadata.name`.
    pub name: String,
    /// `metadata.namespace`.
    pub namespace: Option<String>,
    /// `scaleTargetRef.apiVersion`.
    pub target_api_version: Option<String>,
    /// `scaleTargetRef.kind`.
    pub target_kind: String,
    /// `scaleTargetRef.name`.
    pub target_name: String,
}

impl Identity {
    /// An autoscaler that scales the Deployment of its own name.
    pub fn deployment(name: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            target_name: name.clone(),
            name,
            namespace: None,
            target_api_version: Some("apps/v1".into()),
            target_kind: "Deployment".into(),
        }
    }
}

/// One of `metrics`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricSpec {
    /// Where the number comes from.
    pub source: MetricSource,
    /// What it should be.
    pub target: MetricTarget,
}

/// Where a number comes from: `type`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MetricSource {
    /// `Resource`: CPU or memory of the pods.
    Resource {
        /// `name`.
        name: String,
    },
    /// `ContainerResource`: CPU or memory of one container of every pod.
    ContainerResource {
        /// `name`.
        name: String,
        /// `container`.
        container: String,
    },
    /// `Pods`: a metric that every pod has.
    Pods {
        /// `metric`.
        metric: MetricIdentifier,
    },
    /// `Object`: a metric of one other object.
    Object {
        /// `describedObject` as kind and name, and its API version.
        object: ObjectReference,
        /// `metric`.
        metric: MetricIdentifier,
    },
    /// `External`: a metric from outside the cluster.
    External {
        /// `metric`.
        metric: MetricIdentifier,
    },
}

/// `describedObject`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectReference {
    /// `apiVersion`.
    pub api_version: Option<String>,
    /// `kind`.
    pub kind: String,
    /// `name`.
    pub name: String,
}

/// `metric`, without its selector, which is noted when it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricIdentifier {
    /// `name`.
    pub name: String,
}

/// `target`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricTarget {
    /// `averageUtilization`, in percent of what is requested.
    Utilization(u32),
    /// `averageValue`, per pod.
    AverageValue(Quantity),
    /// `value`, of all together.
    Value(Quantity),
}

/// `behavior`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Behavior {
    /// `scaleUp`.
    pub scale_up: Option<ScalingRules>,
    /// `scaleDown`.
    pub scale_down: Option<ScalingRules>,
}

/// `scaleUp` or `scaleDown`. What is `None` was left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScalingRules {
    /// `stabilizationWindowSeconds`.
    pub stabilization_window_seconds: Option<u32>,
    /// `tolerance`, in millionths.
    pub tolerance_millionths: Option<u32>,
    /// `selectPolicy`.
    pub select_policy: Option<SelectPolicy>,
    /// `policies`.
    pub policies: Option<Vec<ScalingPolicy>>,
}

/// `selectPolicy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelectPolicy {
    /// The policy that allows the most change.
    Max,
    /// The policy that allows the least change.
    Min,
    /// No change in this direction.
    Disabled,
}

/// One of `policies`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScalingPolicy {
    /// `type`.
    pub kind: ScalingPolicyKind,
    /// `value`, above zero.
    pub value: u32,
    /// `periodSeconds`, 1 to 1,800.
    pub period_seconds: u32,
}

/// `type` of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalingPolicyKind {
    /// So many pods.
    Pods,
    /// So many percent of the pods.
    Percent,
}
