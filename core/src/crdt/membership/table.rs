//! The membership table of one epoch, and how vectors are read under it.
//!
//! A version vector means nothing without its table: that an entry is missing says "nothing
//! seen" of an open replica and "everything agreed seen" of a closed one. Reading a vector of an
//! old epoch under a new table would take the one for the other.

use alloc::collections::BTreeMap;
use core::fmt;

use super::Member;
use crate::crdt::{Dot, ReplicaId, VersionVector};

/// The number of a membership table: the index of the log entry that made it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Epoch(pub u64);

/// Every replica that was ever admitted, with its standing.
///
/// Messages are joined only between replicas of the same epoch, from a sender that the table
/// admits. Tables change by [`apply`](Self::apply) alone, so replicas that have read the log as
/// far as the same entry have equal tables.
///
/// Queries of one replica take O(log replicas).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Zero without a list.
    pub(super) epoch: Epoch,
    /// `None`: unmanaged. At least one is active after epoch zero.
    pub(super) members: Option<BTreeMap<ReplicaId, Member>>,
}

impl Table {
    /// No membership at all: everybody may send, and nobody ever retires. The default.
    ///
    /// Without a list nobody knows who has to acknowledge what, so there is no frontier.
    pub const fn unmanaged() -> Self {
        Self {
            epoch: Epoch(0),
            members: None,
        }
    }

    /// The list that a cluster starts with, epoch zero. A list of nobody stays that way.
    pub fn initial(active: impl IntoIterator<Item = ReplicaId>) -> Self {
        let members = active
            .into_iter()
            .map(|replica| (replica, Member::Active))
            .collect();
        Self {
            epoch: Epoch(0),
            members: Some(members),
        }
    }

    /// Its epoch.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Whether there is a list. Without one the table never changes.
    pub fn is_managed(&self) -> bool {
        self.members.is_some()
    }

    /// Whether messages of the replica may be joined: it is active, or there is no list.
    pub fn admits(&self, replica: ReplicaId) -> bool {
        !self.is_managed() || self.is_active(replica)
    }

    /// Whether the replica is listed as active: its reports count.
    pub fn is_active(&self, replica: ReplicaId) -> bool {
        self.member(replica) == Some(Member::Active)
    }

    /// What is said of the replica; `None` if it is not listed.
    pub fn member(&self, replica: ReplicaId) -> Option<Member> {
        self.members.as_ref()?.get(&replica).copied()
    }

    /// Every replica listed, in order.
    pub fn members(&self) -> impl Iterator<Item = (ReplicaId, Member)> + '_ {
        let listed = self.members.iter().flatten();
        listed.map(|(&replica, &member)| (replica, member))
    }

    /// The active replicas, in order. O(listed), as the next three.
    pub fn active(&self) -> impl Iterator<Item = ReplicaId> + '_ {
        self.members()
            .filter(|&(_, member)| member == Member::Active)
            .map(|(replica, _)| replica)
    }

    /// The fenced replicas, in order, with the table that fenced or reopened each.
    pub fn fenced(&self) -> impl Iterator<Item = (ReplicaId, Epoch)> + '_ {
        self.members().filter_map(|(replica, member)| match member {
            Member::Fenced { since } => Some((replica, since)),
            _ => None,
        })
    }

    /// The closed replicas, in order, with how many events of each are agreed.
    pub fn closed(&self) -> impl Iterator<Item = (ReplicaId, u64)> + '_ {
        self.members().filter_map(|(replica, member)| match member {
            Member::Closed { at } => Some((replica, at)),
            _ => None,
        })
    }

    /// The expired replicas, in order, with what each expiry meant.
    pub fn expired(&self) -> impl Iterator<Item = (ReplicaId, super::Expiry)> + '_ {
        self.members().filter_map(|(replica, member)| match member {
            Member::Expired { expiry } => Some((replica, expiry)),
            _ => None,
        })
    }

    /// How many events of the replica are agreed seen; `None` unless it is closed.
    pub fn closed_at(&self, replica: ReplicaId) -> Option<u64> {
        match self.member(replica)? {
            Member::Closed { at } => Some(at),
            _ => None,
        }
    }

    /// Whether the replica has an entry in vectors: it is active or fenced, or there is no list.
    pub fn is_open(&self, replica: ReplicaId) -> bool {
        !self.is_managed() || self.member(replica).is_some_and(Member::is_open)
    }

    /// Whether a replica of this epoch with this vector has seen the event.
    ///
    /// Of a replica that was never admitted, nothing has been seen, whatever the vector says.
    pub fn seen(&self, dot: Dot, vector: &VersionVector) -> bool {
        dot.counter <= self.seen_upto(dot.replica, vector)
    }

    /// How many of a replica's events a vector of this epoch has seen; of an expired one, all there
    /// can be.
    pub fn seen_upto(&self, replica: ReplicaId, vector: &VersionVector) -> u64 {
        match self.member(replica) {
            Some(Member::Closed { at }) => at,
            Some(Member::Expired { .. }) => u64::MAX,
            None if self.is_managed() => 0,
            Some(Member::Active | Member::Fenced { .. }) | None => vector.get(replica),
        }
    }

    /// The vector with the closed replicas written out, so that it means the same under any
    /// table. What an expired replica made can no longer be written. O(listed + entries).
    #[must_use]
    pub fn expand(&self, vector: &VersionVector) -> VersionVector {
        let mut expanded = vector.clone();
        for (replica, at) in self.closed() {
            expanded.raise(replica, at);
        }
        expanded
    }

    /// The vector without what the table says for everybody: closed and expired replicas.
    ///
    /// Loses nothing exactly if the vector agrees with the table: [`unagreed`](Self::unagreed)
    /// is empty.
    #[must_use]
    pub fn elide(&self, vector: &VersionVector) -> VersionVector {
        let agreed = |replica| self.member(replica).is_some_and(|member| !member.is_open());
        vector
            .iter()
            .filter(|&(replica, _)| !agreed(replica))
            .collect()
    }

    /// A context or a floor of this epoch as one of the next table in the log.
    ///
    /// One rule serves both. A replica that `next` closes leaves the vector. One that it reopens
    /// comes back at what was agreed: that much has been seen, and that much of its journal was
    /// dropped when it was closed. A floor that came back at zero would claim a journal that
    /// nobody has.
    #[must_use]
    pub fn carry(&self, vector: &VersionVector, next: &Self) -> VersionVector {
        next.elide(&self.expand(vector))
    }

    /// What an expanded vector has seen beyond the agreement: of closed replicas more than was
    /// agreed, and of replicas that were never admitted anything at all.
    ///
    /// A replica that is being readmitted may join a full state only if this is empty for what
    /// it would have seen afterwards; otherwise it has to ask again. O(entries · log listed).
    pub fn unagreed<'a>(
        &'a self,
        expanded: &'a VersionVector,
    ) -> impl Iterator<Item = (ReplicaId, u64)> + 'a {
        expanded.iter().filter(|&(replica, seen)| {
            self.is_managed()
                && self.member(replica).is_none_or(|member| match member {
                    Member::Closed { at } => seen > at,
                    _ => false,
                })
        })
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
