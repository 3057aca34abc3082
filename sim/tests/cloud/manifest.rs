//! Manifests of `autoscaling/v2`: both ways, and what is refused where.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use quorate_sim::cloud::hpa::{
    Behavior, Identity, Manifest, MetricIdentifier, MetricSource, MetricSpec, MetricTarget,
    ObjectReference, ScalingPolicy, ScalingPolicyKind, ScalingRules, SelectPolicy,
};
use quorate_sim::cloud::{Note, Quantity};

/// Everything that the API knows, and some that a policy has no use for.
const FULL: &str = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web
  namespace: shop
  labels: {app: web}
spec:
  scaleTargetRef: &target
    apiVersion: apps/v1
    kind: Deployment
    name: web
  minReplicas: 2
  maxReplicas: 40
  metrics:
  - type: Resource
    resource:
      name: cpu
      target:
        type: Utilization
        averageUtilization: 70
  - type: ContainerResource
    containerResource:
      name: memory
      container: app
      target: {type: AverageValue, averageValue: 1.5Gi}
  - type: Pods
    pods:
      metric:
        name: requests_per_second
        selector: {matchLabels: {verb: GET}}
      target: {type: AverageValue, averageValue: '1k'}
  - type: Object
    object:
      describedObject: {apiVersion: networking.k8s.io/v1, kind: Ingress, name: main}
      metric: {name: requests}
      target: {type: Value, value: 2500m}
  - type: External
    external:
      metric: {name: queue_depth}
      target: {type: AverageValue, averageValue: 30}
  behavior:
    scaleUp:
      stabilizationWindowSeconds: 0
      tolerance: 0.05
      selectPolicy: Max
      policies:
      - {type: Pods, value: 4, periodSeconds: 15}
      - {type: Percent, value: 100, periodSeconds: 15}
    scaleDown:
      stabilizationWindowSeconds: 300
      selectPolicy: Disabled
  window: 5
status:
  currentReplicas: 3
";

fn notes(notes: &[Note]) -> Vec<String> {
    notes.iter().map(Note::to_string).collect()
}

#[test]
fn a_whole_manifest_is_read_and_the_rest_is_noted() {
    let (manifest, left) = Manifest::parse(FULL).unwrap();
    assert_eq!(manifest.identity.namespace.as_deref(), Some("shop"));
    assert_eq!((manifest.min_replicas, manifest.max_replicas), (2, 40));
    let targets: Vec<_> = manifest
        .metrics
        .iter()
        .map(|metric| metric.target)
        .collect();
    assert_eq!(
        targets,
        [
            MetricTarget::Utilization(70),
            MetricTarget::AverageValue(Quantity::from_milli(1_610_612_736_000)),
            MetricTarget::AverageValue(Quantity::from_units(1_000)),
            MetricTarget::Value(Quantity::from_milli(2_500)),
            MetricTarget::AverageValue(Quantity::from_units(30)),
        ]
    );
    let behavior = manifest.behavior.unwrap();
    let (up, down) = (behavior.scale_up.unwrap(), behavior.scale_down.unwrap());
    assert_eq!(up.tolerance_millionths, Some(50_000));
    assert_eq!(up.policies.unwrap().len(), 2);
    assert_eq!(down.select_policy, Some(SelectPolicy::Disabled));
    assert_eq!(down.policies, None);
    assert_eq!(
        notes(&left),
        [
            "ConfigMap: line 1, column 1: not an autoscaler, not read",
            "metadata.labels: line 10: means nothing to a policy, not kept",
            "spec.metrics[2].pods.metric.selector: line 34: a policy names a metric and does not \
             select among its series, not kept",
            "spec.window: line 56: not a field of autoscaling/v2, not kept",
            "status: line 58: means nothing to a policy, not kept",
        ]
    );
}

#[test]
fn what_is_written_is_what_kubectl_shows() {
    let manifest = Manifest {
        identity: Identity::deployment("web"),
        min_replicas: 2,
        max_replicas: 40,
        metrics: vec![MetricSpec {
            source: MetricSource::Resource { name: "cpu".into() },
            target: MetricTarget::Utilization(70),
        }],
        behavior: Some(Behavior {
            scale_up: Some(ScalingRules::default()),
            scale_down: Some(ScalingRules {
                stabilization_window_seconds: Some(60),
                policies: Some(vec![ScalingPolicy {
                    kind: ScalingPolicyKind::Percent,
                    value: 10,
                    period_seconds: 60,
                }]),
                ..ScalingRules::default()
            }),
        }),
    };
    let note = Note::new("guards.cost", "has no equivalent\nin Kubernetes");
    let yaml = "\
# guards.cost: has no equivalent
# in Kubernetes
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: web
  minReplicas: 2
  maxReplicas: 40
  metrics:
  - type: Resource
    resource:
      name: cpu
      target:
        type: Utilization
        averageUtilization: 70
  behavior:
    scaleUp: {}
    scaleDown:
      stabilizationWindowSeconds: 60
      policies:
      - type: Percent
        value: 10
        periodSeconds: 60
";
    assert_eq!(manifest.to_yaml(&[note]), yaml);
    assert_eq!(Manifest::parse(yaml).unwrap(), (manifest, Vec::new()));
}

/// `kubectl get hpa -o json` is YAML, too; so is a list of one.
#[test]
fn json_and_lists_are_read() {
    let object = r#"{"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web"},
        "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "maxReplicas": 3}}"#;
    let (alone, left) = Manifest::parse(object).unwrap();
    assert_eq!((alone.min_replicas, alone.max_replicas), (1, 3));
    assert_eq!(left, []);
    let list = format!(r#"{{"apiVersion": "v1", "kind": "List", "items": [{object}]}}"#);
    assert_eq!(Manifest::parse(&list).unwrap().0, alone);
}

fn refusal(text: &str) -> String {
    Manifest::parse(text).unwrap_err().to_string()
}

#[test]
fn what_is_wrong_is_said_with_line_and_path() {
    let cases = [
        (
            "maxReplicas: 40",
            "maxReplicas: 1",
            "line 17, column 16: spec.maxReplicas: `1` is not a whole number from 2 to 2147483647",
        ),
        (
            "maxReplicas: 40",
            "replicas: 40",
            "line 12, column 3: spec.maxReplicas: this field must be there",
        ),
        (
            "minReplicas: 2",
            "minReplicas: two",
            "line 16, column 16: spec.minReplicas: `two` is not a whole number from 0 to 2147483647",
        ),
        (
            "autoscaling/v2",
            "autoscaling/v1",
            "line 5, column 13: apiVersion: `autoscaling/v1` is none of autoscaling/v2, autoscaling/v2beta2",
        ),
        (
            "averageUtilization: 70",
            "averageUtilization: 0",
            "line 24, column 29: spec.metrics[0].resource.target.averageUtilization: `0` is not a whole \
          number from 1 to 2147483647",
        ),
        (
            "1.5Gi",
            "1.5GB",
            "line 29, column 50: spec.metrics[1].containerResource.target.averageValue: `1.5GB` has a \
          suffix that is none of n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei or e3",
        ),
        (
            "value: 2500m",
            "value: 0",
            "line 40, column 36: spec.metrics[3].object.target.value: `0` is not above zero",
        ),
        (
            "target: {type: Value, value: 2500m}",
            "target: {type: Utilization, averageUtilization: 5}",
            "line 40, column 22: spec.metrics[3].object.target.type: `Utilization` is none of Value, AverageValue",
        ),
        (
            "selectPolicy: Max",
            "selectPolicy: Most",
            "line 49, column 21: spec.behavior.scaleUp.selectPolicy: `Most` is none of Max, Min, Disabled",
        ),
        (
            "type: Pods, value: 4, periodSeconds: 15",
            "type: Pods, value: 4, periodSeconds: 1801",
            "line 51, column 47: spec.behavior.scaleUp.policies[0].periodSeconds: `1801` is not a whole \
          number from 1 to 1800",
        ),
        (
            "type: External",
            "type: Weather",
            "line 41, column 11: spec.metrics[4].type: `Weather` is none of Resource, ContainerResource, \
          Pods, Object, External",
        ),
        (
            "name: cpu",
            "name: [cpu]",
            "line 21, column 13: spec.metrics[0].resource.name: expected a scalar, found a list",
        ),
        (
            "minReplicas: 2",
            "minReplicas: 2\n  minReplicas: 3",
            "line 17, column 3: the field `minReplicas` is there twice",
        ),
        (
            "minReplicas: 2",
            "minReplicas: [2",
            "line 17, column 14: illegal placement of ':' indicator",
        ),
    ];
    for (from, to, message) in cases {
        let changed = FULL.replacen(from, to, 1);
        assert_ne!(changed, FULL, "{from}");
        assert_eq!(refusal(&changed), message);
    }
}

#[test]
fn files_without_exactly_one_autoscaler_are_refused() {
    assert!(
        refusal("").ends_with("there is no HorizontalPodAutoscaler of autoscaling/v2 in the file")
    );
    assert!(refusal("kind: Service").contains("there is no HorizontalPodAutoscaler"));
    let two = format!("{FULL}---\n{FULL}");
    assert!(refusal(&two).contains("there are 2 HorizontalPodAutoscalers"));
}

/// A few lines that would expand to gigabytes, and a tower of brackets.
#[test]
fn hostile_files_are_refused_early() {
    let mut lines = vec!["a: &a [x, x, x, x, x, x, x, x, x]".to_owned()];
    for (name, before) in ('b'..='i').zip('a'..) {
        let items = vec![format!("*{before}"); 9].join(", ");
        lines.push(format!("{name}: &{name} [{items}]"));
    }
    assert!(refusal(&lines.join("\n")).contains("more than 20000 values"));
    let tower = |height| "[".repeat(height) + &"]".repeat(height);
    assert!(refusal(&tower(65)).contains("64 deep"));
    refusal(&tower(10_000));
    assert!(refusal(&"# words\n".repeat(200_000)).contains("1 MiB"));
    assert!(refusal("? [a]\n: b").contains("must be text"));
    refusal("*unknown");
}

fn quantities(least: i64) -> impl Strategy<Value = Quantity> {
    prop_oneof![
        (least..5_000_i64).prop_map(Quantity::from_milli),
        (least..=i64::MAX).prop_map(Quantity::from_milli),
        (1_i64..8_000_000_000).prop_map(|mebi| Quantity::from_milli(mebi * 1_048_576)),
    ]
}

/// Texts that YAML would take for something else, among others.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z][a-z0-9-]{0,20}",
        "\\PC{1,12}",
        prop::sample::select(vec![
            "null", "~", "yes", "No", "1e3", "0x1f", "- a", "a: b", "# c", "&a", "*a", "!b", "",
            " ", "'", "\"", "\\", "a\nb", "{}", "[]", "%", "@x", "`", "\t", "\u{7f}", "\u{2028}",
        ])
        .prop_map(str::to_owned),
    ]
}

fn metrics() -> impl Strategy<Value = MetricSpec> {
    let identifier = || texts().prop_map(|name| MetricIdentifier { name });
    let utilization = || {
        prop_oneof![
            (1..=2_147_483_647_u32).prop_map(MetricTarget::Utilization),
            quantities(1).prop_map(MetricTarget::AverageValue),
        ]
    };
    let value = || {
        prop_oneof![
            quantities(1).prop_map(MetricTarget::Value),
            quantities(1).prop_map(MetricTarget::AverageValue),
        ]
    };
    let object = (option::of(texts()), texts(), texts()).prop_map(|(api_version, kind, name)| {
        ObjectReference {
            api_version,
            kind,
            name,
        }
    });
    prop_oneof![
        (texts(), utilization())
            .prop_map(|(name, target)| (MetricSource::Resource { name }, target)),
        (texts(), texts(), utilization()).prop_map(|(name, container, target)| {
            (MetricSource::ContainerResource { name, container }, target)
        }),
        (identifier(), quantities(1)).prop_map(|(metric, value)| {
            (
                MetricSource::Pods { metric },
                MetricTarget::AverageValue(value),
            )
        }),
        (object, identifier(), value())
            .prop_map(|(object, metric, target)| (MetricSource::Object { object, metric }, target)),
        (identifier(), value())
            .prop_map(|(metric, target)| (MetricSource::External { metric }, target)),
    ]
    .prop_map(|(source, target)| MetricSpec { source, target })
}

fn rules() -> impl Strategy<Value = ScalingRules> {
    let kind = prop::sample::select(vec![ScalingPolicyKind::Pods, ScalingPolicyKind::Percent]);
    let policy =
        (kind, 1..=2_147_483_647_u32, 1..=1_800_u32).prop_map(|(kind, value, period_seconds)| {
            ScalingPolicy {
                kind,
                value,
                period_seconds,
            }
        });
    let select = vec![SelectPolicy::Max, SelectPolicy::Min, SelectPolicy::Disabled];
    (
        option::of(0..=3_600_u32),
        option::of(any::<u32>()),
        option::of(prop::sample::select(select)),
        option::of(vec(policy, 1..4)),
    )
        .prop_map(
            |(stabilization_window_seconds, tolerance_millionths, select_policy, policies)| {
                ScalingRules {
                    stabilization_window_seconds,
                    tolerance_millionths,
                    select_policy,
                    policies,
                }
            },
        )
}

fn manifests() -> impl Strategy<Value = Manifest> {
    let identity = (
        texts(),
        option::of(texts()),
        option::of(texts()),
        texts(),
        texts(),
    )
        .prop_map(
            |(name, namespace, target_api_version, target_kind, target_name)| Identity {
                name,
                namespace,
                target_api_version,
                target_kind,
                target_name,
            },
        );
    let behavior = option::of((option::of(rules()), option::of(rules()))).prop_map(|both| {
        both.map(|(scale_up, scale_down)| Behavior {
            scale_up,
            scale_down,
        })
    });
    (
        identity,
        0..100_u32,
        1..1_000_u32,
        vec(metrics(), 0..4),
        behavior,
    )
        .prop_map(
            |(identity, min_replicas, more, metrics, behavior)| Manifest {
                identity,
                min_replicas,
                max_replicas: min_replicas + more,
                metrics,
                behavior,
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_manifest_comes_back(manifest in manifests()) {
        let yaml = manifest.to_yaml(&[]);
        prop_assert_eq!(Manifest::parse(&yaml).unwrap(), (manifest, Vec::new()), "{}", yaml);
    }

    #[test]
    fn no_text_breaks_the_reader(cut in 0..2_000_usize, noise in "\\PC{0,8}") {
        let at = (0..=cut.min(FULL.len())).rev().find(|&at| FULL.is_char_boundary(at)).unwrap();
        let _ = Manifest::parse(&format!("{}{noise}{}", &FULL[..at], &FULL[at..]));
        let _ = Manifest::parse(&FULL[..at]);
    }
}
