//! Confirming reads: by asking a quorum, or by a lease.
//!
//! Every round of heartbeats has a number that comes back with the answers. A read waits for a
//! quorum to have answered a round that began after it was asked: then no other leader had been
//! elected by the time the read began. With a lease it need not wait: a quorum that answered a
//! heartbeat *sent* at some time does not elect anybody else for an election timeout after that.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use super::Raft;
use crate::raft::effects::Read;
use crate::raft::message::Body;
use crate::raft::rules::Rule;
use crate::{Micros, NodeId};

/// The reads that wait to be confirmed.
#[derive(Clone, Debug, Default)]
pub(super) struct LeaderReads {
    /// The last round of heartbeats.
    round: u64,
    /// Waiting for a round, in the order of their rounds and indices.
    waiting: VecDeque<WaitingRead>,
    /// Asked before anything of this term was committed.
    postponed: Vec<(NodeId, u64)>,
}

#[derive(Clone, Copy, Debug)]
struct WaitingRead {
    from: NodeId,
    id: u64,
    /// What was committed when it was asked.
    index: u64,
    /// The round that confirms it.
    round: u64,
}

impl LeaderReads {
    /// Whether nobody waits.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.postponed.is_empty()
    }

    /// The number of the last round.
    pub(super) fn last_round(&self) -> u64 {
        self.round
    }

    /// The number of a new round.
    pub(super) fn next_round(&mut self) -> u64 {
        self.round += 1;
        self.round
    }
}

impl Raft {
    /// Somebody, perhaps this node, asks for a read.
    pub(in crate::raft) fn confirm_read(&mut self, from: NodeId, id: u64) {
        if !self.has_committed_in_term() {
            if let Some(leadership) = self.leadership_mut() {
                leadership.reads.postponed.push((from, id));
            }
            return;
        }
        let index = self.commit_index;
        if self.holds_lease() {
            self.answer_read(from, id, index);
            return;
        }
        if let Some(leadership) = self.leadership_mut() {
            let reads = &mut leadership.reads;
            let round = reads.round + 1;
            reads.waiting.push_back(WaitingRead {
                from,
                id,
                index,
                round,
            });
        }
        self.send_heartbeats();
        // A group of one has a quorum already.
        self.answer_confirmed_reads();
    }

    /// A member has answered a heartbeat.
    pub(in crate::raft) fn receive_heartbeat_reply(
        &mut self,
        from: NodeId,
        round: u64,
        sent_at: Micros,
    ) {
        let Some((at, progress)) = self.heard(from) else {
            return;
        };
        if round > progress.acked_round {
            progress.acked_round = round;
            progress.acked_sent_at = sent_at;
        }
        self.resume(at);
        let has_waiting = self
            .leadership()
            .is_some_and(|leadership| !leadership.reads.waiting.is_empty());
        if has_waiting {
            self.answer_confirmed_reads();
        }
    }

    /// The reads that were asked too early, now that something of this term is committed.
    pub(super) fn confirm_postponed_reads(&mut self) {
        let Some(leadership) = self.leadership_mut() else {
            return;
        };
        if leadership.reads.postponed.is_empty() {
            return;
        }
        for (from, id) in core::mem::take(&mut leadership.reads.postponed) {
            self.confirm_read(from, id);
        }
    }

    /// The reads that nobody will confirm any more, because this node stops leading.
    pub(in crate::raft) fn abandon_waiting_reads(&mut self) {
        let Some(leadership) = self.leadership_mut() else {
            return;
        };
        let reads = core::mem::take(&mut leadership.reads);
        let waiting = reads.waiting.into_iter().map(|read| (read.from, read.id));
        for (from, id) in waiting.chain(reads.postponed) {
            self.abandon_read(from, id);
        }
    }

    /// Answers the reads whose round a quorum has answered.
    pub(super) fn answer_confirmed_reads(&mut self) {
        let confirmed = self.reached(|member| member.progress.acked_round);
        while let Some(leadership) = self.leadership_mut()
            && let Some(read) = leadership.reads.waiting.front().copied()
            && read.round <= confirmed
        {
            leadership.reads.waiting.pop_front();
            self.answer_read(read.from, read.id, read.index);
        }
    }

    fn answer_read(&mut self, from: NodeId, id: u64, index: u64) {
        if from == self.config.id {
            self.read_confirmed(Read { id, index });
        } else {
            self.tell(from, Body::ReadReply { id, index });
        }
    }

    /// Whether a quorum has promised not to elect anybody else for now.
    fn holds_lease(&self) -> bool {
        let (Some(mut lease), Some(leadership)) = (self.config.lease(), self.leadership()) else {
            return false;
        };
        if leadership.has_offered {
            return false;
        }
        let own = self.config.id;
        let keeps_drift = self.keeps(Rule::LeaseAllowsForDrift);
        if !keeps_drift {
            lease = self.config.election_timeout;
        }
        let promised_at = self.reached(|member| match member.id == own {
            true => self.now.0,
            false if keeps_drift => member.progress.acked_sent_at.0,
            false => member.progress.last_heard.0,
        });
        self.now < Micros(promised_at) + lease
    }
}
