//! The policies, behind one enum.
//!
//! A host holds a [`Policy`] and calls [`decide`](super::decide); which [`Strategy`] is inside is
//! data, from a scenario file or a URL, and not a type parameter that spreads through the host.
//! The guards stand beside the strategy and not within it, so that no strategy can forget them.
//!
//! Every strategy has a folder of the same shape. Its stages are functions in the words of the
//! system they are taken from, with state and time as arguments, and can be run on their own;
//! its `Settings` are checked once; its `Record` keeps every number of one evaluation.

pub mod hpa;
pub mod kpa;
pub mod nomad;
pub mod quorate;
pub mod step_scaling;
pub mod threshold;
pub mod wpa;

mod memory;
mod record;
mod rounding;
mod signal;
mod strategy;

pub use record::{StrategyRecord, StrategyRule};
pub use signal::{Seen, Signal};
pub use strategy::Strategy;

pub(super) use memory::StrategyState;
pub(super) use strategy::Input;

use core::fmt;

use self::quorate::Quorate;
use super::{Bounds, Guards, State};
use crate::Micros;

/// A strategy, the guards that it cannot get round, and how often it is asked.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "UncheckedPolicy", into = "UncheckedPolicy")
)]
pub struct Policy {
    /// What is wanted.
    pub(super) strategy: Strategy,
    /// What is allowed.
    pub(super) guards: Guards,
    /// Not zero.
    evaluation_interval: Micros,
}

impl Policy {
    /// `strategy` within `guards`, asked as often as the system it is taken from does.
    pub fn new(strategy: Strategy, guards: Guards) -> Result<Self, PolicyError> {
        let interval = strategy.usual_interval();
        Self::with_interval(strategy, guards, interval)
    }

    /// `strategy` within `guards`, asked every `evaluation_interval`.
    pub fn with_interval(
        strategy: Strategy,
        guards: Guards,
        evaluation_interval: Micros,
    ) -> Result<Self, PolicyError> {
        if evaluation_interval == Micros::ZERO {
            return Err(PolicyError::NoInterval);
        }
        if strategy.needs_a_node() && guards.bounds().min_nodes() == 0 {
            return Err(PolicyError::EmptyFleet);
        }
        Ok(Self {
            strategy,
            guards,
            evaluation_interval,
        })
    }

    /// What is wanted.
    pub const fn strategy(&self) -> &Strategy {
        &self.strategy
    }

    /// What is allowed.
    pub const fn guards(&self) -> &Guards {
        &self.guards
    }

    /// The smallest and the largest fleet.
    pub const fn bounds(&self) -> Bounds {
        self.guards.bounds()
    }

    /// The time between two evaluations.
    pub const fn evaluation_interval(&self) -> Micros {
        self.evaluation_interval
    }

    /// When the next evaluation is due: at once if there was none yet.
    pub fn next_evaluation(&self, state: &State) -> Micros {
        state
            .last_evaluation()
            .map_or(Micros::ZERO, |last| last + self.evaluation_interval)
    }
}

impl Default for Policy {
    /// [`Quorate`] with its default settings, and nothing guarded but the default bounds.
    fn default() -> Self {
        let strategy = Strategy::Quorate(Quorate::default());
        Self {
            evaluation_interval: strategy.usual_interval(),
            strategy,
            guards: Guards::default(),
        }
    }
}

/// Why a strategy, guards and an interval do not make a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyError {
    /// The evaluation interval is zero.
    NoInterval,
    /// The smallest fleet is empty. Without a node there are no metrics, and a strategy that looks
    /// at nothing else could never leave zero again.
    EmptyFleet,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoInterval => "evaluation_interval_micros must not be 0",
            Self::EmptyFleet => {
                "guards.bounds.min_nodes must be at least 1: this strategy learns from nodes alone"
            }
        })
    }
}

impl core::error::Error for PolicyError {}

/// A policy as it comes in, before the check.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedPolicy {
    strategy: Strategy,
    #[serde(default)]
    guards: Guards,
    #[serde(default)]
    evaluation_interval_micros: Option<Micros>,
}

#[cfg(feature = "serde")]
impl TryFrom<UncheckedPolicy> for Policy {
    type Error = PolicyError;
    fn try_from(unchecked: UncheckedPolicy) -> Result<Self, PolicyError> {
        let interval = unchecked
            .evaluation_interval_micros
            .unwrap_or_else(|| unchecked.strategy.usual_interval());
        Self::with_interval(unchecked.strategy, unchecked.guards, interval)
    }
}

#[cfg(feature = "serde")]
impl From<Policy> for UncheckedPolicy {
    fn from(policy: Policy) -> Self {
        Self {
            strategy: policy.strategy,
            guards: policy.guards,
            evaluation_interval_micros: Some(policy.evaluation_interval),
        }
    }
}
