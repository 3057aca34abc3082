//! The leader: appends, replicates, commits, and notices when nobody listens.
//!
//! The trap is the commit rule. An entry of an *earlier* term on a majority may still be
//! overwritten by a leader that never saw it (Figure 8 of the paper); only an entry of the
//! leader's own term, counted on a majority, commits itself and with it everything before. That
//! is why a new leader appends a no-op: without it, old entries would wait for a client.
//!
//! The leader sends its appends before its own disk has them, but counts itself only up to what
//! is durable here.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::config::MAX_VOTERS;
use super::effects::RoleChangeReason;
use super::entry::{Entry, EntryKind};
use super::message::{Body, Message};
use super::progress::{Progress, ProgressState};
use super::quorum::reached_by_majority;
use super::{Raft, RoleState};
use crate::{Micros, NodeId};

/// What only a leader keeps.
#[derive(Clone, Debug)]
pub(super) struct Leadership {
    /// The other voters, in the order of their names.
    pub(super) peers: Vec<Peer>,
    /// When the next heartbeat is due.
    pub(super) heartbeat_deadline: Micros,
}

/// Another voter and its progress.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    pub(super) id: NodeId,
    pub(super) progress: Progress,
}

impl Leadership {
    /// The place of `id` among the peers.
    fn position(&self, id: NodeId) -> Option<usize> {
        self.peers.binary_search_by_key(&id, |peer| peer.id).ok()
    }
}

impl Raft {
    /// Becomes the leader of the current term.
    pub(super) fn become_leader(&mut self, now: Micros) {
        let next_index = self.log.last_index() + 1;
        let others = self
            .config
            .voters
            .iter()
            .copied()
            .filter(|id| *id != self.config.id);
        let peers = others.map(|id| Peer {
            id,
            progress: Progress::unknown(now, next_index),
        });
        let leadership = Leadership {
            peers: peers.collect(),
            heartbeat_deadline: now + self.config.heartbeat_interval,
        };
        self.change_role(RoleState::Leader(leadership), RoleChangeReason::ElectionWon);
        self.leader = Some(self.config.id);
        self.term_leader = Some(self.config.id);
        self.append_as_leader(EntryKind::NoOp, Arc::default());
    }

    /// Appends an entry of the current term and sends it on.
    pub(super) fn append_as_leader(&mut self, kind: EntryKind, payload: Arc<[u8]>) {
        let index = self.log.last_index() + 1;
        let previous_hash = self.log.last_prefix_hash();
        self.log
            .push(Entry::new(previous_hash, index, self.term, kind, payload));
        for at in 0..self.peers().len() {
            self.fill_pipeline(at);
        }
    }

    /// The time: steps down if no majority was heard for an election timeout, and speaks if a
    /// heartbeat is due.
    pub(super) fn tick_as_leader(&mut self, now: Micros) {
        if now >= self.quorum_deadline() {
            self.step_down(now, RoleChangeReason::QuorumLost);
            return;
        }
        let RoleState::Leader(leadership) = &mut self.role_state else {
            return;
        };
        if now < leadership.heartbeat_deadline {
            return;
        }
        leadership.heartbeat_deadline = now + self.config.heartbeat_interval;
        for peer in &leadership.peers {
            // A follower may not have what it has not acknowledged, so it must not commit it.
            let commit_index = self.commit_index.min(peer.progress.match_index);
            self.storage.post(Message {
                from: self.config.id,
                to: peer.id,
                term: self.term,
                body: Body::Heartbeat { commit_index },
            });
        }
    }

    /// When the leader gives up unless a majority answers before.
    pub(super) fn quorum_deadline(&self) -> Micros {
        let heard = self.majority_of(u64::MAX, |progress| progress.last_heard.0);
        Micros(heard) + self.config.election_timeout
    }

    /// A follower matches up to `match_index`.
    pub(super) fn receive_accepted(&mut self, now: Micros, from: NodeId, match_index: u64) {
        let Some((at, progress)) = self.heard_peer(now, from) else {
            return;
        };
        if !progress.accept(match_index) {
            return;
        }
        // The commit first, so that the appends carry it.
        self.advance_commit();
        self.fill_pipeline(at);
        self.announce_commit(at);
    }

    /// A follower does not have the index before an append. Both sides skip the terms that
    /// cannot agree: the follower those after its hint, the leader those above the hint's term.
    pub(super) fn receive_rejected(
        &mut self,
        now: Micros,
        from: NodeId,
        rejected_index: u64,
        (hint_index, hint_term): (u64, u64),
    ) {
        let agreed_at_most = self.log.last_at_most(hint_index, hint_term);
        let first_index = self.log.first_index();
        let Some((at, progress)) = self.heard_peer(now, from) else {
            return;
        };
        if progress.reject(rejected_index, agreed_at_most, first_index) {
            self.send_append(at);
        }
    }

    /// A follower hears its leader. If it may lack something whose append was lost, it is asked:
    /// an append whose previous index it does not have makes it say so.
    pub(super) fn receive_heartbeat_reply(&mut self, now: Micros, from: NodeId) {
        let last_index = self.log.last_index();
        let Some((at, progress)) = self.heard_peer(now, from) else {
            return;
        };
        progress.probe_sent = false;
        if progress.state == ProgressState::Probe || progress.match_index < last_index {
            self.send_append(at);
        }
    }

    /// Commits what a majority has, if it is of the current term, and says so.
    pub(super) fn advance_commit(&mut self) {
        let RoleState::Leader(_) = self.role_state else {
            return;
        };
        let own = self.storage.stable_index();
        let reached = self.majority_of(own, |progress| progress.match_index);
        if reached <= self.commit_index || self.log.term_at(reached) != Some(self.term) {
            return;
        }
        self.commit_index = reached;
        for at in 0..self.peers().len() {
            self.announce_commit(at);
        }
    }

    /// Sends what a follower lacks, as far as its pipeline allows.
    fn fill_pipeline(&mut self, at: usize) {
        let last_index = self.log.last_index();
        let max_inflight = self.config.max_inflight_appends;
        loop {
            let progress = &self.peers()[at].progress;
            if progress.next_index > last_index || progress.is_paused(max_inflight) {
                return;
            }
            self.send_append(at);
        }
    }

    /// Tells a follower of a commit index that no append has told it yet. A follower that is
    /// probed or has a full pipeline learns it by the next append or heartbeat.
    fn announce_commit(&mut self, at: usize) {
        let progress = &self.peers()[at].progress;
        let news = self.commit_index.min(progress.next_index - 1) > progress.commit_sent;
        if news
            && progress.state == ProgressState::Replicate
            && !progress.is_paused(self.config.max_inflight_appends)
        {
            self.send_append(at);
        }
    }

    /// Sends one append: a batch from the next index, or no entries if there are none or the
    /// pipeline is full.
    fn send_append(&mut self, at: usize) {
        let RoleState::Leader(leadership) = &mut self.role_state else {
            return;
        };
        let Peer { id, progress } = &mut leadership.peers[at];
        let previous_index = progress.next_index - 1;
        let previous_term = self
            .log
            .term_at(previous_index)
            .expect("the next index stays within the log, whose boundary has a term");
        let limit = if progress.has_room(self.config.max_inflight_appends) {
            self.config.max_entries_per_append as u64
        } else {
            0
        };
        let end = progress.next_index.saturating_add(limit);
        let entries = self.log.slice(progress.next_index..end).to_vec();
        progress.sent(previous_index + entries.len() as u64, self.commit_index);
        self.storage.post(Message {
            from: self.config.id,
            to: *id,
            term: self.term,
            body: Body::Append {
                previous_index,
                previous_term,
                entries,
                commit_index: self.commit_index,
            },
        });
    }

    /// The largest value that a majority reaches: `own` for this node, and `value` of the others.
    fn majority_of(&self, own: u64, value: impl Fn(&Progress) -> u64) -> u64 {
        let mut values = [own; MAX_VOTERS];
        let peers = self.peers();
        for (slot, peer) in values[1..].iter_mut().zip(peers) {
            *slot = value(&peer.progress);
        }
        reached_by_majority(&mut values[..=peers.len()])
    }

    /// The other voters, if this node leads.
    fn peers(&self) -> &[Peer] {
        match &self.role_state {
            RoleState::Leader(leadership) => &leadership.peers,
            _ => &[],
        }
    }

    /// What this node, as a leader, knows about `peer`.
    pub(super) fn peer_progress(&self, peer: NodeId) -> Option<&Progress> {
        let RoleState::Leader(leadership) = &self.role_state else {
            return None;
        };
        leadership
            .position(peer)
            .map(|at| &leadership.peers[at].progress)
    }

    /// The follower that has just answered, if this node leads.
    fn heard_peer(&mut self, now: Micros, from: NodeId) -> Option<(usize, &mut Progress)> {
        let RoleState::Leader(leadership) = &mut self.role_state else {
            return None;
        };
        let at = leadership.position(from)?;
        let progress = &mut leadership.peers[at].progress;
        progress.last_heard = now;
        Some((at, progress))
    }
}
