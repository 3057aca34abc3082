//! Messages as bytes, and what a host writes to its disk ([`Record`]).
//!
//! The plain way is to write every field of every entry. But the hash that stands for the log up
//! to an entry follows from the entry before, and terms hardly ever change: so an append carries
//! the terms as runs and one hash and a half, whatever its length (`entries`).
//!
//! Terms and indices are refused where they reach the limit above which counting on could overflow,
//! and a membership if no group can have it. Whether a message makes sense to *this* node is for the
//! door to find out.

mod entries;
mod journal;
mod record;

use alloc::sync::Arc;
use alloc::vec::Vec;

pub use journal::OutOfPlace;
pub use record::Record;

use self::entries::{read_entries, read_kind, write_entries};
use super::COUNT_LIMIT;
use super::config::MAX_BATCH;
use super::log::Boundary;
use super::membership::Membership;
use super::message::{Body, Cause, Message, Verdict};
use super::snapshot::{Snapshot, SnapshotContent};
use crate::codec::{
    DecodeError, Kind, Reader, Sink, frame, frame_into, put_bytes, put_varint, unframe,
};
use crate::{Micros, NodeId};

impl Message {
    /// The message as a frame.
    pub fn encode(&self) -> Vec<u8> {
        frame(Kind::Raft, |out| self.write(out))
    }

    /// Adds the message as a frame to bytes that may hold others already. Does not allocate if
    /// the buffer has room for it.
    pub fn encode_into(&self, out: &mut Vec<u8>) {
        frame_into(out, Kind::Raft, |out| self.write(out));
    }

    /// The message in a frame.
    ///
    /// # Errors
    ///
    /// If the bytes are not an encoded message, down to the last.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = unframe(Kind::Raft, bytes)?;
        let message = Self {
            from: NodeId(reader.varint()?),
            to: NodeId(reader.varint()?),
            term: read_count(&mut reader)?,
            body: read_body(&mut reader)?,
        };
        reader.finish()?;
        Ok(message)
    }

    fn write(&self, out: &mut Vec<u8>) {
        put_all(out, &[self.from.0, self.to.0, self.term]);
        out.put(&[tag(&self.body)]);
        write_fields(&self.body, out);
    }
}

/// The byte that says which body follows.
fn tag(body: &Body) -> u8 {
    match body {
        Body::PreVote { .. } => 0,
        Body::PreVoteReply { .. } => 1,
        Body::Vote { .. } => 2,
        Body::VoteReply { .. } => 3,
        Body::Append { .. } => 4,
        Body::AppendAccepted { .. } => 5,
        Body::AppendRejected { .. } => 6,
        Body::Commit { .. } => 7,
        Body::Heartbeat { .. } => 8,
        Body::HeartbeatReply { .. } => 9,
        Body::Snapshot { .. } => 10,
        Body::Propose { .. } => 11,
        Body::Read { .. } => 12,
        Body::ReadReply { .. } => 13,
        Body::TransferLeadership { .. } => 14,
        Body::TimeoutNow => 15,
        Body::Quiesce { .. } => 16,
    }
}

/// Writes the fields of a body in the order in which it declares them.
fn write_fields(body: &Body, out: &mut Vec<u8>) {
    match body {
        Body::PreVote {
            last_index,
            last_term,
        } => put_all(out, &[*last_index, *last_term]),
        Body::PreVoteReply {
            verdict,
            proposed_term,
        } => put_all(out, &[*verdict as u64, *proposed_term]),
        Body::Vote {
            last_index,
            last_term,
            cause,
        } => put_all(out, &[*last_index, *last_term, *cause as u64]),
        Body::VoteReply { verdict } => put_varint(out, *verdict as u64),
        Body::Append {
            previous_index,
            previous_term,
            entries,
            commit_index,
        } => {
            put_all(out, &[*previous_index, *previous_term]);
            write_entries(entries, out);
            put_varint(out, *commit_index);
        }
        Body::AppendAccepted { match_index } => put_varint(out, *match_index),
        Body::AppendRejected {
            rejected_index,
            hint_index,
            hint_term,
        } => put_all(out, &[*rejected_index, *hint_index, *hint_term]),
        Body::Commit { commit_index } | Body::Quiesce { commit_index } => {
            put_varint(out, *commit_index);
        }
        Body::Heartbeat {
            commit_index,
            round,
            sent_at,
        } => put_all(out, &[*commit_index, *round, sent_at.0]),
        Body::HeartbeatReply { round, sent_at } => put_all(out, &[*round, sent_at.0]),
        Body::Snapshot { snapshot, content } => {
            write_snapshot(snapshot, out);
            put_varint(out, *content as u64);
        }
        Body::Propose { kind, payload } => {
            put_varint(out, u64::from(kind.tag()));
            put_bytes(out, payload);
        }
        Body::Read { id } => put_varint(out, *id),
        Body::ReadReply { id, index } => put_all(out, &[*id, *index]),
        Body::TransferLeadership { to } => put_varint(out, to.0),
        Body::TimeoutNow => {}
    }
}

/// Reads a tag and the fields of its body.
fn read_body(reader: &mut Reader<'_>) -> Result<Body, DecodeError> {
    let offset = reader.offset();
    Ok(match reader.byte()? {
        0 => Body::PreVote {
            last_index: read_count(reader)?,
            last_term: read_count(reader)?,
        },
        1 => Body::PreVoteReply {
            verdict: read_verdict(reader)?,
            proposed_term: read_count(reader)?,
        },
        2 => Body::Vote {
            last_index: read_count(reader)?,
            last_term: read_count(reader)?,
            cause: read_choice(reader, [Cause::Election, Cause::Transfer])?,
        },
        3 => Body::VoteReply {
            verdict: read_verdict(reader)?,
        },
        4 => Body::Append {
            previous_index: read_count(reader)?,
            previous_term: read_count(reader)?,
            entries: read_entries(reader, MAX_BATCH)?,
            commit_index: read_count(reader)?,
        },
        5 => Body::AppendAccepted {
            match_index: read_count(reader)?,
        },
        6 => Body::AppendRejected {
            rejected_index: read_count(reader)?,
            hint_index: read_count(reader)?,
            hint_term: read_count(reader)?,
        },
        7 => Body::Commit {
            commit_index: read_count(reader)?,
        },
        8 => Body::Heartbeat {
            commit_index: read_count(reader)?,
            round: reader.varint()?,
            sent_at: Micros(reader.varint()?),
        },
        9 => Body::HeartbeatReply {
            round: reader.varint()?,
            sent_at: Micros(reader.varint()?),
        },
        10 => Body::Snapshot {
            snapshot: Arc::new(read_offered(reader)?),
            content: read_choice(
                reader,
                [SnapshotContent::State, SnapshotContent::PositionOnly],
            )?,
        },
        11 => Body::Propose {
            kind: read_kind(reader)?,
            payload: Arc::from(reader.bytes()?),
        },
        12 => Body::Read {
            id: reader.varint()?,
        },
        13 => Body::ReadReply {
            id: reader.varint()?,
            index: read_count(reader)?,
        },
        14 => Body::TransferLeadership {
            to: NodeId(reader.varint()?),
        },
        15 => Body::TimeoutNow,
        16 => Body::Quiesce {
            commit_index: read_count(reader)?,
        },
        _ => return Err(Reader::bad_value(offset, "a kind of message")),
    })
}

fn read_verdict(reader: &mut Reader<'_>) -> Result<Verdict, DecodeError> {
    read_choice(reader, [Verdict::Granted, Verdict::Refused])
}

/// One of two things, in the order in which their type declares them.
fn read_choice<T: Copy>(reader: &mut Reader<'_>, choices: [T; 2]) -> Result<T, DecodeError> {
    let offset = reader.offset();
    match reader.varint()? {
        0 => Ok(choices[0]),
        1 => Ok(choices[1]),
        _ => Err(Reader::bad_value(offset, "zero or one")),
    }
}

fn write_snapshot(snapshot: &Snapshot, out: &mut impl Sink) {
    write_boundary(&snapshot.position, out);
    snapshot.membership.write(out);
}

fn read_snapshot(reader: &mut Reader<'_>) -> Result<Snapshot, DecodeError> {
    Ok(Snapshot {
        position: read_boundary(reader)?,
        membership: Membership::read(reader)?,
    })
}

/// A snapshot that a leader offers: of a group that has somebody to lead it.
fn read_offered(reader: &mut Reader<'_>) -> Result<Snapshot, DecodeError> {
    let offset = reader.offset();
    let snapshot = read_snapshot(reader)?;
    if snapshot.membership.incoming().is_empty() {
        return Err(Reader::bad_value(offset, "a snapshot of a group"));
    }
    Ok(snapshot)
}

fn write_boundary(boundary: &Boundary, out: &mut impl Sink) {
    put_all(out, &[boundary.index, boundary.term]);
    out.put(&boundary.prefix_hash.to_le_bytes());
}

fn read_boundary(reader: &mut Reader<'_>) -> Result<Boundary, DecodeError> {
    Ok(Boundary {
        index: read_count(reader)?,
        term: read_count(reader)?,
        prefix_hash: read_hash(reader)?,
    })
}

/// A term or an index.
fn read_count(reader: &mut Reader<'_>) -> Result<u64, DecodeError> {
    let offset = reader.offset();
    let count = reader.varint()?;
    if count >= COUNT_LIMIT {
        return Err(Reader::bad_value(offset, "a term or an index below 2^61"));
    }
    Ok(count)
}

fn read_hash(reader: &mut Reader<'_>) -> Result<u128, DecodeError> {
    let bytes = reader.take(size_of::<u128>())?;
    let bytes = bytes.try_into().expect("as many bytes as were taken");
    Ok(u128::from_le_bytes(bytes))
}

fn put_all(out: &mut impl Sink, integers: &[u64]) {
    for integer in integers {
        put_varint(out, *integer);
    }
}
