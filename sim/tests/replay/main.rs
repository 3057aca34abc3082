//! The replay: the model, the scores, and the numbers of the evaluation.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

#[path = "../../examples/evaluation/baselines.rs"]
mod baselines;
#[path = "../../examples/evaluation/contenders.rs"]
mod contenders;
mod flash_day;
mod model;
#[cfg(feature = "traces")]
mod published;
#[cfg(feature = "traces")]
#[path = "../../examples/evaluation/seasons.rs"]
mod seasons;
#[cfg(feature = "traces")]
#[path = "../../examples/evaluation/traces.rs"]
mod traces;
