//! Whole clusters under every fault inside of the model: nothing breaks, and when it is over the
//! cluster works.

use quorate::{Micros, NodeId, Random};
use quorate_sim::{Action, DiskChange, FaultSpec, LinkChange, Scenario, Verdict};

use crate::cluster::{assert_sound, assert_works, at, five, nodes, run_until, world};

/// A fault, as settings or actions of a scenario.
type Fault = fn(&mut Scenario, &mut Random);

/// Every fault that promises survive, each on its own.
const FAULTS: [(&str, Fault); 12] = [
    ("a long tail", |scenario, random| {
        scenario.network.tail_permille = 20 + draw(random, 100);
        scenario.network.tail_mean = Micros::from_millis(300);
    }),
    ("loss and duplicates", |scenario, random| {
        scenario.network.loss_permille = draw(random, 300);
        scenario.network.duplicate_permille = draw(random, 300);
    }),
    ("order", |scenario, random| {
        scenario.network.latency_max = Micros::from_millis(80);
        scenario.network.overtake_permille = draw(random, 50);
    }),
    ("a narrow network", |scenario, random| {
        scenario.network.bytes_per_second = 6_000 + random.below(20_000);
    }),
    ("one bad link", |scenario, random| {
        let (from, to) = pair(random);
        let change = LinkChange {
            latency_max: Some(Micros::from_millis(700)),
            loss_permille: Some(300),
            bytes_per_second: Some(1_000),
            ..LinkChange::between(from, to)
        };
        scenario.actions.push(at(5_000, Action::Link(change)));
        scenario
            .actions
            .push(at(40_000, Action::Mend { a: from, b: to }));
    }),
    ("one-way cuts", |scenario, random| {
        for round in 0..4 {
            let (from, to) = pair(random);
            let rest = (1..=5).map(NodeId).filter(|&node| node != from).collect();
            let to = if round % 2 == 0 { vec![to] } else { rest };
            let cut = Action::CutOneWay {
                from: vec![from],
                to,
            };
            scenario.actions.push(at(5_000 + 8_000 * round, cut));
            scenario
                .actions
                .push(at(10_000 + 8_000 * round, Action::Heal));
        }
    }),
    ("a bridge", |scenario, random| {
        let bridge = 1 + random.below(5);
        let others: Vec<u64> = (1..=5).filter(|&node| node != bridge).collect();
        let groups = vec![
            nodes(&[others[0], others[1], bridge]),
            nodes(&[bridge, others[2], others[3]]),
        ];
        scenario
            .actions
            .push(at(5_000, Action::Partition { groups }));
        scenario.actions.push(at(35_000, Action::Heal));
    }),
    ("torn writes", |scenario, random| {
        scenario.disk.torn_permille = 1_000;
        scenario.disk.sync_max = Micros::from_millis(30 + random.below(60));
        scenario.faults = FaultSpec {
            crash_interval: Micros::from_millis(1_500),
            crash_time: Micros::from_secs(1),
            ..FaultSpec::default()
        };
    }),
    ("a slow disk", |scenario, random| {
        let (node, _) = pair(random);
        let slow = DiskChange {
            sync_min: Some(Micros::from_millis(100)),
            sync_max: Some(Micros::from_millis(900)),
            ..DiskChange::of(node)
        };
        scenario.actions.push(at(4_000, Action::Disk(slow)));
        scenario.actions.push(at(40_000, Action::MendDisk { node }));
    }),
    ("drift within the bound", |scenario, _| {
        scenario.clocks.max_drift_ppm = 200_000;
        scenario.clocks.bound_ppm = 200_000;
        scenario.faults.drift_interval = Micros::from_secs(1);
    }),
    ("pauses", |scenario, _| {
        scenario.faults.pause_interval = Micros::from_secs(1);
        scenario.faults.pause_time = Micros::from_secs(2);
    }),
    ("everything at once", |scenario, random| {
        scenario.network.loss_permille = draw(random, 100);
        scenario.network.duplicate_permille = draw(random, 100);
        scenario.network.tail_permille = draw(random, 50);
        scenario.network.overtake_permille = draw(random, 1_000);
        scenario.disk.torn_permille = 500;
        scenario.clocks.max_drift_ppm = 10_000;
        scenario.faults = FaultSpec {
            crash_interval: Micros::from_secs(4),
            pause_interval: Micros::from_secs(3),
            partition_interval: Micros::from_secs(6),
            drift_interval: Micros::from_secs(5),
            ..FaultSpec::default()
        };
    }),
];

fn draw(random: &mut Random, below: u64) -> u32 {
    u32::try_from(random.below(below)).unwrap()
}

fn pair(random: &mut Random) -> (NodeId, NodeId) {
    let from = 1 + random.below(5);
    let to = 1 + (from + random.below(4)) % 5;
    (NodeId(from), NodeId(to))
}

#[test]
fn every_fault_inside_of_the_model_breaks_nothing_and_heals() {
    for (name, fault) in FAULTS {
        for seed in 0..12 {
            let what = format!("{name}, seed {seed}");
            let mut random = Random::new(seed);
            let mut scenario = five(75);
            scenario.seed = seed;
            fault(&mut scenario, &mut random);
            // Afterwards there is peace, but for the settings of the whole network.
            scenario.faults.until = Micros::from_secs(45);
            assert!(
                scenario.may_break().is_empty(),
                "{what}: outside of the model"
            );
            let mut world = world(scenario);
            run_until(&mut world, Micros::from_secs(60));
            assert_eq!(world.breaches(), [], "{what}");
            assert_eq!(world.verdict(), Verdict::Clean, "{what}");
            assert_works(&mut world, &what);
            assert_sound(&world, &what);
        }
    }
}

/// Faults by settings come as often as asked, and end when they should.
#[test]
fn faults_that_come_by_themselves_come_and_go() {
    let mut scenario = five(60);
    scenario.faults = FaultSpec {
        until: Micros::from_secs(40),
        crash_interval: Micros::from_secs(2),
        crash_time: Micros::from_secs(3),
        ..FaultSpec::default()
    };
    let mut world = world(scenario);
    let (mut fewest, mut changes, mut before) = (5, 0, 5);
    while world.now() < Micros::from_secs(41) && world.step() {
        let running = world.running();
        fewest = fewest.min(running);
        changes += u32::from(running < before);
        before = running;
    }
    assert!((8..40).contains(&changes), "{changes} crashes in 40 s");
    assert!(fewest <= 3, "at least {fewest} ran");
    assert_eq!(world.running(), 5, "all of them are back");
}
