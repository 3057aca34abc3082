//! Random histories of a keyspace, drawn and shrunk by a property-testing library.

use proptest::prelude::*;

use super::replica::Objects;
use super::world::{Step, run};

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..4_usize, any::<u64>()).prop_map(|(at, code)| Step::Act(at, code)),
        3 => (0..4_usize, 0..4_usize).prop_map(|(from, to)| Step::Send(from, to)),
        1 => (0..4_usize).prop_map(Step::SendAll),
        4 => (0..64_usize, 0..4_usize).prop_map(|(message, to)| Step::Deliver(message, to)),
        1 => (0..4_usize, 0..3_usize).prop_map(|(at, kept)| Step::Prune(at, kept)),
        1 => (0..4_usize).prop_map(Step::Reload),
    ]
}

#[test]
fn a_keyspace_shows_what_the_operations_seen_say_and_its_index_follows() {
    let config = ProptestConfig::with_cases(96);
    proptest!(config, |(steps in prop::collection::vec(step(), 1..100))| {
        run::<Objects>(4, steps);
    });
}
