//! Replication: who is sent what, and when.
//!
//! An append goes out as soon as there is something to send and room for it, without waiting for
//! the answers to those before (pipelining), and takes as many entries as fit (batching). What is
//! out of the log is sent as a snapshot. A member that does not answer is sent nothing but
//! heartbeats until it does.

use alloc::sync::Arc;

use super::{Member, Raft};
use crate::NodeId;
use crate::raft::entry::Entries;
use crate::raft::membership::Standing;
use crate::raft::message::Body;
use crate::raft::progress::ProgressState;
use crate::raft::snapshot::{SnapshotContent, SnapshotOutcome};

impl Raft {
    /// Sends everybody what they lack, as far as their pipelines allow.
    pub(super) fn replicate(&mut self) {
        for at in 0..self.member_count() {
            self.fill_pipeline(at);
        }
    }

    /// The member at a place matches up to `match_index`.
    pub(in crate::raft) fn receive_accepted(&mut self, at: usize, match_index: u64) {
        let first_index = self.log.first_index();
        let Some(progress) = self.heard_at(at) else {
            return;
        };
        if !progress.accept(match_index, first_index) {
            return;
        }
        // The commit first, so that the appends carry it.
        if match_index > self.commit_index {
            self.advance_commit(match_index);
        }
        self.fill_pipeline(at);
        self.announce_commit(at);
        self.hand_over(at);
        if self.is_leaving() {
            self.make_way();
        }
    }

    /// A member does not have the index before an append. Both sides skip the terms that
    /// cannot agree: the follower those after its hint, the leader those above the hint's term.
    pub(in crate::raft) fn receive_rejected(
        &mut self,
        from: NodeId,
        rejected_index: u64,
        (hint_index, hint_term): (u64, u64),
    ) {
        // Below the boundary the terms are not known any more; the hint is all there is.
        let agreed_at_most = self.log.last_at_most(hint_index, hint_term).min(hint_index);
        let Some((at, progress)) = self.heard(from) else {
            return;
        };
        let is_blank = rejected_index == 0 && progress.state == ProgressState::Probe;
        if progress.reject(rejected_index, agreed_at_most) {
            // Only who knows of no group at all rejects the start of the log.
            if is_blank {
                self.send_snapshot(at);
            } else {
                self.send_append(at);
            }
        }
    }

    /// A member hears its leader. If it may lack something whose append was lost, it is asked:
    /// an append whose previous index it does not have makes it say so.
    pub(super) fn resume(&mut self, at: usize) {
        let (boundary, last_index) = (self.log.boundary().index, self.log.last_index());
        let Some(Member { progress, .. }) = self.member_mut(at) else {
            return;
        };
        progress.probe_sent = false;
        // Whether a snapshot has arrived is asked for, too: the answer may have been lost.
        if progress.state == ProgressState::Snapshot && progress.pending_snapshot < boundary {
            progress.snapshot_outdated();
        }
        if progress.match_index < last_index || progress.state == ProgressState::Probe {
            self.send_append(at);
        }
    }

    /// The host tells how the sending of a snapshot ended.
    pub(in crate::raft) fn snapshot_sent(&mut self, to: NodeId, outcome: SnapshotOutcome) {
        if let Some(progress) = self.progress_mut(to)
            && progress.state == ProgressState::Snapshot
        {
            progress.snapshot_ended(outcome);
        }
    }

    /// The host tells that messages to `peer` get lost.
    pub(in crate::raft) fn unreachable(&mut self, peer: NodeId) {
        if let Some(progress) = self.progress_mut(peer) {
            progress.unreachable();
        }
    }

    /// Sends what a member lacks, as far as its pipeline allows.
    pub(super) fn fill_pipeline(&mut self, at: usize) {
        let (own, last_index) = (self.config.id, self.log.last_index());
        let (limit, stable_index) = (self.config.inflight_limit(), self.storage.stable_index());
        while let Some(member) = self.member_mut(at)
            && member.id != own
            && member.progress.next_index <= member.end_of(last_index, stable_index)
            && !member.progress.is_paused(limit)
        {
            self.send_append(at);
        }
    }

    /// What witnesses waited for has become durable.
    pub(super) fn fill_witnesses(&mut self) {
        for at in 0..self.member_count() {
            if self.member_mut(at).is_some_and(|member| member.is_witness) {
                self.fill_pipeline(at);
            }
        }
    }

    /// Tells a follower of a commit index that nothing has told it yet. A follower that is probed
    /// learns it by the next append or heartbeat.
    #[inline(always)]
    pub(super) fn announce_commit(&mut self, at: usize) {
        let (own, commit_index) = (self.config.id, self.commit_index);
        let Some(Member { id, progress, .. }) = self.member_mut(at) else {
            return;
        };
        let news = commit_index.min(progress.match_index);
        if progress.state == ProgressState::Replicate && *id != own && news > progress.commit_sent {
            progress.commit_sent = news;
            let to = *id;
            self.tell(to, Body::Commit { commit_index: news });
        }
    }

    /// Sends one append: a batch from the next index, or no entries if there are none or the
    /// pipeline is full; or a snapshot, if the log no longer has what comes before.
    pub(super) fn send_append(&mut self, at: usize) {
        let limit = self.config.inflight_limit();
        let (last_index, stable_index) = (self.log.last_index(), self.storage.stable_index());
        let Some(member) = self.member_mut(at) else {
            return;
        };
        let end = member.end_of(last_index, stable_index);
        let (to, progress) = (member.id, &member.progress);
        let next_index = progress.next_index;
        let has_room = progress.has_room(limit)
            && progress.state != ProgressState::Snapshot
            && next_index <= end;
        let previous_index = next_index - 1;
        let Some(previous_term) = self.log.term_at(previous_index) else {
            self.send_snapshot(at);
            return;
        };
        let (entries, bytes) = if has_room {
            self.next_batch(next_index, end)
        } else {
            (self.batch(next_index, previous_index), 0)
        };
        let commit_index = self.commit_index;
        let last_index = previous_index + entries.len() as u64;
        if let Some(Member { progress, .. }) = self.member_mut(at) {
            progress.sent(last_index, bytes, commit_index);
        }
        let body = Body::Append {
            previous_index,
            previous_term,
            entries,
            commit_index,
        };
        self.tell(to, body);
    }

    /// As many entries from `first` to `end` as one append takes, and their payload bytes. Usually
    /// those are the ones that were appended last.
    fn next_batch(&mut self, first: u64, end: u64) -> (Entries, u64) {
        if let Some((start, recent)) = &self.recent
            && *start == first
            && recent.len() <= self.config.max_append_entries
            && start + recent.len() as u64 <= end + 1
        {
            let bytes = recent.payload_bytes();
            if bytes <= self.config.max_append_bytes {
                return (recent.clone(), bytes);
            }
        }
        self.cut_batch(first, end)
    }

    /// As many entries from `first` to `end` as one append takes, wherever they are.
    #[inline(never)]
    fn cut_batch(&mut self, first: u64, end: u64) -> (Entries, u64) {
        let most = first.saturating_add(self.config.max_append_entries as u64) - 1;
        let entries = self.batch(first, most.min(end));
        let entries = entries.part(0, entries.fitting(self.config.max_append_bytes));
        let bytes = entries.payload_bytes();
        (entries, bytes)
    }

    /// Sends the last snapshot to a member that is there.
    fn send_snapshot(&mut self, at: usize) {
        let snapshot = Arc::clone(&self.snapshot);
        let Some(Member { id, progress, .. }) = self.member_mut(at) else {
            return;
        };
        if !progress.is_active {
            return;
        }
        let to = *id;
        progress.snapshot_sent(snapshot.position.index);
        let content = match self.memberships.standing(to) {
            Standing::Witness => SnapshotContent::PositionOnly,
            _ => SnapshotContent::State,
        };
        self.tell(to, Body::Snapshot { snapshot, content });
    }
}
