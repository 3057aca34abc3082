//! The laws of a merge in the seed's set, on random histories, drawn and shrunk by a property-testing library.

use proptest::prelude::*;
use quorate::crdt::seed::TombstoneOrSet;
use quorate::crdt::{OrSet, ReplicaId, Replicated};
use quorate::{Micros, NodeId};

use super::morning;

/// What happens in a drawn history of three replicas.
#[derive(Clone, Copy, Debug)]
enum Step {
    Add(usize, u8),
    Remove(usize, u8),
    Join(usize, usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..3_usize, 0..4_u8).prop_map(|(at, element)| Step::Add(at, element)),
        3 => (0..3_usize, 0..4_u8).prop_map(|(at, element)| Step::Remove(at, element)),
        2 => (0..3_usize, 0..3_usize).prop_map(|(into, from)| Step::Join(into, from)),
    ]
}

/// Three replicas after a history. Clocks disagree: time runs backwards at one of them.
fn replay(steps: &[Step]) -> [TombstoneOrSet; 3] {
    let mut sets = [0; 3].map(|_| TombstoneOrSet::new());
    for (index, &step) in steps.iter().enumerate() {
        let time = |at: usize| {
            let since = if at == 2 { steps.len() - index } else { index };
            morning().plus(Micros::from_secs(since as u64))
        };
        match step {
            Step::Add(at, element) => {
                sets[at].add(&element.to_string(), &at.to_string(), index as u128);
            }
            Step::Remove(at, element) => {
                sets[at].remove(&element.to_string(), time(at));
            }
            Step::Join(into, from) => {
                let source = sets[from].clone();
                sets[into].join(&source);
            }
        }
    }
    sets
}

fn joined(left: &TombstoneOrSet, right: &TombstoneOrSet) -> TombstoneOrSet {
    let mut both = left.clone();
    both.join(right);
    both
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn without_pruning_a_merge_is_a_join(steps in prop::collection::vec(step(), 0..60)) {
        let [a, b, c] = replay(&steps);
        prop_assert_eq!(joined(&a, &b), joined(&b, &a));
        prop_assert_eq!(joined(&joined(&a, &b), &c), joined(&a, &joined(&b, &c)));
        prop_assert_eq!(joined(&a, &a), a.clone());
        let both = joined(&a, &b);
        prop_assert_eq!(joined(&both, &a), both);
    }

    #[test]
    fn without_pruning_both_kinds_of_set_show_the_same(
        steps in prop::collection::vec(step(), 0..60)
    ) {
        let mut ours = [0, 1, 2].map(|node| OrSet::new(ReplicaId::first(NodeId(node))));
        for &step in &steps {
            match step {
                Step::Add(at, element) => {
                    ours[at].add(Micros(1), &element.to_string()).unwrap();
                }
                Step::Remove(at, element) => {
                    ours[at].remove(Micros(1), &element.to_string()).unwrap();
                }
                Step::Join(into, from) => {
                    let source: OrSet<String> = ours[from].clone();
                    ours[into].merge(&source).unwrap();
                }
            }
        }
        for (seed, ours) in replay(&steps).iter().zip(&ours) {
            prop_assert!(ours.iter().eq(seed.iter().map(str::to_owned)));
            let live_tags = seed.iter().flat_map(|element| seed.live_tags(element));
            prop_assert!(ours.store().live_len() <= live_tags.count());
        }
    }

    #[test]
    fn an_element_is_present_exactly_if_a_tag_of_it_lives(
        steps in prop::collection::vec(step(), 0..60)
    ) {
        for set in replay(&steps) {
            for element in 0..4 {
                let element = element.to_string();
                let removed: Vec<_> = set.remove_tags(&element).collect();
                let alive = set.add_tags(&element).any(|tag| !removed.contains(&tag));
                prop_assert_eq!(set.contains(&element), alive);
                prop_assert_eq!(set.iter().any(|present| present == element), alive);
            }
            prop_assert_eq!(set.undated_tombstones(), 0);
        }
    }
}
