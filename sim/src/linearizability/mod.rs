//! Was there one order? An independent judge of what clients saw.
//!
//! A history is linearizable (Herlihy and Wing 1990) if every operation can be given one moment
//! between its call and its answer such that all answers are those of a single machine that serves
//! one client after the other. The naive way is to try every order: of ten clients that is 3.6
//! million for a single round. Three observations make it feasible:
//!
//! - keys are independent, so each is judged alone (Horn and Kroening 2015, P-compositionality);
//! - only operations that overlap can be swapped, and what was done in another order and led to the
//!   same state need not be tried again (Wing and Gong 1993, Lowe 2017);
//! - an operation whose outcome nobody knows only ever adds choices: orders with fewer of them are
//!   tried first, and those with more are worth trying only in states that fewer do not reach.
//!
//! The judge knows nothing of the kernel, of logs or of leaders. It is given a [`History`], a
//! [`Specification`] of what one machine would have answered, and a budget.
//!
//! # Layout
//!
//! - [`History`], [`Recorder`]: who asked what when, and what was answered.
//! - [`Specification`]: one machine; [`Register`] and [`Versioned`] are two.
//! - [`check`]: the verdict, with a [`Witness`] that a person can follow.
//! - [`mod@format`]: histories as files: JSON lines, Jepsen's logs, key-value logs.
//! - [`generate`]: histories from a seed, for tests and measurements.

pub mod format;
pub mod generate;

mod explored;
mod history;
mod partition;
mod register;
mod search;
mod specification;
mod verdict;
mod versioned;
mod witness;

pub use history::{History, HistoryError, Operation, Outcome, Recorder};
pub use register::{Answer, Call, Register, Value};
pub use specification::Specification;
pub use verdict::{DEFAULT_STEPS, Report, Verdict, check};
pub use versioned::{Versioned, VersionedAnswer, VersionedCall};
pub use witness::{Ordered, Participant, Witness};
