//! The set as such: tags, tombstones, merging.

use quorate::crdt::PruneOptions;
use quorate::crdt::seed::{Timestamp, TombstoneOptions, TombstoneOrSet, tag_of};
use quorate::{Micros, Random};

use super::{DAY, MINUTE, morning, test};

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
