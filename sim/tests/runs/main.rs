//! Whole runs: determinism, safety under faults, time travel, edits, links.
//!
//! The modules marked *shared* also run in WebAssembly, where `test` is another attribute.

pub use std::prelude::v1::test;

/// Shared: the digest of one fixed scenario.
pub mod digest;
mod doors;
mod faults;
mod scaling;
mod travel;
