//! The replicated state as bytes: what a snapshot of the log holds.

use std::sync::Arc;

use quorate::codec::{DecodeError, Kind, Reader, frame, put_bytes, put_varint, unframe};
use quorate::crdt::{self, Epoch, Table};
use quorate::raft::sessions::Sessions;

use super::{Fleet, Memory, StateMachine, Values};

impl StateMachine {
    /// The state as a frame. Equal states have equal bytes.
    pub(crate) fn encode(&self) -> Arc<[u8]> {
        let bytes = frame(Kind::HostState, |out| {
            put_varint(out, self.applied_index);
            out.extend_from_slice(&self.digest.to_le_bytes());
            put_varint(out, self.workers.0);
            put_varint(out, self.workers.1);
            self.values.encode_into(out);
            self.fleet.encode_into(out);
            put_bytes(out, &self.sessions.encode());
            put_bytes(out, &self.table.encode());
            put_varint(out, self.admissions.len() as u64);
            for (index, entry) in &self.admissions {
                put_varint(out, index.0);
                put_bytes(out, &entry.encode());
            }
            put_bytes(out, self.controller.as_bytes());
        });
        Arc::from(bytes)
    }

    /// The state that a disk or a leader kept. What one of these nodes wrote, all of them can read.
    pub(crate) fn restored(bytes: &[u8]) -> Self {
        Self::decode(bytes).expect("a state that was encoded here can be decoded here")
    }

    /// Reads what [`encode`](Self::encode) wrote.
    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = unframe(Kind::HostState, bytes)?;
        let applied_index = reader.varint()?;
        let digest = read_digest(&mut reader)?;
        let workers = (reader.varint()?, reader.varint()?);
        let values = Values::read(&mut reader)?;
        let fleet = Fleet::read(&mut reader)?;
        let sessions = Sessions::decode(reader.bytes()?)?;
        let table = Arc::new(Table::decode(reader.bytes()?)?);
        let mut admissions = Vec::new();
        for _ in 0..reader.count(2)? {
            let index = Epoch(reader.varint()?);
            let entry = crdt::Entry::decode(reader.bytes()?)?;
            admissions.push((index, Arc::new(entry)));
        }
        let controller = Memory::read(&mut reader)?;
        reader.finish()?;
        Ok(Self {
            values,
            sessions,
            fleet,
            table,
            admissions,
            controller,
            workers,
            applied_index,
            digest,
        })
    }
}

fn read_digest(reader: &mut Reader<'_>) -> Result<u64, DecodeError> {
    let bytes = reader.take(8)?.try_into();
    Ok(u64::from_le_bytes(
        bytes.expect("as many as were asked for"),
    ))
}
