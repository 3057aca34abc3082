//! The keyspace from outside: every operation on every kind, random histories against an oracle that
//! knows neither paths nor payloads, tags where replicas disagree, and an index held against a walk.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

pub use std::prelude::v1::test;

/// Shared: tags where a collection made the usual way fails.
pub mod flaws;
/// Shared: what an object costs.
pub mod footprint;
/// Shared: random histories against the oracle.
pub mod histories;
/// Shared: every operation on every kind.
pub mod operations;
/// Shared: what a keyspace shows, by the operations seen.
pub mod oracle;
mod properties;
/// Shared: queries, by a walk and by the index.
pub mod queries;
/// Shared: which key holds what.
pub mod registry;
/// Shared: a keyspace with its clock and index, as a program would hold them.
pub mod replica;
/// Shared: replicas of one type, and a network that loses, repeats and delays.
#[path = "../types/world.rs"]
pub mod world;
