//! What replicas tell each other, as bytes.
//!
//! A delta or a full state keeps the frame it has on its own: whoever stores messages can tell what
//! is in them, and a change of their format changes nothing here.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{EncodingError, put_vector, read_vector};
use crate::codec::{self, Kind, Reader, Sink as _, put_bytes, put_varint};
use crate::crdt::{Delta, Digest, Epoch, FullState, SyncMessage, Table};

const ACK: u8 = 0;
const DIGEST: u8 = 1;
const DELTA: u8 = 2;
const FULL: u8 = 3;
const READMIT: u8 = 4;
const ADMISSION: u8 = 5;

impl SyncMessage {
    /// The message as bytes.
    pub fn encode(&self) -> Vec<u8> {
        codec::frame(Kind::Sync, |out| match self {
            Self::Ack { epoch, durable } => {
                out.put(&[ACK]);
                put_varint(out, epoch.0);
                put_vector(out, durable);
            }
            Self::Digest(digest) => {
                out.put(&[DIGEST]);
                put_varint(out, digest.epoch.0);
                out.put(&digest.context.to_le_bytes());
                out.put(&digest.live.to_le_bytes());
            }
            Self::Delta(delta) => {
                out.put(&[DELTA]);
                put_bytes(out, &delta.encode());
            }
            Self::Full(full) => {
                out.put(&[FULL]);
                put_bytes(out, &full.encode());
            }
            Self::Readmit { since, seen } => {
                out.put(&[READMIT]);
                put_varint(out, since.0);
                put_vector(out, seen);
            }
            Self::Admission { table, full } => {
                out.put(&[ADMISSION]);
                put_bytes(out, &table.encode());
                put_bytes(out, &full.encode());
            }
        })
    }

    /// Reads what [`encode`](Self::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, EncodingError> {
        let mut reader = codec::unframe(Kind::Sync, bytes)?;
        let offset = reader.offset();
        let message = match reader.byte()? {
            ACK => Self::Ack {
                epoch: Epoch(reader.varint()?),
                durable: read_vector(&mut reader)?,
            },
            DIGEST => Self::Digest(Digest {
                epoch: Epoch(reader.varint()?),
                context: read_hash(&mut reader)?,
                live: read_hash(&mut reader)?,
            }),
            DELTA => Self::Delta(Delta::decode(reader.bytes()?)?),
            FULL => Self::Full(FullState::decode(reader.bytes()?)?),
            READMIT => Self::Readmit {
                since: Epoch(reader.varint()?),
                seen: read_vector(&mut reader)?,
            },
            ADMISSION => Self::Admission {
                table: Arc::new(Table::decode(reader.bytes()?)?),
                full: FullState::decode(reader.bytes()?)?,
            },
            _ => return Err(Reader::bad_value(offset, "a kind of message").into()),
        };
        reader.finish()?;
        Ok(message)
    }
}

fn read_hash(reader: &mut Reader<'_>) -> Result<u64, EncodingError> {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(reader.take(8)?);
    Ok(u64::from_le_bytes(bytes))
}
