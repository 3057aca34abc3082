//! Documents of clouds: what is read, what is written, what is said of the rest.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod manifest;
mod policies;
