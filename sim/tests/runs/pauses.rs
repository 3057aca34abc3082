//! A paused process takes no step and loses nothing.

use quorate::{Micros, NodeId};
use quorate_sim::{Action, ActionError, Focus, Lab, ProcessState, Scenario};

use crate::cluster::{assert_sound, assert_works, at, five, run_until, world};

fn lab(scenario: Scenario) -> Lab {
    Lab::new(scenario, None).unwrap()
}

#[test]
fn a_paused_process_takes_no_step() {
    let mut lab = lab(five(60));
    lab.advance(Micros::from_secs(10), u64::MAX);
    let node = lab.world().leader().unwrap();
    lab.act(Action::Pause { node }).unwrap();
    let view = |lab: &Lab| {
        let snapshot = lab.snapshot(&Focus::default());
        let node = snapshot.nodes.into_iter().find(|view| view.id == node);
        node.unwrap()
    };
    let before = view(&lab);
    assert_eq!(before.process, ProcessState::Paused);
    lab.advance(Micros::from_secs(20), u64::MAX);
    let after = view(&lab);
    let state = |view: &quorate_sim::NodeView| {
        let raft = view.raft.clone().unwrap();
        (raft.term, raft.role, raft.commit_index, raft.last_index)
    };
    assert_eq!(state(&after), state(&before));
    let successor = lab.world().leader().unwrap();
    assert_ne!(successor, node, "the others went on");

    for action in [
        Action::Pause { node },
        Action::Campaign { node },
        Action::Prune { node },
    ] {
        assert_eq!(lab.act(action), Err(ActionError::Paused(node)));
    }
    lab.act(Action::Resume { node }).unwrap();
    lab.advance(Micros::from_secs(21), u64::MAX);
    assert!(
        state(&view(&lab)).0 > state(&before).0,
        "it hears of the new term"
    );
    assert_eq!(
        lab.act(Action::Resume { node }),
        Err(ActionError::NotPaused(node))
    );
}

/// What a process made before it stood still, and what was sent to it meanwhile, is all there.
#[test]
fn a_pause_loses_nothing() {
    for seed in 0..20 {
        let mut scenario = five(90);
        scenario.seed = seed;
        let pause = |from, to, node| {
            let node = NodeId(node);
            [
                at(from, Action::Pause { node }),
                at(to, Action::Resume { node }),
            ]
        };
        // First each alone, then a majority together, then all.
        let alone = (1..=5).flat_map(|node| pause(3_000 * node, 3_000 * node + 2_500, node));
        let majority = (1..=3).flat_map(|node| pause(20_000 + node, 26_000 + node, node));
        let all = (1..=5).flat_map(|node| pause(30_000, 34_000, node));
        scenario.actions = alone.chain(majority).chain(all).collect();
        scenario.actions.sort_by_key(|timed| timed.at);
        let mut world = world(scenario);
        run_until(&mut world, Micros::from_secs(45));
        let what = format!("seed {seed}");
        assert_works(&mut world, &what);
        assert_sound(&world, &what);
    }
}

/// Messages that waited are taken in the order in which they came, before any that comes later:
/// two pauses in a row, with the second before the first is caught up with, are one.
#[test]
fn a_process_catches_up_before_it_goes_on() {
    let pauses = |edges: &[(u64, bool)]| {
        let mut scenario = five(30);
        let node = NodeId(2);
        scenario.actions = (edges.iter())
            .map(|&(millis, pause)| {
                let resume = Action::Resume { node };
                at(
                    millis,
                    if pause {
                        Action::Pause { node }
                    } else {
                        resume
                    },
                )
            })
            .collect();
        let mut world = world(scenario);
        while world.step() {}
        assert_sound(&world, "paused");
        (world.commit_index(), world.leader())
    };
    let once = pauses(&[(5_000, true), (7_000, false)]);
    let twice = pauses(&[(5_000, true), (6_000, false), (6_000, true), (7_000, false)]);
    assert_eq!(once, twice);
}

/// A crash ends a pause: what waited is lost with the process.
#[test]
fn a_crash_ends_a_pause() {
    let mut lab = lab(five(60));
    let node = NodeId(3);
    for (seconds, action) in [
        (5, Action::Pause { node }),
        (8, Action::Crash { node }),
        (9, Action::Restart { node }),
    ] {
        lab.advance(Micros::from_secs(seconds), u64::MAX);
        lab.act(action).unwrap();
    }
    let open = |lab: &Lab| lab.history().faults().iter().any(|band| band.to.is_none());
    assert!(!open(&lab), "{:?}", lab.history().faults());
    lab.advance(Micros::from_secs(30), u64::MAX);
    assert_eq!(lab.world().running(), 5);
    assert_sound(lab.world(), "after the pause");
}

/// A checkpoint of a paused process has what waits for it.
#[test]
fn a_pause_can_be_sought_through() {
    let mut scenario = five(60);
    let node = NodeId(1);
    scenario.actions = vec![
        at(5_000, Action::Pause { node }),
        at(9_000, Action::Resume { node }),
    ];
    let mut lab = lab(scenario);
    lab.advance(Micros::from_secs(7), u64::MAX);
    let there = (lab.events(), lab.digest());
    lab.advance(Micros::from_secs(20), u64::MAX);
    let end = (lab.events(), lab.digest());
    for (to, expected) in [(7, there), (20, end)] {
        lab.seek(Micros::from_secs(to));
        while lab.continue_seek(500) == quorate_sim::Progress::Paused {}
        assert_eq!((lab.events(), lab.digest()), expected);
    }
}
