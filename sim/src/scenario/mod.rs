//! What to run: a configuration, a seed, and what is done to the cluster when.
//!
//! A scenario is checked once, when it is read. Unknown fields are errors, because a misspelled
//! setting that is silently ignored makes a run that looks right and is another one.

mod checks;
mod document;
mod error;
mod specs;

use quorate::autoscale::{Bounds, Guards, Policy, Strategy, Threshold};
use quorate::crdt::PruneOptions;
use quorate::raft::{self, Membership, ReadPolicy};
use quorate::{Micros, NodeId};
use serde::{Deserialize, Serialize};

use crate::action::TimedAction;
use crate::load::LoadSpec;
use crate::observer::Setting;

pub use error::ScenarioError;
pub use specs::{
    ClockSpec, DiskSpec, FaultSpec, NetworkSpec, PruneSpec, RaftSpec, ReadSpec, ServiceSpec,
    SetSpec, WorkloadSpec,
};

/// The version of the format that this code reads and writes.
pub(crate) const VERSION: u32 = 2;
/// The largest fleet that is simulated.
pub(crate) const MAX_NODES: u32 = 100;
/// The first id of a client; nodes have the ids below.
pub(crate) const FIRST_CLIENT: u64 = 1_001;
/// The most clients there are.
pub(crate) const MAX_CLIENTS: u64 = 1_000;
/// The longest scenario file that is read, in bytes.
pub(crate) const MAX_BYTES: usize = 1 << 20;

/// A run, written down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The version of the format.
    pub version: u32,
    /// Its title.
    pub name: String,
    /// The seed of everything that is random.
    pub seed: u64,
    /// How long it runs, in microseconds of simulated time.
    pub until: Micros,
    /// How many nodes vote: the first so many ids. They are never scaled away.
    pub voters: u32,
    /// The consensus.
    #[serde(default)]
    pub raft: RaftSpec,
    /// The links between all nodes.
    #[serde(default)]
    pub network: NetworkSpec,
    /// The disks of all nodes.
    #[serde(default)]
    pub disk: DiskSpec,
    /// The clocks of all nodes.
    #[serde(default)]
    pub clocks: ClockSpec,
    /// Faults that come by themselves.
    #[serde(default)]
    pub faults: FaultSpec,
    /// The replicated sets.
    #[serde(default)]
    pub sets: SetSpec,
    /// What users do.
    #[serde(default)]
    pub workload: WorkloadSpec,
    /// What one node of the service can do.
    #[serde(default)]
    pub service: ServiceSpec,
    /// How much work arrives.
    pub load: LoadSpec,
    /// How the fleet is scaled; its bounds are the smallest and largest fleet.
    pub autoscale: Policy,
    /// Faults and operations, in order of time.
    #[serde(default)]
    pub actions: Vec<TimedAction>,
}

impl Scenario {
    /// A quiet cluster of voters alone, with the defaults, a constant load and no actions.
    pub fn quiet(name: &str, voters: u32) -> Self {
        Self {
            version: VERSION,
            name: name.into(),
            seed: 42,
            until: Micros::from_secs(120),
            voters,
            raft: RaftSpec::default(),
            network: NetworkSpec::default(),
            disk: DiskSpec::default(),
            clocks: ClockSpec::default(),
            faults: FaultSpec::default(),
            sets: SetSpec::default(),
            workload: WorkloadSpec::default(),
            service: ServiceSpec::default(),
            load: LoadSpec::Constant {
                requests_per_second: u64::from(voters) * 50,
            },
            autoscale: threshold_policy(voters, voters),
            actions: Vec::new(),
        }
    }

    /// The smallest and the largest fleet.
    pub fn fleet_bounds(&self) -> (u32, u32) {
        let bounds = self.autoscale.bounds();
        (bounds.min_nodes(), bounds.max_nodes())
    }

    /// The ids of the voters.
    pub fn voter_ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (1..=u64::from(self.voters)).map(NodeId)
    }

    /// The ids of all nodes there can be: the voters, then the workers.
    pub fn node_ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (1..=u64::from(self.fleet_bounds().1)).map(NodeId)
    }

    /// The kernel's configuration of one voter.
    pub(crate) fn raft_config(&self, id: NodeId, seed: u64) -> raft::Config {
        let reads = match self.raft.reads {
            ReadSpec::Quorum => ReadPolicy::Quorum,
            ReadSpec::Lease => ReadPolicy::Lease {
                max_drift_ppm: self.clocks.bound_ppm,
            },
        };
        raft::Config {
            reads,
            election_timeout: self.raft.election_timeout,
            heartbeat_interval: self.raft.heartbeat_interval,
            max_append_entries: self.raft.max_entries_per_append as usize,
            max_inflight_appends: self.raft.max_inflight_appends as usize,
            seed,
            ..raft::Config::new(id)
        }
    }

    /// The group of the voters.
    pub(crate) fn group(&self) -> Membership {
        Membership::of_voters(self.voter_ids()).expect("a checked scenario has a possible group")
    }

    /// What the observer has to know before the run begins.
    pub(crate) fn observer_setting(&self) -> Setting {
        let patience = Micros(self.raft.election_timeout.0.saturating_mul(40));
        Setting {
            group: self.group(),
            nodes: self.node_ids().collect(),
            policy: self.autoscale.clone(),
            patience: self.is_quiet().then_some(patience),
        }
    }

    /// Whether no timeout passes by itself, unless something is done to the cluster: nothing is lost
    /// or late, and answers come well before anybody loses patience.
    fn is_quiet(&self) -> bool {
        let (network, faults) = (&self.network, &self.faults);
        let by_chance = [
            faults.crash_interval,
            faults.pause_interval,
            faults.partition_interval,
            faults.drift_interval,
            faults.jump_interval,
        ];
        let round_trip = network.latency_max + network.latency_max + self.disk.sync_max;
        network.loss_permille == 0
            && network.tail_permille == 0
            && network.bytes_per_second == 0
            && self.clocks.max_drift_ppm <= 1_000
            && by_chance.iter().all(|interval| *interval == Micros::ZERO)
            && round_trip + self.raft.heartbeat_interval < self.raft.election_timeout
    }

    /// The kernel's pruning options.
    pub(crate) fn prune_options(&self) -> PruneOptions {
        PruneOptions {
            stability_threshold: self.sets.prune.stability_threshold,
            max_tombstones: self.sets.prune.max_tombstones as usize,
            retention: self.sets.prune.retention,
            ..PruneOptions::default()
        }
    }
}

/// The default thresholds for a fleet within bounds.
pub(crate) fn threshold_policy(min_nodes: u32, max_nodes: u32) -> Policy {
    let bounds = Bounds::new(min_nodes.max(1), max_nodes.max(1)).expect("the caller orders them");
    Policy::new(
        Strategy::Threshold(Threshold::default()),
        Guards::within(bounds),
    )
    .expect("the smallest fleet is not empty")
}
