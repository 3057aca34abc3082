//! What the replicated log carries, as bytes.

use quorate::codec::{DecodeError, Kind, Reader, frame, put_varint, unframe};
use quorate::{Micros, NodeId};
use std::fmt;
use std::sync::Arc;

/// A command of the replicated state machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// A user writes a key.
    Put { key: u32, value: u64 },
    /// A leader's autoscaler orders something about a worker.
    Order {
        order: Order,
        worker: NodeId,
        decided_in: u64,
        decided_at: Micros,
    },
}

/// What may be ordered about a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Boot it.
    Start,
    /// Give it no more work, and let the others take what it has.
    Drain,
    /// Switch it off: everybody has what it had.
    Stop,
}

impl Command {
    /// The bytes that go into the log.
    pub(crate) fn encode(&self) -> Arc<[u8]> {
        let bytes = frame(Kind::Command, |out| match *self {
            Self::Put { key, value } => {
                put_varint(out, 0);
                put_varint(out, u64::from(key));
                put_varint(out, value);
            }
            Self::Order {
                order,
                worker,
                decided_in,
                decided_at,
            } => {
                let tag = match order {
                    Order::Start => 1,
                    Order::Drain => 2,
                    Order::Stop => 3,
                };
                put_varint(out, tag);
                put_varint(out, worker.0);
                put_varint(out, decided_in);
                put_varint(out, decided_at.0);
            }
        });
        Arc::from(bytes)
    }

    /// Reads what [`encode`](Self::encode) wrote.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = unframe(Kind::Command, bytes)?;
        let offset = reader.offset();
        let command = match reader.varint()? {
            0 => {
                let offset = reader.offset();
                let key = u32::try_from(reader.varint()?)
                    .map_err(|_| Reader::bad_value(offset, "a key of 32 bits"))?;
                Self::Put {
                    key,
                    value: reader.varint()?,
                }
            }
            1 => Self::read_order(Order::Start, &mut reader)?,
            2 => Self::read_order(Order::Drain, &mut reader)?,
            3 => Self::read_order(Order::Stop, &mut reader)?,
            _ => return Err(Reader::bad_value(offset, "a command")),
        };
        reader.finish()?;
        Ok(command)
    }

    fn read_order(order: Order, reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self::Order {
            order,
            worker: NodeId(reader.varint()?),
            decided_in: reader.varint()?,
            decided_at: Micros(reader.varint()?),
        })
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Put { key, value } => write!(f, "put k{key} = {value}"),
            Self::Order {
                order: Order::Start,
                worker,
                ..
            } => write!(f, "start {worker}"),
            Self::Order {
                order: Order::Drain,
                worker,
                ..
            } => write!(f, "drain {worker}"),
            Self::Order {
                order: Order::Stop,
                worker,
                ..
            } => write!(f, "stop {worker}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_survive_a_round_trip() {
        let order = |order| Command::Order {
            order,
            worker: NodeId(7),
            decided_in: 3,
            decided_at: Micros(12_345),
        };
        let put = Command::Put {
            key: 9,
            value: u64::MAX,
        };
        for command in [
            put,
            order(Order::Start),
            order(Order::Drain),
            order(Order::Stop),
        ] {
            assert_eq!(Command::decode(&command.encode()), Ok(command));
        }
        assert!(Command::decode(b"nonsense").is_err());
    }
}
