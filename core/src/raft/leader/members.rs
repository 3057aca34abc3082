//! What a leader does about a membership that has changed.

use super::{Member, Raft};
use crate::NodeId;
use crate::raft::config::{RemovalPolicy, Validation};
use crate::raft::effects::{Role, RoleChangeReason};
use crate::raft::error::StepError;
use crate::raft::membership::{MembershipChange, Standing};
use crate::raft::progress::Progress;
use crate::raft::rules::Rule;

impl Raft {
    /// A member of which nothing is known but that it is one.
    pub(super) fn new_member(&self, id: NodeId) -> Member {
        let next_index = self.log.last_index() + 1;
        let progress = if id == self.config.id {
            Progress::own(self.now, self.counted_index(), next_index)
        } else {
            Progress::unknown(self.now, next_index)
        };
        let group = self.membership();
        let votes = (
            group.incoming().contains(&id),
            group.outgoing().contains(&id),
        );
        Member {
            id,
            is_witness: group.standing(id) == Standing::Witness,
            votes,
            progress,
        }
    }

    /// Whether a change of membership may be proposed to this leader, given as bytes.
    pub(in crate::raft) fn admit_change_bytes(&self, payload: &[u8]) -> Result<(), StepError> {
        let change = MembershipChange::decode(payload).map_err(|_| StepError::BrokenChange {
            from: self.config.id,
        })?;
        self.admit_change(&change)
    }

    /// Whether a change of membership may be proposed to this leader: one at a time, and only what
    /// fits. An election leaves entries behind that may be changes, so a new leader waits until it
    /// has applied them, and with them an entry of its own: the bug of 2015 was not to.
    pub(in crate::raft) fn admit_change(&self, change: &MembershipChange) -> Result<(), StepError> {
        if self.config.validation == Validation::Off {
            return Ok(());
        }
        let pending_index = self.pending_membership_index().unwrap_or_default();
        let is_settled = pending_index <= self.applied_index && self.has_committed_in_term();
        if !is_settled && self.keeps(Rule::ChangeAfterOwnCommit) {
            return Err(StepError::MembershipPending {
                pending_index,
                applied_index: self.applied_index,
            });
        }
        let changed = self.membership().changed(change);
        changed.map(|_| ()).map_err(StepError::Membership)
    }

    /// The membership has changed by an entry that was applied.
    pub(in crate::raft) fn membership_changed(&mut self) {
        if self.role() != Role::Leader {
            return;
        }
        self.renew_members();
        let target = self.transferring_to();
        if target.is_some_and(|target| !self.is_transferable(target)) {
            self.end_transfer();
        }
        // A smaller quorum may have been reached already, and who is new gets a first append.
        self.advance_commit(self.log.last_index());
        self.replicate();
        self.answer_confirmed_reads();
        self.make_way();
    }

    /// A leader that is no voter any more steps down as soon as somebody can follow it. Who has less
    /// than this log might need the vote of this node, by a membership it has not applied yet, and
    /// would never get it.
    pub(super) fn make_way(&mut self) {
        if !self.is_leaving() {
            return;
        }
        let last_index = self.log.last_index();
        let Some(leadership) = self.leadership() else {
            return;
        };
        let can_follow = |member: &Member| {
            member.progress.match_index == last_index
                && self.memberships.standing(member.id) == Standing::Voter
        };
        if leadership.members.iter().any(can_follow) {
            self.step_down(RoleChangeReason::Removed);
        }
    }

    /// Whether this node, if it leads, does so only until somebody can follow it.
    pub(in crate::raft) fn is_leaving(&self) -> bool {
        self.standing != Standing::Voter && self.config.removal == RemovalPolicy::StepDown
    }

    /// Keeps the progress of those who stay. Who is new counts as active, or a leader that checks
    /// its quorum could step down before a new member had a chance to answer.
    fn renew_members(&mut self) {
        let ids = self.membership().members();
        let kept = |id: NodeId| self.peer_progress(id).cloned();
        let members = ids.into_iter().map(|id| {
            let mut member = self.new_member(id);
            member.progress.is_active = true;
            if id != self.config.id {
                // So that there is something to send at once.
                member.progress.next_index = self.log.last_index().max(1);
            }
            if let Some(progress) = kept(id) {
                member.progress = progress;
            }
            member
        });
        let members = members.collect();
        if let Some(leadership) = self.leadership_mut() {
            leadership.members = members;
        }
    }
}
