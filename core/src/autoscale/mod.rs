//! Autoscaling: an observation of a fleet goes in, an explained decision comes out.
//!
//! [`decide`] is a pure function of the policy, the state, the observation and the time. The
//! naive way is a loop that reads a clock and its own process's load, compares, acts and writes
//! one joined string to a log: such a decision can be neither replayed nor questioned. Here the
//! time is an argument, the fleet is data, nothing is executed, and the [`Decision`] keeps every
//! number between the samples and the answer, names the rule that was binding and says what would
//! have led to another answer.
//!
//! # Units
//!
//! Everything is an unsigned integer. CPU and memory are per mille of one node (1,000 = the node
//! is full), queues are whole waiting requests, times are [`Micros`]. A metric that is
//! [absent](Metric::Absent), one that is [stale](Metric::Stale) and one that is zero are three
//! different things.
//!
//! # Stages
//!
//! | stage | file | what it does |
//! |---|---|---|
//! | samples | `observation` | one [`NodeSample`] per node, checked, in order of node |
//! | classified | `fleet` | counts nodes by state, averages the ready ones |
//! | proposals, winner, cooldown | `policy` | what a [`Policy`] makes of it |
//! | bounded | `bounds` | the fleet never leaves its [`Bounds`] |
//! | decision | `decision` | the record, and in `explanation` its words |

mod bounds;
mod decision;
mod explanation;
mod fleet;
mod metric;
mod observation;
mod policy;
mod state;

pub use bounds::{Bounds, BoundsError};
pub use decision::{
    Action, BindingRule, Chain, Change, Cooldown, Counterfactual, Decision, Proposal, Verdict,
    Winner,
};
pub use explanation::{Step, StepName};
pub use fleet::{Fleet, Level, SampleCount};
pub use metric::{Metric, Resource};
pub use observation::{NodeSample, NodeState, Observation, ObservationError};
pub use policy::{Evaluation, Policy, Reading, Threshold, ThresholdError, ThresholdSettings};
pub use state::State;

use crate::Micros;

/// Decides what to do with the fleet seen in `observation` at `now`.
///
/// Nothing is executed here. The host that carries a decision out reports it with
/// [`State::executed`]; only then does the cooldown begin, so a decision that was refused, lost
/// or never proposed blocks nothing. `state` remembers when it was last evaluated, see
/// [`Policy::next_evaluation`].
///
/// A clock that goes backwards makes the last action look as if it were now: the cooldown lasts
/// longer, never shorter.
///
/// O(n) for n nodes.
pub fn decide(
    policy: &Policy,
    state: &mut State,
    observation: &Observation,
    now: Micros,
) -> Decision {
    let fleet = Fleet::of(observation);
    let since_last_action = state.last_action().map(|at| now.since(at));
    let decision = match policy {
        Policy::Threshold(threshold) => threshold.decide(fleet, since_last_action, now),
    };
    state.evaluated(now);
    decision
}
