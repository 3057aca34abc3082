//! The fleet as it was seen at one moment.
//!
//! An observation is checked once, when it is made: no node appears twice, and the nodes are in
//! order. Whoever reads it afterwards may count without looking over its shoulder, and the order
//! in which reports came in cannot influence a decision.

use alloc::vec::Vec;
use core::fmt;

use super::{Metric, Resource};
use crate::NodeId;

/// What a node is doing for the fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum NodeState {
    /// Ordered and on its way: it counts towards the size of the fleet, but serves nothing yet.
    Starting,
    /// Serves requests.
    Ready,
    /// On its way out: it no longer counts, whatever it still serves.
    Draining,
}

/// One node and what is known about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct NodeSample {
    /// Which node.
    pub node: NodeId,
    /// What it is doing.
    pub state: NodeState,
    /// Processor time in use, per mille of one node.
    #[cfg_attr(feature = "serde", serde(default))]
    pub cpu: Metric,
    /// Memory in use, per mille of one node.
    #[cfg_attr(feature = "serde", serde(default))]
    pub memory: Metric,
    /// Requests that wait on this node.
    #[cfg_attr(feature = "serde", serde(default))]
    pub queue: Metric,
}

impl NodeSample {
    /// A node about which nothing is known but its state.
    pub const fn unmeasured(node: NodeId, state: NodeState) -> Self {
        Self {
            node,
            state,
            cpu: Metric::Absent,
            memory: Metric::Absent,
            queue: Metric::Absent,
        }
    }

    /// What is known about `resource` on this node.
    pub const fn metric(&self, resource: Resource) -> Metric {
        match resource {
            Resource::Cpu => self.cpu,
            Resource::Memory => self.memory,
            Resource::Queue => self.queue,
        }
    }
}

/// All nodes of the fleet at one moment, in order, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "Vec<NodeSample>", into = "Vec<NodeSample>")
)]
pub struct Observation {
    /// Strictly ascending by node.
    nodes: Vec<NodeSample>,
}

impl Observation {
    /// An observation of `nodes`, given in any order. O(n log n).
    pub fn new(mut nodes: Vec<NodeSample>) -> Result<Self, ObservationError> {
        nodes.sort_unstable_by_key(|sample| sample.node);
        match nodes.windows(2).find(|pair| pair[0].node == pair[1].node) {
            Some(pair) => Err(ObservationError::NodeTwice(pair[0].node)),
            None => Ok(Self { nodes }),
        }
    }

    /// The nodes in ascending order.
    pub fn nodes(&self) -> &[NodeSample] {
        &self.nodes
    }
}

impl TryFrom<Vec<NodeSample>> for Observation {
    type Error = ObservationError;
    fn try_from(nodes: Vec<NodeSample>) -> Result<Self, ObservationError> {
        Self::new(nodes)
    }
}

impl From<Observation> for Vec<NodeSample> {
    fn from(observation: Observation) -> Self {
        observation.nodes
    }
}

/// Why an observation is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObservationError {
    /// Two samples carry the same node, so one of them is wrong.
    NodeTwice(NodeId),
}

impl fmt::Display for ObservationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NodeTwice(node) => write!(f, "node {node} appears twice in one observation"),
        }
    }
}

impl core::error::Error for ObservationError {}
