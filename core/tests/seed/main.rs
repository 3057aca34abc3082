//! The seed's set, its pruner and its formats, and the flaws that this kernel must not have.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

mod exchange;
mod flaws;
#[cfg(feature = "serde")]
mod json;
mod pruning;
mod set;

use quorate::Micros;
use quorate::crdt::seed::Timestamp;

const MINUTE: Micros = Micros::from_secs(60);
const DAY: Micros = Micros::from_secs(24 * 60 * 60);

/// A morning on which nothing else happened.
fn morning() -> Timestamp {
    "2026-03-05T08:00:00.0000000+00:00".parse().unwrap()
}
