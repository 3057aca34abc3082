//! The seed's last-writer-wins register, as it is exchanged.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{JsonLimits, SeedJsonError, decode_base64, encode_base64, parse_instant, read, write};
use crate::crdt::seed::Timestamp;

/// A value with who wrote it and when, by the wall clock there.
///
/// It has no merge: the seed's one asks the local clock, and two values of one instant and node
/// stay different for ever. Take the value over into a register of this crate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeedLwwRegister {
    /// The value.
    pub value: Vec<u8>,
    /// When it was written; [`Timestamp::MIN`] if it never was.
    pub timestamp: Timestamp,
    /// Who wrote it; empty if nobody did.
    pub node_id: String,
}

#[derive(Default, Serialize, Deserialize)]
struct Wire {
    #[serde(default)]
    value: Option<String>,
    #[serde(default)]
    timestamp: Option<String>,
    #[serde(default, rename = "nodeId")]
    node_id: Option<String>,
}

impl SeedLwwRegister {
    /// Reads `{"value": base64, "timestamp": instant, "nodeId": text}`.
    pub fn from_json(document: &[u8], limits: &JsonLimits) -> Result<Self, SeedJsonError> {
        let wire: Wire = read(document, limits)?;
        Ok(Self {
            value: decode_base64("value", wire.value.as_deref())?,
            timestamp: parse_instant("timestamp", wire.timestamp.as_deref())?,
            node_id: wire.node_id.unwrap_or_default(),
        })
    }

    /// Writes `{"value":base64,"timestamp":instant,"nodeId":text}`.
    pub fn to_json(&self) -> Vec<u8> {
        write(&Wire {
            value: Some(encode_base64(&self.value)),
            timestamp: Some(self.timestamp.trimmed().to_string()),
            node_id: Some(self.node_id.clone()),
        })
    }
}
