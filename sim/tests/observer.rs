//! Whole runs under the observer: nothing breaks, and nothing goes unasked.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

use quorate::Micros;
use quorate_sim::observer::Invariant;
use quorate_sim::{ReadSpec, Recording, Scenario, World, presets};

/// A whole run, in which nothing breaks.
fn run(scenario: Scenario) -> World {
    let mut world = World::new(scenario, None, Recording::Off).unwrap();
    while world.step() {}
    assert_sound(&world);
    world
}

fn assert_sound(world: &World) {
    for row in world.invariants() {
        assert_eq!(row.witness, None, "{}: {}", world.scenario().name, row.name);
    }
}

fn preset(slug: &str) -> Scenario {
    let mut scenario = presets::find(slug).unwrap().scenario;
    scenario.until = scenario.until.min(Micros::from_secs(240));
    scenario
}

/// How often an invariant was asked.
fn checks(world: &World, invariant: Invariant) -> u64 {
    world.invariants()[invariant as usize].checks
}

/// Invariants that no run of a preset asks: no preset reads by leases, has a budget of changes or writes
/// to registers, and
/// the others are asked by whoever drives the run, when it has settled or was done again. Each has a
/// test below.
const SILENT: [Invariant; 5] = [
    Invariant::LeaseSafety,
    Invariant::Determinism,
    Invariant::NoLostWrite,
    Invariant::LastWriterWins,
    Invariant::ScaleBudget,
];

#[test]
fn no_preset_breaks_anything_and_together_they_ask_everything() {
    let mut asked = [0; Invariant::ALL.len()];
    for each in presets::all() {
        let world = run(preset(each.slug));
        for invariant in Invariant::ALL {
            asked[invariant as usize] += checks(&world, invariant);
        }
    }
    for invariant in Invariant::ALL {
        let is_asked = asked[invariant as usize] > 0;
        let name = invariant.name();
        assert!(is_asked || SILENT.contains(&invariant), "{name}");
    }
}

#[test]
fn reads_by_lease_ask_whether_the_lease_is_safe() {
    let mut scenario = preset("leader-cut-off");
    scenario.raft.reads = ReadSpec::Lease;
    scenario.workload.client_operations_per_second_milli = 10_000;
    scenario.workload.reads_permille = 900;
    let world = run(scenario);
    assert!(checks(&world, Invariant::LeaseSafety) > 10);
}

#[test]
fn registers_ask_whether_the_last_writer_wins() {
    let mut scenario = preset("three-carts");
    scenario.workload.set_operations_per_second_milli = 4_000;
    scenario.workload.registers_permille = 500;
    let world = run(scenario);
    assert!(checks(&world, Invariant::LastWriterWins) > 10);
}

#[test]
fn a_policy_with_a_budget_asks_whether_it_is_kept() {
    let json = preset("flash-crowd").to_json();
    let mut json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let budget = serde_json::json!([{"window_micros": 300_000_000, "added": {"nodes": 2}}]);
    json["autoscale"]["guards"]["change_budget"] = budget;
    let world = run(Scenario::parse(&json.to_string()).unwrap());
    assert!(checks(&world, Invariant::ScaleBudget) > 0);
    assert!(world.scalings().out <= 2);
}

/// Users fall silent, the group comes to rest, and has all that clients were told.
#[test]
fn a_cluster_that_nobody_uses_any_more_settles_with_every_write() {
    let mut scenario = preset("leader-cut-off");
    scenario.workload.until = Micros::from_secs(50);
    let mut world = World::new(scenario, None, Recording::Off).unwrap();
    while world.now() < Micros::from_secs(12) && world.step() {}
    world.check_settled();
    let broken = |world: &World, invariant| world.invariants()[invariant as usize].witness.clone();
    let witness = broken(&world, Invariant::Liveness);
    assert!(witness.is_some(), "n1 and n2 are cut off");
    assert_eq!(broken(&world, Invariant::NoLostWrite), None);

    // Autoscalers write to the log, too, so there is rest only now and then.
    let mut world = World::new(world.scenario().clone(), None, Recording::Off).unwrap();
    while world.now() < Micros::from_secs(52) || !world.is_settled() {
        assert!(world.step(), "the run is over");
    }
    let asked = [Invariant::Liveness, Invariant::NoLostWrite];
    let before = asked.map(|invariant| checks(&world, invariant));
    world.check_settled();
    assert_sound(&world);
    let after = asked.map(|invariant| checks(&world, invariant));
    assert_eq!(after, before.map(|checks| checks + 1));
}

#[test]
fn a_run_that_is_done_again_comes_to_the_same_digest() {
    let again = run(preset("three-carts")).digest();
    let mut world = run(preset("three-carts"));
    world.check_repeated(again);
    assert_sound(&world);
    assert_eq!(checks(&world, Invariant::Determinism), 1);
    world.check_repeated(again ^ 1);
    let row = &world.invariants()[Invariant::Determinism as usize];
    assert!(row.witness.is_some());
}
