//! What a client of a state machine with sessions puts into the log.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::codec::{DecodeError, Reader, put_bytes, put_varint};

/// A command of a client, as the payload of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// Opens a session, which is named after the index of the entry. A client that sends this twice
    /// has two sessions, of which it uses one.
    Open,
    /// A command for the state machine.
    Call(Call<'a>),
    /// The client needs the session no more.
    Close {
        /// Its name.
        session: u64,
    },
}

/// A numbered command for the state machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call<'a> {
    /// The name of the session.
    pub session: u64,
    /// The number of the command in the session, counted from one. A client may send several
    /// without waiting for replies; they are executed in order.
    pub sequence: u64,
    /// The client has the replies to all commands up to this one. Zero if it has none.
    pub acknowledged: u64,
    /// The command itself.
    pub payload: &'a [u8],
}

impl<'a> Command<'a> {
    /// The payload of an entry that carries this command.
    pub fn encode(&self) -> Arc<[u8]> {
        let mut bytes = Vec::new();
        match self {
            Self::Open => bytes.push(0),
            Self::Call(call) => {
                bytes.push(1);
                put_varint(&mut bytes, call.session);
                put_varint(&mut bytes, call.sequence);
                put_varint(&mut bytes, call.acknowledged);
                put_bytes(&mut bytes, call.payload);
            }
            Self::Close { session } => {
                bytes.push(2);
                put_varint(&mut bytes, *session);
            }
        }
        bytes.into()
    }

    /// The command in the payload of an entry.
    ///
    /// # Errors
    ///
    /// If the bytes are not an encoded command, down to the last.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let command = match reader.byte()? {
            0 => Self::Open,
            1 => Self::Call(Call {
                session: reader.varint()?,
                sequence: read_sequence(&mut reader)?,
                acknowledged: reader.varint()?,
                payload: reader.bytes()?,
            }),
            2 => Self::Close {
                session: reader.varint()?,
            },
            _ => return Err(Reader::bad_value(0, "a command of a session")),
        };
        reader.finish()?;
        Ok(command)
    }
}

/// The number of a command, which is never zero.
fn read_sequence(reader: &mut Reader<'_>) -> Result<u64, DecodeError> {
    let offset = reader.offset();
    match reader.varint()? {
        0 => Err(Reader::bad_value(offset, "a number counted from one")),
        sequence => Ok(sequence),
    }
}
