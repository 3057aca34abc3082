//! What nodes of the seed gossip: a list of values with their clocks.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::de::{DeserializeSeed, Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::{JsonLimits, SeedJsonError, decode_base64, encode_base64, parse_instant, write};
#[cfg(feature = "hmac")]
use crate::codec::seal;
use crate::crdt::seed::Timestamp;

/// One value of the keyspace, whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeedSyncItem {
    /// Its key.
    pub key: String,
    /// Its own form as bytes: that of a set, a counter or a register.
    pub value: Vec<u8>,
    /// The vector clock it was written under.
    pub clock: BTreeMap<String, i64>,
    /// When a node of the seed last changed it.
    pub last_modified: Timestamp,
}

/// What one message carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeedSyncBatch {
    /// The values.
    pub items: Vec<SeedSyncItem>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    #[serde(default)]
    key: Option<String>,
    #[serde(default)]
    value: Option<String>,
    #[serde(default)]
    clock: Option<BTreeMap<String, i64>>,
    #[serde(default)]
    last_modified: Option<String>,
}

impl SeedSyncBatch {
    /// Reads a batch without an authentication code.
    pub fn from_json(document: &[u8], limits: &JsonLimits) -> Result<Self, SeedJsonError> {
        limits.check(document)?;
        let mut deserializer = serde_json::Deserializer::from_slice(document);
        let wires = AtMost(limits.items).deserialize(&mut deserializer)?;
        deserializer.end()?;
        let items = wires.into_iter().enumerate().map(|(index, wire)| {
            wire.into_item().map_err(|error| SeedJsonError::Item {
                index,
                error: Box::new(error),
            })
        });
        Ok(Self {
            items: items.collect::<Result<_, _>>()?,
        })
    }

    /// Writes a batch without an authentication code.
    pub fn to_json(&self) -> Vec<u8> {
        let wires: Vec<Wire> = self.items.iter().map(Wire::of).collect();
        write(&wires)
    }
}

#[cfg(feature = "hmac")]
impl SeedSyncBatch {
    /// Checks the HMAC-SHA256 at the end of a message, in constant time, and reads what precedes it.
    /// Nothing is parsed before the code is known to fit.
    pub fn open(message: &[u8], secret: &[u8], limits: &JsonLimits) -> Result<Self, SeedJsonError> {
        limits.check(message)?;
        let document = seal::open(secret, message).map_err(SeedJsonError::Seal)?;
        Self::from_json(document, limits)
    }

    /// Writes a batch with its HMAC-SHA256 at the end.
    pub fn seal(&self, secret: &[u8]) -> Result<Vec<u8>, SeedJsonError> {
        seal::seal(secret, self.to_json()).map_err(SeedJsonError::Seal)
    }
}

impl Wire {
    fn of(item: &SeedSyncItem) -> Self {
        Self {
            key: Some(item.key.clone()),
            value: Some(encode_base64(&item.value)),
            clock: Some(item.clock.clone()),
            last_modified: Some(item.last_modified.trimmed().to_string()),
        }
    }

    fn into_item(self) -> Result<SeedSyncItem, SeedJsonError> {
        Ok(SeedSyncItem {
            value: decode_base64("value", self.value.as_deref())?,
            last_modified: parse_instant("lastModified", self.last_modified.as_deref())?,
            key: self.key.unwrap_or_default(),
            clock: self.clock.unwrap_or_default(),
        })
    }
}

/// Reads a list, or `null`, and stops at the first item too many: three bytes of text make an item
/// that takes a hundred in memory.
struct AtMost(usize);

impl<'de> DeserializeSeed<'de> for AtMost {
    type Value = Vec<Wire>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<Wire>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AtMost {
    type Value = Vec<Wire>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {} items", self.0)
    }

    fn visit_unit<E: Error>(self) -> Result<Vec<Wire>, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<Wire>, A::Error> {
        let mut wires = Vec::new();
        while let Some(wire) = items.next_element()? {
            if wires.len() == self.0 {
                return Err(A::Error::invalid_length(self.0 + 1, &self));
            }
            wires.push(wire);
        }
        Ok(wires)
    }
}
