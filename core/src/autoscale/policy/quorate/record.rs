//! Every number of one evaluation.

use super::{Forecast, Need, Season, Tick};
use crate::Micros;

/// One evaluation, step by step. Work in micro-nodes (a millionth of what one node can do in the
/// interval), sizes in nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct QuorateRecord {
    /// When it was made.
    #[cfg_attr(feature = "serde", serde(rename = "at_micros"))]
    pub at: Micros,
    /// How much of the fleet was seen.
    pub sight: Sight,
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
    /// What yesterday says of that time; `None` if nobody asked for it.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub season: Option<Season>,
    /// The headroom for every load.
    pub base_headroom: i64,
    /// The headroom for the usual error of the forecast.
    pub error_headroom: i64,
    /// The forecast with the larger headroom, or the demand if that is more, or what the season
    /// wants.
    pub covered: i64,
    /// Extra work to provide for, because the service level was broken lately.
    pub panic: i64,
    /// How long that lasts.
    #[cfg_attr(feature = "serde", serde(rename = "panic_left_micros"))]
    pub panic_left: Micros,
    /// Extra work to do, because work waits.
    pub backlog: i64,
    /// All the work: covered, panic and backlog.
    pub work: i64,
    /// The highest utilization that meets the service level, per mille.
    pub slo_utilization: u32,
    /// The fleet that does the work within the service level; at least one node.
    pub need: u32,
    /// A thousand per regretted scale-in, fading.
    pub penalty: i64,
    /// How far back the needs reach that a scale-in must cover.
    #[cfg_attr(feature = "serde", serde(rename = "hold_micros"))]
    pub hold: Micros,
    /// The largest of them, if the hold is not zero.
    pub held: Option<Need>,
    /// The fleet that does the work and leaves the room of the hysteresis.
    pub roomy: u32,
    /// The answer.
    pub nodes: u32,
    /// The rule that led to it.
    pub rule: QuorateRule,
}

/// How much of the fleet was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Sight {
    /// All of it.
    #[default]
    Complete,
    /// Some ready nodes; the others are taken for their like, and none is removed.
    Partial,
    /// No ready node. Nothing is learned and nothing changes.
    Nothing,
}

/// The rule inside the policy that led to its answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum QuorateRule {
    /// Nothing was seen, so nothing changes.
    #[default]
    NoData,
    /// Too little was seen to remove a node.
    MissingData,
    /// What arrives now, which is more than the forecast and its headroom.
    Demand,
    /// The forecast and the headroom for every load.
    BaseHeadroom,
    /// The forecast and the headroom for its usual error.
    ErrorHeadroom,
    /// What came at this time yesterday, and the headroom for every load.
    Season,
    /// The extra work after a breach of the service level.
    Panic,
    /// The extra work of what waits.
    Backlog,
    /// There is always one node.
    OneNode,
    /// A need of the hold.
    Hold,
    /// The room of the hysteresis.
    Hysteresis,
}

impl QuorateRecord {
    /// A record of what was seen, the rest still to be filled in.
    pub(super) fn of(tick: &Tick, demand: i64, forecast: Forecast, now: Micros) -> Self {
        Self {
            demand,
            forecast,
            ..Self::unseen(tick.current, tick.ready, now)
        }
        .seeing(tick)
    }

    /// The record of an evaluation that saw nothing and leaves the fleet as it is.
    pub(super) fn unseen(current: u32, ready: u32, now: Micros) -> Self {
        Self {
            at: now,
            sight: Sight::Nothing,
            served_milli: 0,
            queue_milli: None,
            ready,
            current,
            demand: 0,
            forecast: Forecast::default(),
            season: None,
            base_headroom: 0,
            error_headroom: 0,
            covered: 0,
            panic: 0,
            panic_left: Micros::ZERO,
            backlog: 0,
            work: 0,
            slo_utilization: 0,
            need: current,
            penalty: 0,
            hold: Micros::ZERO,
            held: None,
            roomy: current,
            nodes: current,
            rule: QuorateRule::NoData,
        }
    }

    fn seeing(self, tick: &Tick) -> Self {
        Self {
            sight: Sight::Complete,
            served_milli: tick.served_milli,
            queue_milli: tick.queue_milli,
            ..self
        }
    }

    /// Step 5: what would be covered without a season, unless more arrives already.
    pub(super) fn forecast_with_headroom(&self) -> i64 {
        let headroom = self.base_headroom.max(self.error_headroom);
        self.forecast.demand.saturating_add(headroom)
    }

    /// Step 11: out at once, in only as far as the hold and the hysteresis allow.
    ///
    /// What the need is for is only asked where nothing else decides.
    pub(super) fn decide(&mut self, needed_by: impl FnOnce(&Self) -> QuorateRule) {
        if self.need >= self.current {
            (self.nodes, self.rule) = (self.need, needed_by(self));
            return;
        }
        let held = self.held.map_or(1, |held| held.nodes.max(1));
        self.nodes = self.current.min(held.max(self.roomy));
        self.rule = if held > self.roomy && held > self.need {
            QuorateRule::Hold
        } else if self.roomy > self.need {
            QuorateRule::Hysteresis
        } else {
            needed_by(self)
        };
    }

    /// Not every ready node was seen: a smaller fleet is not taken on the word of some.
    pub(super) fn distrust(&mut self) {
        self.sight = Sight::Partial;
        if self.nodes < self.current {
            self.nodes = self.current;
            self.rule = QuorateRule::MissingData;
        }
    }
}
