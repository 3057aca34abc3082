//! Joining another store of the same process.
//!
//! A delta from one to the other would copy every path and every payload once more than is needed,
//! and everything in it would be checked: a message may come from anybody. Another store keeps the
//! invariants itself, so what it holds is joined as it is. And where all that is known here is known
//! there, too, there is nothing to join: what is live is a function of the events seen (F), so it is
//! what is live there.

use alloc::vec::Vec;

use super::join::check_sender;
use super::live::LiveSet;
use super::{Live, Store};
use crate::crdt::delta::validate_entries;
use crate::crdt::{ApplyError, MergeReport, Record, VersionVector};

impl Store {
    /// Joins all that another replica knows. The same as applying its delta, or its full state where
    /// its journal no longer has the delta, and faster.
    ///
    /// O((events that are new here + what they kill) · log n), or O(n + m) below the other's floor.
    pub fn merge(&mut self, other: &Self) -> Result<MergeReport, ApplyError> {
        // Two tables of one epoch are for the checks of messages to find out.
        if self.table == other.table && self.context.covers(&other.floor) {
            return self.merge_beyond(other);
        }
        match other.delta_since(&self.context) {
            Some(delta) => self.apply(&delta),
            None => self.apply_full(&other.full_state()),
        }
    }

    /// Joins what another store of the same table knows beyond what was seen here. Its journal has
    /// all of that.
    fn merge_beyond(&mut self, other: &Self) -> Result<MergeReport, ApplyError> {
        self.check_standing()?;
        check_sender(&self.table, other.replica, other.epoch())?;
        validate_entries(&other.context, &self.table)?;
        self.check_own_events(&other.context)?;
        let seen = self.context.clone();
        let mut report = MergeReport::expecting(other.context.excess_over(&seen));
        let records: Vec<&Record> = other.records_beyond(&seen).collect();
        if other.context.covers(&seen)
            && report.new_events.saturating_mul(2) > other.live.len() as u64
        {
            self.live = fast_forward(&self.live, &other.live, &mut report);
        } else {
            for record in self.put_all(other.live_beyond(&seen), &records, &mut report) {
                self.kill_all(&record.kills, &record.path, &mut report);
            }
        }
        self.remember(&records);
        self.context.join(&other.context);
        Ok(report)
    }

    /// What is live here and not in `seen`, by dot.
    pub(in crate::crdt) fn live_beyond<'a>(
        &'a self,
        seen: &'a VersionVector,
    ) -> impl Iterator<Item = Live<'a>> + 'a {
        self.context
            .iter()
            .flat_map(|(replica, _)| self.live.above(replica, seen.get(replica)))
    }

    /// The records kept here of events not in `seen`, by dot.
    pub(in crate::crdt) fn records_beyond<'a>(
        &'a self,
        seen: &'a VersionVector,
    ) -> impl Iterator<Item = &'a Record> + 'a {
        self.context
            .iter()
            .flat_map(|(replica, _)| self.journal.above(replica, seen.get(replica)))
    }
}

/// What is live where nothing is known that the other does not know as well: the same as there.
///
/// A copy is a few blocks of memory, and the report a walk along both. That is less than one search
/// per event unless the events are few beside what is live.
fn fast_forward(ours: &LiveSet, theirs: &LiveSet, report: &mut MergeReport) -> LiveSet {
    compare(
        ours.names(),
        theirs.names(),
        |dot| report.killed.push(dot),
        |dot| report.inserted.push(dot),
    );
    compare(
        ours.distinct_paths(),
        theirs.distinct_paths(),
        |path| report.removed.push(path.to_path()),
        |path| report.added.push(path.to_path()),
    );
    theirs.clone()
}

/// Walks along two sorted lists, and hands out what is in one of them alone.
fn compare<T: Ord>(
    left: impl Iterator<Item = T>,
    right: impl Iterator<Item = T>,
    mut only_left: impl FnMut(T),
    mut only_right: impl FnMut(T),
) {
    let mut right = right.peekable();
    for item in left {
        while let Some(other) = right.next_if(|other| *other < item) {
            only_right(other);
        }
        if right.next_if_eq(&item).is_none() {
            only_left(item);
        }
    }
    right.for_each(only_right);
}
