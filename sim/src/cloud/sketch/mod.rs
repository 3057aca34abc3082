//! What of a policy other systems have words for.
//!
//! Clouds scale on a metric that passes a threshold, by so many nodes or percent, and then wait.
//! Every strategy is brought into this form once; what does not fit is noted once, in the words of
//! the strategy, whatever the target system is.

mod hpa;
mod kpa;
mod nomad;
mod quorate;
mod step_scaling;
mod threshold;
mod wpa;

use ::quorate::Micros;
use ::quorate::autoscale::{MetricName, Policy, Signal as Looked, Strategy};

use super::{Note, guards};

/// A policy as thresholds and steps. Any signal that is high adds nodes; all must be low before one
/// is removed.
#[derive(Clone, Debug)]
pub(super) struct Sketch {
    pub(super) signals: Vec<Signal>,
    /// The time between two additions.
    pub(super) up_pause: Micros,
    /// The time between two removals.
    pub(super) down_pause: Micros,
    /// What is lost.
    pub(super) notes: Vec<Note>,
}

/// A quantity, and what follows from it.
#[derive(Clone, Debug)]
pub(super) struct Signal {
    pub(super) source: Source,
    /// The value that the fleet is steered to; thousandths.
    pub(super) target: i64,
    pub(super) up: Option<Ladder>,
    pub(super) down: Option<Ladder>,
}

/// Where a quantity comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Processor time, per mille of a node.
    Cpu,
    /// Memory, per mille of a node.
    Memory,
    /// Waiting requests per node, in thousandths.
    Queue,
    /// Something that every node reports, in thousandths, averaged.
    PerNode(MetricName),
    /// Something about the whole fleet, in thousandths.
    Fleet(MetricName),
}

impl Source {
    /// Where `signal` comes from; what is lost is noted at `path`.
    pub(super) fn of(signal: &Looked, path: &str, notes: &mut Vec<Note>) -> Self {
        match signal {
            Looked::Cpu => Self::Cpu,
            Looked::Memory => Self::Memory,
            Looked::Queue => Self::Queue,
            Looked::Node(name) => Self::PerNode(name.clone()),
            Looked::Fleet(name) => Self::Fleet(name.clone()),
            _ => {
                let words =
                    "work that waits is not seen: became processor time, which stops at 100 %";
                notes.push(Note::new(path, words));
                Self::Cpu
            }
        }
    }

    /// As it is named in a document.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Queue => "queue",
            Self::PerNode(name) | Self::Fleet(name) => name.as_str(),
        }
    }

    /// The largest value that can be measured, if there is one.
    const fn full(&self) -> Option<i64> {
        match self {
            Self::Cpu | Self::Memory => Some(1_000),
            Self::Queue | Self::PerNode(_) | Self::Fleet(_) => None,
        }
    }
}

/// Where the bands of a ladder come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// They are the rule: nothing larger may happen at once.
    Steps,
    /// They stand for a rule in proportion to the metric.
    Proportional,
}

/// What happens at and beyond a threshold.
#[derive(Clone, Debug)]
pub(super) struct Ladder {
    pub(super) shape: Shape,
    /// In thousandths. At it, the first band begins.
    pub(super) threshold: i64,
    pub(super) unit: Unit,
    /// At least so many nodes, whatever the bands say.
    pub(super) at_least: u32,
    /// From the threshold outwards, without gaps.
    pub(super) bands: Vec<Band>,
}

/// What a band counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Nodes more or fewer.
    Nodes,
    /// Percent of the fleet more or fewer.
    Percent,
    /// The fleet itself.
    Exact,
}

impl Unit {
    /// `by` as the change of a removal.
    pub(super) fn removed(self, by: u32) -> i64 {
        match self {
            Self::Nodes | Self::Percent => -i64::from(by),
            Self::Exact => i64::from(by),
        }
    }
}

/// How far beyond a threshold, and what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Band {
    /// The distance from the threshold at which it begins, away from the target; thousandths.
    pub(super) from: i64,
    /// The distance at which it ends; `None` for the last one.
    pub(super) to: Option<i64>,
    /// By how much the fleet changes, in the unit of the ladder; never negative.
    pub(super) by: u32,
}

/// Kubernetes, EC2 and Azure look once a minute, or hardly more often.
pub(super) const MINUTE: Micros = Micros::from_secs(60);

impl Sketch {
    /// The thresholds and steps of `policy`.
    pub(super) fn of(policy: &Policy) -> Self {
        let mut sketch = match policy.strategy() {
            Strategy::Threshold(threshold) => threshold::sketch(threshold.settings()),
            Strategy::Hpa(hpa) => hpa::sketch(hpa.settings()),
            Strategy::Quorate(quorate) => quorate::sketch(quorate.settings()),
            Strategy::Kpa(kpa) => kpa::sketch(kpa.settings()),
            Strategy::Nomad(nomad) => nomad::sketch(nomad.settings()),
            Strategy::Wpa(wpa) => wpa::sketch(wpa.settings()),
            Strategy::StepScaling(steps) => step_scaling::sketch(steps.settings()),
            other => unknown(other),
        };
        sketch.notes.extend(guards::beyond_bounds(policy.guards()));
        sketch
    }
}

fn unknown(strategy: &Strategy) -> Sketch {
    let words = "has no thresholds: nothing of it but the bounds is exported";
    Sketch {
        signals: Vec::new(),
        up_pause: MINUTE,
        down_pause: MINUTE,
        notes: vec![Note::new(format!("strategy.{}", strategy.kind()), words)],
    }
}

/// The ratios to the target, per mille, at which steps of a proportional rule change.
const RATIOS_UP: [i64; 3] = [1_250, 1_500, 2_000];
const RATIOS_DOWN: [i64; 3] = [750, 500, 250];

/// A proportional rule as steps: from the first ratio on, each band adds what its far end needs.
pub(super) fn proportional_up(source: &Source, target: i64, tolerance: i64) -> Ladder {
    let first = 1_000 + tolerance.max(0);
    let full = source.full().unwrap_or(i64::MAX);
    let at = |ratio: i64| scaled(target, ratio);
    let mut ratios = vec![first];
    for ratio in RATIOS_UP {
        // Small targets leave no room between two ratios, and a band must have some.
        if at(ratio) < full && ratios.last().is_some_and(|&last| at(ratio) > at(last)) {
            ratios.push(ratio);
        }
    }
    let threshold = at(first);
    let bands = ratios.iter().enumerate().map(|(index, &ratio)| {
        let next = ratios.get(index + 1).copied();
        // Beyond what can be measured the need is unknown; as much as the last value shows.
        let end = next.unwrap_or_else(|| match source.full() {
            Some(full) => (full * 1_000 + target.max(1) - 1) / target.max(1),
            None => 2 * ratio,
        });
        Band {
            from: at(ratio) - threshold,
            to: next.map(|next| at(next) - threshold),
            by: percent_up(end - 1_000).max(1),
        }
    });
    Ladder {
        shape: Shape::Proportional,
        threshold,
        unit: Unit::Percent,
        at_least: 1,
        bands: bands.collect(),
    }
}

/// A proportional rule as steps: each band removes what its near end allows.
pub(super) fn proportional_down(target: i64, tolerance: i64) -> Ladder {
    let first = (1_000 - tolerance).clamp(0, 1_000);
    let at = |ratio: i64| scaled(target, ratio);
    let mut ratios = vec![first];
    for ratio in RATIOS_DOWN {
        if ratios.last().is_some_and(|&last| at(ratio) < at(last)) {
            ratios.push(ratio);
        }
    }
    let threshold = at(first);
    let bands = ratios.iter().enumerate().map(|(index, &ratio)| Band {
        from: threshold - at(ratio),
        to: ratios.get(index + 1).map(|&next| threshold - at(next)),
        by: u32::try_from((1_000 - ratio) / 10).unwrap_or(0).max(1),
    });
    Ladder {
        shape: Shape::Proportional,
        threshold,
        unit: Unit::Percent,
        at_least: 1,
        bands: bands.collect(),
    }
}

impl Ladder {
    /// One band without an end.
    pub(super) fn single(threshold: i64, unit: Unit, by: u32) -> Self {
        let band = Band {
            from: 0,
            to: None,
            by,
        };
        Self {
            shape: Shape::Steps,
            threshold,
            unit,
            at_least: 1,
            bands: vec![band],
        }
    }

    /// The same with no step larger than `most`.
    pub(super) fn capped(mut self, most: u32) -> Self {
        self.shape = Shape::Steps;
        for band in &mut self.bands {
            band.by = band.by.min(most);
        }
        self
    }
}

/// Thousandths as percent, rounded up.
fn percent_up(permille: i64) -> u32 {
    u32::try_from((permille.max(0).saturating_add(9)) / 10).unwrap_or(u32::MAX)
}

/// `value` times `permille` thousandths.
fn scaled(value: i64, permille: i64) -> i64 {
    let product = i128::from(value) * i128::from(permille) / 1_000;
    i64::try_from(product).unwrap_or(i64::MAX)
}
