//! The ends of numbers, one by one.

use std::sync::Arc;

use quorate::crdt::{
    Acks, ApplyError, Delta, Dot, Entry, Epoch, Event, FullState, Kills, LiveEvent, Path, Record,
    ReplicaId, Store, StoreError, Table, VersionVector, Write,
};
use quorate::{Micros, NodeId};

fn id(node: u64) -> ReplicaId {
    ReplicaId::first(NodeId(node))
}

fn seen(entries: &[(u64, u64)]) -> VersionVector {
    let entries = entries.iter();
    entries.map(|&(node, count)| (id(node), count)).collect()
}

fn put() -> Write {
    Write::Put(Box::default())
}

/// A full state of nothing but a vector.
fn hollow(sender: u64, context: VersionVector) -> FullState {
    FullState {
        sender: id(sender),
        epoch: Epoch(0),
        context,
        live: Vec::new(),
        floor: VersionVector::new(),
        records: Vec::new(),
    }
}

#[test]
fn the_last_number_is_followed_by_a_refusal() {
    // Nobody can talk a sound replica into this; its own damaged image can.
    let mut forger = Store::new(id(2));
    forger
        .apply_full(&hollow(3, seen(&[(1, u64::MAX - 1)])))
        .unwrap();
    let mut store = Store::new(id(9));
    store.apply_full(&forger.full_state()).unwrap();
    assert_eq!(store.context().get(id(1)), u64::MAX - 1);
    let event = |counter| Event {
        dot: Dot::new(id(1), counter),
        path: Path::root(),
        payload: Some(Box::default()),
        kills: Kills::default(),
        at: Micros::MAX,
    };
    store.redo(&event(u64::MAX)).unwrap();
    let out = |counter| StoreError::OutOfSequence {
        dot: Dot::new(id(1), counter),
        seen: u64::MAX,
    };
    assert_eq!(store.redo(&event(0)), Err(out(0)));
    assert_eq!(store.redo(&event(u64::MAX)), Err(out(u64::MAX)));

    let mut own = under_another_name(&store, id(1));
    let before = own.clone();
    for write in [put(), Write::Append(Box::default()), Write::Remove] {
        let exhausted = Err(StoreError::Exhausted { replica: id(1) });
        assert_eq!(own.record(Micros::MAX, &Path::root(), write), exhausted);
    }
    assert_eq!(own, before);
    own.reincarnate(id(7)).unwrap();
    assert!(own.record(Micros(1), &Path::root(), put()).is_ok());
}

/// The store's image with another replica's id in it, as only a damaged disk gives it back. Both ids
/// are one byte long.
fn under_another_name(store: &Store, replica: ReplicaId) -> Store {
    let [ours, theirs] = [store.replica(), replica].map(|id| Store::new(id).encode());
    let at = ours.iter().zip(&theirs).position(|(a, b)| a != b).unwrap();
    let mut bytes = store.encode();
    assert_eq!(bytes[at], ours[at]);
    bytes[at] = theirs[at];
    let len = bytes.len() - 4;
    let checksum = xxhash_rust::xxh3::xxh3_64(&bytes[..len]).to_le_bytes();
    bytes[len..].copy_from_slice(&checksum[..4]);
    let renamed = Store::decode(&bytes).unwrap();
    assert_eq!(renamed.replica(), replica);
    renamed
}

#[test]
fn a_vector_that_claims_everything_does_not_end_what_is_local() {
    let mut store = Store::new(id(1));
    let everything = seen(&[(2, u64::MAX), (3, u64::MAX), (4, 1)]);
    let report = store.apply_full(&hollow(2, everything.clone())).unwrap();
    assert_eq!(report.new_events, u64::MAX, "as many as can be said");
    assert_eq!(everything.excess_over(&VersionVector::new()), u64::MAX);
    let event = store.record(Micros(1), &Path::root(), put()).unwrap();
    assert_eq!(event.unwrap().dot, Dot::new(id(1), 1));
    for limit in [0, 1, 2, usize::MAX] {
        let batch = store.batch_since(&VersionVector::new(), limit).unwrap();
        assert!(store.context().covers(&batch.upto) && !batch.upto.is_empty());
    }
}

#[test]
fn many_strangers_in_a_vector_cost_no_more_than_their_number() {
    // Inserted one by one, each in front of all before, these take minutes.
    let many = |from: u64| {
        let names = (0..300_000).map(|node| (id(from + 2 * node), 1));
        names.collect::<VersionVector>()
    };
    let (mut even, odd) = (many(2), many(1));
    even.join(&odd);
    assert_eq!(even.len(), 600_000);
    assert!(even.covers(&odd) && even.iter().is_sorted());
}

fn live(node: u64, counter: u64) -> LiveEvent {
    LiveEvent {
        dot: Dot::new(id(node), counter),
        at: Micros(1),
        path: Path::of(["e"]),
        payload: Box::default(),
    }
}

fn record(node: u64, counter: u64, kills: Dot) -> Record {
    Record {
        dot: Dot::new(id(node), counter),
        path: Path::of(["e"]),
        kills: Kills::from(kills),
        at: Micros(1),
    }
}

#[test]
fn what_a_message_kills_it_does_not_list_as_live() {
    let first = Dot::new(id(2), 1);
    let mut delta = Delta {
        sender: id(2),
        epoch: Epoch(0),
        since: VersionVector::new(),
        upto: seen(&[(2, 2)]),
        live: vec![live(2, 1)],
        records: vec![record(2, 2, first)],
    };
    let mut store = Store::new(id(1));
    let refused = Err(ApplyError::KilledLive { dot: first });
    assert_eq!(store.apply(&delta), refused);
    let mut full = hollow(2, seen(&[(2, 2)]));
    (full.live, full.records) = (delta.live.clone(), delta.records.clone());
    assert_eq!(store.apply_full(&full), refused);
    assert_eq!(store, Store::new(id(1)));
    delta.live.clear();
    assert!(store.apply(&delta).is_ok());
}

/// Two members of a table in which a third is closed at one event.
fn members() -> (Store, Store) {
    let table = Arc::new(Table::initial([1, 2, 3].map(id)));
    let mut third = Store::member(id(3), Arc::clone(&table));
    third.record(Micros(1), &Path::of(["e"]), put()).unwrap();
    let members = [1, 2].map(|node| {
        let mut store = Store::member(id(node), Arc::clone(&table));
        store.apply_full(&third.full_state()).unwrap();
        let fence = Entry::Fence { replica: id(3) };
        store.enter(Epoch(1), &fence).unwrap();
        let close = Entry::Close {
            replica: id(3),
            at: 1,
            epoch: Epoch(1),
        };
        store.enter(Epoch(2), &close).unwrap();
        store
    });
    let [one, two] = members;
    (one, two)
}

/// Taken in, an event of a closed replica would count as unseen when the same message came again, and
/// be there twice.
#[test]
fn a_vector_names_open_replicas_only() {
    let (mut one, mut two) = members();
    two.record(Micros(2), &Path::of(["f"]), put()).unwrap();
    for stranger in [3, 8] {
        let mut delta = two.delta_since(one.context()).unwrap();
        delta.upto.raise(id(stranger), 5);
        delta.live.push(live(stranger, 5));
        let mut full = two.full_state();
        full.context.raise(id(stranger), 5);
        full.live.push(live(stranger, 5));
        full.live.sort_by_key(|event| event.dot);
        let before = one.clone();
        let refused = Err(ApplyError::NotOpen {
            replica: id(stranger),
        });
        assert_eq!(one.apply(&delta), refused);
        assert_eq!(one.apply_full(&full), refused);
        assert_eq!(one, before);
    }
    one.apply(&two.delta_since(one.context()).unwrap()).unwrap();
    assert_eq!(one.live_len(), 2, "what the closed one made is still there");
}

#[test]
fn a_message_of_another_epoch_is_told_by_its_epoch_and_not_by_what_follows() {
    let (mut one, two) = members();
    let mut old = two.full_state();
    old.epoch = Epoch(1);
    old.context.raise(id(3), 1);
    let wrong = ApplyError::WrongEpoch {
        theirs: Epoch(1),
        ours: Epoch(2),
    };
    assert_eq!(one.apply_full(&old), Err(wrong));
}

/// A replica that goes on under a new id counts its events before any table has the id.
#[test]
fn a_new_life_is_read_again_before_it_is_admitted() {
    let (mut one, _) = members();
    for life in [11, 12] {
        one.reincarnate(id(life)).unwrap();
        one.record(Micros(1), &Path::of(["g"]), put()).unwrap();
        one.record(Micros(1), &Path::of(["g"]), put()).unwrap();
        assert_eq!(Store::decode(&one.encode()), Ok(one.clone()));
    }
    assert_eq!(one.live_at(&Path::of(["g"])).count(), 1);
}

/// The one who admits it cannot have seen its events yet. Should he claim to, they are not made live a
/// second time.
#[test]
fn own_events_are_known_before_the_own_id_is() {
    let (mut one, mut two) = members();
    one.reincarnate(id(11)).unwrap();
    let beside = Write::Append(Box::default());
    one.record(Micros(1), &Path::of(["e"]), beside).unwrap();
    two.enter(Epoch(3), &one.readmission()).unwrap();
    let mut full = two.full_state();
    full.context.raise(id(11), 1);
    full.live = vec![live(3, 1), live(11, 1)];
    one.readmit(two.table(), &full).unwrap();
    assert_eq!(one.live_len(), 2);
    super::sound::check(&one, "readmitted");
}

#[test]
fn an_event_to_redo_kills_what_was_seen() {
    let mut store = Store::new(id(1));
    let unseen = Dot::new(id(2), 7);
    let event = Event {
        dot: Dot::new(id(1), 1),
        path: Path::root(),
        payload: None,
        kills: Kills::from(unseen),
        at: Micros(1),
    };
    let refused = Err(StoreError::KillsUnseen { dot: unseen });
    assert_eq!(store.redo(&event), refused);
    assert_eq!(store, Store::new(id(1)));
}

#[test]
fn reports_of_everything_are_only_reports() {
    let (one, _) = members();
    let table = one.table();
    let mut acks = Acks::of(table);
    let everything = seen(&[(1, u64::MAX), (2, u64::MAX), (9, u64::MAX)]);
    acks.record(id(1), table.epoch(), &everything);
    acks.record(id(2), table.epoch(), &VersionVector::new());
    assert_eq!(
        acks.held_back_by(table, &everything),
        Some((id(2), u64::MAX))
    );
    assert!(acks.frontier(table).is_empty());
    assert!(acks.closable(table, id(3)).is_err());
}
