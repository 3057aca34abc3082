//! Comparisons and the reports made of them.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod comparison;
mod page;
mod support;
