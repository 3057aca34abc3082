//! Flaws 1 to 6 and 8: what is forgotten, when, and by whose leave.

use std::sync::Arc;

use quorate::Micros;
use quorate::NodeId;
use quorate::crdt::seed::{
    Timestamp, TombstoneOptions, TombstoneOrSet, TombstonePruneOptions, TombstonePruneReport,
};
use quorate::crdt::{
    Input, PruneOptions, PruneTrigger, Replica, ReplicaConfig, ReplicaId, Replicated, Store,
    SyncMessage, Table, VersionVector,
};

use super::super::{DAY, MINUTE, morning};
use super::{exchange, forget_all, ours, test};

/// The seed's explicit pruner with its defaults.
fn five_minutes() -> TombstonePruneOptions {
    TombstonePruneOptions::of(&PruneOptions::default(), PruneTrigger::Explicit)
}

/// When everything that was removed in the morning is older than five minutes.
fn noon() -> Timestamp {
    morning().plus(Micros::from_secs(4 * 60 * 60))
}

#[test]
fn flaw_01_age_is_not_stability() {
    // A replica is away while an element is removed, and the removal gets old and is forgotten.
    let mut seed = TombstoneOrSet::new();
    seed.add("x", "n1", 1);
    let mut away = seed.clone();
    seed.remove("x", morning());
    let report = seed.prune(noon(), &five_minutes(), None);
    assert_eq!(report.uncovered, 1, "the report warns");
    seed.merge(&away, noon());
    away.merge(&seed, noon());
    assert!(
        seed.contains("x") && away.contains("x"),
        "resurrected everywhere"
    );

    let (mut left, mut away) = (ours(1), ours(2));
    left.add(Micros(1), "x").unwrap();
    exchange(&mut left, &mut away);
    left.remove(Micros(2), "x").unwrap();
    forget_all(&mut left, Micros(3));
    exchange(&mut left, &mut away);
    assert!(left.is_empty() && away.is_empty());
}

#[test]
fn flaw_02_compaction_makes_elements_unremovable() {
    // Added, seen by a peer that goes away, removed, added again, compacted to the second tag; then
    // a third replica, which has only ever seen that tag, removes the element.
    let mut seed = TombstoneOrSet::new();
    seed.add("x", "n1", 1);
    let away = seed.clone();
    seed.remove("x", morning());
    seed.add("x", "n1", 2);
    assert_eq!(
        seed.prune(noon(), &five_minutes(), None).elements_compacted,
        1
    );
    let mut remover = TombstoneOrSet::new();
    remover.merge(&seed, noon());
    seed.merge(&away, noon());
    remover.remove("x", noon());
    seed.merge(&remover, noon());
    assert!(
        seed.contains("x"),
        "a zombie that no removal of the second tag reaches"
    );

    let (mut left, mut away, mut remover) = (ours(1), ours(2), ours(3));
    left.add(Micros(1), "x").unwrap();
    exchange(&mut left, &mut away);
    left.remove(Micros(2), "x").unwrap();
    left.add(Micros(3), "x").unwrap();
    forget_all(&mut left, Micros(4));
    remover.merge(&left).unwrap();
    exchange(&mut left, &mut away);
    remover.remove(Micros(5), "x").unwrap();
    left.merge(&remover).unwrap();
    exchange(&mut left, &mut away);
    assert!(left.is_empty() && away.is_empty() && remover.is_empty());
}

#[test]
fn flaw_03_pruning_only_lasts_if_all_prune_together() {
    let mut seed = TombstoneOrSet::new();
    for unique in 0..100 {
        seed.add(&unique.to_string(), "n1", unique);
        seed.remove(&unique.to_string(), morning());
    }
    let unpruned = seed.clone();
    assert_eq!(seed.prune(noon(), &five_minutes(), None).tags_removed, 200);
    seed.merge(&unpruned, noon());
    assert_eq!(seed.tombstones(), 100, "one merge brings all of them back");

    let (mut left, mut unpruned) = (ours(1), ours(2));
    for element in 0..100 {
        left.add(Micros(1), &element.to_string()).unwrap();
        left.remove(Micros(2), &element.to_string()).unwrap();
    }
    exchange(&mut left, &mut unpruned);
    forget_all(&mut left, Micros(3));
    left.merge(&unpruned).unwrap();
    left.apply_full(&unpruned.full_state()).unwrap();
    assert_eq!(unpruned.store().journal().count(), 100);
    assert_eq!(
        left.store().journal().count(),
        0,
        "forgotten once is forgotten"
    );
}

#[test]
fn flaw_04_the_earliest_time_of_a_removal_is_the_aggressive_choice() {
    // Somebody learns just now of a removal that is a day old, or that has no time: it is forgotten
    // in the same moment, before it can reach the peer that still has the element.
    let mut origin = TombstoneOrSet::new();
    origin.add("x", "n1", 1);
    let holder = origin.clone();
    origin.remove("x", morning());
    let today = morning().plus(DAY);
    let mut learner = TombstoneOrSet::new();
    learner.merge(&origin, today);
    let report = learner.prune(today, &five_minutes(), None);
    assert_eq!((report.tags_removed, report.uncovered), (2, 1));
    learner.merge(&holder, today);
    assert!(learner.contains("x"));

    let (mut origin, mut holder, mut learner) = (ours(1), ours(2), ours(3));
    origin.add(Micros(1), "x").unwrap();
    exchange(&mut origin, &mut holder);
    origin.remove(Micros(2), "x").unwrap();
    learner.merge(&origin).unwrap();
    // The record is a day old for the learner too, and goes at once. That is harmless.
    let report = learner.prune(DAY, &PruneOptions::default());
    assert_eq!(report.tags_removed, 1);
    exchange(&mut learner, &mut holder);
    assert!(learner.is_empty() && holder.is_empty());
}

/// The seed's merge, which starts from a new set and takes over everything but the options.
fn seed_merge(
    left: &TombstoneOrSet,
    right: &TombstoneOrSet,
    now: Timestamp,
) -> (TombstoneOrSet, Option<TombstonePruneReport>) {
    let mut result = TombstoneOrSet::new();
    result.join(left);
    let report = result.merge(right, now);
    (result, report)
}

#[test]
fn flaw_05_a_merge_drops_the_configuration() {
    let options = TombstoneOptions {
        auto_gc_threshold: 10,
        gc_retention: MINUTE,
    };
    let mut seed = TombstoneOrSet::with_options(options);
    for unique in 0..20 {
        seed.add(&unique.to_string(), "n1", unique);
        seed.remove(&unique.to_string(), morning());
    }
    let (result, report) = seed_merge(&seed, &TombstoneOrSet::new(), noon());
    assert_eq!(
        report, None,
        "twenty is less than the default of ten thousand"
    );
    assert_eq!(result.options(), TombstoneOptions::default());

    // The same set without the flaw, and ours: a replica prunes after each of two merges.
    let report = seed.merge(&TombstoneOrSet::new(), noon());
    assert_eq!(report.unwrap().tags_removed, 40);
    assert_eq!(seed.options(), options);
    let [first, second] = [1, 2].map(|round| prunings_after(round, 20, 10));
    assert_eq!((first, second), (vec![20], vec![20, 20]));
}

/// What a replica with a maximum of tombstones prunes in a number of merges, each of which brings
/// some more.
fn prunings_after(rounds: u64, removals: u64, max_tombstones: usize) -> Vec<usize> {
    let [id, peer] = [1, 2].map(|node| ReplicaId::first(NodeId(node)));
    let config = ReplicaConfig {
        prune: PruneOptions {
            max_tombstones,
            retention: MINUTE,
            ..PruneOptions::default()
        },
        ..ReplicaConfig::default()
    };
    let table = Table::initial([id, peer]);
    let mut replica = Replica::new(config, Store::member(id, Arc::new(table)), Micros::ZERO);
    let mut source = ours(2);
    let mut prunings = vec![];
    for round in 0..rounds {
        let since = source.context().clone();
        for element in 0..removals {
            let element = format!("{round}/{element}");
            source.add(Micros(1), &element).unwrap();
            source.remove(Micros(2), &element).unwrap();
        }
        let delta = source.delta_since(&since).unwrap();
        let input = Input::Receive {
            from: peer,
            message: SyncMessage::Delta(delta),
        };
        let effects = replica.step(DAY, input).unwrap();
        prunings.extend(effects.pruned.iter().map(|report| report.tags_removed));
    }
    prunings
}

#[test]
fn flaw_06_the_maximum_is_never_read() {
    let at_most_one = PruneOptions {
        max_tombstones: 1,
        ..PruneOptions::default()
    };
    let mut seed = TombstoneOrSet::new();
    let mut set = ours(1);
    for unique in 0..10 {
        let element = unique.to_string();
        seed.add(&element, "n1", unique);
        seed.remove(&element, morning());
        set.add(Micros(1), &element).unwrap();
        set.remove(Micros(2), &element).unwrap();
    }
    let options = TombstonePruneOptions::of(&at_most_one, PruneTrigger::Explicit);
    let report = seed.prune(morning().plus(MINUTE), &options, None);
    assert_eq!((report.tags_removed, seed.tombstones()), (0, 10));

    let report = set.prune(MINUTE, &at_most_one);
    assert_eq!(report.tags_removed, 9);
    assert_eq!(set.store().journal().count(), 1);
}

#[test]
fn flaw_08_adding_again_keeps_every_tag() {
    let mut seed = TombstoneOrSet::new();
    let mut set = ours(1);
    for unique in 0..1_000 {
        seed.add("x", "n1", unique);
        set.add(Micros(1), "x").unwrap();
    }
    seed.prune(noon(), &five_minutes(), None);
    assert_eq!(
        seed.live_tags("x").count(),
        1_000,
        "nothing was removed, so nothing is compacted"
    );
    // What each of them must tell a new replica.
    assert!(seed.size().total() > 30_000);

    assert_eq!(set.dots("x").count(), 1);
    forget_all(&mut set, Micros(2));
    assert!(set.encode().len() < 64, "{}", set.encode().len());
    let mut fresh = ours(2);
    fresh.merge(&set).unwrap();
    assert!(fresh.contains("x"));
    let delta = set.delta_since(&VersionVector::new());
    assert!(delta.is_none_or(|delta| delta.live.len() == 1));
}
