//! The part of Knative's autoscaler that looks at an average.

use quorate::autoscale::kpa::KpaSettings;

use super::{MINUTE, Signal, Sketch, Source, proportional_down, proportional_up};
use crate::cloud::Note;

pub(super) fn sketch(settings: &KpaSettings) -> Sketch {
    let mut notes = Vec::new();
    let source = match Source::of(&settings.signal, "strategy.signal", &mut notes) {
        // The target is one of a node, whoever measures.
        Source::Fleet(name) => Source::PerNode(name),
        other => other,
    };
    let lost = [
        (
            "panic_window_percentage",
            "there is no panic: bursts are seen a minute later",
        ),
        (
            "max_scale_up_rate",
            "the rates have no equivalent but the steps",
        ),
        ("target_burst_capacity", "nothing buffers requests"),
        ("scale_to_zero", "the last node stays"),
    ];
    notes.extend(lost.map(|(setting, words)| Note::new(format!("strategy.{setting}"), words)));
    let share = i128::from(settings.capacity_per_node) * i128::from(settings.target_percentage);
    let target = i64::try_from(share / 100).unwrap_or(i64::MAX).max(1);
    Sketch {
        signals: vec![Signal {
            up: Some(proportional_up(&source, target, 0)),
            down: Some(proportional_down(target, 0)),
            target,
            source,
        }],
        up_pause: MINUTE,
        down_pause: settings.stable_window.max(settings.scale_down_delay),
        notes,
    }
}
