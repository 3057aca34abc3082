//! The Watermark Pod Autoscaler: its proposals, limits and windows, and laws that hold for any load.
#![cfg(feature = "serde")]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

#[path = "../autoscale_fleet/mod.rs"]
mod autoscale_fleet;
mod fleet;
mod hostile;
mod laws;
mod reconcile;
mod vectors;
