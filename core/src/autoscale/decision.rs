//! The record of a decision: every number between the samples and the answer.
//!
//! A reason in one joined string cannot be tested, drawn or searched. A decision keeps its chain
//! as data, names the one rule that was binding, and carries a counterfactual: the smallest change
//! that would have led to another answer, with that answer. All of it is numbers; the words are
//! made on demand, in `explanation`.

use alloc::vec::Vec;

use super::{Bounds, Fleet, Level, Resource};
use crate::Micros;

/// What to do with the fleet, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Decision {
    /// When it was made.
    pub at: Micros,
    /// Ready and starting nodes at that time.
    pub current: u32,
    /// How many there should be. Always within the bounds.
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
#[non_exhaustive]
pub enum BindingRule {
    /// This resource reached its upper threshold. If several did, the first in the order of
    /// [`Resource::ALL`].
    UpThreshold(Resource),
    /// Every resource is at or below its lower threshold.
    DownThresholds,
    /// No resource is high and not all are low.
    WithinRange,
    /// Nothing seen is above its lower threshold, but not every ready node was seen.
    MissingData,
    /// The last action is too recent.
    Cooldown,
    /// The fleet may not be larger.
    MaxNodes,
    /// The fleet may not be smaller.
    MinNodes,
}

/// From the samples to the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Chain {
    /// The samples, counted and classified.
    pub fleet: Fleet,
    /// What each resource alone would want.
    pub proposals: Vec<Proposal>,
    /// What the policy makes of the proposals.
    pub winner: Winner,
    /// Whether the policy may act already.
    pub cooldown: Cooldown,
    /// The bounds that the target was brought into.
    pub bounds: Bounds,
}

/// What one resource alone would want.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Proposal {
    /// Which resource.
    pub resource: Resource,
    /// Its level; for the queue, per node.
    pub level: Level,
    /// High from here on.
    pub up: u64,
    /// Low down to here.
    pub down: u64,
    /// Where the level lies.
    pub verdict: Verdict,
    /// The size of the fleet that follows, before cooldown and bounds.
    pub nodes: u32,
}

/// Where a level lies between its thresholds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Verdict {
    /// At or above the upper threshold.
    High,
    /// Between the thresholds.
    Between,
    /// At or below the lower threshold on every ready node's word.
    Low,
    /// Unknown, or low on the word of some ready nodes only: too little to remove a node.
    Unproven,
}

/// What the policy makes of the proposals, before cooldown and bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Winner {
    /// The size of the fleet that it wants.
    pub nodes: u32,
    /// The rule by which.
    pub rule: BindingRule,
}

/// The time since the last action against the time that must pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Cooldown {
    /// The time that must pass between two actions.
    pub length: Micros,
    /// The time that has passed; `None` if there was no action yet.
    pub since_last_action: Option<Micros>,
}

impl Cooldown {
    /// How long it still lasts. Zero from the moment on at which exactly its length has passed.
    pub fn remaining(self) -> Micros {
        self.since_last_action
            .map_or(Micros::ZERO, |since| self.length.since(since))
    }

    /// True while no action is allowed.
    pub fn is_active(self) -> bool {
        self.remaining() > Micros::ZERO
    }
}

/// A change, and the answer that it would have led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Counterfactual {
    /// What would have to be different.
    pub change: Change,
    /// The target then.
    pub target: u32,
}

/// Something that could have been different.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Change {
    /// The cooldown is over. The target then may still be the current size.
    CooldownOver {
        /// How long that takes.
        remaining: Micros,
    },
    /// Every resource that is high stays one unit below its upper threshold.
    HighOnesFall,
    /// This resource reaches `level`.
    Rises {
        /// Which resource.
        resource: Resource,
        /// How far, in the unit of the resource.
        level: u64,
    },
    /// Every resource is low on every ready node's word.
    AllLow,
    /// The largest fleet has this size.
    MaxNodes(u32),
    /// The smallest fleet has this size.
    MinNodes(u32),
}
