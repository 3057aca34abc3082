//! The pruner's rule, case by case, and what its report says.

use quorate::crdt::seed::{RemovalAcks, Timestamp, TombstoneOrSet, TombstonePruneOptions};
use quorate::crdt::{Compaction, PruneOptions, PruneTrigger};
use quorate::{Micros, Random};

use super::{DAY, MINUTE, morning, test};

const FIVE_MINUTES: TombstonePruneOptions = TombstonePruneOptions {
    age: Micros::from_secs(5 * 60),
    compaction: Compaction::ToSurvivor,
};

/// Five minutes after the morning, when what was removed then is just old enough.
fn ripe() -> Timestamp {
    morning().plus(FIVE_MINUTES.age)
}

#[test]
fn the_options_of_the_other_pruner_drive_this_one() {
    let options = PruneOptions::default();
    let explicit = TombstonePruneOptions::of(&options, PruneTrigger::Explicit);
    assert_eq!(explicit, FIVE_MINUTES);
    let automatic = TombstonePruneOptions::of(&options, PruneTrigger::Automatic);
    assert_eq!(automatic.age, DAY);
}

#[test]
fn a_removed_element_goes_when_all_its_tags_are_old_enough_to_the_tick() {
    let mut set = TombstoneOrSet::new();
    set.add("x", "n1", 1);
    set.remove("x", morning());
    set.add("x", "n1", 2);
    set.remove("x", morning().plus(MINUTE));

    let unchanged = set.clone();
    let too_early = Timestamp::from_ticks(ripe().plus(MINUTE).ticks() - 1).unwrap();
    let report = set.prune(too_early, &FIVE_MINUTES, None);
    assert_eq!((report.tags_removed, report.uncovered), (0, 0));
    assert_eq!(report.bytes_before, report.bytes_after);
    assert_eq!(set, unchanged);

    let report = set.prune(ripe().plus(MINUTE), &FIVE_MINUTES, None);
    assert_eq!(set, TombstoneOrSet::new());
    assert_eq!(
        (report.tags_removed, report.elements_compacted),
        (4, 0),
        "two adds and two removals"
    );
    assert_eq!(report.pruned_at, ripe().plus(MINUTE));
}

#[test]
fn a_present_element_shrinks_to_its_only_living_tag() {
    let mut set = TombstoneOrSet::new();
    set.add("x", "n1", 1);
    set.add("x", "n1", 2);
    set.remove("x", morning());
    let survivor = set.add("x", "n1", 3);
    let report = set.prune(ripe(), &FIVE_MINUTES, None);
    assert_eq!(
        (report.tags_removed, report.elements_compacted),
        (4, 1),
        "two removals and two dead adds"
    );
    assert_eq!(set.add_tags("x").collect::<Vec<_>>(), [&survivor]);
    assert_eq!(set.tombstones(), 0);
    assert_eq!(set.size().remove_timestamps, "null".len());
}

#[test]
fn compaction_needs_exactly_one_survivor_a_removal_and_leave() {
    let mut two_survivors = TombstoneOrSet::new();
    two_survivors.add("x", "n1", 1);
    two_survivors.remove("x", morning());
    let one_survivor = {
        two_survivors.add("x", "n1", 2);
        two_survivors.clone()
    };
    two_survivors.add("x", "n1", 3);
    let mut nothing_removed = TombstoneOrSet::new();
    nothing_removed.add("x", "n1", 1);
    nothing_removed.add("x", "n1", 2);

    let off = TombstonePruneOptions {
        compaction: Compaction::Off,
        ..FIVE_MINUTES
    };
    for (set, options) in [
        (two_survivors, FIVE_MINUTES),
        (nothing_removed, FIVE_MINUTES),
        (one_survivor, off),
    ] {
        let mut pruned = set.clone();
        let report = pruned.prune(ripe(), &options, None);
        assert_eq!(pruned, set);
        assert_eq!((report.tags_removed, report.elements_compacted), (0, 0));
    }
}

#[test]
fn a_removal_in_the_future_is_not_even_of_age_zero() {
    let mut set = TombstoneOrSet::new();
    set.add("x", "n1", 1);
    set.remove("x", ripe());
    let at_once = TombstonePruneOptions {
        age: Micros::ZERO,
        ..FIVE_MINUTES
    };
    assert_eq!(set.prune(morning(), &at_once, None).tags_removed, 0);
    assert_eq!(set.prune(ripe(), &at_once, None).tags_removed, 2);
}

#[test]
fn what_not_every_active_node_has_shown_is_uncovered() {
    let mut set = TombstoneOrSet::new();
    let mut stale = TombstoneOrSet::new();
    for (unique, element) in [(1, "x"), (2, "y")] {
        set.add(element, "n1", unique);
    }
    stale.join(&set);
    set.remove("x", morning());
    let knows_x = set.clone();
    set.remove("y", morning());

    let uncovered = |acks: Option<&RemovalAcks>| {
        let report = set.clone().prune(ripe(), &FIVE_MINUTES, acks);
        assert_eq!(report.tags_removed, 4);
        report.uncovered
    };
    assert_eq!(uncovered(None), 2, "nothing is known of anybody");
    assert_eq!(
        uncovered(Some(&RemovalAcks::default())),
        0,
        "nobody else is active"
    );

    let mut acks = RemovalAcks::of_nodes(["n2", "n3"]);
    assert!(acks.show("n2", &set));
    assert!(acks.show("n3", &stale));
    assert_eq!(uncovered(Some(&acks)), 2, "one node has neither");
    assert!(acks.show("n3", &knows_x));
    assert_eq!(uncovered(Some(&acks)), 1);
    assert!(!acks.show("n4", &set), "not an active node");
    acks.show("n3", &set);
    assert_eq!(uncovered(Some(&acks)), 0);
    // What a node has shown once, it knows for ever, or must not be active.
    acks.show("n3", &stale);
    assert_eq!(uncovered(Some(&acks)), 0);
}

/// The rule of the pruner, once more and in other words.
fn expected(set: &TombstoneOrSet, element: &str, now: Timestamp) -> Vec<String> {
    let added: Vec<_> = set.add_tags(element).map(str::to_owned).collect();
    let removed: Vec<_> = set.remove_tags(element).map(str::to_owned).collect();
    let live: Vec<_> = set.live_tags(element).map(str::to_owned).collect();
    let ripe = removed.iter().all(|tag| {
        let age = now
            .ticks()
            .checked_sub(set.removed_at(element, tag).ticks());
        age.is_some_and(|ticks| ticks >= 10 * FIVE_MINUTES.age.0)
    });
    match live.len() {
        _ if !ripe || removed.is_empty() => added,
        0 => vec![],
        1 => live,
        _ => added,
    }
}

#[test]
fn random_sets_keep_their_elements_and_only_what_the_rule_leaves() {
    let mut random = Random::new(3);
    for _ in 0..200 {
        let mut set = TombstoneOrSet::new();
        for _ in 0..40 {
            let element = random.below(8).to_string();
            let at = morning().plus(random.span(Micros::ZERO, Micros::from_secs(600)));
            if random.chance(600) {
                set.add_random(&element, "n1", &mut random);
            } else {
                set.remove(&element, at);
            }
        }
        let before = set.clone();
        let report = set.prune(ripe(), &FIVE_MINUTES, None);
        assert!(
            set.iter().eq(before.iter()),
            "pruning itself changes no value"
        );
        let mut kept = 0;
        for element in (0..8).map(|element: u8| element.to_string()) {
            let expected = expected(&before, &element, ripe());
            assert!(set.add_tags(&element).eq(expected.iter()));
            kept += set.add_tags(&element).count() + set.remove_tags(&element).count();
        }
        let all = (0..8).map(|element: u8| element.to_string());
        let had: usize = all
            .map(|element| before.add_tags(&element).count() + before.remove_tags(&element).count())
            .sum();
        assert_eq!(report.tags_removed, had - kept);
        assert_eq!(report.bytes_before, before.size().total());
        assert_eq!(report.bytes_after, set.size().total());
        assert_eq!(set.undated_tombstones(), 0);
    }
}
