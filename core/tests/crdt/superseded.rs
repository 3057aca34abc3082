//! A replica whose id is used up: it was rolled back, or somebody else has its id.
//!
//! What it makes under that id would share its names with events that others hold. It learns so from
//! a message that counts events of its own that it never made, and that message need not come twice.

use quorate::crdt::{
    ApplyError, Change, Input, Replica, ReplicaError, ReplicaId, Store, StoreError, SyncMessage,
    VersionVector, Write,
};
use quorate::{Micros, NodeId};

use super::values::{add, config, element};

fn id(node: u64) -> ReplicaId {
    ReplicaId::first(NodeId(node))
}

fn put() -> Write {
    Write::Put(Box::default())
}

/// Somebody who has seen an event of the first replica that its disk has lost.
fn witness() -> Store {
    let mut before_the_crash = Store::new(id(1));
    let event = before_the_crash.record(Micros(1), &element("e"), put());
    assert!(event.unwrap().is_some());
    let mut witness = Store::new(id(2));
    witness.apply_full(&before_the_crash.full_state()).unwrap();
    witness
}

fn is_used_up(store: &mut Store) -> bool {
    let refused = Err(StoreError::Superseded { replica: id(1) });
    store.record(Micros(2), &element("f"), put()) == refused
}

#[test]
fn the_image_says_that_the_id_is_used_up() {
    let mut store = Store::new(id(1));
    let sound = store.clone();
    let shown = store.apply_full(&witness().full_state());
    assert!(matches!(shown, Err(ApplyError::OwnEventsAhead { .. })));
    let mut read = Store::decode(&store.encode()).unwrap();
    assert_eq!(read, store);
    assert!(is_used_up(&mut read), "as before the restart");
    assert_ne!(read, sound);
    assert_eq!(read.encode_state(), sound.encode_state());
    read.reincarnate(id(3)).unwrap();
    assert!(read.record(Micros(2), &element("f"), put()).is_ok());
    let again = Store::decode(&read.encode()).unwrap();
    assert_eq!(again, read);
}

/// The refused input has no effects that could say so; the next step has.
#[test]
fn a_replica_has_its_host_write_down_that_the_id_is_used_up() {
    let mut image = Store::new(id(1));
    let mut replica = Replica::new(config(), image.clone(), Micros::ZERO);
    let delta = witness().delta_since(&VersionVector::new()).unwrap();
    let message = || Input::Receive {
        from: id(2),
        message: SyncMessage::Delta(delta.clone()),
    };
    for _ in 0..2 {
        let refused = replica.step(Micros(1), message());
        assert!(matches!(
            refused,
            Err(ReplicaError::Apply(ApplyError::OwnEventsAhead { .. }))
        ));
    }
    let mut changes = Vec::new();
    for now in 2..4 {
        let effects = replica.step(Micros(now), Input::Tick).unwrap();
        changes.extend(
            effects
                .persist
                .clone()
                .into_iter()
                .flat_map(|it| it.changes),
        );
    }
    assert_eq!(changes, [Change::Superseded], "once");
    for change in &changes {
        Replica::redo(&mut image, change).unwrap();
    }
    assert!(is_used_up(&mut image));
    assert_eq!(&image, replica.store());

    let mut restarted = Replica::new(config(), image, Micros::ZERO);
    let refused = restarted.step(Micros(5), add("f"));
    assert!(refused.is_err());
    let effects = restarted.step(Micros(6), Input::Tick).unwrap();
    assert_eq!(effects.persist, None, "it is written down");
}
