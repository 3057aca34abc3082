//! What the strategies record of one evaluation, behind one enum.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::hpa::{HpaRecord, HpaRule};
use super::kpa::{KpaRecord, KpaRule};
use super::nomad::{NomadRecord, NomadRule};
use super::quorate::{QuorateRecord, QuorateRule};
use super::step_scaling::{StepScalingRecord, StepScalingRule};
use super::threshold::{ThresholdRecord, ThresholdRule};
use super::wpa::{WpaRecord, WpaRule};
use crate::autoscale::Step;

/// Every number of one evaluation.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "kind", rename_all = "snake_case"))]
#[non_exhaustive]
pub enum StrategyRecord {
    /// Of [`Quorate`](super::quorate::Quorate).
    Quorate(QuorateRecord),
    /// Of [`Threshold`](super::threshold::Threshold).
    Threshold(ThresholdRecord),
    /// Of [`Hpa`](super::hpa::Hpa).
    Hpa(HpaRecord),
    /// Of [`Kpa`](super::kpa::Kpa).
    Kpa(KpaRecord),
    /// Of [`Nomad`](super::nomad::Nomad).
    Nomad(NomadRecord),
    /// Of [`Wpa`](super::wpa::Wpa).
    Wpa(WpaRecord),
    /// Of [`StepScaling`](super::step_scaling::StepScaling).
    StepScaling(StepScalingRecord),
}

impl StrategyRecord {
    /// How many nodes the strategy wants.
    pub fn nodes(&self) -> u32 {
        match self {
            Self::Quorate(record) => record.nodes,
            Self::Threshold(record) => record.nodes,
            Self::Hpa(record) => record.nodes(),
            Self::Kpa(record) => record.nodes(),
            Self::Nomad(record) => record.nodes(),
            Self::Wpa(record) => record.nodes(),
            Self::StepScaling(record) => record.nodes(),
        }
    }

    /// The rule that decided within the strategy.
    pub fn rule(&self) -> StrategyRule {
        match self {
            Self::Quorate(record) => StrategyRule::Quorate(record.rule),
            Self::Threshold(record) => StrategyRule::Threshold(record.rule),
            Self::Hpa(record) => StrategyRule::Hpa(record.rule()),
            Self::Kpa(record) => StrategyRule::Kpa(record.rule()),
            Self::Nomad(record) => StrategyRule::Nomad(record.rule()),
            Self::Wpa(record) => StrategyRule::Wpa(record.rule()),
            Self::StepScaling(record) => StrategyRule::StepScaling(record.rule()),
        }
    }

    /// The stages of the strategy in words, in order.
    pub fn steps(&self) -> Vec<Step> {
        match self {
            Self::Quorate(record) => record.steps(),
            Self::Threshold(record) => record.steps(),
            Self::Hpa(record) => record.steps(),
            Self::Kpa(record) => record.steps(),
            Self::Nomad(record) => record.steps(),
            Self::Wpa(record) => record.steps(),
            Self::StepScaling(record) => record.steps(),
        }
    }

    /// What speaks for the answer, in a few words.
    pub fn evidence(&self) -> String {
        match self {
            Self::Quorate(record) => record.evidence(),
            Self::Threshold(record) => record.evidence(),
            Self::Hpa(record) => record.evidence(),
            Self::Kpa(record) => record.evidence(),
            Self::Nomad(record) => record.evidence(),
            Self::Wpa(record) => record.evidence(),
            Self::StepScaling(record) => record.evidence(),
        }
    }
}

/// The rule that decided within a strategy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum StrategyRule {
    /// Of [`Quorate`](super::quorate::Quorate).
    Quorate(QuorateRule),
    /// Of [`Threshold`](super::threshold::Threshold).
    Threshold(ThresholdRule),
    /// Of [`Hpa`](super::hpa::Hpa).
    Hpa(HpaRule),
    /// Of [`Kpa`](super::kpa::Kpa).
    Kpa(KpaRule),
    /// Of [`Nomad`](super::nomad::Nomad).
    Nomad(NomadRule),
    /// Of [`Wpa`](super::wpa::Wpa).
    Wpa(WpaRule),
    /// Of [`StepScaling`](super::step_scaling::StepScaling).
    StepScaling(StepScalingRule),
}

impl fmt::Display for StrategyRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Quorate(rule) => rule.fmt(f),
            Self::Threshold(rule) => rule.fmt(f),
            Self::Hpa(rule) => rule.fmt(f),
            Self::Kpa(rule) => rule.fmt(f),
            Self::Nomad(rule) => rule.fmt(f),
            Self::Wpa(rule) => rule.fmt(f),
            Self::StepScaling(rule) => rule.fmt(f),
        }
    }
}
