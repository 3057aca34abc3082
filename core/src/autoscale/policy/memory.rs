//! What the strategies remember, behind one enum.

use super::hpa::HpaState;
use super::kpa::KpaState;
use super::nomad::NomadState;
use super::quorate::QuorateState;
use super::step_scaling::StepScalingState;
use super::strategy::Strategy;
use super::wpa::WpaState;
use crate::autoscale::Executed;

/// What a strategy remembers. Not for people: a tag within the object would have to be looked for
/// before anything else can be read.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub(in crate::autoscale) enum StrategyState {
    /// Nothing yet, or nothing at all.
    #[default]
    None,
    /// Of [`Quorate`](super::quorate::Quorate).
    Quorate(QuorateState),
    /// Of [`Hpa`](super::hpa::Hpa).
    Hpa(HpaState),
    /// Of [`Kpa`](super::kpa::Kpa).
    Kpa(KpaState),
    /// Of [`Nomad`](super::nomad::Nomad).
    Nomad(NomadState),
    /// Of [`Wpa`](super::wpa::Wpa).
    Wpa(WpaState),
    /// Of [`StepScaling`](super::step_scaling::StepScaling).
    StepScaling(StepScalingState),
}

impl StrategyState {
    /// Notes that a decision of `strategy` was carried out.
    pub(in crate::autoscale) fn executed(&mut self, strategy: &Strategy, change: Executed) {
        match strategy {
            Strategy::Quorate(quorate) => quorate.executed(self.quorate(), change),
            // Its cooldown is kept with the last action, and Knative remembers none.
            Strategy::Threshold(_) | Strategy::Kpa(_) => {}
            Strategy::Hpa(hpa) => self.hpa().executed(hpa, change),
            Strategy::Nomad(nomad) => self.nomad().executed(nomad, change),
            Strategy::Wpa(_) => self.wpa().executed(change),
            Strategy::StepScaling(scaling) => self.step_scaling().executed(scaling, change),
        }
    }

    pub(super) fn quorate(&mut self) -> &mut QuorateState {
        if !matches!(self, Self::Quorate(_)) {
            *self = Self::Quorate(QuorateState::default());
        }
        match self {
            Self::Quorate(memory) => memory,
            _ => unreachable!("it was just made one"),
        }
    }

    pub(super) fn hpa(&mut self) -> &mut HpaState {
        if !matches!(self, Self::Hpa(_)) {
            *self = Self::Hpa(HpaState::default());
        }
        match self {
            Self::Hpa(memory) => memory,
            _ => unreachable!("it was just made one"),
        }
    }

    pub(super) fn kpa(&mut self) -> &mut KpaState {
        if !matches!(self, Self::Kpa(_)) {
            *self = Self::Kpa(KpaState::default());
        }
        match self {
            Self::Kpa(memory) => memory,
            _ => unreachable!("it was just made one"),
        }
    }

    pub(super) fn nomad(&mut self) -> &mut NomadState {
        if !matches!(self, Self::Nomad(_)) {
            *self = Self::Nomad(NomadState::default());
        }
        match self {
            Self::Nomad(memory) => memory,
            _ => unreachable!("it was just made one"),
        }
    }

    pub(super) fn wpa(&mut self) -> &mut WpaState {
        if !matches!(self, Self::Wpa(_)) {
            *self = Self::Wpa(WpaState::default());
        }
        match self {
            Self::Wpa(memory) => memory,
            _ => unreachable!("it was just made one"),
        }
    }

    pub(super) fn step_scaling(&mut self) -> &mut StepScalingState {
        if !matches!(self, Self::StepScaling(_)) {
            *self = Self::StepScaling(StepScalingState::default());
        }
        match self {
            Self::StepScaling(memory) => memory,
            _ => unreachable!("it was just made one"),
        }
    }
}
