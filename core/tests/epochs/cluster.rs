//! Stores, their disks and the log they live by.
//!
//! The log is a list: linearizable by nature. Every machine reads it at its own pace, and a crash
//! takes it back to what its disk has. Messages, reports and requests stay under way for ever and may
//! arrive anywhere, any number of times.

use std::sync::Arc;

use quorate::crdt::{
    Acks, ApplyError, Delta, Dot, EnterError, Entered, Entry, EntryRefused, Epoch, FullState,
    MergeReport, NotClosable, Path, ReadmitError, ReplicaId, Store, Table, VersionVector, Write,
};
use quorate::{Micros, NodeId};

use super::ledger::Ledger;

/// What keeps a dot from being spent twice when a crash undoes events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crashes {
    /// Only what is durable is sent, so the id stays.
    KeepTheId,
    /// Anything is sent at once, so every crash ends an id.
    EndTheId,
}

/// A store and its disk.
#[derive(Clone, Debug)]
pub struct Machine {
    /// The store in memory.
    pub now: Store,
    /// The one on the disk.
    pub durable: Store,
    /// How many entries of the log were read, in memory and on the disk.
    read: usize,
    durable_read: usize,
    /// Events that are in memory only.
    unsaved: Vec<Dot>,
}

/// What is sent between machines.
#[derive(Clone, Debug)]
pub enum Message {
    /// What somebody lacks.
    Delta(Delta),
    /// Everything, with the table it is to be read by.
    Full(Arc<Table>, FullState),
}

/// Why a message was not joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// By a member, or a delta by anybody.
    Apply(ApplyError),
    /// By one who waits to be readmitted.
    Readmit(ReadmitError),
}

/// A durable vector and the epoch it was reported from.
#[derive(Clone, Debug)]
pub struct Report {
    replica: ReplicaId,
    epoch: Epoch,
    durable: VersionVector,
}

/// Some machines, the log, the reports heard, and the oracle.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// The machines.
    pub machines: Vec<Machine>,
    /// The membership log; the entry at index `i` is number `i + 1`.
    pub log: Vec<Entry>,
    /// Every table that the log made, oldest first.
    pub tables: Vec<Arc<Table>>,
    /// What was heard of the newest epoch.
    pub acks: Acks,
    /// Every event.
    pub ledger: Ledger,
    crashes: Crashes,
    clock: u64,
    incarnations: u64,
}

/// The first incarnation on the node of a machine.
pub fn id(machine: usize) -> ReplicaId {
    ReplicaId::first(NodeId(machine as u64 + 1))
}

impl Cluster {
    /// Members from the start, and behind them machines that nobody knows yet.
    pub fn new(members: usize, strangers: usize, crashes: Crashes) -> Self {
        let table = Arc::new(Table::initial((0..members).map(id)));
        let machine = |at| {
            let store = Store::member(id(at), Arc::clone(&table));
            assert_eq!(store.retired().is_some(), at >= members);
            Machine {
                durable: store.clone(),
                now: store,
                read: 0,
                durable_read: 0,
                unsaved: Vec::new(),
            }
        };
        Self {
            machines: (0..members + strangers).map(machine).collect(),
            log: Vec::new(),
            acks: Acks::of(&table),
            tables: vec![table],
            ledger: Ledger::default(),
            crashes,
            clock: 0,
            incarnations: 0,
        }
    }

    /// The store of a machine.
    pub fn store(&self, at: usize) -> &Store {
        &self.machines[at].now
    }

    /// The newest table.
    pub fn table(&self) -> Arc<Table> {
        Arc::clone(&self.tables[self.tables.len() - 1])
    }

    /// Checks every store, and that equal contexts of one epoch are equal states.
    pub fn check(&self) {
        for (at, machine) in self.machines.iter().enumerate() {
            self.ledger.check(&machine.now);
            let members = || machine.now.retired().is_none();
            for other in &self.machines[..at] {
                let (a, b) = (&machine.now, &other.now);
                if members() && b.retired().is_none() && a.epoch() == b.epoch() {
                    let same = a.encode_state() == b.encode_state();
                    assert_eq!(a.context() == b.context(), same, "states are contexts");
                    assert!(!same || a.live_hash() == b.live_hash());
                }
            }
        }
    }

    // What happens at a machine.

    /// Makes an event at a path; `None` if nothing changes.
    pub fn write(&mut self, at: usize, path: &Path, write: Write) -> Option<Dot> {
        self.clock += 1;
        let machine = &mut self.machines[at];
        let event = machine
            .now
            .record(Micros(self.clock), path, write)
            .unwrap()?;
        let dot = event.dot;
        machine.unsaved.push(dot);
        self.ledger.enter(event);
        Some(dot)
    }

    /// What is in memory becomes durable, by way of bytes.
    pub fn persist(&mut self, at: usize) {
        let machine = &mut self.machines[at];
        machine.durable = Store::decode(&machine.now.encode()).unwrap();
        assert_eq!(
            machine.durable, machine.now,
            "what was read is not what was written"
        );
        machine.durable_read = machine.read;
        machine.unsaved.clear();
    }

    /// What is not durable is lost. Where that ends the id, the next life begins.
    pub fn crash(&mut self, at: usize) {
        self.lose_memory(at);
        if self.crashes == Crashes::EndTheId {
            self.reincarnate(at);
        }
    }

    /// A crash after which the machine goes on under another id, whatever the rule.
    pub fn crash_for_good(&mut self, at: usize) {
        self.lose_memory(at);
        self.reincarnate(at);
    }

    fn lose_memory(&mut self, at: usize) {
        let machine = &mut self.machines[at];
        machine.now = machine.durable.clone();
        machine.read = machine.durable_read;
        for dot in machine.unsaved.drain(..) {
            if self.crashes == Crashes::KeepTheId {
                self.ledger.undo(dot);
            }
        }
    }

    fn reincarnate(&mut self, at: usize) {
        let replica = self.next_life(at);
        self.machines[at].now.reincarnate(replica).unwrap();
    }

    fn next_life(&mut self, at: usize) -> ReplicaId {
        self.incarnations += 1;
        ReplicaId {
            incarnation: self.incarnations,
            ..id(at)
        }
    }

    /// The machine gives its state away and begins anew, as nobody.
    pub fn start_anew(&mut self, at: usize) {
        let replica = self.next_life(at);
        let machine = &mut self.machines[at];
        machine.now = Store::newcomer(replica);
        machine.unsaved.clear();
        self.persist(at);
    }

    /// Reads one more entry of the log; `None` if there is none.
    pub fn advance(&mut self, at: usize) -> Option<Result<Entered, EnterError>> {
        let machine = &mut self.machines[at];
        let entry = self.log.get(machine.read)?;
        machine.read += 1;
        let index = Epoch(machine.read as u64);
        let made = self.tables.iter().find(|table| table.epoch() == index);
        let before = machine.now.clone();
        let entered = machine.now.enter(index, entry);
        match entered {
            Ok(Entered::Table) => assert_eq!(Some(machine.now.table()), made),
            Ok(Entered::Retired) => {
                let replica = machine.now.replica();
                assert!(made.is_some_and(|table| !table.is_active(replica)));
                assert_eq!(machine.now.table(), before.table());
            }
            Ok(Entered::Waiting) => assert!(before.retired().is_some()),
            Err(refused) => {
                let passed = index <= before.epoch();
                let nothing = matches!(refused, EnterError::Refused(_)) && made.is_none();
                let short = matches!(refused, EnterError::Short { .. });
                assert!(passed || nothing || short, "{refused}");
                assert_eq!(machine.now, before, "a refused entry changed something");
            }
        }
        Some(entered)
    }

    /// Reads the log to its end.
    pub fn advance_fully(&mut self, at: usize) {
        while let Some(entered) = self.advance(at) {
            let short = matches!(entered, Err(EnterError::Short { .. }));
            assert!(!short, "a close that not everybody can follow: {entered:?}");
        }
    }

    /// All machines read the log to its end, durably.
    pub fn advance_all(&mut self) {
        for at in 0..self.machines.len() {
            self.advance_fully(at);
            self.persist(at);
        }
    }

    // What the log says.

    /// Appends an entry. A refused one keeps its place in the log.
    pub fn append(&mut self, entry: Entry) -> Result<Arc<Table>, EntryRefused> {
        let index = Epoch(self.log.len() as u64 + 1);
        let made = self.table().apply(index, &entry);
        self.log.push(entry);
        let table = Arc::new(made?);
        self.tables.push(Arc::clone(&table));
        self.acks.enter(&table);
        Ok(table)
    }

    /// The entry that the reports allow.
    pub fn closable(&self, replica: ReplicaId) -> Result<Entry, NotClosable> {
        let table = self.table();
        let at = self.acks.closable(&table, replica)?;
        let epoch = table.epoch();
        Ok(Entry::Close { replica, at, epoch })
    }

    /// What a machine reports: what its disk has, in the epoch that its disk has. `None` while it
    /// does not take part.
    pub fn report(&self, at: usize) -> Option<Report> {
        let store = &self.machines[at].durable;
        store.retired().is_none().then(|| Report {
            replica: store.replica(),
            epoch: store.epoch(),
            durable: store.context().clone(),
        })
    }

    /// A report arrives.
    pub fn hear(&mut self, report: &Report) {
        let Report {
            replica,
            epoch,
            durable,
        } = report;
        self.acks.record(*replica, *epoch, durable);
    }

    /// Everybody reports, and is heard.
    pub fn hear_all(&mut self) {
        for at in 0..self.machines.len() {
            if let Some(report) = self.report(at) {
                self.hear(&report);
            }
        }
    }

    /// Whether a machine is of use to others whatever happens to its memory: it takes part, and the
    /// log that it has not read yet retires it nowhere.
    pub fn is_able(&self, at: usize) -> bool {
        let machine = &self.machines[at];
        let mut replica = machine.durable.clone();
        if machine.now.replica() != replica.replica() || replica.retired().is_some() {
            return false;
        }
        for (index, entry) in (1..).zip(&self.log).skip(machine.durable_read) {
            let _ = replica.enter(Epoch(index), entry);
        }
        replica.retired().is_none()
    }

    // What is sent.

    /// What may be sent of a machine: its disk, or its memory where a crash ends the id.
    pub fn source(&self, at: usize) -> &Store {
        match self.crashes {
            Crashes::KeepTheId => &self.machines[at].durable,
            Crashes::EndTheId => &self.machines[at].now,
        }
    }

    /// A delta for one who has seen `since`, if the journal allows it, as bytes would bring it.
    pub fn delta(&self, from: usize, since: &VersionVector) -> Option<Message> {
        let delta = self.source(from).delta_since(since)?;
        assert_eq!(Delta::decode(&delta.encode()).as_ref(), Ok(&delta));
        Some(Message::Delta(delta))
    }

    /// A full state.
    pub fn full(&self, from: usize) -> Message {
        let source = self.source(from);
        let full = source.full_state();
        assert_eq!(FullState::decode(&full.encode()).as_ref(), Ok(&full));
        Message::Full(Arc::clone(source.table()), full)
    }

    /// A message arrives. Who waits takes a full state as the answer to its request.
    pub fn deliver(&mut self, message: &Message, to: usize) -> Result<MergeReport, Refusal> {
        let Machine {
            now: store, read, ..
        } = &mut self.machines[to];
        let before = store.clone();
        let joined = match message {
            Message::Delta(delta) => store.apply(delta).map_err(Refusal::Apply),
            Message::Full(table, full) if store.retired().is_some() => {
                let joined = store.readmit(table, full).map_err(Refusal::Readmit);
                // Entries that were only noted while it waited have yet to be entered.
                if joined.is_ok() {
                    *read = usize::try_from(store.epoch().0).unwrap();
                }
                joined
            }
            Message::Full(_, full) => store.apply_full(full).map_err(Refusal::Apply),
        };
        if joined.is_err() {
            assert_eq!(*store, before, "a refused message changed something");
        }
        joined
    }

    /// One machine gets what another durably holds: a delta where that is possible, else everything.
    pub fn sync(&mut self, from: usize, to: usize) -> Result<MergeReport, Refusal> {
        self.persist(from);
        let target = self.store(to);
        let comparable = target.retired().is_none() && target.epoch() == self.store(from).epoch();
        let since = comparable.then(|| target.context().clone());
        let delta = since.and_then(|since| self.delta(from, &since));
        let message = delta.unwrap_or_else(|| self.full(from));
        self.deliver(&message, to)
    }

    /// A machine that waits asks, durably, and gets the answer of a member that has read on.
    pub fn readmit(&mut self, at: usize, by: usize) -> Result<MergeReport, Refusal> {
        self.persist(at);
        let request = self.machines[at].durable.readmission();
        self.append(request).unwrap();
        self.advance_fully(by);
        self.sync(by, at)
    }
}
