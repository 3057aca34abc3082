//! A pruning that somebody else can check.

use alloc::vec::Vec;
use core::fmt;
use core::ops::RangeInclusive;

use super::Acks;
use super::acks::meet;
use crate::crdt::{Epoch, ReplicaId, Table, VersionVector};

/// What a pruning forgot, and the reports by which nobody needs it.
///
/// It certifies the part of a pruning that the frontier covers. What went by age or by number
/// beyond that is allowed too, but its price is a full state for whoever lacks it; it is listed
/// apart, as uncovered. Every list is sorted by replica and names none twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PruneCertificate {
    /// The table under which the reports were made.
    pub epoch: Epoch,
    /// The durable vector of every active replica; empty if it had not reported.
    pub rows: Vec<(ReplicaId, VersionVector)>,
    /// The meet of the rows.
    pub frontier: VersionVector,
    /// The counters over which the floor rose, as far as the frontier covers them.
    pub pruned: Vec<(ReplicaId, RangeInclusive<u64>)>,
    /// The rest of them.
    pub uncovered: Vec<(ReplicaId, RangeInclusive<u64>)>,
}

/// What is wrong with a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateError {
    /// It speaks of another table than it is checked against.
    WrongEpoch {
        /// The epoch of the certificate.
        certified: Epoch,
        /// The epoch of the table.
        table: Epoch,
    },
    /// An active replica has no row.
    MissingRow {
        /// The replica.
        replica: ReplicaId,
    },
    /// A row belongs to nobody who is active.
    ForeignRow {
        /// Whose it is said to be.
        replica: ReplicaId,
    },
    /// A list is not sorted by replica, or names one twice.
    OutOfOrder {
        /// The first that is not above the one before.
        replica: ReplicaId,
    },
    /// A row claims more than its owner durably holds.
    RowBeyondDurable {
        /// The owner.
        owner: ReplicaId,
        /// How many events of whom it claims too many.
        replica: ReplicaId,
        /// How many are claimed.
        claimed: u64,
        /// How many the owner holds.
        durable: u64,
    },
    /// The frontier is not the meet of the rows.
    WrongFrontier {
        /// What it says.
        stated: VersionVector,
        /// What the rows give.
        meet: VersionVector,
    },
    /// A range without a counter, or with counter zero.
    BadRange {
        /// Of whom.
        replica: ReplicaId,
    },
    /// A range said to be covered ends beyond the frontier.
    BeyondFrontier {
        /// Of whom.
        replica: ReplicaId,
        /// Where it ends.
        upto: u64,
        /// Where the frontier is.
        frontier: u64,
    },
    /// A range said to be uncovered starts within the frontier.
    WithinFrontier {
        /// Of whom.
        replica: ReplicaId,
        /// Where it starts.
        from: u64,
        /// Where the frontier is.
        frontier: u64,
    },
}

impl PruneCertificate {
    /// Certifies a pruning that raised the floor from `before` to `after`, by the reports at hand.
    ///
    /// Certified is every counter over which the floor rose, whether or not a record was there:
    /// a floor at `n` says that nobody will be told of any record up to `n`.
    pub fn of(acks: &Acks, table: &Table, before: &VersionVector, after: &VersionVector) -> Self {
        let frontier = acks.frontier(table);
        let row = |replica| acks.row_under(table, replica).cloned().unwrap_or_default();
        let (mut pruned, mut uncovered) = (Vec::new(), Vec::new());
        for (replica, upto) in after.iter() {
            let (from, covered) = (before.get(replica), frontier.get(replica));
            push_range(&mut pruned, replica, from, upto.min(covered));
            push_range(&mut uncovered, replica, from.max(covered), upto);
        }
        Self {
            epoch: table.epoch(),
            rows: table
                .active()
                .map(|replica| (replica, row(replica)))
                .collect(),
            frontier,
            pruned,
            uncovered,
        }
    }

    /// Whether the frontier covers all that was forgotten: nobody active needs a full state.
    pub fn covers_everything(&self) -> bool {
        self.uncovered.is_empty()
    }

    /// Checks it against the table of its epoch and against what the owners of the rows durably
    /// hold, as vectors of that epoch. An owner of whom nothing is known (`None`) vouches for
    /// nothing but an empty row.
    ///
    /// Durable vectors only grow, so a certificate that was true once stays true in its epoch.
    pub fn verify(
        &self,
        table: &Table,
        durable: impl Fn(ReplicaId) -> Option<VersionVector>,
    ) -> Result<(), CertificateError> {
        if self.epoch != table.epoch() {
            return Err(CertificateError::WrongEpoch {
                certified: self.epoch,
                table: table.epoch(),
            });
        }
        self.verify_owners(table)?;
        self.verify_rows(durable)?;
        let meet = meet(self.rows.iter().map(|(_, row)| Some(row)));
        if meet != self.frontier {
            return Err(CertificateError::WrongFrontier {
                stated: self.frontier.clone(),
                meet,
            });
        }
        self.verify_ranges()
    }

    fn verify_owners(&self, table: &Table) -> Result<(), CertificateError> {
        verify_order(self.rows.iter().map(|&(owner, _)| owner))?;
        if let Some(&(replica, _)) = self.rows.iter().find(|(owner, _)| !table.is_active(*owner)) {
            return Err(CertificateError::ForeignRow { replica });
        }
        let has_row = |replica: &ReplicaId| {
            self.rows
                .binary_search_by_key(replica, |&(owner, _)| owner)
                .is_ok()
        };
        match table.active().find(|replica| !has_row(replica)) {
            Some(replica) => Err(CertificateError::MissingRow { replica }),
            None => Ok(()),
        }
    }

    fn verify_rows(
        &self,
        durable: impl Fn(ReplicaId) -> Option<VersionVector>,
    ) -> Result<(), CertificateError> {
        for &(owner, ref row) in &self.rows {
            let held = durable(owner).unwrap_or_default();
            let excess = row
                .iter()
                .find(|&(replica, claimed)| claimed > held.get(replica));
            if let Some((replica, claimed)) = excess {
                return Err(CertificateError::RowBeyondDurable {
                    owner,
                    replica,
                    claimed,
                    durable: held.get(replica),
                });
            }
        }
        Ok(())
    }

    fn verify_ranges(&self) -> Result<(), CertificateError> {
        for ranges in [&self.pruned, &self.uncovered] {
            verify_order(ranges.iter().map(|&(replica, _)| replica))?;
            if let Some(&(replica, _)) = ranges.iter().find(|(_, range)| !is_range(range)) {
                return Err(CertificateError::BadRange { replica });
            }
        }
        for &(replica, ref range) in &self.pruned {
            let (upto, frontier) = (*range.end(), self.frontier.get(replica));
            if upto > frontier {
                return Err(CertificateError::BeyondFrontier {
                    replica,
                    upto,
                    frontier,
                });
            }
        }
        for &(replica, ref range) in &self.uncovered {
            let (from, frontier) = (*range.start(), self.frontier.get(replica));
            if from <= frontier {
                return Err(CertificateError::WithinFrontier {
                    replica,
                    from,
                    frontier,
                });
            }
        }
        Ok(())
    }
}

/// Adds the counters above `from` up to `upto`, if there are any.
fn push_range(
    ranges: &mut Vec<(ReplicaId, RangeInclusive<u64>)>,
    replica: ReplicaId,
    from: u64,
    upto: u64,
) {
    if from < upto {
        ranges.push((replica, from + 1..=upto));
    }
}

/// Whether there is a counter in it, and only such as an event can have.
pub(in crate::crdt) fn is_range(range: &RangeInclusive<u64>) -> bool {
    1 <= *range.start() && range.start() <= range.end()
}

fn verify_order(replicas: impl Iterator<Item = ReplicaId>) -> Result<(), CertificateError> {
    let mut previous = None;
    for replica in replicas {
        if previous >= Some(replica) {
            return Err(CertificateError::OutOfOrder { replica });
        }
        previous = Some(replica);
    }
    Ok(())
}

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongEpoch { certified, table } => write!(
                f,
                "the certificate is of epoch {certified}, the table of epoch {table}"
            ),
            Self::MissingRow { replica } => write!(f, "{replica} is active and has no row"),
            Self::ForeignRow { replica } => write!(f, "{replica} has a row and is not active"),
            Self::OutOfOrder { replica } => {
                write!(f, "{replica} is out of order or listed twice")
            }
            Self::RowBeyondDurable {
                owner,
                replica,
                claimed,
                durable,
            } => write!(
                f,
                "the row of {owner} claims {claimed} events of {replica}, but {owner} durably \
                 holds {durable}"
            ),
            Self::WrongFrontier { stated, meet } => {
                write!(f, "the frontier is {stated}, but the rows meet in {meet}")
            }
            Self::BadRange { replica } => {
                write!(f, "the range of {replica} is empty or starts at zero")
            }
            Self::BeyondFrontier {
                replica,
                upto,
                frontier,
            } => write!(
                f,
                "{replica} is said to be covered up to {upto}, but the frontier is at {frontier}"
            ),
            Self::WithinFrontier {
                replica,
                from,
                frontier,
            } => write!(
                f,
                "{replica} is said to be uncovered from {from}, but the frontier is at {frontier}"
            ),
        }
    }
}

impl core::error::Error for CertificateError {}
