//! One enum over the strategies.
//!
//! The enum is plain dispatch: which strategy it is is decided once per evaluation, and whatever
//! is the same for all of them is not here. What they remember is in `memory`, what they record
//! in `record`.

use super::hpa::Hpa;
use super::kpa::Kpa;
use super::memory::StrategyState;
use super::nomad::Nomad;
use super::quorate::Quorate;
use super::record::StrategyRecord;
use super::step_scaling::StepScaling;
use super::threshold::Threshold;
use super::wpa::Wpa;
use crate::Micros;
use crate::autoscale::rules::Rules;
use crate::autoscale::{Bounds, Executed, Fleet, Observation};

/// What a strategy may look at.
#[derive(Clone, Copy, Debug)]
pub(in crate::autoscale) struct Input<'a> {
    /// The fleet as it was seen.
    pub(in crate::autoscale) observation: &'a Observation,
    /// The same, counted and averaged.
    pub(in crate::autoscale) fleet: &'a Fleet,
    /// The smallest and the largest fleet.
    pub(in crate::autoscale) bounds: Bounds,
    /// How many nodes there are meant to be: [`Fleet::size`].
    pub(in crate::autoscale) current: u32,
    /// The time of the evaluation.
    pub(in crate::autoscale) now: Micros,
    /// The time between two evaluations.
    pub(in crate::autoscale) interval: Micros,
    /// The last decision that was carried out.
    pub(in crate::autoscale) last_action: Option<Executed>,
    /// The rules that are kept: all of them, outside of tests.
    pub(in crate::autoscale) rules: Rules,
}

/// A rule that turns observations into a wanted number of nodes.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "kind", rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Strategy {
    /// This project's own: a forecast, headroom from its own errors, careful scale-ins.
    Quorate(Quorate),
    /// Two thresholds per resource and one cooldown.
    Threshold(Threshold),
    /// The Horizontal Pod Autoscaler of Kubernetes, version 2.
    Hpa(Hpa),
    /// The pod autoscaler of Knative.
    Kpa(Kpa),
    /// The Nomad Autoscaler.
    Nomad(Nomad),
    /// Datadog's Watermark Pod Autoscaler.
    Wpa(Wpa),
    /// Step scaling of Amazon EC2 Auto Scaling.
    StepScaling(StepScaling),
}

impl Strategy {
    /// Their names in files, in the order of the variants.
    pub const KINDS: [&'static str; 7] = [
        "quorate",
        "threshold",
        "hpa",
        "kpa",
        "nomad",
        "wpa",
        "step_scaling",
    ];

    /// The strategy of that name with its default settings.
    pub fn of_kind(kind: &str) -> Option<Self> {
        Some(match kind {
            "quorate" => Self::Quorate(Quorate::default()),
            "threshold" => Self::Threshold(Threshold::default()),
            "hpa" => Self::Hpa(Hpa::default()),
            "kpa" => Self::Kpa(Kpa::default()),
            "nomad" => Self::Nomad(Nomad::default()),
            "wpa" => Self::Wpa(Wpa::default()),
            "step_scaling" => Self::StepScaling(StepScaling::default()),
            _ => return None,
        })
    }

    /// Its name in files: `threshold`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Quorate(_) => "quorate",
            Self::Threshold(_) => "threshold",
            Self::Hpa(_) => "hpa",
            Self::Kpa(_) => "kpa",
            Self::Nomad(_) => "nomad",
            Self::Wpa(_) => "wpa",
            Self::StepScaling(_) => "step_scaling",
        }
    }

    /// How often the system that it is taken from evaluates, or looks at its alarms.
    pub const fn usual_interval(&self) -> Micros {
        match self {
            Self::Quorate(_) | Self::Threshold(_) | Self::Hpa(_) | Self::Wpa(_) => {
                Micros::from_secs(15)
            }
            Self::Kpa(_) => Micros::from_secs(2),
            Self::Nomad(_) => Micros::from_secs(10),
            Self::StepScaling(_) => Micros::from_secs(60),
        }
    }

    /// True if it learns of the load from nodes alone, so that an empty fleet stays empty.
    pub fn needs_a_node(&self) -> bool {
        match self {
            Self::Quorate(_) | Self::Threshold(_) | Self::Wpa(_) => true,
            Self::Hpa(hpa) => hpa.needs_a_node(),
            Self::Kpa(_) => false,
            Self::Nomad(nomad) => nomad.needs_a_node(),
            Self::StepScaling(scaling) => scaling.needs_a_node(),
        }
    }

    /// Evaluates, with the memory of this strategy; a memory of another one is replaced.
    pub(in crate::autoscale) fn evaluate(
        &self,
        state: &mut StrategyState,
        input: &Input<'_>,
    ) -> StrategyRecord {
        match self {
            Self::Quorate(quorate) => {
                StrategyRecord::Quorate(quorate.evaluate_input(state.quorate(), input))
            }
            Self::Threshold(threshold) => {
                StrategyRecord::Threshold(threshold.evaluate_input(input))
            }
            Self::Hpa(hpa) => StrategyRecord::Hpa(hpa.evaluate(state.hpa(), input)),
            Self::Kpa(kpa) => StrategyRecord::Kpa(kpa.evaluate(state.kpa(), input)),
            Self::Nomad(nomad) => StrategyRecord::Nomad(nomad.evaluate(state.nomad(), input)),
            Self::Wpa(wpa) => StrategyRecord::Wpa(wpa.evaluate(state.wpa(), input)),
            Self::StepScaling(scaling) => {
                StrategyRecord::StepScaling(scaling.evaluate(state.step_scaling(), input))
            }
        }
    }
}
