//! Random histories of every type, drawn and shrunk by a property-testing library.

use proptest::prelude::*;
use quorate::crdt::{EwFlag, GCounter, LwwRegister, MvRegister, OrMap, OrSet, PnCounter};

use super::world::{Step, Subject, run};

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..4_usize, any::<u64>()).prop_map(|(at, code)| Step::Act(at, code)),
        3 => (0..4_usize, 0..4_usize).prop_map(|(from, to)| Step::Send(from, to)),
        1 => (0..4_usize).prop_map(Step::SendAll),
        4 => (0..64_usize, 0..4_usize).prop_map(|(message, to)| Step::Deliver(message, to)),
        1 => (0..4_usize, 0..3_usize).prop_map(|(at, kept)| Step::Prune(at, kept)),
        1 => (0..4_usize).prop_map(Step::Reload),
    ]
}

/// Every step agrees with the oracle, the laws hold of what comes out, and it heals.
fn holds<T: Subject>() {
    let config = ProptestConfig::with_cases(256);
    proptest!(config, |(steps in prop::collection::vec(step(), 1..100))| {
        run::<T>(4, steps);
    });
}

#[test]
fn a_grow_only_counter_is_the_sum_of_the_increments_seen() {
    holds::<GCounter>();
}

#[test]
fn a_counter_is_the_sum_of_the_changes_seen() {
    holds::<PnCounter>();
}

#[test]
fn a_set_has_what_was_added_and_not_seen_by_a_removal() {
    holds::<OrSet<u32>>();
}

#[test]
fn a_flag_is_up_if_an_enabling_was_not_seen_by_a_disabling() {
    holds::<EwFlag>();
}

#[test]
fn a_register_shows_the_last_of_the_writes_that_are_left() {
    holds::<LwwRegister<u32>>();
}

#[test]
fn a_multi_value_register_shows_all_writes_that_are_left() {
    holds::<MvRegister<u32>>();
}

#[test]
fn a_removal_takes_of_a_map_what_it_has_seen_and_nothing_else() {
    holds::<OrMap<u32>>();
}
