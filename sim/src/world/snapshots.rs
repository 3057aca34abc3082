//! Snapshots of the log: taken, compacted to, shipped and installed.
//!
//! The kernel knows where a snapshot stands, and its host what it holds. So the state travels beside
//! the message, lies beside the log on the disk, and is put in place when the kernel is told that
//! the write is done: not before, or a crash would leave a log without its state.

use std::sync::Arc;

use quorate::raft::{Body, Input, Message, Snapshot, SnapshotOutcome};
use quorate::{Micros, NodeId};

use super::{World, slot};
use crate::disk::VoterWrite;
use crate::machine::StateMachine;
use crate::network::Parcel;
use crate::queue::Event;

impl World {
    /// Writes a snapshot, if the log has grown far enough beyond the last one.
    pub(super) fn take_snapshot(&mut self, id: NodeId) {
        let after = u64::from(self.scenario.raft.snapshot_after);
        let node = self.node(id);
        let Some(raft) = node.raft.as_ref().filter(|_| after > 0) else {
            return;
        };
        let applied = raft.applied_index();
        let is_due = applied >= raft.snapshot().position.index + after;
        if !is_due || node.snapshots.is_taking || applied != node.machine.applied_index() {
            return;
        }
        let Some(position) = raft.log().position(applied) else {
            return;
        };
        let membership = raft.membership().clone();
        let write = VoterWrite::Snapshot {
            snapshot: Arc::new(Snapshot {
                position,
                membership,
            }),
            state: node.machine.encode(),
        };
        self.node_mut(id).snapshots.is_taking = true;
        self.write_log(id, write);
    }

    /// A snapshot is on disk: the log before it may go, but for what followers are likely to need.
    pub(super) fn snapshot_taken(&mut self, id: NodeId, index: u64) {
        self.node_mut(id).snapshots.is_taking = false;
        self.step_raft(id, Input::SnapshotTaken { index });
        let keep = u64::from(self.scenario.raft.keep_entries);
        let index = index.saturating_sub(keep);
        let raft = self.node(id).raft.as_ref();
        if raft.is_some_and(|raft| index > raft.log().boundary().index) {
            self.step_raft(id, Input::Compact { index });
            self.write_log(id, VoterWrite::Compaction { index });
        }
    }

    /// Nobody starts from before its last snapshot, so nobody executes again what lies before all of
    /// them.
    fn forget_executions(&mut self) {
        let members = self.nodes.iter().filter(|node| node.raft.is_some());
        let oldest = members.map(|node| node.raft_disk.durable().snapshot.position.index);
        let oldest = oldest.min().unwrap_or(0);
        self.observer.clients.executions.forget(oldest);
    }

    /// The log on a disk begins later: nobody asks for what lies before it.
    pub(super) fn compacted(&mut self, id: NodeId, index: u64) {
        self.observer.consensus.compacted(id, index);
        self.forget_executions();
    }

    /// Sends a snapshot with its state. A leader that has none to send, because a later one has taken
    /// its place meanwhile, lets the deadline pass.
    pub(super) fn ship_snapshot(&mut self, id: NodeId, message: Message) {
        let to = message.to;
        let node = self.node(id);
        let (life, image) = (node.life, node.raft_disk.durable());
        let (wait, deadline) = (self.scenario.raft.election_timeout, self.now);
        let number = |node: NodeId| u16::try_from(node.0).expect("there are few nodes");
        let event = Event::SnapshotDeadline {
            from: number(id),
            to: number(to),
            life,
        };
        let state = image
            .state
            .clone()
            .filter(|_| stands_at(&message, image.snapshot.position.index));
        self.queue.schedule(deadline + Micros(wait.0 * 4), event);
        if let Some(state) = state {
            self.send(id, to, Parcel::Snapshot { message, state });
        }
    }

    /// The transport has heard nothing of a snapshot. If it was taken over after all, the kernel knows.
    pub(super) fn give_snapshot_up(&mut self, id: NodeId, to: NodeId) {
        let outcome = SnapshotOutcome::Failed;
        self.step_raft(id, Input::SnapshotSent { to, outcome });
    }

    /// A snapshot arrives. Its state is kept until the kernel says whether it is wanted.
    pub(super) fn receive_snapshot(&mut self, id: NodeId, message: Message, state: Arc<[u8]>) {
        if let Body::Snapshot { snapshot, .. } = &message.body {
            let index = snapshot.position.index;
            self.node_mut(id).snapshots.received = Some((index, state));
        }
        self.receive_raft(id, message);
        self.node_mut(id).snapshots.received = None;
    }

    /// A write is done. If it put a snapshot in place, the state machine goes on from there.
    pub(super) fn install_state(&mut self, id: NodeId, io: u64) {
        let node = &mut self.nodes[slot(id)];
        let due = node
            .snapshots
            .installing
            .take_if(|(number, _)| *number <= io);
        if let Some((_, state)) = due {
            let machine = StateMachine::restored(&state);
            if machine.applied_index() > node.machine.applied_index() {
                let (index, digest) = (machine.applied_index(), machine.digest());
                node.machine = machine;
                let observer = &mut self.observer;
                observer
                    .consensus
                    .state_installed(&mut observer.ledger, id, index, digest);
                self.feed_replica(id);
            }
        }
    }

    /// Gives a voter's disk something to write.
    pub(super) fn write_log(&mut self, id: NodeId, write: VoterWrite) {
        let (latency, honesty) = self.draw_sync(id);
        let node = &mut self.nodes[slot(id)];
        let done = node.raft_disk.submit(self.now, latency, write, honesty);
        let life = node.life;
        self.queue
            .schedule(done, Event::RaftSynced { node: id, life });
    }
}

fn stands_at(message: &Message, index: u64) -> bool {
    matches!(&message.body, Body::Snapshot { snapshot, .. } if snapshot.position.index == index)
}
