//! What an autoscaler remembers between two decisions.
//!
//! The state is plain data, so that it can be kept in a replicated log and handed to whoever
//! decides next: a cooldown that lives in one process's memory is lost with it, and the successor
//! scales again at once.

use crate::Micros;

/// The memory of an autoscaler.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct State {
    /// When a decision was last carried out.
    last_action: Option<Micros>,
    /// When a decision was last made.
    last_evaluation: Option<Micros>,
}

impl State {
    /// Nothing decided, nothing done.
    pub const fn new() -> Self {
        Self {
            last_action: None,
            last_evaluation: None,
        }
    }

    /// Notes that a scale-out or a scale-in was carried out at `now`; the cooldown begins.
    pub const fn executed(&mut self, now: Micros) {
        self.last_action = Some(now);
    }

    /// When a decision was last carried out.
    pub const fn last_action(&self) -> Option<Micros> {
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
