//! Deltas and full states that nobody could have made honestly: each is refused with the reason,
//! and changes nothing.

use quorate::crdt::{
    ApplyError, Delta, Dot, Epoch, FullState, Kills, LiveEvent, Path, Record, ReplicaId, Store,
    VersionVector, Write,
};
use quorate::{Micros, NodeId};

fn id(node: u64) -> ReplicaId {
    ReplicaId::first(NodeId(node))
}

fn seen(entries: &[(u64, u64)]) -> VersionVector {
    entries
        .iter()
        .map(|&(node, counter)| (id(node), counter))
        .collect()
}

fn live(node: u64, counter: u64) -> LiveEvent {
    LiveEvent {
        dot: Dot::new(id(node), counter),
        at: Micros(1),
        path: Path::of(["e"]),
        payload: Box::from([]),
    }
}

fn record(dot: Dot, kills: &[Dot]) -> Record {
    Record {
        dot,
        path: Path::of(["e"]),
        kills: Kills::from(kills.to_vec()),
        at: Micros(1),
    }
}

/// Two adds by replica 2, the second of which killed the first.
fn honest() -> Delta {
    let (first, second) = (Dot::new(id(2), 1), Dot::new(id(2), 2));
    Delta {
        sender: id(2),
        epoch: Epoch(0),
        since: seen(&[]),
        upto: seen(&[(2, 2)]),
        live: vec![live(2, 2)],
        records: vec![record(second, &[first])],
    }
}

fn refused(lie: impl FnOnce(&mut Delta)) -> ApplyError {
    let mut delta = honest();
    lie(&mut delta);
    let mut store = Store::new(id(1));
    store
        .record(Micros(1), &Path::of(["f"]), Write::Put(Box::from([])))
        .unwrap();
    let before = store.clone();
    let error = store.apply(&delta).unwrap_err();
    assert_eq!(store, before, "{error}");
    error
}

#[test]
fn the_honest_delta_is_taken() {
    assert!(Store::new(id(1)).apply(&honest()).is_ok());
}

#[test]
fn dots_outside_of_the_interval_are_refused() {
    let beyond = Dot::new(id(2), 3);
    let outside = ApplyError::OutsideContext { dot: beyond };
    assert_eq!(refused(|delta| delta.live.push(live(2, 3))), outside);
    let late = |delta: &mut Delta| delta.records.push(record(beyond, &[Dot::new(id(2), 2)]));
    assert_eq!(refused(late), outside);
    assert_eq!(
        refused(|delta| delta.records[0].kills = Kills::from(vec![Dot::new(id(2), 1), beyond])),
        outside
    );
    // What the receiver is said to have already is not in the interval either.
    let old = refused(|delta| delta.since = seen(&[(2, 2)]));
    assert_eq!(
        old,
        ApplyError::OutsideContext {
            dot: Dot::new(id(2), 2)
        }
    );
}

#[test]
fn dots_out_of_order_or_twice_are_refused() {
    let second = Dot::new(id(2), 2);
    let twice = ApplyError::OutOfOrder { dot: second };
    assert_eq!(refused(|delta| delta.live.push(live(2, 2))), twice);
    let again = |delta: &mut Delta| delta.records.push(delta.records[0].clone());
    assert_eq!(refused(again), twice);
    let first = Dot::new(id(2), 1);
    let kills = |delta: &mut Delta| delta.records[0].kills = Kills::from(vec![first, first]);
    assert_eq!(refused(kills), ApplyError::OutOfOrder { dot: first });
}

#[test]
fn impossible_numbers_are_refused() {
    let zero = refused(|delta| delta.live[0].dot.counter = 0);
    assert_eq!(zero, ApplyError::ZeroCounter { replica: id(2) });
    let idle = refused(|delta| delta.records[0].kills = Kills::default());
    assert_eq!(
        idle,
        ApplyError::EmptyRecord {
            dot: Dot::new(id(2), 2)
        }
    );
    assert_eq!(
        refused(|delta| delta.since = seen(&[(2, 3)])),
        ApplyError::CrossedBounds
    );
}

#[test]
fn full_states_are_held_to_the_same_rules() {
    let mut source = Store::new(id(3));
    source.apply(&honest()).unwrap();
    let refused = |lie: fn(&mut FullState)| {
        let mut full = source.full_state();
        lie(&mut full);
        Store::new(id(1)).apply_full(&full).unwrap_err()
    };
    let outside = |counter| ApplyError::OutsideContext {
        dot: Dot::new(id(2), counter),
    };
    assert_eq!(refused(|full| full.live[0].dot.counter = 3), outside(3));
    assert_eq!(
        refused(|full| full.floor = seen(&[(2, 3)])),
        ApplyError::CrossedBounds
    );
    // A record at or below the floor contradicts the floor.
    assert_eq!(refused(|full| full.floor = seen(&[(2, 2)])), outside(2));
}
