//! Forgetting removals: by age, by number, by the frontier, after a merge; exact bytes.

use quorate::crdt::{
    OrSet, PruneOptions, PruneTrigger, ReplicaId, Replicated, Store, VersionVector,
};
use quorate::{Micros, NodeId};

fn set_with_removals(node: u64, removals: u64) -> OrSet<u64> {
    let mut set = OrSet::new(ReplicaId::first(NodeId(node)));
    set.add(Micros::ZERO, &u64::MAX).unwrap();
    for element in 0..removals {
        set.add(Micros::from_secs(element), &element).unwrap();
        set.remove(Micros::from_secs(element), &element).unwrap();
    }
    set
}

#[test]
fn an_explicit_call_takes_what_is_old_enough() {
    let mut set = set_with_removals(1, 10);
    let options = PruneOptions {
        stability_threshold: Micros::from_secs(6),
        ..PruneOptions::default()
    };
    let before = set.store().encode_state();
    let report = set.prune(Micros::from_secs(10), &options);
    assert_eq!(report.tags_removed, 5, "removed at 0..=4 s");
    assert_eq!(report.pruned_at, Micros::from_secs(10));
    assert_eq!(
        set.store().encode_state(),
        before,
        "nothing but the journal changed"
    );
    assert_eq!(
        set.prune(Micros::from_secs(10), &options).tags_removed,
        0,
        "nothing twice"
    );
}

#[test]
fn a_clock_that_jumps_back_makes_nothing_old() {
    let mut set = set_with_removals(1, 10);
    assert_eq!(
        set.prune(Micros::ZERO, &PruneOptions::default())
            .tags_removed,
        0
    );
}

#[test]
fn the_oldest_beyond_the_limit_go() {
    let mut set = set_with_removals(1, 10);
    let options = PruneOptions {
        max_tombstones: 3,
        ..PruneOptions::default()
    };
    assert_eq!(set.prune(Micros::from_secs(10), &options).tags_removed, 7);
    let left: Vec<_> = set
        .store()
        .journal()
        .map(|record| record.at.as_secs())
        .collect();
    assert_eq!(left, [7, 8, 9]);
}

#[test]
fn what_everybody_has_goes_whatever_its_age() {
    let mut set = set_with_removals(1, 10);
    let frontier: VersionVector = [(ReplicaId::first(NodeId(1)), 7)].into_iter().collect();
    let options = PruneOptions {
        frontier: Some(frontier),
        ..PruneOptions::default()
    };
    // Event 1 is the add that stays; removals are events 3, 5, 7, …
    assert_eq!(set.prune(Micros::from_secs(9), &options).tags_removed, 3);
}

#[test]
fn the_automatic_pruner_uses_the_longer_age() {
    let mut set: Store = set_with_removals(1, 10).store().clone();
    let options = PruneOptions {
        stability_threshold: Micros::ZERO,
        retention: Micros::from_secs(8),
        ..PruneOptions::default()
    };
    let report = set.prune(Micros::from_secs(10), &options, PruneTrigger::Automatic);
    assert_eq!(report.tags_removed, 3, "removed at 0, 1 and 2 s");
}

#[test]
fn bytes_are_those_of_the_encoding() {
    let mut set = set_with_removals(1, 100);
    let options = PruneOptions {
        max_tombstones: 0,
        ..PruneOptions::default()
    };
    let (before, sections) = (set.encode().len(), set.store().size().total());
    let report = set.prune(Micros::from_secs(100), &options);
    assert_eq!(report.bytes_before, sections);
    assert_eq!(report.bytes_after, set.store().size().total());
    assert!(set.encode().len() < before);
    assert_eq!(
        set.store().size().journal,
        0,
        "nothing is counted that is gone"
    );
}

/// What the pruner of a classic set gets wrong: a replica that was away for longer than the
/// threshold brings removed elements back.
#[test]
fn a_replica_that_was_away_brings_nothing_back() {
    let mut home = set_with_removals(1, 0);
    let mut away = OrSet::<u64>::new(ReplicaId::first(NodeId(2)));
    home.add(Micros::ZERO, &7).unwrap();
    away.merge(&home).unwrap();
    home.remove(Micros::from_secs(1), &7).unwrap();
    let day = Micros::from_secs(86_400);
    assert_eq!(home.prune(day, &PruneOptions::default()).tags_removed, 1);
    home.merge(&away).unwrap();
    assert!(!home.contains(&7), "resurrected");
    away.merge(&home).unwrap();
    assert!(!away.contains(&7));
    assert_eq!(home.store().encode_state(), away.store().encode_state());
}
