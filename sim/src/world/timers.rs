//! Timers: when a node wants to be looked at again.
//!
//! The kernel says after every step when it wants the next tick. Usually that is the moment it said
//! before, or a later one: so a timer stays armed until its time comes, and is set anew only for an
//! earlier deadline.

use quorate::{Micros, NodeId};

use super::{World, slot};
use crate::queue::Event;

impl World {
    /// Sets both timers of a node.
    pub(super) fn arm_timers(&mut self, id: NodeId) {
        self.arm_raft_timer(id);
        self.arm_replica_timer(id);
    }

    /// Sets a timer for the deadline that the consensus asked for, if it comes earlier than the armed
    /// one. A deadline that moved back is looked at when the old one comes.
    pub(super) fn arm_raft_timer(&mut self, id: NodeId) {
        let node = &self.nodes[slot(id)];
        let Some(raft) = &node.raft else { return };
        let local = raft.next_deadline().unwrap_or(Micros::MAX);
        let (deadline, life) = (node.clock.world(local).max(self.now), node.life);
        if deadline < node.raft_timer {
            self.node_mut(id).raft_timer = deadline;
            self.queue
                .schedule(deadline, Event::RaftTimer { node: id, life });
        }
    }

    /// The same for the replica.
    pub(super) fn arm_replica_timer(&mut self, id: NodeId) {
        let node = &self.nodes[slot(id)];
        let Some(replica) = &node.replica else { return };
        let local = replica.next_deadline();
        let (deadline, life) = (node.clock.world(local).max(self.now), node.life);
        if deadline < node.replica_timer {
            self.node_mut(id).replica_timer = deadline;
            self.queue
                .schedule(deadline, Event::ReplicaTimer { node: id, life });
        }
    }
}
