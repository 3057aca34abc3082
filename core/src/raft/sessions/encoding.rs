//! Sessions as bytes, for snapshots.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{Limits, Session, Sessions};
use crate::codec::{DecodeError, Kind, Reader, frame, put_bytes, put_varint, unframe};

/// The fewest bytes a session takes: its name, when it was used, two counts.
const SESSION_BYTES: usize = 4;

impl Sessions {
    /// The sessions as a frame. Equal sessions have equal bytes.
    pub fn encode(&self) -> Vec<u8> {
        frame(Kind::RaftSessions, |out| {
            let Limits {
                max_sessions,
                max_replies,
                max_reply_bytes,
            } = self.limits;
            put_varint(out, max_sessions);
            put_varint(out, max_replies);
            put_varint(out, max_reply_bytes);
            put_varint(out, self.last_index);
            put_varint(out, self.by_name.len() as u64);
            for (name, session) in &self.by_name {
                put_varint(out, *name);
                put_varint(out, session.last_used - name);
                put_varint(out, session.acknowledged());
                put_varint(out, session.replies.len() as u64);
                for reply in &session.replies {
                    put_bytes(out, reply);
                }
            }
        })
    }

    /// The sessions in a frame.
    ///
    /// # Errors
    ///
    /// If the bytes are not encoded sessions, down to the last, or such as no log leads to.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = unframe(Kind::RaftSessions, bytes)?;
        let limits = read_limits(&mut reader)?;
        let last_index = reader.varint()?;
        let mut sessions = Self {
            last_index,
            ..Self::new(limits)
        };
        let offset = reader.offset();
        let count = reader.count(SESSION_BYTES)?;
        if count as u64 > limits.max_sessions {
            return Err(Reader::bad_value(
                offset,
                "as many sessions as there may be",
            ));
        }
        for _ in 0..count {
            let offset = reader.offset();
            let (name, session) = read_session(&mut reader, limits)?;
            let ascends = sessions
                .by_name
                .last_key_value()
                .is_none_or(|(last, _)| *last < name);
            let is_past =
                (1..=session.last_used).contains(&name) && session.last_used <= last_index;
            let is_alone = insert_new(&mut sessions.by_use, session.last_used, name);
            if !(ascends && is_past && is_alone) {
                return Err(Reader::bad_value(
                    offset,
                    "sessions in order, each used at an index",
                ));
            }
            sessions.by_name.insert(name, session);
        }
        reader.finish()?;
        Ok(sessions)
    }
}

/// Adds to a map what it does not have yet.
fn insert_new(map: &mut BTreeMap<u64, u64>, key: u64, value: u64) -> bool {
    map.insert(key, value).is_none()
}

fn read_limits(reader: &mut Reader<'_>) -> Result<Limits, DecodeError> {
    let offset = reader.offset();
    let limits = Limits {
        max_sessions: reader.varint()?,
        max_replies: reader.varint()?,
        max_reply_bytes: reader.varint()?,
    };
    if [
        limits.max_sessions,
        limits.max_replies,
        limits.max_reply_bytes,
    ]
    .contains(&0)
    {
        return Err(Reader::bad_value(offset, "limits of at least one"));
    }
    Ok(limits)
}

fn read_session(reader: &mut Reader<'_>, limits: Limits) -> Result<(u64, Session), DecodeError> {
    let start = reader.offset();
    let impossible = || Reader::bad_value(start, "a possible session");
    let name = reader.varint()?;
    let last_used = name.checked_add(reader.varint()?).ok_or_else(impossible)?;
    let acknowledged = reader.varint()?;
    let count = reader.count(1)?;
    let last_sequence = acknowledged
        .checked_add(count as u64)
        .ok_or_else(impossible)?;
    // A command is executed at an index of its own, after that of its session.
    if last_sequence > last_used - name {
        return Err(impossible());
    }
    let mut session = Session {
        last_used,
        last_sequence: acknowledged,
        replies: VecDeque::with_capacity(count),
        reply_bytes: 0,
    };
    for _ in 0..count {
        session.admit_reply(limits).map_err(|_| impossible())?;
        session.keep(&Arc::from(reader.bytes()?));
    }
    Ok((name, session))
}
