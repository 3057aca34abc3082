//! Random scenarios: repeatable, sound, and at peace in the end; and what is made of those that fail.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

#[cfg(feature = "mutants")]
mod mutants;
mod outside;
mod swarm;
