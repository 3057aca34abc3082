//! Lengths of time, and an instant to start from.

use quorate::Micros;
use quorate::crdt::seed::Timestamp;

/// A minute.
pub const MINUTE: Micros = Micros::from_secs(60);
/// A day.
pub const DAY: Micros = Micros::from_secs(24 * 60 * 60);

/// A morning on which nothing else happened.
pub fn morning() -> Timestamp {
    "2026-03-05T08:00:00.0000000+00:00".parse().unwrap()
}
