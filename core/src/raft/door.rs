//! The door: what is refused before anything changes.
//!
//! Raft assumes that nodes crash but do not lie. Networks still deliver to the wrong address, old
//! binaries speak, disks lose what they acknowledged, and bugs happen; a node that acts on a
//! message no correct node can have sent turns one broken peer into a broken group. All checks
//! are made here, first and read-only, so that a refusal leaves no trace.
//!
//! Who *sends* is no ground for refusing a request: whom this node does not know may have joined
//! by entries that it lacks. Answers are another matter: a leader knows whom it asked.

use super::config::{Forwarding, MAX_BATCH};
use super::effects::{Input, Role};
use super::entry::{Entries, Entry, EntryKind};
use super::error::StepError;
use super::follower::Fit;
use super::membership::MembershipChange;
use super::message::{Body, Message, Verdict};
use super::snapshot::Snapshot;
use super::{COUNT_LIMIT, Raft, RoleState};
use crate::{Micros, NodeId};

impl Raft {
    /// Admits an input that is not among the most frequent ones, or says why not.
    pub(super) fn admit(&self, now: Micros, input: &Input) -> Result<(), StepError> {
        match input {
            Input::Campaign => self.admit_campaign(now),
            Input::ProposeBatch { payloads } => {
                if payloads.is_empty() || payloads.len() > MAX_BATCH {
                    return Err(StepError::BatchSize {
                        proposals: payloads.len(),
                    });
                }
                self.admit_commands(payloads.iter().map(|payload| payload.len() as u64).sum())
            }
            Input::ProposeMembership { change } => {
                self.admit_proposal()?;
                if self.role() == Role::Leader {
                    self.admit_change(change)?;
                }
                Ok(())
            }
            Input::Read { .. } => self.leader.map(|_| ()).ok_or(StepError::NoLeader),
            Input::TransferLeadership { to } => self.admit_transfer(*to),
            Input::ForgetLeader if self.role() == Role::Follower => self.admit_lack_of_leader(now),
            Input::Tick | Input::ForgetLeader => Ok(()),
            Input::Quiesce => self.admit_quiesce(),
            Input::SnapshotTaken { index } => self.admit_snapshot(*index),
            Input::Compact { index } => self.admit_compaction(*index),
            Input::SnapshotSent { to: peer, .. } | Input::Unreachable { peer } => {
                self.admit_report(*peer)
            }
            Input::Receive(_)
            | Input::Persisted { .. }
            | Input::Applied { .. }
            | Input::Propose { .. } => unreachable!("the step admits these itself"),
        }
    }

    /// The answer to who asks a node to do what only a leader does.
    pub(super) fn not_leader(&self) -> Result<(), StepError> {
        match self.leader {
            Some(leader) => Err(StepError::NotLeader { leader }),
            None => Err(StepError::NoLeader),
        }
    }

    /// Whether commands of so many bytes can be taken or forwarded.
    pub(super) fn admit_commands(&self, bytes: u64) -> Result<(), StepError> {
        self.admit_proposal()?;
        if self.role() == Role::Leader {
            self.admit_bytes(bytes)?;
        }
        Ok(())
    }

    /// Whether anything can be proposed here.
    fn admit_proposal(&self) -> Result<(), StepError> {
        let leader = self.leader.ok_or(StepError::NoLeader)?;
        if leader != self.config.id {
            return match self.config.forwarding {
                Forwarding::ToLeader => Ok(()),
                Forwarding::Off => Err(StepError::NotLeader { leader }),
            };
        }
        if self.is_leaving() || self.peer_progress(leader).is_none() {
            return Err(StepError::Removed);
        }
        Ok(())
    }

    /// Whether so many more bytes may be uncommitted.
    fn admit_bytes(&self, bytes: u64) -> Result<(), StepError> {
        let uncommitted_bytes = self.uncommitted_bytes();
        let max_uncommitted_bytes = self.config.max_uncommitted_bytes;
        if uncommitted_bytes > 0 && uncommitted_bytes.saturating_add(bytes) > max_uncommitted_bytes
        {
            return Err(StepError::TooMuchUncommitted {
                uncommitted_bytes,
                max_uncommitted_bytes,
            });
        }
        Ok(())
    }

    fn admit_transfer(&self, to: NodeId) -> Result<(), StepError> {
        self.leader.ok_or(StepError::NoLeader)?;
        if self.role() == Role::Leader && !self.is_transferable(to) {
            return Err(StepError::NotTransferable { to });
        }
        Ok(())
    }

    pub(super) fn admit_persisted(&self, io: u64) -> Result<(), StepError> {
        let last_io = self.storage.issued_io();
        if io > last_io {
            return Err(StepError::UnknownIo { io, last_io });
        }
        Ok(())
    }

    pub(super) fn admit_applied(&self, index: u64) -> Result<(), StepError> {
        if (self.applied_index..=self.handed_index).contains(&index) {
            return Ok(());
        }
        Err(StepError::AppliedOutOfRange {
            index,
            applied_index: self.applied_index,
            handed_index: self.handed_index,
        })
    }

    /// A report about somebody whom this leader does not know. One that comes after leadership
    /// was lost is merely late.
    fn admit_report(&self, peer: NodeId) -> Result<(), StepError> {
        let is_known = self.peer_progress(peer).is_some() && peer != self.config.id;
        if self.role() == Role::Leader && !is_known {
            return Err(StepError::UnknownPeer { peer });
        }
        Ok(())
    }

    /// Checks what a message says. For an append of the current or a higher term it also says how
    /// that fits the log.
    pub(super) fn admit_body(&self, message: &Message) -> Result<Option<Fit>, StepError> {
        let (from, term) = (message.from, message.term);
        if let Body::Append {
            previous_index,
            previous_term,
            entries,
            ..
        } = &message.body
        {
            let previous = (*previous_index, *previous_term);
            let fit = self.admit_append(from, term, previous, entries)?;
            return Ok((term >= self.term).then_some(fit));
        }
        self.admit_other(message).map(|()| None)
    }

    /// Checks an append, and says how it fits the log; one of a lower term is not compared.
    #[inline(always)]
    pub(super) fn admit_append(
        &self,
        from: NodeId,
        term: u64,
        (previous_index, previous_term): (u64, u64),
        entries: &Entries,
    ) -> Result<Fit, StepError> {
        possible_position(from, previous_index, previous_term, term)?;
        possible_entries(from, previous_index, previous_term, entries, term)?;
        self.admit_leader(from, term)?;
        if term < self.term {
            return Ok(Fit::Detached);
        }
        self.fit(previous_index, previous_term, entries)
    }

    /// Checks who sent a message, to whom, and in which term.
    pub(super) fn admit_envelope(&self, message: &Message) -> Result<(), StepError> {
        let Message {
            from,
            to,
            term,
            ref body,
        } = *message;
        self.admit_parties(from, to)?;
        // Only pre-votes are asked and answered before there was any term.
        let lowest = u64::from(!matches!(
            body,
            Body::PreVote { .. } | Body::PreVoteReply { .. }
        ));
        if !(lowest..COUNT_LIMIT).contains(&term) {
            return Err(StepError::TermOutOfRange { from, term });
        }
        Ok(())
    }

    /// Checks who sent it, and to whom.
    #[inline(always)]
    pub(super) fn admit_parties(&self, from: NodeId, to: NodeId) -> Result<(), StepError> {
        if to != self.config.id {
            return Err(StepError::WrongRecipient { to });
        }
        if from == to {
            return Err(StepError::UnknownSender { from });
        }
        Ok(())
    }

    /// Checks what a message without entries says.
    fn admit_other(&self, message: &Message) -> Result<(), StepError> {
        let (from, term) = (message.from, message.term);
        match &message.body {
            Body::PreVote {
                last_index,
                last_term,
            } => possible_position(from, *last_index, *last_term, term),
            Body::Vote {
                last_index,
                last_term,
                ..
            } => possible_position(from, *last_index, *last_term, term - 1),
            Body::PreVoteReply {
                verdict,
                proposed_term,
            } => self.admit_pre_vote_reply(from, term, *verdict, *proposed_term),
            Body::VoteReply {
                verdict: Verdict::Refused,
            }
            | Body::Append { .. } => Ok(()),
            Body::AppendAccepted { match_index } => {
                self.refuse_future(from, term)?;
                self.admit_answer(from, term, *match_index).map(|_| ())
            }
            Body::AppendRejected {
                rejected_index,
                hint_index,
                hint_term,
            } => {
                possible_position(from, *hint_index, *hint_term, term)?;
                let index = (*rejected_index).max(*hint_index);
                self.admit_answer(from, term, index).map(|_| ())
            }
            Body::Heartbeat { commit_index, .. } | Body::Commit { commit_index } => {
                self.admit_leader(from, term)?;
                self.admit_commit(term, *commit_index)
            }
            Body::Quiesce { commit_index } => {
                self.admit_leader(from, term)?;
                let last_index = self.log.last_index();
                if term >= self.term && *commit_index > last_index {
                    return Err(StepError::QuiescedBeyondLog {
                        commit_index: *commit_index,
                        last_index,
                    });
                }
                Ok(())
            }
            Body::HeartbeatReply { round, sent_at } => {
                self.admit_round(from, term, *round, *sent_at)
            }
            Body::Snapshot { snapshot, .. } => self.admit_offered(from, term, snapshot),
            Body::ReadReply { .. } | Body::TimeoutNow => self.admit_leader(from, term),
            Body::Propose { kind, payload } => {
                self.refuse_future(from, term)?;
                self.admit_forwarded(from, *kind, payload)
            }
            Body::Read { .. }
            | Body::VoteReply {
                verdict: Verdict::Granted,
            } => self.refuse_future(from, term),
            Body::TransferLeadership { to } => {
                self.refuse_future(from, term)?;
                if self.role() == Role::Leader {
                    self.admit_transfer(*to)?;
                }
                Ok(())
            }
        }
    }

    /// An election in the future of this node was not its own, and who grants one is not ahead of
    /// who asks.
    fn admit_pre_vote_reply(
        &self,
        from: NodeId,
        term: u64,
        verdict: Verdict,
        proposed_term: u64,
    ) -> Result<(), StepError> {
        let is_ahead = verdict == Verdict::Granted && term > self.term;
        if is_ahead || proposed_term.saturating_sub(1) > self.term {
            return Err(StepError::FromTheFuture {
                from,
                term: term.max(proposed_term),
                current_term: self.term,
            });
        }
        Ok(())
    }

    /// A proposal that somebody forwards. A node that does not lead any more ignores it.
    fn admit_forwarded(
        &self,
        from: NodeId,
        kind: EntryKind,
        payload: &[u8],
    ) -> Result<(), StepError> {
        let change = match kind {
            EntryKind::NoOp => return Err(StepError::NotAProposal { from }),
            EntryKind::Command => None,
            EntryKind::Membership => Some(
                MembershipChange::decode(payload).map_err(|_| StepError::BrokenChange { from })?,
            ),
        };
        if self.role() != Role::Leader {
            return Ok(());
        }
        self.admit_proposal()?;
        self.admit_bytes(payload.len() as u64)?;
        change.map_or(Ok(()), |change| self.admit_change(&change))
    }

    /// Refuses a second leader of the current term.
    #[inline(always)]
    pub(super) fn admit_leader(&self, from: NodeId, term: u64) -> Result<(), StepError> {
        match self.term_leader {
            Some(known) if term == self.term && known != from => Err(StepError::SecondLeader {
                term,
                known,
                claimed: from,
            }),
            _ => Ok(()),
        }
    }

    /// Refuses to be told of a commit that this node never acknowledged.
    #[inline(always)]
    pub(super) fn admit_commit(&self, term: u64, commit_index: u64) -> Result<(), StepError> {
        let last_index = self.log.last_index();
        if term >= self.term && commit_index > last_index {
            return Err(StepError::CommitBeyondLog {
                commit_index,
                last_index,
            });
        }
        Ok(())
    }

    /// Refuses an answer from nobody this leader asked, or about an index that it never had in
    /// this term. Otherwise, where that member is among the others; `None` if this is no leader
    /// whom the answer is for.
    #[inline(always)]
    pub(super) fn admit_answer(
        &self,
        from: NodeId,
        term: u64,
        index: u64,
    ) -> Result<Option<usize>, StepError> {
        let RoleState::Leader(leadership) = &self.role_state else {
            return Ok(None);
        };
        if term != self.term {
            return Ok(None);
        }
        let Some(at) = leadership.position(from) else {
            return Err(StepError::UnknownSender { from });
        };
        let last_index = self.log.last_index();
        if index > last_index {
            return Err(StepError::AnswerBeyondLog {
                from,
                index,
                last_index,
            });
        }
        Ok(Some(at))
    }

    /// Refuses an answer to a heartbeat that was never sent: it could confirm a read.
    fn admit_round(
        &self,
        from: NodeId,
        term: u64,
        round: u64,
        sent_at: Micros,
    ) -> Result<(), StepError> {
        self.admit_answer(from, term, 0)?;
        let is_current = self.role() == Role::Leader && term == self.term;
        if is_current && (round > self.last_round() || sent_at > self.now) {
            return Err(StepError::UnknownRound { from, round });
        }
        Ok(())
    }

    /// Refuses a snapshot that no leader can have taken, or that contradicts the log.
    fn admit_offered(&self, from: NodeId, term: u64, snapshot: &Snapshot) -> Result<(), StepError> {
        let position = snapshot.position;
        self.admit_leader(from, term)?;
        possible_position(from, position.index, position.term, term)?;
        if snapshot.membership.incoming().is_empty() {
            return Err(StepError::ImpossiblePosition {
                from,
                index: position.index,
                term: position.term,
            });
        }
        let agrees = self.log.term_at(position.index) != Some(position.term)
            || self.log.prefix_hash_at(position.index) == Some(position.prefix_hash);
        if term >= self.term && !agrees {
            return Err(StepError::PrefixHashMismatch {
                index: position.index,
            });
        }
        Ok(())
    }

    /// Refuses what answers or addresses this node in a term that it has never reached.
    fn refuse_future(&self, from: NodeId, term: u64) -> Result<(), StepError> {
        if term > self.term {
            return Err(StepError::FromTheFuture {
                from,
                term,
                current_term: self.term,
            });
        }
        Ok(())
    }
}

/// Refuses a log position that cannot exist: only the start of the log has index or term zero,
/// and no entry is younger than `newest`.
#[inline(always)]
fn possible_position(from: NodeId, index: u64, term: u64, newest: u64) -> Result<(), StepError> {
    if (index == 0) != (term == 0) || term > newest || index >= COUNT_LIMIT {
        return Err(StepError::ImpossiblePosition { from, index, term });
    }
    Ok(())
}

/// Refuses entries whose terms leave `previous_term..=newest` or run backwards, and changes of
/// membership that cannot be read.
#[inline(always)]
fn possible_entries(
    from: NodeId,
    previous_index: u64,
    previous_term: u64,
    entries: &Entries,
    newest: u64,
) -> Result<(), StepError> {
    let first_index = previous_index + 1;
    let mut last_term = previous_term.max(1);
    for (index, entry) in (first_index..).zip(entries.iter()) {
        let term = entry.term();
        if term < last_term {
            return Err(StepError::EntryTerm { index, term });
        }
        if entry.kind() == EntryKind::Membership {
            MembershipChange::decode(entry.payload())
                .map_err(|_| StepError::BrokenChange { from })?;
        }
        last_term = term;
    }
    // They do not decrease, so none is newer than the last.
    if last_term > newest {
        let known = entries.partition_point(|entry| entry.term() <= newest);
        let index = first_index + known as u64;
        let term = entries.get(known).map_or(last_term, Entry::term);
        return Err(StepError::EntryTerm { index, term });
    }
    Ok(())
}
