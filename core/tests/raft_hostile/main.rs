//! Raft among strangers: what no correct node says, what it said long ago, and what it says twice.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

mod arguments;
mod disorder;
mod group;
mod memberships;
mod refusals;
mod roles;
mod strangers;
