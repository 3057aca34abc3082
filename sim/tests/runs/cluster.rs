//! Five voters, faults, and what the tests ask of them.

use quorate::{Micros, NodeId};
use quorate_sim::{Action, Recording, Scenario, TimedAction, World, presets};

/// Five voters on a network of the defaults, for so many seconds.
pub(crate) fn five(seconds: u64) -> Scenario {
    let mut scenario = presets::find("leader-cut-off").unwrap().scenario;
    scenario.until = Micros::from_secs(seconds);
    scenario.workload.set_operations_per_second_milli = 4_000;
    scenario.actions.clear();
    scenario
}

pub(crate) fn world(scenario: Scenario) -> World {
    World::new(scenario, None, Recording::Off).unwrap()
}

/// Runs up to a moment, everything of that moment included.
pub(crate) fn run_until(world: &mut World, at: Micros) {
    while world.next_time().is_some_and(|next| next <= at) {
        world.step();
    }
    world.pass_time(at);
}

pub(crate) fn run(scenario: Scenario) -> World {
    let mut world = world(scenario);
    while world.step() {}
    world
}

pub(crate) fn at(millis: u64, action: Action) -> TimedAction {
    TimedAction {
        at: Micros::from_millis(millis),
        action,
    }
}

pub(crate) fn nodes(ids: &[u64]) -> Vec<NodeId> {
    ids.iter().copied().map(NodeId).collect()
}

/// Nothing broke, and most of what could break was looked at.
pub(crate) fn assert_sound(world: &World, what: &str) {
    let mut asked = 0;
    for row in world.invariants() {
        assert_eq!(row.witness, None, "{what}: {}", row.name);
        asked += usize::from(row.checks > 0);
    }
    assert!(asked > 20, "{what}: only {asked} invariants were asked");
}

/// The cluster still works: a leader leads, and writes are committed.
pub(crate) fn assert_works(world: &mut World, what: &str) {
    let (before, now) = (world.commit_index(), world.now());
    assert!(world.leader().is_some(), "{what}: nobody leads");
    run_until(world, now + Micros::from_secs(10));
    let committed = world.commit_index() - before;
    assert!(committed >= 5, "{what}: {committed} commits in ten seconds");
}
