//! Every mutant is killed by the invariant it belongs to, and without a bug nothing is violated.

use std::ops::ControlFlow;

use quorate_sim::Mutant;
use quorate_sim::gallery::{hunt, observe, scenes, specimens};

#[test]
fn every_mutant_is_killed_by_its_own_invariant() {
    let mut alive = Vec::new();
    for specimen in specimens() {
        let mut control = |_| ControlFlow::Continue(());
        let hunted = hunt(&specimen, 60, &mut control).unwrap();
        let Some(kill) = hunted.kill else {
            alive.push((specimen.mutant.name(), hunted.noticed));
            continue;
        };
        assert_eq!(kill.violation.invariant, specimen.owner);
        assert_eq!(kill.seed + 1, hunted.seeds);
        println!("{}: {}", specimen.mutant, kill.violation.words);
    }
    assert!(alive.is_empty(), "{alive:?}");
}

#[test]
fn the_program_without_a_bug_violates_nothing_in_any_scene() {
    for scene in scenes() {
        for seed in 0..6 {
            let seen = observe(&scene, seed, Mutant::NONE, None).unwrap();
            assert!(
                seen.violations.is_empty(),
                "{} {seed}: {seen:?}",
                scene.name
            );
            assert_eq!(seen.panic, None, "{} {seed}", scene.name);
        }
    }
}
