//! What an object costs: about one dot for each thing that is known about it.

use quorate::crdt::keyspace::{Operation, Registry, TagValue, apply};
use quorate::crdt::{HybridClock, ReplicaId, Store};
use quorate::{Micros, NodeId};

use super::replica::name;
use super::test;

const OBJECTS: u64 = 10_000;

/// Objects with three tags each: a short text, a number and a flag.
fn tagged() -> Store {
    let (registry, mut clock) = (Registry::new(), HybridClock::new());
    let mut store = Store::new(ReplicaId::first(NodeId(1)));
    let names = ["media:type", "media:size", "review:done"].map(name);
    for number in 0..OBJECTS {
        let values = [
            TagValue::from("image"),
            TagValue::from(i64::try_from(number * 997).unwrap()),
            TagValue::from(number % 3 == 0),
        ];
        let key = format!("object/{number:09}");
        for (name, value) in names.iter().cloned().zip(values) {
            let source = "scan".into();
            let tag = Operation::Tag {
                name,
                value,
                source,
            };
            let now = Micros::from_secs(1_700_000_000 + number);
            apply(&registry, &mut store, &mut clock, now, key.as_bytes(), &tag).unwrap();
        }
    }
    store
}

#[test]
fn a_tag_costs_a_dot_and_its_text_and_an_object_costs_nothing_beside() {
    let store = tagged();
    let facts = usize::try_from(OBJECTS * 3).unwrap();
    assert_eq!((store.live_len(), store.path_len()), (facts, facts));
    assert_eq!(store.journal_len(), 0);
    assert_eq!(store.context().len(), 1);
    let size = store.size();
    let objects = usize::try_from(OBJECTS).unwrap();
    println!(
        "an object with 3 tags: {} bytes in memory ({} of dots, {} of paths and payloads), {} written",
        size.total() / objects,
        size.dots / objects,
        size.content / objects,
        store.encode().len() / objects,
    );
    // Three dots, and nothing that grows with the number of objects but these.
    assert_eq!(size.dots, facts * 32);
    assert_eq!(size.metadata() - size.dots, 24);
    // Path: key and name, their ends, the kind. Payload: stamp, version, age, source, value.
    let paths = 3 * (16 + 2 + 3 + 2) + 10 + 10 + 11;
    let payloads = 3 * (12 + 1 + 1 + 5) + 6 + 5 + 2;
    assert!(
        size.content / objects <= paths + payloads,
        "{}",
        size.content / objects
    );
}
