//! Replicas that a membership table has closed: their dots are there, their counters are not.

use std::sync::Arc;

use quorate::crdt::{
    Delta, Entry, Epoch, FullState, Path, ReplicaId, Store, Table, VersionVector, Write,
};
use quorate::{Micros, NodeId};

const A: ReplicaId = ReplicaId::first(NodeId(1));
const B: ReplicaId = ReplicaId::first(NodeId(2));

/// A's store after B was closed with two events: one live, one killed afterwards by A.
pub(super) fn after_a_close() -> Store {
    let table = Arc::new(Table::initial([A, B]));
    let [mut a, mut b] = [A, B].map(|replica| Store::member(replica, Arc::clone(&table)));
    for element in ["bread", "milk"] {
        let write = Write::Put([].into());
        b.record(Micros(1), &Path::of([element]), write).unwrap();
    }
    let delta = b.delta_since(a.context()).unwrap();
    a.apply(&delta).unwrap();
    let close = Entry::Close {
        replica: B,
        at: 2,
        epoch: Epoch(1),
    };
    a.enter(Epoch(1), &Entry::Fence { replica: B }).unwrap();
    a.enter(Epoch(2), &close).unwrap();
    a.record(Micros(2), &Path::of(["milk"]), Write::Remove)
        .unwrap();
    assert_eq!(a.context().get(B), 0, "the table has it");
    a
}

#[test]
fn dots_of_closed_replicas_come_back() {
    let store = after_a_close();
    assert_eq!(Store::decode(&store.encode()).as_ref(), Ok(&store));
    let full = store.full_state();
    assert_eq!(FullState::decode(&full.encode()), Ok(full));
    let delta = store.delta_since(&VersionVector::new()).unwrap();
    assert_eq!(Delta::decode(&delta.encode()), Ok(delta));
    assert!(!store.encode_state().is_empty());
}
