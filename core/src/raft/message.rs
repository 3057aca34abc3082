//! What nodes say to each other.
//!
//! [`Message::term`] is always the sender's own current term. A pre-vote that carried the term it
//! asks *for* would be the one message whose term its sender has never reached, and every check
//! of terms would need an exception; so the term asked for is implied in the request and named in
//! the reply.

use alloc::sync::Arc;

use super::entry::{Entries, EntryKind};
use super::snapshot::{Snapshot, SnapshotContent};
use crate::{Micros, NodeId};

/// A message from one node to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The sender.
    pub from: NodeId,
    /// The receiver.
    pub to: NodeId,
    /// The sender's current term, durable on its disk when the message leaves.
    pub term: u64,
    /// What is said.
    pub body: Body,
}

/// What a message says. Named as in Figure 2 of the paper where it has a name there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// "Would you vote for me in the next term?" Changes nobody's term or vote (dissertation 9.6).
    PreVote {
        /// Where the sender's log ends.
        last_index: u64,
        /// The term of its last entry.
        last_term: u64,
    },
    /// The answer to a pre-vote. It promises nothing.
    PreVoteReply {
        /// Yes or no.
        verdict: Verdict,
        /// The term that was asked for: that of the request plus one.
        proposed_term: u64,
    },
    /// `RequestVote`: "vote for me in this term".
    Vote {
        /// Where the sender's log ends.
        last_index: u64,
        /// The term of its last entry.
        last_term: u64,
        /// Why the sender stands.
        cause: Cause,
    },
    /// The answer to a vote. A grant is durable before it leaves.
    VoteReply {
        /// Yes or no.
        verdict: Verdict,
    },
    /// `AppendEntries`: entries that follow a position which the follower must already have.
    Append {
        /// The index before the first entry.
        previous_index: u64,
        /// The term at that index in the leader's log.
        previous_term: u64,
        /// The entries, possibly none.
        entries: Entries,
        /// What the leader has committed; it may lie beyond the entries.
        commit_index: u64,
    },
    /// The follower's durable log equals the leader's up to an index.
    AppendAccepted {
        /// That index.
        match_index: u64,
    },
    /// The follower does not have the previous position of an append.
    AppendRejected {
        /// The previous index of that append.
        rejected_index: u64,
        /// The last index of the follower, at or before the rejected one, whose term is not
        /// beyond the previous term of the append: everything after it differs for sure.
        hint_index: u64,
        /// The follower's term at the hint.
        hint_term: u64,
    },
    /// "More is committed", without waiting for the next append and without asking for an answer:
    /// the next heartbeat says it again.
    Commit {
        /// What is committed, as far as this follower is known to match.
        commit_index: u64,
    },
    /// "I lead", from a leader to everybody else.
    Heartbeat {
        /// What is committed, as far as this follower is known to match.
        commit_index: u64,
        /// The number of this round of heartbeats, counted from one in every term.
        round: u64,
        /// When it was sent, by the leader's clock. Nobody else looks at it.
        sent_at: Micros,
    },
    /// "I hear you."
    HeartbeatReply {
        /// As in the heartbeat.
        round: u64,
        /// As in the heartbeat.
        sent_at: Micros,
    },
    /// `InstallSnapshot`: the follower needs what the leader's log no longer has. Comes with the
    /// state of the state machine, which is the business of the hosts.
    Snapshot {
        /// Where the snapshot stands.
        snapshot: Arc<Snapshot>,
        /// Whether there is state to ship.
        content: SnapshotContent,
    },
    /// A proposal that a follower forwards to its leader.
    Propose {
        /// A command or a change of membership.
        kind: EntryKind,
        /// Its bytes.
        payload: Arc<[u8]>,
    },
    /// A read that a follower asks its leader to confirm.
    Read {
        /// The follower's name for it.
        id: u64,
    },
    /// The answer: the read may be served by a state machine that has applied this much.
    ReadReply {
        /// The follower's name for it.
        id: u64,
        /// What must be applied.
        index: u64,
    },
    /// A wish to transfer leadership that a follower passes on.
    TransferLeadership {
        /// Who is to lead.
        to: NodeId,
    },
    /// "Stand for election now", from a leader that transfers its leadership (dissertation 3.10).
    TimeoutNow,
    /// "Nothing is going on; do not wait to hear from me."
    Quiesce {
        /// Where the log ends, committed and matched.
        commit_index: u64,
    },
}

impl Body {
    /// Whether only the leader of the term can say this.
    pub fn is_from_leader(&self) -> bool {
        matches!(
            self,
            Self::Append { .. }
                | Self::Commit { .. }
                | Self::Heartbeat { .. }
                | Self::Snapshot { .. }
                | Self::ReadReply { .. }
                | Self::TimeoutNow
                | Self::Quiesce { .. }
        )
    }
}

/// The answer to a request for a vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Verdict {
    /// The vote is given.
    Granted,
    /// The vote is not given.
    Refused,
}

impl From<bool> for Verdict {
    fn from(granted: bool) -> Self {
        if granted {
            Self::Granted
        } else {
            Self::Refused
        }
    }
}

/// Why a candidate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Cause {
    /// It hears no leader. Who does hear one need not answer.
    Election,
    /// The leader wants it to. Everybody answers, whether they hear the leader or not.
    Transfer,
}
