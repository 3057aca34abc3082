//! What no strategy may do: the guards, which come last and are never bypassed.
//!
//! The naive way is a limit inside each strategy, checked where its author thought of it. Then the
//! limit has as many meanings as there are strategies, and a short cut of one of them walks around
//! it. Here a strategy only proposes, and every proposal passes through [`Guards::apply`].
//!
//! # Order and precedence
//!
//! 1. **Doubts** judge the strategy: [`Distrust`] its data, [`FlapBudget`] its nerves. They pull
//!    its proposal back to the current size. They come first since they have nothing to say about
//!    what follows: bounds and ceilings are an operator's words and do not rest on metrics.
//! 2. **Demands** say where the fleet may be: [`Bounds`], then [`CostCeiling`], which never asks for
//!    fewer than `min_nodes`, so that the two cannot contradict each other. Only they move the
//!    target away from the current size.
//! 3. **Holds** say what may be done now: [`ReadyShare`], [`FreezeWindow`], and last
//!    [`ChangeBudget`], since it paces what is left. They pull the target back to the current size.
//!
//! It follows that the target lies within the bounds whenever the fleet does, and that it is
//! otherwise never farther from them than the fleet is: bounds that were edited are reached at the
//! pace of the change budget, and not during a freeze. For the same reason a demand of the cost
//! ceiling waits for the holds; what that can cost is what the holds were set to be worth.
//!
//! # Time
//!
//! [`GuardState`] keeps the latest time it was shown and never goes back: a clock that jumps
//! backwards stands still for the guards, so it frees nothing early. Calendars (freeze windows,
//! hours and days of the ceiling) are UTC: the settings say what time it was when the host's clock
//! was zero.

mod bounds;
mod calendar;
mod change_budget;
mod cost;
mod distrust;
mod flaps;
mod freeze;
mod ready_share;
mod record;
mod settings;
mod state;

pub use bounds::{Bounds, BoundsError};
pub use change_budget::{ChangeBudget, ChangeBudgetError, ChangeLimit, ChangeWindow};
pub use cost::{CostCeiling, CostError, CostPeriod, CostSettings};
pub use distrust::{
    Disagreement, Distrust, DistrustError, DistrustHold, DistrustSettings, Doubt, SummedMetric,
};
pub use flaps::{FlapBudget, FlapError, FlapSettings};
pub use freeze::{FreezeDirection, FreezeError, FreezeSchedule, FreezeWindow};
pub use ready_share::{ReadyShare, ReadyShareError};
pub use record::{GuardNumbers, GuardReason, GuardRecord, GuardVerdict};
pub use settings::{GuardSettings, Guards, GuardsError};
pub use state::GuardState;

use alloc::vec::Vec;

use self::calendar::Calendar;
use self::cost::Books;
use super::rules::Rules;
use super::{Executed, Fleet, Observation, Rule};
use crate::Micros;

/// What the guards look at.
#[derive(Clone, Copy, Debug)]
pub struct GuardInput<'a> {
    /// The fleet as it was seen.
    pub observation: &'a Observation,
    /// The same, counted.
    pub fleet: &'a Fleet,
    /// Its size: the nodes that there are and those on their way.
    pub current: u32,
    /// The size that the strategy wants.
    pub proposed: u32,
    /// The time of the evaluation.
    pub now: Micros,
}

impl Guards {
    /// Judges a proposal. The state learns the time, the size of the fleet and its readings, not
    /// the answer: only [`GuardState::executed`] charges a budget.
    ///
    /// O(n) for n samples if metrics are distrusted or a ready share is kept, otherwise constant
    /// but for the bounded logs. Allocates only if there is more than the bounds.
    pub fn apply(&self, state: &mut GuardState, input: &GuardInput<'_>) -> GuardRecord {
        let settings = self.settings();
        let rules = self.rules();
        let now = state.advance(input.now, rules);
        let calendar = Calendar::new(now, settings.utc_at_zero);
        let mut answer = Answer {
            current: input.current,
            target: input.proposed,
            rules,
        };

        let mut doubts = Vec::new();
        if let Some(distrust) = &settings.distrust {
            state.readings.observe(input.observation, now);
            let verdict = distrust.judge(&state.readings, input.observation, answer, now);
            doubts.push(answer.take(verdict));
        }
        if let Some(flaps) = &settings.flaps {
            doubts.push(answer.take(flaps.judge(&state.flaps, answer, now)));
        }

        let bounded = answer.take(settings.bounds.judge(answer));

        let mut limits = Vec::new();
        if let Some(cost) = &settings.cost {
            state.spending.observe(input.fleet, calendar);
            let books = Books {
                spending: &state.spending,
                fleet: input.fleet,
                bounds: settings.bounds,
                calendar,
                rules,
            };
            limits.push(answer.take(cost.judge(&books, answer)));
        }
        if let Some(ready_share) = &settings.ready_share {
            limits.push(answer.take(ready_share.judge(input, answer)));
        }
        if !settings.freeze.is_empty() {
            limits.push(answer.take(freeze::judge(&settings.freeze, answer, calendar)));
        }
        if let Some(budget) = &settings.change_budget {
            limits.push(answer.take(budget.judge(&state.changes, answer, now)));
            if !rules.keep(Rule::OnlyExecutedIsCharged) {
                state.changes.executed(answer.as_if_executed(now));
            }
        }
        GuardRecord {
            doubts,
            bounded,
            limits,
        }
    }
}

/// The size of the fleet as it is, and as it shall be after the guards so far.
#[derive(Clone, Copy, Debug)]
struct Answer {
    current: u32,
    target: u32,
    rules: Rules,
}

impl Answer {
    /// The target, or the current size if that is larger: no node is removed.
    fn without_removal(self) -> u32 {
        self.target.max(self.current)
    }

    /// The change that a mutant charges before anybody has made it.
    const fn as_if_executed(self, at: Micros) -> Executed {
        Executed {
            from: self.current,
            to: self.target,
            at,
        }
    }

    /// Goes on from what the verdict left.
    const fn take(&mut self, verdict: GuardVerdict) -> GuardVerdict {
        self.target = verdict.after;
        verdict
    }
}
