//! What an autoscaler remembers between two decisions.
//!
//! The state is plain data, so that it can be kept in a replicated log and handed to whoever
//! decides next: a cooldown that lives in one process's memory is lost with it, and the successor
//! scales again at once. Its size has a bound that depends on the policy alone.

use super::policy::StrategyState;
use super::{GuardState, Policy};
use crate::Micros;

/// A change of the fleet's size that was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Executed {
    /// The size before.
    pub from: u32,
    /// The size after.
    pub to: u32,
    /// When.
    #[cfg_attr(feature = "serde", serde(rename = "at_micros"))]
    pub at: Micros,
}

/// The memory of an autoscaler.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct State {
    /// The last decision that was carried out.
    last_action: Option<Executed>,
    /// When a decision was last made.
    #[cfg_attr(feature = "serde", serde(rename = "last_evaluation_micros"))]
    last_evaluation: Option<Micros>,
    /// What the strategy remembers. Of another strategy than the policy's only until the next
    /// evaluation, which then starts with a new memory.
    pub(super) strategy: StrategyState,
    /// What the guards remember.
    pub(super) guards: GuardState,
}

impl State {
    /// Nothing decided, nothing done.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes that a decision of `policy` was carried out. Cooldowns begin, budgets are charged.
    pub fn executed(&mut self, policy: &Policy, change: Executed) {
        self.last_action = Some(change);
        self.strategy.executed(&policy.strategy, change);
        self.guards.executed(&policy.guards, change);
    }

    /// The last decision that was carried out.
    pub const fn last_action(&self) -> Option<Executed> {
        self.last_action
    }

    /// When a decision was last made.
    pub const fn last_evaluation(&self) -> Option<Micros> {
        self.last_evaluation
    }

    pub(super) const fn evaluated(&mut self, now: Micros) {
        self.last_evaluation = Some(now);
    }
}
