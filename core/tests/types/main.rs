//! The types from outside: laws, a declarative oracle for each after every step, and the histories
//! that break a type which is made the obvious way.
//!
//! The modules marked *shared* also run in WebAssembly, where `test` is another attribute.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

pub use std::prelude::v1::test;

/// Shared: the named histories, and the laws on fixed ones.
pub mod counterexamples;
mod encoding;
mod map;
mod properties;
/// Shared: the types, each with its oracle.
pub mod subjects;
/// Shared: replicas of one type, and a network that loses, repeats and delays.
pub mod world;
