//! Searches through settings: what is tried, what is refused, and what is on the front.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod front;
mod search;
