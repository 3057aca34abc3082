//! The membership logs of all histories, as one tree.
//!
//! A log is a path from the root; it is linearizable because every history has exactly one. Refused
//! entries take an index too: who reads the log sees them, and must not be led astray.

use std::collections::BTreeMap;
use std::sync::Arc;

use quorate::crdt::{Acks, Entry, Epoch, ReplicaId, Table, VersionVector};

/// The number of a log, and of its last entry.
pub(crate) type LogId = u32;

/// The number of what was reported from within one table.
pub(crate) type ReportsId = u32;

/// An entry, and what it makes of the table before it.
#[derive(Debug)]
pub(crate) struct Node {
    parent: LogId,
    /// Its index, zero at the root.
    pub(crate) index: Epoch,
    /// `None` at the root.
    pub(crate) entry: Option<Entry>,
    /// Whether the entry made a table.
    pub(crate) accepted: bool,
    /// The table in force after it.
    pub(crate) table: Arc<Table>,
    /// The entries that follow it in some history.
    next: Vec<LogId>,
}

/// All logs, and all that was reported under them.
#[derive(Debug)]
pub(crate) struct Logs {
    nodes: Vec<Node>,
    reports: Vec<Acks>,
    /// The reports of each epoch.
    by_epoch: BTreeMap<Epoch, Vec<ReportsId>>,
}

impl Logs {
    /// The log without entries.
    pub(crate) const ROOT: LogId = 0;

    /// Logs that begin with a table.
    pub(crate) fn new(table: Table) -> Self {
        let mut logs = Self {
            nodes: Vec::new(),
            reports: Vec::new(),
            by_epoch: BTreeMap::new(),
        };
        logs.number_reports(Acks::of(&table));
        logs.nodes.push(Node {
            parent: Self::ROOT,
            index: table.epoch(),
            entry: None,
            accepted: true,
            table: Arc::new(table),
            next: Vec::new(),
        });
        logs
    }

    /// The last entry of a log.
    pub(crate) fn node(&self, log: LogId) -> &Node {
        &self.nodes[log as usize]
    }

    /// The log with one more entry.
    pub(crate) fn append(&mut self, log: LogId, entry: Entry) -> LogId {
        let before = self.node(log);
        let same = |&&next: &&LogId| self.node(next).entry.as_ref() == Some(&entry);
        if let Some(&known) = before.next.iter().find(same) {
            return known;
        }
        let index = Epoch(before.index.0 + 1);
        let made = before.table.apply(index, &entry);
        let node = Node {
            parent: log,
            index,
            entry: Some(entry),
            accepted: made.is_ok(),
            table: made.map_or_else(|_| Arc::clone(&before.table), Arc::new),
            next: Vec::new(),
        };
        let number = LogId::try_from(self.nodes.len()).expect("the bounds are small");
        self.nodes.push(node);
        self.nodes[log as usize].next.push(number);
        number
    }

    /// The beginning of a log up to the entry with the given index.
    pub(crate) fn up_to(&self, log: LogId, index: Epoch) -> LogId {
        let mut at = log;
        while self.node(at).index > index {
            at = self.node(at).parent;
        }
        at
    }

    /// What follows in `log` after what was read of it; `None` at its end.
    pub(crate) fn after(&self, read: LogId, log: LogId) -> Option<LogId> {
        let next = Epoch(self.node(read).index.0 + 1);
        (read != log).then(|| self.up_to(log, next))
    }

    /// What was reported under a number.
    pub(crate) fn reports(&self, reports: ReportsId) -> &Acks {
        &self.reports[reports as usize]
    }

    /// No reports under the table in force at the end of the log, or those that are still valid.
    pub(crate) fn carry(&mut self, reports: ReportsId, log: LogId) -> ReportsId {
        let mut acks = self.reports(reports).clone();
        acks.enter(&self.node(log).table);
        self.number_reports(acks)
    }

    /// A replica reported from within an epoch. Of its vector only what decides a close is kept.
    pub(crate) fn report(
        &mut self,
        reports: ReportsId,
        log: LogId,
        replica: ReplicaId,
        epoch: Epoch,
        durable: &VersionVector,
    ) -> ReportsId {
        let fenced = self.node(log).table.fenced();
        let row = fenced.map(|(fenced, _)| (fenced, durable.get(fenced)));
        let row: VersionVector = row.collect();
        let mut acks = self.reports(reports).clone();
        acks.record(replica, epoch, &row);
        self.number_reports(acks)
    }

    fn number_reports(&mut self, acks: Acks) -> ReportsId {
        let same_epoch = self.by_epoch.entry(acks.epoch()).or_default();
        let same = |&&known: &&ReportsId| self.reports[known as usize] == acks;
        if let Some(&known) = same_epoch.iter().find(same) {
            return known;
        }
        let number = ReportsId::try_from(self.reports.len()).expect("the bounds are small");
        same_epoch.push(number);
        self.reports.push(acks);
        number
    }
}
