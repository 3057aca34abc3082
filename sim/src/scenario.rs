//! What to run: a configuration, a seed, and what is done to the cluster when.
//!
//! A scenario is checked once, when it is read. Unknown fields are errors, because a misspelled
//! setting that is silently ignored makes a run that looks right and is another one.

use std::fmt;

use quorate::autoscale::{Bounds, Guards, Policy, Strategy, Threshold};
use quorate::crdt::PruneOptions;
use quorate::raft::{self, Membership};
use quorate::{Micros, NodeId};
use serde::{Deserialize, Serialize};

use crate::action::{Action, TimedAction};
use crate::load::LoadSpec;
use crate::observer::Setting;

/// The version of the format that this code reads and writes.
pub(crate) const VERSION: u32 = 1;
/// The largest fleet that is simulated.
pub(crate) const MAX_NODES: u32 = 100;
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
    /// Timing of the consensus.
    #[serde(default)]
    pub raft: RaftSpec,
    /// The links between all nodes.
    #[serde(default)]
    pub network: NetworkSpec,
    /// The disks of all nodes.
    #[serde(default)]
    pub disk: DiskSpec,
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

/// Timing of the consensus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RaftSpec {
    /// Election timeouts are drawn from this to twice this, in microseconds.
    pub election_timeout: Micros,
    /// How often a leader shows that it lives, in microseconds.
    pub heartbeat_interval: Micros,
    /// The most entries in one append.
    pub max_entries_per_append: u32,
    /// The most appends under way to one follower.
    pub max_inflight_appends: u32,
}

/// The links between all nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkSpec {
    /// The shortest way, in microseconds.
    pub latency_min: Micros,
    /// The longest way, in microseconds. Messages overtake each other within these bounds.
    pub latency_max: Micros,
    /// Messages lost, in thousandths.
    pub loss_permille: u32,
    /// Messages delivered twice, in thousandths.
    pub duplicate_permille: u32,
}

/// The disks of all nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DiskSpec {
    /// The quickest sync, in microseconds.
    pub sync_min: Micros,
    /// The slowest sync, in microseconds.
    pub sync_max: Micros,
}

/// The replicated sets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SetSpec {
    /// How often a replica tells others what it has, in microseconds.
    pub sync_interval: Micros,
    /// How many others it tells.
    pub fanout: u32,
    /// What is pruned, and when.
    pub prune: PruneSpec,
}

/// What is pruned, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PruneSpec {
    /// How often a replica prunes by itself, in microseconds; zero for never.
    pub interval: Micros,
    /// The age from which an explicit pruning takes a removal, in microseconds.
    pub stability_threshold: Micros,
    /// The age from which the automatic pruning takes one, in microseconds.
    pub retention: Micros,
    /// The most removals that are remembered.
    pub max_tombstones: u32,
}

/// What users do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorkloadSpec {
    /// Writes through the log, in thousandths per second.
    pub puts_per_second_milli: u32,
    /// Operations on the sets, in thousandths per second.
    pub set_operations_per_second_milli: u32,
    /// How many different elements are added and removed.
    pub elements: u32,
}

/// What one node of the service can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceSpec {
    /// Requests per second of one node.
    pub capacity_per_node: u32,
    /// How long an ordered node boots, in microseconds.
    pub startup: Micros,
    /// How often a node reports its metrics, in microseconds.
    pub report_interval: Micros,
}

impl Default for RaftSpec {
    fn default() -> Self {
        Self {
            election_timeout: Micros::from_millis(300),
            heartbeat_interval: Micros::from_millis(50),
            max_entries_per_append: 64,
            max_inflight_appends: 16,
        }
    }
}

impl Default for NetworkSpec {
    fn default() -> Self {
        Self {
            latency_min: Micros::from_millis(5),
            latency_max: Micros::from_millis(15),
            loss_permille: 0,
            duplicate_permille: 0,
        }
    }
}

impl Default for DiskSpec {
    fn default() -> Self {
        Self {
            sync_min: Micros(500),
            sync_max: Micros::from_millis(3),
        }
    }
}

impl Default for SetSpec {
    fn default() -> Self {
        Self {
            sync_interval: Micros::from_millis(500),
            fanout: 2,
            prune: PruneSpec::default(),
        }
    }
}

impl Default for PruneSpec {
    fn default() -> Self {
        let options = PruneOptions::default();
        Self {
            interval: Micros::from_secs(60),
            stability_threshold: options.stability_threshold,
            retention: options.retention,
            max_tombstones: 10_000,
        }
    }
}

impl Default for WorkloadSpec {
    fn default() -> Self {
        Self {
            puts_per_second_milli: 2_000,
            set_operations_per_second_milli: 1_000,
            elements: 12,
        }
    }
}

impl Default for ServiceSpec {
    fn default() -> Self {
        Self {
            capacity_per_node: 100,
            startup: Micros::from_secs(20),
            report_interval: Micros::from_secs(5),
        }
    }
}

/// Why a scenario was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScenarioError {
    /// It is too long.
    TooLarge {
        /// Its length in bytes.
        bytes: usize,
    },
    /// It is not the JSON it should be.
    Json {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong.
        what: String,
    },
    /// A version that this program does not know.
    Version {
        /// The version found.
        found: u32,
    },
    /// A setting makes no sense.
    Setting {
        /// Where: `network.loss_permille`.
        path: String,
        /// What is wrong, and what would be right.
        what: String,
    },
    /// The load cannot be made.
    Load(crate::load::LoadError),
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

    /// Reads a scenario and checks every setting.
    pub fn parse(json: &str) -> Result<Self, ScenarioError> {
        if json.len() > MAX_BYTES {
            return Err(ScenarioError::TooLarge { bytes: json.len() });
        }
        let scenario: Self = serde_json::from_str(json).map_err(|error| ScenarioError::Json {
            line: error.line(),
            column: error.column(),
            what: without_position(&error),
        })?;
        scenario.check()?;
        Ok(scenario)
    }

    /// The scenario as JSON, for a file.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("plain data has a JSON form")
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

    /// Checks every setting. [`Self::parse`] has done so already.
    pub fn check(&self) -> Result<(), ScenarioError> {
        if self.version != VERSION {
            return Err(ScenarioError::Version {
                found: self.version,
            });
        }
        let (min_nodes, max_nodes) = self.fleet_bounds();
        let checks = [
            ("voters", (3..=9).contains(&self.voters), "from 3 to 9"),
            (
                "autoscale.guards.bounds.min_nodes",
                min_nodes >= self.voters,
                "at least the number of voters, which are never scaled away",
            ),
            (
                "autoscale.guards.bounds.max_nodes",
                max_nodes <= MAX_NODES,
                "at most 100",
            ),
            (
                "raft.heartbeat_interval",
                self.raft.heartbeat_interval > Micros::ZERO
                    && self.raft.heartbeat_interval < self.raft.election_timeout,
                "above zero and below the election timeout",
            ),
            (
                "raft.max_entries_per_append",
                self.raft.max_entries_per_append > 0,
                "at least 1",
            ),
            (
                "raft.max_inflight_appends",
                self.raft.max_inflight_appends > 0,
                "at least 1",
            ),
            (
                "network.latency_max",
                self.network.latency_min <= self.network.latency_max,
                "at least latency_min",
            ),
            (
                "network.loss_permille",
                self.network.loss_permille <= 1_000,
                "at most 1000",
            ),
            (
                "network.duplicate_permille",
                self.network.duplicate_permille <= 1_000,
                "at most 1000",
            ),
            (
                "disk.sync_max",
                self.disk.sync_min <= self.disk.sync_max,
                "at least sync_min",
            ),
            (
                "sets.sync_interval",
                self.sets.sync_interval >= Micros(1_000),
                "at least 1000",
            ),
            (
                "workload.elements",
                (1..=1_000).contains(&self.workload.elements),
                "from 1 to 1000",
            ),
            (
                "service.capacity_per_node",
                self.service.capacity_per_node > 0,
                "at least 1",
            ),
            (
                "service.report_interval",
                self.service.report_interval >= Micros(1_000),
                "at least 1000",
            ),
        ];
        for (path, holds, expected) in checks {
            if !holds {
                let what = format!("must be {expected}");
                return Err(ScenarioError::Setting {
                    path: path.into(),
                    what,
                });
            }
        }
        self.check_actions()
    }

    fn check_actions(&self) -> Result<(), ScenarioError> {
        let mut last = Micros::ZERO;
        for (at, timed) in self.actions.iter().enumerate() {
            let refuse = |what: String| {
                Err(ScenarioError::Setting {
                    path: format!("actions[{at}]"),
                    what,
                })
            };
            if timed.at < last {
                return refuse(format!("is at {} s, before the one above it", timed.at));
            }
            last = timed.at;
            if let Err(what) = self.check_action(&timed.action) {
                return refuse(what);
            }
        }
        Ok(())
    }

    /// Whether an action is possible in this scenario at all; if not, why.
    pub fn check_action(&self, action: &Action) -> Result<(), String> {
        let (_, max_nodes) = self.fleet_bounds();
        let known = |node: NodeId| {
            let exists = (1..=u64::from(max_nodes)).contains(&node.0);
            exists
                .then_some(())
                .ok_or_else(|| format!("there is no {node}: nodes are n1 to n{max_nodes}"))
        };
        if let Some(node) = action.node() {
            known(node)?;
        }
        match action {
            Action::Partition { groups } => {
                let mut seen = std::collections::BTreeSet::new();
                for &node in groups.iter().flatten() {
                    known(node)?;
                    if !seen.insert(node) {
                        return Err(format!("{node} is in two groups"));
                    }
                }
            }
            Action::Cut { a, b } | Action::Mend { a, b } | Action::Lossy { a, b, .. } => {
                known(*a)?;
                known(*b)?;
                if a == b {
                    return Err(format!("a link needs two ends, and both are {a}"));
                }
                if matches!(action, Action::Lossy { permille, .. } if *permille > 1_000) {
                    return Err("permille must be at most 1000".into());
                }
            }
            Action::Campaign { node } if node.0 > u64::from(self.voters) => {
                return Err(format!("{node} does not vote, so it cannot campaign"));
            }
            Action::Put { node, .. } if node.0 > u64::from(self.voters) => {
                return Err(format!(
                    "{node} takes no writes through the log: it does not vote"
                ));
            }
            Action::Add { element, .. } | Action::Remove { element, .. }
                if element.is_empty() || element.len() > 64 =>
            {
                return Err("an element has 1 to 64 bytes".into());
            }
            _ => {}
        }
        Ok(())
    }

    /// The kernel's configuration of one voter.
    pub(crate) fn raft_config(&self, id: NodeId, seed: u64) -> raft::Config {
        raft::Config {
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
        let network = &self.network;
        // Without loss, and with answers that come well within it, no timeout passes by itself.
        let round_trip = network.latency_max + network.latency_max + self.disk.sync_max;
        let is_quiet = network.loss_permille == 0
            && round_trip + self.raft.heartbeat_interval < self.raft.election_timeout;
        Setting {
            group: self.group(),
            nodes: self.node_ids().collect(),
            longest_flight: network.latency_max,
            policy: self.autoscale.clone(),
            patience: is_quiet.then(|| Micros(self.raft.election_timeout.0.saturating_mul(40))),
        }
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

/// The message without the position that the library appends: it has a place of its own.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rfind(" at line ")
        .map_or(text.clone(), |at| text[..at].into())
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { bytes } => {
                write!(
                    f,
                    "the scenario has {bytes} bytes; at most {MAX_BYTES} are read"
                )
            }
            Self::Json { line, column, what } => write!(f, "line {line}, column {column}: {what}"),
            Self::Version { found } => write!(
                f,
                "version: the scenario is of version {found}; this program reads version {VERSION}"
            ),
            Self::Setting { path, what } => write!(f, "{path}: {what}"),
            Self::Load(error) => write!(f, "load: {error}"),
        }
    }
}

impl std::error::Error for ScenarioError {}
