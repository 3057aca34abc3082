//! What a store does where a [`Rule`] is broken and the break is more than a check left out.
//!
//! Without the feature `mutants` every rule is kept, and nothing of this is ever reached.

use alloc::vec::Vec;

use super::Store;
use super::journal::Journal;
use crate::crdt::{
    Epoch, FullState, LiveEvent, MergeReport, Path, Record, ReplicaId, Rule, Table, VersionVector,
    Write,
};

impl Store {
    /// Breaks [`Rule::FullStateIsJoined`]: takes a state as it is, since it has news.
    pub(super) fn replaced_by(&mut self, full: &FullState) -> MergeReport {
        let report = MergeReport::expecting(full.context.excess_over(&self.context));
        let mut live = super::LiveSet::default();
        for event in &full.live {
            live.insert(event.into());
        }
        self.live = live;
        self.journal = Journal::default();
        self.journal.extend(&full.records);
        self.context = full.context.clone();
        self.floor = full.floor.clone();
        report
    }

    /// Breaks [`Rule::CounterOutlivesEvents`]: forgets the own events after the last live one.
    #[cfg(feature = "mutants")]
    pub(in crate::crdt) fn count_on_from_live(&mut self) {
        let live = self.live.above(self.replica, 0).last();
        self.forget_beyond(self.replica, live.map_or(0, |live| live.dot.counter));
    }

    /// Breaks [`Rule::FencedIsNotHeard`]: whether a sender is heard whom the table has fenced, or who
    /// has not entered it.
    pub(in crate::crdt) fn hears_although_fenced(&self, sender: ReplicaId, epoch: Epoch) -> bool {
        !self.keeps(Rule::FencedIsNotHeard) && epoch <= self.epoch() && self.table.is_open(sender)
    }

    /// Whether a close that does not fit to what was seen here is noticed.
    pub(super) fn checks_agreement(&self) -> bool {
        Rule::OF_AGREEMENT.into_iter().all(|rule| self.keeps(rule))
    }

    /// Breaks [`Rule::ReadmittedKeepsDots`]: takes out the live events of others that the table has not
    /// agreed on. Nothing if the rule is kept.
    pub(super) fn taken_out_to_reissue(&mut self, table: &Table) -> Vec<LiveEvent> {
        if self.keeps(Rule::ReadmittedKeepsDots) {
            return Vec::new();
        }
        let seen = self.table.expand(&self.context);
        let foreign: Vec<ReplicaId> = table
            .unagreed(&seen)
            .map(|(maker, _)| maker)
            .filter(|&maker| maker != self.replica)
            .collect();
        let mut taken = Vec::new();
        for maker in foreign {
            let agreed = table.closed_at(maker).unwrap_or(0);
            let above: Vec<LiveEvent> = self
                .live
                .above(maker, agreed)
                .map(LiveEvent::from)
                .collect();
            for event in &above {
                self.live.remove(event.dot, &Path::root());
            }
            taken.extend(above);
            self.forget_beyond(maker, agreed);
        }
        taken
    }

    /// Makes events anew under the own id.
    pub(super) fn reissue(&mut self, events: Vec<LiveEvent>) {
        for LiveEvent {
            at, path, payload, ..
        } in events
        {
            if self.record(at, &path, Write::Append(payload)).is_err() {
                return;
            }
        }
    }

    /// Counts a replica's events only up to a number.
    pub(super) fn forget_beyond(&mut self, maker: ReplicaId, upto: u64) {
        let counted = |(replica, seen): (ReplicaId, u64)| {
            let is_cut = replica == maker;
            (replica, if is_cut { seen.min(upto) } else { seen })
        };
        let lower = |vector: &VersionVector| vector.iter().map(counted).collect();
        self.context = lower(&self.context);
        self.floor = lower(&self.floor);
        let kept: Vec<Record> = self
            .journal
            .iter()
            .filter(|record| record.dot.replica != maker || record.dot.counter <= upto)
            .cloned()
            .collect();
        self.journal = Journal::default();
        self.journal.extend(&kept);
    }
}
