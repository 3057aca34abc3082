//! The judge of histories: verdicts, formats, and agreement with a judge that tries everything.
//!
//! The modules marked *shared* also run in WebAssembly, where `test` is another attribute.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

pub use std::prelude::v1::test;

mod every_order;
mod formats;
/// Shared: small histories with known verdicts, and the digest of many.
pub mod verdicts;
mod witness;
