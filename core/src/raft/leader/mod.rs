//! The leader: takes proposals, speaks up, and notices when nobody listens.
//!
//! What it does for its members has a file each: `replication`, `commit`, `reads`, `transfer`,
//! `members`. The leader sends its appends before its own disk has them, but counts itself only
//! up to what is durable here.

mod commit;
mod members;
mod reads;
mod replication;
mod transfer;

use alloc::sync::Arc;
use alloc::vec::Vec;

use self::reads::LeaderReads;
use self::transfer::Transfer;
use super::config::Config;
use super::effects::RoleChangeReason;
use super::entry::{Entries, Entry, EntryKind};
use super::message::Body;
use super::progress::Progress;
use super::quorum::{VoterValues, reached_by_both};
use super::rules::Rule;
use super::{Raft, RoleState};
use crate::{Micros, NodeId};

/// What only a leader keeps.
#[derive(Clone, Debug)]
pub(super) struct Leadership {
    /// All members, in the order of their names; this node too, unless it was removed.
    members: Vec<Member>,
    /// When the next heartbeat is due.
    heartbeat_deadline: Micros,
    /// When to look whether a quorum was heard: never later than an election timeout after one
    /// was.
    quorum_deadline: Micros,
    /// Where a change of membership may stand that is not applied: the last one appended, or
    /// anything that was in the log when the term began.
    pending_membership_index: u64,
    /// Payload bytes after the commit index that were appended in this term.
    uncommitted_bytes: u64,
    reads: LeaderReads,
    transfer: Option<Transfer>,
    /// Somebody was asked to stand in this term: its lease is worth nothing any more.
    has_offered: bool,
}

/// A member and its progress.
#[derive(Clone, Debug)]
struct Member {
    id: NodeId,
    /// It gets only what is durable here: it cannot lead, so what it alone had would be out of
    /// everybody's reach.
    is_witness: bool,
    /// Whether it votes in the incoming half, and in the outgoing one.
    votes: (bool, bool),
    progress: Progress,
}

impl Member {
    /// How much of the log it may be sent.
    fn end_of(&self, last_index: u64, stable_index: u64) -> u64 {
        if self.is_witness {
            stable_index
        } else {
            last_index
        }
    }
}

impl Leadership {
    /// When the leader wants its next tick.
    pub(super) fn next_deadline(&self, config: &Config) -> Micros {
        let mut deadline = self.heartbeat_deadline;
        if config.check_quorum {
            deadline = deadline.min(self.quorum_deadline);
        }
        match &self.transfer {
            Some(transfer) => deadline.min(transfer.deadline),
            None => deadline,
        }
    }

    /// Whether all members have everything up to `last_index`, and nobody waits for anything.
    pub(super) fn is_idle(&self, last_index: u64) -> bool {
        let has_all = |member: &Member| member.progress.match_index == last_index;
        self.members.iter().all(has_all) && self.transfer.is_none() && self.reads.is_empty()
    }

    /// The timers run again, as if everybody had just been heard.
    pub(super) fn woken(&mut self, now: Micros) {
        self.heartbeat_deadline = now;
        for member in &mut self.members {
            member.progress.last_heard = now;
        }
    }

    /// The place of `id` among the members.
    pub(super) fn position(&self, id: NodeId) -> Option<usize> {
        self.members.iter().position(|member| member.id == id)
    }
}

impl Raft {
    /// Becomes the leader of the current term.
    pub(super) fn become_leader(&mut self) {
        let last_index = self.log.last_index();
        let members = self.membership().members().into_iter();
        let leadership = Leadership {
            members: members.map(|id| self.new_member(id)).collect(),
            heartbeat_deadline: self.now + self.config.heartbeat_interval,
            quorum_deadline: self.now + self.config.election_timeout,
            pending_membership_index: last_index,
            uncommitted_bytes: 0,
            reads: LeaderReads::default(),
            transfer: None,
            has_offered: false,
        };
        self.change_role(RoleState::Leader(leadership), RoleChangeReason::ElectionWon);
        self.leader = Some(self.config.id);
        self.term_leader = Some(self.config.id);
        self.append_as_leader(EntryKind::NoOp, Arc::default());
        self.append_kept();
    }

    /// Takes a proposal: appends it, keeps it back, or forwards it.
    pub(super) fn propose(&mut self, kind: EntryKind, payload: Arc<[u8]>) {
        match (&self.role_state, self.leader) {
            (RoleState::Leader(leadership), _) if leadership.transfer.is_some() => {
                self.kept_bytes += payload.len() as u64;
                self.kept.push((kind, payload));
            }
            (RoleState::Leader(_), _) => self.append_as_leader(kind, payload),
            (_, Some(leader)) => self.reply(leader, Body::Propose { kind, payload }),
            (_, None) => {}
        }
    }

    /// Takes several commands.
    pub(super) fn propose_batch(&mut self, payloads: Vec<Arc<[u8]>>) {
        let RoleState::Leader(Leadership { transfer: None, .. }) = &self.role_state else {
            for payload in payloads {
                self.propose(EntryKind::Command, payload);
            }
            return;
        };
        let first_index = self.log.last_index() + 1;
        let before = self.log.last_prefix_hash();
        let mut entries = Vec::with_capacity(payloads.len());
        let mut hash = before;
        for payload in payloads {
            let entry = Entry::new(hash, self.term, EntryKind::Command, payload);
            hash = entry.prefix_hash();
            entries.push(entry);
        }
        self.log.extend(&entries);
        let entries = Entries::trusted(before, entries);
        if let Some(leadership) = self.leadership_mut() {
            leadership.uncommitted_bytes += entries.payload_bytes();
        }
        self.recent = Some((first_index, entries));
        self.replicate();
    }

    /// Appends an entry of the current term and sends it on.
    pub(super) fn append_as_leader(&mut self, kind: EntryKind, payload: Arc<[u8]>) {
        self.push_as_leader(kind, payload);
        self.replicate();
    }

    fn push_as_leader(&mut self, kind: EntryKind, payload: Arc<[u8]>) {
        let bytes = payload.len() as u64;
        let previous_hash = self.log.last_prefix_hash();
        let entry = Entry::new(previous_hash, self.term, kind, payload);
        self.log.push(entry.clone());
        let index = self.log.last_index();
        self.recent = Some((index, Entries::one(previous_hash, entry)));
        if kind == EntryKind::Membership {
            self.pending_changes.push_back(index);
        }
        let Some(leadership) = self.leadership_mut() else {
            return;
        };
        leadership.uncommitted_bytes += bytes;
        if kind == EntryKind::Membership {
            leadership.pending_membership_index = index;
        }
    }

    /// The time: gives up a transfer that takes too long, steps down if no quorum was heard for
    /// an election timeout, and speaks if a heartbeat is due.
    pub(super) fn tick_as_leader(&mut self) {
        self.end_late_transfer();
        if self.config.check_quorum && !self.has_quorum_contact() {
            self.step_down(RoleChangeReason::QuorumLost);
            return;
        }
        let (now, interval) = (self.now, self.config.heartbeat_interval);
        let Some(leadership) = self.leadership_mut() else {
            return;
        };
        if now >= leadership.heartbeat_deadline {
            leadership.heartbeat_deadline = now + interval;
            self.send_heartbeats();
        }
    }

    /// Whether a quorum was heard within the election timeout. Looks only when it could be
    /// otherwise.
    fn has_quorum_contact(&mut self) -> bool {
        let (now, election_timeout) = (self.now, self.config.election_timeout);
        let Some(leadership) = self.leadership() else {
            return false;
        };
        if now < leadership.quorum_deadline {
            return true;
        }
        let own = self.config.id;
        // Nobody may be able to lead before they have what a leader has that is leaving: it waits.
        let heard = if self.is_leaving() || !self.keeps(Rule::LeaderChecksQuorum) {
            now.0
        } else {
            self.reached(|member| {
                if member.id == own {
                    now.0
                } else {
                    member.progress.last_heard.0
                }
            })
        };
        let deadline = Micros(heard) + election_timeout;
        if let Some(leadership) = self.leadership_mut() {
            leadership.quorum_deadline = deadline;
        }
        now < deadline
    }

    /// The next round of heartbeats.
    fn send_heartbeats(&mut self) {
        let (own, sent_at, commit_index) = (self.config.id, self.now, self.commit_index);
        let Some(leadership) = self.leadership_mut() else {
            return;
        };
        let round = leadership.reads.next_round();
        if let Some(at) = leadership.position(own) {
            let progress = &mut leadership.members[at].progress;
            (progress.acked_round, progress.acked_sent_at) = (round, sent_at);
        }
        self.tell_peers(|progress| Body::Heartbeat {
            // A follower may not have what it has not acknowledged, so it must not commit it.
            commit_index: commit_index.min(progress.match_index),
            round,
            sent_at,
        });
    }

    /// Says something to every member but this node.
    pub(super) fn tell_peers(&mut self, body: impl Fn(&mut Progress) -> Body) {
        for at in 0..self.member_count() {
            let own = self.config.id;
            let Some(member) = self.member_mut(at) else {
                return;
            };
            if member.id != own {
                let (to, body) = (member.id, body(&mut member.progress));
                self.tell(to, body);
            }
        }
    }

    /// What this node, as a leader, knows about `peer`.
    pub(super) fn peer_progress(&self, peer: NodeId) -> Option<&Progress> {
        let leadership = self.leadership()?;
        let at = leadership.position(peer)?;
        Some(&leadership.members[at].progress)
    }

    /// Where a change of membership may stand that is not applied, if this node leads.
    pub(super) fn pending_membership_index(&self) -> Option<u64> {
        self.leadership()
            .map(|leadership| leadership.pending_membership_index)
    }

    /// The largest value that the voters agree on having reached.
    fn reached(&self, value: impl Fn(&Member) -> u64) -> u64 {
        let Some(leadership) = self.leadership() else {
            return 0;
        };
        let (mut incoming, mut outgoing) = (VoterValues::default(), VoterValues::default());
        for member in &leadership.members {
            if member.votes.0 {
                incoming.push(value(member));
            }
            if member.votes.1 {
                outgoing.push(value(member));
            }
        }
        reached_by_both(incoming.as_mut(), outgoing.as_mut())
    }

    /// Payload bytes that are uncommitted or kept back, if this node leads.
    pub(super) fn uncommitted_bytes(&self) -> u64 {
        let uncommitted = self
            .leadership()
            .map_or(0, |leadership| leadership.uncommitted_bytes);
        uncommitted + self.kept_bytes
    }

    /// The last round of heartbeats, if this node leads.
    pub(super) fn last_round(&self) -> u64 {
        self.leadership()
            .map_or(0, |leadership| leadership.reads.last_round())
    }

    fn leadership(&self) -> Option<&Leadership> {
        match &self.role_state {
            RoleState::Leader(leadership) => Some(leadership),
            _ => None,
        }
    }

    fn leadership_mut(&mut self) -> Option<&mut Leadership> {
        match &mut self.role_state {
            RoleState::Leader(leadership) => Some(leadership),
            _ => None,
        }
    }

    fn member_count(&self) -> usize {
        self.leadership()
            .map_or(0, |leadership| leadership.members.len())
    }

    fn member_mut(&mut self, at: usize) -> Option<&mut Member> {
        self.leadership_mut()?.members.get_mut(at)
    }

    fn progress_mut(&mut self, id: NodeId) -> Option<&mut Progress> {
        let leadership = self.leadership_mut()?;
        let at = leadership.position(id)?;
        Some(&mut leadership.members[at].progress)
    }

    /// The member that has just answered, if this node leads.
    fn heard(&mut self, from: NodeId) -> Option<(usize, &mut Progress)> {
        let at = self.leadership()?.position(from)?;
        Some((at, self.heard_at(at)?))
    }

    /// The member that has just answered, by its place.
    fn heard_at(&mut self, at: usize) -> Option<&mut Progress> {
        let now = self.now;
        let progress = &mut self.member_mut(at)?.progress;
        progress.heard(now);
        Some(progress)
    }
}
