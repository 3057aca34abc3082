//! Sleep: no heartbeats and no timers while nothing is going on.
//!
//! A machine that is in thousands of groups would spend itself on the heartbeats of those that
//! are idle. A leader whose members all have everything may tell them so once, and then nobody
//! expects to hear from anybody. Whatever happens next wakes a node: a proposal, a message, a host
//! that wants it to campaign. What sleep costs is that a dead leader is noticed only then, an
//! election timeout after the first input, so hosts that quiesce should watch each other by other
//! means and use [`Input::ForgetLeader`](super::Input).

use super::error::StepError;
use super::message::Body;
use super::{Raft, RoleState};
use crate::NodeId;

impl Raft {
    /// Whether a leader may quiesce: everything is committed, applied and everywhere, and nobody
    /// waits for anything.
    pub(super) fn admit_quiesce(&self) -> Result<(), StepError> {
        let RoleState::Leader(leadership) = &self.role_state else {
            return self.not_leader();
        };
        let last_index = self.log.last_index();
        let is_idle = self.applied_index == last_index
            && leadership.is_idle(last_index)
            && !self.membership().is_joint();
        if is_idle {
            Ok(())
        } else {
            Err(StepError::NotIdle)
        }
    }

    /// Tells everybody to sleep, and sleeps.
    pub(super) fn quiesce(&mut self) {
        let commit_index = self.commit_index;
        self.tell_peers(|_| Body::Quiesce { commit_index });
        self.is_quiesced = true;
    }

    /// The leader tells this node to sleep, unless it has appended something since: then that has
    /// overtaken the message.
    pub(super) fn receive_quiesce(&mut self, from: NodeId, commit_index: u64) {
        self.follow(from);
        self.commit_to(commit_index);
        self.is_quiesced = commit_index == self.log.last_index();
    }

    /// Something happens: timers run again, as if everybody had just been heard.
    #[inline(always)]
    pub(super) fn wake(&mut self) {
        if self.is_quiesced {
            self.wake_up();
        }
    }

    #[inline(never)]
    fn wake_up(&mut self) {
        self.is_quiesced = false;
        self.election_timer.started = self.now;
        if let RoleState::Leader(leadership) = &mut self.role_state {
            leadership.woken(self.now);
        }
    }
}
