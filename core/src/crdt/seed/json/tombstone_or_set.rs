//! The seed's set as JSON.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{JsonLimits, SeedJsonError, read, write};
use crate::crdt::seed::tombstone_or_set::TagSets;
use crate::crdt::seed::{Timestamp, TombstoneOrSet};

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Incoming {
    #[serde(default)]
    add_set: Option<TagSets>,
    #[serde(default)]
    remove_set: Option<TagSets>,
    /// Whatever is there: times that cannot be read are no reason to refuse a set.
    #[serde(default)]
    remove_timestamps: Value,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outgoing<'a> {
    add_set: &'a TagSets,
    remove_set: &'a TagSets,
    remove_timestamps: Option<BTreeMap<&'a str, String>>,
}

impl TombstoneOrSet {
    /// Reads the seed's form. The set has the default options, as they are not part of it.
    ///
    /// A removal whose time is missing or unreadable is as old as can be. An element whose list of
    /// tags is empty was neither added nor removed and is left out.
    pub fn from_json(document: &[u8], limits: &JsonLimits) -> Result<Self, SeedJsonError> {
        let incoming: Incoming = read(document, limits)?;
        let mut set = Self::new();
        set.add_set = named(incoming.add_set);
        set.remove_set = named(incoming.remove_set);
        set.remove_timestamps = readable(incoming.remove_timestamps);
        Ok(set)
    }

    /// Writes the seed's form. Its length is what [`size`](Self::size) says.
    pub fn to_json(&self) -> Vec<u8> {
        let times: BTreeMap<_, _> = self
            .remove_timestamps
            .iter()
            .map(|(key, at)| (key.as_str(), at.to_string()))
            .collect();
        write(&Outgoing {
            add_set: &self.add_set,
            remove_set: &self.remove_set,
            remove_timestamps: (!times.is_empty()).then_some(times),
        })
    }
}

/// The entries with tags.
fn named(sets: Option<TagSets>) -> TagSets {
    let mut sets = sets.unwrap_or_default();
    sets.retain(|_, tags| !tags.is_empty());
    sets
}

/// The entries that are instants.
fn readable(times: Value) -> BTreeMap<String, Timestamp> {
    let Value::Object(times) = times else {
        return BTreeMap::new();
    };
    times
        .into_iter()
        .filter_map(|(key, at)| Some((key, at.as_str()?.parse().ok()?)))
        .collect()
}
