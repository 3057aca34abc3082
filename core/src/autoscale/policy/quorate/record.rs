//! Every number of one evaluation.

use super::{Forecast, Need, Tick};
use crate::Micros;

/// One evaluation, step by step. Work in micro-nodes, sizes in nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct QuorateRecord {
    /// What was served in the interval, milli-nodes.
    pub served_milli: i64,
    /// What waits at its end, milli-nodes; `None` if nobody knows.
    pub queue_milli: Option<i64>,
    /// Nodes that serve.
    pub ready: u32,
    /// Nodes that are ordered.
    pub current: u32,
    /// What arrived.
    pub demand: i64,
    /// What will arrive when a node that is ordered now is ready.
    pub forecast: Forecast,
    /// The headroom for every load.
    pub base_headroom: i64,
    /// The headroom for the usual error of the forecast.
    pub error_headroom: i64,
    /// The forecast with the larger headroom, or the demand if that is more.
    pub covered: i64,
    /// Extra work to provide for, because the service level was broken lately.
    pub panic: i64,
    /// Extra work to do, because work waits.
    pub backlog: i64,
    /// All the work: covered, panic and backlog.
    pub work: i64,
    /// The fleet that does it within the service level; at least one node.
    pub need: u32,
    /// A thousand per regretted scale-in, fading.
    pub penalty: i64,
    /// How far back the needs reach that a scale-in must cover.
    pub hold: Micros,
    /// The largest of them, if the hold is not zero.
    pub held: Option<Need>,
    /// The fleet that does the work and leaves the room of the hysteresis.
    pub roomy: u32,
    /// The answer.
    pub nodes: u32,
}

/// The rule inside the policy that led to its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum QuorateRule {
    /// The need.
    Need,
    /// A need of the hold.
    Hold,
    /// The room of the hysteresis.
    Hysteresis,
}

impl QuorateRecord {
    pub(super) fn of(tick: &Tick, demand: i64, forecast: Forecast) -> Self {
        Self {
            served_milli: tick.served_milli,
            queue_milli: tick.queue_milli,
            ready: tick.ready,
            current: tick.current,
            demand,
            forecast,
            ..Self::default()
        }
    }

    /// Step 11: out at once, in only as far as the hold and the hysteresis allow.
    pub(super) fn answer(&self) -> u32 {
        if self.need >= self.current {
            return self.need;
        }
        let held = self.held.map_or(1, |held| held.nodes.max(1));
        self.current.min(held.max(self.roomy))
    }
}
