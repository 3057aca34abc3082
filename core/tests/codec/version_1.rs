//! Bytes of version 1, as the last program wrote them that wrote it.

use quorate::crdt::{
    Delta, Dot, Epoch, FullState, GCounter, OrSet, ReplicaId, Replicated, VersionVector,
};
use quorate::{Micros, NodeId};

const A: ReplicaId = ReplicaId::first(NodeId(1));
const B: ReplicaId = ReplicaId {
    node: NodeId(300),
    incarnation: 100,
};

const IMAGE: &[u8] = include_bytes!("fixtures/v1-image.bin");
const DELTA: &[u8] = include_bytes!("fixtures/v1-delta.bin");
const FULL: &[u8] = include_bytes!("fixtures/v1-full.bin");
const COUNTER: &[u8] = include_bytes!("fixtures/v1-counter.bin");

#[test]
fn an_image_is_read_and_written_anew() {
    let set = OrSet::<String>::decode(IMAGE).unwrap();
    let elements: Vec<String> = set.iter().collect();
    assert_eq!(elements, ["butter", "milk", "milk tea", "z\0ero"]);
    let store = set.store();
    assert_eq!(store.replica(), A);
    assert_eq!(store.context(), &VersionVector::from_iter([(A, 5), (B, 3)]));
    let live: Vec<(Dot, Micros)> = store.iter().map(|live| (live.dot, live.at)).collect();
    let dots = [(A, 4), (A, 5), (B, 2), (A, 2), (B, 3)];
    let dots = dots.map(|(replica, counter)| (Dot::new(replica, counter), Micros::ZERO));
    assert_eq!(live, dots, "times were not written then");
    let records: Vec<(Dot, Micros)> = store.journal().map(|it| (it.dot, it.at)).collect();
    let expected = [(A, 5, 1_007_000), (B, 1, 1_005_000), (B, 2, 1_006_000)];
    assert_eq!(
        records,
        expected.map(|(replica, counter, at)| (Dot::new(replica, counter), Micros(at)))
    );
    let again = OrSet::<String>::decode(&set.encode()).unwrap();
    assert_eq!(again, set);
    assert_eq!(GCounter::decode(COUNTER).unwrap().value(), 42);
}

#[test]
fn deltas_and_full_states_are_read_and_joined() {
    let delta = Delta::decode(DELTA).unwrap();
    assert_eq!((delta.sender, delta.epoch), (B, Epoch(0)));
    assert_eq!(delta.since, VersionVector::from_iter([(A, 4)]));
    assert_eq!((delta.live.len(), delta.records.len()), (2, 2));
    let full = FullState::decode(FULL).unwrap();
    assert_eq!(full.floor, VersionVector::from_iter([(B, 1)]));
    let mut set = OrSet::<String>::new(ReplicaId::first(NodeId(2)));
    set.apply_full(&full).unwrap();
    set.apply(&delta).unwrap();
    assert_eq!(set.iter().count(), 4);
}

#[test]
fn damage_is_refused() {
    let refuses = |bytes: &[u8]| {
        OrSet::<String>::decode(bytes).is_err()
            && Delta::decode(bytes).is_err()
            && FullState::decode(bytes).is_err()
    };
    for good in [IMAGE, DELTA, FULL] {
        for len in 0..good.len() {
            assert!(refuses(&good[..len]));
        }
        for bit in 0..good.len() * 8 {
            let mut bad = good.to_vec();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(refuses(&bad), "bit {bit}");
        }
    }
}
