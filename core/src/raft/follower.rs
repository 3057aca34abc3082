//! The follower: takes entries, and says where its log disagrees.
//!
//! An append that arrives late or twice must not cut the log back to where it ends: entries after
//! it may be committed. So the log is cut only at an entry that *contradicts* the append, and an
//! append that contradicts a committed entry is not obeyed at all: no leader can send it.

use super::Raft;
use super::entry::{Entries, Entry, EntryKind};
use super::error::StepError;
use super::message::Body;
use super::rules::Rule;
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
    /// How an append fits the log, or why no leader can have sent it. Usually it goes on where the
    /// log ends.
    #[inline(always)]
    pub(super) fn fit(
        &self,
        previous_index: u64,
        previous_term: u64,
        entries: &Entries,
    ) -> Result<Fit, StepError> {
        let log = &self.log;
        let goes_on = (previous_index, previous_term) == (log.last_index(), log.last_term());
        if goes_on && entries.previous_hash() == log.last_prefix_hash() && !self.is_blank() {
            return Ok(Fit::Attached { known: 0 });
        }
        self.fit_within(previous_index, previous_term, entries)
    }

    #[inline(never)]
    fn fit_within(
        &self,
        previous_index: u64,
        previous_term: u64,
        entries: &Entries,
    ) -> Result<Fit, StepError> {
        if previous_index < self.log.boundary().index {
            return Ok(Fit::Compacted);
        }
        // The entries alone do not say who belonged to the group before the first of them.
        if self.is_blank() {
            return Ok(Fit::Detached);
        }
        if self.log.term_at(previous_index) != Some(previous_term) {
            return self
                .refuse_below_commit(previous_index)
                .map(|()| Fit::Detached);
        }
        let known = self.known(previous_index, entries);
        if known < entries.len() {
            self.refuse_below_commit(previous_index + 1 + known as u64)?;
        }
        // Where index and term agree the logs agree (Log Matching), so the hashes must, too. What
        // follows from them was checked when the batch was made.
        let last_known = previous_index + known as u64;
        let agreed_hash = match known.checked_sub(1) {
            Some(last) => entries[last].prefix_hash(),
            None => entries.previous_hash(),
        };
        if self.log.prefix_hash_at(last_known) != Some(agreed_hash) {
            return Err(StepError::PrefixHashMismatch { index: last_known });
        }
        Ok(Fit::Attached { known })
    }

    /// How many of the entries after `previous_index` the log has already.
    fn known(&self, previous_index: u64, entries: &Entries) -> usize {
        if previous_index == self.log.last_index() {
            return 0;
        }
        let indices = previous_index + 1..;
        let pairs = indices.zip(entries.iter());
        pairs
            .take_while(|(index, entry)| self.log.term_at(*index) == Some(entry.term()))
            .count()
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
    #[inline(always)]
    pub(super) fn receive_append(
        &mut self,
        from: NodeId,
        fit: Fit,
        previous: (u64, u64),
        entries: &mut Entries,
        commit_index: u64,
    ) {
        let Fit::Attached { known } = fit else {
            self.decline_append(from, fit, previous);
            return;
        };
        let (previous_index, _) = previous;
        let match_index = previous_index + entries.len() as u64;
        self.extend(previous_index, entries, known);
        // What lies beyond the append may differ from the leader's log.
        if self.keeps(Rule::CommitWithinMatch) {
            self.commit_to(commit_index.min(match_index));
        } else {
            self.commit_to(commit_index.min(self.log.last_index()));
        }
        self.reply(from, Body::AppendAccepted { match_index });
    }

    /// Answers an append that adds nothing, because its start is missing or long committed.
    #[inline(never)]
    fn decline_append(
        &mut self,
        from: NodeId,
        fit: Fit,
        (previous_index, previous_term): (u64, u64),
    ) {
        let body = if fit == Fit::Detached {
            let hint_index = self.log.last_at_most(previous_index, previous_term);
            let hint_term = self.log.term_at(hint_index).unwrap_or_default();
            Body::AppendRejected {
                rejected_index: previous_index,
                hint_index,
                hint_term,
            }
        } else {
            Body::AppendAccepted {
                match_index: self.commit_index,
            }
        };
        self.reply(from, body);
    }

    /// Takes the heartbeat of the current leader.
    pub(super) fn receive_heartbeat(&mut self, from: NodeId, commit_index: u64, reply: Body) {
        self.commit_to(commit_index);
        self.reply(from, reply);
    }

    /// Adds the entries after the first `known`, in place of what contradicts them.
    #[inline(always)]
    fn extend(&mut self, previous_index: u64, entries: &mut Entries, known: usize) {
        if known == 0 && previous_index == self.log.last_index() {
            self.append_as_follower(previous_index + 1, entries);
        } else {
            self.replace(previous_index, entries, known);
        }
    }

    /// Adds entries to the end of the log, where the first of them is to stand at `first_index`,
    /// and takes them away.
    #[inline(always)]
    fn append_as_follower(&mut self, first_index: u64, entries: &mut Entries) {
        if entries.is_empty() {
            return;
        }
        let changes = |entry: &Entry| entry.kind() == EntryKind::Membership;
        if entries.iter().any(changes) {
            self.note_changes(first_index, entries);
        }
        self.log.extend(entries);
        self.recent = Some((first_index, core::mem::take(entries)));
    }

    /// Notes where changes of membership stand, of which there are some.
    #[inline(never)]
    fn note_changes(&mut self, first_index: u64, entries: &Entries) {
        for (index, entry) in (first_index..).zip(entries.iter()) {
            if entry.kind() == EntryKind::Membership {
                self.pending_changes.push_back(index);
            }
        }
    }

    /// Adds the entries after the first `known` in place of what the log has there.
    #[inline(never)]
    fn replace(&mut self, previous_index: u64, entries: &Entries, known: usize) {
        let cuts_anyway = !self.keeps(Rule::CutOnlyConflicts);
        if known == entries.len() && !cuts_anyway {
            return;
        }
        let first_new = previous_index + 1 + known as u64;
        if first_new <= self.log.last_index() {
            self.truncate(first_new);
        }
        self.append_as_follower(first_new, &mut entries.part(known, entries.len()));
    }

    /// Removes all entries from `index` on, and what was noted about them.
    fn truncate(&mut self, index: u64) {
        self.recent = None;
        self.log.truncate(index);
        self.storage.truncate(index);
        while self.pending_changes.back().is_some_and(|at| *at >= index) {
            self.pending_changes.pop_back();
        }
    }

    /// Commits up to `index`, which may be old news.
    #[inline(always)]
    pub(super) fn commit_to(&mut self, index: u64) {
        self.commit_index = self.commit_index.max(index);
    }
}
