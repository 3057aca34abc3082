//! Replicas of the sets that are away for long: fenced, closed, and back.

use quorate::{Micros, NodeId};

use super::{Meddling, SECOND, Scene, at, busy, random};
use crate::action::Action;
use crate::scenario::Scenario;

/// Replicas come, go and are away for long.
pub(in crate::gallery) const FENCES: Scene = Scene {
    name: "fences",
    about: "replicas are silent until they are fenced and closed, and come back",
    draw: fences,
    meddling: Meddling::None,
};

/// One replica is away until it is closed.
pub(in crate::gallery) const CLOSINGS: Scene = Scene {
    name: "closings",
    about: "a replica vanishes when only one other has heard its last words",
    draw: closings,
    meddling: Meddling::None,
};

/// Replicas that return one by one.
pub(in crate::gallery) const RETURNS: Scene = Scene {
    name: "returns",
    about: "three replicas are away for so long that they are closed, and come back one by one",
    draw: returns,
    meddling: Meddling::None,
};

fn fences(seed: u64) -> Scenario {
    let random = &mut random(seed);
    let voters = 4 + u32::try_from(random.below(2)).expect("below two");
    let mut scenario = busy(voters, random);
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

/// Who is silent for two seconds is fenced, and nobody changes a set but by an action.
fn fence_soon(scenario: &mut Scenario) {
    scenario.workload.set_operations_per_second_milli = 0;
    scenario.service.report_interval = Micros::from_millis(500);
    scenario.sets.fence_after = Micros::from_secs(2);
}

/// Only nodes that share a group reach each other.
fn groups(groups: &[&[u64]]) -> Action {
    let nodes = |ids: &&[u64]| ids.iter().copied().map(NodeId).collect();
    Action::Partition {
        groups: groups.iter().map(nodes).collect(),
    }
}

fn closings(seed: u64) -> Scenario {
    let random = &mut random(seed);
    let mut scenario = busy(5, random);
    scenario.until = Micros::from_secs(60);
    fence_soon(&mut scenario);
    scenario.workload.client_operations_per_second_milli = 1_000;
    scenario.sets.sync_interval = Micros::from_secs(1);
    scenario.sets.fanout = 1;
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
        at(
            parted + SECOND * 3 / 2,
            groups(&[&[1, 2, 3], &[1, 4], &[5]]),
        ),
        at(40 * SECOND, Action::Heal),
    ];
    scenario
}

fn returns(seed: u64) -> Scenario {
    let random = &mut random(seed);
    let mut scenario = busy(7, random);
    scenario.until = Micros::from_secs(70);
    fence_soon(&mut scenario);
    scenario.workload.client_operations_per_second_milli = 2_000;
    scenario.sets.sync_interval = Micros::from_millis(300);
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
        at(10 * SECOND, groups(&[&[1, 2, 3, 4], &[5, 6, 7]])),
        at(10 * SECOND + jitter, add),
        at(30 * SECOND, groups(&[&[1, 2, 3, 4, 6], &[5, 7]])),
        at(40 * SECOND + jitter, remove),
        at(45 * SECOND, Action::Heal),
    ];
    scenario
}
