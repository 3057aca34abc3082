//! A seed becomes a scenario: which faults it has, how much of them, on what cluster; and peace in
//! the end.

use std::collections::BTreeSet;

use quorate::{Micros, NodeId, Random};
use serde::{Deserialize, Serialize};

use super::fault::{Draw, Fault};
use super::{outside, peace};
use crate::action::{Action, TimedAction};
use crate::load::LoadSpec;
use crate::scenario::{
    ClockSpec, DiskSpec, NetworkSpec, PruneSpec, RaftSpec, ReadSpec, Scenario, SetSpec,
    WorkloadSpec, threshold_policy,
};

/// When faults begin: a leader should have been elected.
const START: Micros = Micros::from_secs(2);

/// Which faults random scenarios have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Model {
    /// Those that the promises survive.
    #[default]
    Inside,
    /// Others, too: what breaks then is to be expected.
    Outside,
}

/// The scenario of a seed, with faults inside of the model. The same seed gives the same one.
///
/// Faults stop after 10 to 40 seconds; then the network heals, all nodes are started, and nothing else
/// is done to them for half a minute, at the end of which users fall silent: see
/// [`Peace`](super::Peace).
pub fn swarm(seed: u64) -> Scenario {
    swarm_of(Model::Inside, seed)
}

/// The scenario of a seed. Outside of the model it is that of [`swarm`] with some faults more.
pub fn swarm_of(model: Model, seed: u64) -> Scenario {
    // Apart from the generators of the run itself, which start from the same seed.
    let mut random = Random::new(seed ^ 0x5ca1_ab1e_0ddb_a115);
    let voters = [3, 3, 5, 5, 5, 7][random.index(6)];
    let workers = if random.chance(300) { 3 } else { 0 };
    let troubled = Micros::from_secs(10 + random.below(31));
    let mut scenario = Scenario::quiet(&format!("Swarm {seed}"), voters);
    scenario.seed = seed;
    scenario.autoscale = threshold_policy(voters, voters + workers);
    if workers > 0 {
        scenario.load = crowd(voters);
        scenario.service.startup = Micros::from_secs(1 + random.below(6));
    }
    scenario.network = network(&mut random);
    scenario.raft = consensus(&mut random, &scenario.network);
    let silence = match workers {
        0 => peace::silence(&scenario.raft),
        _ => peace::silence(&scenario.raft).max(peace::CATCH_UP),
    };
    scenario.until = troubled + peace::USE + silence;
    scenario.disk = disk(&mut random);
    scenario.clocks = clocks(&mut random);
    scenario.sets = sets(&mut random);
    scenario.workload = workload(&mut random);
    scenario.workload.until = troubled + peace::USE;
    fit_to_pipeline(&mut scenario.workload, &mut scenario.raft);
    let mut draw = Draw {
        random: &mut random,
        voters: u64::from(voters),
        nodes: u64::from(voters + workers),
        drift_bound: scenario.clocks.bound_ppm,
        until: troubled,
        actions: Vec::new(),
    };
    strike_all(&mut draw);
    if model == Model::Outside {
        outside::strike_some(&mut draw, START);
    }
    let mut actions = draw.actions;
    actions.sort_by_key(|timed| timed.at);
    make_peace(&mut actions, troubled);
    scenario.actions = actions;
    scenario
}

/// Draws which faults there are, and lets each strike a few times.
fn strike_all(draw: &mut Draw<'_>) {
    let included = draw.number(200, 700);
    for fault in Fault::ALL {
        if !draw.random.chance(included) {
            continue;
        }
        for _ in 0..draw.number(1, 6) {
            let at = draw.random.span(START, draw.until);
            fault.strike(draw, at);
        }
    }
}

/// Heals the network and starts who is still down.
fn make_peace(actions: &mut Vec<TimedAction>, at: Micros) {
    let mut down: Vec<NodeId> = Vec::new();
    let (mut paused, mut slow) = (BTreeSet::new(), BTreeSet::new());
    for timed in &*actions {
        match &timed.action {
            Action::Crash { node } | Action::LoseDisk { node } if !down.contains(node) => {
                down.push(*node);
            }
            Action::Restart { node } | Action::RestartEmpty { node } => {
                down.retain(|other| other != node);
            }
            Action::Pause { node } => {
                paused.insert(*node);
            }
            Action::Disk(change) => {
                slow.insert(change.node);
            }
            _ => {}
        }
    }
    // Two crashes of one node may overlap, so that the first restart is early and the second crash
    // the last word. Whoever ever crashed is started again: if it runs, that changes nothing.
    actions.push(TimedAction {
        at,
        action: Action::Heal,
    });
    down.sort_unstable();
    let starts = down.into_iter().map(|node| Action::Restart { node });
    let goes_on = paused.into_iter().map(|node| Action::Resume { node });
    let mends = slow.into_iter().map(|node| Action::MendDisk { node });
    let ends = starts.chain(goes_on).chain(mends);
    actions.extend(ends.map(|action| TimedAction { at, action }));
}

/// A load that needs more than the voters for a while.
fn crowd(voters: u32) -> LoadSpec {
    let base = u64::from(voters) * 50;
    LoadSpec::FlashCrowd {
        base,
        peak: base * 4,
        at_s: 3,
        rise_s: 3,
        hold_s: 10,
        fall_s: 3,
    }
}

fn network(random: &mut Random) -> NetworkSpec {
    let (low, high) = [(1, 3), (5, 15), (1, 40), (20, 80)][random.index(4)];
    let permille = |random: &mut Random, chance, most| {
        if random.chance(chance) {
            u32::try_from(random.below(most)).expect("below a thousand")
        } else {
            0
        }
    };
    NetworkSpec {
        latency_min: Micros::from_millis(low),
        latency_max: Micros::from_millis(high),
        tail_permille: permille(random, 300, 50),
        tail_mean: Micros::from_millis(10 + random.below(100)),
        loss_permille: permille(random, 500, 150),
        duplicate_permille: permille(random, 500, 150),
        overtake_permille: [0, 100, 1_000, 1_000][random.index(4)],
        bytes_per_second: [0, 0, 0, 500_000][random.index(4)],
    }
}

/// Timeouts that fit the network: one that is too short for it elects nobody, as it should.
fn consensus(random: &mut Random, network: &NetworkSpec) -> RaftSpec {
    let late = match network.tail_permille {
        0 => Micros::ZERO,
        _ => network.tail_mean,
    };
    let shortest = Micros((network.latency_max.0 + late.0) * 6).max(Micros::from_millis(150));
    let election_timeout = random.span(shortest, Micros(shortest.0 * 3));
    RaftSpec {
        election_timeout,
        heartbeat_interval: Micros(election_timeout.0 / (4 + random.below(7))),
        max_entries_per_append: [1, 3, 64][random.index(3)],
        max_inflight_appends: [1, 4, 16][random.index(3)],
        max_voters: 3 + draw_below(random, 7),
        max_learners: draw_below(random, 3),
        snapshot_after: [0, 10, 50, 1_000][random.index(4)],
        keep_entries: [0, 5, 200][random.index(3)],
        reads: [ReadSpec::Quorum, ReadSpec::Lease][random.index(2)],
    }
}

/// A log that grows faster than a follower can be sent it is no fault, and never comes right: clients
/// that wait for it ask once more, and that is one more entry. So where little may be under way users
/// want little, and nobody is sent entries one by one over a network that loses them.
fn fit_to_pipeline(workload: &mut WorkloadSpec, raft: &mut RaftSpec) {
    const THIN: u32 = 12;
    let under_way = raft.max_entries_per_append * raft.max_inflight_appends;
    if under_way < THIN {
        workload.client_operations_per_second_milli = 1_000;
        workload.request_timeout = Micros::from_secs(3);
    }
    if under_way == 1 {
        raft.max_entries_per_append = 3;
    }
}

fn draw_below(random: &mut Random, bound: u64) -> u32 {
    u32::try_from(random.below(bound)).expect("below a number of 32 bits")
}

/// Clocks that drift within what leases are prepared for.
fn clocks(random: &mut Random) -> ClockSpec {
    let bound_ppm = ClockSpec::default().bound_ppm;
    ClockSpec {
        max_drift_ppm: [0, 0, 100, bound_ppm][random.index(4)],
        bound_ppm,
    }
}

fn disk(random: &mut Random) -> DiskSpec {
    let (low, high) = [(0, 500), (500, 3_000), (1_000, 30_000)][random.index(3)];
    DiskSpec {
        sync_min: Micros(low),
        sync_max: Micros(high),
        torn_permille: [0, 500, 1_000][random.index(3)],
        lying_permille: 0,
    }
}

fn sets(random: &mut Random) -> SetSpec {
    SetSpec {
        sync_interval: Micros::from_millis([100, 300, 1_000][random.index(3)]),
        fanout: [1, 2, 3][random.index(3)],
        batch_events: [1, 8, 4_096][random.index(3)],
        fence_after: Micros::from_secs([0, 20, 30, 60][random.index(4)]),
        prune: PruneSpec {
            interval: Micros::from_secs([0, 1, 5, 20][random.index(4)]),
            stability_threshold: Micros::from_secs([0, 2, 10, 300][random.index(4)]),
            retention: Micros::from_secs([1, 10, 86_400][random.index(3)]),
            max_tombstones: [0, 4, 10_000][random.index(3)],
        },
    }
}

fn workload(random: &mut Random) -> WorkloadSpec {
    WorkloadSpec {
        clients: 1 + draw_below(random, 6),
        client_operations_per_second_milli: [1_000, 4_000, 15_000][random.index(3)],
        keys: [1, 3, 16][random.index(3)],
        reads_permille: [0, 400, 800][random.index(3)],
        swaps_permille: [0, 200][random.index(2)],
        request_timeout: Micros::from_millis([200, 1_000, 3_000][random.index(3)]),
        set_operations_per_second_milli: [0, 1_000, 6_000][random.index(3)],
        elements: [1, 3, 12][random.index(3)],
        registers_permille: [0, 0, 200][random.index(3)],
        until: Micros::ZERO,
    }
}
