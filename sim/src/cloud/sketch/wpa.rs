//! Two watermarks: proportional beyond them, nothing between.

use quorate::Micros;
use quorate::autoscale::wpa::{Patience, WpaMetric, WpaSettings};

use super::{Signal, Sketch, Source, proportional_down, proportional_up};
use crate::cloud::Note;

pub(super) fn sketch(settings: &WpaSettings) -> Sketch {
    let mut notes = Vec::new();
    let Patience {
        upscale_forbidden_window,
        downscale_forbidden_window,
        upscale_delay,
        downscale_delay,
    } = settings.patience;
    if settings.min_available_replica_percentage > 0 {
        let words = "has no equivalent: nodes are added and removed however few are ready";
        notes.push(Note::new(
            "strategy.min_available_replica_percentage",
            words,
        ));
    }
    if upscale_delay.max(downscale_delay) > Micros::ZERO {
        let words = "the time that a metric must be beyond a watermark became part of the pause";
        notes.push(Note::new("strategy.patience", words));
    }
    let signals = settings.metrics.iter().enumerate();
    let signals = signals
        .map(|(index, metric)| signal(index, metric, settings, &mut notes))
        .collect();
    Sketch {
        signals,
        up_pause: upscale_forbidden_window + upscale_delay,
        down_pause: downscale_forbidden_window + downscale_delay,
        notes,
    }
}

fn signal(
    index: usize,
    metric: &WpaMetric,
    settings: &WpaSettings,
    notes: &mut Vec<Note>,
) -> Signal {
    let path = format!("strategy.metrics[{index}]");
    let source = Source::of(&metric.signal, &format!("{path}.signal"), notes);
    let watermarks = &metric.watermarks;
    if watermarks.modulo > 1 {
        let words = "has no equivalent: any number of nodes may come out";
        notes.push(Note::new(format!("{path}.watermarks.modulo"), words));
    }
    // Thousandths of a percent; zero forbids the direction.
    let most = |factor: i64| u32::try_from(factor / 1_000).ok().filter(|&most| most > 0);
    let up = most(settings.scale_up_limit_factor)
        .map(|most| proportional_up(&source, watermarks.high, watermarks.tolerance).capped(most));
    let down = most(settings.scale_down_limit_factor)
        .map(|most| proportional_down(watermarks.low, watermarks.tolerance).capped(most));
    Signal {
        source,
        target: watermarks.high,
        up,
        down,
    }
}
