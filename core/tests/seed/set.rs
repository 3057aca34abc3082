//! The set as such: tags, tombstones, and the laws of its merge.

use proptest::prelude::*;
use quorate::crdt::seed::{Timestamp, TombstoneOptions, TombstoneOrSet, tag_of};
use quorate::crdt::{OrSet, PruneOptions, ReplicaId, Replicated};
use quorate::{Micros, NodeId, Random};

use super::{DAY, MINUTE, morning};

#[test]
fn a_tag_is_the_node_and_thirty_two_hexadecimal_digits() {
    assert_eq!(tag_of("n1", 0xab), format!("n1:{}ab", "0".repeat(30)));
    let mut random = Random::new(7);
    let mut set = TombstoneOrSet::new();
    let tags = [0; 2].map(|_| set.add_random("x", "n1", &mut random));
    assert_ne!(tags[0], tags[1]);
    assert!(tags.iter().all(|tag| tag.len() == 3 + 32));
    assert_eq!(set.add_tags("x").count(), 2);
}

#[test]
fn a_removal_takes_what_it_saw_and_remembers_the_first_time() {
    let mut set = TombstoneOrSet::new();
    assert_eq!(set.remove("x", morning()), 0);
    assert_eq!(set, TombstoneOrSet::new());

    let first = set.add("x", "n1", 1);
    assert_eq!(set.remove("x", morning()), 1);
    let second = set.add("x", "n1", 2);
    assert!(set.contains("x"));
    assert_eq!(set.live_tags("x").collect::<Vec<_>>(), [&second]);

    let later = morning().plus(MINUTE);
    assert_eq!(set.remove("x", later), 1);
    assert_eq!(set.removed_at("x", &first), morning());
    assert_eq!(set.removed_at("x", &second), later);
    assert_eq!(set.removed_at("x", "unknown"), Timestamp::MIN);
    assert_eq!((set.len(), set.tombstones()), (0, 2));
    assert!(set.is_empty());
}

#[test]
fn a_merge_takes_the_earlier_time() {
    let (mut left, mut right) = (TombstoneOrSet::new(), TombstoneOrSet::new());
    let tag = left.add("x", "n1", 1);
    right.join(&left);
    left.remove("x", morning().plus(MINUTE));
    right.remove("x", morning());
    left.join(&right);
    assert_eq!(left.removed_at("x", &tag), morning());
    right.join(&left);
    assert_eq!(left, right);
}

#[test]
fn a_merge_above_the_threshold_prunes_with_the_options_of_the_set() {
    let options = TombstoneOptions {
        auto_gc_threshold: 3,
        gc_retention: DAY,
    };
    let mut set = TombstoneOrSet::with_options(options);
    let mut peer = TombstoneOrSet::new();
    for unique in 0..4 {
        peer.add(&format!("element-{unique}"), "n2", unique);
        peer.remove(&format!("element-{unique}"), morning());
        let report = set.merge(&peer, morning().plus(DAY));
        assert_eq!(report.is_some(), unique == 3, "above means above");
    }
    assert_eq!(set.tombstones(), 0);
    assert_eq!(set.options(), options);
    // The day is not over: nothing goes, but it was tried.
    let report = set.merge(&peer, morning()).unwrap();
    assert_eq!((report.tags_removed, set.tombstones()), (0, 4));
}

#[test]
fn options_are_those_of_the_other_set() {
    let options = TombstoneOptions::from(&PruneOptions {
        max_tombstones: 7,
        retention: Micros(9),
        ..PruneOptions::default()
    });
    assert_eq!((options.auto_gc_threshold, options.gc_retention.0), (7, 9));
    let default = TombstoneOptions::default();
    assert_eq!(default.auto_gc_threshold, 10_000);
    assert_eq!(default.gc_retention, DAY);
}

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
