//! The door: what is refused before anything changes.
//!
//! Raft assumes that nodes crash but do not lie. Networks still deliver to the wrong address, old
//! binaries speak, disks lose what they acknowledged, and bugs happen; a node that acts on a
//! message no correct node can have sent turns one broken peer into a broken group. All checks
//! are made here, first and read-only, so that a refusal leaves no trace.

use super::effects::{Input, Role};
use super::entry::Entry;
use super::error::StepError;
use super::follower::Fit;
use super::message::{Body, Message, Verdict};
use super::{COUNT_LIMIT, Raft};
use crate::NodeId;

impl Raft {
    /// Admits an input or says why not. For an append of the current or a higher term it also
    /// says how that fits the log.
    pub(super) fn admit(&self, input: &Input) -> Result<Option<Fit>, StepError> {
        match input {
            Input::Tick | Input::Campaign => {}
            Input::Receive(message) => return self.admit_message(message),
            Input::Propose { .. } => {
                self.leader.ok_or(StepError::NoLeader)?;
            }
            Input::Persisted { io } => {
                let last_io = self.storage.issued_io();
                if *io > last_io {
                    return Err(StepError::UnknownIo { io: *io, last_io });
                }
            }
            Input::Applied { index } => {
                if !(self.applied_index..=self.handed_index).contains(index) {
                    return Err(StepError::AppliedOutOfRange {
                        index: *index,
                        applied_index: self.applied_index,
                        handed_index: self.handed_index,
                    });
                }
            }
        }
        Ok(None)
    }

    /// Checks the envelope, then what the message says.
    fn admit_message(&self, message: &Message) -> Result<Option<Fit>, StepError> {
        self.admit_envelope(message)?;
        let Message {
            from,
            term,
            ref body,
            ..
        } = *message;
        if let Body::Append {
            previous_index,
            previous_term,
            entries,
            ..
        } = body
        {
            possible_position(from, *previous_index, *previous_term, term)?;
            possible_entries(*previous_index, *previous_term, entries, term)?;
            self.admit_leader(from, term)?;
            if term >= self.term {
                return self.fit(*previous_index, *previous_term, entries).map(Some);
            }
            return Ok(None);
        }
        self.admit_body(from, term, body).map(|()| None)
    }

    /// Checks who sent it, to whom, and in which term.
    fn admit_envelope(&self, message: &Message) -> Result<(), StepError> {
        let Message {
            from,
            to,
            term,
            ref body,
        } = *message;
        if to != self.config.id {
            return Err(StepError::WrongRecipient { to });
        }
        if from == to || !self.config.is_voter(from) {
            return Err(StepError::UnknownSender { from });
        }
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

    /// Checks what a message without entries says.
    fn admit_body(&self, from: NodeId, term: u64, body: &Body) -> Result<(), StepError> {
        match body {
            Body::PreVote {
                last_index,
                last_term,
            } => {
                possible_position(from, *last_index, *last_term, term)?;
            }
            Body::Vote {
                last_index,
                last_term,
            } => {
                possible_position(from, *last_index, *last_term, term - 1)?;
            }
            Body::PreVoteReply {
                verdict,
                proposed_term,
            } => {
                // An election in the future of this node was not its own. Who grants one is
                // not ahead of who asks.
                let granted_ahead = *verdict == Verdict::Granted && term > self.term;
                if granted_ahead || proposed_term.saturating_sub(1) > self.term {
                    return Err(self.future(from, term.max(*proposed_term)));
                }
            }
            Body::VoteReply {
                verdict: Verdict::Granted,
            }
            | Body::Propose { .. }
                if term > self.term =>
            {
                return Err(self.future(from, term));
            }
            Body::VoteReply { .. }
            | Body::HeartbeatReply
            | Body::Propose { .. }
            | Body::Append { .. } => {}
            Body::AppendAccepted { match_index } => {
                if term > self.term {
                    return Err(self.future(from, term));
                }
                self.admit_answer(from, term, *match_index)?;
            }
            Body::AppendRejected {
                rejected_index,
                hint_index,
                hint_term,
            } => {
                possible_position(from, *hint_index, *hint_term, term)?;
                self.admit_answer(from, term, (*rejected_index).max(*hint_index))?;
            }
            Body::Heartbeat { commit_index } => {
                self.admit_leader(from, term)?;
                let last_index = self.log.last_index();
                if term >= self.term && *commit_index > last_index {
                    let commit_index = *commit_index;
                    return Err(StepError::CommitBeyondLog {
                        commit_index,
                        last_index,
                    });
                }
            }
        }
        Ok(())
    }

    /// Refuses a second leader of the current term.
    fn admit_leader(&self, from: NodeId, term: u64) -> Result<(), StepError> {
        match self.term_leader {
            Some(known) if term == self.term && known != from => Err(StepError::SecondLeader {
                term,
                known,
                claimed: from,
            }),
            _ => Ok(()),
        }
    }

    /// Refuses an answer about an index that this leader never had in this term.
    fn admit_answer(&self, from: NodeId, term: u64, index: u64) -> Result<(), StepError> {
        let last_index = self.log.last_index();
        if self.role() == Role::Leader && term == self.term && index > last_index {
            return Err(StepError::AnswerBeyondLog {
                from,
                index,
                last_index,
            });
        }
        Ok(())
    }

    fn future(&self, from: NodeId, term: u64) -> StepError {
        StepError::FromTheFuture {
            from,
            term,
            current_term: self.term,
        }
    }
}

/// Refuses a log position that cannot exist: only the start of the log has index or term zero,
/// and no entry is younger than `newest`.
fn possible_position(from: NodeId, index: u64, term: u64, newest: u64) -> Result<(), StepError> {
    if (index == 0) != (term == 0) || term > newest {
        return Err(StepError::ImpossiblePosition { from, index, term });
    }
    Ok(())
}

/// Refuses entries that do not follow each other, or whose terms leave `previous_term..=newest`
/// or run backwards.
fn possible_entries(
    previous_index: u64,
    previous_term: u64,
    entries: &[Entry],
    newest: u64,
) -> Result<(), StepError> {
    let (mut last_index, mut last_term) = (previous_index, previous_term.max(1));
    for entry in entries {
        let expected = last_index.saturating_add(1);
        if entry.index != expected || expected == last_index {
            return Err(StepError::EntryOutOfOrder {
                expected,
                found: entry.index,
            });
        }
        if entry.term < last_term || entry.term > newest {
            return Err(StepError::EntryTerm {
                index: entry.index,
                term: entry.term,
            });
        }
        (last_index, last_term) = (entry.index, entry.term);
    }
    Ok(())
}
