//! Every rule of the replicated types is broken once, and the history that it belongs to has to show
//! what is lost by it: an element that comes back, a write that vanishes, or two replicas that have
//! seen the same and show different things.
//!
//! The histories are the shortest ones known. The unbroken kernel passes all of them.
#![cfg(feature = "mutants")]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod classic;
mod deltas;
mod kernel;
mod membership;
mod random;
mod readmission;
mod registers;
mod restarts;

use quorate::crdt::Rule;

use self::kernel::{History, Kernel};

/// Every history.
fn histories() -> Vec<History> {
    let all = [
        deltas::HISTORIES,
        restarts::HISTORIES,
        membership::HISTORIES,
        readmission::HISTORIES,
        registers::HISTORIES,
    ];
    all.into_iter().flatten().copied().collect()
}

#[test]
fn the_unbroken_kernel_loses_nothing_in_any_history() {
    for history in histories() {
        if let Err(lost) = (history.story)(Kernel::Unbroken) {
            panic!("{:?}: {lost}", history.rule);
        }
    }
}

#[test]
fn every_broken_rule_is_shown_by_its_history() {
    for history in histories() {
        let story = (history.story)(Kernel::Breaking(history.rule));
        let Err(lost) = story else {
            panic!("nothing is lost without {:?}", history.rule);
        };
        println!("{:?}: {lost}", history.rule);
    }
}

#[test]
fn every_rule_has_one_history() {
    let mut rules: Vec<Rule> = histories().iter().map(|history| history.rule).collect();
    rules.sort_unstable();
    let mut all = Rule::ALL.to_vec();
    all.sort_unstable();
    assert_eq!(rules, all);
}
