//! Replicas that a membership table has closed: their dots are there, their counters are not.

use quorate::crdt::{Delta, FullState, Store, VersionVector};

use super::corpus::store_after_a_close;

#[test]
fn dots_of_closed_replicas_come_back() {
    let store = store_after_a_close();
    assert_eq!(Store::decode(&store.encode()).as_ref(), Ok(&store));
    let full = store.full_state();
    assert_eq!(FullState::decode(&full.encode()), Ok(full));
    let delta = store.delta_since(&VersionVector::new()).unwrap();
    assert_eq!(Delta::decode(&delta.encode()), Ok(delta));
    assert!(!store.encode_state().is_empty());
}
