//! Who returns, and with what: histories of stores that were away.
//!
//! An add that nobody saw is kept, one that was seen and removed stays removed, and a removal that
//! nobody saw kills exactly what it saw. Each of the simpler ideas, to believe the one who returns or
//! the ones who stayed, or to make the events anew, gets one of these wrong.

use std::sync::Arc;

use quorate::NodeId;
use quorate::crdt::{
    ApplyError, Dot, EnterError, Entered, Entry, EntryRefused, Epoch, FullState, Member, Path,
    ReadmitError, ReplicaId, Store, VersionVector,
};

use super::cluster::{Cluster, Crashes, Message, Refusal, id};
use super::counterexamples::{
    A, B, C, add, close, enter_and_report, fence, healed, remove, shows, three,
};
use super::test;

/// Everybody gets everything.
pub fn sync_all(cluster: &mut Cluster, of: &[usize]) {
    for &from in of {
        for &to in of.iter().filter(|&&to| to != from) {
            cluster.sync(from, to).unwrap();
            cluster.persist(to);
        }
    }
}

/// Forgets every record, so that nothing but the agreement knows what was removed.
pub fn forget_records(cluster: &mut Cluster, at: usize) {
    let machine = &mut cluster.machines[at];
    let context = machine.now.context().clone();
    machine.now.raise_floor(&context);
    cluster.persist(at);
}

/// 7.6: the agreed number tells two histories apart that leave the one who returns in the same state.
/// (a) Its add was never delivered, so it is kept. (b) It was delivered and removed, and the record is
/// forgotten: it is a zombie.
#[test]
pub fn ce19_the_number_of_a_close_tells_a_lost_add_from_a_removed_one() {
    let mut never_delivered = three();
    add(&mut never_delivered, C, "e");
    let mut delivered = never_delivered.clone();
    delivered.sync(C, A).unwrap();
    remove(&mut delivered, A, "e");
    delivered.sync(A, B).unwrap();
    for at in [A, B] {
        forget_records(&mut delivered, at);
    }
    assert_eq!(never_delivered.store(C), delivered.store(C));

    for (mut cluster, number, kept) in [(never_delivered, 0, true), (delivered, 1, false)] {
        fence(&mut cluster, C);
        assert_eq!(close(&mut cluster, C, &[A, B]), number);
        cluster.advance_all();
        let report = cluster.readmit(C, A).unwrap();
        assert_eq!(report.killed.is_empty(), kept);
        cluster.check();
        cluster.persist(C);
        cluster.advance_all();
        cluster.sync(C, A).unwrap();
        for at in [A, C] {
            assert_eq!(shows(&cluster, at, "e"), kept, "at machine {at}");
        }
        assert_eq!(healed(cluster).is_empty(), !kept);
    }
}

/// §8: events travel under their own dots. A1 is seen by B, and both are away. B removes it there. If
/// A1 were made anew for the cluster as D1, B's removal would not meet it.
#[test]
pub fn ce21_a_removal_elsewhere_meets_the_add_that_it_saw() {
    let mut cluster = Cluster::new(4, 0, Crashes::KeepTheId);
    let stay = [C, 3];
    add(&mut cluster, A, "e");
    cluster.sync(A, B).unwrap();
    cluster.persist(B);
    for away in [A, B] {
        fence(&mut cluster, away);
    }
    for away in [A, B] {
        assert_eq!(close(&mut cluster, away, &stay), 0);
    }
    cluster.advance_all();
    remove(&mut cluster, B, "e");
    assert_eq!(cluster.store(B).retired(), Some(Epoch(2)));

    cluster.readmit(A, C).unwrap();
    cluster.advance_all();
    cluster.sync(A, C).unwrap();
    assert!(shows(&cluster, C, "e"));
    assert!(
        cluster.store(C).get(Dot::new(id(A), 1)).is_some(),
        "its own dot"
    );
    cluster.readmit(B, C).unwrap();
    cluster.advance_all();
    cluster.sync(B, C).unwrap();
    assert!(!shows(&cluster, C, "e"));
    assert!(healed(cluster).is_empty());
}

/// §8, the other half: two who were away both hold A1, which nobody else has. The first brings it, it
/// is removed, and the second must not bring it again.
#[test]
pub fn ce21_an_add_that_two_bring_back_is_one_add() {
    let mut cluster = Cluster::new(5, 0, Crashes::KeepTheId);
    let (y, z) = (3, 4);
    add(&mut cluster, A, "e");
    for away in [y, z] {
        cluster.sync(A, away).unwrap();
        cluster.persist(away);
    }
    for away in [A, y, z] {
        fence(&mut cluster, away);
    }
    for away in [A, y, z] {
        assert_eq!(close(&mut cluster, away, &[B, C]), 0);
    }
    cluster.advance_all();
    cluster.readmit(y, B).unwrap();
    let reopened = cluster.table().member(id(A));
    assert!(matches!(reopened, Some(Member::Fenced { .. })));
    enter_and_report(&mut cluster, &[B, C, y]);
    sync_all(&mut cluster, &[B, C, y]);
    assert!(shows(&cluster, C, "e"));
    remove(&mut cluster, C, "e");
    sync_all(&mut cluster, &[B, C, y]);
    for at in [B, C, y] {
        forget_records(&mut cluster, at);
    }
    assert_eq!(close(&mut cluster, A, &[B, C, y]), 1);

    cluster.advance_all();
    let report = cluster.readmit(z, B).unwrap();
    assert_eq!(report.killed, [Dot::new(id(A), 1)]);
    assert!(healed(cluster).is_empty());
}

/// Step 4: Z asks, is admitted, and is fenced again while the answer is under way. The answer is of a
/// table in which it was active, and comes when it is not.
#[test]
pub fn ce28_an_answer_that_a_second_fence_overtook_is_refused() {
    let mut cluster = three();
    add(&mut cluster, C, "e");
    fence(&mut cluster, C);
    close(&mut cluster, C, &[A, B]);
    cluster.advance_all();
    let request = cluster.machines[C].durable.readmission();
    let admitted = cluster.append(request).unwrap();
    cluster.advance_fully(A);
    cluster.persist(A);
    let answer = cluster.full(A);
    fence(&mut cluster, C);
    let mut unaware = cluster.clone();

    assert_eq!(cluster.advance(C), Some(Ok(Entered::Waiting)));
    assert_eq!(cluster.advance(C), Some(Ok(Entered::Waiting)));
    let epoch = admitted.epoch();
    let refusal = Refusal::Readmit(ReadmitError::NotAdmitted { epoch });
    assert_eq!(cluster.deliver(&answer, C), Err(refusal));
    cluster.readmit(C, A).unwrap();
    cluster.check();
    assert_eq!(healed(cluster), ["e"]);

    // One who has not read that far takes the answer, and then learns of the fence.
    unaware.deliver(&answer, C).unwrap();
    assert_eq!(unaware.advance(C), Some(Ok(Entered::Retired)));
    assert_eq!(unaware.store(C).table(), &admitted);
    unaware.readmit(C, A).unwrap();
    assert_eq!(healed(unaware), ["e"]);
}

/// Step 4: a table can admit Z by an old request, and close a third replica since at less than Z holds.
/// Joining would make Z's vector mean less than it has seen.
#[test]
pub fn ce28_one_who_holds_more_than_was_agreed_asks_again() {
    let mut cluster = Cluster::new(4, 0, Crashes::KeepTheId);
    let z = 3;
    let old_request = Entry::Readmit {
        replica: id(z),
        seen: VersionVector::new(),
    };
    add(&mut cluster, C, "e");
    cluster.sync(C, z).unwrap();
    for away in [C, z] {
        fence(&mut cluster, away);
    }
    assert_eq!(close(&mut cluster, C, &[A, B]), 0);
    cluster.append(old_request).unwrap();
    cluster.advance_all();

    let unsettled = Refusal::Readmit(ReadmitError::Unsettled {
        replica: id(C),
        closed_at: 0,
        held: 1,
    });
    assert_eq!(cluster.sync(A, z), Err(unsettled));
    // Active already, it is not refused: it needs C reopened.
    cluster.readmit(z, A).unwrap();
    assert_eq!(healed(cluster), ["e"]);
}

/// The same with an id that the table does not know at all.
#[test]
pub fn ce28_one_who_holds_what_no_table_lists_asks_again() {
    let mut cluster = three();
    cluster.crash_for_good(C);
    add(&mut cluster, C, "e");
    let first = cluster.store(C).replica();
    cluster.crash_for_good(C);
    let replica = cluster.store(C).replica();
    let seen = VersionVector::new();
    cluster.append(Entry::Readmit { replica, seen }).unwrap();
    cluster.advance_all();
    let unlisted = Refusal::Readmit(ReadmitError::Unlisted { replica: first });
    assert_eq!(cluster.sync(A, C), Err(unlisted));
    assert_eq!(healed(cluster), ["e"]);
}

/// A request that is committed twice is refused the second time. Who was admitted by the first must
/// still be able to take the answer.
#[test]
pub fn a_request_that_is_committed_twice_does_not_lock_its_sender_out() {
    let mut cluster = three();
    add(&mut cluster, C, "e");
    fence(&mut cluster, C);
    cluster.advance_all();
    let request = cluster.machines[C].durable.readmission();
    let admitted = cluster.append(request.clone()).unwrap();
    let refusal = EntryRefused::AlreadyActive { replica: id(C) };
    assert_eq!(cluster.append(request), Err(refusal));
    cluster.advance_all();
    cluster.sync(A, C).unwrap();
    assert_eq!(cluster.store(C).table(), &admitted);
    assert_eq!(healed(cluster), ["e"]);
}

/// A member that answers may have read less of the log than the one who waits. What the latter noted
/// in passing it has to enter now.
#[test]
pub fn entries_that_were_noted_while_waiting_are_entered_afterwards() {
    let mut cluster = three();
    fence(&mut cluster, C);
    cluster.advance_all();
    let request = cluster.machines[C].durable.readmission();
    let admitted = cluster.append(request).unwrap();
    cluster.advance_fully(A);
    cluster.persist(A);
    let answer = cluster.full(A);
    fence(&mut cluster, B);
    cluster.advance_fully(C);
    assert_eq!(cluster.store(C).retired(), Some(Epoch(1)));
    cluster.deliver(&answer, C).unwrap();
    assert_eq!(cluster.store(C).table(), &admitted);
    cluster.advance_fully(C);
    assert_eq!(cluster.store(C).table(), &cluster.table());
    assert!(healed(cluster).is_empty());
}

/// A removal that was made while away names dots. It kills what it saw, and nothing added since.
#[test]
pub fn an_unsynced_removal_is_honoured_exactly() {
    let mut cluster = three();
    add(&mut cluster, A, "e");
    add(&mut cluster, A, "f");
    add(&mut cluster, A, "g");
    sync_all(&mut cluster, &[A, B, C]);
    fence(&mut cluster, C);
    assert_eq!(close(&mut cluster, C, &[A, B]), 0);
    remove(&mut cluster, C, "e");
    cluster.advance_all();
    remove(&mut cluster, C, "f");
    // Meanwhile f is added once more, and everybody forgets what that superseded.
    add(&mut cluster, A, "f");
    sync_all(&mut cluster, &[A, B]);
    for at in [A, B, C] {
        forget_records(&mut cluster, at);
    }

    let report = cluster.readmit(C, B).unwrap();
    assert_eq!(report.added, [Path::of(["f"])]);
    assert!(report.killed.is_empty());
    cluster.advance_all();
    sync_all(&mut cluster, &[C, A, B]);
    for at in [A, B, C] {
        assert!(!shows(&cluster, at, "e"), "removed by C, at machine {at}");
        assert!(shows(&cluster, at, "f"), "added since, at machine {at}");
    }
    assert_eq!(healed(cluster), ["f", "g"]);
}

/// What the cluster saw, removed and forgot dies as soon as its last holder returns.
#[test]
pub fn a_zombie_dies_at_the_readmission() {
    let mut cluster = three();
    add(&mut cluster, B, "e");
    sync_all(&mut cluster, &[A, B, C]);
    fence(&mut cluster, C);
    close(&mut cluster, C, &[A, B]);
    remove(&mut cluster, A, "e");
    sync_all(&mut cluster, &[A, B]);
    for at in [A, B] {
        forget_records(&mut cluster, at);
    }
    cluster.advance_all();
    assert!(shows(&cluster, C, "e"));
    let report = cluster.readmit(C, A).unwrap();
    assert_eq!(report.removed, [Path::of(["e"])]);
    assert_eq!(report.new_events, 1);
    cluster.check();
    assert!(healed(cluster).is_empty());
}

/// B made it, only C has it, and both are gone. C brings it back, and B need not.
#[test]
pub fn an_add_of_a_third_party_that_nobody_else_saw_survives() {
    let mut cluster = Cluster::new(4, 0, Crashes::KeepTheId);
    add(&mut cluster, B, "e");
    add(&mut cluster, B, "f");
    cluster.sync(B, C).unwrap();
    remove(&mut cluster, C, "f");
    for away in [B, C] {
        fence(&mut cluster, away);
    }
    for away in [B, C] {
        assert_eq!(close(&mut cluster, away, &[A, 3]), 0);
    }
    cluster.advance_all();
    cluster.readmit(C, A).unwrap();
    enter_and_report(&mut cluster, &[A, C, 3]);
    sync_all(&mut cluster, &[C, A, 3]);
    assert!(shows(&cluster, 3, "e") && !shows(&cluster, 3, "f"));
    assert_eq!(close(&mut cluster, B, &[A, C, 3]), 2);
    cluster.check();
    assert_eq!(cluster.store(A).context().get(id(B)), 0);
    // B returns to find its own events seen, one of them removed.
    let report = cluster.readmit(B, A).unwrap();
    assert_eq!(report.removed, [Path::of(["f"])]);
    assert_eq!(healed(cluster), ["e"]);
}

/// What the one who returns knows to be agreed is written out, and is news to nobody.
#[test]
pub fn an_agreement_that_was_entered_before_is_no_news() {
    let mut cluster = Cluster::new(4, 0, Crashes::KeepTheId);
    add(&mut cluster, B, "e");
    remove(&mut cluster, B, "e");
    add(&mut cluster, B, "f");
    sync_all(&mut cluster, &[A, B, C, 3]);
    fence(&mut cluster, B);
    assert_eq!(close(&mut cluster, B, &[A, C, 3]), 3);
    fence(&mut cluster, C);
    enter_and_report(&mut cluster, &[A, 3]);
    cluster.advance_fully(C);
    cluster.persist(C);

    assert!(cluster.store(C).context().is_empty());
    let Entry::Readmit { seen, .. } = cluster.store(C).readmission() else {
        panic!("a readmission");
    };
    assert!(seen.iter().eq([(id(B), 3)]));
    add(&mut cluster, A, "g");
    let report = cluster.readmit(C, A).unwrap();
    assert_eq!(report.new_events, 1, "that of A");
    assert_eq!(report.records_pruned, 0);
    assert_eq!(healed(cluster), ["f", "g"]);
}

/// The answer to a request passes the same guards as any message: its table is the one it was made
/// under, its sender takes part in that, and nobody knows more of us than we do.
#[test]
pub fn a_readmission_is_guarded_like_any_message() {
    let mut cluster = three();
    add(&mut cluster, C, "e");
    cluster.sync(C, A).unwrap();
    let early = cluster.full(A);
    fence(&mut cluster, C);
    cluster.advance_all();
    let request = cluster.machines[C].durable.readmission();
    cluster.append(request).unwrap();
    fence(&mut cluster, B);
    cluster.advance_fully(A);
    cluster.persist(A);
    let table = cluster.table();

    let Message::Full(_, full) = early else {
        panic!("a full state");
    };
    let older = Message::Full(Arc::clone(&table), full);
    let (theirs, ours) = (Epoch(0), table.epoch());
    let refusal = ReadmitError::Apply(ApplyError::WrongEpoch { theirs, ours });
    assert_eq!(
        cluster.deliver(&older, C),
        Err(Refusal::Readmit(refusal)),
        "an older state, though the table is right"
    );
    let Message::Full(_, full) = cluster.full(A) else {
        panic!("a full state");
    };
    let sender = id(B);
    let fenced = Message::Full(Arc::clone(&table), FullState { sender, ..full });
    let refusal = ReadmitError::Apply(ApplyError::NotActive { sender });
    assert_eq!(cluster.deliver(&fenced, C), Err(Refusal::Readmit(refusal)));

    // A disk that was lost, and an id that was not: the members have C1.
    let mut empty = Store::newcomer(id(C));
    let Message::Full(table, full) = cluster.full(A) else {
        panic!("a full state");
    };
    let ahead = ReadmitError::Apply(ApplyError::OwnEventsAhead {
        replica: id(C),
        claimed: 1,
        made: 0,
    });
    assert_eq!(empty.readmit(&table, &full), Err(ahead));
    assert_eq!(healed(cluster), ["e"]);
}

/// Who takes part needs no readmission, and a table that does not have the asker gives none.
#[test]
pub fn only_one_who_waits_is_readmitted() {
    let mut cluster = three();
    let full = cluster.store(A).full_state();
    let table = cluster.table();
    let store = &mut cluster.machines[B].now;
    assert_eq!(store.readmit(&table, &full), Err(ReadmitError::NotRetired));
    let stranger = ReplicaId::first(NodeId(9));
    let mut newcomer = Store::newcomer(stranger);
    let epoch = Epoch(0);
    let refused = newcomer.readmit(&table, &full);
    assert_eq!(refused, Err(ReadmitError::NotAdmitted { epoch }));

    // Tables are entered in order, and an entry that makes none leaves the store where it is.
    let entry = Entry::Fence { replica: stranger };
    assert!(cluster.append(entry).is_err());
    let refused = cluster.advance(A).unwrap();
    assert!(matches!(
        refused,
        Err(EnterError::Refused(EntryRefused::UnknownReplica { .. }))
    ));
    assert!(healed(cluster).is_empty());
}
