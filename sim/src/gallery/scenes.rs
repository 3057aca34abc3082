//! What a mutant is put through: kinds of scenarios, each in as many variants as there are seeds.
//!
//! A random scenario of everything shows most bugs after some thousand runs, if at all: the bug in a
//! change of membership needs a fleet that grows while leaders fall. So each kind has what one family
//! of bugs needs, and little else. Nothing in them is outside of the fault model: the unbroken
//! program passes every one.

use quorate::autoscale::guard::{ChangeBudget, ChangeLimit, ChangeWindow, GuardSettings};
use quorate::autoscale::{Bounds, Guards, Policy, Strategy, Threshold, ThresholdSettings};
use quorate::{Micros, NodeId, Random};

use crate::action::{Action, DiskChange, TimedAction};
use crate::fuzz::swarm;
use crate::load::LoadSpec;
use crate::scenario::{ReadSpec, Scenario};

/// A kind of scenarios: what it is like, and the one of a seed.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    /// Its name.
    pub name: &'static str,
    /// What goes on in it.
    pub about: &'static str,
    pub(super) draw: fn(u64) -> Scenario,
    pub(super) meddling: Meddling,
}

/// Whether more is done to a cluster than a scenario can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meddling {
    /// No.
    None,
    /// After every action the leader compares logs from the oldest entry it has.
    ComparesFromAfar,
}

impl Scene {
    /// The scenario of a seed.
    pub fn scenario(&self, seed: u64) -> Scenario {
        let mut scenario = (self.draw)(seed);
        scenario.name = format!("{} {seed}", self.name);
        scenario.seed = seed;
        scenario
    }
}

/// Anything at all.
pub(super) const SWARM: Scene = Scene {
    name: "swarm",
    about: "a random cluster under random faults",
    draw: swarm,
    meddling: Meddling::None,
};

/// Elections on top of each other.
pub(super) const DUELS: Scene = Scene {
    name: "duels",
    about: "several voters stand for election at once, again and again, on a slow network",
    draw: duels,
    meddling: Meddling::None,
};

/// Writes overtaken by writes.
pub(super) const SLOW_DISKS: Scene = Scene {
    name: "slow-disks",
    about: "leaders change faster than disks sync, and crashes tear writes",
    draw: slow_disks,
    meddling: Meddling::None,
};

/// A leader that is cut off with much that nobody else has, and leads again.
pub(super) const OVERTAKEN: Scene = Scene {
    name: "overtaken",
    about: "a leader with a slow disk is cut off, what it wrote is replaced, and it leads again at once",
    draw: overtaken,
    meddling: Meddling::ComparesFromAfar,
};

/// One replica is away until it is closed.
pub(super) const CLOSINGS: Scene = Scene {
    name: "closings",
    about: "a replica vanishes when only one other has heard its last words",
    draw: closings,
    meddling: Meddling::None,
};

/// A group that changes while leaders fall.
pub(super) const GROWTH: Scene = Scene {
    name: "growth",
    about: "workers learn, vote and leave while leaders crash and are cut off",
    draw: growth,
    meddling: Meddling::None,
};

/// Members that begin with a snapshot.
pub(super) const NEWCOMERS: Scene = Scene {
    name: "newcomers",
    about: "workers join a group that has compacted its log and writes nothing any more",
    draw: newcomers,
    meddling: Meddling::None,
};

/// Replicas that return one by one.
pub(super) const RETURNS: Scene = Scene {
    name: "returns",
    about: "three replicas are away for so long that they are closed, and come back one by one",
    draw: returns,
    meddling: Meddling::None,
};

/// A leader that is heard and hears nobody.
pub(super) const DEAF_LEADER: Scene = Scene {
    name: "deaf-leader",
    about: "everybody hears the leader, and nobody is heard by it",
    draw: deaf_leader,
    meddling: Meddling::None,
};

/// A candidate that cannot win.
pub(super) const BEHIND: Scene = Scene {
    name: "behind",
    about: "a voter that missed what is committed stands again and again, and the leader is gone",
    draw: behind,
    meddling: Meddling::None,
};

/// Leadership is handed round.
pub(super) const HANDOVER: Scene = Scene {
    name: "handover",
    about: "nothing is wrong, and the leadership is handed from voter to voter",
    draw: handover,
    meddling: Meddling::None,
};

/// Reads by lease at a leader that was cut off.
pub(super) const LEASES: Scene = Scene {
    name: "leases",
    about: "clients read by lease while the leader is cut off, and clocks drift as far as is allowed",
    draw: leases,
    meddling: Meddling::None,
};

/// Replicas come, go and are away for long.
pub(super) const FENCES: Scene = Scene {
    name: "fences",
    about: "replicas are silent until they are fenced and closed, and come back",
    draw: fences,
    meddling: Meddling::None,
};

/// A crowd comes and goes.
pub(super) const CROWDS: Scene = Scene {
    name: "crowds",
    about: "the load rises and falls, and leaders fall while the fleet is scaled",
    draw: crowds,
    meddling: Meddling::None,
};

/// A generator for the details of a scene.
fn random(seed: u64) -> Random {
    Random::new(seed ^ 0x9a11_e47b_u64)
}

fn at(micros: u64, action: Action) -> TimedAction {
    TimedAction {
        at: Micros(micros),
        action,
    }
}

const SECOND: u64 = 1_000_000;

fn busy(name: &str, voters: u32, random: &mut Random) -> Scenario {
    let mut scenario = Scenario::quiet(name, voters);
    scenario.workload.clients = 4;
    scenario.workload.client_operations_per_second_milli = 15_000;
    scenario.workload.reads_permille = 200;
    scenario.workload.request_timeout = Micros::from_millis(500);
    scenario.raft.max_entries_per_append = [1, 2, 64][random.index(3)];
    scenario
}

fn duels(seed: u64) -> Scenario {
    let random = &mut random(seed);
    let mut scenario = busy("duels", 5, random);
    scenario.until = Micros::from_secs(40);
    scenario.network.latency_min = Micros::from_millis(1);
    scenario.network.latency_max = Micros::from_millis(60);
    scenario.raft.election_timeout = Micros::from_millis(400);
    for round in 0..24 {
        let start = (2 + round) * SECOND + SECOND / 2 * round;
        let leader = NodeId(1 + random.below(5));
        let actions = &mut scenario.actions;
        actions.push(at(start, Action::Transfer { node: leader }));
        actions.push(at(start + SECOND / 2, Action::Isolate { node: leader }));
        // By now nobody has heard of a leader for an election timeout, and everybody grants.
        for node in (1..=5).map(NodeId).filter(|node| *node != leader) {
            let later = start + SECOND / 2 + 420_000 + random.below(30_000);
            actions.push(at(later, Action::Campaign { node }));
        }
        actions.push(at(start + SECOND + 400_000, Action::Heal));
    }
    scenario.actions.sort_by_key(|timed| timed.at);
    scenario
}

fn slow_disks(seed: u64) -> Scenario {
    let random = &mut random(seed);
    let mut scenario = busy("slow-disks", 3, random);
    scenario.until = Micros::from_secs(60);
    scenario.disk.torn_permille = 1_000;
    scenario.disk.sync_max = Micros::from_millis(30);
    scenario.raft.snapshot_after = 0;
    scenario.workload.client_operations_per_second_milli = 40_000;
    scenario.workload.reads_permille = 0;
    for round in 0..24 {
        let start = (2 + 2 * round) * SECOND;
        let slow = NodeId(1 + random.below(3));
        let other = NodeId(1 + random.below(3));
        let change = DiskChange {
            sync_min: Some(Micros::from_millis(50)),
            sync_max: Some(Micros::from_millis(300)),
            ..DiskChange::of(slow)
        };
        let actions = &mut scenario.actions;
        actions.push(at(start, Action::Disk(change)));
        match random.below(3) {
            0 => {
                let node = other;
                let down = start + random.below(SECOND);
                actions.push(at(down, Action::Crash { node }));
                actions.push(at(down + random.below(SECOND / 2), Action::Restart { node }));
            }
            1 => {
                actions.push(at(start + random.below(SECOND), Action::Isolate { node: other }));
            }
            _ => {
                let from = vec![other];
                let to = (1..=3).map(NodeId).filter(|node| *node != other).collect();
                let cut = Action::CutOneWay { from, to };
                actions.push(at(start + random.below(SECOND), cut));
            }
        }
        for _ in 0..2 {
            let node = NodeId(1 + random.below(3));
            let moment = start + random.below(2 * SECOND);
            actions.push(at(moment, Action::Transfer { node }));
        }
        actions.push(at(start + 2 * SECOND - 200_000, Action::MendDisk { node: slow }));
        actions.push(at(start + 2 * SECOND - 100_000, Action::Heal));
    }
    scenario.actions.sort_by_key(|timed| timed.at);
    scenario
}

fn overtaken(seed: u64) -> Scenario {
    let random = &mut random(seed);
    let mut scenario = busy("overtaken", 3, random);
    scenario.until = Micros::from_secs(70);
    scenario.raft.election_timeout = Micros::from_millis(500);
    scenario.raft.heartbeat_interval = Micros::from_millis(50);
    scenario.raft.snapshot_after = 0;
    scenario.workload.clients = 12;
    scenario.workload.client_operations_per_second_milli = 60_000;
    scenario.workload.reads_permille = 0;
    // Whoever has asked the old leader does not ask the new one for a while.
    scenario.workload.request_timeout = Micros::from_secs(6);
    for round in 0..6 {
        let start = (3 + 10 * round) * SECOND;
        let first = random.below(3);
        let [node, second, third] = [0, 1, 2].map(|place| NodeId(1 + (first + place) % 3));
        let slow = |low: u64, high: u64| {
            Action::Disk(DiskChange {
                sync_min: Some(Micros::from_millis(low)),
                sync_max: Some(Micros::from_millis(high)),
                ..DiskChange::of(node)
            })
        };
        let cut = start + SECOND + random.below(SECOND);
        let healed = cut + SECOND + random.below(SECOND / 2);
        let pair = Action::Partition {
            groups: vec![vec![node, second], vec![third]],
        };
        scenario.actions.extend([
            at(start, Action::Transfer { node }),
            // One long write, and all that is written after it waits for it.
            at(cut, slow(2_000, 2_500)),
            at(cut + 1, Action::Isolate { node }),
            at(cut + 25_000, Action::MendDisk { node }),
            at(healed, Action::Heal),
            at(healed + SECOND / 2, pair),
            at(healed + 2 * SECOND, slow(80, 160)),
            at(healed + 2 * SECOND + 1, Action::Transfer { node }),
            at(healed + 4 * SECOND, Action::MendDisk { node }),
            at(healed + 4 * SECOND + 1, Action::Heal),
        ]);
    }
    scenario
}

fn growth(seed: u64) -> Scenario {
    let random = &mut random(seed);
    let voters = 3;
    let mut scenario = busy("growth", voters, random);
    scenario.until = Micros::from_secs(100);
    // What a slow disk has to write must not pile up for minutes.
    scenario.workload.client_operations_per_second_milli = 3_000;
    scenario.autoscale = crowd_policy(voters, 7, Vec::new());
    scenario.load = LoadSpec::FlashCrowd {
        base: 150,
        peak: 600,
        at_s: 4,
        rise_s: 2,
        hold_s: 30,
        fall_s: 4,
    };
    scenario.service.startup = Micros::from_secs(1);
    scenario.service.report_interval = Micros::from_secs(1);
    scenario.raft.max_voters = 7;
    scenario.raft.max_learners = 2;
    scenario.raft.snapshot_after = [0, 20, 20][random.index(3)];
    scenario.raft.keep_entries = [0, 10][random.index(2)];
    scenario.disk.sync_max = Micros::from_millis([3, 60][random.index(2)]);
    let slow = NodeId(1 + random.below(3));
    let change = DiskChange {
        sync_min: Some(Micros::from_millis(200)),
        sync_max: Some(Micros::from_millis(600)),
        ..DiskChange::of(slow)
    };
    scenario.actions.push(at(5 * SECOND, Action::Disk(change)));
    for step in 0..80 {
        let moment = 6 * SECOND + step * 300_000;
        let node = slow;
        scenario.actions.push(at(moment, Action::Campaign { node }));
    }
    for _ in 0..8 {
        let start = 6 * SECOND + random.below(50 * SECOND);
        let back = start + SECOND + random.below(2 * SECOND);
        let node = NodeId(1 + random.below(3));
        let actions = &mut scenario.actions;
        match random.below(4) {
            0 => {
                actions.push(at(start, Action::Crash { node }));
                actions.push(at(back, Action::Restart { node }));
            }
            1 => {
                actions.push(at(start, Action::Isolate { node }));
                actions.push(at(back, Action::Heal));
            }
            _ => {
                actions.push(at(start, Action::Transfer { node }));
                let node = NodeId(1 + random.below(3));
                actions.push(at(start + 300_000, Action::Transfer { node }));
            }
        }
    }
    scenario.actions.push(at(30 * SECOND, Action::MendDisk { node: slow }));
    scenario.actions.push(at(60 * SECOND, Action::Heal));
    scenario.actions.sort_by_key(|timed| timed.at);
    scenario
}

/// The log before the snapshot is gone, and nothing is written any more, when somebody joins.
fn newcomers(seed: u64) -> Scenario {
    let random = &mut random(seed);
    let voters = 3;
    let mut scenario = busy("newcomers", voters, random);
    scenario.until = Micros::from_secs(90);
    scenario.workload.client_operations_per_second_milli = 0;
    scenario.workload.until = Micros::from_secs(55);
    scenario.autoscale = crowd_policy(voters, 5, Vec::new());
    scenario.load = LoadSpec::FlashCrowd {
        base: 150,
        peak: 450,
        at_s: 20,
        rise_s: 2,
        hold_s: 60,
        fall_s: 4,
    };
    scenario.service.startup = Micros::from_secs(1);
    scenario.service.report_interval = Micros::from_secs(1);
    scenario.raft.snapshot_after = 100;
    scenario.raft.keep_entries = 0;
    let writes = (0..110).map(|step| (3 * SECOND + step * 100_000, step));
    // The last one is for whoever asks whether all have come to rest after it.
    for (moment, value) in writes.chain([(55 * SECOND, 0)]) {
        let node = NodeId(1 + random.below(3));
        let put = Action::Put {
            node,
            key: 1,
            value,
        };
        scenario.actions.push(at(moment, put));
    }
    scenario
}

fn deaf_leader(seed: u64) -> Scenario {
    let random = &mut random(seed);
    let voters = [3, 5][random.index(2)];
    let mut scenario = busy("deaf-leader", voters, random);
    scenario.until = Micros::from_secs(60);
    let leader = NodeId(1 + random.below(u64::from(voters)));
    let others = scenario.voter_ids().filter(|id| *id != leader).collect();
    let cut = Action::CutOneWay {
        from: others,
        to: vec![leader],
    };
    scenario.actions = vec![
        at(3 * SECOND, Action::Transfer { node: leader }),
        at(5 * SECOND, cut),
    ];
    scenario
}

fn behind(seed: u64) -> Scenario {
    let random = &mut random(seed);
    let mut scenario = busy("behind", 3, random);
    scenario.until = Micros::from_secs(40);
    scenario.raft.election_timeout = Micros::from_secs(2);
    scenario.raft.heartbeat_interval = Micros::from_millis(200);
    let [leader, third] = [[1, 2], [2, 3], [3, 1]][random.index(3)].map(NodeId);
    let mut actions = vec![
        at(5 * SECOND, Action::Transfer { node: leader }),
        at(8 * SECOND, Action::Isolate { node: third }),
        at(12 * SECOND, Action::Crash { node: leader }),
        at(12 * SECOND + 1, Action::Heal),
    ];
    let stands = |step: u64| at(12 * SECOND + 50_000 + step * 70_000, Action::Campaign { node: third });
    actions.extend((0..100).map(stands));
    scenario.actions = actions;
    scenario
}

fn handover(seed: u64) -> Scenario {
    let random = &mut random(seed);
    let voters = [3, 5][random.index(2)];
    let mut scenario = busy("handover", voters, random);
    scenario.until = Micros::from_secs(80);
    scenario.actions = (1..4)
        .map(|round| {
            let node = NodeId(1 + random.below(u64::from(voters)));
            at(round * 20 * SECOND, Action::Transfer { node })
        })
        .collect();
    scenario
}

fn leases(seed: u64) -> Scenario {
    let random = &mut random(seed);
    let mut scenario = busy("leases", 3, random);
    scenario.until = Micros::from_secs(60);
    scenario.clocks.bound_ppm = 200_000;
    scenario.raft.reads = ReadSpec::Lease;
    scenario.raft.election_timeout = Micros::from_millis(500);
    scenario.network.latency_min = Micros::from_millis(1);
    scenario.network.latency_max = Micros::from_millis(3);
    scenario.workload.client_operations_per_second_milli = 200_000;
    scenario.workload.clients = 20;
    scenario.workload.reads_permille = 500;
    scenario.workload.keys = 1;
    scenario.workload.request_timeout = Micros::from_millis(100);
    for round in 0..10 {
        let leader = NodeId(1 + random.below(3));
        let start = (3 + 5 * round) * SECOND;
        let actions = &mut scenario.actions;
        for node in (1..=3).map(NodeId) {
            let ppm = if node == leader { -200_000 } else { 200_000 };
            actions.push(at(start, Action::Drift { node, ppm }));
        }
        actions.push(at(start + 1, Action::Transfer { node: leader }));
        let cut = start + 2 * SECOND + random.below(100_000);
        actions.push(at(cut, Action::Isolate { node: leader }));
        actions.push(at(start + 4 * SECOND, Action::Heal));
    }
    scenario
}

fn fences(seed: u64) -> Scenario {
    let random = &mut random(seed);
    let voters = 4 + u32::try_from(random.below(2)).expect("below two");
    let mut scenario = busy("fences", voters, random);
    scenario.until = Micros::from_secs(60);
    scenario.workload.client_operations_per_second_milli = 2_000;
    scenario.service.report_interval = Micros::from_millis(500);
    scenario.sets.fence_after = Micros::from_secs(2);
    scenario.sets.sync_interval = Micros::from_millis([200, 700, 5_000][random.index(3)]);
    scenario.sets.fanout = 1;
    scenario.sets.batch_events = [1, 3, 4_096][random.index(3)];
    scenario.sets.prune.interval = Micros::from_secs(3);
    scenario.sets.prune.stability_threshold = Micros::from_secs(1);
    scenario.sets.prune.max_tombstones = [2, 10_000][random.index(2)];
    scenario.disk.sync_max = Micros::from_millis([3, 100, 300][random.index(3)]);
    scenario.workload.set_operations_per_second_milli = 8_000;
    scenario.workload.elements = [2, 6][random.index(2)];
    scenario.workload.registers_permille = 300;
    scenario.clocks.max_drift_ppm = scenario.clocks.bound_ppm;
    for round in 0..6 {
        let start = (3 + 9 * round) * SECOND;
        let node = NodeId(1 + random.below(u64::from(voters)));
        let other = NodeId(1 + random.below(u64::from(voters)));
        let actions = &mut scenario.actions;
        let cuts = random.below(3);
        if cuts == 0 {
            actions.push(at(start, Action::Crash { node }));
            actions.push(at(start + 5 * SECOND, Action::Restart { node }));
        } else {
            actions.push(at(start, Action::Isolate { node }));
            actions.push(at(start + 5 * SECOND, Action::Heal));
        }
        if other != node {
            let down = start + SECOND + random.below(4 * SECOND);
            let node = other;
            actions.push(at(down, Action::Crash { node }));
            let up = down + 50_000 + random.below(SECOND);
            actions.push(at(up, Action::Restart { node }));
        }
    }
    scenario.actions.sort_by_key(|timed| timed.at);
    scenario
}

fn closings(seed: u64) -> Scenario {
    let random = &mut random(seed);
    let mut scenario = busy("closings", 5, random);
    scenario.until = Micros::from_secs(60);
    scenario.workload.client_operations_per_second_milli = 1_000;
    scenario.workload.set_operations_per_second_milli = 0;
    scenario.service.report_interval = Micros::from_millis(500);
    scenario.sets.fence_after = Micros::from_secs(2);
    scenario.sets.sync_interval = Micros::from_secs(1);
    scenario.sets.fanout = 1;
    let groups = |groups: &[&[u64]]| {
        let nodes = |ids: &&[u64]| ids.iter().copied().map(NodeId).collect();
        Action::Partition {
            groups: groups.iter().map(nodes).collect(),
        }
    };
    let add = Action::Add {
        node: NodeId(5),
        element: "figs".into(),
    };
    let parted = 10 * SECOND + random.below(SECOND);
    scenario.actions = vec![
        at(5 * SECOND, Action::Transfer { node: NodeId(1) }),
        // Only n4 hears what n5 has to say, and then only n1 hears n4.
        at(parted, groups(&[&[1, 2, 3], &[4, 5]])),
        at(parted + 1, add),
        at(parted + SECOND * 3 / 2, groups(&[&[1, 2, 3], &[1, 4], &[5]])),
        at(40 * SECOND, Action::Heal),
    ];
    scenario
}

fn returns(seed: u64) -> Scenario {
    let random = &mut random(seed);
    let mut scenario = busy("returns", 7, random);
    scenario.until = Micros::from_secs(70);
    scenario.workload.client_operations_per_second_milli = 2_000;
    scenario.workload.set_operations_per_second_milli = 0;
    scenario.service.report_interval = Micros::from_millis(500);
    scenario.sets.fence_after = Micros::from_secs(2);
    scenario.sets.sync_interval = Micros::from_millis(300);
    let group = |ids: &[u64]| ids.iter().copied().map(NodeId).collect::<Vec<_>>();
    let split = |groups: [&[u64]; 2]| Action::Partition {
        groups: groups.into_iter().map(group).collect(),
    };
    let element: String = "figs".into();
    let add = Action::Add {
        node: NodeId(5),
        element: element.clone(),
    };
    let remove = Action::Remove {
        node: NodeId(1 + random.below(4)),
        element,
    };
    let jitter = random.below(SECOND);
    scenario.actions = vec![
        at(10 * SECOND, split([&[1, 2, 3, 4], &[5, 6, 7]])),
        at(10 * SECOND + jitter, add),
        at(30 * SECOND, split([&[1, 2, 3, 4, 6], &[5, 7]])),
        at(40 * SECOND + jitter, remove),
        at(45 * SECOND, Action::Heal),
    ];
    scenario
}

/// The seed's thresholds with a short cooldown, within bounds and budgets.
fn crowd_policy(min_nodes: u32, max_nodes: u32, windows: Vec<ChangeWindow>) -> Policy {
    let settings = ThresholdSettings {
        cooldown: Micros::from_secs(20),
        ..ThresholdSettings::default()
    };
    let bounds = Bounds::new(min_nodes, max_nodes).expect("the caller orders them");
    let guards = GuardSettings {
        bounds,
        change_budget: (!windows.is_empty())
            .then(|| ChangeBudget::new(windows).expect("a window with a limit")),
        ..GuardSettings::default()
    };
    let threshold = Threshold::new(settings).expect("possible thresholds");
    let guards = Guards::new(guards).expect("possible guards");
    Policy::with_interval(Strategy::Threshold(threshold), guards, Micros::from_secs(3))
        .expect("a possible policy")
}

/// A budget of so many nodes a minute, each way, and of half the fleet.
fn budget() -> ChangeWindow {
    let limit = ChangeLimit {
        nodes: Some(3),
        permille: Some(500),
    };
    ChangeWindow {
        window: Micros::from_secs(60),
        added: limit,
        removed: limit,
    }
}

fn crowds(seed: u64) -> Scenario {
    let random = &mut random(seed);
    let mut scenario = busy("crowds", 3, random);
    scenario.until = Micros::from_secs(180);
    let is_short_of_money = seed.is_multiple_of(2);
    scenario.autoscale = if is_short_of_money {
        crowd_policy(3, 12, vec![budget()])
    } else {
        crowd_policy(3, 7, Vec::new())
    };
    scenario.load = LoadSpec::FlashCrowd {
        base: 60,
        peak: 1_500,
        at_s: 10 + random.below(40),
        rise_s: 2,
        hold_s: [3, 30][random.index(2)],
        fall_s: 2,
    };
    scenario.service.startup = Micros::from_secs([1, 5][random.index(2)]);
    scenario.service.report_interval = Micros::from_secs(1);
    scenario.sets.fence_after = Micros::ZERO;
    scenario.workload.set_operations_per_second_milli = 8_000;
    for _ in 0..5 {
        let start = 10 * SECOND + random.below(120 * SECOND);
        let node = NodeId(1 + random.below(3));
        let action = match random.below(2) {
            0 => Action::Transfer { node },
            _ => Action::Isolate { node },
        };
        // While a voter is away, a worker that drains cannot hand over.
        let back = start + [3, 25][random.index(2)] * SECOND;
        scenario.actions.push(at(start, action));
        scenario.actions.push(at(back, Action::Heal));
    }
    scenario.actions.sort_by_key(|timed| timed.at);
    scenario
}
