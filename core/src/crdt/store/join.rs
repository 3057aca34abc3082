//! Joining what others know.
//!
//! Nothing is inferred from what is absent in a delta: with its guard, every dead dot in its
//! interval has its killer's record in it, or its killer was seen here before. A full state needs no
//! guard, because its context says what is dead.

use core::cmp::Ordering;

use alloc::vec::Vec;

use super::live::Removal;
use super::{Live, Standing, Store};
use crate::crdt::{
    ApplyError, Delta, Dot, Epoch, FullState, Kills, LiveEvent, MergeReport, Path, Record,
    ReplicaId, VersionVector,
};

impl Store {
    /// Joins a delta. Applying it again, or after a later one, changes nothing.
    ///
    /// O(size of the delta · log n).
    pub fn apply(&mut self, delta: &Delta) -> Result<MergeReport, ApplyError> {
        delta.validate()?;
        self.check_sender(delta.epoch, &delta.upto)?;
        if !self.context.covers(&delta.since) {
            let since = delta.since.clone();
            return Err(ApplyError::Gap {
                since,
                have: self.context.clone(),
            });
        }
        let mut report = MergeReport::expecting(delta.upto.excess_over(&self.context));
        self.insert_unseen(&delta.live, &mut report);
        // A killer that was seen before has nothing live left to kill.
        for record in self.unseen(&delta.records) {
            self.kill_all(&record.kills, &record.path, &mut report);
            self.remember(record);
        }
        self.context.join(&delta.upto);
        Ok(report)
    }

    /// Joins a full state, and takes over its floor. O(n + m).
    ///
    /// Without the raised floor this replica would later claim a journal that it does not have.
    pub fn apply_full(&mut self, full: &FullState) -> Result<MergeReport, ApplyError> {
        full.validate()?;
        self.check_sender(full.epoch, &full.context)?;
        let mut report = MergeReport::expecting(full.context.excess_over(&self.context));
        let dead = self.not_listed(full);
        self.insert_unseen(&full.live, &mut report);
        self.kill_all(&dead, &Path::root(), &mut report);
        let records = self.unseen(&full.records);
        // The context first: a floor is only ever raised within it.
        self.context.join(&full.context);
        report.records_pruned = self.raise_floor(&full.floor);
        for record in records {
            self.remember(record);
        }
        Ok(report)
    }

    /// Puts decoded parts together. Refuses what breaks K or P between them.
    pub(in crate::crdt) fn assemble(
        replica: ReplicaId,
        full: &FullState,
    ) -> Result<Self, ApplyError> {
        full.validate()?;
        let mut store = Self::new(replica);
        store.epoch = full.epoch;
        store.insert_unseen(&full.live, &mut MergeReport::default());
        store.context = full.context.clone();
        store.floor = full.floor.clone();
        for record in &full.records {
            store.journal.push(record.clone());
        }
        Ok(store)
    }

    /// The guards that need the state: same table, and nobody else uses our id.
    fn check_sender(&mut self, epoch: Epoch, covers: &VersionVector) -> Result<(), ApplyError> {
        if epoch != self.epoch {
            return Err(ApplyError::WrongEpoch {
                theirs: epoch,
                ours: self.epoch,
            });
        }
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

    /// Our live dots that the sender has seen and does not list: they are dead.
    fn not_listed(&self, full: &FullState) -> Kills {
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
            .filter(|&dot| !is_listed(dot) && full.context.contains(dot));
        dead.collect()
    }

    fn insert_unseen(&mut self, live: &[LiveEvent], report: &mut MergeReport) {
        for event in live {
            if !self.context.contains(event.dot) {
                report.inserted.push(event.dot);
                if self.live.insert(Live::from(event)) {
                    report.added.push(event.path.clone());
                }
            }
        }
    }

    fn unseen<'a>(&self, records: &'a [Record]) -> Vec<&'a Record> {
        records
            .iter()
            .filter(|record| !self.context.contains(record.dot))
            .collect()
    }

    fn kill_all(&mut self, kills: &[Dot], path: &Path, report: &mut MergeReport) {
        for &dot in kills {
            match self.live.remove(dot, path) {
                Removal::Nothing => continue,
                Removal::Superseded => {}
                Removal::Vanished(path) => report.removed.push(path),
            }
            report.killed.push(dot);
        }
    }

    /// Keeps a record unless the floor says that it was forgotten on purpose.
    fn remember(&mut self, record: &Record) {
        if !self.floor.contains(record.dot) {
            self.journal.push(record.clone());
        }
    }
}
