//! Two thresholds per resource are what clouds have words for.

use quorate::autoscale::{Resource, ThresholdSettings};

use super::{Ladder, Signal, Sketch, Source, Unit};
use crate::cloud::Note;

pub(super) fn sketch(settings: &ThresholdSettings) -> Sketch {
    let signal = |resource: Resource, up: i64, down: i64| {
        let (source, unit) = match resource {
            Resource::Memory => (Source::Memory, 1),
            Resource::Queue => (Source::Queue, 1_000),
            _ => (Source::Cpu, 1),
        };
        Signal {
            source,
            target: up.saturating_mul(unit),
            up: Some(Ladder::single(up.saturating_mul(unit), Unit::Percent, 50)),
            down: Some(Ladder::single(down.saturating_mul(unit), Unit::Nodes, 1)),
        }
    };
    Sketch {
        signals: vec![
            signal(Resource::Cpu, settings.cpu_up, settings.cpu_down),
            signal(Resource::Memory, settings.memory_up, settings.memory_down),
            signal(Resource::Queue, settings.queue_up, settings.queue_down),
        ],
        up_pause: settings.cooldown,
        down_pause: settings.cooldown,
        notes: vec![Note::new(
            "strategy.cooldown_micros",
            "becomes one pause per direction: there a removal does not delay an addition",
        )],
    }
}
