//! Local clocks in whole runs: fast followers call elections, and a jump wakes who waits.

use quorate::{Micros, NodeId};
use quorate_sim::{Action, Lab, Scenario};

use crate::cluster::{assert_sound, at, five, run, run_until, world};

/// A clock that runs faster than its leader's heartbeats last stands for election early.
#[test]
fn who_runs_fast_loses_patience_first() {
    let mut scenario = five(20);
    // Nobody leads: the first to lose patience asks first.
    scenario.actions = (1..=5)
        .map(|node| {
            let ppm = if node == 4 { 450_000 } else { -450_000 };
            at(
                0,
                Action::Drift {
                    node: NodeId(node),
                    ppm,
                },
            )
        })
        .collect();
    let mut world = world(scenario);
    run_until(&mut world, Micros::from_secs(2));
    assert_eq!(world.leader(), Some(NodeId(4)));
}

/// A follower whose clock jumps beyond its election timeout stands for election; with the
/// pre-vote that disturbs nobody.
#[test]
fn a_jump_forth_is_a_timeout_and_a_jump_back_is_patience() {
    let mut lab = Lab::new(five(60), None).unwrap();
    lab.advance(Micros::from_secs(10), u64::MAX);
    let leader = lab.world().leader().unwrap();
    let node = NodeId(1 + leader.0 % 5);
    let by = 5_000_000;
    let spans = lab.history().roles(node).len();
    lab.act(Action::Jump { node, by }).unwrap();
    lab.advance(Micros::from_secs(11), u64::MAX);
    assert!(
        lab.history().roles(node).len() > spans,
        "it asked for votes"
    );
    assert_eq!(lab.world().leader(), Some(leader), "and got none");

    // Without its leader it would stand soon; its clock says that no time has passed.
    let back = Action::Jump { node, by: -by };
    lab.act(back).unwrap();
    lab.advance(Micros::from_secs(30), u64::MAX);
    assert_sound(lab.world(), "jumps");
}

/// A drift is part of the run: the same clocks give the same run, others another.
#[test]
fn clocks_are_part_of_the_seed() {
    let drifting = |max_drift_ppm| {
        let mut scenario: Scenario = five(20);
        scenario.clocks.max_drift_ppm = max_drift_ppm;
        run(scenario).digest()
    };
    assert_eq!(drifting(5_000), drifting(5_000));
    assert_ne!(drifting(5_000), drifting(0));
}
