//! The CRDT kernel from outside: laws, an oracle after every step, and the histories that break
//! the rules one by one.
//!
//! The modules marked *shared* also run in WebAssembly, where `test` is another attribute.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

pub use std::prelude::v1::test;

mod conversation;
/// Shared: the named histories.
pub mod counterexamples;
mod door;
/// Shared: random histories against the declarative oracle.
pub mod histories;
mod hostile;
mod merge;
mod properties;
mod pruning;
mod replica;
mod superseded;
/// Shared: a set under a key.
pub mod values;
