//! Stores, deltas, full states, sessions and fragments as bytes.
//!
//! The modules marked *shared* also run in WebAssembly, where `test` is another attribute.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

pub use std::prelude::v1::test;

/// Shared: one of everything, byte for byte, and every damage to it.
pub mod corpus;
mod fragments;
/// Shared: random histories against the declarative oracle.
#[path = "../crdt/histories.rs"]
pub mod histories;
mod operations;
mod retired;
mod round_trips;
mod sessions;
mod sizes;
mod sync;
mod version_1;
mod version_2;
mod write;
