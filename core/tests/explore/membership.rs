//! What happens around the membership log: fences, closes, returns, and reading it all.
//!
//! Any entry may be appended at any moment that a host could append it; a host may ask twice, and
//! may be refused. Every replica reads the log entry by entry, whenever it likes.

use quorate::crdt::{Entry, EntryRefused, Epoch, Expiry, ReplicaId};

use super::cluster::{Action, Cluster, Next, Outside, REPLICAS, State, Stepped};
use super::fault::Fault;
use super::log::{LogId, ReportsId};
use super::search::Violation;

impl Cluster {
    /// Everything that the membership adds to what can happen.
    pub(crate) fn membership_steps(&mut self, state: State, next: &mut Next) -> Stepped {
        for at in 0..REPLICAS {
            self.read_step(state, at, next)?;
            self.report_step(state, at, next);
            self.return_step(state, at, next)?;
        }
        self.fence_steps(state, next);
        self.close_steps(state, next);
        self.expiry_steps(state, next)
    }

    fn read_step(&mut self, state: State, at: usize, next: &mut Next) -> Stepped {
        let replica = self.replicas(state)[at];
        let log = self.outside(state).log;
        let read = self.kernel.snapshot(replica).read;
        if let Some(entry) = self.kernel.logs.after(read, log) {
            let action = Action::Read(at);
            let after = self.kernel.read(replica, entry);
            let after = after.map_err(|violation| (action, violation))?;
            next.push((action, self.with(state, at, after)));
        }
        Ok(())
    }

    /// A report counts only from within the last table, but anybody may send one. It says what is
    /// durable: with something unsynced, a replica could only say again what it persisted.
    fn report_step(&mut self, state: State, at: usize, next: &mut Next) {
        let outside = self.outside(state);
        let store = &self.kernel.snapshot(self.replicas(state)[at]).store;
        let fenced = self.kernel.logs.node(outside.log).table.fenced().count();
        let volatile = self.unsynced(state) == Some(at)
            && self.bounds.fault != Some(Fault::ExposedBeforeDurable);
        if fenced == 0 || store.retired().is_some() || volatile {
            return;
        }
        let (replica, context) = (store.replica(), store.context().clone());
        let epoch = match self.bounds.fault {
            Some(Fault::ReportsOutliveTables) => self.kernel.logs.node(outside.log).table.epoch(),
            _ => store.epoch(),
        };
        let logs = &mut self.kernel.logs;
        let reports = logs.report(outside.reports, outside.log, replica, epoch, &context);
        if reports != outside.reports {
            let after = self.within(state, Outside { reports, ..outside });
            next.push((Action::Report(at), after));
        }
    }

    /// A retired replica asks to return, once what it speaks of is durable. It may ask again. Where
    /// what it holds was given up, it forgets everything and starts anew.
    fn return_step(&mut self, state: State, at: usize, next: &mut Next) -> Stepped {
        let Some(returns) = state.left.returns.checked_sub(1) else {
            return Ok(());
        };
        let replica = self.replicas(state)[at];
        let store = &self.kernel.snapshot(replica).store;
        if store.retired().is_none() || self.unsynced(state) == Some(at) {
            return Ok(());
        }
        let entry = store.readmission();
        let (action, mut after) = if self.given_up(self.outside(state).log, &entry) {
            let action = Action::StartAnew(at);
            let anew = self.kernel.newcomer(replica);
            let anew = anew.map_err(|violation| (action, violation))?;
            (action, self.with(state, at, anew))
        } else {
            self.append(state, entry)
        };
        after.left.returns = returns;
        next.push((action, after));
        Ok(())
    }

    /// Whether the table will never take back the one who asks.
    pub(crate) fn given_up(&self, log: LogId, entry: &Entry) -> bool {
        let node = self.kernel.logs.node(log);
        let refused = node.table.apply(Epoch(node.index.0 + 1), entry).err();
        matches!(
            refused,
            Some(EntryRefused::Expired { .. } | EntryRefused::HoldsDiscarded { .. })
        )
    }

    /// Anybody may be fenced while somebody else is there to hand over the state.
    fn fence_steps(&mut self, state: State, next: &mut Next) {
        let Some(fences) = state.left.fences.checked_sub(1) else {
            return;
        };
        let log = self.outside(state).log;
        let active: Vec<ReplicaId> = self.kernel.logs.node(log).table.active().collect();
        for replica in active {
            if self.entered(state, log).any(|entered| entered != replica) {
                let (action, mut after) = self.append(state, Entry::Fence { replica });
                after.left.fences = fences;
                next.push((action, after));
            }
        }
    }

    fn close_steps(&mut self, state: State, next: &mut Next) {
        let outside = self.outside(state);
        for entry in self.closable(outside.log, outside.reports) {
            next.push(self.append(state, entry));
        }
    }

    /// An operator gives up a closed replica. If it handed over everything and destroys its state,
    /// nothing is lost by it.
    fn expiry_steps(&mut self, state: State, next: &mut Next) -> Stepped {
        let Some(expiries) = state.left.expiries.checked_sub(1) else {
            return Ok(());
        };
        let log = self.outside(state).log;
        let closed: Vec<_> = self.kernel.logs.node(log).table.closed().collect();
        for (replica, at) in closed {
            let entry = |expiry| Entry::Expire { replica, expiry };
            let (action, mut after) = self.append(state, entry(Expiry::Discarded));
            after.left.expiries = expiries;
            next.push((action, after));
            if self.handed_over(state, replica, at) {
                let (action, mut after) = self.append(state, entry(Expiry::Drained));
                after.left.expiries = expiries;
                let destroyed = self.destroy(after, replica);
                next.push((action, destroyed.map_err(|violation| (action, violation))?));
            }
        }
        Ok(())
    }

    /// Whether nobody can show an event of the replica beyond the agreed.
    fn handed_over(&self, state: State, replica: ReplicaId, at: u64) -> bool {
        let ledger = &self.kernel.ledger;
        let beyond = |event| {
            let dot = ledger.entry(event).dot;
            dot.replica == replica && dot.counter > at
        };
        let replicas = self.replicas(state).map(|at| self.kernel.snapshot(at));
        let mut sent = self.sent(state).map(|message| self.kernel.message(message));
        !replicas.iter().any(|at| at.seen.iter().any(beyond))
            && !sent.any(|message| message.seen.iter().any(beyond))
    }

    /// The replica's state is no more; its node starts anew.
    fn destroy(&mut self, mut state: State, replica: ReplicaId) -> Result<State, Violation> {
        let replicas = self.replicas(state);
        for (at, snapshot) in replicas.into_iter().enumerate() {
            if self.kernel.snapshot(snapshot).store.replica() == replica {
                let anew = self.kernel.newcomer(snapshot)?;
                state = self.with(state, at, anew);
            }
        }
        Ok(state)
    }

    /// What the reports allow to be closed.
    pub(crate) fn closable(&self, log: LogId, reports: ReportsId) -> Vec<Entry> {
        let table = &self.kernel.logs.node(log).table;
        let acks = self.kernel.logs.reports(reports);
        let epoch = table.epoch();
        let hasty = |replica| {
            let rows = table.active().filter_map(|active| acks.row(active));
            rows.map(|row| row.get(replica)).max()
        };
        let closable = table.fenced().filter_map(|(replica, _)| {
            let at = match self.bounds.fault {
                Some(Fault::ClosedOnOneReport) => hasty(replica)?,
                _ => acks.closable(table, replica).ok()?,
            };
            Some(Entry::Close { replica, at, epoch })
        });
        closable.collect()
    }

    /// The replicas that take part in the last table and know it.
    fn entered(&self, state: State, log: LogId) -> impl Iterator<Item = ReplicaId> + '_ {
        let snapshots = self.replicas(state).map(|at| self.kernel.snapshot(at));
        let current = move |snapshot: &&super::kernel::Snapshot| {
            snapshot.read == log && snapshot.store.retired().is_none()
        };
        snapshots
            .into_iter()
            .filter(current)
            .map(|snapshot| snapshot.store.replica())
    }

    fn append(&mut self, state: State, entry: Entry) -> (Action, State) {
        let outside = self.outside(state);
        let log = self.kernel.logs.append(outside.log, entry);
        let reports = self.kernel.logs.carry(outside.reports, log);
        let after = Outside {
            log,
            reports,
            ..outside
        };
        (Action::Append(log), self.within(state, after))
    }
}
