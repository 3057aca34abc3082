//! Step policies, for systems that are not EC2.

use quorate::autoscale::step_scaling::{
    AdjustmentType, Comparison, StepAdjustment, StepPolicy, StepScalingSettings,
};

use super::{Band, Ladder, MINUTE, Shape, Signal, Sketch, Source, Unit};
use crate::cloud::Note;

pub(super) fn sketch(settings: &StepScalingSettings) -> Sketch {
    let mut notes = vec![Note::new(
        "strategy.instance_warmup_micros",
        "what is ordered and not yet warm is not counted there",
    )];
    let policies = settings.policies.iter().enumerate();
    let mut signals: Vec<Signal> = Vec::new();
    for (index, policy) in policies {
        let path = format!("strategy.policies[{index}]");
        let source = Source::of(&policy.signal, &format!("{path}.signal"), &mut notes);
        let adds = matches!(
            policy.alarm.comparison,
            Comparison::Above | Comparison::AtOrAbove
        );
        let ladder = ladder(policy, adds, &path, &mut notes);
        let mut signal = Signal {
            source,
            target: policy.alarm.threshold.max(1),
            up: None,
            down: None,
        };
        if adds {
            signal.up = Some(ladder);
        } else {
            signal.down = Some(ladder);
        }
        join(&mut signals, signal);
    }
    Sketch {
        signals,
        up_pause: settings.cooldown.max(MINUTE),
        down_pause: settings.cooldown.max(MINUTE),
        notes,
    }
}

/// An addition and a removal by the same quantity are one signal, whose target is where additions
/// begin.
fn join(signals: &mut Vec<Signal>, signal: Signal) {
    let fits = |other: &&mut Signal| {
        other.source == signal.source
            && ((other.up.is_none() && signal.down.is_none())
                || (other.down.is_none() && signal.up.is_none()))
    };
    match signals.iter_mut().find(fits) {
        Some(other) => {
            if signal.up.is_some() {
                other.target = signal.target;
            }
            other.up = other.up.take().or(signal.up);
            other.down = other.down.take().or(signal.down);
        }
        None => signals.push(signal),
    }
}

fn ladder(policy: &StepPolicy, adds: bool, path: &str, notes: &mut Vec<Note>) -> Ladder {
    let outwards = |band: &StepAdjustment| {
        let (near, far) = if adds {
            (band.lower_bound?, band.upper_bound)
        } else {
            (-band.upper_bound?, band.lower_bound.map(|bound| -bound))
        };
        let by = u32::try_from(band.adjustment.unsigned_abs()).unwrap_or(u32::MAX);
        (near >= 0).then_some(Band {
            from: near,
            to: far,
            by,
        })
    };
    let all = policy.bands.as_slice();
    let mut bands: Vec<_> = all.iter().filter_map(outwards).collect();
    bands.sort_by_key(|band| band.from);
    if bands.len() < all.len() {
        notes.push(Note::new(
            format!("{path}.bands"),
            "bands on the side of the threshold on which the alarm is silent are left out",
        ));
    }
    Ladder {
        shape: Shape::Steps,
        threshold: policy.alarm.threshold,
        unit: match policy.adjustment_type {
            AdjustmentType::ChangeInCapacity => Unit::Nodes,
            AdjustmentType::PercentChangeInCapacity => Unit::Percent,
            AdjustmentType::ExactCapacity => Unit::Exact,
        },
        at_least: policy.min_adjustment_magnitude.max(1),
        bands,
    }
}
