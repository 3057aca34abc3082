//! Who takes part.

use alloc::collections::BTreeSet;
use core::fmt;

use super::ReplicaId;

/// The number of a membership table: the index of the log entry that made it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Epoch(pub u64);

/// The replicas that take part in one epoch.
///
/// Messages are joined only between replicas of the same epoch, from a sender that is active in
/// it. A version vector means nothing without its table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    epoch: Epoch,
    active: BTreeSet<ReplicaId>,
}

impl Table {
    /// The table that a cluster starts with.
    pub fn initial(active: impl IntoIterator<Item = ReplicaId>) -> Self {
        Self {
            epoch: Epoch(0),
            active: active.into_iter().collect(),
        }
    }

    /// Its epoch.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Whether the replica takes part.
    pub fn is_active(&self, replica: ReplicaId) -> bool {
        self.active.contains(&replica)
    }

    /// The replicas that take part, in order.
    pub fn active(&self) -> impl ExactSizeIterator<Item = ReplicaId> + '_ {
        self.active.iter().copied()
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
