//! Flaw 7: maps that evict.

use std::collections::BTreeMap;

use quorate::Micros;
use quorate::NodeId;
use quorate::crdt::{GCounter, ReplicaId, Replicated};

use super::lru::{CAPACITY, LruMap, LruOrSet};
use super::{exchange, ours, test};

#[test]
fn flaw_07_maps_that_evict_lose_elements() {
    let mut seed = LruOrSet::new();
    let mut set = ours(1);
    for element in 0..=CAPACITY {
        let element = element.to_string();
        seed.add(&element, "n1:1");
        set.add(Micros(1), &element).unwrap();
    }
    assert!(!seed.contains("0"), "nobody removed it");
    assert_eq!(seed.added.iter().count(), CAPACITY);

    assert_eq!(set.len(), CAPACITY + 1);
    assert!(set.contains("0"));
}

#[test]
fn flaw_07_maps_that_evict_bring_elements_back() {
    // A thousand and one removals; then the first element comes again, with its old tag, from a peer
    // that was away.
    let mut seed = LruOrSet::new();
    let (mut set, mut away) = (ours(1), ours(2));
    set.add(Micros(1), "0").unwrap();
    exchange(&mut set, &mut away);
    for element in 0..=CAPACITY {
        let element = element.to_string();
        seed.add(&element, "n1:1");
        seed.remove(&element, 1);
        set.add(Micros(1), &element).unwrap();
        set.remove(Micros(2), &element).unwrap();
    }
    assert_eq!(seed.removed_at.get("0:n1:1"), None, "as old as can be");
    seed.add("0", "n1:1");
    assert!(seed.contains("0"));

    exchange(&mut set, &mut away);
    assert!(set.is_empty() && away.is_empty());
}

#[test]
fn flaw_07_maps_that_evict_lose_counts() {
    let mut rows = LruMap::<i64>::new();
    let mut expected = BTreeMap::new();
    let mut ours = GCounter::new(ReplicaId::first(NodeId(0)));
    for node in 1..=1_200_u64 {
        *rows.entry(&node.to_string()) += 1;
        expected.insert(node, 1);
        let mut row = GCounter::new(ReplicaId::first(NodeId(node)));
        row.increment(Micros(1), 1).unwrap();
        ours.merge(&row).unwrap();
    }
    assert_eq!(rows.len(), CAPACITY);
    let seed: i64 = rows.iter().map(|(_, count)| count).sum();
    assert_eq!(seed, 1_000, "two hundred nodes are forgotten");
    assert_eq!(ours.value(), expected.values().sum::<u128>());
}
