//! What goes into a step and what comes out of it.
//!
//! A state machine that calls out (to a disk, a socket, a clock) can only be tested with
//! pretended ones, and runs differently every time. This one takes an [`Input`] and answers with
//! [`Effects`]; the host does them and reports back.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;

use super::entry::{Entries, Entry};
use super::log::Boundary;
use super::membership::{Membership, MembershipChange};
use super::message::Message;
use super::snapshot::{Snapshot, SnapshotOutcome};
use crate::NodeId;

/// Something that happens to a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Time has passed. Due at [`Raft::next_deadline`](super::Raft::next_deadline); earlier ticks
    /// do nothing.
    Tick,
    /// A message has arrived. One that brings a snapshot is given once its data is there, too.
    Receive(Message),
    /// A client wants `payload` in the log. A leader appends it, a follower forwards it.
    Propose {
        /// The command.
        payload: Arc<[u8]>,
    },
    /// Clients want all of these in the log, one after the other: cheaper than one by one.
    ProposeBatch {
        /// The commands, at least one and at most [`MAX_BATCH`](super::MAX_BATCH).
        payloads: Vec<Arc<[u8]>>,
    },
    /// The membership is to change. A follower forwards it.
    ProposeMembership {
        /// How.
        change: MembershipChange,
    },
    /// A client wants to read what is committed by now. A follower asks its leader.
    Read {
        /// The host's name for the read, which comes back in [`Effects::reads`]. To be used once in
        /// all lives of this node: a leader's answer that was under way when the node crashed would
        /// confirm another read of the same name, with an index from before it was asked.
        id: u64,
    },
    /// Somebody else is to lead. A follower passes the wish on; a leader brings the target up to
    /// date and asks it to stand for election, keeps proposals back meanwhile, and goes on as
    /// before if that has not happened after an election timeout.
    TransferLeadership {
        /// A full voter.
        to: NodeId,
    },
    /// The host wants this node to stand for election now. It still has to win the pre-vote, if
    /// there is one; a leader ignores it.
    Campaign,
    /// The host knows that the leader is gone: the node no longer waits for it, and may vote.
    /// Does nothing unless following.
    ForgetLeader,
    /// Nothing is going on: the leader tells everybody, and no timer runs on any node until the
    /// next input that is not a tick.
    Quiesce,
    /// The write `io` and all before it are durable.
    Persisted {
        /// [`Persist::io`].
        io: u64,
    },
    /// The state machine has applied everything up to `index`.
    Applied {
        /// The last applied index.
        index: u64,
    },
    /// The state machine as of `index` is a durable snapshot that can be sent to followers.
    SnapshotTaken {
        /// An applied index.
        index: u64,
    },
    /// Entries up to `index` are not needed any more. Drops them from the log in memory; the host
    /// may drop what it stored.
    Compact {
        /// An index that the last snapshot covers.
        index: u64,
    },
    /// The sending of a snapshot has ended.
    SnapshotSent {
        /// The follower.
        to: NodeId,
        /// How.
        outcome: SnapshotOutcome,
    },
    /// Messages to `peer` get lost.
    Unreachable {
        /// The follower.
        peer: NodeId,
    },
}

impl Input {
    /// Whether this ends the sleep of a quiesced node: anything but the passing of time and what
    /// its own host reports.
    pub(super) fn is_news(&self) -> bool {
        !matches!(
            self,
            Self::Tick
                | Self::Quiesce
                | Self::Persisted { .. }
                | Self::Applied { .. }
                | Self::SnapshotTaken { .. }
                | Self::Compact { .. }
        )
    }
}

/// What the host has to do after a step. The buffers are reused by the next step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Messages that may leave now. What they promise is durable already.
    pub send: Vec<Message>,
    /// A write to start. Writes become durable in the order of their numbers.
    pub persist: Option<Persist>,
    /// Indices (end exclusive) that are committed, durable here, and to be applied next; empty if
    /// there are none. Consecutive ranges join without gap or overlap.
    ///
    /// A leader can commit by the disks of others what its own has not written yet. Such entries
    /// wait, so that a state machine with a disk of its own never runs ahead of the log it would
    /// be restored beside.
    pub committed: Range<u64>,
    /// Reads that may be served now, by the state machine as it is.
    pub reads: Vec<Read>,
    /// Names of reads that will never be confirmed, because leadership changed. Ask again.
    pub abandoned_reads: Vec<u64>,
    /// The change of role in this step, if any. Several are told as one.
    pub role: Option<RoleChange>,
}

/// A read that may be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// The name it was given in [`Input::Read`].
    pub id: u64,
    /// Everything that was committed when the read was asked for lies at or before this index,
    /// which is applied.
    pub index: u64,
}

impl Effects {
    /// Forgets the last step and keeps its buffers.
    #[inline(always)]
    pub(super) fn clear(&mut self) {
        self.reads.clear();
        self.abandoned_reads.clear();
        self.role = None;
        if !self.send.is_empty() || self.persist.is_some() {
            self.drop_untaken();
        }
    }

    /// Drops what the host only looked at.
    #[inline(never)]
    fn drop_untaken(&mut self) {
        self.send.clear();
        self.persist = None;
    }
}

/// A write. The parts become durable in this order: snapshot, truncation, entries, hard state; a
/// crash in between leaves a prefix of them. A hard state before its entries could commit what the
/// log does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Persist {
    /// The number of the write, counted from one since [`Raft::new`](super::Raft::new).
    pub io: u64,
    /// The new hard state.
    pub hard_state: HardState,
    /// The node starts over from this snapshot: its data is to be installed in the state machine,
    /// and every stored entry is void. Position and data become durable as one.
    pub snapshot: Option<Arc<Snapshot>>,
    /// All stored entries from this index on are void.
    pub truncate_from: Option<u64>,
    /// The index of the first of the entries.
    pub first_index: u64,
    /// Entries to store, in order, after the truncation.
    pub entries: Entries,
    /// The hard state is written first, which is wrong.
    #[cfg(feature = "mutants")]
    pub hard_state_first: bool,
}

/// A part of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersistPart {
    /// [`Persist::snapshot`].
    Snapshot,
    /// [`Persist::truncate_from`].
    Truncation,
    /// [`Persist::entries`].
    Entries,
    /// [`Persist::hard_state`].
    HardState,
}

impl Persist {
    /// The parts in the order in which they must become durable.
    pub const fn parts(&self) -> [PersistPart; 4] {
        use PersistPart::{Entries, HardState, Snapshot, Truncation};
        #[cfg(feature = "mutants")]
        if self.hard_state_first {
            return [HardState, Snapshot, Truncation, Entries];
        }
        [Snapshot, Truncation, Entries, HardState]
    }
}

/// What a node must remember across restarts beside its log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HardState {
    /// The latest term the node has seen.
    pub term: u64,
    /// Whom it voted for in that term.
    pub vote: Option<NodeId>,
    /// What it knew to be committed when it last wrote. A hint that saves time after a restart:
    /// it rides along and is never written for its own sake.
    pub commit_index: u64,
}

/// What a node finds on its disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// The last durable hard state.
    pub hard_state: HardState,
    /// The last durable snapshot. Before the first, its position is all zero and its membership
    /// that of the group at the start; the default has no member, as a node has that waits to be
    /// added.
    pub snapshot: Snapshot,
    /// What the log starts after: the position of the snapshot, or one before that.
    pub boundary: Boundary,
    /// The durable entries after the boundary.
    pub entries: Vec<Entry>,
    /// Up to where the state machine has applied, as far as *it* is durable; the position of the
    /// snapshot, or zero, to have everything after it handed out again.
    pub applied_index: u64,
}

impl Restored {
    /// The disk of a node whose group starts with this membership.
    pub fn fresh(membership: Membership) -> Self {
        Self::at(Snapshot {
            position: Boundary::default(),
            membership,
        })
    }

    /// The disk of a node that has a snapshot, in whose term it is, and nothing else.
    pub fn at(snapshot: Snapshot) -> Self {
        Self {
            hard_state: HardState {
                term: snapshot.position.term,
                vote: None,
                commit_index: snapshot.position.index,
            },
            boundary: snapshot.position,
            entries: Vec::new(),
            applied_index: snapshot.position.index,
            snapshot,
        }
    }
}

/// What a node is at the moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Role {
    /// It follows a leader, or waits for one.
    #[default]
    Follower,
    /// It asks whether an election would succeed, in its old term.
    PreCandidate,
    /// It stands for election.
    Candidate,
    /// It leads.
    Leader,
}

/// A change of role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleChange {
    /// What the node was before the step.
    pub from: Role,
    /// What it is now.
    pub to: Role,
    /// Its term now.
    pub term: u64,
    /// Why.
    pub reason: RoleChangeReason,
}

/// Why a role changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum RoleChangeReason {
    /// No leader was heard for the randomised election timeout.
    ElectionTimeout,
    /// The host asked for it.
    CampaignRequested,
    /// A quorum would vote for the node.
    PreVoteWon,
    /// A quorum voted for the node.
    ElectionWon,
    /// So many refused that no quorum is left.
    ElectionLost,
    /// Somebody is in a higher term.
    HigherTermSeen,
    /// The leader of this term has spoken.
    LeaderHeard,
    /// As a leader it heard no quorum for an election timeout.
    QuorumLost,
    /// The leader wants this node to lead.
    LeadershipOffered,
    /// As a leader it was removed or made a learner.
    Removed,
}
