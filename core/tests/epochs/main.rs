//! Stores that live by a membership log: fences, closes, readmissions, crashes, and everything that
//! was ever sent still under way.
//!
//! Tables and reports have tests of their own; here the state has to be right. The modules marked
//! *shared* also run in WebAssembly, where `test` is another attribute.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

pub use std::prelude::v1::test;

/// Shared: stores, their disks and the log.
pub mod cluster;
/// Shared: the named histories.
pub mod counterexamples;
/// Shared: how a history ends well.
pub mod heal;
/// Shared: random histories against the declarative oracle.
pub mod histories;
/// Shared: the declarative oracle.
pub mod ledger;
/// Shared: ends and beginnings.
pub mod lives;
mod properties;
/// Shared: who returns, and with what.
pub mod returns;
