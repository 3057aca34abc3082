//! Why a node or an input is refused.
//!
//! A node that panics on a strange message can be killed from the network, and one that shrugs
//! hides a broken peer. Both refusals here name the offender and the numbers that disagree, and
//! leave the node as it was.

use core::error::Error;
use core::fmt;

use super::config::MAX_BATCH;
use super::membership::MembershipError;
use crate::{Micros, NodeId};

/// Why [`Raft::new`](super::Raft::new) refuses to build a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// The heartbeat interval is zero or not below the election timeout.
    HeartbeatInterval {
        /// The interval that was given.
        heartbeat_interval: Micros,
        /// The timeout that was given.
        election_timeout: Micros,
    },
    /// An append could never carry an entry, or more than [`MAX_BATCH`].
    AppendEntries {
        /// The limit that was given.
        max_append_entries: usize,
    },
    /// An append could never be on its way.
    NothingInFlight,
    /// Leases need check-quorum, and clocks that drift by less than a half.
    Lease {
        /// The bound that was given.
        max_drift_ppm: u32,
    },
    /// An entry that changes the membership does not say how.
    BrokenChange {
        /// Its index.
        index: u64,
    },
    /// The log starts after the snapshot, or the state machine stands before it.
    SnapshotOutOfPlace {
        /// The position of the snapshot.
        snapshot_index: u64,
        /// What the log starts after.
        boundary_index: u64,
        /// Where the log ends.
        last_index: u64,
    },
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
            Self::HeartbeatInterval {
                heartbeat_interval,
                election_timeout,
            } => write!(
                f,
                "heartbeat interval of {heartbeat_interval} s is not between zero and the \
                 election timeout of {election_timeout} s"
            ),
            Self::AppendEntries { max_append_entries } => write!(
                f,
                "max_append_entries is {max_append_entries}, not within 1 and {MAX_BATCH}"
            ),
            Self::NothingInFlight => {
                write!(f, "max_inflight_appends or max_inflight_bytes is zero")
            }
            Self::Lease { max_drift_ppm } => write!(
                f,
                "leases need check_quorum and a drift below 500000 ppm, which is {max_drift_ppm}"
            ),
            Self::BrokenChange { index } => {
                write!(
                    f,
                    "entry {index} is a change of membership that cannot be read"
                )
            }
            Self::SnapshotOutOfPlace {
                snapshot_index,
                boundary_index,
                last_index,
            } => write!(
                f,
                "the snapshot at {snapshot_index} does not lie within a log after \
                 {boundary_index} that ends at {last_index}"
            ),
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
    /// A node answers this leader, or asks it for something, that it does not count among the
    /// members; or the node is this one.
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
    /// A heartbeat is answered that was never sent.
    UnknownRound {
        /// The sender.
        from: NodeId,
        /// The round of the answer.
        round: u64,
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
    /// A proposal, a read or a transfer cannot be taken or forwarded, because no leader is known.
    NoLeader,
    /// A proposal cannot be taken, because this node does not lead and does not forward.
    NotLeader {
        /// Who leads.
        leader: NodeId,
    },
    /// This leader was removed from the group, or made a learner, and takes nothing more.
    Removed,
    /// A batch of proposals is empty or larger than [`MAX_BATCH`].
    BatchSize {
        /// How many proposals it has.
        proposals: usize,
    },
    /// As much is uncommitted, or kept back, as may be. Wait for something to be committed.
    TooMuchUncommitted {
        /// The payload bytes that are uncommitted or kept back.
        uncommitted_bytes: u64,
        /// How many may be.
        max_uncommitted_bytes: u64,
    },
    /// Another change of membership is not applied yet, or nothing of this leader's term is committed.
    MembershipPending {
        /// Where the other change may stand in the log.
        pending_index: u64,
        /// What is applied.
        applied_index: u64,
    },
    /// The change does not fit the membership.
    Membership(MembershipError),
    /// An entry or a forwarded proposal claims to change the membership and does not say how.
    BrokenChange {
        /// The sender.
        from: NodeId,
    },
    /// A follower forwards something that is neither a command nor a change of membership.
    NotAProposal {
        /// The sender.
        from: NodeId,
    },
    /// Leadership can only be transferred to a full voter.
    NotTransferable {
        /// The node it was to be transferred to.
        to: NodeId,
    },
    /// The node is no voter that may lead: a learner, a witness, removed, or busy installing a
    /// snapshot.
    NotElectable,
    /// A committed change of membership is not applied yet; a candidate could count by the wrong
    /// voters.
    ChangeUnapplied {
        /// Where the change stands.
        index: u64,
    },
    /// With leases, a node that hears a leader has promised not to end its term.
    LeaseHeld {
        /// Until when, by the clock of this node.
        until: Micros,
    },
    /// A leader cannot quiesce while a member lags, or something is pending.
    NotIdle,
    /// A follower is told to quiesce by a leader whose log it does not have.
    QuiescedBeyondLog {
        /// Where the leader's log ends.
        commit_index: u64,
        /// Where the log ends here.
        last_index: u64,
    },
    /// A snapshot is reported that lies before an older one or beyond what is applied.
    SnapshotOutOfRange {
        /// The index reported.
        index: u64,
        /// The last snapshot, or what the log starts after.
        oldest: u64,
        /// What is applied.
        applied_index: u64,
    },
    /// Entries are to be dropped that no snapshot covers.
    CompactsBeyondSnapshot {
        /// The index up to which.
        index: u64,
        /// What the last snapshot covers.
        snapshot_index: u64,
    },
    /// A report about a member that this node does not lead.
    UnknownPeer {
        /// The member.
        peer: NodeId,
    },
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
            Self::UnknownSender { from } => write!(f, "sender {from} is not another member"),
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
            Self::UnknownRound { from, round } => {
                write!(f, "{from} answers heartbeat {round}, which was never sent")
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
            other => other.fmt_wish(f),
        }
    }
}

impl StepError {
    /// What is wrong with what somebody wants the node to do.
    fn fmt_wish(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLeader => write!(f, "no leader is known"),
            Self::NotLeader { leader } => write!(f, "not the leader, which is {leader}"),
            Self::Removed => write!(f, "this leader is no longer a voter of the group"),
            Self::BatchSize { proposals } => {
                write!(
                    f,
                    "a batch of {proposals} proposals, where 1 to {MAX_BATCH} are possible"
                )
            }
            Self::TooMuchUncommitted {
                uncommitted_bytes,
                max_uncommitted_bytes,
            } => write!(
                f,
                "{uncommitted_bytes} bytes are uncommitted, of {max_uncommitted_bytes} that may be"
            ),
            Self::MembershipPending {
                pending_index,
                applied_index,
            } => write!(
                f,
                "a change of membership has to wait for entry {pending_index} and one of this \
                 term to be applied, and {applied_index} is"
            ),
            Self::Membership(error) => write!(f, "{error}"),
            Self::BrokenChange { from } => {
                write!(f, "{from} sends a change of membership that cannot be read")
            }
            Self::NotAProposal { from } => write!(f, "{from} forwards what is not a proposal"),
            Self::NotTransferable { to } => {
                write!(f, "leadership cannot go to {to}, which is no full voter")
            }
            Self::NotElectable => write!(f, "this node is no voter that may lead"),
            Self::ChangeUnapplied { index } => {
                write!(
                    f,
                    "the change of membership at {index} is committed and not applied"
                )
            }
            Self::LeaseHeld { until } => {
                write!(
                    f,
                    "the leader was promised not to be challenged before {until} s"
                )
            }
            Self::NotIdle => write!(f, "a member lags, or something is pending"),
            other => other.fmt_report(f),
        }
    }

    /// What is wrong with what somebody says has happened.
    fn fmt_report(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::QuiescedBeyondLog {
                commit_index,
                last_index,
            } => write!(
                f,
                "told to quiesce at index {commit_index}, but the log ends at {last_index}"
            ),
            Self::SnapshotOutOfRange {
                index,
                oldest,
                applied_index,
            } => write!(
                f,
                "snapshot at {index} is not within {oldest}..={applied_index}"
            ),
            Self::CompactsBeyondSnapshot {
                index,
                snapshot_index,
            } => write!(
                f,
                "entries up to {index} cannot go, the snapshot covers {snapshot_index}"
            ),
            Self::UnknownPeer { peer } => {
                write!(f, "this node leads no other member {peer}")
            }
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
            _ => unreachable!("every other error is about a message or a wish"),
        }
    }
}

impl Error for StepError {}
