//! Why something cannot be done to the cluster.

use std::fmt;

use quorate::NodeId;
use quorate::raft::ConfigError;

/// Why an action cannot be done now. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionError {
    /// The scenario does not know what it is about.
    Unknown(String),
    /// The node does not run.
    NotRunning(NodeId),
    /// The node has not crashed.
    NotCrashed(NodeId),
    /// The node is paused, so it takes no step.
    Paused(NodeId),
    /// The node is not paused.
    NotPaused(NodeId),
    /// The node knows no leader to pass a write on to.
    NoLeader(NodeId),
    /// The element is not in the set there.
    NotThere(NodeId),
    /// The node cannot start from what is on its disk.
    CannotStart(NodeId, ConfigError),
    /// The run is over.
    AfterTheEnd,
}

impl fmt::Display for ActionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(what) => f.write_str(what),
            Self::NotRunning(node) => write!(f, "{node} does not run"),
            Self::NotCrashed(node) => write!(f, "{node} has not crashed"),
            Self::Paused(node) => write!(f, "{node} is paused"),
            Self::NotPaused(node) => write!(f, "{node} is not paused"),
            Self::NoLeader(node) => write!(f, "{node} knows no leader"),
            Self::NotThere(node) => write!(f, "the set at {node} does not have it"),
            Self::CannotStart(node, why) => {
                write!(f, "{node} cannot start from what is on its disk: {why}")
            }
            Self::AfterTheEnd => f.write_str("the run is over; step back to change something"),
        }
    }
}

impl std::error::Error for ActionError {}
