//! What every voter and learner makes of the log.
//!
//! The parts of the service meet here, because what they must agree on stands in one log: the keys
//! that clients write and the sessions in which they do so, who takes part in the replicated sets,
//! and which workers there should be. Everything is a function of the entries applied, so two nodes
//! that have applied as many have equal states, equal to the byte; a snapshot is those bytes.

mod command;
mod fleet;
mod memory;
mod snapshot;
mod values;

use std::sync::Arc;

use quorate::NodeId;
use quorate::crdt::{self, Epoch, ReplicaId, Table};
use quorate::raft::Entry;
use quorate::raft::sessions::{self, Limits, Outcome, SessionError, Sessions};
use xxhash_rust::xxh3::xxh3_64_with_seed;

pub(crate) use command::{ClientCommand, Command, Scaling};
pub(crate) use fleet::{Employment, Fleet, Sizing};
pub(crate) use memory::Memory;
pub(crate) use values::Values;
pub use values::{Operation, Reply};

use crate::scenario::Scenario;

/// More sessions than a run has clients, but few enough that some expire in a long one.
const SESSIONS: Limits = Limits {
    max_sessions: 64,
    max_replies: 16,
    max_reply_bytes: 1 << 12,
};

/// The replicated state.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StateMachine {
    values: Values,
    sessions: Sessions,
    fleet: Fleet,
    /// Who takes part in the sets, and the entries that made it so, for those who have not read
    /// them.
    table: Arc<Table>,
    admissions: Vec<(Epoch, Arc<crdt::Entry>)>,
    /// What the autoscaler of the last leader remembered.
    controller: Memory,
    /// Workers have ids from one above the voters' to this.
    workers: (u64, u64),
    applied_index: u64,
    /// A hash of all entries applied, in order.
    digest: u64,
}

/// What an entry led to, beside a changed state.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Applied {
    /// Nothing to do for anybody.
    Nothing,
    /// A client's request has its answer.
    Client {
        client: NodeId,
        request: u32,
        answer: Result<Outcome, SessionError>,
        executed: Option<Execution>,
        /// The session that the entry has closed, or that had to go for another.
        ended: Option<u64>,
    },
    /// The membership of the sets has changed.
    Replicas(crdt::Entry),
    /// Orders for the platform, of a leader's autoscaler: those that change the size and were not
    /// booked before, and the workers to boot.
    Scaling {
        scaling: Box<Scaling>,
        sizes: Vec<Sizing>,
        boot: Vec<NodeId>,
    },
    /// The platform switches a worker off.
    Stop { worker: NodeId },
}

/// A client's call took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Execution {
    pub(crate) session: u64,
    pub(crate) sequence: u64,
    /// The key that it wrote, and the value.
    pub(crate) wrote: Option<(u32, u64)>,
}

impl StateMachine {
    /// The state before the first entry.
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let voters = u64::from(scenario.voters);
        let table = Table::initial(scenario.voter_ids().map(ReplicaId::first));
        Self {
            values: Values::default(),
            sessions: Sessions::new(SESSIONS),
            fleet: Fleet::default(),
            table: Arc::new(table),
            admissions: Vec::new(),
            controller: Memory::default(),
            workers: (voters + 1, u64::from(scenario.fleet_bounds().1)),
            applied_index: 0,
            digest: 0,
        }
    }

    /// A state machine that breaks a rule of the kernel, if it is one of sessions.
    #[cfg(feature = "mutants")]
    pub(crate) fn breaking(scenario: &Scenario, rule: quorate::raft::Rule) -> Self {
        Self {
            sessions: Sessions::breaking(SESSIONS, rule),
            ..Self::new(scenario)
        }
    }

    /// Applies a command entry.
    pub(crate) fn apply(&mut self, index: u64, entry: &Entry) -> Applied {
        self.passed(index, entry);
        match Command::decode(entry.payload()) {
            Ok(Command::Client(command)) => self.client(index, &command),
            Ok(Command::Replicas(change)) => self.replicas(Epoch(index), change),
            Ok(Command::Scaling(scaling)) => self.scale(entry.term(), scaling),
            Ok(Command::Stop { worker }) if self.fleet.dismiss(worker) => Applied::Stop { worker },
            // What cannot be read means nothing, on every node alike.
            Ok(Command::Stop { .. }) | Err(_) => Applied::Nothing,
        }
    }

    /// Notes an entry that means nothing to this state machine.
    pub(crate) fn passed(&mut self, index: u64, entry: &Entry) {
        self.applied_index = index;
        self.digest = xxh3_64_with_seed(entry.payload(), self.digest ^ entry.term());
    }

    /// The keys.
    pub(crate) fn values(&self) -> &Values {
        &self.values
    }

    /// The workers there should be.
    pub(crate) fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    /// Who takes part in the sets.
    pub(crate) fn table(&self) -> &Arc<Table> {
        &self.table
    }

    /// The entries that changed who takes part in the sets, above an epoch.
    pub(crate) fn admissions_above(&self, epoch: Epoch) -> &[(Epoch, Arc<crdt::Entry>)] {
        let first = self
            .admissions
            .partition_point(|(index, _)| *index <= epoch);
        &self.admissions[first..]
    }

    /// What the autoscaler of the last leader remembered.
    pub(crate) fn controller(&self) -> &Memory {
        &self.controller
    }

    /// The index of the last entry applied.
    pub(crate) fn applied_index(&self) -> u64 {
        self.applied_index
    }

    /// A hash of all entries applied, in order.
    pub(crate) fn digest(&self) -> u64 {
        self.digest
    }

    fn client(&mut self, index: u64, command: &ClientCommand) -> Applied {
        let Ok(body) = sessions::Command::decode(&command.body) else {
            return Applied::Nothing;
        };
        let (values, mut wrote) = (&mut self.values, None);
        let answer = self.sessions.apply(index, body, |payload| {
            // A client of another version finds that it is not understood.
            let reply = Operation::decode(payload).map_or(Reply::Mismatch, |operation| {
                let reply = values.execute(index, operation);
                wrote = operation.written().filter(|_| reply == Reply::Written);
                reply
            });
            reply.encode(index)
        });
        let executed = match (&answer, body) {
            (Ok(Outcome::Executed { .. }), sessions::Command::Call(call)) => Some(Execution {
                session: call.session,
                sequence: call.sequence,
                wrote,
            }),
            _ => None,
        };
        let ended = match (&answer, body) {
            (Ok(Outcome::Opened { expired, .. }), _) => *expired,
            (Ok(Outcome::Closed), sessions::Command::Close { session }) => Some(session),
            _ => None,
        };
        Applied::Client {
            client: command.client,
            request: command.request,
            answer,
            executed,
            ended,
        }
    }

    fn replicas(&mut self, index: Epoch, entry: crdt::Entry) -> Applied {
        // A refused entry makes no table, here as everywhere.
        let Ok(table) = self.table.apply(index, &entry) else {
            return Applied::Nothing;
        };
        self.table = Arc::new(table);
        self.admissions.push((index, Arc::new(entry.clone())));
        Applied::Replicas(entry)
    }

    /// Books the orders of a leader, unless it led in another term than the entry was written in: a
    /// deposed leader's decision must not come true through its successor.
    fn scale(&mut self, term: u64, scaling: Box<Scaling>) -> Applied {
        if scaling.term != term {
            return Applied::Nothing;
        }
        self.controller = scaling.state.clone();
        let (first, last) = self.workers;
        let (mut sizes, mut boot) = (Vec::new(), Vec::new());
        for order in &scaling.orders {
            if let Some((sizing, hired)) = self.fleet.book(order, (first..=last).map(NodeId)) {
                sizes.push(sizing);
                boot.extend(hired);
            }
        }
        Applied::Scaling {
            scaling,
            sizes,
            boot,
        }
    }
}
