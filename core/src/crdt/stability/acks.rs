//! The reports of one epoch.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;

use crate::crdt::{Epoch, Member, ReplicaId, Table, VersionVector};

/// One row per replica: the last version vector it reported as *durable*, in one epoch.
///
/// Within an epoch rows are joined, so reports may be lost, repeated or late; an old one never
/// takes anything back. A new table voids all rows, and its frontier starts at nothing: a report
/// of another epoch was made under other rules about who may still send.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acks {
    /// The epoch from within which every row was reported.
    epoch: Epoch,
    rows: BTreeMap<ReplicaId, VersionVector>,
}

/// Why a replica cannot be closed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotClosable {
    /// Only a fenced replica can be closed: the events of any other still grow.
    NotFenced {
        /// The replica.
        replica: ReplicaId,
        /// What it is; `None` if it was never admitted.
        member: Option<Member>,
    },
    /// Some active replicas have not reported from within this epoch. One that never will has
    /// to be fenced too.
    Silent {
        /// The replica to be closed.
        replica: ReplicaId,
        /// Who has not reported, in order.
        missing: Vec<ReplicaId>,
    },
    /// All reported, but some lack events that others hold. They have to synchronise.
    Unequal {
        /// The replica to be closed.
        replica: ReplicaId,
        /// How many of its events somebody holds.
        highest: u64,
        /// Who holds fewer, in order, and how many each lacks.
        behind: Vec<(ReplicaId, u64)>,
    },
}

impl Acks {
    /// No reports yet, of the epoch of `table`.
    pub fn of(table: &Table) -> Self {
        Self {
            epoch: table.epoch(),
            rows: BTreeMap::new(),
        }
    }

    /// Goes on to another table, which voids all rows. An older table, or the same, does nothing.
    pub fn enter(&mut self, table: &Table) {
        if table.epoch() > self.epoch {
            *self = Self::of(table);
        }
    }

    /// Goes on to another table with the rows as they are: where a rule is broken.
    pub(in crate::crdt) fn carry(&mut self, table: &Table) {
        self.epoch = self.epoch.max(table.epoch());
    }

    /// The epoch of the rows.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Enters a report made from within `epoch`. One of another epoch is ignored: knowing too
    /// little is always safe.
    pub fn record(&mut self, replica: ReplicaId, epoch: Epoch, durable: &VersionVector) {
        if epoch == self.epoch {
            self.rows.entry(replica).or_default().join(durable);
        }
    }

    /// What the replica is known to hold durably; `None` if it has not reported in this epoch.
    pub fn row(&self, replica: ReplicaId) -> Option<&VersionVector> {
        self.rows.get(&replica)
    }

    /// The active replicas that are known to have entered the table, in order.
    ///
    /// One that was readmitted and has not joined yet is active, but cannot hand over the state
    /// to anybody. So a replica should be fenced only while another one is among these; otherwise
    /// nobody may be left who can bring the others on.
    pub fn entered<'a>(&'a self, table: &'a Table) -> impl Iterator<Item = ReplicaId> + 'a {
        table
            .active()
            .filter(|&replica| self.row_under(table, replica).is_some())
    }

    /// What every active replica is known to hold: the meet of their rows.
    ///
    /// A replica without a row counts as empty, so the frontier falls when a table changes or
    /// somebody joins; no floor falls with it. O(active²) in the number of replicas, independent
    /// of the number of elements.
    pub fn frontier(&self, table: &Table) -> VersionVector {
        meet(table.active().map(|replica| self.row_under(table, replica)))
    }

    /// The active replica that lacks most of `context`, and how many events that is.
    pub fn held_back_by(&self, table: &Table, context: &VersionVector) -> Option<(ReplicaId, u64)> {
        let nothing = VersionVector::new();
        table
            .active()
            .map(|replica| {
                let row = self.row_under(table, replica).unwrap_or(&nothing);
                (replica, context.excess_over(row))
            })
            .filter(|&(_, missing)| missing > 0)
            .max_by_key(|&(replica, missing)| (missing, core::cmp::Reverse(replica)))
    }

    /// How many events of a fenced replica every active one durably holds, if all hold equally
    /// many. Then `Entry::Close` may be proposed with this number and this epoch.
    ///
    /// In one epoch nothing of the fenced replica enters the group but what its members brought
    /// along, so no member can hold more than the highest of them did, and none forgets. Equal
    /// reports are therefore that highest, for ever. O(active · log listed).
    pub fn closable(&self, table: &Table, replica: ReplicaId) -> Result<u64, NotClosable> {
        let member = table.member(replica);
        if !matches!(member, Some(Member::Fenced { .. })) {
            return Err(NotClosable::NotFenced { replica, member });
        }
        let mut held = Vec::new();
        let mut missing = Vec::new();
        for reporter in table.active() {
            match self.row_under(table, reporter) {
                Some(row) => held.push((reporter, row.get(replica))),
                None => missing.push(reporter),
            }
        }
        if !missing.is_empty() {
            return Err(NotClosable::Silent { replica, missing });
        }
        let highest = held.iter().map(|&(_, count)| count).max().unwrap_or(0);
        let behind: Vec<(ReplicaId, u64)> = held
            .into_iter()
            .filter(|&(_, count)| count < highest)
            .map(|(reporter, count)| (reporter, highest - count))
            .collect();
        if !behind.is_empty() {
            return Err(NotClosable::Unequal {
                replica,
                highest,
                behind,
            });
        }
        Ok(highest)
    }

    /// A row that counts under the table: there is none under another one than it was made in.
    pub(super) fn row_under(&self, table: &Table, replica: ReplicaId) -> Option<&VersionVector> {
        (table.epoch() == self.epoch)
            .then(|| self.row(replica))
            .flatten()
    }
}

/// What all rows contain. A missing row is an empty one, and no rows contain nothing.
pub(super) fn meet<'a>(mut rows: impl Iterator<Item = Option<&'a VersionVector>>) -> VersionVector {
    let Some(Some(first)) = rows.next() else {
        return VersionVector::new();
    };
    rows.try_fold(first.clone(), |meet, row| row.map(|row| meet.meet(row)))
        .unwrap_or_default()
}

impl fmt::Display for NotClosable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFenced {
                replica,
                member: Some(member),
            } => write!(f, "{replica} is {member}; only a fenced replica is closed"),
            Self::NotFenced {
                replica,
                member: None,
            } => write!(f, "{replica} was never admitted"),
            Self::Silent { replica, missing } => {
                write!(f, "{replica} cannot be closed before all report: missing")?;
                write_list(f, missing.iter())
            }
            Self::Unequal {
                replica,
                highest,
                behind,
            } => {
                write!(f, "{replica} cannot be closed at {highest} yet:")?;
                let lacking = |(reporter, lacks): &(ReplicaId, u64)| {
                    alloc::format!("{reporter} lacks {lacks}")
                };
                write_list(f, behind.iter().map(lacking))
            }
        }
    }
}

/// ` a, b, c`.
fn write_list(
    f: &mut fmt::Formatter<'_>,
    items: impl Iterator<Item = impl fmt::Display>,
) -> fmt::Result {
    for (i, item) in items.enumerate() {
        let separator = if i == 0 { " " } else { ", " };
        write!(f, "{separator}{item}")?;
    }
    Ok(())
}

impl core::error::Error for NotClosable {}
