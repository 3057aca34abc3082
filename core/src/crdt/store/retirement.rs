//! Tables come and go: what a store does when it enters one, is retired by one, and returns.
//!
//! A member enters the tables of the log one by one. Where a replica is closed its entry leaves the
//! vectors, which loses nothing: whoever enters that table holds exactly the agreed prefix. Where it
//! is reopened the entry comes back at the agreed number, and the floor with it, because the records
//! up to there are gone.
//!
//! A replica that finds itself retired keeps its last table, goes on making events, and joins
//! nothing but a full state of a table that has it again. It is not merged like a stranger: what the
//! members have seen and do not show is dead, and what they have not seen travels under its own dots.
//! Making such events anew under another id would bring back what was removed in the meantime.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use super::join::check_sender;
use super::{Standing, Store};
use crate::crdt::{
    ApplyError, Entry, EntryRefused, Epoch, Expiry, FullState, Member, MergeReport, Path,
    ReplicaId, Rule, StoreError, Table, VersionVector,
};

/// What a log entry did to a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entered {
    /// It takes part in the new table.
    Table,
    /// The new table has no place for it: it was retired, and waits to be readmitted.
    Retired,
    /// It was retired before. Entries are noted, but only a readmission changes anything.
    Waiting,
}

/// Why a log entry was not entered. The state is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnterError {
    /// The entry makes no table. It is refused everywhere.
    Refused(EntryRefused),
    /// The entry closes a replica at a number that this store does not hold, although it takes part:
    /// somebody reported in its name.
    Short {
        /// The replica that is closed.
        replica: ReplicaId,
        /// The agreed number.
        closed_at: u64,
        /// How many of its events were seen here.
        seen: u64,
    },
}

/// Why a full state did not readmit a store. The state is unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadmitError {
    /// It was not retired.
    NotRetired,
    /// The table is older than the one that retired this replica, or does not have it.
    NotAdmitted {
        /// The table's epoch.
        epoch: Epoch,
    },
    /// The full state could not be joined whoever received it.
    Apply(ApplyError),
    /// One of the two holds a different number of a closed replica's events than was agreed. Ask to
    /// be readmitted again, with what is held now.
    Unsettled {
        /// The closed replica.
        replica: ReplicaId,
        /// The agreed number.
        closed_at: u64,
        /// How many of its events the two hold together.
        held: u64,
    },
    /// The table knows nothing of a replica whose events are held here. Ask again.
    Unlisted {
        /// The replica.
        replica: ReplicaId,
    },
    /// Events are held here of a replica whose events were discarded for good. Which of them the
    /// members have seen cannot be told any more: start anew, as a newcomer.
    Discarded {
        /// The discarded replica.
        replica: ReplicaId,
    },
}

impl Store {
    /// An empty state in the table that a cluster starts with.
    ///
    /// A replica that has no place in it, or a table that has retired somebody, makes a
    /// [newcomer](Self::newcomer): it cannot claim to hold what was agreed.
    pub fn member(replica: ReplicaId, table: Arc<Table>) -> Self {
        if !table.admits(replica) || table.members().any(|(_, member)| member != Member::Active) {
            return Self::newcomer(replica);
        }
        Self {
            table,
            ..Self::new(replica)
        }
    }

    /// An empty state that waits to be admitted to a cluster.
    pub fn newcomer(replica: ReplicaId) -> Self {
        Self {
            retired: Some(Epoch(0)),
            ..Self::new(replica)
        }
    }

    /// Goes on under an id that was never used, after the old one was rolled back or taken by
    /// somebody else. Under a membership table it has to be readmitted.
    pub fn reincarnate(&mut self, replica: ReplicaId) -> Result<(), StoreError> {
        if self.context.get(replica) > 0 || self.table.member(replica).is_some() {
            return Err(StoreError::IdInUse { replica });
        }
        self.replica = replica;
        self.standing = Standing::Sound;
        if self.table.is_managed() {
            let epoch = self.table.epoch();
            self.retired = Some(self.retired.map_or(epoch, |since| since.max(epoch)));
        }
        Ok(())
    }

    /// Whether the id is used up: somebody showed events of it that were not made here. No event is
    /// made under it any more; [`reincarnate`](Self::reincarnate) ends that.
    pub fn is_superseded(&self) -> bool {
        self.standing == Standing::Superseded
    }

    /// Takes it from a disk that the id is used up.
    pub(in crate::crdt) fn supersede(&mut self) {
        self.standing = Standing::Superseded;
    }

    /// The membership table in force; of a retired replica the last one it was part of.
    pub fn table(&self) -> &Arc<Table> {
        &self.table
    }

    /// The last table known to have no place for this replica; `None` while it takes part.
    pub fn retired(&self) -> Option<Epoch> {
        self.retired
    }

    /// Enters the table that an entry of the membership log makes.
    ///
    /// `index` is the entry's index in the log and becomes the epoch. Must be durable before anything
    /// is sent or reported from within the new epoch.
    pub fn enter(&mut self, index: Epoch, entry: &Entry) -> Result<Entered, EnterError> {
        if let Some(since) = self.retired {
            self.retired = Some(since.max(self.retired_by(index, entry)));
            return Ok(Entered::Waiting);
        }
        let next = self
            .table
            .apply(index, entry)
            .map_err(EnterError::Refused)?;
        if !next.admits(self.replica) {
            self.retired = Some(index);
            return Ok(Entered::Retired);
        }
        for (replica, closed_at) in self.newly_closed(&next) {
            let seen = self.context.get(replica);
            if seen != closed_at && self.checks_agreement() {
                return Err(EnterError::Short {
                    replica,
                    closed_at,
                    seen,
                });
            }
        }
        self.change_table(next);
        Ok(Entered::Table)
    }

    /// The entry by which this replica asks to take part again, or for the first time. Valid once
    /// what it speaks of is durable.
    pub fn readmission(&self) -> Entry {
        Entry::Readmit {
            replica: self.replica,
            seen: self.readmission_vector(),
        }
    }

    /// What a request to be readmitted says was seen here.
    pub(in crate::crdt) fn readmission_vector(&self) -> VersionVector {
        let seen = self.table.expand(&self.context);
        if self.keeps(Rule::ReadmittedKeepsDots) {
            return seen;
        }
        seen.iter()
            .filter(|(maker, _)| *maker == self.replica)
            .collect()
    }

    /// Joins a full state of a table that has this replica again, and takes part from then on.
    ///
    /// What the members have seen and do not show dies here; what they have not seen stays, and they
    /// will ask for it. The entries of the log behind the table have to be entered from here on, also
    /// those that were noted while waiting: the member that answers may have read less of it.
    /// O(n + m).
    pub fn readmit(
        &mut self,
        table: &Arc<Table>,
        full: &FullState,
    ) -> Result<MergeReport, ReadmitError> {
        let since = self.retired.ok_or(ReadmitError::NotRetired)?;
        let epoch = table.epoch();
        if epoch <= since || !table.is_active(self.replica) {
            return Err(ReadmitError::NotAdmitted { epoch });
        }
        check_sender(table, full.sender, full.epoch).map_err(ReadmitError::Apply)?;
        full.validate(table).map_err(ReadmitError::Apply)?;
        self.check_own_events(&full.context)
            .map_err(ReadmitError::Apply)?;
        let reissued = self.taken_out_to_reissue(table);
        let ours = self.table.expand(&self.context);
        let mut joined = table.expand(&full.context);
        joined.join(&ours);
        check_settled(table, &joined)?;
        let mut floor = full.floor.clone();
        floor.join(&self.table.expand(&self.floor));

        let mut report = MergeReport::expecting(joined.excess_over(&ours));
        let dead = self.not_listed(full, table);
        self.insert_unseen(&full.live, &mut report);
        self.kill_all(&dead, &Path::root(), &mut report);
        let records = self.unseen(&full.records, |record| record.dot);
        let records_before = self.journal.len();
        // No floor speaks of the closed and the expired: of them nothing is journalled.
        for (replica, _) in joined.iter() {
            if !table.is_open(replica) {
                self.journal.forget(replica, u64::MAX);
            }
        }
        self.context = joined;
        self.raise_floor(&floor);
        report.records_pruned = records_before - self.journal.len();
        self.remember(&records);
        self.context = table.elide(&self.context);
        self.floor = table.elide(&self.floor);
        self.table = Arc::clone(table);
        self.retired = None;
        if !self.keeps(Rule::ReadmittedKeepsDots) {
            self.reissue(reissued);
        }
        Ok(report)
    }

    /// The latest table that an entry says has no place for us: only a fence does, and one that was
    /// refused because we were not active says so too.
    ///
    /// Not a readmission, though the table before it may have had none: a second request that comes
    /// late is refused because the first was granted, and would lock us out of the table that
    /// granted it.
    fn retired_by(&self, index: Epoch, entry: &Entry) -> Epoch {
        match entry {
            Entry::Fence { replica } if *replica == self.replica => index,
            _ => Epoch(0),
        }
    }

    fn newly_closed(&self, next: &Table) -> Vec<(ReplicaId, u64)> {
        next.closed()
            .filter(|&(replica, _)| self.table.is_open(replica))
            .collect()
    }

    fn change_table(&mut self, next: Table) {
        for (replica, _) in self.newly_closed(&next) {
            self.journal.forget(replica, u64::MAX);
        }
        self.context = self.table.carry(&self.context, &next);
        self.floor = self.table.carry(&self.floor, &next);
        self.table = Arc::new(next);
    }
}

/// Whether the table can read the joined vector: every replica known, every closed one at its number.
fn check_settled(table: &Table, joined: &VersionVector) -> Result<(), ReadmitError> {
    let discarded = Member::Expired {
        expiry: Expiry::Discarded,
    };
    for (replica, held) in joined.iter() {
        match table.member(replica) {
            None => return Err(ReadmitError::Unlisted { replica }),
            Some(Member::Closed { at }) if at != held => {
                return Err(ReadmitError::Unsettled {
                    replica,
                    closed_at: at,
                    held,
                });
            }
            Some(member) if member == discarded => {
                return Err(ReadmitError::Discarded { replica });
            }
            Some(_) => {}
        }
    }
    Ok(())
}

impl fmt::Display for EnterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refused) => refused.fmt(f),
            Self::Short {
                replica,
                closed_at,
                seen,
            } => write!(
                f,
                "{replica} is closed at {closed_at}, but {seen} of its events were seen here: a \
                 report was made that did not come from this state"
            ),
        }
    }
}

impl fmt::Display for ReadmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRetired => f.write_str("the replica takes part: it needs no readmission"),
            Self::NotAdmitted { epoch } => {
                write!(
                    f,
                    "the table of epoch {epoch} does not readmit this replica"
                )
            }
            Self::Apply(error) => error.fmt(f),
            Self::Unsettled {
                replica,
                closed_at,
                held,
            } => write!(
                f,
                "{replica} was closed at {closed_at}, but {held} of its events are held: ask to be \
                 readmitted again"
            ),
            Self::Unlisted { replica } => {
                write!(
                    f,
                    "the table does not know {replica}: ask to be readmitted again"
                )
            }
            Self::Discarded { replica } => write!(
                f,
                "events of {replica} are held, which were discarded for good: start anew as a \
                 newcomer"
            ),
        }
    }
}

impl core::error::Error for EnterError {}

impl core::error::Error for ReadmitError {}
