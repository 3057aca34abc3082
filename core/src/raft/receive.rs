//! A message arrives: terms first, then what it says.
//!
//! A higher term makes everybody a follower, and a lower one is answered with the current one.
//! Some messages are exceptions to the first half, or a node that was cut off for a while would
//! depose a leader whom everybody else hears: a pre-vote never changes a term, and with
//! check-quorum no request for a vote is even looked at while a leader is heard (dissertation
//! 4.2.3 and 9.6), unless that leader wants it so.

use alloc::sync::Arc;

use super::Raft;
use super::effects::{Role, RoleChangeReason};
use super::error::StepError;
use super::follower::Fit;
use super::message::{Body, Cause, Message, Verdict};
use crate::{Micros, NodeId};

impl Raft {
    /// Admits a message and acts on it.
    ///
    /// Every entry takes three kinds of messages, all of the current term once there is a leader.
    /// They go straight to who acts on them, and bring their entries along; everything else goes
    /// the long way, on which terms change.
    #[inline(always)]
    pub(super) fn receive(&mut self, now: Micros, message: Message) -> Result<(), StepError> {
        match message {
            Message {
                from,
                to,
                term,
                body:
                    Body::Append {
                        previous_index,
                        previous_term,
                        mut entries,
                        commit_index,
                    },
            } if self.is_current(term) => {
                let previous = (previous_index, previous_term);
                self.admit_parties(from, to)?;
                let fit = self.admit_append(from, term, previous, &entries)?;
                self.begin_message(now);
                self.follow(from);
                self.receive_append(from, fit, previous, &mut entries, commit_index);
            }
            Message {
                from,
                to,
                term,
                body: Body::AppendAccepted { match_index },
            } if self.is_current(term) => {
                self.admit_parties(from, to)?;
                let at = self.admit_answer(from, term, match_index)?;
                self.begin_message(now);
                if let Some(at) = at {
                    self.receive_accepted(at, match_index);
                }
            }
            Message {
                from,
                to,
                term,
                body: Body::Commit { commit_index },
            } if self.is_current(term) => {
                self.admit_parties(from, to)?;
                self.admit_leader(from, term)?;
                self.admit_commit(term, commit_index)?;
                self.begin_message(now);
                self.follow(from);
                self.commit_to(commit_index);
            }
            message => self.receive_any(now, &message)?,
        }
        Ok(())
    }

    /// Whether `term` is the current one, and there was any.
    #[inline(always)]
    fn is_current(&self, term: u64) -> bool {
        term == self.term && term > 0
    }

    /// Begins the step of an admitted message.
    #[inline(always)]
    fn begin_message(&mut self, now: Micros) {
        self.begin(now);
        self.wake();
    }

    /// Admits any message, and acts on it.
    #[inline(never)]
    fn receive_any(&mut self, now: Micros, message: &Message) -> Result<(), StepError> {
        self.admit_envelope(message)?;
        let fit = self.admit_body(message)?;
        self.begin_message(now);
        self.receive_admitted(message, fit);
        Ok(())
    }

    /// Acts on an admitted message. `fit` is there for appends of this term and higher ones.
    fn receive_admitted(&mut self, message: &Message, fit: Option<Fit>) {
        let Message {
            from,
            term,
            ref body,
            ..
        } = *message;
        if self.is_unwelcome(term, body) {
            return;
        }
        if term > self.term && !matches!(body, Body::PreVote { .. }) {
            self.enter_term(term);
            if !body.is_from_leader() {
                self.step_down(RoleChangeReason::HigherTermSeen);
            }
        }
        if term < self.term {
            self.receive_stale(from, term, body);
        } else {
            self.receive_current(from, term, body, fit);
        }
    }

    /// Whether a request for a vote is not looked at, because a leader is heard.
    fn is_unwelcome(&self, term: u64, body: &Body) -> bool {
        match body {
            Body::PreVote { .. } => term >= self.term && self.keeps_quiet(),
            Body::Vote {
                cause: Cause::Election,
                ..
            } => term > self.term && self.keeps_quiet(),
            _ => false,
        }
    }

    /// Acts on a message of the current term, or on a pre-vote for a higher one.
    fn receive_current(&mut self, from: NodeId, term: u64, body: &Body, fit: Option<Fit>) {
        match *body {
            Body::Append {
                previous_index,
                previous_term,
                ref entries,
                commit_index,
            } => {
                let fit = fit.expect("the door fits every append of the current term");
                self.follow(from);
                let previous = (previous_index, previous_term);
                self.receive_append(from, fit, previous, &mut entries.clone(), commit_index);
            }
            Body::Commit { commit_index } => {
                self.follow(from);
                self.commit_to(commit_index);
            }
            Body::AppendRejected {
                rejected_index,
                hint_index,
                hint_term,
            } => self.receive_rejected(from, rejected_index, (hint_index, hint_term)),
            Body::Heartbeat {
                commit_index,
                round,
                sent_at,
            } => {
                self.follow(from);
                self.receive_heartbeat(from, commit_index, Body::HeartbeatReply { round, sent_at });
            }
            Body::HeartbeatReply { round, sent_at } => {
                self.receive_heartbeat_reply(from, round, sent_at);
            }
            Body::Vote {
                last_index,
                last_term,
                ..
            } => self.receive_vote(from, (last_index, last_term)),
            Body::VoteReply { verdict } => self.receive_vote_reply(from, verdict),
            Body::Snapshot { ref snapshot, .. } => {
                self.follow(from);
                self.receive_snapshot(from, Arc::clone(snapshot));
            }
            Body::ReadReply { id, index } => self.receive_read_reply(id, index),
            Body::TimeoutNow => self.receive_timeout_now(),
            Body::Quiesce { commit_index } => self.receive_quiesce(from, commit_index),
            _ => self.receive_whenever(from, term, body),
        }
    }

    /// Acts on what means the same in every term: questions and answers about the next one, and
    /// wishes that others pass on. Those are not passed on again: two nodes that each take the
    /// other for the leader would never stop. The client tries again.
    fn receive_whenever(&mut self, from: NodeId, term: u64, body: &Body) {
        match *body {
            Body::PreVote {
                last_index,
                last_term,
            } => self.receive_pre_vote(from, term, (last_index, last_term)),
            Body::PreVoteReply {
                verdict,
                proposed_term,
            } => self.receive_pre_vote_reply(from, verdict, proposed_term),
            Body::Propose { kind, ref payload } if self.role() == Role::Leader => {
                self.propose(kind, Arc::clone(payload));
            }
            Body::TransferLeadership { to } if self.role() == Role::Leader => {
                self.transfer_leadership(to);
            }
            Body::Read { id } if self.role() == Role::Leader => self.confirm_read(from, id),
            _ => {}
        }
    }

    /// Tells the sender of a request of a lower term what the term is: a leader or candidate whom
    /// nobody contradicts would go on for ever. Answers of lower terms are void.
    ///
    /// The answer carries the term and says nothing else: rounds count from one. Its receiver may be
    /// leading that term by now, and numbers its heartbeats anew: it would take the round of an old
    /// one for one of its own, and confirm a read with an answer that was given before it began.
    fn receive_stale(&mut self, from: NodeId, term: u64, body: &Body) {
        let reply = match *body {
            Body::Vote { .. } => Body::VoteReply {
                verdict: Verdict::Refused,
            },
            Body::Heartbeat { .. } | Body::Append { .. } | Body::Snapshot { .. } => {
                Body::HeartbeatReply {
                    round: 0,
                    sent_at: Micros::ZERO,
                }
            }
            _ => return self.receive_whenever(from, term, body),
        };
        self.reply(from, reply);
    }
}
