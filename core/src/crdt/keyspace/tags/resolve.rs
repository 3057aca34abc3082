//! What concurrent facts amount to.
//!
//! A merge that resolves has to be idempotent, associative and the same from both sides, for every
//! mode, in every program. A reader that resolves needs none of that: the set of facts is joined, and
//! what is shown is a function of that set.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use super::fact::Fact;
use super::scalar::Scalar;
use super::value::TagValue;
use crate::Micros;

/// What becomes of facts that were said under one name without knowing of each other. One that is
/// alone shows as it is, whatever the mode. The number is what stands in the schema.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[repr(u8)]
pub enum MergeMode {
    /// The last one shows: the highest by stamp, then replica, then bytes.
    #[default]
    LastWriterWins = 0,
    /// All values show, in their order, each once.
    MultiValue = 1,
    /// Lists are united: all items in their order, each once. If one of the values is not a list, the
    /// last one shows.
    Union = 2,
}

/// What the facts under one name amount to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// What it says, in the order of values. One, unless concurrent facts are to show side by side;
    /// never none.
    pub values: Vec<TagValue>,
    /// Who or what said the last of the facts.
    pub source: String,
    /// The highest version of the facts: a write that has seen them gets a higher one.
    pub version: u64,
    /// When the first fact of their line was said.
    pub created: Micros,
    /// When the latest of the facts was said.
    pub modified: Micros,
    /// How many facts there are: more than one if they were said concurrently.
    pub facts: usize,
}

impl MergeMode {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::LastWriterWins, Self::MultiValue, Self::Union];

    /// The mode that a byte stands for.
    pub(super) fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let [byte] = *bytes else {
            return None;
        };
        Self::ALL.into_iter().find(|&mode| mode as u8 == byte)
    }
}

impl Tag {
    /// What it says if that is one value.
    pub fn value(&self) -> Option<&TagValue> {
        match &self.values[..] {
            [value] => Some(value),
            _ => None,
        }
    }

    /// What it can be found by: its values, and the items of those that are lists. Sorted, each once.
    pub(in crate::crdt::keyspace) fn terms(&self) -> Vec<TagValue> {
        let mut terms = self.values.clone();
        for value in &self.values {
            if let TagValue::List(items) = value {
                terms.extend(items.iter().cloned().map(TagValue::One));
            }
        }
        terms.sort_unstable();
        terms.dedup();
        terms
    }
}

/// What the facts amount to in a mode, whatever order they come in; `None` without any.
pub(in crate::crdt::keyspace) fn resolve(
    facts: impl IntoIterator<Item = Fact>,
    mode: MergeMode,
) -> Option<Tag> {
    let mut facts: Vec<Fact> = facts.into_iter().collect();
    facts.sort_by_cached_key(|fact| (fact.stamp, fact.dot.replica, fact.value.to_bytes()));
    let last = facts.last()?;
    let values = match mode {
        MergeMode::LastWriterWins => vec![last.value.clone()],
        MergeMode::MultiValue => sorted(facts.iter().map(|fact| fact.value.clone())),
        MergeMode::Union => match union(&facts) {
            Some(items) => vec![TagValue::List(items)],
            None => vec![last.value.clone()],
        },
    };
    Some(Tag {
        values,
        source: last.source.clone(),
        version: facts.iter().map(|fact| fact.version).max()?,
        created: facts.iter().map(|fact| fact.created).min()?,
        modified: facts.iter().map(|fact| fact.modified).max()?,
        facts: facts.len(),
    })
}

/// The items of all lists; `None` if one of the values is not a list, or if there is but one.
fn union(facts: &[Fact]) -> Option<Vec<Scalar>> {
    if facts.len() < 2 {
        return None;
    }
    let mut items = Vec::new();
    for fact in facts {
        match &fact.value {
            TagValue::List(list) => items.extend_from_slice(list),
            TagValue::One(_) => return None,
        }
    }
    Some(sorted(items))
}

fn sorted<T: Ord>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.into_iter().collect();
    values.sort_unstable();
    values.dedup();
    values
}

impl fmt::Display for MergeMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LastWriterWins => "last writer wins",
            Self::MultiValue => "multi-value",
            Self::Union => "union",
        })
    }
}
