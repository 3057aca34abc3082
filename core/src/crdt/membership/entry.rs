//! The entries of the membership log, and what each makes of a table.
//!
//! Every replica reads the log by itself, so an entry must mean the same to all of them: what
//! follows depends on the table before and on the entry, never on what the reader has seen. That
//! is why a close carries its number and a readmission its vector. A refused entry is refused
//! everywhere, and makes no table.

use alloc::vec::Vec;
use core::fmt;

use super::{Epoch, Expiry, Member, Table};
use crate::crdt::{ReplicaId, VersionVector};

/// One change of the membership, as the log carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// The replica no longer takes part. Entering the table that this makes is what freezes it:
    /// after that nothing comes in from it, or from anybody who has not entered.
    Fence {
        /// Who.
        replica: ReplicaId,
    },
    /// What is seen of a fenced replica is agreed.
    ///
    /// A conditional commit: only by [`Acks::closable`](crate::crdt::Acks::closable) is it known
    /// that everybody holds exactly these events, and only as long as the epoch lasts.
    Close {
        /// Who.
        replica: ReplicaId,
        /// How many of its events every active replica durably holds.
        at: u64,
        /// The epoch from within which they said so.
        epoch: Epoch,
    },
    /// A replica comes back, or comes for the first time.
    Readmit {
        /// Who. If it was closed it is reopened at what was agreed.
        replica: ReplicaId,
        /// What it has seen, expanded by its own table; empty if it is new. Whatever this names
        /// beyond the agreement is reopened, or fenced if nobody ever admitted it.
        seen: VersionVector,
    },
    /// The number of a closed replica is given up, and with it the means to tell what of its events
    /// was agreed.
    Expire {
        /// Who.
        replica: ReplicaId,
        /// Why that may be.
        expiry: Expiry,
    },
}

impl Entry {
    /// Whom it is about.
    pub fn replica(&self) -> ReplicaId {
        match self {
            Self::Fence { replica }
            | Self::Close { replica, .. }
            | Self::Readmit { replica, .. }
            | Self::Expire { replica, .. } => *replica,
        }
    }
}

/// Why an entry makes no table. The table stays as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryRefused {
    /// There is no list to change.
    Unmanaged,
    /// Indices of the log only grow.
    EpochNotAbove {
        /// The index of the entry.
        index: Epoch,
        /// The epoch of the table.
        epoch: Epoch,
    },
    /// The replica was never admitted.
    UnknownReplica {
        /// The replica.
        replica: ReplicaId,
    },
    /// Only an active replica can be fenced.
    NotActive {
        /// The replica.
        replica: ReplicaId,
        /// What it is.
        member: Member,
    },
    /// Nobody would be left to whom anybody could return.
    LastActive {
        /// The replica.
        replica: ReplicaId,
    },
    /// Only a fenced replica can be closed.
    NotFenced {
        /// The replica.
        replica: ReplicaId,
        /// What it is.
        member: Member,
    },
    /// The reports behind the close are void: the table has changed since.
    StaleClose {
        /// The replica.
        replica: ReplicaId,
        /// The epoch of the reports.
        taken_in: Epoch,
        /// The epoch of the table.
        epoch: Epoch,
    },
    /// Only a closed replica can expire.
    NotClosed {
        /// The replica.
        replica: ReplicaId,
        /// What it is.
        member: Member,
    },
    /// The replica takes part already, and its vector names nothing beyond the agreement.
    AlreadyActive {
        /// The replica.
        replica: ReplicaId,
    },
    /// The replica expired, so nobody knows where to reopen it. It needs a new incarnation.
    Expired {
        /// The replica.
        replica: ReplicaId,
    },
    /// The vector names events of a replica that an operator discarded. The one who returns has
    /// to drop them first, by starting anew, and to report the loss.
    ///
    /// So it is also if these events were agreed, because nobody can tell: the number that would
    /// say so is what the expiry gave up. Refused without need, a replica loses what it alone had;
    /// admitted without right, it differs from the others for ever, as a removal among those events
    /// has killed here what they go on to show. Who wants to be exact leaves the replica closed: that
    /// costs an integer in the table, and whoever holds no more than was agreed may return.
    HoldsDiscarded {
        /// Who wants to return.
        replica: ReplicaId,
        /// Whose events it still holds.
        discarded: ReplicaId,
        /// How many.
        seen: u64,
    },
    /// Nobody is active who could hand over the state.
    NobodyActive,
}

/// The rows of the table that an entry changes.
type Changes = Vec<(ReplicaId, Member)>;

impl Table {
    /// The table that the entry at `index` of the log makes of this one.
    ///
    /// A pure function of the log: whoever has read it as far has the same table. The indices
    /// of membership entries need not be contiguous. O(listed + entries of the vector).
    pub fn apply(&self, index: Epoch, entry: &Entry) -> Result<Self, EntryRefused> {
        let Some(members) = &self.members else {
            return Err(EntryRefused::Unmanaged);
        };
        if index <= self.epoch {
            return Err(EntryRefused::EpochNotAbove {
                index,
                epoch: self.epoch,
            });
        }
        let changes = match *entry {
            Entry::Fence { replica } => self.fence(index, replica)?,
            Entry::Close { replica, at, epoch } => self.close(replica, at, epoch)?,
            Entry::Readmit { replica, ref seen } => self.readmit(index, replica, seen)?,
            Entry::Expire { replica, expiry } => self.expire(replica, expiry)?,
        };
        let mut members = members.clone();
        members.extend(changes);
        Ok(Self {
            epoch: index,
            members: Some(members),
        })
    }

    fn fence(&self, index: Epoch, replica: ReplicaId) -> Result<Changes, EntryRefused> {
        match self.listed(replica)? {
            Member::Active if self.active().nth(1).is_none() => {
                Err(EntryRefused::LastActive { replica })
            }
            Member::Active => Ok([(replica, Member::Fenced { since: index })].into()),
            member => Err(EntryRefused::NotActive { replica, member }),
        }
    }

    fn close(&self, replica: ReplicaId, at: u64, taken_in: Epoch) -> Result<Changes, EntryRefused> {
        match self.listed(replica)? {
            Member::Fenced { .. } if taken_in != self.epoch => Err(EntryRefused::StaleClose {
                replica,
                taken_in,
                epoch: self.epoch,
            }),
            Member::Fenced { .. } => Ok([(replica, Member::Closed { at })].into()),
            member => Err(EntryRefused::NotFenced { replica, member }),
        }
    }

    /// Makes the replica active, and opens every entry that its vector needs.
    fn readmit(
        &self,
        index: Epoch,
        replica: ReplicaId,
        seen: &VersionVector,
    ) -> Result<Changes, EntryRefused> {
        let member = self.member(replica);
        if matches!(member, Some(Member::Expired { .. })) {
            return Err(EntryRefused::Expired { replica });
        }
        if self.active().next().is_none() {
            return Err(EntryRefused::NobodyActive);
        }
        if let Some((discarded, seen)) = self.discarded(seen) {
            return Err(EntryRefused::HoldsDiscarded {
                replica,
                discarded,
                seen,
            });
        }
        let mut changes: Changes = self
            .unagreed(seen)
            .filter(|&(reopened, _)| reopened != replica)
            .map(|(reopened, _)| (reopened, Member::Fenced { since: index }))
            .collect();
        // One that takes part already may still need entries opened: an old request of its own
        // can have made it active with a vector that it has outgrown.
        if member == Some(Member::Active) && changes.is_empty() {
            return Err(EntryRefused::AlreadyActive { replica });
        }
        changes.push((replica, Member::Active));
        Ok(changes)
    }

    fn expire(&self, replica: ReplicaId, expiry: Expiry) -> Result<Changes, EntryRefused> {
        match self.listed(replica)? {
            Member::Closed { .. } => Ok([(replica, Member::Expired { expiry })].into()),
            member => Err(EntryRefused::NotClosed { replica, member }),
        }
    }

    fn listed(&self, replica: ReplicaId) -> Result<Member, EntryRefused> {
        self.member(replica)
            .ok_or(EntryRefused::UnknownReplica { replica })
    }

    /// The first entry of the vector that belongs to a discarded replica.
    fn discarded(&self, vector: &VersionVector) -> Option<(ReplicaId, u64)> {
        let discarded = Member::Expired {
            expiry: Expiry::Discarded,
        };
        vector
            .iter()
            .find(|&(replica, _)| self.member(replica) == Some(discarded))
    }
}

impl fmt::Display for Entry {
    /// `fence n3`, `close n3 at 17 by epoch 4`, `readmit n3 with {n1: 4}`, `expire n3 (drained)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fence { replica } => write!(f, "fence {replica}"),
            Self::Close { replica, at, epoch } => {
                write!(f, "close {replica} at {at} by epoch {epoch}")
            }
            Self::Readmit { replica, seen } => write!(f, "readmit {replica} with {seen}"),
            Self::Expire { replica, expiry } => write!(f, "expire {replica} ({expiry})"),
        }
    }
}

impl fmt::Display for EntryRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unmanaged => f.write_str("there is no membership list to change"),
            Self::EpochNotAbove { index, epoch } => {
                write!(f, "entry {index} does not follow epoch {epoch}")
            }
            Self::UnknownReplica { replica } => write!(f, "{replica} was never admitted"),
            Self::NotActive { replica, member } => {
                write!(f, "{replica} is {member}; only an active replica is fenced")
            }
            Self::LastActive { replica } => {
                write!(f, "{replica} is the last active replica and has to stay")
            }
            Self::NotFenced { replica, member } => {
                write!(f, "{replica} is {member}; only a fenced replica is closed")
            }
            Self::StaleClose {
                replica,
                taken_in,
                epoch,
            } => write!(
                f,
                "the close of {replica} rests on reports of epoch {taken_in}, but this is epoch \
                 {epoch}: collect them again"
            ),
            Self::NotClosed { replica, member } => {
                write!(f, "{replica} is {member}; only a closed replica expires")
            }
            Self::AlreadyActive { replica } => {
                write!(f, "{replica} takes part already and needs nothing reopened")
            }
            Self::Expired { replica } => {
                write!(f, "{replica} has expired: it needs a new incarnation")
            }
            Self::HoldsDiscarded {
                replica,
                discarded,
                seen,
            } => write!(
                f,
                "{replica} holds {seen} events of {discarded}, which was discarded: drop them \
                 first"
            ),
            Self::NobodyActive => f.write_str("nobody is active who could hand over the state"),
        }
    }
}

impl core::error::Error for EntryRefused {}
