//! Ends and beginnings: newcomers, crashes that end an id, and replicas that are gone for good.
//!
//! An id names one life. What a life leaves behind is seen like anybody's events; what it takes along
//! was either handed over before, or is a loss that somebody decided on.

use quorate::crdt::{
    Entry, EntryRefused, Epoch, Expiry, Path, ReadmitError, StoreError, VersionVector, Write,
};

use super::cluster::{Cluster, Crashes, Refusal, id};
use super::counterexamples::{
    A, B, C, add, close, enter_and_report, fence, healed, remove, shows, three,
};
use super::heal::heal;
use super::returns::{forget_records, sync_all};
use super::test;

/// A newcomer writes before anybody knows it, joins nothing until it is admitted, and starts with a
/// floor that claims no journal it has not.
#[test]
pub fn a_newcomer_takes_part_with_what_it_wrote_before() {
    let mut cluster = Cluster::new(2, 1, Crashes::KeepTheId);
    add(&mut cluster, A, "e");
    remove(&mut cluster, A, "e");
    add(&mut cluster, B, "f");
    sync_all(&mut cluster, &[A, B]);
    forget_records(&mut cluster, A);
    add(&mut cluster, C, "g");
    let before = cluster.sync(A, C);
    let epoch = Epoch(0);
    assert_eq!(
        before,
        Err(Refusal::Readmit(ReadmitError::NotAdmitted { epoch }))
    );
    let delta = cluster.delta(B, &VersionVector::new()).unwrap();
    assert!(matches!(cluster.deliver(&delta, C), Err(Refusal::Apply(_))));

    cluster.readmit(C, A).unwrap();
    cluster.check();
    assert_eq!(cluster.store(C).floor().get(id(A)), 2, "the floor of A");
    cluster.advance_all();
    cluster.sync(C, B).unwrap();
    assert!(shows(&cluster, B, "g"));
    let again = cluster.full(B);
    cluster.deliver(&again, C).unwrap();
    assert_eq!(healed(cluster), ["f", "g"]);
}

/// A crash that loses what was sent ends the id. What others have of it comes back as of a stranger,
/// and the next life makes its own events.
#[test]
pub fn a_crash_that_ends_an_id_loses_nothing_that_anybody_has() {
    let mut cluster = Cluster::new(3, 0, Crashes::EndTheId);
    let path = |element: &str| Path::of([element]);
    cluster
        .write(C, &path("e"), Write::Put(Box::from([])))
        .unwrap();
    cluster.persist(C);
    cluster
        .write(C, &path("f"), Write::Put(Box::from([])))
        .unwrap();
    let sent = cluster.full(C);
    cluster.deliver(&sent, A).unwrap();
    cluster.crash(C);
    assert!(!shows(&cluster, C, "f"));
    assert_eq!(cluster.store(C).retired(), Some(Epoch(0)));
    let taken = StoreError::IdInUse { replica: id(C) };
    let store = &mut cluster.machines[C].now;
    assert_eq!(store.reincarnate(id(C)), Err(taken));
    assert!(matches!(
        store.reincarnate(id(A)),
        Err(StoreError::IdInUse { .. })
    ));

    remove(&mut cluster, C, "e");
    add(&mut cluster, C, "g");
    cluster.readmit(C, A).unwrap();
    assert!(shows(&cluster, C, "f"));
    assert_eq!(healed(cluster), ["f", "g"]);
}

/// What a machine sent after it was admitted, and forgot, comes back to it. Its disk still says that it
/// waits, under an id that its own table does not list; it must know its own events again all the same.
#[test]
pub fn an_admission_that_a_crash_undid_brings_nothing_back() {
    let mut cluster = Cluster::new(3, 0, Crashes::EndTheId);
    cluster.crash(C);
    add(&mut cluster, C, "e");
    add(&mut cluster, C, "f");
    cluster.readmit(C, A).unwrap();
    let sent = cluster.full(C);
    cluster.deliver(&sent, A).unwrap();
    assert!(shows(&cluster, A, "e"));
    cluster.crash(C);
    remove(&mut cluster, C, "e");
    cluster.readmit(C, A).unwrap();
    cluster.check();
    assert!(!shows(&cluster, C, "e"));
    assert_eq!(cluster.store(C).live_len(), 1);
    assert_eq!(healed(cluster), ["f"]);
}

/// B is drained: it handed over everything, is closed, and its number is given up. C returns with what
/// it has of B, records included, whose number it can no longer write.
#[test]
pub fn what_one_who_returns_has_of_a_drained_replica_needs_no_number() {
    let mut cluster = Cluster::new(4, 0, Crashes::KeepTheId);
    add(&mut cluster, B, "e");
    add(&mut cluster, B, "f");
    remove(&mut cluster, B, "e");
    sync_all(&mut cluster, &[A, B, C, 3]);
    assert_eq!(cluster.store(C).journal_len(), 1);
    for away in [C, B] {
        fence(&mut cluster, away);
    }
    assert_eq!(close(&mut cluster, B, &[A, 3]), 3);
    cluster.start_anew(B);
    let (replica, expiry) = (id(B), Expiry::Drained);
    cluster.append(Entry::Expire { replica, expiry }).unwrap();
    enter_and_report(&mut cluster, &[A, 3]);
    remove(&mut cluster, A, "f");
    sync_all(&mut cluster, &[A, 3]);
    cluster.advance_fully(C);

    let report = cluster.readmit(C, A).unwrap();
    assert_eq!(report.removed, [Path::of(["f"])]);
    assert_eq!(report.records_pruned, 1);
    cluster.check();
    cluster.persist(C);
    let onwards = cluster.full(C);
    cluster.advance_all();
    cluster.deliver(&onwards, A).unwrap();
    assert!(healed(cluster).is_empty());
}

/// B was discarded: an operator gave up what it may still hold. Who holds something of it cannot tell
/// whether the members saw it, so it neither dies nor comes back unasked: it is refused.
#[test]
pub fn one_who_holds_what_was_discarded_is_not_admitted() {
    let mut cluster = three();
    add(&mut cluster, B, "e");
    cluster.sync(B, C).unwrap();
    cluster.persist(C);
    for away in [B, C] {
        fence(&mut cluster, away);
    }
    close(&mut cluster, B, &[A]);
    let (replica, expiry) = (id(B), Expiry::Discarded);
    cluster.append(Entry::Expire { replica, expiry }).unwrap();
    cluster.advance_all();
    let refused = cluster.append(cluster.machines[C].durable.readmission());
    assert!(matches!(refused, Err(EntryRefused::HoldsDiscarded { .. })));
    // Let in by an older request, it finds out by itself.
    let (replica, seen) = (id(C), VersionVector::new());
    cluster.append(Entry::Readmit { replica, seen }).unwrap();
    cluster.advance_all();
    let discarded = Refusal::Readmit(ReadmitError::Discarded { replica: id(B) });
    assert_eq!(cluster.sync(A, C), Err(discarded));
    assert!(shows(&cluster, C, "e"), "still there to be exported");

    for at in [B, C] {
        cluster.start_anew(at);
    }
    // That is the loss which was decided on.
    cluster.ledger.undo_above(id(B), 0);
    heal(&mut cluster);
}
