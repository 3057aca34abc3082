//! The seed's JSON forms, field for field, both ways.
//!
//! # The idea
//!
//! | type | form |
//! |---|---|
//! | [`SeedGCounter`] | `{"node": n}` |
//! | [`SeedPnCounter`] | `{"p": base64, "n": base64}`, each the bytes of a grow-only counter's form |
//! | [`SeedLwwRegister`] | `{"value": base64, "timestamp": instant, "nodeId": text}` |
//! | [`TombstoneOrSet`](super::TombstoneOrSet) | `{"addSet": {element: [tag]}, "removeSet": {element: [tag]}, "removeTimestamps": {"element:tag": instant} or null}` |
//! | [`SeedSyncBatch`] | `[{"key", "value": base64, "clock": {"node": n}, "lastModified": instant}]` |
//!
//! What the seed tolerates is tolerated: fields that are missing or `null` are empty, unknown ones
//! are skipped, the last of several equal keys of a map counts, and a removal without a readable
//! time is as old as can be. What is written is canonical: fields in the order above, keys and tags
//! sorted, no spaces.
//!
//! # Why the naive way fails
//!
//! These bytes come from a network. Deriving a reader and unwrapping it trusts whoever sends them:
//! here a document has a [limit](JsonLimits), every refusal [says where](SeedJsonError) it happened,
//! also within base64 within JSON, and nothing is taken over from a document that is refused.

mod batch;
mod counter;
mod error;
mod register;
mod tombstone_or_set;

use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Timestamp;

pub use batch::{SeedSyncBatch, SeedSyncItem};
pub use counter::{SeedGCounter, SeedPnCounter};
pub use error::SeedJsonError;
pub use register::SeedLwwRegister;

/// What a document may cost. The memory that reading takes is proportional to its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonLimits {
    /// The most bytes of a document.
    pub bytes: usize,
    /// The most items of a batch.
    pub items: usize,
}

impl Default for JsonLimits {
    /// 64 MiB, and 100,000 items, which is all that the seed stores.
    fn default() -> Self {
        Self {
            bytes: 64 << 20,
            items: 100_000,
        }
    }
}

impl JsonLimits {
    fn check(&self, document: &[u8]) -> Result<(), SeedJsonError> {
        if document.len() > self.bytes {
            return Err(SeedJsonError::TooLarge {
                bytes: document.len(),
                limit: self.bytes,
            });
        }
        Ok(())
    }
}

/// Reads a document. `null` is what the seed makes of it: a value with all fields missing.
fn read<T: DeserializeOwned + Default>(
    document: &[u8],
    limits: &JsonLimits,
) -> Result<T, SeedJsonError> {
    limits.check(document)?;
    let value: Option<T> = serde_json::from_slice(document)?;
    Ok(value.unwrap_or_default())
}

fn write(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("keys are strings and memory is all that is written to")
}

fn decode_base64(field: &'static str, text: Option<&str>) -> Result<Vec<u8>, SeedJsonError> {
    STANDARD
        .decode(text.unwrap_or_default())
        .map_err(|error| SeedJsonError::Base64 { field, error })
}

fn encode_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

fn parse_instant(field: &'static str, text: Option<&str>) -> Result<Timestamp, SeedJsonError> {
    text.map_or(Ok(Timestamp::MIN), str::parse)
        .map_err(|error| SeedJsonError::Timestamp { field, error })
}
