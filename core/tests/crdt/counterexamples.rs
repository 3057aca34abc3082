//! Histories that break a replicated set when one rule is left out, each with its rule.
//!
//! Random search misses some of them, so they are written down. `A1` is the first event of A;
//! `e` and `f` are elements.

use std::sync::Arc;

use quorate::crdt::{
    ApplyError, Envelope, Epoch, Input, OrSet, PruneOptions, Replica, ReplicaId, Replicated, Store,
    StoreError, SyncMessage, Table, VersionVector,
};
use quorate::{Micros, NodeId};

use super::test;
use super::values::{add, config, element};

const NOW: Micros = Micros(1);

fn id(letter: char) -> ReplicaId {
    ReplicaId::first(NodeId(u64::from(u32::from(letter) - 64)))
}

fn set(letter: char) -> OrSet<String> {
    OrSet::new(id(letter))
}

fn e() -> String {
    "e".into()
}

fn f() -> String {
    "f".into()
}

fn seen(entries: &[(char, u64)]) -> VersionVector {
    entries
        .iter()
        .map(|&(letter, counter)| (id(letter), counter))
        .collect()
}

fn elements(set: &OrSet<String>) -> Vec<String> {
    set.iter().collect()
}

/// Forgets every record.
fn prune_all(set: &mut OrSet<String>) {
    let options = PruneOptions {
        max_tombstones: 0,
        ..PruneOptions::default()
    };
    set.prune(NOW, &options);
}

/// Takes the delta since `since`, which the sender's journal must still allow.
fn pull(
    to: &mut OrSet<String>,
    from: &OrSet<String>,
    since: &VersionVector,
) -> Result<(), ApplyError> {
    to.apply(&from.delta_since(since).unwrap()).map(|_| ())
}

/// R1: an add that supersedes is a killing event like any other, and is journalled.
#[test]
pub fn ce01_a_superseding_add_is_journalled() {
    let (mut a, mut b) = (set('A'), set('B'));
    a.add(NOW, &e()).unwrap();
    b.merge(&a).unwrap();
    a.add(NOW, &e()).unwrap();
    a.remove(NOW, &e()).unwrap();
    pull(&mut b, &a, &seen(&[('A', 1)])).unwrap();
    assert_eq!(b.context(), a.context());
    assert!(b.is_empty(), "A2 killed A1, and B must learn that");
}

/// R5: a delta is refused if the receiver lacks part of what it builds on; a killed dot is not a
/// seen one.
#[test]
pub fn ce02_a_killed_dot_does_not_enter_the_context() {
    let (mut a, mut b) = (set('A'), set('B'));
    a.add(NOW, &e()).unwrap();
    b.merge(&a).unwrap();
    a.add(NOW, &e()).unwrap();
    a.remove(NOW, &e()).unwrap();
    let before = b.clone();
    let refused = pull(&mut b, &a, &seen(&[('A', 2)]));
    assert!(matches!(refused, Err(ApplyError::Gap { .. })));
    assert_eq!(b, before);
    b.merge(&a).unwrap();
    assert!(b.is_empty());
}

/// R5: first-in-first-out delivery per replica is not enough.
#[test]
pub fn ce03_causality_spans_replicas() {
    let (mut a, mut b, mut c, mut q) = (set('A'), set('B'), set('C'), set('Q'));
    a.add(NOW, &e()).unwrap();
    b.merge(&a).unwrap();
    q.merge(&a).unwrap();
    b.add(NOW, &e()).unwrap();
    c.merge(&b).unwrap();
    c.remove(NOW, &e()).unwrap();
    let alone = pull(&mut q, &c, &seen(&[('A', 1), ('B', 1)]));
    assert!(matches!(alone, Err(ApplyError::Gap { .. })));
    assert_eq!(elements(&q), ["e"]);
    q.merge(&c).unwrap();
    assert!(q.is_empty());
}

/// R4: a delta reaches up to the sender's whole context, so that nothing dies by omission.
#[test]
pub fn ce04_nothing_dies_by_omission() {
    let (mut e_replica, mut f_replica) = (set('E'), set('F'));
    let (mut q, mut r) = (set('Q'), set('R'));
    e_replica.add(NOW, &e()).unwrap();
    r.merge(&e_replica).unwrap();
    f_replica.merge(&e_replica).unwrap();
    f_replica.remove(NOW, &e()).unwrap();
    e_replica.merge(&f_replica).unwrap();
    let delta = e_replica.delta_since(q.context()).unwrap();
    assert_eq!(
        &delta.upto,
        e_replica.context(),
        "the killer travels with the death"
    );
    q.apply(&delta).unwrap();
    r.merge(&e_replica).unwrap();
    assert_eq!(q.store().encode_state(), r.store().encode_state());
}

/// G: nobody ever holds an event without the earlier ones of its maker.
#[test]
pub fn ce05_no_interval_over_a_gap() {
    let (mut a, mut b, mut c) = (set('A'), set('B'), set('C'));
    c.add(NOW, &e()).unwrap();
    c.add(NOW, &f()).unwrap();
    assert!(pull(&mut a, &c, &seen(&[('C', 1)])).is_err());
    b.merge(&a).unwrap();
    assert_eq!(b.context(), &VersionVector::new());
    a.merge(&c).unwrap();
    b.merge(&a).unwrap();
    assert_eq!(elements(&b), ["e", "f"]);
}

/// R4: below the floor there is no delta.
#[test]
pub fn ce06_below_the_floor_there_is_no_delta() {
    let (mut a, mut b) = (set('A'), set('B'));
    a.add(NOW, &e()).unwrap();
    b.merge(&a).unwrap();
    a.remove(NOW, &e()).unwrap();
    prune_all(&mut a);
    assert_eq!(a.delta_since(b.context()), None);
    b.merge(&a).unwrap();
    assert!(b.is_empty());
}

/// R9: a full state brings the sender's floor with it.
#[test]
pub fn ce07_the_floor_of_a_full_state_is_adopted() {
    let (mut a, mut b, mut c) = (set('A'), set('B'), set('C'));
    b.add(NOW, &e()).unwrap();
    c.merge(&b).unwrap();
    b.remove(NOW, &e()).unwrap();
    prune_all(&mut b);
    a.apply_full(&b.full_state()).unwrap();
    assert_eq!(
        a.delta_since(c.context()),
        None,
        "A's journal lacks B2 and A must know it"
    );
    c.merge(&a).unwrap();
    assert!(c.is_empty());
}

/// R9: a full state is joined, never put in place.
#[test]
pub fn ce08_a_full_state_is_a_join() {
    let (mut a, mut b) = (set('A'), set('B'));
    a.add(NOW, &e()).unwrap();
    b.add(NOW, &f()).unwrap();
    a.apply_full(&b.full_state()).unwrap();
    assert_eq!(elements(&a), ["e", "f"]);
}

/// R2: with persist before expose, an event that a crash takes back was never seen by anybody.
#[test]
pub fn ce09_a_lost_event_was_never_exposed() {
    let table = Arc::new(Table::initial([id('A'), id('B')]));
    let start = |letter| {
        let store = Store::member(id(letter), Arc::clone(&table));
        Replica::new(config(), store, NOW)
    };
    let (mut a, mut b) = (start('A'), start('B'));
    let effects = a.step(NOW, add("e")).unwrap();
    assert!(
        effects.send.is_empty(),
        "nothing leaves before the disk has it"
    );
    assert!(effects.persist.is_some());
    // Whatever is asked of A meanwhile, A1 stays inside.
    let question = SyncMessage::Ack {
        epoch: Epoch(0),
        durable: VersionVector::new(),
    };
    let asked = a
        .step(
            NOW,
            Input::Receive {
                from: id('B'),
                message: question,
            },
        )
        .unwrap();
    assert!(asked.send.is_empty());

    // The crash: A comes back under the same id with what was durable, which is nothing.
    let mut a = start('A');
    let io = a.step(NOW, add("f")).unwrap().persist.as_ref().unwrap().io;
    let released = a.step(NOW, Input::Persisted { io }).unwrap().send.clone();
    for Envelope { message, .. } in released {
        b.step(
            NOW,
            Input::Receive {
                from: id('A'),
                message,
            },
        )
        .unwrap();
    }
    assert_eq!(b.store().context(), &seen(&[('A', 1)]));
    assert!(!b.store().is_live_under(&element("e")));
    assert_eq!(b.store().live_at(&element("f")).count(), 1);
}

/// R3: whoever is shown events of its own that it never made stops making events.
#[test]
pub fn ce09b_a_rolled_back_replica_refuses_to_go_on() {
    let (mut a, mut b) = (set('A'), set('B'));
    a.add(NOW, &e()).unwrap();
    b.merge(&a).unwrap();
    let mut rolled_back = set('A');
    let refused = rolled_back.merge(&b);
    assert!(matches!(
        refused,
        Err(ApplyError::OwnEventsAhead {
            claimed: 1,
            made: 0,
            ..
        })
    ));
    let superseded = StoreError::Superseded { replica: id('A') };
    assert_eq!(rolled_back.add(NOW, &f()), Err(superseded));
}

/// G: no replica holds an event without all earlier ones of its maker, so a crash of the maker leaves
/// no gap behind that nobody can ever close, and no kill of an event that nobody has.
#[test]
pub fn ce10_a_lone_event_does_not_attach() {
    let (mut a, mut b) = (set('A'), set('B'));
    a.add(NOW, &e()).unwrap();
    let durable = a.clone();
    a.add(NOW, &e()).unwrap();
    a.remove(NOW, &e()).unwrap();
    let alone = pull(&mut b, &a, &seen(&[('A', 2)]));
    assert!(matches!(alone, Err(ApplyError::Gap { .. })));
    // The crash takes A2 and A3 back; B never had them.
    let a = durable;
    b.merge(&a).unwrap();
    assert_eq!(b.context(), a.context());
    assert_eq!(elements(&b), ["e"]);
}

/// G, P: the floor covers nothing that was not seen, so a record below it has killed already.
#[test]
pub fn ce10b_the_floor_covers_only_what_was_seen() {
    let (mut a, mut b) = (set('A'), set('B'));
    a.add(NOW, &e()).unwrap();
    b.merge(&a).unwrap();
    a.remove(NOW, &e()).unwrap();
    a.add(NOW, &f()).unwrap();
    a.remove(NOW, &f()).unwrap();
    let gap = pull(&mut b, &a, &seen(&[('A', 3)]));
    assert!(matches!(gap, Err(ApplyError::Gap { .. })), "A4 without A2");
    prune_all(&mut b);
    assert!(b.context().covers(b.store().floor()));
    b.merge(&a).unwrap();
    assert!(b.is_empty(), "A2's record was not skipped");
}

/// R8: a batch that says of an event that it is dead brings its killer, too.
#[test]
pub fn ce11_a_cut_keeps_the_dead_and_their_killers_together() {
    let (mut a, mut b, mut c) = (set('A'), set('B'), set('C'));
    b.add(NOW, &e()).unwrap();
    let crashed = b.clone();
    b.add(NOW, &e()).unwrap();
    b.add(NOW, &f()).unwrap();
    let batch = b.store().batch_since(a.context(), 1).unwrap();
    assert_eq!(
        batch.upto,
        seen(&[('B', 2)]),
        "B1 is dead, so B2 comes along"
    );
    a.apply(&batch).unwrap();
    c.merge(&crashed).unwrap();
    let first = |set: &OrSet<String>| set.dots(&e()).next();
    assert_ne!(a.context(), c.context());
    assert_ne!(first(&a), first(&c));
    a.merge(&b).unwrap();
    c.merge(&b).unwrap();
    assert_eq!(a.store().encode_state(), c.store().encode_state());
}

/// J: a record belongs to one event. One that stood for the events of two replicas would be passed
/// over by whoever has seen the one and not the other.
#[test]
pub fn ce20_records_of_two_replicas_are_not_one() {
    let (mut b, mut c, mut peer) = (set('B'), set('C'), set('P'));
    b.add(NOW, &e()).unwrap();
    b.add(NOW, &f()).unwrap();
    c.merge(&b).unwrap();
    peer.merge(&b).unwrap();
    b.remove(NOW, &e()).unwrap();
    c.remove(NOW, &f()).unwrap();
    peer.merge(&c).unwrap();
    b.merge(&c).unwrap();
    assert_eq!(elements(&peer), ["e"]);
    peer.merge(&b).unwrap();
    assert!(peer.is_empty(), "the other removal was passed over");
}

/// R5 again: the causal guard, and not a cheaper one that trusts a fresh event of its origin.
#[test]
pub fn ce12_the_guard_is_causal() {
    let (mut c, mut d, mut q) = (set('C'), set('D'), set('Q'));
    c.add(NOW, &e()).unwrap();
    let c_durable = c.clone();
    q.merge(&c).unwrap();
    c.remove(NOW, &e()).unwrap();
    d.merge(&c).unwrap();
    d.add(NOW, &e()).unwrap();
    let fresh = d.delta_since(&seen(&[('C', 2)])).unwrap();
    assert!(
        matches!(q.apply(&fresh), Err(ApplyError::Gap { .. })),
        "Q lacks C2"
    );

    // C crashes to C1 under R2's protection: C2 was durable before D could get it, so it is not
    // lost, and everybody agrees in the end.
    d.remove(NOW, &e()).unwrap();
    let mut c = c_durable;
    for event in d
        .store()
        .journal()
        .filter(|record| record.dot.replica == id('C'))
    {
        assert_eq!(event.dot.counter, 2);
    }
    assert!(matches!(
        c.merge(&d),
        Err(ApplyError::OwnEventsAhead { .. })
    ));
    q.merge(&d).unwrap();
    assert!(q.is_empty());
}
