//! The rows of `vectors.json` (sources and licence inside the file).

use quorate::Micros;
use quorate::autoscale::wpa::{Limits, Patience, Permission, Status, Usage, Watermarks};
use serde::de::DeserializeOwned;
use serde_json::Value;

fn rows(table: &str) -> Vec<Value> {
    let vectors: Value = serde_json::from_str(include_str!("vectors.json")).unwrap();
    let rows = vectors[table].as_array().unwrap();
    assert!(!rows.is_empty(), "{table}");
    rows.clone()
}

fn read<T: DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

/// Percent in thousandths.
fn factor(percent: &Value) -> i64 {
    let whole = percent.as_i64().map(|percent| percent * 1_000);
    whole.unwrap_or_else(|| {
        assert_eq!(*percent, 0.5, "the only fraction");
        500
    })
}

#[test]
fn every_proposal() {
    for row in rows("proposals") {
        let marks: Watermarks = read(&row["marks"]);
        marks.validate().unwrap();
        let proposal = marks.propose(&Usage {
            sum: read(&row["sum"]),
            ready: read(&row["ready"]),
            current: read(&row["current"]),
            min: 1,
            max: 20,
        });
        assert_eq!(
            proposal.position,
            read(&row["position"]),
            "{row}: {proposal:?}"
        );
        assert_eq!(
            proposal.replicas,
            read::<u32>(&row["replicas"]),
            "{row}: {proposal:?}"
        );
    }
}

#[test]
fn every_rate_limit() {
    for row in rows("rate_limits") {
        let limits = Limits {
            min: 0,
            max: 0,
            scale_up_factor: factor(&row["factor_pct"]),
            scale_down_factor: factor(&row["factor_pct"]),
        };
        let current = read(&row["current"]);
        assert_eq!(
            limits.scale_up_limit(current),
            read::<u32>(&row["up"]),
            "{row}"
        );
        assert_eq!(
            limits.scale_down_limit(current),
            read::<u32>(&row["down"]),
            "{row}"
        );
    }
}

#[test]
fn every_normalization() {
    for row in rows("normalizations") {
        let limits = Limits {
            min: read(&row["min"]),
            max: read(&row["max"]),
            scale_up_factor: factor(&row["up_pct"]),
            scale_down_factor: factor(&row["down_pct"]),
        };
        let normalized = limits.normalize(
            read(&row["current"]),
            read(&row["desired"]),
            read(&row["ready"]),
        );
        assert_eq!(normalized.replicas, read::<u32>(&row["replicas"]), "{row}");
        assert_eq!(
            normalized.reason.to_string(),
            row["reason"].as_str().unwrap(),
            "{row}"
        );
    }
}

#[test]
fn every_permission() {
    let now = Micros::from_secs(10_000);
    let ago = |seconds: &Value| {
        seconds
            .as_u64()
            .map(|seconds| now - Micros::from_secs(seconds))
    };
    for row in rows("permissions") {
        let windows: [u64; 4] = read(&row["windows"]);
        let [up, down, up_delay, down_delay] = windows.map(Micros::from_secs);
        let patience = Patience {
            upscale_forbidden_window: up,
            downscale_forbidden_window: down,
            upscale_delay: up_delay,
            downscale_delay: down_delay,
        };
        let status = Status {
            last_scale: ago(&row["last_s"]),
            above_since: ago(&row["above_s"]),
            below_since: ago(&row["below_s"]),
        };
        let change = (read(&row["current"]), read(&row["desired"]));
        let permission = patience.permission(&status, change, read(&row["regime"]), now);
        let granted = permission == Permission::Granted;
        assert_eq!(
            granted,
            read::<bool>(&row["granted"]),
            "{row}: {permission:?}"
        );
    }
}
