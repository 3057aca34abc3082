//! What happens next.
//!
//! Events are ordered by time, then by the order in which they were scheduled, so two events of
//! one instant never depend on how a heap happens to break ties.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use quorate::{Micros, NodeId};

/// Something that will happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A message arrives, if nothing stops it.
    Deliver {
        /// Its slot in the network.
        slot: u32,
    },
    /// A voter's consensus wants to be ticked.
    RaftTimer {
        /// The node.
        node: NodeId,
        /// The life of the process that set it.
        life: u32,
    },
    /// A replica wants to be ticked.
    ReplicaTimer {
        /// The node.
        node: NodeId,
        /// The life of the process that set it.
        life: u32,
    },
    /// A disk has synced what a voter's consensus asked for.
    RaftSynced {
        /// The node.
        node: NodeId,
        /// The life of the process that asked.
        life: u32,
    },
    /// A disk has synced what a replica asked for.
    ReplicaSynced {
        /// The node.
        node: NodeId,
        /// The life of the process that asked.
        life: u32,
    },
    /// A process that stood still takes what has waited for it.
    Wake {
        /// The node.
        node: NodeId,
        /// The life of the process that stood still.
        life: u32,
    },
    /// A fault comes by itself.
    Mischief(Mischief),
    /// A process that died by itself starts again, if it still is as it was left.
    Restart {
        /// The node.
        node: NodeId,
        /// How many lives it has had.
        life: u32,
    },
    /// A process that stood still by itself goes on, if it is still the same.
    Resume {
        /// The node.
        node: NodeId,
        /// The life of the process.
        life: u32,
    },
    /// A partition that came by itself ends, if none came after it.
    Reunite {
        /// Its number.
        count: u32,
    },
    /// An ordered node has booted.
    Boot {
        /// The node.
        node: NodeId,
        /// The life it begins.
        life: u32,
    },
    /// A snapshot that was sent has had the time to arrive and be confirmed.
    SnapshotDeadline {
        /// The number of the leader that sent it.
        from: u16,
        /// The number of the receiver.
        to: u16,
        /// The life of the process that sent it.
        life: u32,
    },
    /// The service works for a second.
    Serve,
    /// Nodes report their metrics.
    Report,
    /// The leader evaluates its autoscaling policy.
    Evaluate,
    /// Replicas prune.
    Prune,
    /// A client of the key-value store wants something.
    ClientOperation,
    /// A client has waited long enough for an answer.
    ClientTimer {
        /// Its place in the list of clients.
        client: u32,
        /// The number of its request.
        request: u32,
        /// The number of the attempt.
        attempt: u32,
    },
    /// A user changes a set.
    SetOperation,
}

/// A kind of fault that comes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mischief {
    /// A process dies.
    Crash,
    /// A process stands still.
    Pause,
    /// The fleet falls apart.
    Partition,
    /// A clock runs at another speed.
    Drift,
    /// A clock jumps.
    Jump,
}

impl Mischief {
    /// All of them.
    pub(crate) const ALL: [Self; 5] = [
        Self::Crash,
        Self::Pause,
        Self::Partition,
        Self::Drift,
        Self::Jump,
    ];
}

/// The queue moves its events about: they stay small.
const _: () = assert!(size_of::<Event>() <= 16);

/// The queue.
#[derive(Clone, Debug, Default)]
pub(crate) struct Queue {
    heap: BinaryHeap<Scheduled>,
    scheduled: u64,
}

/// An event in the queue.
#[derive(Clone, Copy, Debug)]
struct Scheduled {
    /// Its time, and below that its place in the order of scheduling. One number, because one is
    /// compared in half the time of two.
    key: u128,
    event: Event,
}

impl Scheduled {
    fn at(&self) -> Micros {
        Micros(u64::try_from(self.key >> 64).expect("the upper half of 128 bits"))
    }
}

impl Ord for Scheduled {
    /// The earliest is the greatest: that is what a heap gives first.
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        other.key.cmp(&self.key)
    }
}

impl PartialOrd for Scheduled {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Eq for Scheduled {}

impl PartialEq for Scheduled {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Queue {
    /// Puts an event into the future.
    pub(crate) fn schedule(&mut self, at: Micros, event: Event) {
        self.scheduled += 1;
        let key = u128::from(at.0) << 64 | u128::from(self.scheduled);
        self.heap.push(Scheduled { key, event });
    }

    /// When the next event happens.
    pub(crate) fn next_time(&self) -> Option<Micros> {
        self.heap.peek().map(Scheduled::at)
    }

    /// The next event, and when it happens.
    pub(crate) fn peek(&self) -> Option<(Micros, Event)> {
        self.heap.peek().map(|next| (next.at(), next.event))
    }

    /// How many events are to come.
    pub(crate) fn len(&self) -> usize {
        self.heap.len()
    }

    /// Takes the next event.
    pub(crate) fn pop(&mut self) -> Option<(Micros, Event)> {
        self.heap.pop().map(|next| (next.at(), next.event))
    }
}
