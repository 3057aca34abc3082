//! Every rule of the autoscaler is broken once, and the check that it belongs to has to notice.
//!
//! The checks are laws, stated without regard to how the code keeps them. The unbroken code passes
//! all of them. The table of who notices what is printed.
#![cfg(feature = "mutants")]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

#[allow(dead_code, reason = "the tests of the controller use the rest")]
#[path = "../autoscale_controller/bench.rs"]
mod bench;
mod controller;
#[allow(dead_code, reason = "the tests of the guards use the rest")]
#[path = "../autoscale_guards/fleet.rs"]
mod fleet;
mod guards;
mod strategies;
mod subject;
mod threshold;

use quorate::autoscale::Rule;

use self::subject::{Check, Subject};

/// Every check.
fn checks() -> Vec<Check> {
    let all = [
        guards::CHECKS,
        controller::CHECKS,
        threshold::CHECKS,
        strategies::CHECKS,
    ];
    all.into_iter().flatten().copied().collect()
}

#[test]
fn the_unbroken_code_passes_every_check() {
    for check in checks() {
        if let Err(noticed) = check.run(Subject::Unbroken) {
            panic!("{} fails without a broken rule: {noticed}", check.name);
        }
    }
}

#[test]
fn every_broken_rule_is_noticed_by_the_check_it_belongs_to() {
    let checks = checks();
    let mut unnoticed = Vec::new();
    for rule in Rule::ALL {
        let subject = Subject::Breaking(rule);
        let noticing: Vec<&Check> = checks
            .iter()
            .filter(|check| check.run(subject).is_err())
            .collect();
        let names: Vec<&str> = noticing.iter().map(|check| check.name).collect();
        println!("{rule:?}: {}", names.join(", "));
        if !noticing.iter().any(|check| check.rules.contains(&rule)) {
            unnoticed.push(rule);
        }
    }
    assert!(
        unnoticed.is_empty(),
        "nobody notices that {unnoticed:?} is broken"
    );
}

#[test]
fn there_are_enough_rules_and_each_is_named_once() {
    let mut rules = Rule::ALL.to_vec();
    rules.sort_unstable();
    rules.dedup();
    assert_eq!(rules.len(), Rule::ALL.len());
    assert!(rules.len() >= 25);
}
