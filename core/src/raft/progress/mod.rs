//! What a leader knows about one member, and how fast it dares to send.
//!
//! Sending one append and waiting for its answer wastes the network; sending all at once to a
//! follower whose log differs wastes it too. So a follower is *probed*, one append at a time,
//! until it accepts, and then *replicated* to: the next index moves on at every send without
//! waiting, within limits of what may be in flight. A rejection leads back to probing, and a
//! follower that needs what the log no longer has waits for a *snapshot*. The states and their
//! names are those of etcd's raft.

mod inflight;

pub use inflight::Inflight;

use super::snapshot::SnapshotOutcome;
use crate::Micros;

/// How appends are sent to a follower.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum ProgressState {
    /// Where its log agrees is unknown: one append, then wait for the answer.
    Probe,
    /// Its log agrees: appends are pipelined.
    Replicate,
    /// It was sent a snapshot: no appends until that has arrived or failed.
    Snapshot,
}

/// How much may be on its way to one follower.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InflightLimit {
    pub(super) appends: usize,
    pub(super) bytes: u64,
}

/// One member as its leader sees it, the leader itself included. Always `match_index <
/// next_index`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How appends are sent.
    pub state: ProgressState,
    /// The member's durable log equals the leader's up to here.
    pub match_index: u64,
    /// The first entry of the next append.
    pub next_index: u64,
    /// What is on its way. Empty unless replicating.
    pub inflight: Inflight,
    /// The index of the snapshot that is on its way; zero if none is.
    pub pending_snapshot: u64,
    /// When the member last answered in this term; at first, when the leader was elected or the
    /// member added.
    pub last_heard: Micros,
    /// Whether it has answered since then, or was added since: somebody who may be there.
    pub is_active: bool,
    /// The highest commit index it was told in this state.
    pub commit_sent: u64,
    /// While probing: an append is out and unanswered.
    pub probe_sent: bool,
    /// The last round of heartbeats it has answered.
    pub acked_round: u64,
    /// When, by the leader's clock, that round was sent.
    pub acked_sent_at: Micros,
}

impl Progress {
    /// A member of which nothing is known, asked first about the end of the leader's log.
    pub(super) fn unknown(now: Micros, next_index: u64) -> Self {
        Self {
            state: ProgressState::Probe,
            match_index: 0,
            next_index,
            inflight: Inflight::default(),
            pending_snapshot: 0,
            last_heard: now,
            is_active: false,
            commit_sent: 0,
            probe_sent: false,
            acked_round: 0,
            acked_sent_at: Micros::ZERO,
        }
    }

    /// The leader itself, whose disk has its log up to `match_index`.
    pub(super) fn own(now: Micros, match_index: u64, next_index: u64) -> Self {
        Self {
            state: ProgressState::Replicate,
            match_index,
            is_active: true,
            ..Self::unknown(now, next_index)
        }
    }

    /// Whether one more append with entries fits.
    pub(super) fn has_room(&self, limit: InflightLimit) -> bool {
        self.inflight.appends() < limit.appends && self.inflight.bytes() < limit.bytes
    }

    /// Whether entries have to wait for an answer.
    pub(super) fn is_paused(&self, limit: InflightLimit) -> bool {
        match self.state {
            ProgressState::Probe => self.probe_sent,
            ProgressState::Replicate => !self.has_room(limit),
            ProgressState::Snapshot => true,
        }
    }

    /// Notes that an append went out whose last index (entries or not) is `last_index`.
    pub(super) fn sent(&mut self, last_index: u64, bytes: u64, commit_index: u64) {
        self.commit_sent = self.commit_sent.max(commit_index.min(last_index));
        match self.state {
            ProgressState::Probe => self.probe_sent = true,
            ProgressState::Replicate => {
                if last_index >= self.next_index {
                    self.inflight.push(last_index, bytes);
                    self.next_index = last_index + 1;
                }
            }
            ProgressState::Snapshot => {}
        }
    }

    /// Notes that the member matches up to `match_index`, in a leader whose log starts at
    /// `first_index`. False if that was no news: an old or repeated answer.
    pub(super) fn accept(&mut self, match_index: u64, first_index: u64) -> bool {
        let answers = self.state != ProgressState::Replicate && match_index == self.match_index;
        if match_index <= self.match_index && !answers {
            return false;
        }
        self.match_index = match_index;
        self.next_index = self.next_index.max(match_index + 1);
        match self.state {
            ProgressState::Probe => self.replicate(),
            ProgressState::Replicate => self.inflight.free_to(match_index),
            // It may have got there by other ways than the snapshot, and does not need it then.
            ProgressState::Snapshot => {
                if match_index + 1 >= first_index {
                    self.replicate();
                } else if match_index >= self.pending_snapshot {
                    // The log was compacted further meanwhile: it needs a newer one.
                    self.probe_from(match_index + 1);
                }
            }
        }
        true
    }

    /// Notes that the member does not have `rejected_index`, and that the leader's log cannot
    /// match beyond `agreed_at_most`. False if the answer is old.
    pub(super) fn reject(&mut self, rejected_index: u64, agreed_at_most: u64) -> bool {
        match self.state {
            // An append that was overtaken by its successors; the match is proof enough.
            ProgressState::Replicate if rejected_index <= self.match_index => false,
            ProgressState::Replicate => {
                self.probe_from(self.match_index + 1);
                true
            }
            // Only the one append that is out can be rejected; everything else is old.
            ProgressState::Probe if rejected_index + 1 != self.next_index => false,
            ProgressState::Probe => {
                let lower = rejected_index.min(agreed_at_most + 1);
                self.probe_from(lower.max(self.match_index + 1));
                true
            }
            ProgressState::Snapshot => false,
        }
    }

    /// Notes that the snapshot up to `index` is on its way.
    pub(super) fn snapshot_sent(&mut self, index: u64) {
        self.state = ProgressState::Snapshot;
        self.pending_snapshot = index;
        self.next_index = index + 1;
        self.inflight.clear();
        self.probe_sent = false;
    }

    /// Notes how the sending of the snapshot ended: what was sent is probed for, or what was had
    /// before. Either way nothing goes out before the member is heard again.
    pub(super) fn snapshot_ended(&mut self, outcome: SnapshotOutcome) {
        let had = match outcome {
            SnapshotOutcome::Arrived => self.pending_snapshot,
            SnapshotOutcome::Failed => 0,
        };
        self.probe_from(had.max(self.match_index) + 1);
        self.probe_sent = true;
    }

    /// Notes that the snapshot on its way is of no use any more, since a newer one is needed.
    pub(super) fn snapshot_outdated(&mut self) {
        self.probe_from(self.match_index + 1);
    }

    /// Notes that messages to the member get lost: what was in flight is sent again.
    pub(super) fn unreachable(&mut self) {
        if self.state == ProgressState::Replicate {
            self.probe_from(self.match_index + 1);
        }
    }

    /// Notes that the member was heard.
    pub(super) fn heard(&mut self, now: Micros) {
        self.last_heard = self.last_heard.max(now);
        self.is_active = true;
    }

    /// One append at a time, starting at `next_index`.
    fn probe_from(&mut self, next_index: u64) {
        self.state = ProgressState::Probe;
        self.next_index = next_index;
        self.pending_snapshot = 0;
        self.inflight.clear();
        self.probe_sent = false;
        // What was told in flight may be lost with it.
        self.commit_sent = self.commit_sent.min(self.match_index);
    }

    /// As many appends as the limits allow, starting after the match.
    fn replicate(&mut self) {
        self.probe_from(self.match_index + 1);
        self.state = ProgressState::Replicate;
    }
}
