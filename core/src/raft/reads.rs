//! Reads that see everything that was committed when they were asked for.
//!
//! A leader that answers from its own state may have been deposed without knowing, and what it
//! serves may be long overwritten. So a read is first *confirmed*: the leader notes its commit
//! index and makes sure that it still leads (`leader::reads`), and whoever was asked serves the read
//! once it has applied that much (dissertation, section 6.4). A follower asks its leader and so
//! serves reads from its own state.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use super::effects::Read;
use super::message::Body;
use super::{Raft, RoleState};
use crate::NodeId;

/// The reads of this node's own clients.
#[derive(Clone, Debug, Default)]
pub(super) struct FollowerReads {
    /// Asked of the leader, and not answered yet.
    asked: Vec<u64>,
    /// Confirmed, in the order of their indices, and waiting for the state machine.
    confirmed: VecDeque<Read>,
}

impl Raft {
    /// A client of this node wants to read.
    pub(super) fn read(&mut self, id: u64) {
        match (&self.role_state, self.leader) {
            (RoleState::Leader(_), _) => self.confirm_read(self.config.id, id),
            (_, Some(leader)) => {
                self.reads.asked.push(id);
                self.reply(leader, Body::Read { id });
            }
            (_, None) => {}
        }
    }

    /// The leader has confirmed a read of this node.
    pub(super) fn receive_read_reply(&mut self, id: u64, index: u64) {
        if let Some(at) = self.reads.asked.iter().position(|asked| *asked == id) {
            self.reads.asked.remove(at);
            self.read_confirmed(Read { id, index });
        }
    }

    /// A read of this node's client is confirmed, and can be served once its index is applied.
    pub(super) fn read_confirmed(&mut self, read: Read) {
        let confirmed = &mut self.reads.confirmed;
        let place = confirmed.partition_point(|other| other.index <= read.index);
        confirmed.insert(place, read);
        self.release_reads();
    }

    /// Serves what waited for the state machine.
    #[inline(always)]
    pub(super) fn release_reads(&mut self) {
        while let Some(read) = self.reads.confirmed.front()
            && read.index <= self.applied_index
        {
            self.effects.reads.push(*read);
            self.reads.confirmed.pop_front();
        }
    }

    /// Gives up the reads that were asked of a leader who is not followed any more. What is
    /// confirmed stays so.
    pub(super) fn abandon_reads(&mut self) {
        self.effects.abandoned_reads.append(&mut self.reads.asked);
    }

    /// Gives up a read that this node, as a leader, had not confirmed.
    pub(super) fn abandon_read(&mut self, from: NodeId, id: u64) {
        if from == self.config.id {
            self.effects.abandoned_reads.push(id);
        }
    }
}
