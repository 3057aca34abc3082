//! What must become of any state once nothing fails any more.
//!
//! Everybody reads the log, returns, gets everything from everybody and reports; what is fenced is
//! closed. Afterwards all must hold exactly what anybody held, and vectors must name nobody but the
//! active replicas. A state from which this cannot be reached is a dead end, which counts as a
//! violation too: a replica that can never return has lost its data as surely as one that forgot it.

use quorate::crdt::{Entry, ReplicaId};

use super::cluster::{Cluster, Membership, REPLICAS, Replicas};
use super::kernel::Snapshot;
use super::ledger::EventSet;
use super::log::LogId;
use super::search::Violation;

/// Rounds after which a cluster that is not healed never will be. Two are enough without
/// membership; each fenced replica takes one more.
const ROUNDS: usize = 8;

impl Cluster {
    /// All get everything from all; afterwards all are what the events that anybody held mean.
    ///
    /// That each of them means what it must was judged when it came to be.
    pub(crate) fn heal(&mut self, mut replicas: Replicas, mut log: LogId) -> Result<(), Violation> {
        let before = replicas;
        for _ in 0..ROUNDS {
            if self.bounds.membership == Membership::Managed {
                log = self.bring_back(&mut replicas, log)?;
            }
            self.exchange(&mut replicas)?;
            if self.bounds.membership == Membership::Managed {
                log = self.close(&mut replicas, log)?;
            }
            if self.is_whole(replicas, log) {
                return self.check_whole(before, replicas);
            }
        }
        let contexts = replicas.map(|replica| {
            let store = &self.kernel.snapshot(replica).store;
            let standing = store.retired().map_or("", |_| ", retired");
            format!("{} {}{standing}", store.replica(), store.context())
        });
        let table = &self.kernel.logs.node(log).table;
        Err(Violation(format!("it never does: {contexts:?} {table:?}")))
    }

    /// Fences who is no more, readmits who is not in.
    fn bring_back(&mut self, replicas: &mut Replicas, mut log: LogId) -> Result<LogId, Violation> {
        self.read_all(replicas, log)?;
        let living = self.living(*replicas);
        let table = &self.kernel.logs.node(log).table;
        let gone: Vec<ReplicaId> = table.active().filter(|id| !living.contains(id)).collect();
        for replica in gone {
            log = self.kernel.logs.append(log, Entry::Fence { replica });
        }
        for replica in replicas.iter_mut() {
            let store = &self.kernel.snapshot(*replica).store;
            if store.retired().is_none() {
                continue;
            }
            let mut entry = store.readmission();
            if self.given_up(log, &entry) {
                *replica = self.kernel.newcomer(*replica)?;
                entry = self.kernel.snapshot(*replica).store.readmission();
            }
            log = self.kernel.logs.append(log, entry);
        }
        self.read_all(replicas, log)?;
        Ok(log)
    }

    fn exchange(&mut self, replicas: &mut Replicas) -> Result<(), Violation> {
        for to in 0..REPLICAS {
            for from in (0..REPLICAS).filter(|&from| from != to) {
                replicas[to] = self.kernel.pull(replicas[to], replicas[from])?;
            }
        }
        Ok(())
    }

    /// Closes every fenced replica of which all hold equally much.
    fn close(&mut self, replicas: &mut Replicas, mut log: LogId) -> Result<LogId, Violation> {
        loop {
            self.read_all(replicas, log)?;
            let mut reports = self.kernel.logs.carry(0, log);
            for replica in *replicas {
                let store = &self.kernel.snapshot(replica).store;
                if store.retired().is_none() {
                    let (id, epoch) = (store.replica(), store.epoch());
                    let context = store.context().clone();
                    let logs = &mut self.kernel.logs;
                    reports = logs.report(reports, log, id, epoch, &context);
                }
            }
            let closable = self.closable(log, reports);
            let Some(entry) = closable.into_iter().next() else {
                return Ok(log);
            };
            log = self.kernel.logs.append(log, entry);
        }
    }

    fn read_all(&mut self, replicas: &mut Replicas, log: LogId) -> Result<(), Violation> {
        for replica in replicas {
            while let Some(entry) = {
                let read = self.kernel.snapshot(*replica).read;
                self.kernel.logs.after(read, log)
            } {
                *replica = self.kernel.read(*replica, entry)?;
            }
        }
        Ok(())
    }

    /// Whether all have equal vectors and take part, under one table in which nobody else has an entry.
    fn is_whole(&self, replicas: Replicas, log: LogId) -> bool {
        let living = self.living(replicas);
        let snapshots = || replicas.iter().map(|&at| self.kernel.snapshot(at));
        let first = self.kernel.snapshot(replicas[0]).store.context();
        if snapshots().any(|at| at.store.context() != first) {
            return false;
        }
        let named = |snapshot: &Snapshot| {
            let mut named = snapshot.store.context().iter();
            named.all(|(replica, _)| living.contains(&replica))
        };
        match self.bounds.membership {
            Membership::Unmanaged => true,
            Membership::Managed => {
                let table = &self.kernel.logs.node(log).table;
                table.fenced().next().is_none()
                    && table.active().eq(living.iter().copied())
                    && snapshots().all(|at| at.store.retired().is_none())
                    && snapshots().all(|at| at.store.epoch() == table.epoch() && named(at))
            }
        }
    }

    /// What anybody held is there, but for those who had to start anew under another id.
    fn check_whole(&self, before: Replicas, replicas: Replicas) -> Result<(), Violation> {
        let mut held = EventSet::default();
        for (before, after) in before.into_iter().zip(replicas) {
            let (before, after) = (self.kernel.snapshot(before), self.kernel.snapshot(after));
            if before.store.replica() == after.store.replica() {
                held = held.union(before.seen.iter());
            }
        }
        let [first, others @ ..] = replicas.map(|replica| self.kernel.snapshot(replica));
        let equal = |other: &Snapshot| other.seen == first.seen;
        if !first.seen.covers(&held) || !others.into_iter().all(equal) {
            return Err(Violation("somebody did not get everything".to_owned()));
        }
        if others
            .iter()
            .any(|other| other.state_image != first.state_image)
        {
            return Err(Violation("equal contexts, different images".to_owned()));
        }
        Ok(())
    }

    /// Who the replicas are now, in order.
    fn living(&self, replicas: Replicas) -> Vec<ReplicaId> {
        let mut living = replicas
            .map(|replica| self.kernel.snapshot(replica).store.replica())
            .to_vec();
        living.sort_unstable();
        living
    }
}
