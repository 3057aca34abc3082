//! What the guards remember.
//!
//! Plain data of bounded size, so that it travels in a replicated log with the rest of the
//! autoscaler's state. Budgets that live in one process's memory are full again after a crash,
//! which is exactly when somebody needs them.

use super::Guards;
use super::calendar::Calendar;
use super::change_budget::ChangeLog;
use super::cost::Spending;
use super::distrust::Readings;
use super::flaps::FlapLog;
use crate::Micros;
use crate::autoscale::rules::Rules;
use crate::autoscale::{Executed, Rule};

/// The memory of [`Guards`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct GuardState {
    /// The latest time seen. Never goes back.
    clock: Micros,
    /// Changes that still weigh on the budget.
    pub(super) changes: ChangeLog,
    /// What the fleet has cost in the hour and the day at hand.
    pub(super) spending: Spending,
    /// Since when the readings have not changed.
    pub(super) readings: Readings,
    /// The last change of the size and the latest reversals.
    pub(super) flaps: FlapLog,
}

impl GuardState {
    /// Nothing seen and nothing done.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes that the size of the fleet was changed. Charges the budgets; a change from a size to
    /// the same one charges nothing.
    pub fn executed(&mut self, guards: &Guards, change: Executed) {
        if change.from == change.to {
            return;
        }
        let settings = guards.settings();
        let at = self.advance(change.at, guards.rules());
        let change = Executed { at, ..change };
        if settings.change_budget.is_some() {
            self.changes.executed(change);
        }
        if settings.cost.is_some() {
            self.spending
                .executed(change, Calendar::new(at, settings.utc_at_zero));
        }
        if let Some(flaps) = &settings.flaps {
            self.flaps.executed(flaps, change);
        }
    }

    /// The later of `now` and the latest time seen.
    pub(super) fn advance(&mut self, now: Micros, rules: Rules) -> Micros {
        if !rules.keep(Rule::GuardClockNeverGoesBack) {
            return now;
        }
        self.clock = self.clock.max(now);
        self.clock
    }
}
