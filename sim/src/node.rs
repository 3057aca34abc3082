//! One simulated node: a process that may run or not, and the disks it leaves behind.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use quorate::autoscale::controller::Controller;
use quorate::crdt::{Epoch, Path, Replica, ReplicaConfig, ReplicaId, Store, Table};
use quorate::raft::{ConfigError, Raft, Role};
use quorate::{Micros, NodeId};

use crate::clock::Clock;
use crate::disk::{RaftDisk, ReplicaDisk, VoterImage};
use crate::machine::StateMachine;
use crate::mutant::Mutant;
use crate::reports::Reports;
use crate::scenario::{DiskSpec, Scenario};
use crate::service::Service;
use crate::standstill::Standstill;
use crate::world::values;

/// Whether the process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Process {
    /// Never ordered, or switched off.
    Absent,
    /// Ordered, boots until the given time.
    Starting { until: Micros },
    /// Runs and works.
    Running,
    /// Runs, takes no new work.
    Draining,
    /// Died, and was working before.
    Crashed,
    /// Died, and was draining before.
    CrashedDraining,
}

impl Process {
    /// What becomes of it if it dies.
    pub(crate) fn crashed(self) -> Self {
        match self {
            Self::Draining | Self::CrashedDraining => Self::CrashedDraining,
            _ => Self::Crashed,
        }
    }
}

/// A node.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) id: NodeId,
    pub(crate) process: Process,
    /// Counts the lives of the process: events set by an earlier life find nobody.
    pub(crate) life: u32,
    /// Whether the process stands still, and what waits for it.
    pub(crate) standstill: Standstill,
    /// The clock of the machine, which all steps of the process are taken by.
    pub(crate) clock: Clock,
    /// What the disks are like.
    pub(crate) disk: DiskSpec,
    /// The consensus; `None` for a worker that was never asked to join, and while the process is
    /// down.
    pub(crate) raft: Option<Raft>,
    pub(crate) raft_disk: RaftDisk,
    pub(crate) machine: StateMachine,
    pub(crate) snapshots: Snapshots,
    /// What the autoscaler remembers, while this node leads.
    pub(crate) controller: Option<Controller>,
    pub(crate) reports: Reports,
    /// Requests of clients that this node will answer.
    pub(crate) requests: Requests,
    /// The replica; `None` while the process is down.
    pub(crate) replica: Option<Replica>,
    pub(crate) replica_disk: ReplicaDisk,
    /// Up to where the replica was given the entries of the membership log.
    pub(crate) entered: Epoch,
    /// The term of the last leader that told this node to drain or to serve. It lies on the disk
    /// beside that duty, and survives a crash as the duty does: a worker that came back without it
    /// would take the word of a leader that was deposed before.
    pub(crate) duty_term: u64,
    pub(crate) service: Service,
    /// When the armed timers fire; the far future if none is armed.
    pub(crate) raft_timer: Micros,
    pub(crate) replica_timer: Micros,
    /// What a view wants to know of the recent past.
    pub(crate) last: LastSeen,
    /// The rule that its program breaks.
    pub(crate) mutant: Mutant,
}

/// Snapshots under way to the disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Snapshots {
    /// One that a leader has sent, until it is taken over or refused: its index and its state.
    pub(crate) received: Option<(u64, Arc<[u8]>)>,
    /// One that is being installed: the number of the write, and the state.
    pub(crate) installing: Option<(u64, Arc<[u8]>)>,
    /// Whether one of the node's own is being written.
    pub(crate) is_taking: bool,
}

/// Requests that wait for an entry to be applied or for leave to read: the latest of each client,
/// since nobody waits for an older one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Requests {
    pub(crate) writes: BTreeMap<NodeId, u32>,
    /// By the name that the consensus knows the read by.
    pub(crate) reads: BTreeMap<u64, PendingRead>,
    /// How many reads the process has asked the consensus about in this life.
    pub(crate) reads_asked: u32,
}

impl Requests {
    /// Takes a read; the name to ask the consensus by. Older questions of the client are forgotten.
    ///
    /// A name is used once, in all lives of the process: the answer to a question of the last life may
    /// still be under way, and would confirm a read that was asked after it.
    pub(crate) fn take_read(&mut self, life: u32, read: PendingRead) -> u64 {
        self.reads
            .retain(|_, other| other.client != read.client || other.request == read.request);
        self.reads_asked += 1;
        let name = (u64::from(life) << 32) | u64::from(self.reads_asked);
        self.reads.insert(name, read);
        name
    }
}

/// A read that waits for the consensus.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PendingRead {
    pub(crate) client: NodeId,
    pub(crate) request: u32,
    pub(crate) key: u32,
    /// In which event it was asked.
    pub(crate) asked_in: u64,
}

/// The recent past of a node, for a view.
#[derive(Clone, Debug, Default)]
pub(crate) struct LastSeen {
    /// The role and term it had last.
    pub(crate) role: Role,
    pub(crate) term: u64,
    /// When it last merged something new.
    pub(crate) merge: Option<Micros>,
    /// Elements that came with recent merges.
    pub(crate) fresh: VecDeque<(Micros, Path)>,
}

/// How long a merged element counts as fresh.
pub(crate) const FRESH: Micros = Micros::from_millis(600);

impl Node {
    /// A node that does not run yet.
    pub(crate) fn absent(id: NodeId, scenario: &Scenario, mutant: Mutant) -> Self {
        let table = Table::initial(scenario.voter_ids().map(ReplicaId::first));
        let store = mutant.store(Store::member(ReplicaId::first(id), Arc::new(table)));
        Self {
            id,
            process: Process::Absent,
            life: 0,
            standstill: Standstill::default(),
            clock: Clock::new(0),
            disk: scenario.disk,
            raft: None,
            raft_disk: RaftDisk::new(VoterImage::fresh(scenario.group())),
            machine: StateMachine::new(scenario),
            snapshots: Snapshots::default(),
            controller: None,
            reports: Reports::new(scenario.service.report_interval, Micros::ZERO),
            requests: Requests::default(),
            replica: None,
            replica_disk: ReplicaDisk::new(store),
            entered: Epoch(0),
            duty_term: 0,
            service: Service::IDLE,
            raft_timer: Micros::MAX,
            replica_timer: Micros::MAX,
            last: LastSeen::default(),
            mutant,
        }
    }

    /// The process starts from what is on its disks, at a moment of the world's time. An error says
    /// why nothing can start from that; the process is to be halted then.
    pub(crate) fn start(
        &mut self,
        scenario: &Scenario,
        world_now: Micros,
        seed: u64,
    ) -> Result<(), ConfigError> {
        let now = self.clock.local(world_now);
        self.life += 1;
        self.reports = Reports::new(scenario.service.report_interval, world_now);
        if self.id.0 <= u64::from(scenario.voters) || !self.raft_disk.durable().is_blank() {
            self.join_group(scenario, world_now, seed)?;
        }
        self.process = match self.process {
            Process::CrashedDraining => Process::Draining,
            _ => Process::Running,
        };
        let mut config = ReplicaConfig {
            registry: values::registry(),
            sync_interval: scenario.sets.sync_interval,
            fanout: scenario.sets.fanout as usize,
            batch_events: scenario.sets.batch_events as usize,
            prune: scenario.prune_options(),
            contacts: scenario.voter_ids().map(ReplicaId::first).collect(),
            seed: seed ^ u64::from(self.life),
            ..ReplicaConfig::default()
        };
        self.mutant.break_replica(&mut config);
        let durable = self.replica_disk.durable().clone();
        self.entered = durable.retired().unwrap_or_else(|| durable.epoch());
        self.replica = Some(Replica::new(config, durable, now));
        self.raft_timer = Micros::MAX;
        self.replica_timer = Micros::MAX;
        Ok(())
    }

    /// The node takes part in the group, as far as the group wants it, from what is on its disk. An
    /// error as for [`start`](Self::start).
    pub(crate) fn join_group(
        &mut self,
        scenario: &Scenario,
        world_now: Micros,
        seed: u64,
    ) -> Result<(), ConfigError> {
        let now = self.clock.local(world_now);
        let (restored, state) = self.raft_disk.durable().restored();
        self.machine = match state {
            Some(state) => StateMachine::restored(&state),
            None => self.mutant.machine(scenario),
        };
        let seed = seed ^ (u64::from(self.life) << 32) ^ self.id.0;
        let mut config = scenario.raft_config(self.id, seed);
        self.mutant.break_raft(&mut config);
        self.raft = Some(Raft::new(config, restored, now)?);
        Ok(())
    }

    /// The process is gone, and with it all that was not synced.
    pub(crate) fn halt(&mut self, process: Process) {
        self.process = process;
        self.life += 1;
        self.standstill = Standstill::default();
        self.raft = None;
        self.replica = None;
        self.controller = None;
        self.snapshots = Snapshots::default();
        self.requests = Requests::default();
        self.raft_disk.lose_pending();
        self.replica_disk.lose_pending();
        self.service = Service::IDLE;
        self.last.fresh.clear();
    }

    /// What leaders have told the node to do was on a disk that is lost.
    pub(crate) fn forget_duty(&mut self) {
        self.duty_term = 0;
        if self.process == Process::CrashedDraining {
            self.process = Process::Crashed;
        }
    }

    /// About how many bytes a copy takes, if it shares nothing: what the logs and the sets hold, and a
    /// flat sum for the rest, as counted by an allocator (`examples/event_speed`).
    pub(crate) fn footprint(&self) -> usize {
        const FLAT: usize = 24 << 10;
        let in_memory = self.raft.as_ref().map_or(0, |raft| {
            let first = raft.log().boundary().index;
            usize::try_from(raft.last_index() - first).unwrap_or(0)
        });
        let on_disk = self.raft_disk.durable().entries.len();
        let entries = (in_memory + on_disk) * std::mem::size_of::<quorate::raft::Entry>();
        let bytes = |store: &Store| {
            let size = store.size();
            size.content + size.dots + size.context + size.journal
        };
        let replica = self.replica.as_ref().map_or(0, |it| bytes(it.store()));
        FLAT + entries + replica + bytes(self.replica_disk.durable())
    }

    /// Whether the process runs at all.
    pub(crate) fn is_up(&self) -> bool {
        matches!(self.process, Process::Running | Process::Draining)
    }

    /// Whether it runs and does not stand still.
    pub(crate) fn can_step(&self) -> bool {
        self.is_up() && !self.standstill.is_paused()
    }

    /// Whether it has died and not been restarted.
    pub(crate) fn is_crashed(&self) -> bool {
        matches!(self.process, Process::Crashed | Process::CrashedDraining)
    }

    /// Whether it takes work.
    pub(crate) fn is_ready(&self) -> bool {
        self.process == Process::Running
    }

    /// Whether it leads, as far as it knows.
    pub(crate) fn leads(&self) -> bool {
        self.raft
            .as_ref()
            .is_some_and(|raft| raft.role() == Role::Leader)
    }

    /// Whether it knows whom to pass a proposal on to.
    pub(crate) fn knows_leader(&self) -> bool {
        self.raft
            .as_ref()
            .is_some_and(|raft| raft.leader().is_some())
    }

    /// The term it leads with everything applied that was committed before: only then may it decide
    /// by what its state machine says.
    pub(crate) fn settled_term(&self) -> Option<u64> {
        let raft = self.raft.as_ref().filter(|_| self.leads())?;
        let term = raft.term();
        (raft.log().term_at(raft.applied_index()) == Some(term)).then_some(term)
    }
}
