//! Outside of the fault model a run is clean, or what it lost is explained: there is no third case.

use std::collections::BTreeSet;

use quorate_sim::Assumption;
use quorate_sim::fuzz::{Model, Peace, run, swarm_of};

#[test]
fn a_seed_leaves_the_model_and_ends_in_peace() {
    let mut broken = BTreeSet::new();
    for seed in 0..200 {
        let scenario = swarm_of(Model::Outside, seed);
        assert_eq!(scenario.check(), Ok(()), "seed {seed}");
        assert!(Peace::of(&scenario).is_some(), "seed {seed}");
        let may_break = scenario.may_break();
        assert!(!may_break.is_empty(), "seed {seed} is inside");
        broken.extend(may_break);
        let inside = swarm_of(Model::Inside, seed).may_break();
        assert!(inside.is_empty(), "seed {seed} is outside");
    }
    let all = [
        Assumption::SyncedIsDurable,
        Assumption::IdentityKeepsItsDisk,
        Assumption::DriftIsBounded,
        Assumption::QuorumKeepsItsDisks,
    ];
    assert_eq!(broken, BTreeSet::from(all));
}

#[test]
fn whatever_breaks_outside_of_the_model_is_explained_by_an_assumption() {
    let mut lost = BTreeSet::new();
    for seed in 0..150 {
        let outcome = run(&swarm_of(Model::Outside, seed)).unwrap();
        assert_eq!(outcome.violation, None, "seed {seed}");
        if let Some(loss) = outcome.loss {
            assert!(loss.breach.event <= loss.violation.event, "seed {seed}");
            lost.insert(loss.breach.assumption);
        }
    }
    // Clocks alone rarely cost anything: a read by a lease has to come at the worst moment.
    let disks = [
        Assumption::SyncedIsDurable,
        Assumption::IdentityKeepsItsDisk,
        Assumption::QuorumKeepsItsDisks,
    ];
    assert!(lost.is_superset(&BTreeSet::from(disks)), "{lost:?}");
}
