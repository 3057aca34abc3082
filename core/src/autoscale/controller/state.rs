//! What a controller must not forget.
//!
//! A cooldown in one process's memory is lost with it, and so is an order that was on its way: the
//! successor scales again at once. This is plain data, for a file or a replicated log.

use super::ControllerSettingsError;
use super::backoff::Backoff;
use super::order::{OpenOrder, Phase};
use crate::Micros;
use crate::autoscale::{Action, State};

/// The memory of a [`Controller`](super::Controller).
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct ControllerState {
    /// The latest time seen.
    #[cfg_attr(feature = "serde", serde(rename = "clock_micros"))]
    pub(super) clock: Micros,
    /// The lowest term in which this controller may still lead.
    pub(super) fence: u64,
    /// Orders given so far.
    pub(super) orders: u64,
    /// What the policy remembers.
    pub(super) autoscaler: State,
    /// The order that is not done yet.
    pub(super) open: Option<OpenOrder>,
    /// The order that is done and has not been seen.
    pub(super) settling: Option<Settling>,
    /// Failures to scale out.
    scale_out: Backoff,
    /// Failures to scale in.
    scale_in: Backoff,
    /// The fleet could not be seen; nothing is decided before.
    #[cfg_attr(feature = "serde", serde(rename = "skip_until_micros"))]
    pub(super) skip_until: Micros,
}

/// An order that was carried out, until it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub(super) struct Settling {
    /// The size that will show.
    pub(super) size: u32,
    /// When it no longer matters.
    #[cfg_attr(feature = "serde", serde(rename = "until_micros"))]
    pub(super) until: Micros,
}

impl ControllerState {
    /// Refuses what no controller has saved.
    pub(super) fn check(&self) -> Result<(), ControllerSettingsError> {
        let wrong = |wrong| Err(ControllerSettingsError::State(wrong));
        if self.orders > u64::MAX / 2 {
            return wrong("more orders than anybody can have given");
        }
        let Some(order) = &self.open else {
            return Ok(());
        };
        if order.id.number > self.orders {
            return wrong("the open order has not been given yet");
        }
        if order.id.term > self.fence {
            return wrong("the open order is of a term that has not begun");
        }
        if order.action() == Action::None {
            return wrong("the open order changes nothing");
        }
        match &order.phase {
            Phase::Draining { waiting, .. } if waiting.is_empty() => {
                wrong("the open order waits for nothing")
            }
            _ => Ok(()),
        }
    }

    /// The failures of a direction.
    pub(super) const fn backoff(&self, action: Action) -> Backoff {
        match action {
            Action::In => self.scale_in,
            Action::Out | Action::None => self.scale_out,
        }
    }

    pub(super) const fn backoff_mut(&mut self, action: Action) -> &mut Backoff {
        match action {
            Action::In => &mut self.scale_in,
            Action::Out | Action::None => &mut self.scale_out,
        }
    }
}
