//! Messages between replicas.

use std::sync::Arc;

use quorate::crdt::{
    Digest, Epoch, OrSet, ReplicaId, Replicated, SyncMessage, Table, VersionVector,
};
use quorate::{Micros, NodeId};

fn messages() -> Vec<SyncMessage> {
    let id = |node| ReplicaId::first(NodeId(node));
    let mut set = OrSet::<String>::new(id(1));
    for element in ["milk", "bread"] {
        set.add(Micros(5), element).unwrap();
    }
    set.remove(Micros(6), "bread").unwrap();
    let durable = set.context().clone();
    vec![
        SyncMessage::Ack {
            epoch: Epoch(3),
            durable: durable.clone(),
        },
        SyncMessage::Digest(Digest::of(set.store())),
        SyncMessage::Delta(set.delta_since(&VersionVector::new()).unwrap()),
        SyncMessage::Full(set.full_state()),
        SyncMessage::Readmit {
            since: Epoch(7),
            seen: durable,
        },
        SyncMessage::Admission {
            table: Arc::new(Table::initial([id(1), id(2)])),
            full: set.full_state(),
        },
    ]
}

#[test]
fn messages_survive_a_round_trip() {
    for message in messages() {
        assert_eq!(SyncMessage::decode(&message.encode()), Ok(message));
    }
}

#[test]
fn damaged_messages_are_refused() {
    for message in messages() {
        let good = message.encode();
        for len in 0..good.len() {
            assert!(SyncMessage::decode(&good[..len]).is_err(), "cut to {len}");
        }
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(SyncMessage::decode(&bad).is_err(), "bit {bit}");
        }
    }
}
