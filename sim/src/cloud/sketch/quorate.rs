//! The part of the Quorate policy that a fixed utilization can stand for.

use quorate::autoscale::quorate::QuorateSettings;

use super::{MINUTE, Signal, Sketch, Source, proportional_down, proportional_up};
use crate::cloud::Note;

pub(super) fn sketch(settings: &QuorateSettings) -> Sketch {
    let target = utilization(settings);
    let source = Source::Cpu;
    let lost = [
        (
            "base_headroom",
            "a fixed share of a node has no equivalent; only relative_headroom times cover is in the \
             target",
        ),
        (
            "trend_time_micros",
            "no forecast: nodes are ordered when they are needed, not start_up before",
        ),
        (
            "error_headroom",
            "headroom does not follow the forecast error: noisy load will break the service level \
             more often",
        ),
        (
            "damping",
            "the pause before a removal stays `hold`; it does not grow when removals are regretted",
        ),
        ("panic_headroom", "nothing is added after a breach"),
        (
            "drain_time_micros",
            "waiting work is not seen: processor time stops at 100 %",
        ),
    ];
    let notes = lost
        .into_iter()
        .map(|(setting, words)| Note::new(format!("strategy.{setting}"), words))
        .collect();
    Sketch {
        signals: vec![Signal {
            up: Some(proportional_up(&source, target, 0)),
            down: Some(proportional_down(target, i64::from(settings.hysteresis))),
            target,
            source,
        }],
        up_pause: MINUTE,
        down_pause: settings.hold,
        notes,
    }
}

/// The utilization, per mille, at which the least headroom is just there.
fn utilization(settings: &QuorateSettings) -> i64 {
    let headroom = u128::from(settings.relative_headroom) * u128::from(settings.cover) / 1_000;
    let utilization = u128::from(settings.slo_utilization) * 1_000 / (1_000 + headroom);
    i64::try_from(utilization).unwrap_or(1_000).max(10)
}
