//! What the replicated log carries, as bytes.
//!
//! Four kinds of authors share one log: clients write keys, replicas change their membership, the
//! leader's autoscaler gives orders, and the leader notes what the platform has done. That is the
//! point of it: whatever several nodes must agree on has one order.

use std::fmt;
use std::sync::Arc;

use quorate::autoscale::controller::Effect;
use quorate::codec::{DecodeError, Kind, Reader, frame, put_bytes, put_varint, unframe};
use quorate::raft::sessions;
use quorate::{Micros, NodeId, crdt};

use super::memory::Memory;
use super::values::Operation;
use crate::json;

/// A command of the replicated state machine.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Command {
    /// A client opens a session, or calls in one.
    Client(ClientCommand),
    /// The membership of the replicated sets changes.
    Replicas(crdt::Entry),
    /// A leader's autoscaler decided something.
    Scaling(Box<Scaling>),
    /// The platform is to switch a worker off that has left the group and the sets.
    Stop {
        /// The worker.
        worker: NodeId,
    },
}

/// What a client wants, and by which name its request goes: whoever holds the request answers it
/// when the entry is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClientCommand {
    pub(crate) client: NodeId,
    pub(crate) request: u32,
    /// An encoded [`sessions::Command`].
    pub(crate) body: Arc<[u8]>,
}

/// What a controller decided, together with what it must remember of it: one entry, so that no order
/// is ever given by a controller that then forgets it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scaling {
    /// The term in which its author leads. Void in an entry of any other.
    pub(crate) term: u64,
    /// When it was decided, by the author's clock.
    pub(crate) decided_at: Micros,
    pub(crate) orders: Vec<Effect>,
    pub(crate) state: Memory,
}

impl Command {
    /// The bytes that go into the log.
    pub(crate) fn encode(&self) -> Arc<[u8]> {
        let bytes = frame(Kind::Command, |out| match self {
            Self::Client(command) => {
                put_varint(out, 0);
                put_varint(out, command.client.0);
                put_varint(out, u64::from(command.request));
                put_bytes(out, &command.body);
            }
            Self::Replicas(entry) => {
                put_varint(out, 1);
                put_bytes(out, &entry.encode());
            }
            Self::Scaling(scaling) => {
                put_varint(out, 2);
                put_varint(out, scaling.term);
                put_varint(out, scaling.decided_at.0);
                put_bytes(out, &scaling.orders_as_json());
                put_bytes(out, scaling.state.as_bytes());
            }
            Self::Stop { worker } => {
                put_varint(out, 3);
                put_varint(out, worker.0);
            }
        });
        Arc::from(bytes)
    }

    /// Reads what [`encode`](Self::encode) wrote.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = unframe(Kind::Command, bytes)?;
        let offset = reader.offset();
        let command = match reader.varint()? {
            0 => Self::Client(ClientCommand {
                client: NodeId(reader.varint()?),
                request: read_request(&mut reader)?,
                body: Arc::from(reader.bytes()?),
            }),
            1 => Self::Replicas(crdt::Entry::decode(reader.bytes()?)?),
            2 => Self::Scaling(Box::new(Scaling {
                term: reader.varint()?,
                decided_at: Micros(reader.varint()?),
                orders: read_orders(&mut reader)?,
                state: Memory::read(&mut reader)?,
            })),
            3 => Self::Stop {
                worker: NodeId(reader.varint()?),
            },
            _ => return Err(Reader::bad_value(offset, "a command")),
        };
        reader.finish()?;
        Ok(command)
    }
}

impl Scaling {
    fn orders_as_json(&self) -> Vec<u8> {
        serde_json::to_vec(&self.orders).expect("plain data has a JSON form")
    }
}

fn read_orders(reader: &mut Reader<'_>) -> Result<Vec<Effect>, DecodeError> {
    let offset = reader.offset();
    let text = str::from_utf8(reader.bytes()?).ok();
    text.and_then(|text| json::read(json::tree(text).ok()?).ok())
        .ok_or_else(|| Reader::bad_value(offset, "the orders of an autoscaler as JSON"))
}

fn read_request(reader: &mut Reader<'_>) -> Result<u32, DecodeError> {
    let offset = reader.offset();
    u32::try_from(reader.varint()?).map_err(|_| Reader::bad_value(offset, "a number of 32 bits"))
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client(command) => command.fmt(f),
            Self::Replicas(entry) => match entry {
                crdt::Entry::Fence { replica } => write!(f, "fence {replica}"),
                crdt::Entry::Close { replica, at, .. } => write!(f, "close {replica} at {at}"),
                crdt::Entry::Readmit { replica, .. } => write!(f, "admit {replica}"),
                crdt::Entry::Expire { replica, .. } => write!(f, "expire {replica}"),
            },
            Self::Scaling(scaling) => scaling.fmt(f),
            Self::Stop { worker } => write!(f, "stop {worker}"),
        }
    }
}

impl fmt::Display for ClientCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match sessions::Command::decode(&self.body) {
            Ok(sessions::Command::Open) => f.write_str("open a session"),
            Ok(sessions::Command::Close { .. }) => f.write_str("close a session"),
            Ok(sessions::Command::Call(call)) => match Operation::decode(call.payload) {
                Ok(operation) => operation.fmt(f),
                Err(error) => error.fmt(f),
            },
            Err(error) => error.fmt(f),
        }
    }
}

impl fmt::Display for Scaling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(order) = self.orders.last() else {
            return f.write_str("scaling evaluated");
        };
        match order {
            Effect::Drain { nodes, .. } => write!(f, "drain {}", list(nodes)),
            Effect::CancelDrain { nodes, .. } => write!(f, "keep {}", list(nodes)),
            Effect::ScaleTo { from, to, .. } => write!(f, "scale from {from} to {to}"),
        }
    }
}

fn list(nodes: &[NodeId]) -> String {
    let names: Vec<String> = nodes.iter().map(ToString::to_string).collect();
    names.join(" ")
}

#[cfg(test)]
mod tests {
    use quorate::autoscale::controller::OrderId;
    use quorate::crdt::{Entry, ReplicaId};

    use super::*;

    #[test]
    fn commands_survive_a_round_trip() {
        let order = OrderId { term: 3, number: 1 };
        let scaling = Scaling {
            term: 3,
            decided_at: Micros(12_345),
            orders: vec![Effect::Drain {
                order,
                nodes: vec![NodeId(7)],
            }],
            state: Memory::default(),
        };
        let client = ClientCommand {
            client: NodeId(1_001),
            request: 9,
            body: sessions::Command::Open.encode(),
        };
        let replica = ReplicaId::first(NodeId(7));
        for command in [
            Command::Client(client),
            Command::Replicas(Entry::Fence { replica }),
            Command::Scaling(Box::new(scaling)),
            Command::Stop { worker: NodeId(7) },
        ] {
            assert_eq!(Command::decode(&command.encode()), Ok(command));
        }
        assert!(Command::decode(b"nonsense").is_err());
    }
}
