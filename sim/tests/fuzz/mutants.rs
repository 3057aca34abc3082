//! A program with a bug is found out, and the scenario that shows it is made small.

use std::ops::ControlFlow;

use quorate_sim::fuzz::{Violation, run_with, swarm};
use quorate_sim::shrink::{shrink, story};
use quorate_sim::{Mutant, NoticeKind, Recording, Scenario, World};

/// The first seed with which a mutant fails.
fn first_failure(mutant: Mutant) -> (Scenario, Violation) {
    (0..300)
        .find_map(|seed| {
            let scenario = swarm(seed);
            let violation = run_with(&scenario, mutant).unwrap().violation?;
            Some((scenario, violation))
        })
        .unwrap()
}

#[test]
fn a_commit_without_a_quorum_is_found_and_made_small() {
    let mutant = Mutant::find("commit_needs_quorum").unwrap();
    let (scenario, violation) = first_failure(mutant);
    let mut most = 0;
    let mut control = |runs, _: &Scenario| {
        most = runs;
        ControlFlow::Continue(())
    };
    let small = shrink(&scenario, mutant, 1_500, &mut control).unwrap();
    assert_eq!(small.violation.invariant, violation.invariant);
    assert!(
        small.scenario.actions.len() <= 10,
        "{:#?}",
        small.scenario.actions
    );
    assert!(small.runs <= 1_501 && most == small.runs);
    // It was run, and whoever opens it sees the same.
    let again = run_with(&small.scenario, mutant).unwrap();
    assert_eq!(again.violation, Some(small.violation.clone()));
    let told = story(&small.scenario, mutant, 24).unwrap();
    let end = &told.last().unwrap().text;
    assert!(end.starts_with(&small.violation.invariant), "{end}");

    let same = shrink(&scenario, mutant, 1_500, &mut |_, _| {
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(same, small);
}

#[test]
fn shrinking_stops_when_somebody_says_so_and_keeps_what_it_has() {
    let mutant = Mutant::find("commit_needs_quorum").unwrap();
    let (scenario, violation) = first_failure(mutant);
    let mut control = |runs, _: &Scenario| {
        if runs >= 5 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let small = shrink(&scenario, mutant, 1_500, &mut control).unwrap();
    assert!(small.runs < 12, "{}", small.runs);
    assert_eq!(small.violation.invariant, violation.invariant);
}

/// A hard state that is written before its entries may, when a crash tears the write, leave a disk that
/// nobody can start from: the node stays down, and the invariant that is broken says why.
#[test]
fn a_disk_that_nobody_can_start_from_is_seen_and_its_node_stays_down() {
    let mutant = Mutant::find("entries_before_hard_state").unwrap();
    let (scenario, violation) = first_failure(mutant);
    assert_eq!(violation.invariant, "State ordering");
    assert!(violation.witness.contains("cannot start"), "{violation}");
    let mut world = World::with_mutant(scenario, None, Recording::On, mutant).unwrap();
    while world.step() && !world.is_violated() {}
    let last = world.take_notices();
    let is_told = |kind: &NoticeKind| match kind {
        NoticeKind::Impossible { text } => text.contains("cannot start from what is on its disk"),
        _ => false,
    };
    assert!(last.iter().any(|notice| is_told(&notice.kind)));
    // Others go on without it.
    let events = world.events();
    while world.step() {}
    assert!(world.events() > events);
}

/// A cluster that never settles breaks nothing until it is asked, in the end: and that is told, too.
#[test]
fn what_breaks_only_in_the_end_is_told_in_the_end() {
    let mutant = Mutant::find("snapshot_from_before_joining").unwrap();
    let (scenario, violation) = first_failure(mutant);
    assert_eq!(violation.invariant, "Liveness after healing");
    assert_eq!(violation.at, scenario.until);
    let told = story(&scenario, mutant, 24).unwrap();
    let end = &told.last().unwrap().text;
    assert_eq!(
        end,
        &format!("{} breaks: {}", violation.invariant, violation.witness)
    );
}

/// A bug may make the kernel panic or talk without end: both are failures, not ends of the search.
#[test]
fn a_program_that_goes_mad_is_a_failure_like_any_other() {
    let mutant = Mutant::find("cut_only_conflicts").unwrap();
    let failures = (0..6).filter(|&seed| {
        let outcome = run_with(&swarm(seed), mutant).unwrap();
        outcome.violation.is_some()
    });
    assert!(failures.count() > 1);
}
