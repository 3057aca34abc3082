//! The classic observed-remove set and its formats, kept for interchange and for comparison.
//!
//! # The idea
//!
//! The system that this kernel grew out of, *the seed*, keeps its sets the way the literature first
//! described them: every add makes a unique tag, a removal copies the tags it saw into a second
//! set, and an element is present while it has a tag that was not removed. Both sets only grow, so
//! merging is union. [`TombstoneOrSet`] is that set, to the letter, with its pruner and its JSON.
//!
//! # Why the naive way fails
//!
//! It grows with every operation, and no rule that looks at a clock can say when a removed tag may
//! be forgotten: whoever was away for longer brings the element back. The tests named `flaw_…` show
//! this and ten more failures beside what [`OrSet`](super::OrSet) does on the same history. Use this
//! module to read and write the seed's data and to compare; for anything else use `OrSet`.
//!
//! # The rooms
//!
//! - [`TombstoneOrSet`], its [pruning](TombstoneOrSet::prune) with a [`TombstonePruneReport`] that
//!   says how much of it was a guess, measured by [`RemovalAcks`].
//! - [`OrSet::from_seed`](super::OrSet::from_seed) and [`OrSet::to_seed`](super::OrSet::to_seed): there
//!   and back, and what is lost.
//! - [`Timestamp`]: the seed's wall-clock instants, exact to their 100 ns.
//! - `json`, with the feature `serde`: the seed's five JSON forms, field for field.

#[cfg(feature = "serde")]
pub mod json;

mod exchange;
mod prune;
mod size;
mod timestamp;
mod tombstone_or_set;

pub use exchange::SeedExport;
pub use prune::{RemovalAcks, TombstonePruneOptions, TombstonePruneReport};
pub use size::TombstoneSize;
pub use timestamp::{Timestamp, TimestampError, Trimmed};
pub use tombstone_or_set::{TombstoneOptions, TombstoneOrSet, tag_of};
