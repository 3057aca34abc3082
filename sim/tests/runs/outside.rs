//! Faults outside of the model: what breaks is named with the assumption that broke before it.

use quorate::{Micros, NodeId};
use quorate_sim::{
    Action, Assumption, DiskChange, FaultSpec, Loss, ReadSpec, Scenario, TimedAction, Verdict,
    World,
};

use crate::cluster::{at, five, nodes, run, run_until, world};

fn expected_loss(world: &World) -> Option<Assumption> {
    match world.verdict() {
        Verdict::ExpectedLoss { breach, .. } => Some(breach.assumption),
        Verdict::Clean => None,
        Verdict::Violated { invariant, witness } => panic!("{}: {witness}", invariant.name()),
    }
}

/// How many of the seeds end in an expected loss, all of them of this assumption.
fn losses(seeds: u64, assumption: Assumption, scenario: impl Fn(u64) -> Scenario) -> usize {
    let lost = (0..seeds).filter(|&seed| {
        let scenario = Scenario {
            seed,
            ..scenario(seed)
        };
        assert!(scenario.may_break().contains(&assumption), "seed {seed}");
        let loss = expected_loss(&run(scenario));
        assert!(
            loss.is_none_or(|lost| lost == assumption),
            "seed {seed}: {loss:?}"
        );
        loss.is_some()
    });
    lost.count()
}

/// Disks that lie about syncs, and crashes that show it.
#[test]
fn lying_disks_end_in_an_expected_loss() {
    let lost = losses(10, Assumption::SyncedIsDurable, |_| {
        let mut scenario = five(120);
        scenario.disk.lying_permille = 1_000;
        scenario.faults = FaultSpec {
            crash_interval: Micros::from_secs(1),
            crash_time: Micros::from_secs(2),
            ..FaultSpec::default()
        };
        scenario
    });
    assert!(lost >= 5, "only {lost} of 10 runs lost anything");
}

/// A disk that lies and whose machine never dies has broken nothing.
#[test]
fn a_lie_that_no_crash_shows_is_no_breach() {
    let mut scenario = five(30);
    scenario.disk.lying_permille = 1_000;
    let world = run(scenario);
    assert_eq!(
        (world.breaches(), world.verdict()),
        (&[][..], Verdict::Clean)
    );
}

/// A majority forgets what it has promised and elects somebody without it.
fn amnesia(empty: fn(NodeId) -> [Action; 2]) -> Scenario {
    let mut scenario = five(60);
    scenario.actions = [at(
        8_000,
        Action::Partition {
            groups: vec![nodes(&[1, 2, 3]), nodes(&[4, 5])],
        },
    )]
    .into();
    let one_by_one = (1..=3).map(NodeId).flat_map(empty);
    let emptied = one_by_one.map(|action| at(20_000, action));
    scenario.actions.extend(emptied);
    // Nobody asks those who still know.
    scenario.actions.push(at(
        20_000,
        Action::Partition {
            groups: vec![nodes(&[1, 2, 3]), nodes(&[4, 5])],
        },
    ));
    scenario.actions.push(at(30_000, Action::Heal));
    scenario
}

#[test]
fn a_quorum_that_restarts_empty_ends_in_an_expected_loss() {
    let lost = losses(6, Assumption::IdentityKeepsItsDisk, |_| {
        amnesia(|node| [Action::Crash { node }, Action::RestartEmpty { node }])
    });
    assert!(lost >= 3, "only {lost} of 6 runs lost anything");
}

#[test]
fn the_loss_of_a_quorums_disks_is_named() {
    let scenario = amnesia(|node| [Action::LoseDisk { node }, Action::Restart { node }]);
    assert!(
        scenario
            .may_break()
            .contains(&Assumption::QuorumKeepsItsDisks)
    );
    let mut world = world(scenario);
    run_until(&mut world, Micros::from_secs(25));
    let broken: Vec<(Assumption, u64)> = (world.breaches().iter())
        .filter(|breach| breach.loss == Loss::Log)
        .map(|breach| (breach.assumption, breach.node.0))
        .collect();
    let identity = Assumption::IdentityKeepsItsDisk;
    assert_eq!(
        broken,
        [
            (identity, 1),
            (identity, 2),
            (Assumption::QuorumKeepsItsDisks, 3),
            (identity, 3)
        ]
    );
    while world.step() {}
    assert!(expected_loss(&world).is_some());
}

/// One disk of five is lost and stays lost: that is what there are five for.
#[test]
fn a_minority_without_disks_that_stays_down_loses_nothing() {
    let mut scenario = five(60);
    scenario.actions = vec![
        at(10_000, Action::LoseDisk { node: NodeId(1) }),
        at(20_000, Action::LoseDisk { node: NodeId(4) }),
    ];
    let world = run(scenario);
    assert_eq!(
        (world.breaches(), world.verdict()),
        (&[][..], Verdict::Clean)
    );
    assert_eq!(world.running(), 3);
    assert!(world.leader().is_some() && world.commit_index() > 60);
}

/// Clocks out of bounds are a breach, and no safety rests on them while reads ask a quorum.
#[test]
fn clocks_out_of_bounds_are_named_and_break_nothing() {
    for seed in 0..10 {
        let mut scenario = five(60);
        scenario.seed = seed;
        scenario.clocks.max_drift_ppm = 300_000;
        scenario.faults.jump_interval = Micros::from_secs(1);
        assert_eq!(scenario.may_break(), [Assumption::DriftIsBounded].into());
        let world = run(scenario);
        let is_time = |breach: &quorate_sim::Breach| {
            (breach.assumption, breach.loss) == (Assumption::DriftIsBounded, Loss::Time)
        };
        assert!(!world.breaches().is_empty() && world.breaches().iter().all(is_time));
        assert_eq!(world.verdict(), Verdict::Clean, "seed {seed}");
    }
}

/// A leader whose clock is slow believes in its lease when others have elected another long ago.
#[test]
fn leases_on_clocks_out_of_bounds_end_in_an_expected_loss() {
    let lost = losses(5, Assumption::DriftIsBounded, |_| {
        let mut scenario = Scenario::quiet("leases on bad clocks", 3);
        scenario.until = Micros::from_secs(60);
        scenario.raft.reads = ReadSpec::Lease;
        scenario.workload.clients = 20;
        scenario.workload.keys = 1;
        scenario.workload.client_operations_per_second_milli = 200_000;
        scenario.workload.reads_permille = 500;
        scenario.workload.request_timeout = Micros::from_millis(100);
        for round in 0..10 {
            let start = 3_000 + 5_000 * round;
            let leader = NodeId(1 + round % 3);
            let drifts = [1, 2, 3].map(NodeId).map(|node| {
                let ppm = if node == leader { -400_000 } else { 400_000 };
                at(start, Action::Drift { node, ppm })
            });
            scenario.actions.extend(drifts);
            scenario.actions.extend([
                at(start + 1, Action::Transfer { node: leader }),
                at(start + 2_000, Action::Isolate { node: leader }),
                at(start + 4_000, Action::Heal),
            ]);
        }
        scenario
    });
    assert_eq!(lost, 5);
}

#[test]
fn actions_say_what_they_may_break() {
    let clocks = five(1).clocks;
    let node = NodeId(1);
    let lie = |permille| {
        Action::Disk(DiskChange {
            lying_permille: Some(permille),
            ..DiskChange::of(node)
        })
    };
    let (slow, fast) = (-10_001, 10_000);
    let cases = [
        (Action::Crash { node }, None),
        (lie(0), None),
        (lie(1), Some(Assumption::SyncedIsDurable)),
        (Action::Drift { node, ppm: fast }, None),
        (
            Action::Drift { node, ppm: slow },
            Some(Assumption::DriftIsBounded),
        ),
        (
            Action::Jump { node, by: -1 },
            Some(Assumption::DriftIsBounded),
        ),
        (
            Action::RestartEmpty { node },
            Some(Assumption::IdentityKeepsItsDisk),
        ),
        (Action::Pause { node }, None),
    ];
    for (action, expected) in cases {
        assert_eq!(action.may_break(&clocks), expected, "{action}");
    }
}

/// The edited scenario has what was done by hand, and its verdict is the same.
#[test]
fn a_breach_by_hand_is_a_breach_of_the_scenario() {
    let mut edited = world(five(30));
    run_until(&mut edited, Micros::from_secs(8));
    for action in [
        Action::Crash { node: NodeId(2) },
        Action::RestartEmpty { node: NodeId(2) },
    ] {
        edited.act(action).unwrap();
    }
    let actions: Vec<TimedAction> = edited.edited_scenario().actions;
    while edited.step() {}
    let repeated = run(Scenario {
        actions,
        ..five(30)
    });
    assert_eq!(edited.breaches().len(), 2, "of the log and of the replica");
    assert_eq!(repeated.breaches(), edited.breaches());
    assert_eq!(repeated.verdict(), edited.verdict());
    assert_eq!(repeated.digest(), edited.digest());
}
