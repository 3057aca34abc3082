//! A proportional rule as steps.

use quorate::autoscale::hpa::{HpaMetric, HpaSettings, ResourceName};

use super::{MINUTE, Signal, Sketch, Source, proportional_down, proportional_up};
use crate::cloud::Note;

/// The name under which every node reports its queue.
const QUEUE: &str = "queue";

pub(super) fn sketch(settings: &HpaSettings) -> Sketch {
    let mut notes = vec![Note::new(
        "strategy.metrics",
        "proportional steps became bands: each adds what its far end needs and removes what its near \
         end allows",
    )];
    let behavior = settings.behavior.clone().unwrap_or_default();
    if settings.behavior.is_some() {
        let words = "rates and windows have no equivalent; only the window of scale-down is kept, as \
                     a pause";
        notes.push(Note::new("strategy.behavior", words));
    }
    let tolerance =
        |own: Option<u32>| i64::from(own.unwrap_or(settings.tolerance_millionths)) / 1_000;
    let up = tolerance(behavior.scale_up.tolerance_millionths);
    let down = tolerance(behavior.scale_down.tolerance_millionths);
    let signals = settings
        .metrics
        .iter()
        .map(|metric| signal(metric, up, down))
        .collect();
    Sketch {
        signals,
        up_pause: MINUTE,
        down_pause: behavior
            .scale_down
            .stabilization_window
            .unwrap_or(settings.downscale_stabilization),
        notes,
    }
}

fn signal(metric: &HpaMetric, up: i64, down: i64) -> Signal {
    let of = |resource: &ResourceName| match resource {
        ResourceName::Memory => Source::Memory,
        ResourceName::Cpu => Source::Cpu,
    };
    let (source, target) = match metric {
        HpaMetric::Utilization {
            resource,
            target_percent,
        } => (of(resource), i64::from(*target_percent) * 10),
        HpaMetric::ResourceAverage { resource, target } => (of(resource), *target),
        HpaMetric::NodeAverage { name, target } if name.as_str() == QUEUE => {
            (Source::Queue, *target)
        }
        HpaMetric::NodeAverage { name, target } | HpaMetric::FleetAverage { name, target } => {
            (Source::PerNode(name.clone()), *target)
        }
        HpaMetric::FleetValue { name, target } => (Source::Fleet(name.clone()), *target),
    };
    Signal {
        up: Some(proportional_up(&source, target, up)),
        down: Some(proportional_down(target, down)),
        target,
        source,
    }
}
