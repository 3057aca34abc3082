//! What holds for every strategy behind every guard: laws on random fleets, a digest of fixed runs
//! that is the same on every platform, and hostile input.
#![cfg(feature = "serde")]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

// In WebAssembly, where some of these files run too, it is another attribute.
pub use std::prelude::v1::test;

mod digest;
mod fleets;
mod hostile;
mod laws;
mod policies;
