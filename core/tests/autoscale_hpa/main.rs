//! The Horizontal Pod Autoscaler, held against the tables of the original, against laws that hold
//! for every input, and against numbers that nobody expects.
#![cfg(feature = "serde")]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

// In WebAssembly, where some of these files run too, it is another attribute.
pub use std::prelude::v1::test;

mod decides;
mod edges;
mod hostile;
mod laws;
mod logs;
mod proposals;
mod reconciles;
mod table;
