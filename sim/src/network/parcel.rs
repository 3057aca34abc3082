//! What is sent, what it looks like, and what it weighs.
//!
//! A link of limited bandwidth has to know how long a message occupies it. Encoding every message
//! for that would cost more than the simulation; the sizes here are estimates, close to what the
//! kernel's binary format takes, and are asked for only where a bandwidth is set.

use std::sync::Arc;

use quorate::crdt::{Entry, Epoch, SyncMessage, VersionVector};
use quorate::raft::{Body, Message, Verdict};

use crate::clients::{Answer, Ask, Request};
use crate::reports::{Duty, Report};
use crate::snapshot::FlightKind;

/// What nodes send each other.
#[derive(Clone, Debug)]
pub(crate) enum Parcel {
    Raft(Message),
    /// A snapshot of the log, with the state machine that stands behind it.
    Snapshot {
        message: Message,
        state: Arc<[u8]>,
    },
    Sync(SyncMessage),
    Report(Box<Report>),
    /// A leader's word to a worker.
    Duty {
        term: u64,
        duty: Duty,
    },
    /// Entries of the membership log, for a worker that does not read the log itself.
    Admissions(Vec<(Epoch, Arc<Entry>)>),
    /// An entry that a replica wants in the membership log, on its way to a voter.
    Admission(Box<Entry>),
    Request(Request),
    Answer {
        request: u32,
        answer: Answer,
    },
}

/// What every message has: the headers of a transport, sender, receiver, kind and term.
const HEADER: u64 = 64;
/// An entry beside its payload: term, kind and length.
const ENTRY: u64 = 4;
/// A replica's place in a version vector.
const COUNTER: u64 = 10;

impl Parcel {
    /// What it is, as far as its picture goes.
    pub(crate) fn kind(&self) -> FlightKind {
        match self {
            Self::Raft(message) => match &message.body {
                Body::PreVote { .. } | Body::PreVoteReply { .. } => FlightKind::PreVote,
                Body::Vote { .. } | Body::VoteReply { .. } | Body::TimeoutNow => FlightKind::Vote,
                Body::Append { entries, .. } => FlightKind::Append {
                    entries: u32::try_from(entries.len()).unwrap_or(u32::MAX),
                },
                Body::AppendAccepted { .. }
                | Body::AppendRejected { .. }
                | Body::HeartbeatReply { .. } => FlightKind::Reply,
                Body::Commit { .. } | Body::Snapshot { .. } => FlightKind::Append { entries: 0 },
                Body::Heartbeat { .. } | Body::Quiesce { .. } => FlightKind::Heartbeat,
                Body::Propose { .. }
                | Body::Read { .. }
                | Body::ReadReply { .. }
                | Body::TransferLeadership { .. } => FlightKind::Proposal,
            },
            Self::Sync(
                SyncMessage::Ack { .. } | SyncMessage::Digest(_) | SyncMessage::Readmit { .. },
            ) => FlightKind::SetAck,
            Self::Sync(
                SyncMessage::Delta(_) | SyncMessage::Full(_) | SyncMessage::Admission { .. },
            ) => FlightKind::SetDelta,
            Self::Snapshot { .. } => FlightKind::Append { entries: 0 },
            Self::Report(_)
            | Self::Duty { .. }
            | Self::Admissions(_)
            | Self::Admission(_)
            | Self::Request(_)
            | Self::Answer { .. } => FlightKind::Control,
        }
    }

    /// An estimate of what it weighs on a link. O(size), and asked for only where that matters.
    pub(crate) fn bytes(&self) -> u64 {
        let body = match self {
            Self::Raft(message) => raft_bytes(&message.body),
            Self::Sync(SyncMessage::Ack { durable, .. }) => vector_bytes(durable),
            Self::Sync(SyncMessage::Digest(_)) | Self::Request(_) => 24,
            Self::Sync(SyncMessage::Delta(delta)) => delta.encoded_len() as u64,
            Self::Sync(SyncMessage::Full(full) | SyncMessage::Admission { full, .. }) => {
                full.encoded_len() as u64
            }
            Self::Sync(SyncMessage::Readmit { seen, .. }) => vector_bytes(seen),
            Self::Report(_) => 48,
            Self::Snapshot { message, state } => raft_bytes(&message.body) + state.len() as u64,
            Self::Admissions(entries) => entries.iter().map(|(_, entry)| entry_bytes(entry)).sum(),
            Self::Admission(entry) => entry_bytes(entry),
            Self::Duty { .. } | Self::Answer { .. } => 8,
        };
        HEADER + body
    }

    /// Its term; zero if it has none.
    pub(crate) fn term(&self) -> u64 {
        match self {
            Self::Raft(message) | Self::Snapshot { message, .. } => message.term,
            Self::Duty { term, .. } => *term,
            _ => 0,
        }
    }

    /// A few words about it.
    pub(crate) fn label(&self) -> String {
        match self {
            Self::Raft(message) | Self::Snapshot { message, .. } => match &message.body {
                Body::PreVote { .. } => "pre-vote?".into(),
                Body::PreVoteReply { verdict, .. } => format!("pre-vote {}", word(*verdict)),
                Body::Vote { .. } => format!("vote in term {}?", message.term),
                Body::VoteReply { verdict } => format!("vote {}", word(*verdict)),
                Body::Append {
                    previous_index,
                    entries,
                    ..
                } => match entries.len() as u64 {
                    0 => format!("probe {previous_index}"),
                    1 => format!("append {}", previous_index + 1),
                    n => format!("append {}–{}", previous_index + 1, previous_index + n),
                },
                Body::AppendAccepted { match_index } => format!("ok, match {match_index}"),
                Body::AppendRejected { rejected_index, .. } => {
                    format!("no match at {rejected_index}")
                }
                Body::Commit { commit_index } => format!("commit {commit_index}"),
                Body::Snapshot { snapshot, .. } => {
                    format!("snapshot to {}", snapshot.position.index)
                }
                Body::Heartbeat { commit_index, .. } => format!("heartbeat, commit {commit_index}"),
                Body::HeartbeatReply { .. } => "alive".into(),
                Body::Quiesce { .. } => "sleep".into(),
                Body::Propose { .. } => "proposal".into(),
                Body::Read { .. } => "read?".into(),
                Body::ReadReply { index, .. } => format!("read at {index}"),
                Body::TransferLeadership { to } => format!("let {to} lead"),
                Body::TimeoutNow => "stand for election".into(),
            },
            Self::Sync(SyncMessage::Ack { .. }) => "set ack".into(),
            Self::Sync(SyncMessage::Digest(_)) => "set digest".into(),
            Self::Sync(SyncMessage::Readmit { .. }) => "readmit?".into(),
            Self::Sync(SyncMessage::Delta(delta)) => {
                format!("set delta, {} B", delta.encoded_len())
            }
            Self::Sync(SyncMessage::Full(full) | SyncMessage::Admission { full, .. }) => {
                format!("full set, {} B", full.encoded_len())
            }
            Self::Report(_) => "metrics".into(),
            Self::Duty { duty, .. } => match duty {
                Duty::Drain => "drain".into(),
                Duty::Serve => "serve".into(),
            },
            Self::Admissions(entries) => format!("{} changes of the sets' members", entries.len()),
            Self::Admission(_) => "a change of the sets' members".into(),
            Self::Request(request) => match request.ask {
                Ask::Open => "open a session".into(),
                Ask::Call { operation, .. } => operation.to_string(),
                Ask::Get { key } => format!("get k{key}"),
            },
            Self::Answer { answer, .. } => match answer {
                Answer::Opened { .. } => "session".into(),
                Answer::Done { index, .. } => format!("done at {index}"),
                Answer::Unavailable => "ask somebody else".into(),
                Answer::Expired => "no such session".into(),
            },
        }
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Granted => "granted",
        Verdict::Refused => "refused",
    }
}

/// An estimate of the encoding of an entry of the membership log.
fn entry_bytes(entry: &Entry) -> u64 {
    match entry {
        Entry::Readmit { seen, .. } => 16 + vector_bytes(seen),
        _ => 24,
    }
}

/// An estimate of a vector's encoding.
fn vector_bytes(vector: &VersionVector) -> u64 {
    vector.iter().count() as u64 * COUNTER
}

/// An estimate of the encoding of a message between voters, without its header.
fn raft_bytes(body: &Body) -> u64 {
    match body {
        Body::Append { entries, .. } => {
            let payloads = entries
                .iter()
                .map(|entry| entry.payload().len() as u64 + ENTRY);
            32 + payloads.sum::<u64>()
        }
        Body::Propose { payload, .. } => payload.len() as u64 + ENTRY,
        // The position and the group; the state is weighed by whoever ships it.
        Body::Snapshot { .. } => 128,
        _ => 16,
    }
}
