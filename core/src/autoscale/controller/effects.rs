//! What a step comes to: orders to carry out, and events to tell.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::OrderId;
use crate::autoscale::Decision;
use crate::{Micros, NodeId};

/// What follows from one input. The host saves first if it must, then carries out the orders.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Effects {
    /// To be carried out, in this order.
    pub orders: Vec<Effect>,
    /// To be told.
    pub events: Vec<Event>,
    /// True if [`Controller::save`](super::Controller::save) must be durable before the orders are
    /// carried out. Without that an order could be given twice around a crash.
    pub must_save: bool,
}

impl Effects {
    /// True if nothing follows.
    pub fn is_empty(&self) -> bool {
        self.orders.is_empty() && self.events.is_empty() && !self.must_save
    }

    pub(super) fn clear(&mut self) {
        self.orders.clear();
        self.events.clear();
        self.must_save = false;
    }
}

/// Something that a host does for a controller. Doing it twice must be doing it once: it may be asked
/// for again, under the same order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Effect {
    /// These nodes take no new work and finish what they have. Each is reported with
    /// [`Input::Drained`](super::Input::Drained).
    Drain {
        /// For which order.
        order: OrderId,
        /// Which nodes.
        nodes: Vec<NodeId>,
    },
    /// These nodes serve again, whether they have finished or not.
    CancelDrain {
        /// For which order.
        order: OrderId,
        /// Which nodes.
        nodes: Vec<NodeId>,
    },
    /// The fleet gets this size. Reported with [`Input::Executed`](super::Input::Executed) or
    /// [`Input::Failed`](super::Input::Failed).
    ScaleTo {
        /// Which order. An executor that has seen a later term refuses it.
        order: OrderId,
        /// The size when it was decided.
        from: u32,
        /// The size that is wanted.
        to: u32,
        /// The nodes that go, drained if they had to be; empty for a scale-out.
        remove: Vec<NodeId>,
    },
}

/// Something that has happened. The names are those of the system that this project grew out of.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "event", rename_all = "snake_case"))]
pub enum Event {
    /// A decision was made, whatever it is.
    Evaluated {
        /// The decision.
        decision: Decision,
    },
    /// More nodes were ordered.
    ScaleOutStarted {
        /// The order.
        order: OrderId,
        /// Why.
        decision: Decision,
    },
    /// More nodes were added.
    ScaleOutCompleted {
        /// The order. Its start has told why.
        order: OrderId,
        /// The size when it was decided.
        from: u32,
        /// The size that was wanted, and is there.
        to: u32,
    },
    /// More nodes were not added.
    ScaleOutFailed {
        /// The order. Its start has told why it was given.
        order: OrderId,
        /// The size when it was decided.
        from: u32,
        /// The size that was wanted.
        to: u32,
        /// Why it failed.
        failure: Failure,
        /// When nodes may be ordered again.
        #[cfg_attr(feature = "serde", serde(rename = "retry_at_micros"))]
        retry_at: Micros,
    },
    /// Nodes were told to drain, or to go.
    ScaleInStarted {
        /// The order.
        order: OrderId,
        /// Why.
        decision: Decision,
    },
    /// Nodes are gone.
    ScaleInCompleted {
        /// The order. Its start has told why.
        order: OrderId,
        /// The size when it was decided.
        from: u32,
        /// The size that was wanted, and is there.
        to: u32,
    },
    /// Nodes are not gone.
    ScaleInFailed {
        /// The order. Its start has told why it was given.
        order: OrderId,
        /// The size when it was decided.
        from: u32,
        /// The size that was wanted.
        to: u32,
        /// Why it failed.
        failure: Failure,
        /// When nodes may be told to go again.
        #[cfg_attr(feature = "serde", serde(rename = "retry_at_micros"))]
        retry_at: Micros,
    },
}

/// Why an order failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "failure", rename_all = "snake_case"))]
pub enum Failure {
    /// The executor said so.
    Executor {
        /// In its words, at most [`Failure::MAX_TEXT`] bytes of them.
        error: String,
    },
    /// Nodes did not finish their work in time.
    DrainTimedOut {
        /// The first of them, at most eight.
        waiting: Vec<NodeId>,
    },
    /// More nodes were wanted while some still drained.
    Overtaken,
    /// Somebody else has led since. Whether the order was carried out is not known.
    Fenced {
        /// The term that began.
        by: u64,
    },
}

impl Failure {
    /// The longest text of an executor's error, in bytes.
    pub const MAX_TEXT: usize = 256;

    /// With the words of an executor, cut where a character ends.
    pub(super) fn executor(error: &str) -> Self {
        let end = (0..=error.len().min(Self::MAX_TEXT))
            .rev()
            .find(|end| error.is_char_boundary(*end))
            .unwrap_or(0);
        Self::Executor {
            error: String::from(&error[..end]),
        }
    }

    pub(super) fn drain_timed_out(waiting: &[NodeId]) -> Self {
        Self::DrainTimedOut {
            waiting: waiting.iter().copied().take(8).collect(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Executor { error } => write!(f, "the executor failed: {error}"),
            Self::DrainTimedOut { waiting } => {
                f.write_str("nodes did not drain in time:")?;
                waiting.iter().try_for_each(|node| write!(f, " {node}"))
            }
            Self::Overtaken => f.write_str("more nodes were wanted while some drained"),
            Self::Fenced { by } => write!(f, "term {by} began before it was reported"),
        }
    }
}
