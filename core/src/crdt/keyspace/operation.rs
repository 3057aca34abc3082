//! What can be done to an object.
//!
//! Typed handles are good in a program and no good at a door: a mutation that comes over a wire, or
//! has to be written down before it is done, is data. So here it is data that owns its parts; which
//! of them fit the key's kind is checked before anything is done.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::tags::{TagName, TagValue};
use crate::crdt::Kind;

/// A change of an object. Elements, keys and values are bytes, as in the store; for typed ones see
/// [`Element`](crate::crdt::Element).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Adds an element to a set.
    Add {
        /// The element.
        element: Vec<u8>,
    },
    /// Removes an element from a set, or a key with all its fields from a map.
    Remove {
        /// The element or the key.
        element: Vec<u8>,
    },
    /// Takes away what was seen of the value: elements, amounts, writes, fields. Tags stay.
    Clear,
    /// Adds an amount to a counter.
    Increment {
        /// How much; less than zero counts down.
        by: i64,
    },
    /// Writes to a register, in place of all writes seen.
    Write {
        /// What.
        value: Vec<u8>,
    },
    /// Puts a flag up.
    Enable,
    /// Takes a flag down.
    Disable,
    /// Changes a field of a map.
    Field {
        /// The field's key.
        key: Vec<u8>,
        /// The field's kind, which is a part of its name.
        kind: Kind,
        /// What is done to it. Within [`Kind::Map`] it can be another field.
        operation: Box<Operation>,
    },
    /// Says something of the object, in place of all that was seen under this name.
    Tag {
        /// What the tag is about.
        name: TagName,
        /// What it says.
        value: TagValue,
        /// Who or what says so, for people: a user, a scan, a rule.
        source: String,
    },
    /// Takes a tag away.
    Untag {
        /// Which.
        name: TagName,
    },
    /// Takes away all that was seen of the object: its value and its tags. Of a field: its value.
    Delete,
}

impl Operation {
    /// The operation on a field that is reached through maps: `keys` from the outermost in, the last
    /// one the field's own.
    ///
    /// ```
    /// use quorate::crdt::Kind;
    /// use quorate::crdt::keyspace::Operation;
    ///
    /// let write = Operation::Write { value: b"London".to_vec() };
    /// let nested = Operation::within([&b"home"[..], b"city"], Kind::Register, write);
    /// let Operation::Field { key, kind, .. } = nested else { unreachable!() };
    /// assert_eq!((key.as_slice(), kind), (&b"home"[..], Kind::Map));
    /// ```
    #[must_use]
    pub fn within<K: AsRef<[u8]>>(
        keys: impl IntoIterator<Item = K, IntoIter: DoubleEndedIterator>,
        kind: Kind,
        operation: Self,
    ) -> Self {
        let mut kinds = core::iter::once(kind).chain(core::iter::repeat(Kind::Map));
        keys.into_iter().rev().fold(operation, |operation, key| {
            let kind = kinds.next().expect("it goes on for ever");
            Self::Field {
                key: key.as_ref().to_vec(),
                kind,
                operation: Box::new(operation),
            }
        })
    }

    /// What it is called, for messages.
    pub fn name(&self) -> OperationName {
        match self {
            Self::Add { .. } => OperationName::Add,
            Self::Remove { .. } => OperationName::Remove,
            Self::Clear => OperationName::Clear,
            Self::Increment { .. } => OperationName::Increment,
            Self::Write { .. } => OperationName::Write,
            Self::Enable => OperationName::Enable,
            Self::Disable => OperationName::Disable,
            Self::Field { .. } => OperationName::Field,
            Self::Tag { .. } => OperationName::Tag,
            Self::Untag { .. } => OperationName::Untag,
            Self::Delete => OperationName::Delete,
        }
    }
}

/// The name of an [`Operation`] without what it carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OperationName {
    /// [`Operation::Add`].
    Add,
    /// [`Operation::Remove`].
    Remove,
    /// [`Operation::Clear`].
    Clear,
    /// [`Operation::Increment`].
    Increment,
    /// [`Operation::Write`].
    Write,
    /// [`Operation::Enable`].
    Enable,
    /// [`Operation::Disable`].
    Disable,
    /// [`Operation::Field`].
    Field,
    /// [`Operation::Tag`].
    Tag,
    /// [`Operation::Untag`].
    Untag,
    /// [`Operation::Delete`].
    Delete,
}

impl fmt::Display for OperationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Clear => "clear",
            Self::Increment => "increment",
            Self::Write => "write",
            Self::Enable => "enable",
            Self::Disable => "disable",
            Self::Field => "field",
            Self::Tag => "tag",
            Self::Untag => "untag",
            Self::Delete => "delete",
        })
    }
}
