//! Which key holds which type.
//!
//! The classic way is to let the first write decide, and then two replicas that write a new key in
//! two ways have two types under one name. Here the type is looked up in a table that is a part of a
//! replica's configuration, and its kind is a part of where the value lies. So even replicas that were
//! configured differently by mistake converge: each keeps what the other wrote, and shows what its own
//! table names.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;

use super::layout::is_reserved;
use crate::crdt::Kind;

/// What a key holds. The number is its segment in the path; those of a map's kinds are the same.
///
/// Whatever it holds, it can have tags beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[repr(u8)]
pub enum KeyKind {
    /// A counter with an event live per increment, which can be cleared and deleted.
    ResettableCounter = Kind::Counter as u8,
    /// A flag that an enabling wins.
    Flag = Kind::Flag as u8,
    /// A map of fields.
    Map = Kind::Map as u8,
    /// A counter with a row per replica, however often it counts. It cannot be cleared or deleted: a
    /// row that was taken away would come back with all it ever counted.
    Counter = b'P',
    /// A register that the last writer wins.
    #[default]
    Register = Kind::Register as u8,
    /// An add-wins set.
    Set = Kind::Set as u8,
    /// Tags and nothing else.
    Tags = b'T',
    /// A register that keeps what was written concurrently.
    MultiRegister = Kind::MultiRegister as u8,
}

/// What each key holds: what was said of exactly this key, or of the longest prefix, or a
/// [`KeyKind::Register`].
///
/// A registry is a value, not a replicated one: give every replica the same.
///
/// ```
/// use quorate::crdt::keyspace::{KeyKind, Registry};
///
/// let registry = Registry::new()
///     .prefix("user/", KeyKind::Map)?
///     .prefix("user/visits/", KeyKind::Counter)?
///     .key("user/visits/today", KeyKind::ResettableCounter)?;
/// assert_eq!(registry.kind_of("user/ada"), KeyKind::Map);
/// assert_eq!(registry.kind_of("user/visits/ada"), KeyKind::Counter);
/// assert_eq!(registry.kind_of("user/visits/today"), KeyKind::ResettableCounter);
/// assert_eq!(registry.kind_of("motd"), KeyKind::Register);
/// # Ok::<(), quorate::crdt::keyspace::RegistryError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registry {
    keys: BTreeMap<Vec<u8>, KeyKind>,
    prefixes: BTreeMap<Vec<u8>, KeyKind>,
}

/// Why a registration was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistryError {
    /// The key, or the prefix, was registered with another kind before.
    Conflict {
        /// The key or prefix.
        name: Vec<u8>,
        /// What it is.
        registered: KeyKind,
        /// What it was to be.
        requested: KeyKind,
    },
    /// Keys that start with a zero byte are the keyspace's own.
    Reserved {
        /// The key or prefix.
        name: Vec<u8>,
    },
}

impl KeyKind {
    /// All of them, in the order of their bytes.
    pub const ALL: [Self; 8] = [
        Self::ResettableCounter,
        Self::Flag,
        Self::Map,
        Self::Counter,
        Self::Register,
        Self::Set,
        Self::Tags,
        Self::MultiRegister,
    ];

    /// The kind that a segment stands for.
    pub(super) fn of_segment(segment: &[u8]) -> Option<Self> {
        let [byte] = *segment else {
            return None;
        };
        Self::ALL.into_iter().find(|&kind| kind as u8 == byte)
    }
}

impl From<Kind> for KeyKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Counter => Self::ResettableCounter,
            Kind::Flag => Self::Flag,
            Kind::Map => Self::Map,
            Kind::Register => Self::Register,
            Kind::Set => Self::Set,
            Kind::MultiRegister => Self::MultiRegister,
        }
    }
}

impl Registry {
    /// Every key holds a register.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says what exactly this key holds. The same again is fine, another kind is refused.
    pub fn key(mut self, key: impl AsRef<[u8]>, kind: KeyKind) -> Result<Self, RegistryError> {
        insert(&mut self.keys, key.as_ref(), kind)?;
        Ok(self)
    }

    /// Says what keys hold that start with these bytes. The same again is fine, another kind is
    /// refused.
    pub fn prefix(
        mut self,
        prefix: impl AsRef<[u8]>,
        kind: KeyKind,
    ) -> Result<Self, RegistryError> {
        insert(&mut self.prefixes, prefix.as_ref(), kind)?;
        Ok(self)
    }

    /// What a key holds. O(log n) for every registered prefix that another one hides.
    pub fn kind_of(&self, key: impl AsRef<[u8]>) -> KeyKind {
        let key = key.as_ref();
        let exact = self.keys.get(key).copied();
        exact
            .or_else(|| self.longest_prefix_of(key))
            .unwrap_or_default()
    }

    fn longest_prefix_of(&self, key: &[u8]) -> Option<KeyKind> {
        let mut bound = key;
        loop {
            let (prefix, &kind) = self.prefixes.range(..=bound.to_vec()).next_back()?;
            if key.starts_with(prefix) {
                return Some(kind);
            }
            // Whatever is longer than what the two share lies between them, and there is nothing.
            let shared = key.iter().zip(prefix).take_while(|(a, b)| a == b).count();
            bound = &key[..shared];
        }
    }
}

fn insert(
    table: &mut BTreeMap<Vec<u8>, KeyKind>,
    name: &[u8],
    requested: KeyKind,
) -> Result<(), RegistryError> {
    let name = name.to_vec();
    if is_reserved(&name) {
        return Err(RegistryError::Reserved { name });
    }
    match table.get(&name) {
        Some(&registered) if registered != requested => Err(RegistryError::Conflict {
            name,
            registered,
            requested,
        }),
        _ => {
            table.insert(name, requested);
            Ok(())
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ResettableCounter => "resettable counter",
            Self::Flag => "flag",
            Self::Map => "map",
            Self::Counter => "counter",
            Self::Register => "register",
            Self::Set => "set",
            Self::Tags => "object with nothing but tags",
            Self::MultiRegister => "multi-value register",
        })
    }
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict {
                name,
                registered,
                requested,
            } => write!(
                f,
                "`{}` is registered as a {registered} and cannot be a {requested}",
                name.escape_ascii()
            ),
            Self::Reserved { name } => write!(
                f,
                "`{}` starts with a zero byte: such keys are reserved",
                name.escape_ascii()
            ),
        }
    }
}

impl core::error::Error for RegistryError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_in_the_order_of_their_bytes_and_a_maps_kinds_keep_theirs() {
        assert!(KeyKind::ALL.is_sorted_by(|a, b| (*a as u8) < (*b as u8) && a < b));
        for kind in KeyKind::ALL {
            assert_eq!(KeyKind::of_segment(&[kind as u8]), Some(kind));
        }
        for kind in Kind::ALL {
            assert_eq!(KeyKind::from(kind) as u8, kind as u8);
        }
        assert_eq!(KeyKind::of_segment(b"X"), None);
        assert_eq!(KeyKind::of_segment(b"SS"), None);
    }
}
