//! What can be done to a cluster from outside: faults, and operations of its users.
//!
//! A scenario is a configuration, a seed and a list of timed actions. An action taken by hand in
//! the lab is one more of them, so every run, edited or not, can be written down and repeated.

mod change;
mod json;
mod words;

use quorate::{Micros, NodeId};
use serde::{Deserialize, Serialize};

pub use change::{DiskChange, LinkChange};

/// One thing done to the cluster. In JSON an object whose field `do` says what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// The process dies; what was not synced is lost.
    Crash {
        /// The node.
        node: NodeId,
    },
    /// A crashed process starts again from its disks.
    Restart {
        /// The node.
        node: NodeId,
    },
    /// A crashed process starts again under its old id with empty disks. Outside of the fault
    /// model: it has forgotten what it promised.
    RestartEmpty {
        /// The node.
        node: NodeId,
    },
    /// The process takes no step until it resumes; what comes meanwhile waits.
    Pause {
        /// The node.
        node: NodeId,
    },
    /// A paused process goes on, first with what has waited, in order.
    Resume {
        /// The node.
        node: NodeId,
    },
    /// The node is cut from all others, both ways.
    Isolate {
        /// The node.
        node: NodeId,
    },
    /// Only nodes that share a group reach each other; a node in several is a bridge, and one in
    /// none is in the first. Replaces all cuts between nodes.
    Partition {
        /// The groups.
        groups: Vec<Vec<NodeId>>,
    },
    /// One link is cut, both ways.
    Cut {
        /// One end.
        a: NodeId,
        /// The other end.
        b: NodeId,
    },
    /// Nothing gets from one set of nodes to the other; the way back stays as it is.
    CutOneWay {
        /// The senders.
        from: Vec<NodeId>,
        /// The receivers.
        to: Vec<NodeId>,
    },
    /// One link is whole again, both ways, with the settings of the scenario.
    Mend {
        /// One end.
        a: NodeId,
        /// The other end.
        b: NodeId,
    },
    /// One link loses messages, both ways.
    Lossy {
        /// One end.
        a: NodeId,
        /// The other end.
        b: NodeId,
        /// Thousandths of the messages.
        permille: u32,
    },
    /// One direction of a link gets other settings.
    Link(LinkChange),
    /// Every link is whole again, and crashed nodes stay as they are.
    Heal,
    /// The disks of one node get other settings: they are slow, lie, or tear writes.
    Disk(DiskChange),
    /// The disks of one node are again as the scenario says.
    MendDisk {
        /// The node.
        node: NodeId,
    },
    /// The disks of one node are empty from now on; the process dies if it runs.
    LoseDisk {
        /// The node.
        node: NodeId,
    },
    /// The clock of one node runs fast or slow from now on.
    Drift {
        /// The node.
        node: NodeId,
        /// By so many millionths; below zero it is slow.
        ppm: i32,
    },
    /// The clock of one node jumps.
    Jump {
        /// The node.
        node: NodeId,
        /// By so many microseconds; below zero it jumps back.
        by: i64,
    },
    /// The node calls an election now.
    Campaign {
        /// The node.
        node: NodeId,
    },
    /// Whoever leads hands the leadership over to this voter.
    Transfer {
        /// The voter that is to lead.
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

/// An action and when it happens. In JSON one object: the action's, with the field `at`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimedAction {
    /// Simulated time, in microseconds.
    pub at: Micros,
    /// What happens.
    pub action: Action,
}

impl Action {
    /// The node it is about, if it is about one.
    pub fn node(&self) -> Option<NodeId> {
        match *self {
            Self::Crash { node }
            | Self::Restart { node }
            | Self::RestartEmpty { node }
            | Self::Pause { node }
            | Self::Resume { node }
            | Self::Isolate { node }
            | Self::Disk(DiskChange { node, .. })
            | Self::MendDisk { node }
            | Self::LoseDisk { node }
            | Self::Drift { node, .. }
            | Self::Jump { node, .. }
            | Self::Campaign { node }
            | Self::Transfer { node }
            | Self::Put { node, .. }
            | Self::Get { node, .. }
            | Self::Add { node, .. }
            | Self::Remove { node, .. }
            | Self::Prune { node } => Some(node),
            Self::Partition { .. }
            | Self::Cut { .. }
            | Self::CutOneWay { .. }
            | Self::Mend { .. }
            | Self::Lossy { .. }
            | Self::Link(_)
            | Self::Heal => None,
        }
    }
}
