//! Names of replicas and of the events they make.

use core::fmt;

use crate::NodeId;

/// One life of a replica: a node and an incarnation.
///
/// Unique for ever. A node that lost events it had already shown to others must not go on under
/// the same id, or two different events would carry one dot; it takes the next incarnation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ReplicaId {
    /// The node it runs on.
    pub node: NodeId,
    /// Which life of it; zero is the first.
    pub incarnation: u64,
}

impl ReplicaId {
    /// The first incarnation on a node.
    pub const fn first(node: NodeId) -> Self {
        Self {
            node,
            incarnation: 0,
        }
    }
}

impl fmt::Display for ReplicaId {
    /// `n3`, or `n3~2` for a later incarnation.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.node)?;
        if self.incarnation > 0 {
            write!(f, "~{}", self.incarnation)?;
        }
        Ok(())
    }
}

/// The name of one event: who made it, and the how-manieth of that replica it is.
///
/// Ordered by replica, then counter, so that the events of one replica are a contiguous range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Dot {
    /// Who made it.
    pub replica: ReplicaId,
    /// From 1, without gaps.
    pub counter: u64,
}

impl Dot {
    /// The `counter`-th event of `replica`.
    pub const fn new(replica: ReplicaId, counter: u64) -> Self {
        Self { replica, counter }
    }
}

impl fmt::Display for Dot {
    /// `n3·17`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}·{}", self.replica, self.counter)
    }
}
