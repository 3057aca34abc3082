//! The controller: single flight, terms, drains, failures, restarts, and its laws on random inputs.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod bench;
mod door;
mod drain;
mod driver;
mod failure;
mod flight;
mod history;
mod laws;
#[cfg(feature = "serde")]
mod restart;
mod terms;
