//! The record of a decision: every number between the samples and the answer.
//!
//! A reason in one joined string cannot be tested, drawn or searched. A decision keeps its chain
//! as data, names the one rule that was binding, and carries a counterfactual: a small change that
//! would have led to another answer, with that answer. All of it is numbers; the words are made on
//! demand, in `explanation`.

use core::fmt;

use super::policy::{StrategyRecord, StrategyRule};
use super::{Counterfactual, Fleet, GuardReason, GuardRecord};
use crate::Micros;

/// What to do with the fleet, and why.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Decision {
    /// When it was made.
    #[cfg_attr(feature = "serde", serde(rename = "at_micros"))]
    pub at: Micros,
    /// Ready, unready and starting nodes at that time.
    pub current: u32,
    /// How many there should be.
    pub target: u32,
    /// The direction from `current` to `target`.
    pub action: Action,
    /// The rule without which the answer would have been another one.
    pub binding: BindingRule,
    /// How the answer came about.
    pub chain: Chain,
    /// What would have led to another answer; `None` if no single change would.
    pub counterfactual: Option<Counterfactual>,
}

/// A direction of scaling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Action {
    /// More nodes.
    Out,
    /// Fewer nodes.
    In,
    /// As many as now.
    None,
}

impl Action {
    /// The direction from `current` to `target` nodes.
    pub const fn between(current: u32, target: u32) -> Self {
        if target > current {
            Self::Out
        } else if target < current {
            Self::In
        } else {
            Self::None
        }
    }
}

/// The rule that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum BindingRule {
    /// A rule of the strategy: nothing that came after changed its answer.
    Strategy(StrategyRule),
    /// A guard: it changed the answer, and none that came after did.
    Guard(GuardReason),
}

impl fmt::Display for BindingRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Strategy(rule) => rule.fmt(f),
            Self::Guard(reason) => reason.fmt(f),
        }
    }
}

/// From the samples to the answer.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Chain {
    /// The samples, counted and classified.
    pub fleet: Fleet,
    /// What the strategy makes of them, with every number.
    pub strategy: StrategyRecord,
    /// What the guards make of that.
    pub guards: GuardRecord,
}

impl Chain {
    /// The size of the fleet that the strategy wants, before the guards.
    pub fn proposed(&self) -> u32 {
        self.strategy.nodes()
    }

    /// The rule that decided.
    pub fn binding(&self) -> BindingRule {
        self.guards.binding().map_or_else(
            || BindingRule::Strategy(self.strategy.rule()),
            |verdict| BindingRule::Guard(verdict.reason),
        )
    }
}

/// An answer and how it came about, without words and without what might have been.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// Ready, unready and starting nodes.
    pub current: u32,
    /// How many there should be.
    pub target: u32,
    /// How the answer came about.
    pub chain: Chain,
}
