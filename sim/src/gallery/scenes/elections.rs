//! Elections, leases, and who may lead: what one bad voter can do to the others.

use quorate::{Micros, NodeId};

use super::{Meddling, SECOND, Scene, at, busy, random};
use crate::action::Action;
use crate::scenario::{ReadSpec, Scenario};

/// Elections on top of each other.
pub(in crate::gallery) const DUELS: Scene = Scene {
    name: "duels",
    about: "several voters stand for election at once, again and again, on a slow network",
    draw: duels,
    meddling: Meddling::None,
};

/// A leader that is heard and hears nobody.
pub(in crate::gallery) const DEAF_LEADER: Scene = Scene {
    name: "deaf-leader",
    about: "everybody hears the leader, and nobody is heard by it",
    draw: deaf_leader,
    meddling: Meddling::None,
};

/// A candidate that cannot win.
pub(in crate::gallery) const BEHIND: Scene = Scene {
    name: "behind",
    about: "a voter that missed what is committed stands again and again, and the leader is gone",
    draw: behind,
    meddling: Meddling::None,
};

/// Leadership is handed round.
pub(in crate::gallery) const HANDOVER: Scene = Scene {
    name: "handover",
    about: "nothing is wrong, and the leadership is handed from voter to voter",
    draw: handover,
    meddling: Meddling::None,
};

/// Reads by lease at a leader that was cut off.
pub(in crate::gallery) const LEASES: Scene = Scene {
    name: "leases",
    about: "clients read by lease while the leader is cut off, and clocks drift as far as is allowed",
    draw: leases,
    meddling: Meddling::None,
};

fn duels(seed: u64) -> Scenario {
    let random = &mut random(seed);
    let mut scenario = busy(5, random);
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

fn deaf_leader(seed: u64) -> Scenario {
    let random = &mut random(seed);
    let voters = [3, 5][random.index(2)];
    let mut scenario = busy(voters, random);
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
    let mut scenario = busy(3, random);
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
    let stands = |step: u64| {
        at(
            12 * SECOND + 50_000 + step * 70_000,
            Action::Campaign { node: third },
        )
    };
    actions.extend((0..100).map(stands));
    scenario.actions = actions;
    scenario
}

fn handover(seed: u64) -> Scenario {
    let random = &mut random(seed);
    let voters = [3, 5][random.index(2)];
    let mut scenario = busy(voters, random);
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
    let mut scenario = busy(3, random);
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
