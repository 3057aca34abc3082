//! What a group of Raft nodes takes from the allocator: nothing to stay alive, nothing to replicate
//! but the entries, and a bounded number of bytes for each of those.
//!
//! Alone in its program, because the count is of the whole process.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

use std::alloc::System;
use std::mem;
use std::sync::Arc;

use quorate::raft::{Config, Effects, Input, Membership, Message, Raft, Restored, Role};
use quorate::{Micros, NodeId};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, Stats, StatsAlloc};

#[global_allocator]
static GLOBAL: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// How many entries stand in one allocation of the log.
const SEGMENT: u64 = 256;
/// Bytes of a payload.
const PAYLOAD: usize = 64;
/// The most bytes that an entry takes beside its payload: five words in the log, two counts before
/// the payload, and a word left.
const OVERHEAD: usize = 64;

/// Nodes whose disks and state machines are done at once, and a network that loses nothing.
struct Group {
    now: Micros,
    nodes: Vec<Raft>,
    wire: Vec<Message>,
    /// The other buffer of the wire.
    arriving: Vec<Message>,
}

impl Group {
    /// So many nodes, the first of which leads.
    fn led(nodes: u64) -> Self {
        let membership = Membership::of_voters((1..=nodes).map(NodeId)).unwrap();
        let node = |id| {
            let config = Config::new(NodeId(id));
            Raft::new(config, Restored::fresh(membership.clone()), Micros::ZERO).unwrap()
        };
        let mut group = Self {
            now: Micros::ZERO,
            nodes: (1..=nodes).map(node).collect(),
            wire: Vec::new(),
            arriving: Vec::new(),
        };
        group.step(0, Input::Campaign);
        group.settle();
        assert_eq!(group.nodes[0].role(), Role::Leader);
        group
    }

    /// Gives a node an input, and does what it asks for.
    fn step(&mut self, at: usize, input: Input) {
        let node = &mut self.nodes[at];
        let mut next = Some(input);
        while let Some(input) = next.take() {
            let Effects {
                send,
                persist,
                committed,
                ..
            } = node.step(self.now, input).unwrap();
            self.wire.append(send);
            let written = persist.take().map(|write| write.io);
            let handed = committed.end - 1;
            if let Some(io) = written {
                next = Some(Input::Persisted { io });
            } else if handed > node.applied_index() {
                next = Some(Input::Applied { index: handed });
            }
        }
    }

    /// Delivers what was said, and what is said about it.
    fn settle(&mut self) {
        while !self.wire.is_empty() {
            mem::swap(&mut self.wire, &mut self.arriving);
            let mut arriving = mem::take(&mut self.arriving);
            for message in arriving.drain(..) {
                let at = usize::try_from(message.to.0 - 1).unwrap();
                self.step(at, Input::Receive(message));
            }
            self.arriving = arriving;
        }
    }

    /// One round of heartbeats and their answers.
    fn heartbeat(&mut self) {
        self.now = self.nodes[0].next_deadline().unwrap();
        self.step(0, Input::Tick);
        assert_eq!(self.wire.len(), self.nodes.len() - 1);
        self.settle();
    }

    /// One entry, until everybody has applied it.
    fn replicate(&mut self) {
        let payload = Arc::from([7; PAYLOAD]);
        self.step(0, Input::Propose { payload });
        self.settle();
        let last_index = self.nodes[0].last_index();
        assert!(
            self.nodes
                .iter()
                .all(|node| node.applied_index() == last_index)
        );
    }
}

/// What happens to the allocator meanwhile.
fn change(during: impl FnOnce()) -> Stats {
    let region = Region::new(GLOBAL);
    during();
    region.change()
}

fn heartbeats_allocate_nothing() {
    let mut group = Group::led(5);
    group.heartbeat();
    let rounds = change(|| {
        for _ in 0..1_000 {
            group.heartbeat();
        }
    });
    assert_eq!(rounds, Stats::default());
}

/// Each node adds a segment when the last one is full, and the list of those grows now and then.
fn replication_allocates_payloads_and_segments() {
    let nodes = 3;
    let mut group = Group::led(nodes);
    group.replicate();
    let segments = 64;
    let entries = change(|| {
        for _ in 0..segments * SEGMENT {
            group.replicate();
        }
    });
    let expected = segments * SEGMENT + nodes * segments;
    let growth = entries.reallocations;
    assert_eq!(entries.allocations as u64, expected);
    assert_eq!(entries.deallocations, 0);
    assert!(growth <= 8 * 3, "the list of segments doubles: {growth}");
}

/// One node, since the nodes of this process share their payloads, and those of others do not.
fn an_entry_takes_little_beside_its_payload() {
    let count = 100_000;
    for batch in [1, 128] {
        let mut group = Group::led(1);
        let held = change(|| {
            for _ in 0..count / batch {
                let payloads = (0..batch).map(|_| Arc::from([7; PAYLOAD])).collect();
                group.step(0, Input::ProposeBatch { payloads });
            }
        });
        let entries = usize::try_from(group.nodes[0].last_index() - 1).unwrap();
        let bytes = held.bytes_allocated - held.bytes_deallocated;
        let overhead = bytes / entries - PAYLOAD;
        assert!(
            overhead <= OVERHEAD,
            "{overhead} B per entry in batches of {batch}"
        );
    }
}

#[test]
fn what_a_group_takes_from_the_allocator() {
    heartbeats_allocate_nothing();
    replication_allocates_payloads_and_segments();
    an_entry_takes_little_beside_its_payload();
}
