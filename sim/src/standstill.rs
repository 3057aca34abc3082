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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::Duty;

    fn message(sent: u64) -> Waiting {
        Waiting::Message {
            from: NodeId(1),
            sent: Micros(sent),
            parcel: Box::new(Parcel::Duty {
                term: sent,
                duty: Duty::Drain,
            }),
        }
    }

    fn sent(waiting: Option<Waiting>) -> Option<u64> {
        match waiting? {
            Waiting::Message { sent, .. } => Some(sent.0),
            Waiting::Event(_) => None,
        }
    }

    /// Whatever came is taken, once and in order, also if the process stops again in between; and
    /// nothing new may pass by what still waits.
    #[test]
    fn what_waits_is_taken_in_order_and_nothing_is_lost() {
        let mut standstill = Standstill::default();
        assert!(!standstill.holds_back());
        standstill.pause();
        (1..=4).for_each(|at| standstill.hold(message(at)));
        assert_eq!(sent(standstill.take()), None, "it stands still");
        assert_eq!(standstill.oldest(), Some(Micros(1)));
        standstill.resume();
        assert_eq!(sent(standstill.take()), Some(1));
        standstill.pause();
        standstill.hold(message(5));
        standstill.resume();
        assert!(standstill.holds_back(), "it has not caught up");
        standstill.hold(message(6));
        let rest: Vec<_> = std::iter::from_fn(|| sent(standstill.take())).collect();
        assert_eq!(rest, [2, 3, 4, 5, 6]);
        assert!(!standstill.holds_back());
    }
}
