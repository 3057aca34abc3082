//! What a leader knows about one follower, and how fast it dares to send.
//!
//! Sending one append and waiting for its answer wastes the network; sending all at once to a
//! follower whose log differs wastes it too. So a follower is *probed*, one append at a time,
//! until it accepts, and then *replicated* to: the next index moves on at every send without
//! waiting, within a limit of appends in flight. A rejection leads back to probing. The states
//! and their names are those of etcd's raft.

use alloc::collections::VecDeque;

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
}

/// One follower as its leader sees it. Always `match_index < next_index`, and `next_index` is at
/// most one past the leader's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How appends are sent.
    pub state: ProgressState,
    /// The follower's durable log equals the leader's up to here.
    pub match_index: u64,
    /// The first entry of the next append.
    pub next_index: u64,
    /// The last index of every append on its way, oldest first. Empty while probing.
    pub inflight: VecDeque<u64>,
    /// When the follower last answered in this term; at first, when the leader was elected.
    pub last_heard: Micros,
    /// The highest commit index an append has told it in this state.
    pub commit_sent: u64,
    /// While probing: an append is out and unanswered.
    pub probe_sent: bool,
}

impl Progress {
    /// A follower of which nothing is known, asked first about the end of the leader's log.
    pub(super) fn unknown(now: Micros, next_index: u64) -> Self {
        Self {
            state: ProgressState::Probe,
            match_index: 0,
            next_index,
            inflight: VecDeque::new(),
            last_heard: now,
            commit_sent: 0,
            probe_sent: false,
        }
    }

    /// Whether one more append fits into the pipeline, given the limit of appends in flight.
    pub fn has_room(&self, max_inflight: usize) -> bool {
        self.inflight.len() < max_inflight
    }

    /// Whether an append with entries has to wait for an answer.
    pub fn is_paused(&self, max_inflight: usize) -> bool {
        match self.state {
            ProgressState::Probe => self.probe_sent,
            ProgressState::Replicate => !self.has_room(max_inflight),
        }
    }

    /// Notes that an append went out whose last index (entries or not) is `last_index`.
    pub(super) fn sent(&mut self, last_index: u64, commit_index: u64) {
        self.commit_sent = self.commit_sent.max(commit_index.min(last_index));
        match self.state {
            ProgressState::Probe => self.probe_sent = true,
            ProgressState::Replicate => {
                if last_index >= self.next_index {
                    self.inflight.push_back(last_index);
                    self.next_index = last_index + 1;
                }
            }
        }
    }

    /// Notes that the follower matches up to `match_index`. False if that was no news: an old or
    /// repeated answer.
    pub(super) fn accept(&mut self, match_index: u64) -> bool {
        let answers_probe = self.state == ProgressState::Probe && match_index == self.match_index;
        if match_index <= self.match_index && !answers_probe {
            return false;
        }
        self.match_index = match_index;
        self.next_index = self.next_index.max(match_index + 1);
        match self.state {
            ProgressState::Probe => {
                self.state = ProgressState::Replicate;
                self.next_index = match_index + 1;
                self.probe_sent = false;
            }
            ProgressState::Replicate => {
                while self
                    .inflight
                    .front()
                    .is_some_and(|last| *last <= match_index)
                {
                    self.inflight.pop_front();
                }
            }
        }
        true
    }

    /// Notes that the follower does not have `rejected_index`, and that the leader's log cannot
    /// match beyond `agreed_at_most`. `first_index` is the first that the leader can send.
    ///
    /// False if nothing is to be sent now: the answer is old, or the follower ends before the
    /// leader's log begins.
    pub(super) fn reject(
        &mut self,
        rejected_index: u64,
        agreed_at_most: u64,
        first_index: u64,
    ) -> bool {
        match self.state {
            ProgressState::Replicate => {
                // An append that was overtaken by its successors; the match is proof enough.
                if rejected_index <= self.match_index {
                    return false;
                }
                self.probe_from(self.match_index + 1);
                true
            }
            ProgressState::Probe => {
                // Only the one append that is out can be rejected; everything else is old.
                if rejected_index + 1 != self.next_index {
                    return false;
                }
                let lower = rejected_index.min(agreed_at_most + 1);
                let next_index = lower.max(self.match_index + 1).max(first_index);
                let moved = next_index < self.next_index;
                if moved {
                    self.probe_from(next_index);
                }
                moved
            }
        }
    }

    /// Back to one append at a time, starting at `next_index`.
    fn probe_from(&mut self, next_index: u64) {
        self.state = ProgressState::Probe;
        self.next_index = next_index;
        self.inflight.clear();
        self.probe_sent = false;
        // What was told in flight may be lost with it.
        self.commit_sent = self.commit_sent.min(self.match_index);
    }
}
