//! The follower: takes entries, and says where its log disagrees.
//!
//! An append that arrives late or twice must not cut the log back to where it ends: entries after
//! it may be committed. So the log is cut only at an entry that *contradicts* the append, and an
//! append that contradicts a committed entry is not obeyed at all: no leader can send it.

use alloc::vec::Vec;

use super::Raft;
use super::entry::Entry;
use super::error::StepError;
use super::message::Body;
use crate::NodeId;

/// How an append relates to the follower's log: what the door finds out, and the follower acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// The previous entry is no longer in the log. It is committed, as is all before it.
    Compacted,
    /// The log does not have the previous entry.
    Detached,
    /// The log has the previous entry and the first `known` entries of the append. If there is
    /// more, it replaces what the log has there.
    Attached {
        /// How many entries of the append the log has.
        known: usize,
    },
}

impl Raft {
    /// How an append fits the log, or why no leader can have sent it.
    pub(super) fn fit(
        &self,
        previous_index: u64,
        previous_term: u64,
        entries: &[Entry],
    ) -> Result<Fit, StepError> {
        if previous_index < self.log.boundary().index {
            return Ok(Fit::Compacted);
        }
        if self.log.term_at(previous_index) != Some(previous_term) {
            return self
                .refuse_below_commit(previous_index)
                .map(|()| Fit::Detached);
        }
        let known = entries
            .iter()
            .take_while(|entry| self.log.term_at(entry.index) == Some(entry.term))
            .count();
        if let Some(first_new) = entries.get(known) {
            self.refuse_below_commit(first_new.index)?;
        }
        // Where index and term agree the logs agree (Log Matching), so the hashes must, too.
        let mut previous_hash = self.log.prefix_hash_at(previous_index).unwrap_or_default();
        for entry in entries {
            if !entry.follows(previous_hash) {
                return Err(StepError::PrefixHashMismatch { index: entry.index });
            }
            previous_hash = entry.prefix_hash;
        }
        let last_known = previous_index + known as u64;
        let agreed_hash = known.checked_sub(1).map(|last| entries[last].prefix_hash);
        if agreed_hash.is_some_and(|hash| self.log.prefix_hash_at(last_known) != Some(hash)) {
            return Err(StepError::PrefixHashMismatch { index: last_known });
        }
        Ok(Fit::Attached { known })
    }

    /// A disagreement at `index` is an error if that is committed.
    fn refuse_below_commit(&self, index: u64) -> Result<(), StepError> {
        if index <= self.commit_index {
            return Err(StepError::OverwritesCommitted {
                index,
                commit_index: self.commit_index,
            });
        }
        Ok(())
    }

    /// Takes the append of the current leader, of which `fit` was found out at the door.
    pub(super) fn receive_append(
        &mut self,
        from: NodeId,
        fit: Fit,
        (previous_index, previous_term): (u64, u64),
        entries: Vec<Entry>,
        commit_index: u64,
    ) {
        let body = match fit {
            Fit::Compacted => Body::AppendAccepted {
                match_index: self.commit_index,
            },
            Fit::Detached => {
                let hint_index = self.log.last_at_most(previous_index, previous_term);
                let hint_term = self.log.term_at(hint_index).unwrap_or_default();
                Body::AppendRejected {
                    rejected_index: previous_index,
                    hint_index,
                    hint_term,
                }
            }
            Fit::Attached { known } => {
                let match_index = previous_index + entries.len() as u64;
                self.extend(entries, known);
                // What lies beyond the append may differ from the leader's log.
                self.commit_to(commit_index.min(match_index));
                Body::AppendAccepted { match_index }
            }
        };
        self.reply(from, body);
    }

    /// Takes the heartbeat of the current leader.
    pub(super) fn receive_heartbeat(&mut self, from: NodeId, commit_index: u64) {
        self.commit_to(commit_index);
        self.reply(from, Body::HeartbeatReply);
    }

    /// Adds the entries after the first `known`, in place of what contradicts them.
    fn extend(&mut self, entries: Vec<Entry>, known: usize) {
        let mut fresh = entries.into_iter().skip(known).peekable();
        let Some(first) = fresh.peek() else { return };
        if first.index <= self.log.last_index() {
            self.log.truncate(first.index);
            self.storage.truncate(first.index);
        }
        for entry in fresh {
            self.log.push(entry);
        }
    }

    /// Commits up to `index`, which may be old news.
    fn commit_to(&mut self, index: u64) {
        self.commit_index = self.commit_index.max(index);
    }
}
