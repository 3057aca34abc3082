//! Stores of random histories, there and back.

use std::collections::{BTreeMap, BTreeSet};

use quorate::crdt::{Delta, FullState, Live, OrSet, ReplicaId, Replicated, Store, VersionVector};
use quorate::{Micros, NodeId, Random};

use xxhash_rust::xxh3::xxh3_64;

use super::histories::{World, draw};

fn worlds() -> impl Iterator<Item = World> {
    (0..32).map(|seed| {
        let mut random = Random::new(seed);
        let mut world = World::new(3);
        for _ in 0..40 {
            world.step(draw(&mut random));
        }
        world
    })
}

#[test]
fn stores_deltas_and_full_states_survive_a_round_trip() {
    for world in worlds() {
        for store in &world.stores {
            let bytes = store.encode();
            let back = Store::decode(&bytes).unwrap();
            assert_eq!(&back, store);
            assert_eq!(back.live_hash(), store.live_hash());
            let full = store.full_state();
            assert_eq!(FullState::decode(&full.encode()), Ok(full.clone()));
            if let Some(delta) = store.delta_since(&VersionVector::new()) {
                assert_eq!(Delta::decode(&delta.encode()), Ok(delta));
            }
        }
    }
}

#[test]
fn equal_states_have_equal_bytes_whoever_holds_them() {
    for mut world in worlds() {
        world.heal();
        let states: Vec<_> = world.stores.iter().map(Store::encode_state).collect();
        assert!(states.windows(2).all(|pair| pair[0] == pair[1]));
    }
}

/// What was seen and what is live decide the bytes of the state, and nothing else does.
#[test]
fn different_states_have_different_bytes() {
    let mut states: BTreeMap<Vec<u8>, String> = BTreeMap::new();
    for world in worlds() {
        for store in &world.stores {
            let live: Vec<Live<'_>> = store.iter().collect();
            let state = format!("{:?} {live:?}", store.context());
            let known = states.entry(store.encode_state()).or_insert(state.clone());
            assert_eq!(*known, state);
        }
    }
    let distinct: BTreeSet<&String> = states.values().collect();
    assert_eq!(distinct.len(), states.len());
    assert!(states.len() > 50);
}

#[test]
fn hostile_bytes_under_a_valid_checksum_never_panic() {
    let mut random = Random::new(7);
    let good = {
        let mut set = OrSet::<u64>::new(ReplicaId::first(NodeId(1)));
        for element in 0..20 {
            set.add(Micros(element), &element).unwrap();
        }
        set.clear(Micros(30)).unwrap();
        set.add(Micros(31), &7).unwrap();
        set.encode()
    };
    for _ in 0..20_000 {
        let mut bad = good[..good.len() - 4].to_vec();
        for _ in 0..=random.index(3) {
            let at = 4 + random.index(bad.len() - 4);
            bad[at] = random.next_u64().to_le_bytes()[0];
        }
        bad.extend_from_slice(&xxh3_64(&bad).to_le_bytes()[..4]);
        if let Ok(set) = OrSet::<u64>::decode(&bad) {
            assert_eq!(OrSet::<u64>::decode(&set.encode()).as_ref(), Ok(&set));
        }
    }
}
