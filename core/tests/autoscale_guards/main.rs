//! The guards: each one alone, in their order, at their door, and their laws on random histories.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod change_budget;
mod cost;
mod distrust;
mod door;
mod flaps;
mod fleet;
mod freeze;
mod laws;
mod order;
mod ready_share;
