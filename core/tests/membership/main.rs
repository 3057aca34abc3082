//! Membership tables, reports and prune certificates from outside: each entry and each refusal,
//! the laws, a group of replicas that lives by them, and the histories that break the rules.
//!
//! The module marked *shared* also runs in WebAssembly, where `test` is another attribute.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

pub use std::prelude::v1::test;

mod certificates;
/// Shared: the named histories.
pub mod counterexamples;
mod encoding;
mod group;
mod laws;
mod log;
mod reports;

use counterexamples::{id, seen};
