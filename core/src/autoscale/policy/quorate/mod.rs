//! The policy of this project: a forecast over the start-up time, headroom from its own errors,
//! and scale-ins that learn from regret.
//!
//! Utilization is what most autoscalers look at, and it lies when it matters: a full node is at
//! 100 % whether it is asked for one node's work or for five. And a fixed margin is too small
//! for noisy traffic and a waste for smooth traffic. So:
//!
//! 1. **demand** is what arrived: the work that was served plus what the queue grew by;
//! 2. the **old forecast** for this time is scored;
//! 3. level and trend are smoothed, and
//! 4. the **forecast** is for the time at which a node ordered now is ready;
//! 5. the **headroom** is the larger of a small base and the usual error of the forecast;
//! 6. never less than what arrives now is provided for, nor, if wanted, less than what the
//!    [`Season`] expects of this time of the day;
//! 7. a little more after the service level was broken (**panic**),
//! 8. and for the **backlog**, to drain it in time;
//! 9. the **need** is the fleet that holds all this within the service level.
//! 10. A scale-out is at once. A scale-in must cover all needs of a window, the **hold**,
//! 11. and leave some room (**hysteresis**), so that it is not undone by noise;
//! 12. a scale-in that had to be undone soon lengthens the hold (**regret**).
//!
//! Each step is in the [`QuorateRecord`] with its numbers. Demands are micro-nodes inside and
//! milli-nodes (1,000 = the work that one node does in the interval) at the door, all integers;
//! divisions truncate toward zero, nothing overflows. The state is plain data of bounded size.

mod arithmetic;
mod explanation;
mod forecast;
mod hold;
mod record;
mod season;
mod settings;
mod state;
mod wiring;

pub use forecast::Forecast;
pub use hold::Need;
pub use record::{QuorateRecord, QuorateRule, Sight};
pub use season::{Season, SeasonSettings, Seasonal};
pub use settings::{QuorateError, QuorateSettings};
pub use state::QuorateState;
pub use wiring::{BACKLOG, SERVED};

use crate::Micros;
use crate::autoscale::rules::Rules;
use crate::autoscale::{Executed, Rule};
use arithmetic::{MICRO_PER_MILLI, ceil_nodes, micro, per_mille, scaled, signed};
use season::Span;

/// The policy with settings that make sense.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "QuorateSettings", into = "QuorateSettings")
)]
pub struct Quorate {
    /// The utilization is from 1 to 1,000, no time is above a year, no share above a million, and
    /// the hold begins within its limit.
    settings: QuorateSettings,
}

/// What the policy sees of one interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    /// The work that was done, in thousandths of what one node can do in the interval.
    pub served_milli: i64,
    /// The work that waits at the end of it, in the same unit; `None` if nobody knows.
    pub queue_milli: Option<i64>,
    /// Nodes that serve.
    pub ready: u32,
    /// Nodes that are ordered: those that serve and those that start.
    pub current: u32,
    /// The length of the interval. Zero is taken for one microsecond.
    pub interval: Micros,
}

impl Quorate {
    /// A policy with these settings.
    pub fn new(settings: QuorateSettings) -> Result<Self, QuorateError> {
        match settings.fault() {
            Some(fault) => Err(fault),
            None => Ok(Self { settings }),
        }
    }

    /// The settings.
    pub const fn settings(&self) -> &QuorateSettings {
        &self.settings
    }

    /// One evaluation whose answer is carried out at once: all twelve steps.
    ///
    /// O(1) amortised.
    pub fn tick(&self, state: &mut QuorateState, tick: &Tick, now: Micros) -> QuorateRecord {
        let record = self.evaluate(state, tick, now);
        let change = Executed {
            from: tick.current,
            to: record.nodes,
            at: now,
        };
        self.executed(state, change);
        record
    }

    /// Steps 1 to 11: the answer, before any guard, and before anybody has carried it out.
    pub fn evaluate(&self, state: &mut QuorateState, tick: &Tick, now: Micros) -> QuorateRecord {
        self.evaluate_by(Rules::default(), state, tick, now)
    }

    fn evaluate_by(
        &self,
        rules: Rules,
        state: &mut QuorateState,
        tick: &Tick,
        now: Micros,
    ) -> QuorateRecord {
        let settings = &self.settings;
        let interval = tick.interval.max(Micros(1));
        let demand = state.demand(tick);
        let forecast = state.forecaster.observe(settings, demand, interval, now);
        let mut record = QuorateRecord::of(tick, demand, forecast, now);
        record.base_headroom = self.base_headroom(forecast.demand);
        record.error_headroom = self.error_headroom(forecast.usual_error);
        let headroom = record.base_headroom.max(record.error_headroom);
        record.covered = forecast.demand.saturating_add(headroom).max(demand);
        if let Some(season) = settings.season {
            let span = Span {
                interval,
                horizon: forecast.horizon,
                now,
            };
            let season = Season::observe(season, &mut state.day, demand, span);
            self.cover_season(rules, &mut record, season);
        }
        record.panic = self.panic(state, tick, forecast.demand, now);
        record.panic_left = state.panic_until.since(now);
        record.backlog = self.backlog(tick, interval);
        record.work = record
            .covered
            .saturating_add(record.panic)
            .saturating_add(record.backlog);
        record.slo_utilization = settings.slo_utilization;
        record.need = self.nodes_for(record.work).max(1);
        state.penalty = hold::faded(settings, state.penalty, interval);
        record.penalty = state.penalty;
        record.hold = hold::hold(settings, state.penalty);
        state.needs.push(record.need, now, settings.hold_limit);
        record.held = state.needs.largest(record.hold, now);
        record.roomy = self.nodes_for(self.with_room(record.work));
        record.decide(|record| self.needed_by(record));
        record
    }

    /// Step 12: a change was carried out. Whoever sends answers through guards says here what
    /// became of them.
    pub fn executed(&self, state: &mut QuorateState, change: Executed) {
        state.executed(&self.settings, change);
    }

    /// Step 6: what the season expects, with the headroom for every load. It only ever adds.
    fn cover_season(&self, rules: Rules, record: &mut QuorateRecord, season: Season) {
        let season = if rules.keep(Rule::QuorateSeasonEarnsTrust) {
            season
        } else {
            season.believed()
        };
        record.season = Some(season);
        if let Some(demand) = season.trusted() {
            let seasonal = demand.saturating_add(self.base_headroom(demand));
            record.covered = record.covered.max(seasonal);
        }
    }

    /// Step 5, for every load: a little, and a little of the forecast.
    fn base_headroom(&self, forecast: i64) -> i64 {
        let relative = per_mille(forecast, i64::from(self.settings.relative_headroom));
        let absolute = i64::from(self.settings.base_headroom) * MICRO_PER_MILLI;
        self.covered(relative.saturating_add(absolute))
    }

    /// Step 5, for noisy load: as much as the forecast is usually wrong.
    fn error_headroom(&self, usual_error: i64) -> i64 {
        self.covered(per_mille(
            usual_error,
            i64::from(self.settings.error_headroom),
        ))
    }

    /// The one knob.
    fn covered(&self, headroom: i64) -> i64 {
        per_mille(headroom, i64::from(self.settings.cover))
    }

    /// Step 7. A breach is seen in the utilization, not in the forecast: it says that the model
    /// was wrong in a way that it does not know.
    fn panic(&self, state: &mut QuorateState, tick: &Tick, forecast: i64, now: Micros) -> i64 {
        let limit = i64::from(self.settings.slo_utilization) * i64::from(tick.ready);
        if tick.served_milli >= limit {
            state.panic_until = now + self.settings.panic_time;
        }
        if now < state.panic_until {
            per_mille(forecast, i64::from(self.settings.panic_headroom))
        } else {
            0
        }
    }

    /// Step 8: the share of the waiting work that has to be done in each interval.
    fn backlog(&self, tick: &Tick, interval: Micros) -> i64 {
        let waiting = tick.queue_milli.unwrap_or(0).max(0);
        let dt = signed(interval);
        let drain = signed(self.settings.drain_time);
        scaled(micro(waiting), dt, drain.max(dt))
    }

    /// Step 11: the work that a smaller fleet must be able to do.
    fn with_room(&self, work: i64) -> i64 {
        work.saturating_add(per_mille(work, i64::from(self.settings.hysteresis)))
    }

    /// The fleet that does `work` micro-nodes of work within the service level.
    fn nodes_for(&self, work: i64) -> u32 {
        let per_node = i64::from(self.settings.slo_utilization) * MICRO_PER_MILLI;
        ceil_nodes(work, per_node)
    }

    /// The part of the work without which the need would be smaller, the last one first.
    fn needed_by(&self, record: &QuorateRecord) -> QuorateRule {
        let is_needed_for =
            |part: i64| part > 0 && self.nodes_for(record.work.saturating_sub(part)) < record.need;
        if self.nodes_for(record.work) == 0 {
            QuorateRule::OneNode
        } else if is_needed_for(record.backlog) {
            QuorateRule::Backlog
        } else if is_needed_for(record.panic) {
            QuorateRule::Panic
        } else if record.covered == record.demand {
            QuorateRule::Demand
        } else if record.covered > record.forecast_with_headroom() {
            QuorateRule::Season
        } else if record.base_headroom >= record.error_headroom {
            QuorateRule::BaseHeadroom
        } else {
            QuorateRule::ErrorHeadroom
        }
    }
}

impl TryFrom<QuorateSettings> for Quorate {
    type Error = QuorateError;
    fn try_from(settings: QuorateSettings) -> Result<Self, QuorateError> {
        Self::new(settings)
    }
}

impl From<Quorate> for QuorateSettings {
    fn from(quorate: Quorate) -> Self {
        quorate.settings
    }
}
