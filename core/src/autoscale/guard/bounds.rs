//! The smallest and the largest fleet.
//!
//! Bounds come after every rule and are never bypassed. A rule that checks them itself, before
//! it adds its step, forgets the fleet that is already outside (its bounds were edited, nodes
//! died): here whatever the rule says is brought inside. How fast a fleet that is outside comes
//! back is then a matter of the guards that follow.

use core::fmt;

use super::{Answer, GuardNumbers, GuardReason, GuardVerdict};
use crate::autoscale::{Action, Rule};

/// The range in which the size of the fleet may lie, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "UncheckedBounds"))]
pub struct Bounds {
    /// Not more than `max_nodes`.
    min_nodes: u32,
    /// At least one.
    max_nodes: u32,
}

impl Bounds {
    /// From `min_nodes` to `max_nodes`.
    pub const fn new(min_nodes: u32, max_nodes: u32) -> Result<Self, BoundsError> {
        if max_nodes == 0 {
            return Err(BoundsError::NoNodes);
        }
        if min_nodes > max_nodes {
            return Err(BoundsError::Crossed {
                min_nodes,
                max_nodes,
            });
        }
        Ok(Self {
            min_nodes,
            max_nodes,
        })
    }

    /// The smallest fleet.
    pub const fn min_nodes(self) -> u32 {
        self.min_nodes
    }

    /// The largest fleet.
    pub const fn max_nodes(self) -> u32 {
        self.max_nodes
    }

    /// The size inside the bounds that is nearest to `nodes`.
    pub fn clamp(self, nodes: u32) -> u32 {
        nodes.clamp(self.min_nodes, self.max_nodes)
    }

    /// Brings the target inside.
    pub(super) fn judge(self, answer: Answer) -> GuardVerdict {
        let before = answer.target;
        let after = if answer.rules.keep(Rule::BoundsHold) {
            self.clamp(before)
        } else {
            before
        };
        let reason = match Action::between(before, after) {
            Action::In => GuardReason::MaxNodes,
            Action::Out => GuardReason::MinNodes,
            Action::None => GuardReason::Passed,
        };
        GuardVerdict {
            reason,
            before,
            after,
            frees_at: None,
            numbers: GuardNumbers::Bounds(self),
        }
    }
}

impl Default for Bounds {
    /// 1 to 100 nodes.
    fn default() -> Self {
        Self {
            min_nodes: 1,
            max_nodes: 100,
        }
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {} nodes", self.min_nodes, self.max_nodes)
    }
}

/// Why a range of fleet sizes is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoundsError {
    /// The largest fleet has no node.
    NoNodes,
    /// The smallest fleet is larger than the largest.
    Crossed {
        /// The smallest fleet that was asked for.
        min_nodes: u32,
        /// The largest fleet that was asked for.
        max_nodes: u32,
    },
}

impl fmt::Display for BoundsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoNodes => f.write_str("max_nodes is 0, so there could never be a node"),
            Self::Crossed {
                min_nodes,
                max_nodes,
            } => {
                write!(
                    f,
                    "min_nodes {min_nodes} is larger than max_nodes {max_nodes}"
                )
            }
        }
    }
}

impl core::error::Error for BoundsError {}

/// Bounds as they come in, before the check.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
struct UncheckedBounds {
    min_nodes: u32,
    max_nodes: u32,
}

#[cfg(feature = "serde")]
impl Default for UncheckedBounds {
    fn default() -> Self {
        let Bounds {
            min_nodes,
            max_nodes,
        } = Bounds::default();
        Self {
            min_nodes,
            max_nodes,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<UncheckedBounds> for Bounds {
    type Error = BoundsError;
    fn try_from(unchecked: UncheckedBounds) -> Result<Self, BoundsError> {
        Self::new(unchecked.min_nodes, unchecked.max_nodes)
    }
}
