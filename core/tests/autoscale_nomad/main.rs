//! The Nomad Autoscaler: its strategies, its merge, its states, and laws that hold for any vote.
#![cfg(feature = "serde")]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

#[path = "../autoscale_fleet/mod.rs"]
mod autoscale_fleet;
mod fleet;
mod handler;
mod hostile;
mod laws;
mod vectors;

use quorate::autoscale::nomad::{Action, Direction};

fn action(direction: Direction, count: i64) -> Action {
    Action {
        count,
        direction,
        ..Action::NONE
    }
}
