//! The commit rule.
//!
//! The trap: an entry of an *earlier* term on a majority may still be overwritten by a leader
//! that never saw it (Figure 8 of the paper); only an entry of the leader's own term, counted on a
//! majority, commits itself and with it everything before. That is why a new leader appends a
//! no-op: without it, old entries would wait for a client.

use super::{Leadership, Member, Raft};
use crate::raft::RoleState;
use crate::raft::quorum::{Count, is_reached_by_both};
use crate::raft::rules::Rule;

impl Leadership {
    /// Whether a quorum has everything up to `index`. Only counts, where [`Raft::reached`] sorts.
    fn is_stored(&self, index: u64) -> bool {
        let (mut incoming, mut outgoing) = (Count::default(), Count::default());
        for Member {
            votes, progress, ..
        } in &self.members
        {
            let has = progress.match_index >= index;
            if votes.0 {
                incoming.push(has);
            }
            if votes.1 {
                outgoing.push(has);
            }
        }
        is_reached_by_both(incoming, outgoing)
    }
}

impl Raft {
    /// This node's own log has become durable further.
    #[inline(always)]
    pub(in crate::raft) fn count_own_log(&mut self) {
        let (own, counted) = (self.config.id, self.counted_index());
        let RoleState::Leader(leadership) = &mut self.role_state else {
            return;
        };
        if let Some(at) = leadership.position(own) {
            let progress = &mut leadership.members[at].progress;
            if progress.match_index < counted {
                progress.match_index = counted;
                progress.next_index = progress.next_index.max(counted + 1);
                self.advance_commit(counted);
                if !self.membership().witnesses().is_empty() {
                    self.fill_witnesses();
                }
            }
        }
    }

    /// Commits what a quorum has, if it is of the current term, and says so. `news` is how far a
    /// member is known to match since the last time, and so the most that can be committed now,
    /// unless the members have changed.
    pub(super) fn advance_commit(&mut self, news: u64) {
        let reached = self.quorum_index(news);
        if reached <= self.commit_index {
            return;
        }
        let is_own = self.log.term_at(reached) == Some(self.term);
        if is_own || !self.keeps(Rule::CommitsOwnTermOnly) {
            self.commit_as_leader(reached);
        }
    }

    /// What a quorum has; if that is no more than what is committed, something up to there.
    fn quorum_index(&self, news: u64) -> u64 {
        if !self.keeps(Rule::CommitNeedsQuorum) {
            return self.reached_by_anybody();
        }
        let Some(leadership) = self.leadership() else {
            return 0;
        };
        let next = self.commit_index + 1;
        if leadership.is_stored(news) {
            news
        } else if news > next && leadership.is_stored(next) {
            self.reached(|member| member.progress.match_index)
        } else {
            0
        }
    }

    /// Commits up to `index`.
    fn commit_as_leader(&mut self, index: u64) {
        let bytes = self.log.payload_bytes(self.commit_index + 1..index + 1);
        self.commit_index = index;
        let Some(leadership) = self.leadership_mut() else {
            return;
        };
        // Those of earlier terms were never counted.
        leadership.uncommitted_bytes = leadership.uncommitted_bytes.saturating_sub(bytes);
        for at in 0..leadership.members.len() {
            self.announce_commit(at);
        }
        self.confirm_postponed_reads();
    }

    /// Whether this leader has committed an entry of its own term: only then does its commit
    /// index cover everything that earlier leaders committed.
    pub(in crate::raft) fn has_committed_in_term(&self) -> bool {
        self.log.term_at(self.commit_index) == Some(self.term)
    }

    /// What any two members have: not a quorum.
    fn reached_by_anybody(&self) -> u64 {
        let Some(leadership) = self.leadership() else {
            return 0;
        };
        let matched = |member: &Member| member.progress.match_index;
        leadership.members.iter().map(matched).max().unwrap_or(0)
    }
}
