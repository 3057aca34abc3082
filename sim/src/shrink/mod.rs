//! The smallest scenario that still fails.
//!
//! A failing seed has forty faults, seven nodes and a minute of noise, of which three faults matter.
//! Dropping one at a time is slow and gets stuck where two must go together; so ever smaller
//! blocks are dropped (delta debugging, Zeller and Hildebrandt 2002). Besides, any change moves every
//! later draw of the run's generators, and a race that depended on them is gone; so a candidate that
//! no longer fails is given a few other seeds. A candidate counts only if the same invariant breaks.
//! The same scenario and budget give the same result.
//!
//! # Layout
//!
//! - [`shrink`]: the passes, until none helps or the budget is spent.
//! - [`story`]: what happened in a run, as a list that a person can follow.

mod delta;
mod passes;
mod story;
mod trial;

pub use passes::{DEFAULT_RUNS, Shrunk, shrink};
pub use story::{Chapter, story};
pub use trial::{Control, NotFailing};
