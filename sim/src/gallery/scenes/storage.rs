//! Disks that are slower than leaders change: what was written, and what was not.

use quorate::{Micros, NodeId};

use super::{Meddling, SECOND, Scene, at, busy, random};
use crate::action::{Action, DiskChange};
use crate::scenario::Scenario;

/// Writes overtaken by writes.
pub(in crate::gallery) const SLOW_DISKS: Scene = Scene {
    name: "slow-disks",
    about: "leaders change faster than disks sync, and crashes tear writes",
    draw: slow_disks,
    meddling: Meddling::None,
};

/// A leader that is cut off with much that nobody else has, and leads again.
pub(in crate::gallery) const OVERTAKEN: Scene = Scene {
    name: "overtaken",
    about: "a leader with a slow disk is cut off, what it wrote is replaced, and it leads again at once",
    draw: overtaken,
    meddling: Meddling::ComparesFromAfar,
};

fn slow_disks(seed: u64) -> Scenario {
    let random = &mut random(seed);
    let mut scenario = busy(3, random);
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
                actions.push(at(
                    down + random.below(SECOND / 2),
                    Action::Restart { node },
                ));
            }
            1 => {
                actions.push(at(
                    start + random.below(SECOND),
                    Action::Isolate { node: other },
                ));
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
        actions.push(at(
            start + 2 * SECOND - 200_000,
            Action::MendDisk { node: slow },
        ));
        actions.push(at(start + 2 * SECOND - 100_000, Action::Heal));
    }
    scenario.actions.sort_by_key(|timed| timed.at);
    scenario
}

fn overtaken(seed: u64) -> Scenario {
    let random = &mut random(seed);
    let mut scenario = busy(3, random);
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
        // Writes queue up, and those that say what has replaced them come behind.
        let slow = Action::Disk(DiskChange {
            sync_min: Some(Micros::from_millis(150)),
            sync_max: Some(Micros::from_millis(250)),
            ..DiskChange::of(node)
        });
        let cut = start + SECOND + random.below(SECOND);
        let healed = cut + SECOND + random.below(SECOND / 2);
        let pair = Action::Partition {
            groups: vec![vec![node, second], vec![third]],
        };
        // In every other round it hears whom the others elect, and drops what it has at once.
        let cut_off = if round % 2 == 0 {
            Action::Isolate { node }
        } else {
            Action::CutOneWay {
                from: vec![node],
                to: vec![second, third],
            }
        };
        scenario.actions.extend([
            at(start, Action::Transfer { node }),
            at(cut, slow),
            at(cut + 1, cut_off),
            at(healed, Action::Heal),
            at(healed + SECOND / 2, pair),
            at(healed + 2 * SECOND, Action::Transfer { node }),
            at(healed + 4 * SECOND, Action::MendDisk { node }),
            at(healed + 4 * SECOND + 1, Action::Heal),
        ]);
    }
    scenario
}
