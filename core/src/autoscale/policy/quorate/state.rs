//! What the policy remembers between two evaluations.

use super::QuorateSettings;
use super::Tick;
use super::arithmetic::{micro, scaled};
use super::forecast::Forecaster;
use super::hold::{self, Needs};
use super::season::Day;
use crate::Micros;
use crate::autoscale::Executed;

/// The memory of a [`Quorate`](super::Quorate): plain data, at most some 300 small entries
/// however long it runs, and as many again with a season.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct QuorateState {
    pub(super) forecaster: Forecaster,
    pub(super) needs: Needs,
    /// What waited at the end of the last interval, in milli-nodes; `None` if nobody knew.
    queue: Option<i64>,
    /// Panic lasts until then.
    pub(super) panic_until: Micros,
    /// A thousand per regretted scale-in, fading; not negative.
    pub(super) penalty: i64,
    last_action: Option<LastAction>,
    /// Empty without a season.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Day::is_empty"))]
    pub(super) day: Day,
}

/// When the fleet was last changed, and in which direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
enum LastAction {
    Out(Micros),
    In(Micros),
}

impl Default for QuorateState {
    /// Nothing seen yet, and nothing waits.
    fn default() -> Self {
        Self {
            forecaster: Forecaster::default(),
            needs: Needs::default(),
            queue: Some(0),
            panic_until: Micros::ZERO,
            penalty: 0,
            last_action: None,
            day: Day::default(),
        }
    }
}

impl QuorateState {
    /// What arrived in the interval, in micro-nodes: what was served and what the queue grew by.
    ///
    /// Without a queue a fleet that is full says only that there is at least so much, and half
    /// as much again is assumed. An interval whose queue follows one without counts as no growth.
    pub(super) fn demand(&mut self, tick: &Tick) -> i64 {
        let served = tick.served_milli.max(0);
        let queue = tick.queue_milli.map(|queue| queue.max(0));
        let arrived = match (queue, self.queue) {
            (Some(queue), Some(before)) => served.saturating_add(queue - before).max(0),
            (None, _) if is_saturated(served, tick.ready) => scaled(served, 3, 2),
            (Some(_) | None, _) => served,
        };
        self.queue = queue;
        micro(arrived)
    }

    /// Notes a change of the fleet, and whether it takes back a scale-in.
    pub(super) fn executed(&mut self, settings: &QuorateSettings, change: Executed) {
        let Executed { from, to, at } = change;
        if to > from {
            let is_regretted = matches!(
                self.last_action,
                Some(LastAction::In(before)) if at.since(before) <= settings.regret_window
            );
            if is_regretted {
                self.penalty = hold::regretted(self.penalty);
            }
            self.last_action = Some(LastAction::Out(at));
        } else if to < from {
            self.last_action = Some(LastAction::In(at));
        }
    }
}

/// True if no node has anything left to give.
const fn is_saturated(served_milli: i64, ready: u32) -> bool {
    ready > 0 && served_milli >= ready as i64 * 1_000
}
