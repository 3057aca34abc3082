//! Random scenarios, by the thousand: the search for a run in which something breaks.
//!
//! A random scenario with a bit of every fault is worse than it looks: faults hide each other (where
//! every second message is lost no lease is ever held), and after a while every run is alike. So
//! each seed draws which faults it has at all, and how much of them (*swarm testing*, Groce and others
//! 2012). What comes out is a plain [`Scenario`](crate::Scenario): a failure can be opened in the
//! lab, sent as a link and made smaller, like any other run.
//!
//! # Layout
//!
//! - [`swarm`], [`swarm_of`]: a seed becomes a scenario; [`Fault`] is what can be in it, and outside of
//!   the fault model [`OutsideFault`].
//! - [`run`], [`run_with`]: a scenario becomes an [`Outcome`].
//! - [`Peace`]: the end of a run, in which all must come right again.
//! - [`Campaign`]: many outcomes become a few distinct [`Failure`]s.

mod campaign;
mod fault;
mod outcome;
mod outside;
mod peace;
mod ranges;
mod swarm;

pub use campaign::{Campaign, Failure, LossTally, News};
pub use fault::Fault;
#[cfg(feature = "mutants")]
pub(crate) use outcome::words_of;
pub use outcome::{ExpectedLoss, Outcome, Signature, Violation, run, run_with};
pub use outside::OutsideFault;
pub use peace::Peace;
pub use ranges::Ranges;
pub use swarm::{Model, swarm, swarm_of};
