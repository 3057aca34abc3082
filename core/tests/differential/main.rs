//! [`OrSet`](quorate::crdt::OrSet) beside an independent set of the same meaning, step by step.
//!
//! Our own oracle is as right as our own understanding of an add-wins set. `Orswot` of the crate
//! `crdts` (a port of Riak's) was written by others, keeps a clock per element where we keep one
//! vector per store, and merges whole states where we join deltas. If both show the same elements
//! at every replica after every step of a hundred thousand random histories, then what they share
//! is the meaning.
//!
//! They differ, legitimately, in what is under the elements; see [`differences`]. So what is
//! compared is contents, and that every dot we keep an element alive by is one they do.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

mod differences;
mod histories;
mod twins;
