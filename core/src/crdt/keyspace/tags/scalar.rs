//! The values that are not lists.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::number::Number;
use super::ordered::{put_integer, split_integer};
use crate::Micros;

/// A value that is not a list. Ordered by type, then by value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scalar {
    /// True or false.
    Boolean(bool),
    /// An exact decimal.
    Number(Number),
    /// A point in time.
    Time(Micros),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// The first byte says the type. The order of the bytes is the order of the values.
const BOOLEAN: u8 = 1;
const NUMBER: u8 = 2;
const TIME: u8 = 3;
const TEXT: u8 = 4;
const BYTES: u8 = 5;

impl Scalar {
    /// Its bytes: the only ones, and in the order of the values.
    pub(super) fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Boolean(value) => out.extend_from_slice(&[BOOLEAN, u8::from(*value)]),
            Self::Number(number) => {
                out.push(NUMBER);
                number.put(out);
            }
            Self::Time(Micros(time)) => {
                out.push(TIME);
                put_integer(out, i128::from(*time));
            }
            Self::Text(text) => {
                out.push(TEXT);
                out.extend_from_slice(text.as_bytes());
            }
            Self::Bytes(bytes) => {
                out.push(BYTES);
                out.extend_from_slice(bytes);
            }
        }
    }

    /// The value of the bytes; `None` if they are none.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (&first, rest) = bytes.split_first()?;
        match first {
            BOOLEAN => match rest {
                [0] => Some(Self::Boolean(false)),
                [1] => Some(Self::Boolean(true)),
                _ => None,
            },
            NUMBER => Number::from_bytes(rest).map(Self::Number),
            TIME => match split_integer(rest)? {
                (time, []) => Some(Self::Time(Micros(u64::try_from(time).ok()?))),
                _ => None,
            },
            TEXT => Some(Self::Text(core::str::from_utf8(rest).ok()?.into())),
            BYTES => Some(Self::Bytes(rest.to_vec())),
            _ => None,
        }
    }

    /// A number for its type, in the order of the types.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Boolean(_) => BOOLEAN,
            Self::Number(_) => NUMBER,
            Self::Time(_) => TIME,
            Self::Text(_) => TEXT,
            Self::Bytes(_) => BYTES,
        }
    }
}

impl From<bool> for Scalar {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i64> for Scalar {
    fn from(value: i64) -> Self {
        Self::Number(value.into())
    }
}

impl From<Number> for Scalar {
    fn from(value: Number) -> Self {
        Self::Number(value)
    }
}

impl From<Micros> for Scalar {
    fn from(value: Micros) -> Self {
        Self::Time(value)
    }
}

impl From<&str> for Scalar {
    fn from(value: &str) -> Self {
        Self::Text(value.into())
    }
}

impl From<String> for Scalar {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Vec<u8>> for Scalar {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(value)
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean(value) => value.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Time(time) => write!(f, "{time} s"),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Bytes(bytes) => write!(f, "b\"{}\"", bytes.escape_ascii()),
        }
    }
}
