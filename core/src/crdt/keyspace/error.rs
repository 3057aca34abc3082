//! Why an operation was refused.

use alloc::vec::Vec;
use core::fmt;

use super::layout::DEPTH_MAX;
use super::operation::OperationName;
use super::registry::KeyKind;
use super::tags::TagName;
use crate::crdt::{ClockExhausted, CounterError, StoreError, WriteError};

/// Why an operation was refused. Store and clock are unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyspaceError {
    /// What the key, or the field, holds has no such operation.
    WrongKind {
        /// The key.
        key: Vec<u8>,
        /// What it holds; within a map, what the field holds.
        kind: KeyKind,
        /// What was asked for.
        operation: OperationName,
    },
    /// A [`KeyKind::Counter`] cannot be cleared or deleted, nor an object that has one.
    NotRemovable {
        /// The key.
        key: Vec<u8>,
    },
    /// Keys that start with a zero byte are the keyspace's own.
    Reserved {
        /// The key.
        key: Vec<u8>,
    },
    /// A sum in this replica's row of a counter would not fit into 64 bits.
    Overflow {
        /// The key.
        key: Vec<u8>,
        /// The sum as it is.
        row: u64,
        /// What should have been added.
        by: u64,
    },
    /// The tag has the last version there is. Take it away and it starts again.
    VersionExhausted {
        /// The key.
        key: Vec<u8>,
        /// The tag.
        name: TagName,
    },
    /// A field within too many maps.
    TooDeep {
        /// The key.
        key: Vec<u8>,
    },
    /// There is no stamp left for a write.
    Clock(ClockExhausted),
    /// The store refused it.
    Store(StoreError),
}

impl KeyspaceError {
    /// The error of a counter under a key.
    pub(super) fn of_counter(key: &[u8], error: CounterError) -> Self {
        match error {
            CounterError::Overflow { row, by } => Self::Overflow {
                key: key.to_vec(),
                row,
                by,
            },
            CounterError::Store(error) => Self::Store(error),
        }
    }
}

impl From<StoreError> for KeyspaceError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<WriteError> for KeyspaceError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Clock(error) => Self::Clock(error),
            WriteError::Store(error) => Self::Store(error),
        }
    }
}

impl fmt::Display for KeyspaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongKind {
                key,
                kind,
                operation,
            } => {
                let key = key.escape_ascii();
                write!(f, "`{key}`: no operation `{operation}` on a {kind}")
            }
            Self::NotRemovable { key } => write!(
                f,
                "`{}` has a counter, which can be neither cleared nor deleted",
                key.escape_ascii()
            ),
            Self::Reserved { key } => write!(
                f,
                "`{}` starts with a zero byte: such keys are reserved",
                key.escape_ascii()
            ),
            Self::Overflow { key, row, by } => {
                let key = key.escape_ascii();
                write!(f, "`{key}`: {row} + {by} does not fit into 64 bits")
            }
            Self::VersionExhausted { key, name } => {
                let key = key.escape_ascii();
                write!(f, "`{key}`: the tag {name} has the last version there is")
            }
            Self::TooDeep { key } => {
                let key = key.escape_ascii();
                write!(f, "`{key}`: more than {DEPTH_MAX} maps within each other")
            }
            Self::Clock(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for KeyspaceError {}
