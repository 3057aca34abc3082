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
//! Quantities are thousandths in an `i64`: CPU and memory per mille of one node (1,000 = the node
//! is full), queues in thousandths of a waiting request; times are [`Micros`]. A metric that is
//! [absent](Metric::Absent), one that is [stale](Metric::Stale) and one that is zero are three
//! different things. Where a strategy copies a system that computes in IEEE doubles, it does so
//! too, and only with operations whose result is the same everywhere.
//!
//! # Stages
//!
//! | stage | file | what it does |
//! |---|---|---|
//! | samples | `observation` | one [`NodeSample`] per node, checked, in order of node |
//! | classified | `fleet` | counts nodes by state, averages the ready ones |
//! | proposed | `policy` | what a [`Strategy`] makes of it |
//! | guarded | `guard` | what may not happen does not, whatever the strategy says |
//! | decision | `decision` | the record, in `explanation` its words, in `counterfactual` its "if" |

pub mod controller;
pub mod guard;
pub mod history;

mod counterfactual;
mod decision;
mod explanation;
mod fleet;
mod metric;
mod observation;
mod policy;
mod rules;
mod state;

pub use counterfactual::{Change, Counterfactual};
pub use decision::{Action, BindingRule, Chain, Decision, Evaluation};
pub use explanation::{Step, StepName};
pub use fleet::{Fleet, Level, SampleCount};
pub use guard::{
    Bounds, BoundsError, GuardInput, GuardReason, GuardRecord, GuardState, GuardVerdict, Guards,
};
pub use metric::{Metric, MetricName, MetricNameError, Resource};
pub use observation::{NodeSample, NodeState, Observation, ObservationError};
pub use policy::threshold::{Threshold, ThresholdError, ThresholdSettings};
pub use policy::{Policy, PolicyError, Seen, Signal, Strategy, StrategyRecord, StrategyRule};
pub use policy::{hpa, kpa, nomad, quorate, step_scaling, threshold, wpa};
pub use rules::Rule;
pub use state::{Executed, State};

use alloc::borrow::Cow;

use self::counterfactual::Made;
use self::policy::Input;
use crate::Micros;

/// Decides what to do with the fleet seen in `observation` at `now`.
///
/// Nothing is executed here. The host that carries a decision out reports it with
/// [`State::executed`]; only then do cooldowns begin and budgets shrink, so a decision that was
/// refused, lost or never proposed blocks nothing. `state` remembers when it was last evaluated,
/// see [`Policy::next_evaluation`].
///
/// A clock that goes backwards makes the last action look as if it were now: a cooldown lasts
/// longer, never shorter. A reading that was taken after `now` is stale.
///
/// O(n) for n samples, some dozens of times for the counterfactual; [`evaluate`] goes without it.
pub fn decide(
    policy: &Policy,
    state: &mut State,
    observation: &Observation,
    now: Micros,
) -> Decision {
    let before = state.clone();
    let evaluation = evaluate(policy, state, observation, now);
    let counterfactual = Made {
        policy,
        before: &before,
        observation,
        now,
        evaluation: &evaluation,
    }
    .counterfactual();
    let Evaluation {
        current,
        target,
        chain,
    } = evaluation;
    Decision {
        at: now,
        current,
        target,
        action: Action::between(current, target),
        binding: chain.binding(),
        chain,
        counterfactual,
    }
}

/// The answer of [`decide`] without what might have been: for replays of long traces. O(n) for n
/// samples.
#[inline]
pub fn evaluate(
    policy: &Policy,
    state: &mut State,
    observation: &Observation,
    now: Micros,
) -> Evaluation {
    let seen = if policy.rules().keep(Rule::ReadingsFromTheFutureAreStale) {
        observation.as_of(now)
    } else {
        Cow::Borrowed(observation)
    };
    let observation = seen.as_ref();
    let fleet = Fleet::of(observation);
    let current = fleet.size();
    let last_action = state.last_action();
    let strategy = policy.strategy.evaluate(
        &mut state.strategy,
        &Input {
            observation,
            fleet: &fleet,
            bounds: policy.bounds(),
            current,
            now,
            interval: policy.evaluation_interval(),
            last_action,
            rules: policy.rules(),
        },
    );
    let guards = policy.guards.apply(
        &mut state.guards,
        &GuardInput {
            observation,
            fleet: &fleet,
            current,
            proposed: strategy.nodes(),
            now,
        },
    );
    state.evaluated(now);
    Evaluation {
        current,
        target: guards.target(),
        chain: Chain {
            fleet,
            strategy,
            guards,
        },
    }
}
