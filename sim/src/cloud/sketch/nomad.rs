//! Nomad's checks, each on its own.

use quorate::autoscale::nomad::{Check, NomadCheck, NomadSettings, TargetValue, Tier, TierChange};

use super::{
    Band, Ladder, Shape, Signal, Sketch, Source, Unit, proportional_down, proportional_up,
};
use crate::cloud::Note;

pub(super) fn sketch(settings: &NomadSettings) -> Sketch {
    let mut notes = Vec::new();
    let checks = settings.checks.iter().enumerate();
    let signals = checks
        .filter_map(|(index, check)| {
            signal(check, &format!("strategy.checks[{index}]"), &mut notes)
        })
        .collect();
    Sketch {
        signals,
        up_pause: settings.cooldown_on_scale_up,
        down_pause: settings.cooldown,
        notes,
    }
}

fn signal(check: &NomadCheck, path: &str, notes: &mut Vec<Note>) -> Option<Signal> {
    let source = Source::of(&check.signal, &format!("{path}.signal"), notes);
    if !check.group.is_empty() {
        let words = "votes of groups have no equivalent: every check stands alone";
        notes.push(Note::new(format!("{path}.group"), words));
    }
    match check.strategy {
        Check::TargetValue(target) => Some(target_value(source, target, path, notes)),
        Check::Threshold(tier) => Some(threshold(source, tier)),
        Check::FixedValue(_) | Check::PassThrough(_) => {
            let words = "a count that is given and not measured has no equivalent";
            notes.push(Note::new(format!("{path}.strategy"), words));
            None
        }
    }
}

fn target_value(
    source: Source,
    settings: TargetValue,
    path: &str,
    notes: &mut Vec<Note>,
) -> Signal {
    let TargetValue {
        target,
        threshold,
        max_scale_up,
        max_scale_down,
    } = settings;
    if max_scale_up.or(max_scale_down).is_some() {
        let words = "the largest steps have no equivalent";
        notes.push(Note::new(format!("{path}.strategy"), words));
    }
    let target = milli(target).max(1);
    Signal {
        up: Some(proportional_up(&source, target, milli(threshold))),
        down: Some(proportional_down(target, milli(threshold))),
        target,
        source,
    }
}

/// A range with a step: at and above its lower end if it adds, below its upper end if it removes.
fn threshold(source: Source, tier: Tier) -> Signal {
    let (unit, by, adds) = match tier.change {
        TierChange::Delta(delta) => (Unit::Nodes, small(delta.unsigned_abs()), delta >= 0),
        TierChange::Percentage(percent) => {
            let whole = milli(percent).unsigned_abs().div_ceil(1_000);
            (Unit::Percent, small(whole), percent >= 0.0)
        }
        TierChange::Value(value) => (Unit::Exact, small(value.unsigned_abs()), true),
    };
    let (lower, upper) = (tier.lower_bound.map(milli), tier.upper_bound.map(milli));
    let (edge, far) = if adds { (lower, upper) } else { (upper, lower) };
    let threshold = edge.unwrap_or(0);
    let far = far.and_then(|far| i64::try_from(far.abs_diff(threshold)).ok());
    let width = far.filter(|&width| width > 0);
    let ladder = Some(Ladder {
        shape: Shape::Steps,
        threshold,
        unit,
        at_least: 1,
        bands: vec![Band {
            from: 0,
            to: width,
            by,
        }],
    });
    let (up, down) = if adds { (ladder, None) } else { (None, ladder) };
    Signal {
        source,
        target: threshold.max(1),
        up,
        down,
    }
}

/// A number of Nomad in thousandths; what does not fit ends at the end of the range.
#[allow(
    clippy::cast_possible_truncation,
    reason = "a cast from a double stops at the end of the range"
)]
fn milli(number: f64) -> i64 {
    (number * 1_000.0).round() as i64
}

fn small(by: u64) -> u32 {
    u32::try_from(by).unwrap_or(u32::MAX)
}
