//! The autoscaler of Kubernetes that acts most like another policy.

use quorate::Micros;
use quorate::autoscale::MetricName;
use quorate::autoscale::hpa::{
    BehaviorSettings, DirectionSettings, Hpa, HpaMetric, HpaSettings, ResourceName, ScalingPolicy,
    ScalingPolicyKind, SelectPolicy,
};

use crate::cloud::Note;
use crate::cloud::sketch::{Ladder, MINUTE, Shape, Signal, Sketch, Source, Unit};

/// The settings that follow from `sketch`; what it says is lost is not said again.
pub(super) fn settings(sketch: &Sketch, notes: &mut Vec<Note>) -> HpaSettings {
    let metrics: Vec<_> = sketch
        .signals
        .iter()
        .map(|signal| metric(signal, notes))
        .collect();
    if metrics.is_empty() {
        notes.push(Note::new(
            "spec.metrics",
            "nothing is left to scale by; CPU at 80 % stands there because something must",
        ));
        return HpaSettings::default();
    }
    notes.push(Note::new(
        "behavior",
        "steps became rates, and pauses after an action the periods of rates and a window of past \
         recommendations: Kubernetes does not wait after an action",
    ));
    let up = |signal: &Signal| signal.up.clone();
    let down = |signal: &Signal| signal.down.clone();
    HpaSettings {
        metrics,
        behavior: Some(BehaviorSettings {
            scale_up: direction(sketch, up, sketch.up_pause, Micros::ZERO, notes),
            scale_down: direction(
                sketch,
                down,
                MINUTE,
                sketch.down_pause.min(Hpa::MAX_WINDOW),
                notes,
            ),
        }),
        ..HpaSettings::default()
    }
}

fn metric(signal: &Signal, notes: &mut Vec<Note>) -> HpaMetric {
    let target = signal.target.max(1);
    let mut utilization = |resource| {
        let percent = (target / 10).max(1);
        if percent * 10 != target {
            notes.push(Note::new(
                format!("metric {}", signal.source.name()),
                format!("{target} per mille became {percent} %: Kubernetes counts whole percent"),
            ));
        }
        HpaMetric::Utilization {
            resource,
            target_percent: i32::try_from(percent).unwrap_or(i32::MAX),
        }
    };
    match &signal.source {
        Source::Cpu => utilization(ResourceName::Cpu),
        Source::Memory => utilization(ResourceName::Memory),
        Source::Queue => HpaMetric::NodeAverage {
            name: MetricName::new("queue").expect("five letters are a name"),
            target,
        },
        Source::PerNode(name) => HpaMetric::NodeAverage {
            name: name.clone(),
            target,
        },
        Source::Fleet(name) => HpaMetric::FleetValue {
            name: name.clone(),
            target,
        },
    }
}

/// One direction: the widest tolerance that still reacts where the nearest threshold is, and no
/// faster than the largest step.
fn direction(
    sketch: &Sketch,
    ladder: impl Fn(&Signal) -> Option<Ladder>,
    pause: Micros,
    window: Micros,
    notes: &mut Vec<Note>,
) -> DirectionSettings {
    let ladders: Vec<_> = sketch
        .signals
        .iter()
        .filter_map(|signal| Some((signal, ladder(signal)?)))
        .collect();
    if ladders.is_empty() {
        return DirectionSettings {
            select_policy: Some(SelectPolicy::Disabled),
            ..DirectionSettings::default()
        };
    }
    if ladders.iter().any(|(_, ladder)| ladder.unit == Unit::Exact) {
        notes.push(Note::new(
            "behavior.policies",
            "steps to an exact number of nodes have no equivalent",
        ));
    }
    let tolerance =
        |(signal, ladder): &(&Signal, Ladder)| tolerance(signal.target, ladder.threshold);
    let (least, most) = (
        ladders.iter().map(tolerance).min().unwrap_or(0),
        ladders.iter().map(tolerance).max().unwrap_or(0),
    );
    if least != most {
        notes.push(Note::new(
            "behavior.tolerance",
            format!(
                "Kubernetes has one tolerance for all metrics: {least} millionths, the smallest, up to \
                 {most} are wanted"
            ),
        ));
    }
    DirectionSettings {
        stabilization_window: Some(window),
        select_policy: Some(SelectPolicy::Max),
        policies: policies(&ladders, pause),
        tolerance_millionths: Some(least),
    }
}

/// How far `threshold` is from `target`, in millionths of the target, rounded down.
fn tolerance(target: i64, threshold: i64) -> u32 {
    let distance = u128::from(target.abs_diff(threshold)) * 1_000_000;
    let share = distance / u128::from(target.unsigned_abs().max(1));
    u32::try_from(share).unwrap_or(u32::MAX)
}

/// The largest steps of any signal, as rates; `None` if no rule has steps, since in proportion to a
/// metric Kubernetes acts by itself.
fn policies(ladders: &[(&Signal, Ladder)], pause: Micros) -> Option<Vec<ScalingPolicy>> {
    let steps: Vec<_> = ladders
        .iter()
        .map(|(_, ladder)| ladder)
        .filter(|ladder| ladder.shape == Shape::Steps)
        .collect();
    let largest = |unit: Unit| {
        let of_unit = steps.iter().filter(|ladder| ladder.unit == unit);
        of_unit
            .flat_map(|ladder| ladder.bands.iter().map(|band| band.by))
            .max()
    };
    let at_least = steps.iter().map(|ladder| ladder.at_least).max()?;
    let kinds = [
        (ScalingPolicyKind::Percent, largest(Unit::Percent)),
        (
            ScalingPolicyKind::Pods,
            largest(Unit::Nodes).max(Some(at_least)),
        ),
    ];
    let period = Micros::from_secs(pause.as_secs().clamp(1, Hpa::MAX_PERIOD.as_secs()));
    let policies = kinds.into_iter().filter_map(|(kind, value)| {
        let value = i32::try_from(value?.max(1)).unwrap_or(i32::MAX);
        Some(ScalingPolicy {
            kind,
            value,
            period,
        })
    });
    Some(policies.collect())
}
