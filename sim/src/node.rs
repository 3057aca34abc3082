//! One simulated node: a process that may run or not, and the disks it leaves behind.

use std::sync::Arc;

use std::collections::VecDeque;

use quorate::crdt::{Path, Replica, ReplicaConfig, ReplicaId, Store, Table};
use quorate::raft::{Raft, Restored, Role};
use quorate::{Micros, NodeId};

use crate::controller::Reports;
use crate::disk::{RaftDisk, ReplicaDisk, VoterImage};
use crate::mutant::Mutant;
use crate::scenario::Scenario;
use crate::service::Service;
use crate::state_machine::StateMachine;
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

/// A node.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) id: NodeId,
    pub(crate) process: Process,
    /// Counts the lives of the process: events set by an earlier life find nobody.
    pub(crate) life: u32,
    /// The consensus; `None` for a worker and while the process is down.
    pub(crate) raft: Option<Raft>,
    pub(crate) raft_disk: RaftDisk,
    pub(crate) state_machine: StateMachine,
    pub(crate) reports: Reports,
    /// The replica; `None` while the process is down.
    pub(crate) replica: Option<Replica>,
    pub(crate) replica_disk: ReplicaDisk,
    pub(crate) service: Service,
    /// When the armed timers fire; the far future if none is armed.
    pub(crate) raft_timer: Micros,
    pub(crate) replica_timer: Micros,
    /// What a view wants to know of the recent past.
    pub(crate) last: LastSeen,
    /// The rule that its program breaks.
    pub(crate) mutant: Mutant,
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
    pub(crate) fn absent(id: NodeId, scenario: &Scenario) -> Self {
        let table = Table::initial(scenario.node_ids().map(ReplicaId::first));
        let store = Store::member(ReplicaId::first(id), Arc::new(table));
        Self {
            id,
            process: Process::Absent,
            life: 0,
            raft: None,
            raft_disk: RaftDisk::new(VoterImage::default()),
            state_machine: StateMachine::default(),
            reports: Reports::new(scenario.service.report_interval),
            replica: None,
            replica_disk: ReplicaDisk::new(store),
            service: Service::IDLE,
            raft_timer: Micros::MAX,
            replica_timer: Micros::MAX,
            last: LastSeen::default(),
            mutant: Mutant::NONE,
        }
    }

    /// The process starts from what is on its disks.
    pub(crate) fn start(&mut self, scenario: &Scenario, now: Micros, seed: u64) {
        self.life += 1;
        self.process = match self.process {
            Process::CrashedDraining => Process::Draining,
            _ => Process::Running,
        };
        if self.id.0 <= u64::from(scenario.voters) {
            self.raft = Some(self.restore_raft(scenario, now, seed));
        }
        let config = ReplicaConfig {
            registry: values::registry(),
            sync_interval: scenario.sets.sync_interval,
            fanout: scenario.sets.fanout as usize,
            prune: scenario.prune_options(),
            seed: seed ^ u64::from(self.life),
            ..ReplicaConfig::default()
        };
        let durable = self.replica_disk.durable().clone();
        self.replica = Some(Replica::new(config, durable, now));
        self.raft_timer = Micros::MAX;
        self.replica_timer = Micros::MAX;
    }

    /// The process is gone, and with it all that was not synced.
    pub(crate) fn halt(&mut self, process: Process) {
        self.process = process;
        self.life += 1;
        self.raft = None;
        self.replica = None;
        self.raft_disk.lose_pending();
        self.replica_disk.lose_pending();
        self.state_machine = StateMachine::default();
        self.service = Service::IDLE;
        self.last.fresh.clear();
    }

    /// Whether the process runs at all.
    pub(crate) fn is_up(&self) -> bool {
        matches!(self.process, Process::Running | Process::Draining)
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

    fn restore_raft(&self, scenario: &Scenario, now: Micros, seed: u64) -> Raft {
        let image = self.raft_disk.durable();
        let restored = Restored {
            hard_state: image.hard_state,
            entries: image.entries.clone(),
            ..Restored::fresh(scenario.group())
        };
        let seed = seed ^ (u64::from(self.life) << 32) ^ self.id.0;
        let mut config = scenario.raft_config(self.id, seed);
        self.mutant.apply(&mut config);
        Raft::new(config, restored, now)
            .expect("a checked scenario and a disk that keeps its order make a valid start")
    }
}
