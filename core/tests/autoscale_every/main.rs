//! What holds for every strategy behind every guard: laws on random fleets, a digest of fixed runs
//! that is the same on every platform, and hostile input.
#![cfg(feature = "serde")]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod digest;
mod fleets;
mod hostile;
mod laws;
mod policies;
