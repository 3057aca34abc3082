//! Flaws 10 and 11: clocks that start again, and equal ones that count as a conflict.

use quorate::crdt::{OrSet, ReplicaId, Replicated};
use quorate::{Micros, NodeId};

use super::gossip::{BATCH, SeedNode};
use super::{exchange, ours, test, text};

#[test]
fn flaw_10_a_restart_loses_writes() {
    // A node writes three times, tells its peer, restarts, writes again, and they talk.
    let (mut left, mut right) = (SeedNode::started("n1"), SeedNode::started("n2"));
    for time in 1..=3 {
        left.write("key", "before", Micros(time));
        right.receive(&left.round(), Micros(time));
    }
    left = SeedNode::started("n1");
    left.write("key", "after", Micros(4));
    right.receive(&left.round(), Micros(5));
    assert_eq!(right.value("key"), Some("before"), "skipped as older");
    left.receive(&right.round(), Micros(6));
    assert_eq!(
        left.value("key"),
        Some("before"),
        "and overwritten where it was made"
    );

    let (mut left, mut right) = (ours(1), ours(2));
    for time in 1..=3 {
        left.add(Micros(time), "before").unwrap();
        right.merge(&left).unwrap();
    }
    let mut left = OrSet::new(ReplicaId {
        node: NodeId(1),
        incarnation: 1,
    });
    left.add(Micros(4), "after").unwrap();
    exchange(&mut left, &mut right);
    for set in [&left, &right] {
        assert!(set.iter().eq([text("after"), text("before")]));
    }
}

#[test]
fn flaw_10_a_restart_under_the_same_name_is_noticed() {
    let (mut left, mut right) = (ours(1), ours(2));
    left.add(Micros(1), "before").unwrap();
    right.merge(&left).unwrap();
    // Without a new incarnation the second event would carry the dot of the first.
    let mut forgetful = ours(1);
    assert!(forgetful.merge(&right).is_err());
    assert!(forgetful.add(Micros(2), "after").is_err());
}

#[test]
fn flaw_11_every_repetition_is_a_conflict() {
    let (mut left, mut right) = (SeedNode::started("n1"), SeedNode::started("n2"));
    left.write("key", "value", Micros(1));
    let batch = left.round();
    for time in 2..=11 {
        right.receive(&batch, Micros(time));
    }
    assert_eq!(right.conflicts, 9, "one write, delivered ten times");
    assert_eq!(right.items["key"].last_modified, Micros(11));

    let (mut left, mut right) = (ours(1), ours(2));
    left.add(Micros(1), "key").unwrap();
    let delta = left.delta_since(right.context()).unwrap();
    assert!(!right.apply(&delta).unwrap().is_empty());
    let settled = right.clone();
    for _ in 0..9 {
        assert!(right.apply(&delta).unwrap().is_empty());
        assert!(right.apply_full(&left.full_state()).unwrap().is_empty());
    }
    assert_eq!(right, settled);
}

#[test]
fn flaw_11_the_same_hundred_are_sent_for_ever_and_the_rest_starves() {
    let items = BATCH + 50;
    let (mut left, mut right) = (SeedNode::started("n1"), SeedNode::started("n2"));
    let (mut ours_left, mut ours_right) = (ours(1), ours(2));
    for item in 0..items {
        let key = item.to_string();
        left.write(&key, "value", Micros(item as u64));
        ours_left.add(Micros(item as u64), &key).unwrap();
    }
    // A node hears its own messages too; the batches are the same in every round.
    let first = keys(&left);
    for round in 0..100 {
        let batch = left.round();
        let now = Micros(1_000 + round);
        left.receive(&batch, now);
        right.receive(&batch, now);
        assert_eq!(keys(&left), first);
    }
    assert_eq!(right.items.len(), BATCH, "fifty items never leave");

    let delta = ours_left.delta_since(ours_right.context()).unwrap();
    ours_right.apply(&delta).unwrap();
    assert_eq!(ours_right.len(), items);
    let nothing = ours_left.delta_since(ours_right.context()).unwrap();
    assert!(nothing.live.is_empty() && nothing.records.is_empty());
}

/// The keys of the next round.
fn keys(node: &SeedNode) -> Vec<String> {
    let mut keys: Vec<_> = node.round().into_iter().map(|item| item.key).collect();
    keys.sort();
    keys
}
