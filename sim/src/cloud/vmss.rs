//! Autoscale settings of Azure, for virtual machine scale sets.
//!
//! Azure adds instances when any rule says so and removes them when all rules that remove agree,
//! the same way round as most policies. If several rules add, the largest result counts, so a
//! ladder of steps is a list of rules without upper ends.
//!
//! Source: the template reference of `Microsoft.Insights/autoscalesettings`, 2022-10-01.

use quorate::Micros;
use quorate::autoscale::Policy;
use serde::Serialize;

use super::ec2::Unitless;
use super::sketch::{Ladder, Signal, Sketch, Source, Unit};
use super::{Exported, Note};

#[derive(Serialize)]
struct Resource {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    name: String,
    properties: Properties,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    name: String,
    enabled: bool,
    target_resource_uri: String,
    profiles: [Profile; 1],
}

#[derive(Serialize)]
struct Profile {
    name: &'static str,
    capacity: Capacity,
    rules: Vec<Rule>,
}

/// Numbers in quotes, as the API has them.
#[derive(Serialize)]
struct Capacity {
    minimum: String,
    maximum: String,
    default: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    metric_trigger: Trigger,
    scale_action: Action,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Trigger {
    metric_name: String,
    metric_namespace: &'static str,
    metric_resource_uri: String,
    time_grain: &'static str,
    statistic: &'static str,
    time_window: String,
    time_aggregation: &'static str,
    operator: &'static str,
    threshold: f64,
}

#[derive(Serialize)]
struct Action {
    direction: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    value: String,
    cooldown: String,
}

/// The shortest time over which Azure averages.
const WINDOW: Micros = Micros::from_secs(300);
/// The longest time over which Azure averages.
const MAX_WINDOW: Micros = Micros::from_secs(43_200);

/// The autoscale setting that acts most like `policy`, named `name`, for the scale set with the
/// resource id `target`.
pub fn export(policy: &Policy, name: &str, target: &str) -> Exported {
    let mut sketch = Sketch::of(policy);
    let mut notes = std::mem::take(&mut sketch.notes);
    let mut rules = Vec::new();
    for signal in &sketch.signals {
        if let Some(ladder) = &signal.up {
            additions(signal, ladder, &sketch, target, &mut rules, &mut notes);
        }
    }
    for signal in &sketch.signals {
        if let Some(ladder) = &signal.down {
            removal(signal, ladder, &sketch, target, &mut rules, &mut notes);
        }
        source(signal, &mut notes);
    }
    notes.push(Note::new(
        "timeWindow",
        "Azure averages over 5 minutes at least, so it reacts later than the policy would",
    ));
    let bounds = policy.bounds();
    let resource = Resource {
        kind: "Microsoft.Insights/autoscalesettings",
        api_version: "2022-10-01",
        name: name.to_owned(),
        properties: Properties {
            name: name.to_owned(),
            enabled: true,
            target_resource_uri: target.to_owned(),
            profiles: [Profile {
                name: "quorate",
                capacity: Capacity {
                    minimum: bounds.min_nodes().to_string(),
                    maximum: bounds.max_nodes().to_string(),
                    default: bounds.min_nodes().to_string(),
                },
                rules,
            }],
        },
    };
    let text = serde_json::to_string_pretty(&resource).expect("plain data has a JSON form");
    Exported { text, notes }
}

fn additions(
    signal: &Signal,
    ladder: &Ladder,
    sketch: &Sketch,
    target: &str,
    rules: &mut Vec<Rule>,
    notes: &mut Vec<Note>,
) {
    if ladder.unit == Unit::Percent {
        notes.push(Note::new(
            format!("metric {}", signal.source.name()),
            format!(
                "Azure has no least step: a percentage of a small fleet may come to fewer than {} \
                 nodes",
                ladder.at_least
            ),
        ));
    }
    for band in &ladder.bands {
        let threshold = ladder.threshold.saturating_add(band.from);
        rules.push(Rule {
            metric_trigger: trigger(
                &signal.source,
                target,
                WINDOW,
                "GreaterThanOrEqual",
                threshold,
            ),
            scale_action: action("Increase", ladder.unit, band.by, sketch.up_pause),
        });
    }
}

/// All rules that remove must agree, so only the nearest band can be one.
fn removal(
    signal: &Signal,
    ladder: &Ladder,
    sketch: &Sketch,
    target: &str,
    rules: &mut Vec<Rule>,
    notes: &mut Vec<Note>,
) {
    let Some(band) = ladder.bands.first() else {
        return;
    };
    if ladder.bands.len() > 1 {
        notes.push(Note::new(
            format!("metric {}", signal.source.name()),
            "removals have one step only, the smallest: Azure removes when all its rules agree",
        ));
    }
    let window = sketch.down_pause.max(WINDOW).min(MAX_WINDOW);
    rules.push(Rule {
        metric_trigger: trigger(
            &signal.source,
            target,
            window,
            "LessThanOrEqual",
            ladder.threshold,
        ),
        scale_action: action("Decrease", ladder.unit, band.by, sketch.down_pause),
    });
}

/// Notes which metrics somebody has to deliver.
fn source(signal: &Signal, notes: &mut Vec<Note>) {
    let words = match &signal.source {
        Source::Cpu => return,
        Source::Memory => "needs the diagnostics extension, which measures it in the guest",
        Source::Queue | Source::PerNode(_) => {
            "must be published as a custom metric of the scale set, as an average per node"
        }
        Source::Fleet(_) => "must be published as a custom metric of the scale set",
    };
    notes.push(Note::new(format!("metric {}", signal.source.name()), words));
}

fn trigger(
    source: &Source,
    target: &str,
    window: Micros,
    operator: &'static str,
    threshold: i64,
) -> Trigger {
    let (metric_namespace, metric_name) = match source {
        Source::Cpu => ("", "Percentage CPU"),
        Source::Memory => ("", "/builtin/memory/percentusedmemory"),
        other => ("quorate", other.name()),
    };
    Trigger {
        metric_name: metric_name.to_owned(),
        metric_namespace,
        metric_resource_uri: target.to_owned(),
        time_grain: "PT1M",
        statistic: "Average",
        time_window: duration(window),
        time_aggregation: "Average",
        operator,
        threshold: Unitless::of(source).value(threshold),
    }
}

fn action(direction: &'static str, unit: Unit, by: u32, pause: Micros) -> Action {
    Action {
        direction,
        kind: match unit {
            Unit::Nodes => "ChangeCount",
            Unit::Percent => "PercentChangeCount",
            Unit::Exact => "ExactCount",
        },
        value: by.to_string(),
        cooldown: duration(pause),
    }
}

/// Whole minutes in ISO 8601, at least one, rounded up.
fn duration(time: Micros) -> String {
    format!("PT{}M", time.as_secs().div_ceil(60).max(1))
}
