//! One enum over the strategies, and the same over what they remember and what they record.
//!
//! The enums are plain dispatch: which strategy it is is decided once per evaluation, and whatever
//! is the same for all of them is not here.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::threshold::{Threshold, ThresholdRecord, ThresholdRule};
use crate::Micros;
use crate::autoscale::{Bounds, Executed, Fleet, Observation, Step};

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
}

/// A rule that turns observations into a wanted number of nodes.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "kind", rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Strategy {
    /// Two thresholds per resource and one cooldown.
    Threshold(Threshold),
}

impl Strategy {
    /// Its name in files: `threshold`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Threshold(_) => "threshold",
        }
    }

    /// How often the system that it is taken from evaluates.
    pub const fn usual_interval(&self) -> Micros {
        match self {
            Self::Threshold(_) => Micros::from_secs(15),
        }
    }

    /// True if it learns of the load from nodes alone, so that an empty fleet stays empty.
    pub const fn needs_a_node(&self) -> bool {
        match self {
            Self::Threshold(_) => true,
        }
    }

    /// Evaluates, with the memory of this strategy; a memory of another one is replaced.
    pub(in crate::autoscale) fn evaluate(
        &self,
        state: &mut StrategyState,
        input: &Input<'_>,
    ) -> StrategyRecord {
        match self {
            Self::Threshold(threshold) => {
                *state = StrategyState::None;
                StrategyRecord::Threshold(threshold.evaluate_input(input))
            }
        }
    }
}

/// What a strategy remembers.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "kind", rename_all = "snake_case"))]
pub(in crate::autoscale) enum StrategyState {
    /// Nothing.
    #[default]
    None,
}

impl StrategyState {
    /// Notes that a decision of `strategy` was carried out.
    pub(in crate::autoscale) fn executed(&mut self, strategy: &Strategy, change: Executed) {
        let _ = (strategy, change);
    }
}

/// Every number of one evaluation.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "kind", rename_all = "snake_case"))]
#[non_exhaustive]
pub enum StrategyRecord {
    /// Of [`Threshold`].
    Threshold(ThresholdRecord),
}

impl StrategyRecord {
    /// How many nodes the strategy wants.
    pub fn nodes(&self) -> u32 {
        match self {
            Self::Threshold(record) => record.nodes,
        }
    }

    /// The rule that decided within the strategy.
    pub fn rule(&self) -> StrategyRule {
        match self {
            Self::Threshold(record) => StrategyRule::Threshold(record.rule),
        }
    }

    /// The stages of the strategy in words, in order.
    pub fn steps(&self) -> Vec<Step> {
        match self {
            Self::Threshold(record) => record.steps(),
        }
    }

    /// What speaks for the answer, in a few words.
    pub fn evidence(&self) -> String {
        match self {
            Self::Threshold(record) => record.evidence(),
        }
    }
}

/// The rule that decided within a strategy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum StrategyRule {
    /// Of [`Threshold`].
    Threshold(ThresholdRule),
}

impl fmt::Display for StrategyRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Threshold(rule) => rule.fmt(f),
        }
    }
}
