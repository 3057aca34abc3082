//! What goes into a step and what comes out of it.
//!
//! A state machine that calls out (to a disk, a socket, a clock) can only be tested with
//! pretended ones, and runs differently every time. This one takes an [`Input`] and answers with
//! [`Effects`]; the host does them and reports back.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;

use super::entry::Entry;
use super::log::Boundary;
use super::message::Message;
use crate::{Micros, NodeId};

/// Something that happens to a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Time has passed. Due at [`Effects::next_deadline`]; earlier ticks do nothing.
    Tick,
    /// A message has arrived.
    Receive(Message),
    /// A client wants `payload` in the log. A leader appends it, a follower forwards it.
    Propose {
        /// The command.
        payload: Arc<[u8]>,
    },
    /// The host wants this node to stand for election now. It still has to win the pre-vote; a
    /// leader ignores it.
    Campaign,
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
    /// The change of role in this step, if any. Several are told as one.
    pub role: Option<RoleChange>,
    /// When the node wants its next [`Input::Tick`].
    pub next_deadline: Micros,
}

impl Effects {
    /// Forgets the last step and keeps its buffers.
    pub(super) fn clear(&mut self) {
        self.send.clear();
        self.persist = None;
        self.role = None;
    }
}

/// A write. The parts become durable in this order: truncation, entries, hard state; a crash in
/// between leaves a prefix of them. A hard state before its entries could commit what the log
/// does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Persist {
    /// The number of the write, counted from one since [`Raft::new`](super::Raft::new).
    pub io: u64,
    /// The new hard state.
    pub hard_state: HardState,
    /// All stored entries from this index on are void.
    pub truncate_from: Option<u64>,
    /// Entries to store, in order, after the truncation.
    pub entries: Vec<Entry>,
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

/// What a node finds on its disk. The default is an empty disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// The last durable hard state.
    pub hard_state: HardState,
    /// What the log starts after: zero, or a snapshot.
    pub boundary: Boundary,
    /// The durable entries after the boundary.
    pub entries: Vec<Entry>,
    /// Up to where the state machine has applied, as far as *it* is durable; zero to have
    /// everything after the boundary handed out again.
    pub applied_index: u64,
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
    /// A majority would vote for the node.
    PreVoteWon,
    /// A majority voted for the node.
    ElectionWon,
    /// A majority refused.
    ElectionLost,
    /// Somebody is in a higher term.
    HigherTermSeen,
    /// The leader of this term has spoken.
    LeaderHeard,
    /// As a leader it heard no majority for an election timeout.
    QuorumLost,
}
