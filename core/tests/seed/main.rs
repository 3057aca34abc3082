//! The seed's set, its pruner and its formats, and the flaws that this kernel must not have.
//!
//! The modules marked *shared* also run in WebAssembly, where `test` is another attribute.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

pub use std::prelude::v1::test;

/// Shared: to our set and back.
pub mod exchange;
/// Shared: the flaws, one by one.
pub mod flaws;
/// Shared: lengths of time, and an instant to start from.
pub mod instants;
#[cfg(feature = "serde")]
mod json;
mod properties;
/// Shared: the pruner.
pub mod pruning;
/// Shared: adding, removing, merging.
pub mod set;

use instants::{DAY, MINUTE, morning};
