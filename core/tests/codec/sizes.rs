//! How many bytes states take.

use quorate::crdt::{OrSet, ReplicaId, Replicated};
use quorate::{Micros, NodeId, Random};

/// Eight replicas add and remove at random, and everybody syncs now and then. Between two operations
/// lie up to `pause` microseconds.
fn churned(pause: u64) -> OrSet<String> {
    let mut random = Random::new(2);
    let mut sets: Vec<OrSet<String>> = (1..=8)
        .map(|node| OrSet::new(ReplicaId::first(NodeId(node))))
        .collect();
    let mut now = 1_700_000_000_000_000;
    for operation in 0..12_000 {
        now += 1 + random.next_u64() % pause;
        let at = random.index(8);
        let element = format!("element-{:06}", random.index(1_000));
        if random.index(100) < 57 {
            sets[at].add(Micros(now), &element).unwrap();
        } else {
            sets[at].remove(Micros(now), &element).unwrap();
        }
        if operation % 100 == 0 {
            let from = sets[at].clone();
            for set in &mut sets {
                if set.store().replica() != from.store().replica() {
                    set.merge(&from).unwrap();
                }
            }
        }
    }
    let mut all = sets.swap_remove(0);
    for set in &sets {
        all.merge(set).unwrap();
    }
    all
}

#[test]
fn a_churned_set_takes_a_few_bytes_per_element() {
    // Two or three digits of a name, a replica and a counter, a time; a record also says when
    // and what it killed.
    for (pause, element_bytes, record_bytes) in [(1, 7, 6), (10_000, 9, 8)] {
        let set = churned(pause);
        let elements = set.len();
        let state = set.store().encode_state().len();
        let image = set.encode().len();
        let records = set.store().journal_len();
        println!("{elements} elements: {state} B; with {records} records: {image} B");
        assert!(state < element_bytes * elements, "{state} B for {elements}");
        assert!(
            image - state < record_bytes * records,
            "{image} B, {records} records"
        );
    }
}
