//! Whether the settings of a scenario make sense, each with its path.

use quorate::{Micros, NodeId};

use super::{
    DiskSpec, FIRST_CLIENT, FaultSpec, MAX_CLIENTS, MAX_NODES, NetworkSpec, Scenario,
    ScenarioError, VERSION,
};
use crate::action::{Action, DiskChange, LinkChange};
use crate::json::FieldError;

/// Something that must hold of a setting.
struct Check {
    path: &'static str,
    holds: bool,
    /// What the setting must be.
    expected: &'static str,
}

/// The longest span that a latency, a sync or a fault may take: with more a run never ends.
const LONGEST: Micros = Micros::from_secs(3_600);
/// The largest drift, in millionths: a clock that stands still or runs backwards is none.
const MAX_DRIFT_PPM: u32 = 500_000;
/// The longest jump of a clock: a year.
const MAX_JUMP: u64 = 366 * 86_400 * 1_000_000;

impl Scenario {
    /// Checks every setting. [`Self::parse`] has done so already.
    pub fn check(&self) -> Result<(), ScenarioError> {
        if self.version != VERSION {
            let found = u64::from(self.version);
            return Err(ScenarioError::Version { found });
        }
        let checks = (self.check_fleet().into_iter())
            .chain(self.check_raft())
            .chain(check_network(&self.network))
            .chain(check_disk(&self.disk))
            .chain(self.check_clocks())
            .chain(check_faults(&self.faults))
            .chain(self.check_work());
        for Check {
            path,
            holds,
            expected,
        } in checks
        {
            if !holds {
                return Err(FieldError::at(path, &format!("must be {expected}")).into());
            }
        }
        self.check_actions()
    }

    /// Whether an action is possible in this scenario at all; if not, why.
    pub fn check_action(&self, action: &Action) -> Result<(), String> {
        self.judge_action(action).map_err(|error| {
            // "must be at most 1000" needs its subject; who does not exist is named anyway.
            if error.what.starts_with("must be") {
                format!("{} {}", error.path, error.what)
            } else {
                error.what
            }
        })
    }

    fn check_fleet(&self) -> [Check; 3] {
        let (min_nodes, max_nodes) = self.fleet_bounds();
        [
            check("voters", (3..=9).contains(&self.voters), "from 3 to 9"),
            check(
                "autoscale.guards.bounds.min_nodes",
                min_nodes >= self.voters,
                "at least the number of voters, which are never scaled away",
            ),
            check(
                "autoscale.guards.bounds.max_nodes",
                max_nodes <= MAX_NODES,
                "at most 100",
            ),
        ]
    }

    fn check_raft(&self) -> [Check; 5] {
        let raft = &self.raft;
        [
            check(
                "raft.election_timeout",
                raft.election_timeout <= LONGEST,
                "at most an hour",
            ),
            check(
                "raft.heartbeat_interval",
                raft.heartbeat_interval > Micros::ZERO
                    && raft.heartbeat_interval < raft.election_timeout,
                "above zero and below the election timeout",
            ),
            check(
                "raft.max_entries_per_append",
                (1..=1 << 20).contains(&raft.max_entries_per_append),
                "from 1 to 1048576",
            ),
            check(
                "raft.max_inflight_appends",
                raft.max_inflight_appends > 0,
                "at least 1",
            ),
            check(
                "raft.max_voters",
                (1..=9).contains(&raft.max_voters),
                "from 1 to 9",
            ),
        ]
    }

    fn check_clocks(&self) -> [Check; 2] {
        let expected = "below 500000";
        [
            check(
                "clocks.max_drift_ppm",
                self.clocks.max_drift_ppm < MAX_DRIFT_PPM,
                expected,
            ),
            check(
                "clocks.bound_ppm",
                self.clocks.bound_ppm < MAX_DRIFT_PPM,
                expected,
            ),
        ]
    }

    fn check_work(&self) -> [Check; 11] {
        let workload = &self.workload;
        [
            check(
                "sets.fence_after",
                self.sets.fence_after == Micros::ZERO
                    || self.sets.fence_after.0 / 4 >= self.service.report_interval.0,
                "zero, or at least four report intervals, or who is merely between two is fenced",
            ),
            check(
                "workload.clients",
                (1..=100).contains(&workload.clients),
                "from 1 to 100",
            ),
            check(
                "workload.keys",
                (1..=10_000).contains(&workload.keys),
                "from 1 to 10000",
            ),
            check(
                "workload.swaps_permille",
                workload
                    .reads_permille
                    .saturating_add(workload.swaps_permille)
                    <= 1_000,
                "together with reads_permille at most 1000",
            ),
            check(
                "workload.request_timeout",
                (Micros(1_000)..=LONGEST).contains(&workload.request_timeout),
                "from 1000 to an hour",
            ),
            check(
                "sets.sync_interval",
                self.sets.sync_interval >= Micros(1_000),
                "at least 1000",
            ),
            check(
                "workload.elements",
                (1..=1_000).contains(&self.workload.elements),
                "from 1 to 1000",
            ),
            check(
                "workload.registers_permille",
                self.workload.registers_permille <= 1_000,
                "at most 1000",
            ),
            check(
                "sets.batch_events",
                self.sets.batch_events > 0,
                "at least 1",
            ),
            check(
                "service.capacity_per_node",
                self.service.capacity_per_node > 0,
                "at least 1",
            ),
            check(
                "service.report_interval",
                self.service.report_interval >= Micros(1_000),
                "at least 1000",
            ),
        ]
    }

    fn check_actions(&self) -> Result<(), ScenarioError> {
        let mut last = Micros::ZERO;
        for (at, timed) in self.actions.iter().enumerate() {
            let place = format!("actions[{at}]");
            if timed.at < last {
                let what = format!("is at {} s, before the one above it", timed.at);
                return Err(FieldError::at(place, &what).into());
            }
            last = timed.at;
            self.judge_action(&timed.action)
                .map_err(|error| error.within(&place))?;
        }
        Ok(())
    }

    fn judge_action(&self, action: &Action) -> Result<(), FieldError> {
        if let Some(node) = action.node() {
            self.require_node("node", node)?;
        }
        match action {
            Action::Partition { groups } => {
                for (at, group) in groups.iter().enumerate() {
                    self.require_nodes(&format!("groups[{at}]"), group)?;
                }
            }
            Action::CutOneWay { from, to } => {
                self.require_nodes("from", from)?;
                self.require_nodes("to", to)?;
            }
            Action::Cut { a, b } | Action::Mend { a, b } => {
                self.require_link(("a", *a), ("b", *b))?;
            }
            Action::Lossy { a, b, permille } => {
                self.require_link(("a", *a), ("b", *b))?;
                require("permille", *permille <= 1_000, "must be at most 1000")?;
            }
            Action::Link(change) => {
                self.require_link(("from", change.from), ("to", change.to))?;
                judge_link(change)?;
            }
            Action::Disk(change) => judge_disk(change)?,
            Action::Drift { ppm, .. } => {
                let holds = ppm.unsigned_abs() < MAX_DRIFT_PPM;
                require("ppm", holds, "must be from -499999 to 499999")?;
            }
            Action::Jump { by, .. } => {
                require(
                    "by",
                    by.unsigned_abs() <= MAX_JUMP,
                    "must be at most a year",
                )?;
            }
            Action::Campaign { node } => {
                self.require_voter(*node, "does not vote, so it cannot campaign")?;
            }
            Action::Transfer { node } => {
                self.require_voter(*node, "does not vote, so it cannot lead")?;
            }
            Action::Put { node, .. } | Action::Get { node, .. } => {
                let what = "serves no clients: it is not one of the voters";
                self.require_voter(*node, what)?;
            }
            Action::Add { element, .. } | Action::Remove { element, .. } => {
                let holds = (1..=64).contains(&element.len());
                require("element", holds, "an element has 1 to 64 bytes")?;
            }
            _ => {}
        }
        Ok(())
    }

    fn require_node(&self, field: &str, node: NodeId) -> Result<(), FieldError> {
        let (_, max_nodes) = self.fleet_bounds();
        let what = format!("there is no {node}: nodes are n1 to n{max_nodes}");
        require(field, self.is_node(node), &what)
    }

    fn require_nodes(&self, field: &str, nodes: &[NodeId]) -> Result<(), FieldError> {
        for (at, &node) in nodes.iter().enumerate() {
            self.require_node(&format!("{field}[{at}]"), node)?;
        }
        Ok(())
    }

    fn require_voter(&self, node: NodeId, what: &str) -> Result<(), FieldError> {
        let votes = node.0 <= u64::from(self.voters);
        require("node", votes, &format!("{node} {what}"))
    }

    /// The ends of a link are two different nodes or clients.
    fn require_link(&self, a: (&str, NodeId), b: (&str, NodeId)) -> Result<(), FieldError> {
        let clients = FIRST_CLIENT..FIRST_CLIENT + MAX_CLIENTS;
        for (field, end) in [a, b] {
            if !clients.contains(&end.0) {
                self.require_node(field, end)?;
            }
        }
        let what = format!("a link needs two ends, and both are {}", a.1);
        require(b.0, a.1 != b.1, &what)
    }

    fn is_node(&self, node: NodeId) -> bool {
        (1..=u64::from(self.fleet_bounds().1)).contains(&node.0)
    }
}

fn check(path: &'static str, holds: bool, expected: &'static str) -> Check {
    Check {
        path,
        holds,
        expected,
    }
}

fn check_network(network: &NetworkSpec) -> [Check; 7] {
    let share = "at most 1000";
    [
        check(
            "network.latency_max",
            network.latency_min <= network.latency_max,
            "at least latency_min",
        ),
        check(
            "network.latency_max",
            network.latency_max <= LONGEST,
            "at most an hour",
        ),
        check(
            "network.tail_mean",
            network.tail_mean <= LONGEST,
            "at most an hour",
        ),
        check(
            "network.tail_permille",
            network.tail_permille <= 1_000,
            share,
        ),
        check(
            "network.loss_permille",
            network.loss_permille <= 1_000,
            share,
        ),
        check(
            "network.duplicate_permille",
            network.duplicate_permille <= 1_000,
            share,
        ),
        check(
            "network.overtake_permille",
            network.overtake_permille <= 1_000,
            share,
        ),
    ]
}

fn check_disk(disk: &DiskSpec) -> [Check; 4] {
    let share = "at most 1000";
    [
        check(
            "disk.sync_max",
            disk.sync_min <= disk.sync_max,
            "at least sync_min",
        ),
        check("disk.sync_max", disk.sync_max <= LONGEST, "at most an hour"),
        check("disk.torn_permille", disk.torn_permille <= 1_000, share),
        check("disk.lying_permille", disk.lying_permille <= 1_000, share),
    ]
}

fn check_faults(faults: &FaultSpec) -> [Check; 9] {
    let often = "zero, or at least 1000";
    let rare = |interval: Micros| interval == Micros::ZERO || interval >= Micros(1_000);
    let long = "at most an hour";
    [
        check("faults.crash_interval", rare(faults.crash_interval), often),
        check("faults.crash_time", faults.crash_time <= LONGEST, long),
        check("faults.pause_interval", rare(faults.pause_interval), often),
        check("faults.pause_time", faults.pause_time <= LONGEST, long),
        check(
            "faults.partition_interval",
            rare(faults.partition_interval),
            often,
        ),
        check(
            "faults.partition_time",
            faults.partition_time <= LONGEST,
            long,
        ),
        check("faults.drift_interval", rare(faults.drift_interval), often),
        check("faults.jump_interval", rare(faults.jump_interval), often),
        check("faults.jump_max", faults.jump_max <= LONGEST, long),
    ]
}

fn judge_link(change: &LinkChange) -> Result<(), FieldError> {
    let shares = [
        ("tail_permille", change.tail_permille),
        ("loss_permille", change.loss_permille),
        ("duplicate_permille", change.duplicate_permille),
        ("overtake_permille", change.overtake_permille),
    ];
    judge_shares(&shares)?;
    judge_spans(&[
        ("latency_min", change.latency_min),
        ("latency_max", change.latency_max),
        ("tail_mean", change.tail_mean),
    ])?;
    let latency = change.latency_min.zip(change.latency_max);
    let holds = latency.is_none_or(|(min, max)| min <= max);
    require("latency_max", holds, "must be at least latency_min")
}

fn judge_disk(change: &DiskChange) -> Result<(), FieldError> {
    judge_shares(&[
        ("torn_permille", change.torn_permille),
        ("lying_permille", change.lying_permille),
    ])?;
    judge_spans(&[("sync_min", change.sync_min), ("sync_max", change.sync_max)])?;
    let sync = change.sync_min.zip(change.sync_max);
    let holds = sync.is_none_or(|(min, max)| min <= max);
    require("sync_max", holds, "must be at least sync_min")
}

fn judge_shares(shares: &[(&str, Option<u32>)]) -> Result<(), FieldError> {
    for &(field, share) in shares {
        let holds = share.is_none_or(|share| share <= 1_000);
        require(field, holds, "must be at most 1000")?;
    }
    Ok(())
}

fn judge_spans(spans: &[(&str, Option<Micros>)]) -> Result<(), FieldError> {
    for &(field, span) in spans {
        let holds = span.is_none_or(|span| span <= LONGEST);
        require(field, holds, "must be at most an hour")?;
    }
    Ok(())
}

fn require(field: &str, holds: bool, what: &str) -> Result<(), FieldError> {
    if holds {
        return Ok(());
    }
    Err(FieldError::at(field, &what))
}
