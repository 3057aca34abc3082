//! Stores, deltas, full states and sessions as bytes.
//!
//! The modules marked *shared* also run in WebAssembly, where `test` is another attribute.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

pub use std::prelude::v1::test;

/// Shared: random histories against the declarative oracle.
#[path = "../crdt/histories.rs"]
pub mod histories;
mod retired;
mod round_trips;
