//! What may happen when: the states of a policy.
//!
//! ```text
//! idle ──action──▶ waiting ──slot──▶ scaling ──done──▶ cooldown ──time──▶ idle
//!                     └──timeout──▶ idle  └──error──▶ idle
//! ```
//!
//! Checks are evaluated in every state, so that what is carried out when the turn comes is the
//! newest action and not the one that was first in the queue.

use super::{Action, Direction};
use crate::Micros;

/// How long nothing is done after an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct Cooldowns {
    /// After every action but a way up.
    #[cfg_attr(feature = "serde", serde(rename = "cooldown_micros"))]
    pub cooldown: Micros,
    /// After a way up; mostly shorter, so that a surge is followed.
    #[cfg_attr(feature = "serde", serde(rename = "cooldown_on_scale_up_micros"))]
    pub cooldown_on_scale_up: Micros,
}

impl Cooldowns {
    /// The time after an action in this direction.
    pub const fn after(self, direction: Direction) -> Micros {
        match direction {
            Direction::Up => self.cooldown_on_scale_up,
            Direction::None | Direction::Down => self.cooldown,
        }
    }
}

impl Default for Cooldowns {
    /// 5 minutes in both directions, the default of Nomad's agent.
    fn default() -> Self {
        Self {
            cooldown: Micros::from_secs(300),
            cooldown_on_scale_up: Micros::from_secs(300),
        }
    }
}

/// Where a policy is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum HandlerState {
    /// Ready to act.
    #[default]
    Idle,
    /// An action waits for its turn.
    WaitingTurn,
    /// An action is being carried out.
    Scaling,
    /// An action was carried out.
    Cooldown {
        /// It lasts up to and including this moment.
        until: Micros,
    },
}

/// What becomes of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Offer {
    /// It does nothing, so nothing is done.
    NotNeeded,
    /// It comes too early and is dropped.
    OnCooldown {
        /// How long the cooldown still lasts.
        remaining: Micros,
    },
    /// It replaces the one that waits.
    Waiting,
    /// Another one is being carried out.
    Scaling,
    /// It waits for its turn from now on.
    RequestSlot,
}

/// The states of one policy, and the action that is next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct Handler {
    state: HandlerState,
    /// The newest action that was needed.
    next: Option<Action>,
}

impl Handler {
    /// A handler for a target that somebody last scaled at `last_event`.
    ///
    /// Nobody knows in which direction that was, so the shorter cooldown counts from then on.
    /// This is what makes a restart harmless.
    pub fn created(cooldowns: Cooldowns, last_event: Option<Micros>, now: Micros) -> Self {
        let shorter = cooldowns.cooldown.min(cooldowns.cooldown_on_scale_up);
        let state = match last_event.map(|at| at + shorter) {
            Some(until) if until > now => HandlerState::Cooldown { until },
            _ => HandlerState::Idle,
        };
        Self { state, next: None }
    }

    /// Where the policy is.
    pub const fn state(&self) -> HandlerState {
        self.state
    }

    /// The newest action that was needed.
    pub const fn next_action(&self) -> Option<&Action> {
        self.next.as_ref()
    }

    /// Takes the action that the checks agreed on.
    ///
    /// A cooldown ends *after* its last moment, and only when there is something to do.
    pub fn offer(&mut self, action: Action, now: Micros) -> Offer {
        if action.direction == Direction::None {
            return Offer::NotNeeded;
        }
        self.next = Some(action);
        match self.state {
            HandlerState::Cooldown { until } if now <= until => Offer::OnCooldown {
                remaining: until - now,
            },
            HandlerState::WaitingTurn => Offer::Waiting,
            HandlerState::Scaling => Offer::Scaling,
            HandlerState::Idle | HandlerState::Cooldown { .. } => {
                self.state = HandlerState::WaitingTurn;
                Offer::RequestSlot
            }
        }
    }

    /// It is the turn of the waiting action, which is returned: the newest one. `None` if none
    /// waits.
    pub fn granted(&mut self) -> Option<&Action> {
        if self.state != HandlerState::WaitingTurn {
            return None;
        }
        self.state = HandlerState::Scaling;
        self.next.as_ref()
    }

    /// The action was carried out.
    pub fn succeeded(&mut self, direction: Direction, cooldowns: Cooldowns, now: Micros) {
        self.state = HandlerState::Cooldown {
            until: now + cooldowns.after(direction),
        };
        self.next = None;
    }

    /// The turn did not come in time, or the action failed.
    pub fn failed(&mut self) {
        self.state = HandlerState::Idle;
    }
}
