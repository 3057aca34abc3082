//! What a seed becomes, and what the program as it is does with it.

use std::collections::BTreeSet;

use quorate::Micros;
use quorate_sim::fuzz::{Peace, run, swarm};
use quorate_sim::shrink::{NotFailing, shrink, story};
use quorate_sim::{Action, Mutant, Scenario};
use std::ops::ControlFlow;

#[test]
fn a_seed_is_a_possible_scenario_that_ends_in_peace_and_fits_into_a_link() {
    for seed in 0..300 {
        let scenario = swarm(seed);
        assert_eq!(scenario.check(), Ok(()), "seed {seed}");
        assert_eq!(scenario, swarm(seed), "seed {seed}");
        assert!(Peace::of(&scenario).is_some(), "seed {seed}");
        let link = scenario.to_fragment();
        assert_eq!(Scenario::from_fragment(&link), Ok(scenario), "seed {seed}");
    }
}

#[test]
fn seeds_differ_in_what_they_have() {
    let kinds: BTreeSet<Vec<bool>> = (0..100)
        .map(|seed| {
            let scenario = swarm(seed);
            let has = |wanted: fn(&Action) -> bool| {
                scenario.actions.iter().any(|timed| wanted(&timed.action))
            };
            vec![
                has(|action| matches!(action, Action::Crash { .. })),
                has(|action| matches!(action, Action::Partition { .. })),
                has(|action| matches!(action, Action::Isolate { .. })),
                has(|action| matches!(action, Action::Lossy { .. })),
                has(|action| matches!(action, Action::Put { .. })),
                has(|action| matches!(action, Action::Prune { .. })),
                scenario.network.loss_permille > 0,
            ]
        })
        .collect();
    assert!(kinds.len() > 30, "{} kinds of scenarios", kinds.len());
}

#[test]
fn the_program_as_it_is_breaks_nothing_and_comes_right() {
    for seed in 0..500 {
        let outcome = run(&swarm(seed)).unwrap();
        assert_eq!(outcome.violation, None, "seed {seed}");
        if seed < 5 {
            assert_eq!(run(&swarm(seed)).unwrap(), outcome, "seed {seed}");
        }
    }
}

/// A scenario that leaves somebody down or cut off is not asked to come right.
#[test]
fn peace_is_read_from_the_actions() {
    let mut scenario = swarm(1);
    assert!(Peace::of(&scenario).is_some());
    let (until, last) = (scenario.until, scenario.actions.last().unwrap().at);
    scenario.until = last + Micros::from_secs(24);
    assert!(Peace::of(&scenario).is_none());
    scenario.until = until;
    let crash = scenario.actions[0].clone();
    scenario.actions.insert(0, crash);
    let node = quorate::NodeId(1);
    scenario.actions.push(quorate_sim::TimedAction {
        at: last,
        action: Action::Crash { node },
    });
    assert!(Peace::of(&scenario).is_none());
}

#[test]
fn what_does_not_fail_is_not_shrunk_but_has_a_story() {
    let scenario = swarm(2);
    let mut control = |_, _: &Scenario| ControlFlow::Continue(());
    let refused = shrink(&scenario, Mutant::NONE, 10, &mut control);
    assert_eq!(refused, Err(NotFailing::Clean));
    let story = story(&scenario, Mutant::NONE, 10).unwrap();
    assert_eq!(story.len(), 10);
    assert!(story.windows(2).all(|pair| pair[0].at <= pair[1].at));
}
