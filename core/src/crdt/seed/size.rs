//! What a tombstone set costs.
//!
//! The seed estimates its memory from the lengths of elements and tags and leaves out the map of
//! removal times, which repeats both and is the largest of the three. Here a size is the exact
//! number of bytes of the JSON form, counted without writing it.

use super::TombstoneOrSet;
use super::tombstone_or_set::TagSets;

/// Exact bytes of the parts of the JSON form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TombstoneSize {
    /// The object `addSet`.
    pub add_set: usize,
    /// The object `removeSet`.
    pub remove_set: usize,
    /// The object `removeTimestamps`, or `null`.
    pub remove_timestamps: usize,
}

/// What surrounds the three parts.
const SHELL: usize = r#"{"addSet":,"removeSet":,"removeTimestamps":}"#.len();
/// An instant in its round-trip form, with quotes.
const INSTANT: usize = r#""2026-03-05T12:34:56.1200000+00:00""#.len();

impl TombstoneSize {
    /// All of it.
    pub fn total(self) -> usize {
        SHELL + self.add_set + self.remove_set + self.remove_timestamps
    }
}

pub(super) fn measure(set: &TombstoneOrSet) -> TombstoneSize {
    let times = set.remove_timestamps.keys();
    TombstoneSize {
        add_set: tag_sets(&set.add_set),
        remove_set: tag_sets(&set.remove_set),
        remove_timestamps: if set.remove_timestamps.is_empty() {
            "null".len()
        } else {
            list(times.map(|key| string(key) + 1 + INSTANT))
        },
    }
}

fn tag_sets(sets: &TagSets) -> usize {
    list(
        sets.iter()
            .map(|(element, tags)| string(element) + 1 + list(tags.iter().map(|tag| string(tag)))),
    )
}

/// Items between brackets or braces, with commas.
fn list(items: impl Iterator<Item = usize>) -> usize {
    let (count, bytes) = items.fold((0, 0), |(count, bytes), item| (count + 1, bytes + item));
    2 + bytes + usize::saturating_sub(count, 1)
}

/// A string between quotes, escaped where JSON demands it.
fn string(text: &str) -> usize {
    let escaped = text.bytes().map(|byte| match byte {
        b'"' | b'\\' | 0x08 | b'\t' | b'\n' | 0x0c | b'\r' => 2,
        0..=0x1f => r"\u0000".len(),
        _ => 1,
    });
    2 + escaped.sum::<usize>()
}
