//! Messages, records and sessions of Raft as bytes.
//!
//! The modules marked *shared* also run in WebAssembly, where `test` is another attribute.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

pub use std::prelude::v1::test;

/// Shared: one of everything, byte for byte, and every damage to it.
pub mod corpus;
mod journal;
mod refused;
mod round_trips;
/// Shared: the values of the corpus.
pub mod samples;
