//! One order, from the decision to the report.

use alloc::vec::Vec;
use core::fmt;

use super::{ControllerSettings, Effect, Event, Failure};
use crate::autoscale::rules::Rules;
use crate::autoscale::{Action, Decision, NodeState, Observation, Rule};
use crate::{Micros, NodeId};

/// One order removes at most so many nodes; the rest follows. It names each of them.
const MAX_REMOVED: u32 = 65_536;

/// The name of an order: unique as long as a term has one leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct OrderId {
    /// The term in which its author led. An executor refuses an order of an older term than it has
    /// seen.
    pub term: u64,
    /// Counts the orders; never used twice.
    pub number: u64,
}

impl fmt::Display for OrderId {
    /// `order 12 of term 3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "order {} of term {}", self.number, self.term)
    }
}

/// An order that is not done yet.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub(super) struct OpenOrder {
    pub(super) id: OrderId,
    /// The size when it was decided.
    pub(super) from: u32,
    /// The size that is wanted; not `from`.
    pub(super) to: u32,
    /// The nodes that shall go. Empty for a scale-out.
    pub(super) remove: Vec<NodeId>,
    pub(super) phase: Phase,
}

/// How far an order is.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
pub(super) enum Phase {
    /// Nodes finish their work.
    Draining {
        /// Those that have not. Not empty.
        waiting: Vec<NodeId>,
        /// When that has taken too long.
        #[cfg_attr(feature = "serde", serde(rename = "until_micros"))]
        until: Micros,
    },
    /// The executor was asked.
    Asked {
        /// How often.
        asks: u32,
        /// When it is asked again if it has not reported.
        #[cfg_attr(feature = "serde", serde(rename = "again_at_micros"))]
        again_at: Micros,
    },
}

impl Phase {
    /// Asked for the first time.
    pub(super) fn asked(now: Micros, report_timeout: Micros) -> Self {
        Self::Asked {
            asks: 1,
            again_at: now + report_timeout,
        }
    }
}

impl OpenOrder {
    /// The order that carries out `decision`, which is not to do nothing.
    pub(super) fn new(
        id: OrderId,
        decision: &Decision,
        observation: &Observation,
        settings: &ControllerSettings,
        rules: Rules,
        now: Micros,
    ) -> Self {
        let from = decision.current;
        let to = decision.target.max(from.saturating_sub(MAX_REMOVED));
        let remove = chosen(observation, from.saturating_sub(to));
        let phase = match settings.drain_timeout {
            Some(timeout) if !remove.is_empty() && rules.keep(Rule::DrainComesFirst) => {
                Phase::Draining {
                    waiting: remove.clone(),
                    until: now + timeout,
                }
            }
            _ => Phase::asked(now, settings.report_timeout),
        };
        Self {
            id,
            from,
            to,
            remove,
            phase,
        }
    }

    pub(super) const fn action(&self) -> Action {
        Action::between(self.from, self.to)
    }

    pub(super) const fn is_draining(&self) -> bool {
        matches!(self.phase, Phase::Draining { .. })
    }

    /// When something must be done about it.
    pub(super) const fn deadline(&self) -> Micros {
        match self.phase {
            Phase::Draining { until, .. } => until,
            Phase::Asked { again_at, .. } => again_at,
        }
    }

    /// What its phase asks for.
    pub(super) fn request(&self) -> Effect {
        match &self.phase {
            Phase::Draining { waiting, .. } => Effect::Drain {
                order: self.id,
                nodes: waiting.clone(),
            },
            Phase::Asked { .. } => Effect::ScaleTo {
                order: self.id,
                from: self.from,
                to: self.to,
                remove: self.remove.clone(),
            },
        }
    }

    /// The executor is asked once more, and the time until the next is doubled.
    pub(super) fn ask_again(&mut self, now: Micros, settings: &ControllerSettings) {
        if let Phase::Asked { asks, again_at } = &mut self.phase {
            let wait = settings.doubled(settings.report_timeout, *asks);
            *asks = asks.saturating_add(1);
            *again_at = now + wait;
        }
    }

    pub(super) fn started(&self, decision: Decision) -> Event {
        let order = self.id;
        match self.action() {
            Action::Out | Action::None => Event::ScaleOutStarted { order, decision },
            Action::In => Event::ScaleInStarted { order, decision },
        }
    }

    pub(super) fn completed(self) -> Event {
        let (order, from, to) = (self.id, self.from, self.to);
        match self.action() {
            Action::Out | Action::None => Event::ScaleOutCompleted { order, from, to },
            Action::In => Event::ScaleInCompleted { order, from, to },
        }
    }

    pub(super) fn failed(self, failure: Failure, retry_at: Micros) -> Event {
        let (order, from, to) = (self.id, self.from, self.to);
        match self.action() {
            Action::Out | Action::None => Event::ScaleOutFailed {
                order,
                from,
                to,
                failure,
                retry_at,
            },
            Action::In => Event::ScaleInFailed {
                order,
                from,
                to,
                failure,
                retry_at,
            },
        }
    }
}

/// The nodes that go: those that do not serve before those that do, and among equals the one with
/// the largest id, which is mostly the youngest.
fn chosen(observation: &Observation, count: u32) -> Vec<NodeId> {
    [NodeState::Unready, NodeState::Starting, NodeState::Ready]
        .into_iter()
        .flat_map(|state| {
            observation
                .nodes()
                .iter()
                .rev()
                .filter(move |sample| sample.state == state)
        })
        .flat_map(|sample| {
            (0..u64::from(sample.count))
                .rev()
                .map(|index| NodeId(sample.node.0 + index))
        })
        .take(usize::try_from(count).unwrap_or(usize::MAX))
        .collect()
}
