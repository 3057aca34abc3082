//! Whole runs: determinism, safety under faults, time travel, edits, links.
//!
//! The modules marked *shared* also run in WebAssembly, where `test` is another attribute.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

pub use std::prelude::v1::test;

mod clocks;
mod cluster;
/// Shared: the digest of one fixed scenario.
pub mod digest;
mod doors;
mod faults;
mod inside;
mod joining;
mod outside;
mod paths;
mod pauses;
mod scaling;
mod travel;
