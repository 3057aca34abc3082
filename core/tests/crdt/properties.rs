//! The same histories, drawn and shrunk by a property-testing library.

use proptest::prelude::*;
use quorate::crdt::{GCounter, ReplicaId, Replicated};
use quorate::{Micros, NodeId};

use super::histories::{Step, World, check_laws};

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..4_usize, 0..3_u8).prop_map(|(at, element)| Step::Add(at, element)),
        2 => (0..4_usize, 0..3_u8).prop_map(|(at, element)| Step::Remove(at, element)),
        1 => (0..4_usize).prop_map(Step::Clear),
        3 => (0..4_usize, 0..4_usize, 0..4_usize).prop_map(|(a, b, c)| Step::Delta(a, b, c)),
        2 => (0..4_usize, 0..4_usize, 0..4_usize, 0..5_usize)
            .prop_map(|(a, b, c, limit)| Step::Batch(a, b, c, limit)),
        1 => (0..4_usize, 0..4_usize).prop_map(|(a, b)| Step::Full(a, b)),
        1 => (0..4_usize, 0..3_usize).prop_map(|(at, kept)| Step::Prune(at, kept)),
        2 => (0..64_usize, 0..4_usize).prop_map(|(message, to)| Step::Replay(message, to)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_history_agrees_with_the_oracle_and_heals(
        steps in prop::collection::vec(step(), 1..80)
    ) {
        let mut world = World::new(4);
        for step in steps {
            world.step(step);
        }
        check_laws(&world.stores);
        world.heal();
    }

    #[test]
    fn a_counter_counts_every_increment_once(
        steps in prop::collection::vec((0..3_usize, 0..3_usize, 0..5_u64), 1..60)
    ) {
        let counter = |node| GCounter::new(ReplicaId::first(NodeId(node)));
        let mut counters = [counter(1), counter(2), counter(3)];
        let mut total = 0_u128;
        for (at, from, by) in steps {
            counters[at].increment(Micros(1), by).unwrap();
            total += u128::from(by);
            if at != from {
                let source = counters[from].clone();
                counters[at].merge(&source).unwrap();
                counters[at].merge(&source).unwrap();
            }
            prop_assert!(counters.iter().all(|counter| counter.value() <= total));
        }
        let mut all = counter(9);
        for counter in &counters {
            all.merge(counter).unwrap();
        }
        prop_assert_eq!(all.value(), total);
    }
}
