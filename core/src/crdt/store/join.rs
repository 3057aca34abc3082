//! Joining what others know.
//!
//! Nothing is inferred from what is absent in a delta: with its guard, every dead dot in its
//! interval has its killer's record in it, or its killer was seen here before. A full state needs no
//! guard, because its context says what is dead.

use core::cmp::Ordering;

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::live::Removal;
use super::{Live, Standing, Store};
use crate::crdt::version_vector::Bounds;
use crate::crdt::{
    ApplyError, Delta, Dot, Epoch, FullState, Kills, LiveEvent, MergeReport, Path, Record,
    ReplicaId, Rule, Table, VersionVector,
};

impl Store {
    /// Joins a delta. Applying it again, or after a later one, changes nothing.
    ///
    /// O(size of the delta · log n).
    pub fn apply(&mut self, delta: &Delta) -> Result<MergeReport, ApplyError> {
        self.check_standing()?;
        self.check_sender(delta.sender, delta.epoch)?;
        delta.validate(&self.table)?;
        self.check_own_events(&delta.upto)?;
        if !self.context.covers(&delta.since) && self.keeps(Rule::DeltaAttaches) {
            let since = delta.since.clone();
            return Err(ApplyError::Gap {
                since,
                have: self.context.clone(),
            });
        }
        let mut report = MergeReport::expecting(delta.upto.excess_over(&self.context));
        // A killer that was seen before has nothing live left to kill.
        let records = self.unseen(&delta.records, |record| record.dot);
        let live = self.unseen(&delta.live, |event| event.dot);
        for record in self.put_all(live, &records, &mut report) {
            self.kill_all(&record.kills, &record.path, &mut report);
        }
        self.remember(&records);
        self.context.join(&delta.upto);
        Ok(report)
    }

    /// Joins a full state, and takes over its floor. O(n + m).
    ///
    /// Without the raised floor this replica would later claim a journal that it does not have.
    pub fn apply_full(&mut self, full: &FullState) -> Result<MergeReport, ApplyError> {
        self.check_standing()?;
        self.check_sender(full.sender, full.epoch)?;
        full.validate(&self.table)?;
        self.check_own_events(&full.context)?;
        if !self.keeps(Rule::FullStateIsJoined) && !self.context.covers(&full.context) {
            return Ok(self.replaced_by(full));
        }
        let mut report = MergeReport::expecting(full.context.excess_over(&self.context));
        let dead = self.not_listed(full, &self.table);
        self.insert_unseen(&full.live, &mut report);
        self.kill_all(&dead, &Path::root(), &mut report);
        let records = self.unseen(&full.records, |record| record.dot);
        // The context first: a floor is only ever raised within it.
        self.context.join(&full.context);
        if self.keeps(Rule::FloorComesWithFullState) {
            report.records_pruned = self.raise_floor(&full.floor);
        }
        self.remember(&records);
        Ok(report)
    }

    /// Puts decoded parts together. Refuses what breaks K or P between them.
    pub(in crate::crdt) fn assemble(
        replica: ReplicaId,
        table: Arc<Table>,
        retired: Option<Epoch>,
        full: &FullState,
    ) -> Result<Self, ApplyError> {
        full.validate_shape()?;
        let mut store = Self::new(replica);
        store.insert_unseen(&full.live, &mut MergeReport::default());
        store.table = table;
        store.retired = retired;
        store.context = full.context.clone();
        store.check_entries()?;
        full.validate_seen(|dot| store.holds(dot))?;
        store.floor = full.floor.clone();
        store.journal.extend(&full.records);
        Ok(store)
    }

    /// Only senders of the same table are heard.
    fn check_sender(&self, sender: ReplicaId, epoch: Epoch) -> Result<(), ApplyError> {
        if self.hears_although_fenced(sender, epoch) {
            return Ok(());
        }
        check_sender(&self.table, sender, epoch)
    }

    /// A retired replica joins nothing: what it took in could be agreed already without it.
    pub(super) fn check_standing(&self) -> Result<(), ApplyError> {
        match self.retired {
            Some(since) => Err(ApplyError::Joining { since }),
            None => Ok(()),
        }
    }

    /// A context has entries of open replicas only. While it waits to be admitted, a replica also
    /// counts what it made under ids that no table has yet.
    fn check_entries(&self) -> Result<(), ApplyError> {
        let counts = |replica| match self.table.member(replica) {
            None => !self.table.is_managed() || self.retired.is_some(),
            Some(member) => member.is_open(),
        };
        let mut replicas = self.context.iter().map(|(replica, _)| replica);
        match replicas.find(|&replica| !counts(replica)) {
            Some(replica) => Err(ApplyError::NotOpen { replica }),
            None => Ok(()),
        }
    }

    /// Which events were seen here. The own context is believed also where it counts events made under
    /// an id that no table has yet; another's is not.
    pub(super) fn held(&self) -> Bounds<impl Fn(ReplicaId) -> u64 + '_> {
        let (table, context) = (&self.table, &self.context);
        Bounds::new(|replica| table.seen_upto(replica, context).max(context.get(replica)))
    }

    /// Whether an event was seen here.
    pub(super) fn holds(&self, dot: Dot) -> bool {
        self.held().contains(dot)
    }

    /// Nobody else uses our id.
    pub(super) fn check_own_events(&mut self, covers: &VersionVector) -> Result<(), ApplyError> {
        let (claimed, made) = (covers.get(self.replica), self.context.get(self.replica));
        if claimed > made {
            self.standing = Standing::Superseded;
            return Err(ApplyError::OwnEventsAhead {
                replica: self.replica,
                claimed,
                made,
            });
        }
        Ok(())
    }

    /// Our live dots that the sender has seen, as its table reads it, and does not list: they are
    /// dead.
    pub(super) fn not_listed(&self, full: &FullState, table: &Table) -> Kills {
        let mut listed = full.live.iter().map(|event| event.dot).peekable();
        let mut is_listed = |dot: Dot| {
            while let Some(next) = listed.peek() {
                match next.cmp(&dot) {
                    Ordering::Less => listed.next(),
                    Ordering::Equal => return true,
                    Ordering::Greater => return false,
                };
            }
            false
        };
        let dead = self
            .live
            .by_dot()
            .map(|live| live.dot)
            .filter(|&dot| !is_listed(dot) && table.seen(dot, &full.context));
        dead.collect()
    }

    /// Makes live what was not seen here, as the own table reads it.
    pub(super) fn insert_unseen(&mut self, live: &[LiveEvent], report: &mut MergeReport) {
        for event in self.unseen(live, |event| event.dot) {
            report.inserted.push(event.dot);
            if self.live.insert(Live::from(event)) {
                report.added.push(event.path.clone());
            }
        }
    }

    /// Makes live what comes in, sorted by dot, in place of what it kills at its path. Returns the
    /// records that kill other things.
    ///
    /// Nothing is killed without a successor yet: a path that is empty for a moment would be reported
    /// as vanished and as added.
    pub(super) fn put_all<'a>(
        &mut self,
        live: impl IntoIterator<Item = impl Incoming>,
        records: &[&'a Record],
        report: &mut MergeReport,
    ) -> Vec<&'a Record> {
        let mut elsewhere = Vec::new();
        let mut records = records.iter().copied().peekable();
        // Not a `for`: the runs of the replicas come one after the other, each a loop of its own.
        live.into_iter().for_each(|event| {
            let live = event.live();
            while let Some(record) = records.next_if(|record| record.dot < live.dot) {
                elsewhere.push(record);
            }
            let record = records.next_if(|record| record.dot == live.dot);
            let kills = record.map_or(&[][..], |record| &record.kills);
            let killed_before = report.killed.len();
            report.inserted.push(live.dot);
            if self.live.put(live, kills, |dot| report.killed.push(dot)) {
                report.added.push(event.path());
            }
            if report.killed.len() - killed_before < kills.len() {
                elsewhere.extend(record);
            }
        });
        elsewhere.extend(records);
        elsewhere
    }

    /// Those of a message's parts, sorted by dot, that were not seen here.
    pub(super) fn unseen<'a, T>(&self, parts: &'a [T], dot: impl Fn(&T) -> Dot) -> Vec<&'a T> {
        let mut held = self.held();
        parts
            .iter()
            .filter(|part| !held.contains(dot(part)))
            .collect()
    }

    pub(super) fn kill_all(&mut self, kills: &[Dot], path: &Path, report: &mut MergeReport) {
        for &dot in kills {
            match self.live.remove(dot, path) {
                Removal::Nothing => continue,
                Removal::Superseded => {}
                Removal::Vanished(path) => report.removed.push(path),
            }
            report.killed.push(dot);
        }
    }

    /// Keeps records, sorted by dot, but for those of which the floor says that they were forgotten on
    /// purpose.
    pub(super) fn remember(&mut self, records: &[&Record]) {
        let floor = &self.floor;
        let mut forgotten = Bounds::new(|replica| floor.get(replica));
        let records = records.iter().copied();
        self.journal
            .extend(records.filter(|record| !forgotten.contains(record.dot)));
    }
}

/// A live event that comes in, out of a message or out of another store.
pub(super) trait Incoming {
    fn live(&self) -> Live<'_>;

    /// Its path, to keep.
    fn path(&self) -> Path;
}

impl Incoming for &LiveEvent {
    fn live(&self) -> Live<'_> {
        Live::from(*self)
    }

    fn path(&self) -> Path {
        self.path.clone()
    }
}

impl Incoming for Live<'_> {
    fn live(&self) -> Live<'_> {
        *self
    }

    fn path(&self) -> Path {
        self.path.to_path()
    }
}

/// Only senders of the same table are heard.
pub(super) fn check_sender(
    table: &Table,
    sender: ReplicaId,
    epoch: Epoch,
) -> Result<(), ApplyError> {
    if epoch != table.epoch() {
        return Err(ApplyError::WrongEpoch {
            theirs: epoch,
            ours: table.epoch(),
        });
    }
    if !table.admits(sender) {
        return Err(ApplyError::NotActive { sender });
    }
    Ok(())
}
