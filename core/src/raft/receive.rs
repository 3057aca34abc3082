//! Messages, after the door: the rule for terms, then who acts on what.
//!
//! Whoever sees a higher term adopts it, and whoever asks in a lower one is told the current one.
//! Two requests are exceptions to the first half, or a node that was cut off for a while would
//! depose a leader whom everybody else hears: a pre-vote never changes a term, and a vote is
//! not even looked at while a leader is heard (dissertation 4.2.3 and 9.6).

use super::Raft;
use super::effects::{Role, RoleChangeReason};
use super::entry::EntryKind;
use super::follower::Fit;
use super::message::{Body, Message, Verdict};
use crate::{Micros, NodeId};

impl Raft {
    /// Acts on an admitted message. `fit` is there for appends of this term and higher ones.
    pub(super) fn receive(&mut self, now: Micros, message: Message, fit: Option<Fit>) {
        let Message {
            from, term, body, ..
        } = message;
        match body {
            Body::PreVote {
                last_index,
                last_term,
            } => {
                self.receive_pre_vote(now, from, term, (last_index, last_term));
                return;
            }
            Body::Vote { .. } if term > self.term && self.hears_leader(now) => return,
            _ => {}
        }
        if term > self.term {
            self.enter_term(term);
            if !matches!(body, Body::Append { .. } | Body::Heartbeat { .. }) {
                self.step_down(now, RoleChangeReason::HigherTermSeen);
            }
        }
        match body {
            // A refusal may come from a lower term, and a forwarded proposal is as good as new.
            Body::PreVoteReply {
                verdict,
                proposed_term,
            } => {
                self.receive_pre_vote_reply(now, from, verdict, proposed_term);
            }
            // It is not forwarded again: two nodes that each take the other for the leader would
            // never stop. The client tries again.
            Body::Propose { payload } => {
                if self.role() == Role::Leader {
                    self.append_as_leader(EntryKind::Command, payload);
                }
            }
            body if term < self.term => self.receive_stale(from, &body),
            body => self.receive_current(now, from, body, fit),
        }
    }

    /// Acts on a message of the current term.
    fn receive_current(&mut self, now: Micros, from: NodeId, body: Body, fit: Option<Fit>) {
        match body {
            Body::Vote {
                last_index,
                last_term,
            } => {
                self.receive_vote(now, from, (last_index, last_term));
            }
            Body::VoteReply { verdict } => self.receive_vote_reply(now, from, verdict),
            Body::Append {
                previous_index,
                previous_term,
                entries,
                commit_index,
            } => {
                let fit = fit.expect("the door fits every append of the current term");
                self.follow(now, from);
                let previous = (previous_index, previous_term);
                self.receive_append(from, fit, previous, entries, commit_index);
            }
            Body::AppendAccepted { match_index } => self.receive_accepted(now, from, match_index),
            Body::AppendRejected {
                rejected_index,
                hint_index,
                hint_term,
            } => {
                self.receive_rejected(now, from, rejected_index, (hint_index, hint_term));
            }
            Body::Heartbeat { commit_index } => {
                self.follow(now, from);
                self.receive_heartbeat(from, commit_index);
            }
            Body::HeartbeatReply => self.receive_heartbeat_reply(now, from),
            Body::PreVote { .. } | Body::PreVoteReply { .. } | Body::Propose { .. } => {
                unreachable!("these act the same in every term and were acted on before")
            }
        }
    }

    /// Tells the sender of a request of a lower term what the term is: a leader or candidate whom
    /// nobody contradicts would go on for ever. Answers of lower terms are void.
    fn receive_stale(&mut self, from: NodeId, body: &Body) {
        match *body {
            Body::Vote { .. } => {
                self.reply(
                    from,
                    Body::VoteReply {
                        verdict: Verdict::Refused,
                    },
                );
            }
            Body::Heartbeat { .. } => self.reply(from, Body::HeartbeatReply),
            Body::Append {
                previous_index: rejected_index,
                ..
            } => {
                let (hint_index, hint_term) = (self.log.last_index(), self.log.last_term());
                self.reply(
                    from,
                    Body::AppendRejected {
                        rejected_index,
                        hint_index,
                        hint_term,
                    },
                );
            }
            _ => {}
        }
    }
}
