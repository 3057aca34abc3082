//! Our own kernel.
//!
//! Every write is reported as durable in a step of its own, as is every range applied: nothing is
//! merged that a host with a disk could not merge.

use std::hint::black_box;
use std::mem;
use std::ops::Range;
use std::sync::Arc;

use quorate::raft::{Config, EntryKind, Input, Membership, Message, Raft, Restored, Role};
use quorate::{Micros, NodeId};

use super::Group;
use crate::command::{Machine, command};

/// A group in memory.
#[derive(Debug)]
pub(super) struct Quorate {
    nodes: Vec<Node>,
    now: Micros,
    /// Messages on their way, oldest first.
    sent: Vec<Message>,
    /// Messages being delivered; empty in between.
    arriving: Vec<Message>,
}

#[derive(Debug)]
struct Node {
    raft: Raft,
    machine: Machine,
    /// The last index the state machine has applied.
    applied_index: u64,
}

/// Where the leader stands.
const LEADER: usize = 0;

impl Quorate {
    /// A group of so many nodes, which has elected its first.
    pub(super) fn elected(nodes: u64) -> Self {
        let voters = (1..=nodes).map(NodeId);
        let membership = Membership::of_voters(voters.clone()).expect("a few different voters");
        let nodes = voters.map(|id| Node {
            raft: Raft::new(
                Config::new(id),
                Restored::fresh(membership.clone()),
                Micros::ZERO,
            )
            .expect("the usual settings and an empty disk make sense"),
            machine: Machine::default(),
            applied_index: 0,
        });
        let mut group = Self {
            nodes: nodes.collect(),
            now: Micros::ZERO,
            sent: Vec::new(),
            arriving: Vec::new(),
        };
        group.step(LEADER, Input::Campaign);
        group.settle();
        assert_eq!(group.nodes[LEADER].raft.role(), Role::Leader);
        group
    }

    /// Steps one node, and does for it what it asks for.
    fn step(&mut self, at: usize, mut input: Input) {
        let node = &mut self.nodes[at];
        loop {
            let effects = node
                .raft
                .step(self.now, input)
                .expect("every input is in order");
            if !effects.send.is_empty() {
                self.sent.append(&mut effects.send);
            }
            // The disk: what it is given is durable at once.
            let durable = effects.persist.as_ref().map(|write| black_box(write).io);
            let committed = effects.committed.clone();
            if !committed.is_empty() {
                node.apply(committed);
            }
            input = match durable {
                Some(io) => Input::Persisted { io },
                None if node.applied_index > node.raft.applied_index() => Input::Applied {
                    index: node.applied_index,
                },
                None => return,
            };
        }
    }

    /// Delivers messages in the order in which they were sent, until none is on its way.
    fn settle(&mut self) {
        while !self.sent.is_empty() {
            let mut arriving = mem::replace(&mut self.sent, mem::take(&mut self.arriving));
            for message in arriving.drain(..) {
                self.step(place(message.to), Input::Receive(message));
            }
            self.arriving = arriving;
        }
    }
}

impl Node {
    fn apply(&mut self, committed: Range<u64>) {
        self.applied_index = committed.end - 1;
        let machine = &mut self.machine;
        self.raft.log().range(committed).for_each(|(_, entry)| {
            if entry.kind() == EntryKind::Command {
                machine.apply(entry.payload());
            }
        });
    }
}

impl Group for Quorate {
    fn replicate(&mut self, numbers: Range<u64>) {
        let payload = |number| Arc::from(command(number));
        let input = if numbers.end - numbers.start == 1 {
            Input::Propose {
                payload: payload(numbers.start),
            }
        } else {
            Input::ProposeBatch {
                payloads: numbers.map(payload).collect(),
            }
        };
        self.step(LEADER, input);
        self.settle();
    }

    fn heartbeat(&mut self) {
        while self.sent.is_empty() {
            let deadline = self.nodes[LEADER].raft.next_deadline();
            self.now = deadline.expect("a leader has a next heartbeat");
            self.step(LEADER, Input::Tick);
        }
        self.settle();
    }

    fn machines(&self) -> Vec<Machine> {
        self.nodes.iter().map(|node| node.machine).collect()
    }

    fn logs(&self) -> Vec<Vec<Vec<u8>>> {
        let commands = |node: &Node| {
            let raft = &node.raft;
            raft.log()
                .range(1..raft.last_index() + 1)
                .filter(|(_, entry)| entry.kind() == EntryKind::Command)
                .map(|(_, entry)| entry.payload().to_vec())
                .collect()
        };
        self.nodes.iter().map(commands).collect()
    }
}

fn place(node: NodeId) -> usize {
    usize::try_from(node.0 - 1).expect("a group is small")
}
