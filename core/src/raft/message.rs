//! What nodes say to each other.
//!
//! [`Message::term`] is always the sender's own current term. A pre-vote that carried the term it
//! asks *for* would be the one message whose term its sender has never reached, and every check
//! of terms would need an exception; so the term asked for is implied in the request and named in
//! the reply.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::entry::Entry;
use crate::NodeId;

/// A message from one voter to another.
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
        entries: Vec<Entry>,
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
    /// "I lead", from a leader to each follower.
    Heartbeat {
        /// What is committed, as far as this follower is known to match.
        commit_index: u64,
    },
    /// "I hear you."
    HeartbeatReply,
    /// A proposal that a follower forwards to its leader.
    Propose {
        /// The command.
        payload: Arc<[u8]>,
    },
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
