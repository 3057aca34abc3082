//! The sections of a scenario, and what they are if nothing is said.

use quorate::Micros;
use quorate::crdt::PruneOptions;
use serde::{Deserialize, Serialize};

/// The consensus.
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
    /// How many nodes may vote once the fleet has grown; the voters at the start, if that is more.
    pub max_voters: u32,
    /// How many nodes beyond the voters get the log.
    pub max_learners: u32,
    /// A node takes a snapshot of its state when its log is so many entries beyond the last; zero
    /// for never.
    pub snapshot_after: u32,
    /// How many entries before a snapshot it keeps, for followers that are a little behind.
    pub keep_entries: u32,
    /// How a leader makes sure that it still leads before it answers a read.
    pub reads: ReadSpec,
}

/// How reads are confirmed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadSpec {
    /// The leader asks a quorum.
    #[default]
    Quorum,
    /// The leader trusts its lease, which trusts that clocks drift within
    /// [`ClockSpec::bound_ppm`].
    Lease,
}

/// A link, in each direction. An action can change a single one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkSpec {
    /// The shortest way, in microseconds.
    pub latency_min: Micros,
    /// The longest way, in microseconds, but for late messages and queues.
    pub latency_max: Micros,
    /// Messages that are late, in thousandths: the long tail of the latency.
    pub tail_permille: u32,
    /// How much later they are on average, in microseconds; exponentially distributed.
    pub tail_mean: Micros,
    /// Messages lost, in thousandths.
    pub loss_permille: u32,
    /// Messages delivered twice, in thousandths.
    pub duplicate_permille: u32,
    /// Messages that may overtake those before them on their link, in thousandths. A thousand is
    /// a network without order; zero delivers first in, first out.
    pub overtake_permille: u32,
    /// How much the link carries; zero for no limit. Messages queue for up to ten seconds; what
    /// comes on top is lost.
    pub bytes_per_second: u64,
}

/// The disks of a node. An action can change those of a single one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DiskSpec {
    /// The quickest sync, in microseconds.
    pub sync_min: Micros,
    /// The slowest sync, in microseconds.
    pub sync_max: Micros,
    /// Crashes after which a part of what was under way is on disk, in thousandths. After the
    /// others nothing of it is.
    pub torn_permille: u32,
    /// Syncs that are reported and not done, in thousandths. What they left out is lost by a
    /// crash, unless a later sync was done. Outside of the fault model.
    pub lying_permille: u32,
}

/// The clocks of all nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClockSpec {
    /// Each clock begins with a drift between minus and plus this many millionths.
    pub max_drift_ppm: u32,
    /// The drift that leases are prepared for. A clock that drifts more, or jumps, is outside of
    /// the fault model.
    pub bound_ppm: u32,
}

/// Faults that come by themselves, at random; the means are of exponential distributions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultSpec {
    /// When they end, in microseconds; zero for never. What is broken by then is repaired.
    pub until: Micros,
    /// The mean time between two crashes, anywhere; zero for none.
    pub crash_interval: Micros,
    /// The mean time that a crashed node is down.
    pub crash_time: Micros,
    /// The mean time between two pauses of a process, anywhere; zero for none.
    pub pause_interval: Micros,
    /// The mean time that a process is paused.
    pub pause_time: Micros,
    /// The mean time between two partitions; zero for none. A partition splits the fleet in two,
    /// one way or both, with or without a bridge.
    pub partition_interval: Micros,
    /// The mean time that a partition lasts.
    pub partition_time: Micros,
    /// The mean time between two changes of some clock's drift, within
    /// [`ClockSpec::max_drift_ppm`]; zero for none.
    pub drift_interval: Micros,
    /// The mean time between two jumps of some clock; zero for none.
    pub jump_interval: Micros,
    /// The longest jump, either way.
    pub jump_max: Micros,
}

/// The replicated sets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SetSpec {
    /// How often a replica tells others what it has, in microseconds.
    pub sync_interval: Micros,
    /// How many others it tells.
    pub fanout: u32,
    /// About how many events one message carries at most; what is more follows in the next.
    pub batch_events: u32,
    /// A replica that is silent for so long is fenced, in microseconds; zero for never.
    pub fence_after: Micros,
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
    /// How many clients the key-value store has; each does one thing at a time.
    pub clients: u32,
    /// What they do together, in thousandths per second.
    pub client_operations_per_second_milli: u32,
    /// How many keys they use.
    pub keys: u32,
    /// How many of their operations are reads, in thousandths.
    pub reads_permille: u32,
    /// How many are writes that expect a certain value, in thousandths.
    pub swaps_permille: u32,
    /// How long a client waits for an answer before it asks another node, in microseconds.
    pub request_timeout: Micros,
    /// Operations on the sets, in thousandths per second.
    pub set_operations_per_second_milli: u32,
    /// How many different elements are added and removed.
    pub elements: u32,
    /// How many of the operations on the sets write to a register instead, in thousandths: the last
    /// writer wins.
    pub registers_permille: u32,
    /// When users fall silent, in microseconds; zero for never. What they have begun by then they
    /// finish.
    pub until: Micros,
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
            max_voters: 7,
            max_learners: 2,
            snapshot_after: 1_000,
            keep_entries: 200,
            reads: ReadSpec::Quorum,
        }
    }
}

impl Default for NetworkSpec {
    fn default() -> Self {
        Self {
            latency_min: Micros::from_millis(5),
            latency_max: Micros::from_millis(15),
            tail_permille: 0,
            tail_mean: Micros::from_millis(100),
            loss_permille: 0,
            duplicate_permille: 0,
            overtake_permille: 1_000,
            bytes_per_second: 0,
        }
    }
}

impl Default for DiskSpec {
    fn default() -> Self {
        Self {
            sync_min: Micros(500),
            sync_max: Micros::from_millis(3),
            torn_permille: 0,
            lying_permille: 0,
        }
    }
}

impl Default for ClockSpec {
    fn default() -> Self {
        Self {
            max_drift_ppm: 0,
            bound_ppm: 10_000,
        }
    }
}

impl Default for FaultSpec {
    fn default() -> Self {
        Self {
            until: Micros::ZERO,
            crash_interval: Micros::ZERO,
            crash_time: Micros::from_secs(5),
            pause_interval: Micros::ZERO,
            pause_time: Micros::from_secs(1),
            partition_interval: Micros::ZERO,
            partition_time: Micros::from_secs(5),
            drift_interval: Micros::ZERO,
            jump_interval: Micros::ZERO,
            jump_max: Micros::from_secs(1),
        }
    }
}

impl Default for SetSpec {
    fn default() -> Self {
        Self {
            sync_interval: Micros::from_millis(500),
            fanout: 2,
            batch_events: 4_096,
            fence_after: Micros::from_secs(60),
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
            clients: 3,
            client_operations_per_second_milli: 2_000,
            keys: 16,
            reads_permille: 400,
            swaps_permille: 100,
            request_timeout: Micros::from_secs(1),
            set_operations_per_second_milli: 1_000,
            elements: 12,
            registers_permille: 0,
            until: Micros::ZERO,
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
