//! What can be done to a cluster from outside: faults, and operations of its users.
//!
//! A scenario is a configuration, a seed and a list of timed actions. An action taken by hand in
//! the lab is one more of them, so every run, edited or not, can be written down and repeated.

use core::fmt;

use quorate::{Micros, NodeId};
use serde::{Deserialize, Serialize};

/// One thing done to the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// The process dies; what was not synced is lost.
    Crash {
        /// The node.
        node: NodeId,
    },
    /// A crashed process starts again from its disk.
    Restart {
        /// The node.
        node: NodeId,
    },
    /// The node is cut from all others, both ways.
    Isolate {
        /// The node.
        node: NodeId,
    },
    /// Only nodes within one group reach each other. A node in no group stays with the first.
    Partition {
        /// The groups; disjoint.
        groups: Vec<Vec<NodeId>>,
    },
    /// One link is cut, both ways.
    Cut {
        /// One end.
        a: NodeId,
        /// The other end.
        b: NodeId,
    },
    /// One cut or lossy link is whole again.
    Mend {
        /// One end.
        a: NodeId,
        /// The other end.
        b: NodeId,
    },
    /// One link loses messages.
    Lossy {
        /// One end.
        a: NodeId,
        /// The other end.
        b: NodeId,
        /// Thousandths of the messages.
        permille: u32,
    },
    /// Every link is whole again, and crashed nodes stay as they are.
    Heal,
    /// The node calls an election now.
    Campaign {
        /// The node.
        node: NodeId,
    },
    /// A client writes a key through any node.
    Put {
        /// The node the client talks to.
        node: NodeId,
        /// The key.
        key: u32,
        /// The value.
        value: u64,
    },
    /// A client reads a key through any node.
    Get {
        /// The node the client talks to.
        node: NodeId,
        /// The key.
        key: u32,
    },
    /// A user adds an element to the set at one replica.
    Add {
        /// The replica's node.
        node: NodeId,
        /// The element.
        element: String,
    },
    /// A user removes an element at one replica.
    Remove {
        /// The replica's node.
        node: NodeId,
        /// The element.
        element: String,
    },
    /// The replica prunes its journal by the scenario's options.
    Prune {
        /// The replica's node.
        node: NodeId,
    },
}

/// An action and when it happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimedAction {
    /// Simulated time, in microseconds.
    pub at: Micros,
    /// What happens.
    #[serde(flatten)]
    pub action: Action,
}

impl Action {
    /// The node it is about, if it is about one.
    pub fn node(&self) -> Option<NodeId> {
        match *self {
            Self::Crash { node }
            | Self::Restart { node }
            | Self::Isolate { node }
            | Self::Campaign { node }
            | Self::Put { node, .. }
            | Self::Get { node, .. }
            | Self::Add { node, .. }
            | Self::Remove { node, .. }
            | Self::Prune { node } => Some(node),
            Self::Partition { .. }
            | Self::Cut { .. }
            | Self::Mend { .. }
            | Self::Lossy { .. }
            | Self::Heal => None,
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Crash { node } => write!(f, "{node} crashes"),
            Self::Restart { node } => write!(f, "{node} restarts"),
            Self::Isolate { node } => write!(f, "{node} is isolated"),
            Self::Partition { groups } => {
                f.write_str("partition")?;
                for (i, group) in groups.iter().enumerate() {
                    f.write_str(if i == 0 { " " } else { " | " })?;
                    for (j, node) in group.iter().enumerate() {
                        write!(f, "{}{node}", if j == 0 { "" } else { " " })?;
                    }
                }
                Ok(())
            }
            Self::Cut { a, b } => write!(f, "{a}–{b} is cut"),
            Self::Mend { a, b } => write!(f, "{a}–{b} is mended"),
            Self::Lossy { a, b, permille } => {
                write!(f, "{a}–{b} loses {}.{} %", permille / 10, permille % 10)
            }
            Self::Heal => f.write_str("the network heals"),
            Self::Campaign { node } => write!(f, "{node} is told to campaign"),
            Self::Put { node, key, value } => write!(f, "put k{key} = {value} through {node}"),
            Self::Get { node, key } => write!(f, "get k{key} through {node}"),
            Self::Add { node, element } => write!(f, "add {element} at {node}"),
            Self::Remove { node, element } => write!(f, "remove {element} at {node}"),
            Self::Prune { node } => write!(f, "{node} prunes"),
        }
    }
}
