//! From YAML to a [`Manifest`].
//!
//! What Kubernetes would refuse is refused, with line and path. What Kubernetes knows and a policy
//! has no use for, such as `metadata.labels` or `status`, is noted.

use super::manifest::{
    Behavior, Identity, Manifest, MetricIdentifier, MetricSource, MetricSpec, MetricTarget,
    ObjectReference, ScalingPolicy, ScalingPolicyKind, ScalingRules, SelectPolicy,
};
use crate::cloud::error::{CloudError, CloudFault};
use crate::cloud::note::Note;
use crate::cloud::quantity::{Precision, Quantity, QuantityError, millionths};
use crate::cloud::yaml::{self, Fields, Node, Place, Value, as_text};

/// The longest `periodSeconds`.
const MAX_PERIOD_SECONDS: u32 = 1_800;
/// The longest `stabilizationWindowSeconds`.
const MAX_WINDOW_SECONDS: u32 = 3_600;
/// The largest `int32`, in which Kubernetes counts.
const MAX_INT32: u32 = i32::MAX.unsigned_abs();

/// Reads the one autoscaler of a file that may hold other documents, too.
pub(super) fn manifest(text: &str) -> Result<(Manifest, Vec<Note>), CloudError> {
    let documents = yaml::documents(text).map_err(|(place, fault)| CloudError {
        place,
        path: String::new(),
        fault: CloudFault::Yaml(fault),
    })?;
    let mut notes = Vec::new();
    let mut autoscalers = Vec::new();
    for document in documents.iter().flat_map(objects) {
        match kind(document) {
            Some("HorizontalPodAutoscaler") => autoscalers.push(document),
            other => notes.push(Note::new(
                other.unwrap_or("document"),
                format!("{}: not an autoscaler, not read", document.place),
            )),
        }
    }
    match autoscalers[..] {
        [autoscaler] => Ok((object(autoscaler, &mut notes)?, notes)),
        [] => Err(CloudError {
            place: Place { line: 1, column: 1 },
            path: String::new(),
            fault: CloudFault::NoAutoscaler,
        }),
        [_, second, ..] => {
            let fault = CloudFault::SeveralAutoscalers(autoscalers.len());
            Err(CloudError::new("", second, fault))
        }
    }
}

/// The objects of a document: itself, or the `items` of a `List`.
fn objects(document: &Node) -> Vec<&Node> {
    let items = match (&document.value, kind(document)) {
        (Value::Mapping(fields), Some("List" | "HorizontalPodAutoscalerList")) => {
            fields.iter().find(|(name, _)| name == "items")
        }
        _ => None,
    };
    match items {
        Some((_, node)) => match &node.value {
            Value::Sequence(items) => items.iter().collect(),
            _ => vec![document],
        },
        None => vec![document],
    }
}

fn kind(document: &Node) -> Option<&str> {
    let Value::Mapping(fields) = &document.value else {
        return None;
    };
    let (_, kind) = fields.iter().find(|(name, _)| name == "kind")?;
    as_text("kind", kind).ok()
}

fn object(node: &Node, notes: &mut Vec<Note>) -> Result<Manifest, CloudError> {
    let mut fields = Fields::of("", node)?;
    fields.take("kind");
    let version = fields.require("apiVersion")?;
    let found = as_text("apiVersion", version)?;
    // The field names and their meaning are the same in the last beta.
    if !matches!(found, "autoscaling/v2" | "autoscaling/v2beta2") {
        let fault = CloudFault::NotOneOf {
            found: found.to_owned(),
            allowed: "autoscaling/v2, autoscaling/v2beta2",
        };
        return Err(fields.error("apiVersion", version, fault));
    }
    let mut metadata = fields.mapping("metadata")?;
    let name = metadata.text("name")?;
    let namespace = metadata.optional_text("namespace")?;
    leave(metadata, notes, "means nothing to a policy, not kept");
    let mut spec = fields.mapping("spec")?;
    let identity = target(&mut spec, name, namespace, notes)?;
    let manifest = self::spec(&mut spec, identity, notes)?;
    leave(spec, notes, "not a field of autoscaling/v2, not kept");
    leave(fields, notes, "means nothing to a policy, not kept");
    Ok(manifest)
}

fn target(
    spec: &mut Fields<'_>,
    name: String,
    namespace: Option<String>,
    notes: &mut Vec<Note>,
) -> Result<Identity, CloudError> {
    let mut target = spec.mapping("scaleTargetRef")?;
    let identity = Identity {
        name,
        namespace,
        target_api_version: target.optional_text("apiVersion")?,
        target_kind: target.text("kind")?,
        target_name: target.text("name")?,
    };
    leave(target, notes, UNKNOWN);
    Ok(identity)
}

/// What is said of a field that Kubernetes does not know, either.
const UNKNOWN: &str = "not a field of autoscaling/v2, not kept";

fn spec(
    spec: &mut Fields<'_>,
    identity: Identity,
    notes: &mut Vec<Note>,
) -> Result<Manifest, CloudError> {
    let min_replicas = spec.optional_integer("minReplicas", 0, MAX_INT32)?;
    let min_replicas = min_replicas.unwrap_or(1);
    let max_replicas = spec.integer("maxReplicas", min_replicas.max(1), MAX_INT32)?;
    let metrics = spec
        .list("metrics")?
        .into_iter()
        .map(|fields| metric(fields, notes))
        .collect::<Result<_, _>>()?;
    let behavior = match spec.optional_mapping("behavior")? {
        None => None,
        Some(mut fields) => {
            let behavior = Behavior {
                scale_up: rules(&mut fields, "scaleUp", notes)?,
                scale_down: rules(&mut fields, "scaleDown", notes)?,
            };
            leave(fields, notes, UNKNOWN);
            Some(behavior)
        }
    };
    Ok(Manifest {
        identity,
        min_replicas,
        max_replicas,
        metrics,
        behavior,
    })
}

fn metric(mut fields: Fields<'_>, notes: &mut Vec<Note>) -> Result<MetricSpec, CloudError> {
    let node = fields.require("type")?;
    let found = as_text(&fields.path("type"), node)?;
    let section = match found {
        "Resource" => "resource",
        "ContainerResource" => "containerResource",
        "Pods" => "pods",
        "Object" => "object",
        "External" => "external",
        _ => {
            let fault = CloudFault::NotOneOf {
                found: found.to_owned(),
                allowed: "Resource, ContainerResource, Pods, Object, External",
            };
            return Err(fields.error("type", node, fault));
        }
    };
    let mut body = fields.mapping(section)?;
    let source = match section {
        "resource" => MetricSource::Resource {
            name: body.text("name")?,
        },
        "containerResource" => MetricSource::ContainerResource {
            name: body.text("name")?,
            container: body.text("container")?,
        },
        "pods" => MetricSource::Pods {
            metric: identifier(&mut body, notes)?,
        },
        "object" => MetricSource::Object {
            object: object_reference(&mut body, notes)?,
            metric: identifier(&mut body, notes)?,
        },
        _ => MetricSource::External {
            metric: identifier(&mut body, notes)?,
        },
    };
    let target = metric_target(&mut body, allowed_targets(&source), notes)?;
    leave(body, notes, UNKNOWN);
    leave(fields, notes, "belongs to another type of metric, not kept");
    Ok(MetricSpec { source, target })
}

/// The kinds of target that Kubernetes takes for a source.
const fn allowed_targets(source: &MetricSource) -> &'static str {
    match source {
        MetricSource::Resource { .. } | MetricSource::ContainerResource { .. } => {
            "Utilization, AverageValue"
        }
        MetricSource::Pods { .. } => "AverageValue",
        MetricSource::Object { .. } | MetricSource::External { .. } => "Value, AverageValue",
    }
}

fn identifier(
    body: &mut Fields<'_>,
    notes: &mut Vec<Note>,
) -> Result<MetricIdentifier, CloudError> {
    let mut metric = body.mapping("metric")?;
    let name = metric.text("name")?;
    let selector = "a policy names a metric and does not select among its series, not kept";
    leave(metric, notes, selector);
    Ok(MetricIdentifier { name })
}

fn object_reference(
    body: &mut Fields<'_>,
    notes: &mut Vec<Note>,
) -> Result<ObjectReference, CloudError> {
    let mut object = body.mapping("describedObject")?;
    let reference = ObjectReference {
        api_version: object.optional_text("apiVersion")?,
        kind: object.text("kind")?,
        name: object.text("name")?,
    };
    leave(object, notes, UNKNOWN);
    Ok(reference)
}

fn metric_target(
    body: &mut Fields<'_>,
    allowed: &'static str,
    notes: &mut Vec<Note>,
) -> Result<MetricTarget, CloudError> {
    let mut target = body.mapping("target")?;
    let node = target.require("type")?;
    let found = as_text(&target.path("type"), node)?;
    if !allowed.split(", ").any(|kind| kind == found) {
        let found = found.to_owned();
        return Err(target.error("type", node, CloudFault::NotOneOf { found, allowed }));
    }
    let result = match found {
        "Utilization" => {
            MetricTarget::Utilization(target.integer("averageUtilization", 1, MAX_INT32)?)
        }
        "AverageValue" => MetricTarget::AverageValue(positive(&mut target, "averageValue", notes)?),
        _ => MetricTarget::Value(positive(&mut target, "value", notes)?),
    };
    leave(target, notes, "belongs to another type of target, not kept");
    Ok(result)
}

fn positive(
    target: &mut Fields<'_>,
    name: &str,
    notes: &mut Vec<Note>,
) -> Result<Quantity, CloudError> {
    let node = target.require(name)?;
    let quantity = quantity(target, name, node, notes)?;
    if quantity.milli <= 0 {
        let fault = CloudFault::NotPositive(quantity.to_string());
        return Err(target.error(name, node, fault));
    }
    Ok(quantity)
}

fn quantity(
    fields: &Fields<'_>,
    name: &str,
    node: &Node,
    notes: &mut Vec<Note>,
) -> Result<Quantity, CloudError> {
    let path = fields.path(name);
    let text = as_text(&path, node)?;
    let (quantity, precision) = Quantity::parse(text).map_err(|error| {
        let found = text.to_owned();
        fields.error(name, node, CloudFault::Quantity { found, error })
    })?;
    if precision == Precision::RoundedUp {
        let line = node.place.line;
        notes.push(Note::new(
            path,
            format!("line {line}: {text} is finer than a thousandth, read as {quantity}"),
        ));
    }
    Ok(quantity)
}

fn rules(
    behavior: &mut Fields<'_>,
    name: &str,
    notes: &mut Vec<Note>,
) -> Result<Option<ScalingRules>, CloudError> {
    let Some(mut fields) = behavior.optional_mapping(name)? else {
        return Ok(None);
    };
    let window = fields.optional_integer("stabilizationWindowSeconds", 0, MAX_WINDOW_SECONDS)?;
    let tolerance_millionths = tolerance(&mut fields, notes)?;
    let rules = ScalingRules {
        stabilization_window_seconds: window,
        tolerance_millionths,
        select_policy: select_policy(&mut fields)?,
        policies: policies(&mut fields, notes)?,
    };
    leave(fields, notes, UNKNOWN);
    Ok(Some(rules))
}

fn tolerance(fields: &mut Fields<'_>, notes: &mut Vec<Note>) -> Result<Option<u32>, CloudError> {
    let Some(node) = fields.take("tolerance") else {
        return Ok(None);
    };
    let path = fields.path("tolerance");
    let text = as_text(&path, node)?;
    let fault = |error| {
        let found = text.to_owned();
        CloudError::new(&path, node, CloudFault::Quantity { found, error })
    };
    let (millionths, precision) = millionths(text).map_err(fault)?;
    if millionths < 0 {
        return Err(CloudError::new(
            &path,
            node,
            CloudFault::Negative(text.to_owned()),
        ));
    }
    let tolerance = u32::try_from(millionths).map_err(|_| fault(QuantityError::TooLarge))?;
    if precision == Precision::RoundedUp {
        let line = node.place.line;
        let message =
            format!("line {line}: {text} is finer than a millionth, read as {tolerance}u");
        notes.push(Note::new(path, message));
    }
    Ok(Some(tolerance))
}

fn select_policy(fields: &mut Fields<'_>) -> Result<Option<SelectPolicy>, CloudError> {
    let Some(node) = fields.take("selectPolicy") else {
        return Ok(None);
    };
    match as_text(&fields.path("selectPolicy"), node)? {
        "Max" => Ok(Some(SelectPolicy::Max)),
        "Min" => Ok(Some(SelectPolicy::Min)),
        "Disabled" => Ok(Some(SelectPolicy::Disabled)),
        other => {
            let fault = CloudFault::NotOneOf {
                found: other.to_owned(),
                allowed: "Max, Min, Disabled",
            };
            Err(fields.error("selectPolicy", node, fault))
        }
    }
}

/// The policies of a direction; `None` if none is given, which means the defaults of Kubernetes.
fn policies(
    fields: &mut Fields<'_>,
    notes: &mut Vec<Note>,
) -> Result<Option<Vec<ScalingPolicy>>, CloudError> {
    let items = fields.list("policies")?;
    let policies = items
        .into_iter()
        .map(|item| policy(item, notes))
        .collect::<Result<Vec<_>, _>>()?;
    Ok((!policies.is_empty()).then_some(policies))
}

fn policy(mut fields: Fields<'_>, notes: &mut Vec<Note>) -> Result<ScalingPolicy, CloudError> {
    let node = fields.require("type")?;
    let kind = match as_text(&fields.path("type"), node)? {
        "Pods" => ScalingPolicyKind::Pods,
        "Percent" => ScalingPolicyKind::Percent,
        other => {
            let fault = CloudFault::NotOneOf {
                found: other.to_owned(),
                allowed: "Pods, Percent",
            };
            return Err(fields.error("type", node, fault));
        }
    };
    let policy = ScalingPolicy {
        kind,
        value: fields.integer("value", 1, MAX_INT32)?,
        period_seconds: fields.integer("periodSeconds", 1, MAX_PERIOD_SECONDS)?,
    };
    leave(fields, notes, UNKNOWN);
    Ok(policy)
}

/// Notes what nobody took.
fn leave(fields: Fields<'_>, notes: &mut Vec<Note>, message: &str) {
    for (path, line) in fields.rest() {
        notes.push(Note::new(path, format!("line {line}: {message}")));
    }
}
