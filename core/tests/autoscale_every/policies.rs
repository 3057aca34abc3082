//! One policy per strategy, and some with guards.

use quorate::autoscale::Policy;

/// Name and policy. The names of the first ones are those of the strategies.
pub(crate) fn all() -> Vec<(&'static str, Policy)> {
    POLICIES
        .iter()
        .map(|(name, json)| {
            let policy = serde_json::from_str(json);
            (
                *name,
                policy.unwrap_or_else(|error| panic!("{name}: {error}")),
            )
        })
        .collect()
}

const POLICIES: [(&str, &str); 11] = [
    ("quorate", r#"{ "strategy": { "kind": "quorate" } }"#),
    ("threshold", r#"{ "strategy": { "kind": "threshold" } }"#),
    ("hpa", r#"{ "strategy": { "kind": "hpa" } }"#),
    ("kpa", r#"{ "strategy": { "kind": "kpa" } }"#),
    ("nomad", r#"{ "strategy": { "kind": "nomad" } }"#),
    ("wpa", r#"{ "strategy": { "kind": "wpa" } }"#),
    (
        "step_scaling",
        r#"{ "strategy": { "kind": "step_scaling" } }"#,
    ),
    (
        "hpa with behavior",
        r#"{ "strategy": {
               "kind": "hpa",
               "metrics": [
                 { "type": "utilization", "resource": "cpu", "target_percent": 70 },
                 { "type": "node_average", "name": "queue", "target": 20000 },
                 { "type": "fleet_average", "name": "requests", "target": 50000 }
               ],
               "behavior": {
                 "scale_up": { "stabilization_window_micros": 30000000 },
                 "scale_down": { "stabilization_window_micros": 60000000 }
               }
             },
             "guards": { "bounds": { "min_nodes": 2, "max_nodes": 40 } } }"#,
    ),
    (
        "kpa every minute",
        r#"{ "strategy": { "kind": "kpa", "scale_down_delay_micros": 300000000 },
             "evaluation_interval_micros": 60000000 }"#,
    ),
    (
        "nomad without a cooldown",
        r#"{ "strategy": { "kind": "nomad", "cooldown_micros": 0 } }"#,
    ),
    (
        "quorate with a season",
        r#"{ "strategy": { "kind": "quorate", "season": { "error_limit": 1000000 } },
             "evaluation_interval_micros": 300000000 }"#,
    ),
];
