//! Why a node or an input is refused.
//!
//! A node that panics on a strange message can be killed from the network, and one that shrugs
//! hides a broken peer. Both refusals here name the offender and the numbers that disagree, and
//! leave the node as it was.

use core::error::Error;
use core::fmt;

use super::config::MAX_VOTERS;
use crate::{Micros, NodeId};

/// Why [`Raft::new`](super::Raft::new) refuses to build a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// There are no voters, or more than [`MAX_VOTERS`].
    VoterCount {
        /// How many were given.
        voters: usize,
    },
    /// A voter is listed twice.
    DuplicateVoter {
        /// The voter.
        voter: NodeId,
    },
    /// The node itself is not among the voters.
    NotAVoter {
        /// The node.
        id: NodeId,
    },
    /// The heartbeat interval is zero or not below the election timeout.
    HeartbeatInterval {
        /// The interval that was given.
        heartbeat_interval: Micros,
        /// The timeout that was given.
        election_timeout: Micros,
    },
    /// An append could never carry an entry.
    NoEntriesPerAppend,
    /// An append could never be on its way.
    NoInflightAppends,
    /// The restored log is not a log: a gap, a term that is zero or runs backwards, or a prefix
    /// hash that does not follow from the entries.
    BrokenLog {
        /// The first index that does not fit.
        index: u64,
    },
    /// The restored commit index or applied index lies beyond the restored log.
    IndexBeyondLog {
        /// The index.
        index: u64,
        /// Where the log ends.
        last_index: u64,
    },
    /// The restored term or boundary is so high that counting on could overflow.
    OutOfRange {
        /// The term or index.
        value: u64,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::VoterCount { voters } => {
                write!(f, "{voters} voters, where 1 to {MAX_VOTERS} are possible")
            }
            Self::DuplicateVoter { voter } => write!(f, "voter {voter} is listed twice"),
            Self::NotAVoter { id } => write!(f, "node {id} is not among the voters"),
            Self::HeartbeatInterval {
                heartbeat_interval,
                election_timeout,
            } => write!(
                f,
                "heartbeat interval of {heartbeat_interval} s is not between zero and the \
                 election timeout of {election_timeout} s"
            ),
            Self::NoEntriesPerAppend => write!(f, "max_entries_per_append is zero"),
            Self::NoInflightAppends => write!(f, "max_inflight_appends is zero"),
            Self::BrokenLog { index } => write!(f, "the restored log breaks at index {index}"),
            Self::IndexBeyondLog { index, last_index } => {
                write!(
                    f,
                    "restored index {index} lies beyond the log, which ends at {last_index}"
                )
            }
            Self::OutOfRange { value } => {
                write!(f, "restored term or index {value} is out of range")
            }
        }
    }
}

impl Error for ConfigError {}

/// Why [`Raft::step`](super::Raft::step) refuses an input. The node is as it was before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepError {
    /// The message is addressed to another node.
    WrongRecipient {
        /// The node it is addressed to.
        to: NodeId,
    },
    /// The sender is not another voter of this group.
    UnknownSender {
        /// The sender.
        from: NodeId,
    },
    /// The message carries term zero, in which nobody can have acted, or a term so high that
    /// counting on from it could overflow.
    TermOutOfRange {
        /// The sender.
        from: NodeId,
        /// The term.
        term: u64,
    },
    /// The message answers or addresses this node in a term that it has never reached.
    FromTheFuture {
        /// The sender.
        from: NodeId,
        /// The term of the message.
        term: u64,
        /// The term of this node.
        current_term: u64,
    },
    /// A position in a log that no log can have: index and term must be zero together, and the
    /// term cannot lie beyond what the message allows.
    ImpossiblePosition {
        /// The sender.
        from: NodeId,
        /// The index of the position.
        index: u64,
        /// The term of the position.
        term: u64,
    },
    /// The entries of an append do not follow each other and the previous index.
    EntryOutOfOrder {
        /// The index that had to come.
        expected: u64,
        /// The index that came.
        found: u64,
    },
    /// The terms inside an append run backwards, or beyond the term of the leader.
    EntryTerm {
        /// The entry.
        index: u64,
        /// Its term.
        term: u64,
    },
    /// An entry does not hash to its prefix hash from the log before it: it was changed on its
    /// way, or the two logs differ where they claim to agree.
    PrefixHashMismatch {
        /// The entry.
        index: u64,
    },
    /// The append contradicts an entry that is committed here.
    OverwritesCommitted {
        /// The entry.
        index: u64,
        /// What is committed.
        commit_index: u64,
    },
    /// Somebody claims to lead a term that has another leader.
    SecondLeader {
        /// The term.
        term: u64,
        /// The leader this node knows.
        known: NodeId,
        /// The sender.
        claimed: NodeId,
    },
    /// A heartbeat commits what this node never acknowledged.
    CommitBeyondLog {
        /// What the leader says is committed and matched.
        commit_index: u64,
        /// Where the log ends here.
        last_index: u64,
    },
    /// A follower answers about an index that the leader does not have.
    AnswerBeyondLog {
        /// The sender.
        from: NodeId,
        /// The index of the answer.
        index: u64,
        /// Where the log ends here.
        last_index: u64,
    },
    /// A proposal cannot be taken or forwarded, because no leader is known.
    NoLeader,
    /// The host reports a write that was never asked for.
    UnknownIo {
        /// The number reported.
        io: u64,
        /// The last number given out.
        last_io: u64,
    },
    /// The host reports as applied what was never handed to it, or less than before.
    AppliedOutOfRange {
        /// The index reported.
        index: u64,
        /// The applied index so far.
        applied_index: u64,
        /// The last index handed out to be applied.
        handed_index: u64,
    },
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongRecipient { to } => write!(f, "message addressed to {to}"),
            Self::UnknownSender { from } => write!(f, "sender {from} is not another voter"),
            Self::TermOutOfRange { from, term } => {
                write!(f, "term {term} in a message from {from} is out of range")
            }
            Self::FromTheFuture {
                from,
                term,
                current_term,
            } => write!(
                f,
                "{from} addresses this node in term {term}, but it has only reached {current_term}"
            ),
            Self::ImpossiblePosition { from, index, term } => {
                write!(
                    f,
                    "{from} names a log position of index {index} and term {term}"
                )
            }
            Self::EntryOutOfOrder { expected, found } => {
                write!(
                    f,
                    "entry {found} in an append where {expected} had to follow"
                )
            }
            Self::EntryTerm { index, term } => {
                write!(
                    f,
                    "entry {index} of an append has term {term}, out of order"
                )
            }
            Self::PrefixHashMismatch { index } => {
                write!(
                    f,
                    "prefix hash of entry {index} does not follow from the log before it"
                )
            }
            Self::OverwritesCommitted {
                index,
                commit_index,
            } => write!(
                f,
                "append contradicts entry {index}, and everything to {commit_index} is committed"
            ),
            Self::SecondLeader {
                term,
                known,
                claimed,
            } => {
                write!(
                    f,
                    "{claimed} claims to lead term {term}, which {known} leads"
                )
            }
            Self::CommitBeyondLog {
                commit_index,
                last_index,
            } => write!(
                f,
                "heartbeat commits index {commit_index}, but the log ends at {last_index}"
            ),
            Self::AnswerBeyondLog {
                from,
                index,
                last_index,
            } => write!(
                f,
                "{from} answers about index {index}, but the log ends at {last_index}"
            ),
            Self::NoLeader => write!(f, "no leader is known"),
            Self::UnknownIo { io, last_io } => {
                write!(f, "write {io} was never asked for, the last was {last_io}")
            }
            Self::AppliedOutOfRange {
                index,
                applied_index,
                handed_index,
            } => write!(
                f,
                "applied index {index} is not within {applied_index}..={handed_index}"
            ),
        }
    }
}

impl Error for StepError {}
