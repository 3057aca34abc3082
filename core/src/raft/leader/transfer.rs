//! Transfer of leadership (dissertation, section 3.10).
//!
//! The target is brought up to date and told to stand for election at once. While that lasts,
//! proposals are kept back: appended, they would keep the target from ever being up to date;
//! refused, they would make every transfer visible to clients. They go into the log if the
//! transfer fails, and to the new leader if it succeeds.

use super::{Member, Raft};
use crate::raft::config::Forwarding;
use crate::raft::entry::EntryKind;
use crate::raft::membership::Standing;
use crate::raft::message::Body;
use crate::raft::progress::ProgressState;
use crate::{Micros, NodeId};

/// A transfer that is going on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Transfer {
    pub(super) to: NodeId,
    /// When the leader gives up and goes on.
    pub(super) deadline: Micros,
}

impl Raft {
    /// Whom leadership is being transferred to, if this node leads and does so.
    pub fn transferring_to(&self) -> Option<NodeId> {
        let transfer = self.leadership()?.transfer?;
        Some(transfer.to)
    }

    /// Whether leadership can go to `to`.
    pub(in crate::raft) fn is_transferable(&self, to: NodeId) -> bool {
        self.memberships.standing(to) == Standing::Voter
    }

    /// Starts a transfer, in place of any other, or passes the wish on.
    pub(in crate::raft) fn transfer_leadership(&mut self, to: NodeId) {
        let deadline = self.now + self.config.election_timeout;
        let Some(leadership) = self.leadership_mut() else {
            if let Some(leader) = self.leader {
                self.reply(leader, Body::TransferLeadership { to });
            }
            return;
        };
        if leadership
            .transfer
            .is_some_and(|transfer| transfer.to == to)
        {
            return;
        }
        if to == self.config.id {
            self.end_transfer();
            return;
        }
        if let Some(leadership) = self.leadership_mut() {
            leadership.transfer = Some(Transfer { to, deadline });
        }
        let last_index = self.log.last_index();
        let Some(at) = self
            .leadership()
            .and_then(|leadership| leadership.position(to))
        else {
            return;
        };
        let Some(Member { progress, .. }) = self.member_mut(at) else {
            return;
        };
        if progress.match_index == last_index {
            self.hand_over(at);
        } else if progress.state != ProgressState::Snapshot {
            self.send_append(at);
        }
    }

    /// Tells the target to stand for election, if the member at this place is it and has
    /// everything.
    #[inline]
    pub(super) fn hand_over(&mut self, at: usize) {
        let last_index = self.log.last_index();
        let Some(leadership) = self.leadership_mut() else {
            return;
        };
        let Some(Transfer { to, .. }) = leadership.transfer else {
            return;
        };
        let member = &leadership.members[at];
        if member.id == to && member.progress.match_index == last_index {
            leadership.has_offered = true;
            self.tell(to, Body::TimeoutNow);
        }
    }

    /// Gives up a transfer that has taken an election timeout.
    pub(super) fn end_late_transfer(&mut self) {
        let transfer = self.leadership().and_then(|leadership| leadership.transfer);
        if transfer.is_some_and(|transfer| self.now >= transfer.deadline) {
            self.end_transfer();
        }
    }

    /// Gives up the transfer: what was kept back goes into the log.
    pub(super) fn end_transfer(&mut self) {
        if let Some(leadership) = self.leadership_mut() {
            leadership.transfer = None;
        }
        self.append_kept();
    }

    /// Appends what was kept back.
    pub(super) fn append_kept(&mut self) {
        self.kept_bytes = 0;
        for (kind, payload) in core::mem::take(&mut self.kept) {
            if kind == EntryKind::Command || self.admit_change_bytes(&payload).is_ok() {
                self.append_as_leader(kind, payload);
            }
        }
    }

    /// Sends what was kept back to the new leader.
    pub(in crate::raft) fn forward_kept(&mut self) {
        if self.kept.is_empty() {
            return;
        }
        self.kept_bytes = 0;
        let kept = core::mem::take(&mut self.kept);
        let Some(leader) = self
            .leader
            .filter(|_| self.config.forwarding == Forwarding::ToLeader)
        else {
            return;
        };
        for (kind, payload) in kept {
            self.reply(leader, Body::Propose { kind, payload });
        }
    }
}
