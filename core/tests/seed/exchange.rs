//! There and back between the two sets.

use quorate::crdt::seed::{Timestamp, TombstoneOrSet, tag_of};
use quorate::crdt::{OrSet, PruneOptions, ReplicaId, Replicated};
use quorate::{Micros, NodeId};

use super::{MINUTE, morning, test};

fn set(node: u64) -> OrSet<String> {
    OrSet::new(ReplicaId::first(NodeId(node)))
}

fn text(element: &str) -> String {
    element.to_owned()
}

#[test]
fn what_is_present_crosses_as_one_add_each() {
    let mut seed = TombstoneOrSet::new();
    seed.add("milk", "n1", 1);
    seed.add("milk", "n2", 2);
    seed.add("bread", "n1", 3);
    seed.add("eggs", "n1", 4);
    seed.remove("eggs", morning());
    let replica = ReplicaId {
        node: NodeId(7),
        incarnation: 2,
    };
    let imported = OrSet::from_seed(Micros(5), replica, &seed).unwrap();
    assert!(imported.iter().eq([text("bread"), text("milk")]));
    assert_eq!(imported.dots("milk").count(), 1);
    assert_eq!(imported.context().get(replica), 2);
    assert_eq!(
        imported.store().journal().count(),
        0,
        "absence needs no record"
    );
}

#[test]
fn a_live_dot_is_a_tag_and_a_record_a_tombstone() {
    let mut ours = set(3);
    ours.add(MINUTE, "milk").unwrap();
    ours.add(MINUTE, "eggs").unwrap();
    ours.remove(Micros::from_secs(120), "eggs").unwrap();
    ours.add(Micros::from_secs(180), "milk").unwrap();

    let export = ours.to_seed(morning());
    assert_eq!(export.unnamed, 0);
    let seed = export.set;
    assert!(seed.iter().eq(["milk"]));
    assert_eq!(
        seed.live_tags("milk").collect::<Vec<_>>(),
        [tag_of("n3", 4)]
    );
    // The add that superseded the first one killed it, and the seed must not see it alive.
    let superseded = tag_of("n3", 1);
    assert!(seed.remove_tags("milk").eq([superseded.as_str()]));
    assert_eq!(
        seed.removed_at("milk", &superseded),
        morning().plus(Micros::from_secs(180))
    );
    let removed = tag_of("n3", 2);
    assert!(seed.remove_tags("eggs").eq([removed.as_str()]));
    assert_eq!(
        seed.removed_at("eggs", &removed),
        morning().plus(Micros::from_secs(120))
    );
}

#[test]
fn a_later_incarnation_has_other_tags() {
    let later = ReplicaId {
        node: NodeId(3),
        incarnation: 1,
    };
    let mut ours = OrSet::<String>::new(later);
    ours.add(MINUTE, "milk").unwrap();
    let seed = ours.to_seed(morning()).set;
    assert!(seed.contains("milk"));
    assert!(seed.live_tags("milk").eq([tag_of("n3", (1 << 64) | 1)]));
}

#[test]
fn exports_of_two_replicas_merge_as_the_replicas_do() {
    let (mut left, mut right) = (set(1), set(2));
    for element in ["a", "b", "c"] {
        left.add(MINUTE, element).unwrap();
    }
    right.merge(&left).unwrap();
    right.remove(MINUTE, "a").unwrap();
    left.add(MINUTE, "a").unwrap();
    left.remove(Micros::from_secs(90), "b").unwrap();
    right.remove(Micros::from_secs(80), "b").unwrap();
    left.remove(Micros::from_secs(70), "c").unwrap();
    right.remove(Micros::from_secs(75), "c").unwrap();

    let mut seed = left.to_seed(morning()).set;
    seed.join(&right.to_seed(morning()).set);
    left.merge(&right).unwrap();
    assert!(left.iter().eq(seed.iter().map(str::to_owned)));
    // Two removals of one dot: the first counts, in a merge as within one export.
    for (element, counter, first) in [("b", 2, 80), ("c", 3, 70)] {
        let at = morning().plus(Micros::from_secs(first));
        assert_eq!(seed.removed_at(element, &tag_of("n1", counter)), at);
    }
    assert_eq!(left.to_seed(morning()).set, seed);
}

#[test]
fn a_removal_of_everything_names_no_element_and_is_counted() {
    let mut ours = set(1);
    ours.add(MINUTE, "a").unwrap();
    ours.add(MINUTE, "b").unwrap();
    ours.clear(MINUTE).unwrap();
    ours.add(MINUTE, "c").unwrap();
    let export = ours.to_seed(Timestamp::UNIX_EPOCH);
    assert_eq!(export.unnamed, 2);
    assert!(export.set.iter().eq(["c"]));
    assert_eq!(export.set.tombstones(), 0);
}

#[test]
fn what_was_pruned_here_is_kept_there() {
    let mut ours = set(1);
    ours.add(MINUTE, "a").unwrap();
    let mut seed = ours.to_seed(morning()).set;
    ours.remove(MINUTE, "a").unwrap();
    let all = PruneOptions {
        max_tombstones: 0,
        ..PruneOptions::default()
    };
    ours.prune(MINUTE, &all);
    seed.join(&ours.to_seed(morning()).set);
    assert!(
        seed.contains("a"),
        "the documented loss: replace, do not merge"
    );
    assert!(!ours.to_seed(morning()).set.contains("a"));
}
