//! How much of the fleet must be ready for a node to be removed.
//!
//! A fleet of ten of which four are starting and two are sick is a fleet of four. The naive rule
//! counts ten and removes the ready ones that happen to be idle. Whoever carries a removal out may
//! choose the nodes, so the guard assumes the worst: that all of them are ready.

use alloc::vec::Vec;
use core::fmt;

use super::{Answer, GuardInput, GuardNumbers, GuardReason, GuardVerdict};
use crate::NodeId;
use crate::autoscale::{NodeState, Observation, Rule};

/// So many nodes that are not ready are named.
const MAX_NAMED: usize = 8;

/// The share of the fleet that must be ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "UncheckedShare", into = "UncheckedShare")
)]
pub struct ReadyShare {
    /// From 1 to 1,000.
    permille: u32,
}

impl ReadyShare {
    /// At least `permille` of the fleet is ready before and after a removal.
    pub const fn new(permille: u32) -> Result<Self, ReadyShareError> {
        if permille == 0 || permille > 1_000 {
            return Err(ReadyShareError { permille });
        }
        Ok(Self { permille })
    }

    /// The share, per mille.
    pub const fn permille(self) -> u32 {
        self.permille
    }

    /// Lets as many nodes go as leave enough of the rest ready.
    pub(super) fn judge(self, input: &GuardInput<'_>, answer: Answer) -> GuardVerdict {
        let (ready, size) = (input.fleet.ready, answer.current);
        let removable = if answer.rules.keep(Rule::ReadyShareAssumesTheWorst) {
            self.removable(ready, size)
        } else {
            size.saturating_sub(ready)
        };
        let after = answer
            .target
            .max(answer.without_removal().min(size.saturating_sub(removable)));
        let binds = after != answer.target;
        GuardVerdict {
            reason: if binds {
                GuardReason::ReadyShare
            } else {
                GuardReason::Passed
            },
            before: answer.target,
            after,
            frees_at: None,
            numbers: GuardNumbers::ReadyShare {
                ready,
                size,
                permille: self.permille,
                removable,
                not_ready: not_ready(input.observation),
            },
        }
    }

    /// The largest `k` with `(ready - k) * 1000 >= permille * (size - k)`, which says that enough of
    /// the rest is ready. None if not enough are ready now.
    fn removable(self, ready: u32, size: u32) -> u32 {
        let permille = u64::from(self.permille);
        let spare = (u64::from(ready) * 1_000).checked_sub(permille * u64::from(size));
        match (spare, 1_000 - permille) {
            (None, _) => 0,
            // All must be ready, all are, and so are those that stay.
            (Some(_), 0) => ready,
            (Some(spare), rest) => u32::try_from(spare / rest).unwrap_or(u32::MAX).min(ready),
        }
    }
}

/// The first nodes of the fleet that are not ready.
fn not_ready(observation: &Observation) -> Vec<NodeId> {
    observation
        .nodes()
        .iter()
        .filter(|sample| matches!(sample.state, NodeState::Starting | NodeState::Unready))
        .flat_map(|sample| {
            (0..u64::from(sample.count)).map(|index| NodeId(sample.node.0.saturating_add(index)))
        })
        .take(MAX_NAMED)
        .collect()
}

/// A share as it comes in, before the check.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedShare {
    permille: u32,
}

#[cfg(feature = "serde")]
impl TryFrom<UncheckedShare> for ReadyShare {
    type Error = ReadyShareError;
    fn try_from(unchecked: UncheckedShare) -> Result<Self, ReadyShareError> {
        Self::new(unchecked.permille)
    }
}

#[cfg(feature = "serde")]
impl From<ReadyShare> for UncheckedShare {
    fn from(share: ReadyShare) -> Self {
        Self {
            permille: share.permille,
        }
    }
}

/// The share is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadyShareError {
    /// What was asked for.
    pub permille: u32,
}

impl fmt::Display for ReadyShareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "ready_share.permille {} must lie between 1 and 1000",
            self.permille
        )
    }
}

impl core::error::Error for ReadyShareError {}
