//! Taking part: entering tables, closing the fenced, and coming back.

use alloc::sync::Arc;
use core::mem;

use super::{Change, Replica, ReplicaError, SyncMessage};
use crate::crdt::keyspace::{self, Keyspace};
use crate::crdt::{
    Acks, ApplyError, EnterError, Entered, Entry, Epoch, FullState, Layout, NotClosable,
    ReadmitError, ReplicaId, Rule, Table, VersionVector,
};

impl Replica {
    pub(super) fn enter(&mut self, index: Epoch, entry: Entry) -> Result<(), ReplicaError> {
        let before = self.store.retired();
        let entered = self
            .store
            .enter(index, &entry)
            .map_err(ReplicaError::Enter)?;
        match entered {
            Entered::Table => {
                if self.store.keeps(Rule::ReportsEndWithEpoch) {
                    self.acks.enter(self.store.table());
                } else {
                    self.acks.carry(self.store.table());
                }
                self.forget_conversations();
            }
            Entered::Retired | Entered::Waiting => self.noted.push((index, entry.clone())),
        }
        let is_news = entered != Entered::Waiting || self.store.retired() != before;
        if is_news {
            self.persist(Change::Entered { index, entry });
        }
        if !self.store.keeps(Rule::FreezeIsDurable) {
            self.believe_durable();
        }
        Ok(())
    }

    /// Proposes to close whom everybody holds equally much of. One replica is enough to do it, and if
    /// that one is down it will be fenced, too.
    pub(super) fn propose_closes(&mut self) {
        let table = Arc::clone(self.store.table());
        if self.store.retired().is_some() || table.active().next() != Some(self.id()) {
            return;
        }
        for (replica, _) in table.fenced() {
            if let Some(at) = self.agreed(replica) {
                let epoch = table.epoch();
                self.propose(Entry::Close { replica, at, epoch });
            }
        }
    }

    /// How many events of a fenced replica everybody is known to hold.
    fn agreed(&self, replica: ReplicaId) -> Option<u64> {
        match self.acks.closable(self.store.table(), replica) {
            Ok(at) => Some(at),
            Err(NotClosable::Unequal { highest, .. }) => {
                (!self.store.keeps(Rule::CloseNeedsEquality)).then_some(highest)
            }
            Err(_) => None,
        }
    }

    /// Asks a member to be taken in, once what the request speaks of is durable.
    pub(super) fn ask_for_readmission(&mut self, to: ReplicaId) {
        let since = self.store.retired().unwrap_or_default();
        let seen = self.store.readmission_vector();
        self.send_held(to, SyncMessage::Readmit { since, seen });
    }

    /// Hands over the state if the table has the asker and can read what it holds; proposes a
    /// readmission otherwise.
    pub(super) fn answer_readmission(
        &mut self,
        from: ReplicaId,
        since: Epoch,
        seen: &VersionVector,
    ) {
        if self.store.retired().is_some() {
            return;
        }
        let table = Arc::clone(self.store.table());
        let is_settled = table.unagreed(seen).next().is_none();
        if table.is_active(from) && table.epoch() > since && is_settled {
            let full = self.store.full_state();
            self.send_held(from, SyncMessage::Admission { table, full });
        } else {
            self.propose(Entry::Readmit {
                replica: from,
                seen: seen.clone(),
            });
        }
    }

    /// Another table is in force: what was said and wanted under the last one is no longer understood.
    fn forget_conversations(&mut self) {
        self.pending.clear();
        self.answered.clear();
        self.proposals.clear();
    }

    fn propose(&mut self, entry: Entry) {
        if self.proposals.is_due(&entry) {
            self.effects.propose.push(entry);
        }
    }

    pub(super) fn admitted(
        &mut self,
        table: &Arc<Table>,
        full: &FullState,
    ) -> Result<(), ReplicaError> {
        Keyspace::check_full(full).map_err(ApplyError::from)?;
        match self.store.readmit(table, full) {
            Ok(report) => {
                keyspace::observe(&mut self.clock, &full.live);
                self.acks = Acks::of(table);
                self.forget_conversations();
                self.effects.merged.push(report);
                self.persist(Change::Readmitted {
                    table: Arc::clone(table),
                    full: full.clone(),
                });
                self.enter_noted(table.epoch())
            }
            // The next request says what is held now, or this answer came twice.
            Err(
                ReadmitError::NotRetired
                | ReadmitError::NotAdmitted { .. }
                | ReadmitError::Unsettled { .. }
                | ReadmitError::Unlisted { .. },
            ) => Ok(()),
            Err(error) => Err(ReplicaError::Readmit(error)),
        }
    }

    /// Enters what the log said while this replica waited. The member that took it in may have been
    /// behind the log, and nobody feeds those entries again.
    fn enter_noted(&mut self, epoch: Epoch) -> Result<(), ReplicaError> {
        let noted = mem::take(&mut self.noted);
        for (index, entry) in noted.into_iter().filter(|&(index, _)| index > epoch) {
            match self.enter(index, entry) {
                // It made no table anywhere.
                Err(ReplicaError::Enter(EnterError::Refused(_))) | Ok(()) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
