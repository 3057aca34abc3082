//! A process that stands still.
//!
//! A paused process (a long collection of garbage, a laptop that sleeps, a virtual machine that
//! is moved) is not a crashed one: it forgets nothing, and when it goes on it believes that no
//! time has passed. What came meanwhile waits at its door and is taken first, in order.

use std::collections::VecDeque;

use quorate::{Micros, NodeId};

use crate::network::Parcel;
use crate::queue::Event;

/// Whether a process stands still, and what waits for it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standstill {
    is_paused: bool,
    /// What came while it stood still and was not taken yet, oldest first.
    waiting: VecDeque<Waiting>,
}

/// Something that waits.
#[derive(Clone, Debug)]
pub(crate) enum Waiting {
    /// A message that has arrived.
    Message {
        /// The sender.
        from: NodeId,
        /// When it was sent.
        sent: Micros,
        /// The message.
        parcel: Box<Parcel>,
    },
    /// A timer or a disk of the node.
    Event(Event),
}

impl Standstill {
    /// Whether the process takes no step.
    pub(crate) fn is_paused(&self) -> bool {
        self.is_paused
    }

    /// Whether what comes now has to wait: also while the process catches up.
    pub(crate) fn holds_back(&self) -> bool {
        self.is_paused || !self.waiting.is_empty()
    }

    /// The process stands still.
    pub(crate) fn pause(&mut self) {
        self.is_paused = true;
    }

    /// The process goes on.
    pub(crate) fn resume(&mut self) {
        self.is_paused = false;
    }

    /// Lets something wait.
    pub(crate) fn hold(&mut self, waiting: Waiting) {
        self.waiting.push_back(waiting);
    }

    /// Takes what has waited longest, if the process goes on.
    pub(crate) fn take(&mut self) -> Option<Waiting> {
        if self.is_paused {
            return None;
        }
        self.waiting.pop_front()
    }

    /// When the oldest message that waits was sent.
    pub(crate) fn oldest(&self) -> Option<Micros> {
        let sent = self.waiting.iter().filter_map(|waiting| match waiting {
            Waiting::Message { sent, .. } => Some(*sent),
            Waiting::Event(_) => None,
        });
        sent.min()
    }
}
