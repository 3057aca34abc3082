//! A recorded load is played against a scaler, and what came of it is scored.
//!
//! Two autoscalers cannot be compared by their settings, and hardly by one number: whoever pays
//! for more nodes misses less, and whoever changes the fleet every minute looks good at both.
//! Here every scaler meets the same load on the same model of a fleet, and the [`Score`] always
//! has three axes: the time in which the fleet was too small, the node-hours, and the flips. An
//! oracle that knows the future says what the best possible score would have been.
//!
//! # The model
//!
//! The load of each tick is a count of requests. The largest count of the whole recording takes
//! [`Model::peak_nodes`] nodes at full use, and that fixes what one node can do. In each tick
//!
//! 1. nodes that were ordered [`Model::start_up`] ago become ready,
//! 2. the fleet is compared with the demand: the fewest nodes that hold this tick's arrivals
//!    within [`Model::slo_utilization`],
//! 3. the ready nodes do as much as they can, the rest waits for the next tick,
//! 4. the [`Scaler`] sees the [`Tick`] and answers with a size,
//! 5. missing nodes are ordered; surplus ones are cancelled, newest orders first, and then
//!    taken away at once.
//!
//! Ticks follow each other without gaps, in the order of the rows. Everything is an integer, so
//! that a score is the same on every platform, and the memory that a replay needs does not
//! depend on its length.

pub mod comparison;
pub mod report;
pub mod sweep;

mod arithmetic;
mod fleet;
mod model;
mod oracle;
mod policy_scaler;
mod quorate_scaler;
mod run;
mod scaler;
mod score;
mod tally;

pub use model::{Model, ModelError, Timing};
pub use policy_scaler::PolicyScaler;
pub use quorate_scaler::QuorateScaler;
pub use run::{Replay, replay};
pub use scaler::{Scaler, Tick};
pub use score::{Elasticity, Score, Share};
