//! The keys that clients write through the log.
//!
//! Every key has the index of the entry that wrote it last. A client that reads it can be held to
//! that: the log is the order in which everything happened, so what a read may return is not a
//! matter of opinion.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use quorate::codec::{DecodeError, Reader, put_varint};

/// What a client does to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Writes it.
    Put {
        /// The key.
        key: u32,
        /// The value.
        value: u64,
    },
    /// Writes it if it has the expected value; a key that was never written has none.
    CompareAndSet {
        /// The key.
        key: u32,
        /// The value it must have; `None` if it must not have been written.
        expected: Option<u64>,
        /// The value it then gets.
        value: u64,
    },
    /// Reads it. A read goes past the log, by its leader's leave.
    Get {
        /// The key.
        key: u32,
    },
}

/// What became of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It was written.
    Written,
    /// It had another value, and was left alone.
    Mismatch,
    /// It has this value; `None` if it was never written.
    Value(Option<u64>),
}

/// The keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Values {
    by_key: BTreeMap<u32, Value>,
}

/// A value, and the index of the entry that wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Value {
    value: u64,
    index: u64,
}

impl Operation {
    /// The key it is about.
    pub fn key(&self) -> u32 {
        match *self {
            Self::Put { key, .. } | Self::CompareAndSet { key, .. } | Self::Get { key } => key,
        }
    }

    /// The key and the value that it writes if it is successful.
    pub(crate) fn written(&self) -> Option<(u32, u64)> {
        match *self {
            Self::Put { key, value } | Self::CompareAndSet { key, value, .. } => Some((key, value)),
            Self::Get { .. } => None,
        }
    }

    /// The payload of a call.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let (tag, key) = match *self {
            Self::Put { key, .. } => (0, key),
            Self::CompareAndSet { key, .. } => (1, key),
            Self::Get { key } => (2, key),
        };
        put_varint(&mut out, tag);
        put_varint(&mut out, u64::from(key));
        match *self {
            Self::Put { value, .. } => put_varint(&mut out, value),
            Self::CompareAndSet {
                expected, value, ..
            } => {
                put_optional(&mut out, expected);
                put_varint(&mut out, value);
            }
            Self::Get { .. } => {}
        }
        out
    }

    /// Reads what [`encode`](Self::encode) wrote.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let tag = reader.varint()?;
        let key = read_key(&mut reader)?;
        let operation = match tag {
            0 => Self::Put {
                key,
                value: reader.varint()?,
            },
            1 => Self::CompareAndSet {
                key,
                expected: read_optional(&mut reader)?,
                value: reader.varint()?,
            },
            2 => Self::Get { key },
            _ => return Err(Reader::bad_value(0, "an operation")),
        };
        reader.finish()?;
        Ok(operation)
    }
}

impl Reply {
    /// The bytes that a session keeps: the reply, and the index of the entry that it is to.
    pub(crate) fn encode(&self, index: u64) -> Arc<[u8]> {
        let mut out = Vec::new();
        put_varint(&mut out, index);
        match *self {
            Self::Written => put_varint(&mut out, 0),
            Self::Mismatch => put_varint(&mut out, 1),
            Self::Value(value) => {
                put_varint(&mut out, 2);
                put_optional(&mut out, value);
            }
        }
        Arc::from(out)
    }

    /// Reads what [`encode`](Self::encode) wrote.
    pub(crate) fn decode(bytes: &[u8]) -> Result<(Self, u64), DecodeError> {
        let mut reader = Reader::new(bytes);
        let index = reader.varint()?;
        let reply = match reader.varint()? {
            0 => Self::Written,
            1 => Self::Mismatch,
            2 => Self::Value(read_optional(&mut reader)?),
            _ => return Err(Reader::bad_value(0, "a reply")),
        };
        reader.finish()?;
        Ok((reply, index))
    }
}

impl Values {
    /// Does an operation of the entry at `index`.
    pub(crate) fn execute(&mut self, index: u64, operation: Operation) -> Reply {
        match operation {
            Operation::Put { key, value } => {
                self.by_key.insert(key, Value { value, index });
                Reply::Written
            }
            Operation::CompareAndSet {
                key,
                expected,
                value,
            } => {
                if self.get(key) != expected {
                    return Reply::Mismatch;
                }
                self.by_key.insert(key, Value { value, index });
                Reply::Written
            }
            Operation::Get { key } => Reply::Value(self.get(key)),
        }
    }

    /// The value of a key, if it was ever written.
    pub(crate) fn get(&self, key: u32) -> Option<u64> {
        self.by_key.get(&key).map(|value| value.value)
    }

    /// Puts the keys into a snapshot.
    pub(crate) fn encode_into(&self, out: &mut Vec<u8>) {
        put_varint(out, self.by_key.len() as u64);
        for (key, value) in &self.by_key {
            put_varint(out, u64::from(*key));
            put_varint(out, value.value);
            put_varint(out, value.index);
        }
    }

    /// Takes them out of it.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut values = Self::default();
        for _ in 0..reader.count(3)? {
            let key = read_key(reader)?;
            let value = Value {
                value: reader.varint()?,
                index: reader.varint()?,
            };
            values.by_key.insert(key, value);
        }
        Ok(values)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Put { key, value } => write!(f, "put k{key} = {value}"),
            Self::CompareAndSet {
                key,
                expected: Some(expected),
                value,
            } => write!(f, "put k{key} = {value} if it is {expected}"),
            Self::CompareAndSet { key, value, .. } => {
                write!(f, "put k{key} = {value} if it is not there")
            }
            Self::Get { key } => write!(f, "get k{key}"),
        }
    }
}

fn put_optional(out: &mut Vec<u8>, value: Option<u64>) {
    put_varint(out, u64::from(value.is_some()));
    if let Some(value) = value {
        put_varint(out, value);
    }
}

fn read_optional(reader: &mut Reader<'_>) -> Result<Option<u64>, DecodeError> {
    let offset = reader.offset();
    match reader.varint()? {
        0 => Ok(None),
        1 => Ok(Some(reader.varint()?)),
        _ => Err(Reader::bad_value(offset, "a value or none")),
    }
}

fn read_key(reader: &mut Reader<'_>) -> Result<u32, DecodeError> {
    let offset = reader.offset();
    u32::try_from(reader.varint()?).map_err(|_| Reader::bad_value(offset, "a key of 32 bits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_and_replies_survive_a_round_trip() {
        let swap = |expected| Operation::CompareAndSet {
            key: 3,
            expected,
            value: 8,
        };
        let put = Operation::Put {
            key: u32::MAX,
            value: u64::MAX,
        };
        for operation in [put, swap(None), swap(Some(0)), Operation::Get { key: 1 }] {
            assert_eq!(Operation::decode(&operation.encode()), Ok(operation));
        }
        for reply in [
            Reply::Written,
            Reply::Mismatch,
            Reply::Value(None),
            Reply::Value(Some(4)),
        ] {
            assert_eq!(Reply::decode(&reply.encode(7)), Ok((reply, 7)));
        }
    }

    #[test]
    fn a_swap_needs_the_expected_value() {
        let mut values = Values::default();
        let swap = |expected, value| Operation::CompareAndSet {
            key: 1,
            expected,
            value,
        };
        assert_eq!(values.execute(1, swap(Some(4), 5)), Reply::Mismatch);
        assert_eq!(values.execute(2, swap(None, 5)), Reply::Written);
        assert_eq!(values.execute(3, swap(Some(5), 6)), Reply::Written);
        assert_eq!(
            values.execute(4, Operation::Get { key: 1 }),
            Reply::Value(Some(6))
        );
    }
}
