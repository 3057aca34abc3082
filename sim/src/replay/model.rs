//! The fleet and the service that a recorded load is played against.

use std::fmt;

use quorate::Micros;
use quorate::autoscale::Bounds;

use super::arithmetic::{product, scaled_up};

/// What is assumed about the nodes. The defaults are those of the published evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model {
    /// How many nodes the largest count of the recording takes, at full use.
    pub peak_nodes: u32,
    /// The highest utilization of a node that meets the service level, per mille.
    pub slo_utilization: u32,
    /// The time between the order of a node and its first request.
    pub start_up: Micros,
    /// The smallest and the largest fleet; at least one node.
    pub bounds: Bounds,
    /// When a decision takes effect.
    pub timing: Timing,
    /// Two actions against each other within this time are a flip.
    pub flip_window: Micros,
}

/// When the decision about a tick is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Timing {
    /// At the beginning of the tick whose load it saw: a node is ready `start_up` later. As if
    /// the tick were short; this is the usual way, and kind to every scaler alike.
    #[default]
    Prompt,
    /// At the end of the tick whose load it saw.
    Strict,
}

/// More nodes than this would leave no room for exact arithmetic.
const MAX_NODES: u32 = 10_000;

impl Default for Model {
    /// 40 nodes at the peak, 80 % utilization, two minutes to start, 1 to 100 nodes, flips within
    /// a quarter of an hour.
    fn default() -> Self {
        Self {
            peak_nodes: 40,
            slo_utilization: 800,
            start_up: Micros::from_secs(120),
            bounds: Bounds::default(),
            timing: Timing::default(),
            flip_window: Micros::from_secs(900),
        }
    }
}

impl Model {
    /// Refuses a model that could not be played.
    pub(super) fn check(&self) -> Result<(), ModelError> {
        if self.peak_nodes == 0 || self.peak_nodes > MAX_NODES {
            return Err(ModelError::PeakNodes(self.peak_nodes));
        }
        if self.slo_utilization == 0 || self.slo_utilization > 1_000 {
            return Err(ModelError::SloUtilization(self.slo_utilization));
        }
        if self.bounds.min_nodes() == 0 || self.bounds.max_nodes() > MAX_NODES {
            return Err(ModelError::Bounds(self.bounds));
        }
        Ok(())
    }

    /// The fewest nodes that hold `load` within the service level, where one node does `capacity`
    /// in the same time.
    pub(super) fn demanded(&self, load: u64, capacity: u64) -> u32 {
        let allowed = product(capacity, self.slo_utilization);
        let nodes = scaled_up(load, 1_000, allowed);
        self.bounds.clamp(u32::try_from(nodes).unwrap_or(u32::MAX))
    }
}

/// Why a model cannot be played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelError {
    /// The peak takes no node, or too many.
    PeakNodes(u32),
    /// A node cannot be used to no part, or to more than the whole of it.
    SloUtilization(u32),
    /// The fleet may be empty, or too large.
    Bounds(Bounds),
    /// A tick has no length.
    NoInterval,
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PeakNodes(nodes) => {
                write!(f, "peak_nodes must be from 1 to {MAX_NODES}, not {nodes}")
            }
            Self::SloUtilization(share) => {
                write!(
                    f,
                    "slo_utilization must be from 1 to 1000 per mille, not {share}"
                )
            }
            Self::Bounds(bounds) => {
                write!(
                    f,
                    "the fleet must have 1 to {MAX_NODES} nodes, not {bounds}"
                )
            }
            Self::NoInterval => f.write_str("a tick must be longer than nothing"),
        }
    }
}

impl std::error::Error for ModelError {}
