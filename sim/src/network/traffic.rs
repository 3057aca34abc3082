//! What the messages of one link do to each other.
//!
//! On a link with a bandwidth a message waits until those before it are through; on a link that
//! keeps the order it arrives no earlier than they do. Only such links remember anything: a link
//! that is as fast as light and lets everybody overtake has no memory.

use std::collections::BTreeMap;

use quorate::{Micros, NodeId};

/// What is remembered of the links that need it, by direction.
#[derive(Clone, Debug, Default)]
pub(super) struct Traffic {
    links: BTreeMap<(NodeId, NodeId), Link>,
}

/// One direction of a link.
#[derive(Clone, Copy, Debug, Default)]
struct Link {
    /// What was sent is through by then.
    busy_until: Micros,
    /// The latest arrival of all messages sent so far that kept their place.
    last_arrival: Micros,
}

/// A link whose queue would be longer than this drops what comes on top, as a router does whose
/// buffer is full.
pub(super) const LONGEST_QUEUE: Micros = Micros::from_secs(10);

impl Traffic {
    /// Puts `bytes` on a link that carries `bytes_per_second`; when the last of them has left.
    /// `None` if the queue is full.
    pub(super) fn transmit(
        &mut self,
        now: Micros,
        way: (NodeId, NodeId),
        bytes: u64,
        bytes_per_second: u64,
    ) -> Option<Micros> {
        let link = self.links.entry(way).or_default();
        let begins = link.busy_until.max(now);
        if begins.since(now) > LONGEST_QUEUE {
            return None;
        }
        let takes = (u128::from(bytes) * 1_000_000).div_ceil(u128::from(bytes_per_second.max(1)));
        link.busy_until = begins + Micros(u64::try_from(takes).unwrap_or(u64::MAX));
        Some(link.busy_until)
    }

    /// A message that keeps its place would arrive at `arrives`; when it does.
    pub(super) fn line_up(&mut self, way: (NodeId, NodeId), arrives: Micros) -> Micros {
        let link = self.links.entry(way).or_default();
        link.last_arrival = link.last_arrival.max(arrives);
        link.last_arrival
    }
}
