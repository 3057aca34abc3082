//! The whole step: what the metrics propose, within the limits, if it is time.
//!
//! A count outside the ends is brought back at once, past every window: the ends were changed by a
//! person, and waiting helps nobody.

use super::{Limits, Normalized, Patience, Permission, Regime, Status};
use crate::Micros;

/// The counts of one evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// Pods that should exist, as last written. Zero switches the autoscaler off.
    pub ordered: u32,
    /// Pods that exist.
    pub current: u32,
    /// Pods that count as ready.
    pub ready: u32,
    /// What the metrics propose.
    pub proposed: u32,
}

/// The rule that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum ReconcileRule {
    /// The proposal, as limited.
    Proposal,
    /// It is too early, or there is nothing to change.
    Permission,
    /// The target is switched off.
    Disabled,
    /// More pods than allowed.
    AboveMax,
    /// Fewer pods than allowed.
    BelowMin,
    /// No pods, and one is needed.
    FromZero,
}

/// The result of one evaluation, with the numbers on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Reconciled {
    /// The proposal within the limits.
    pub normalized: Normalized,
    /// Whether it may be made.
    pub permission: Permission,
    /// How many pods there should be.
    pub desired: u32,
    /// The rule that decided.
    pub rule: ReconcileRule,
}

/// One evaluation.
pub fn reconcile(
    limits: &Limits,
    patience: &Patience,
    status: &Status,
    scale: &Scale,
    regime: Regime,
    now: Micros,
) -> Reconciled {
    let current = scale.current;
    let normalized = limits.normalize(current, scale.proposed, scale.ready);
    let change = (current, normalized.replicas);
    let permission = patience.permission(status, change, regime, now);
    let (desired, rule) = if scale.ordered == 0 {
        (0, ReconcileRule::Disabled)
    } else if current > limits.max {
        (limits.max, ReconcileRule::AboveMax)
    } else if current < limits.min {
        (limits.min, ReconcileRule::BelowMin)
    } else if current == 0 {
        (1, ReconcileRule::FromZero)
    } else if permission == Permission::Granted {
        (normalized.replicas, ReconcileRule::Proposal)
    } else {
        (current, ReconcileRule::Permission)
    };
    Reconciled {
        normalized,
        permission,
        desired,
        rule,
    }
}
