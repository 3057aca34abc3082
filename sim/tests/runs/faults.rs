//! Runs with faults: nothing breaks, and afterwards the cluster works again.

use quorate::{Micros, NodeId, Random};
use quorate_sim::{Action, Recording, Scenario, TimedAction, World, presets};

fn run(scenario: Scenario) -> World {
    let mut world = World::new(scenario, None, Recording::Off).unwrap();
    while world.step() {}
    world
}

fn assert_sound(world: &World, what: &str) {
    for row in world.invariants() {
        assert_eq!(row.witness, None, "{what}: {}", row.name);
    }
    let asked = world
        .invariants()
        .iter()
        .filter(|row| row.checks > 0)
        .count();
    assert!(
        asked > 20,
        "{what}: only {asked} invariants were ever checked"
    );
}

#[test]
fn every_preset_runs_without_a_violation() {
    for mut preset in presets::all() {
        // One of them is made for a day; a quarter of an hour of it shows as much.
        preset.scenario.until = preset.scenario.until.min(Micros::from_secs(900));
        let world = run(preset.scenario);
        assert_sound(&world, preset.slug);
        assert!(
            world.leader().is_some(),
            "{}: nobody leads in the end",
            preset.slug
        );
        assert!(
            world.commit_index() > 10,
            "{}: hardly anything committed",
            preset.slug
        );
    }
}

/// Random faults on five nodes for a minute, then half a minute of peace in which a leader must
/// lead and new entries must be committed.
fn assert_heals(seed: u64) {
    let mut world = World::new(random_scenario(seed), None, Recording::Off).unwrap();
    while world.now() < Micros::from_secs(65) && world.step() {}
    let at_peace = world.commit_index();
    while world.step() {}
    assert_sound(&world, &format!("seed {seed}"));
    let leader = world.leader().expect("a leader after the peace");
    assert!(
        world.commit_index() > at_peace + 10,
        "seed {seed}: {leader} is idle"
    );
}

/// A thousand seeds, natively; a few, where that takes longer.
#[test]
fn random_faults_break_nothing_and_heal() {
    let seeds = if cfg!(target_arch = "wasm32") {
        20
    } else {
        1_000
    };
    (0..seeds).for_each(assert_heals);
}

fn random_scenario(seed: u64) -> Scenario {
    let mut random = Random::new(seed);
    let mut scenario = presets::find("bad-network").unwrap().scenario;
    scenario.seed = seed;
    scenario.until = Micros::from_secs(90);
    scenario.workload.set_operations_per_second_milli = 4_000;
    scenario.network.loss_permille = u32::try_from(random.below(200)).unwrap();
    scenario.network.latency_max = Micros::from_millis(20 + random.below(100));
    scenario.disk.sync_max = Micros::from_millis(3 + random.below(40));
    let mut actions: Vec<TimedAction> = (0..25)
        .map(|_| {
            let at = Micros::from_millis(random.below(58_000));
            TimedAction {
                at,
                action: random_fault(&mut random),
            }
        })
        .collect();
    actions.sort_by_key(|timed| timed.at);
    let peace = Micros::from_secs(60);
    actions.push(TimedAction {
        at: peace,
        action: Action::Heal,
    });
    let restart = |node| TimedAction {
        at: peace,
        action: Action::Restart { node: NodeId(node) },
    };
    actions.extend((1..=5).map(restart));
    scenario.actions = actions;
    scenario
}

fn random_fault(random: &mut Random) -> Action {
    let mut node = || NodeId(1 + random.below(5));
    let (a, b) = (node(), node());
    match random.below(9) {
        0..=1 => Action::Crash { node: a },
        2..=3 => Action::Restart { node: a },
        4 => Action::Isolate { node: a },
        5 => Action::Partition {
            groups: vec![vec![a], (1..=5).map(NodeId).filter(|n| *n != a).collect()],
        },
        6 if a != b => Action::Cut { a, b },
        7 if a != b => Action::Lossy {
            a,
            b,
            permille: 500,
        },
        8 => Action::Campaign { node: a },
        _ => Action::Heal,
    }
}

#[test]
fn a_minority_elects_nobody_and_a_majority_goes_on() {
    let preset = presets::find("leader-cut-off").unwrap();
    let mut world = World::new(preset.scenario, None, Recording::Off).unwrap();
    let until = |world: &mut World, seconds| {
        while world
            .next_time()
            .is_some_and(|at| at <= Micros::from_secs(seconds))
        {
            world.step();
        }
    };
    until(&mut world, 5);
    let first = world.leader().unwrap();
    assert!(
        [NodeId(1), NodeId(2)].contains(&first),
        "the preset means to cut off {first}"
    );
    let before = world.commit_index();
    until(&mut world, 17);
    let second = world.leader().unwrap();
    assert!([NodeId(3), NodeId(4), NodeId(5)].contains(&second));
    assert!(world.commit_index() > before + 10);
    assert_sound(&world, "cut off");
}

#[test]
fn an_add_on_each_side_of_a_partition_survives_it() {
    let preset = presets::find("three-carts").unwrap();
    let world = run(preset.scenario);
    assert_sound(&world, "three carts");
    let snapshot = quorate_sim::Lab::new(world.scenario().clone(), None).map(|mut lab| {
        lab.advance(lab.end(), u64::MAX);
        lab.snapshot(&quorate_sim::Focus::default())
    });
    for replica in snapshot.unwrap().sets.replicas {
        let names: Vec<_> = replica.elements.iter().map(|e| e.name.as_str()).collect();
        assert_eq!(names, ["eggs", "milk", "tea"], "at {}", replica.node);
    }
}
