//! Groups that grow while leaders fall.

use quorate::{Micros, NodeId};

use super::crowds::crowd_policy;
use super::{Meddling, SECOND, Scene, at, busy, random};
use crate::action::{Action, DiskChange};
use crate::load::LoadSpec;
use crate::scenario::Scenario;

/// A group that changes while leaders fall.
pub(in crate::gallery) const GROWTH: Scene = Scene {
    name: "growth",
    about: "workers learn, vote and leave while leaders crash and are cut off",
    draw: growth,
    meddling: Meddling::None,
};

/// Members that begin with a snapshot.
pub(in crate::gallery) const NEWCOMERS: Scene = Scene {
    name: "newcomers",
    about: "workers join a group that has compacted its log and writes nothing any more",
    draw: newcomers,
    meddling: Meddling::None,
};

/// Lets the fleet grow by so many workers within seconds, when a crowd comes at a second and stays for
/// some.
fn add_workers(scenario: &mut Scenario, workers: u32, at_s: u64, hold_s: u64) {
    let voters = scenario.voters;
    scenario.autoscale = crowd_policy(voters, voters + workers, Vec::new());
    scenario.load = LoadSpec::FlashCrowd {
        base: 150,
        peak: 600,
        at_s,
        rise_s: 2,
        hold_s,
        fall_s: 4,
    };
    scenario.service.startup = Micros::from_secs(1);
    scenario.service.report_interval = Micros::from_secs(1);
}

fn growth(seed: u64) -> Scenario {
    let random = &mut random(seed);
    let mut scenario = busy(3, random);
    scenario.until = Micros::from_secs(100);
    // What a slow disk has to write must not pile up for minutes.
    scenario.workload.client_operations_per_second_milli = 3_000;
    add_workers(&mut scenario, 4, 4, 30);
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
    // It stands as often as it can, and so also with a commit that is not on its disk yet.
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
    scenario
        .actions
        .push(at(30 * SECOND, Action::MendDisk { node: slow }));
    scenario.actions.push(at(60 * SECOND, Action::Heal));
    scenario.actions.sort_by_key(|timed| timed.at);
    scenario
}

/// The log before the snapshot is gone, and nothing is written any more, when somebody joins.
fn newcomers(seed: u64) -> Scenario {
    let random = &mut random(seed);
    let mut scenario = busy(3, random);
    scenario.until = Micros::from_secs(90);
    scenario.workload.client_operations_per_second_milli = 0;
    scenario.workload.until = Micros::from_secs(55);
    add_workers(&mut scenario, 2, 20, 60);
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
