//! `quorate export` and `quorate import` from outside.
#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

mod common;

use common::{file, quorate, refusal};

#[test]
fn a_manifest_comes_back_as_the_policy_it_was() {
    let policy = r#"{"strategy": {"kind": "hpa", "metrics":
        [{"type": "resource_average", "resource": "memory", "target": 500}]},
        "guards": {"bounds": {"min_nodes": 2, "max_nodes": 9}}}"#;
    let path = file("memory-policy.json", policy);
    let size = ["--node-memory", "2Gi"];
    let export = [
        "export",
        "--policy",
        &path,
        "--to",
        "hpa",
        "--name",
        "shop",
        "--namespace",
        "prod",
    ];
    let exported = quorate(&[&export[..], &size].concat());
    assert_eq!(exported.code, Some(0), "{}", exported.stderr);
    assert!(
        exported
            .stdout
            .contains("\n  name: shop\n  namespace: prod\n"),
        "{}",
        exported.stdout
    );
    assert!(
        exported.stdout.contains("averageValue: \"1Gi\"\n"),
        "{}",
        exported.stdout
    );
    assert!(
        exported
            .stderr
            .starts_with("note: strategy.metrics[0].target: "),
        "{}",
        exported.stderr
    );
    let manifest = file("shop.yaml", &exported.stdout);
    let imported = quorate(&[&["import", manifest.as_str()][..], &size].concat());
    assert_eq!(imported.code, Some(0), "{}", imported.stderr);
    let policy: serde_json::Value = serde_json::from_str(&imported.stdout).unwrap();
    assert_eq!(policy["strategy"]["metrics"][0]["target"], 500);
    assert_eq!(policy["guards"]["bounds"]["max_nodes"], 9);
}

#[test]
fn other_clouds_get_json() {
    let ec2 = quorate(&[
        "export",
        "--policy",
        "threshold",
        "--to",
        "ec2",
        "--name",
        "fleet",
    ]);
    assert_eq!(ec2.code, Some(0));
    let document: serde_json::Value = serde_json::from_str(&ec2.stdout).unwrap();
    assert_eq!(
        document["AutoScalingGroup"]["AutoScalingGroupName"],
        "fleet"
    );
    assert!(
        ec2.stderr.contains("note: MetricAlarms: "),
        "{}",
        ec2.stderr
    );
    let vmss = quorate(&["export", "--policy", "quorate", "--to", "vmss"]);
    let document: serde_json::Value = serde_json::from_str(&vmss.stdout).unwrap();
    assert_eq!(document["type"], "Microsoft.Insights/autoscalesettings");
    assert!(
        vmss.stderr.contains("note: strategy.error_headroom: "),
        "{}",
        vmss.stderr
    );
}

#[test]
fn bad_input_is_refused_with_its_place() {
    let path = file("service.yaml", "kind: Service\n");
    let said = refusal(&["import", &path]);
    assert!(
        said.contains("service.yaml: line 1, column 1: there is no HorizontalPodAutoscaler"),
        "{said}"
    );
    refusal(&["import", "no-such-file.yaml"]);
    refusal(&["import", &path, "--node-memory", "1GB"]);
    refusal(&["import", &path, "--node-cpu", "0"]);
    refusal(&["export", "--policy", "hpa"]);
    refusal(&["export", "--policy", "hpa", "--to", "mars"]);
}
