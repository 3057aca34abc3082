//! The seed's counters, as they are exchanged.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{JsonLimits, SeedJsonError, decode_base64, encode_base64, read, write};

/// A count per node. The seed checks no amount: a count can be negative.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeedGCounter {
    /// The counts.
    pub counts: BTreeMap<String, i64>,
}

/// A counter for what was added and one for what was taken away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeedPnCounter {
    /// What was added.
    pub positive: SeedGCounter,
    /// What was taken away.
    pub negative: SeedGCounter,
}

impl SeedGCounter {
    /// The sum, which 128 bits always hold.
    pub fn value(&self) -> i128 {
        self.counts.values().copied().map(i128::from).sum()
    }

    /// Joins another counter: the higher count of every node.
    pub fn merge(&mut self, other: &Self) {
        for (node, &count) in &other.counts {
            let known = self.counts.entry(node.clone()).or_insert(count);
            *known = count.max(*known);
        }
    }

    /// Reads `{"node": n}`.
    pub fn from_json(document: &[u8], limits: &JsonLimits) -> Result<Self, SeedJsonError> {
        let counts = read(document, limits)?;
        Ok(Self { counts })
    }

    /// Writes `{"node":n}`.
    pub fn to_json(&self) -> Vec<u8> {
        write(&self.counts)
    }
}

/// Two documents in base64.
#[derive(Default, Serialize, Deserialize)]
struct Wire {
    #[serde(default)]
    p: Option<String>,
    #[serde(default)]
    n: Option<String>,
}

impl SeedPnCounter {
    /// What was added less what was taken away, which 128 bits always hold.
    pub fn value(&self) -> i128 {
        self.positive.value() - self.negative.value()
    }

    /// Joins another counter: each half by itself.
    pub fn merge(&mut self, other: &Self) {
        self.positive.merge(&other.positive);
        self.negative.merge(&other.negative);
    }

    /// Reads `{"p": base64, "n": base64}`.
    pub fn from_json(document: &[u8], limits: &JsonLimits) -> Result<Self, SeedJsonError> {
        let wire: Wire = read(document, limits)?;
        Ok(Self {
            positive: half("p", wire.p.as_deref(), limits)?,
            negative: half("n", wire.n.as_deref(), limits)?,
        })
    }

    /// Writes `{"p":base64,"n":base64}`.
    pub fn to_json(&self) -> Vec<u8> {
        write(&Wire {
            p: Some(encode_base64(&self.positive.to_json())),
            n: Some(encode_base64(&self.negative.to_json())),
        })
    }
}

fn half(
    field: &'static str,
    text: Option<&str>,
    limits: &JsonLimits,
) -> Result<SeedGCounter, SeedJsonError> {
    if text.is_none() {
        return Ok(SeedGCounter::default());
    }
    let document = decode_base64(field, text)?;
    SeedGCounter::from_json(&document, limits).map_err(|error| SeedJsonError::Field {
        field,
        error: Box::new(error),
    })
}
