//! Histories that break a rule of membership, on real stores: fences, closes and freezes.
//!
//! `A1` is the first event of A; `e` is an element. What the tables alone can show is shown elsewhere;
//! here somebody loses or regains an element if a rule is left out. The histories of those who return
//! are in `returns`, those of ids that end in `lives`.

use std::sync::Arc;

use quorate::crdt::{
    ApplyError, Delta, EnterError, Entered, Entry, EntryRefused, Epoch, FullState, Member,
    NotClosable, Path, Store, VersionVector, Write,
};

use super::cluster::{Cluster, Crashes, Message, Refusal, id};
use super::heal::heal;
use super::test;

/// The first machine.
pub const A: usize = 0;
/// The second.
pub const B: usize = 1;
/// The third.
pub const C: usize = 2;

/// A, B and C, of which nobody sends what is not durable.
pub fn three() -> Cluster {
    Cluster::new(3, 0, Crashes::KeepTheId)
}

/// Adds an element, durably.
pub fn add(cluster: &mut Cluster, at: usize, element: &str) {
    let payload = Write::Put(Box::from([]));
    cluster.write(at, &Path::of([element]), payload).unwrap();
    cluster.persist(at);
}

/// Removes an element that is there, durably.
pub fn remove(cluster: &mut Cluster, at: usize, element: &str) {
    cluster
        .write(at, &Path::of([element]), Write::Remove)
        .unwrap();
    cluster.persist(at);
}

/// Whether a machine shows an element.
pub fn shows(cluster: &Cluster, at: usize, element: &str) -> bool {
    cluster.store(at).is_live_under(&Path::of([element]))
}

/// The elements that all machines show after everybody returned.
pub fn healed(mut cluster: Cluster) -> Vec<String> {
    cluster.check();
    heal(&mut cluster);
    let live = cluster.store(A).iter().map(|live| live.path.to_string());
    live.collect()
}

/// The log retires a machine.
pub fn fence(cluster: &mut Cluster, at: usize) {
    let replica = cluster.store(at).replica();
    cluster.append(Entry::Fence { replica }).unwrap();
}

/// The machines read the log to its end, durably, and report.
pub fn enter_and_report(cluster: &mut Cluster, of: &[usize]) {
    for &at in of {
        cluster.advance_fully(at);
        cluster.persist(at);
        let report = cluster.report(at).unwrap();
        cluster.hear(&report);
    }
}

/// Closes a machine's id as the reports allow, once the others have entered. Returns the number.
pub fn close(cluster: &mut Cluster, at: usize, others: &[usize]) -> u64 {
    let replica = cluster.machines[at].durable.replica();
    enter_and_report(cluster, others);
    let entry = cluster.closable(replica).unwrap();
    let table = cluster.append(entry).unwrap();
    enter_and_report(cluster, others);
    table.closed_at(replica).unwrap()
}

/// 7.2: a close needs equal reports of all. A1 has reached B alone; if A were closed at 1, C would
/// take A1 for seen and kill it at B.
#[test]
pub fn ce13_a_close_needs_equal_reports() {
    let mut cluster = three();
    add(&mut cluster, A, "e");
    cluster.sync(A, B).unwrap();
    fence(&mut cluster, A);
    enter_and_report(&mut cluster, &[B, C]);
    let unequal = NotClosable::Unequal {
        replica: id(A),
        highest: 1,
        behind: vec![(id(C), 1)],
    };
    assert_eq!(cluster.closable(id(A)), Err(unequal));

    // Closed all the same, by somebody who does not ask: C does not go along.
    let mut forced = cluster.clone();
    let (replica, epoch) = (id(A), Epoch(1));
    let entry = Entry::Close {
        replica,
        at: 1,
        epoch,
    };
    forced.append(entry).unwrap();
    let short = EnterError::Short {
        replica,
        closed_at: 1,
        seen: 0,
    };
    assert_eq!(forced.advance(C), Some(Err(short)));
    assert_eq!(forced.store(C).epoch(), epoch);

    // C gets A1 from B, which the fence allows.
    cluster.sync(B, C).unwrap();
    assert_eq!(close(&mut cluster, A, &[B, C]), 1);
    assert!(cluster.store(C).context().is_empty(), "the table says it");
    cluster.sync(C, B).unwrap();
    let message = cluster.full(C);
    cluster.deliver(&message, B).unwrap();
    assert!(shows(&cluster, B, "e") && shows(&cluster, C, "e"));
    assert_eq!(healed(cluster), ["e"]);
}

/// 7.2: a new table voids reports. A reports nothing of B; B1 reaches it afterwards through C, which
/// had entered late. A close on the old report would leave A with an event nobody else can have.
#[test]
pub fn ce14_a_report_of_an_older_epoch_is_void() {
    let mut cluster = three();
    add(&mut cluster, B, "e");
    fence(&mut cluster, B);
    enter_and_report(&mut cluster, &[A]);
    let old_report = cluster.report(A).unwrap();
    // C is still in the epoch before, takes B1 in, enters, and hands it on.
    cluster.sync(B, C).unwrap();
    cluster.advance_fully(C);
    cluster.sync(C, A).unwrap();
    cluster.persist(A);
    fence(&mut cluster, C);

    cluster.hear(&old_report);
    let silent = NotClosable::Silent {
        replica: id(B),
        missing: vec![id(A)],
    };
    assert_eq!(cluster.closable(id(B)), Err(silent));
    let stale = Entry::Close {
        replica: id(B),
        at: 0,
        epoch: Epoch(1),
    };
    let refused = cluster.append(stale).unwrap_err();
    assert!(matches!(refused, EntryRefused::StaleClose { .. }));
    cluster.advance_fully(A);
    assert_eq!(cluster.store(A).epoch(), Epoch(2), "refused by A, too");

    assert_eq!(close(&mut cluster, B, &[A]), 1);
    assert_eq!(healed(cluster), ["e"]);
}

/// 7.2: what a crash can undo is no report. A enters the fence, crashes back, and takes in C1.
#[test]
pub fn ce15_a_freeze_that_is_not_durable_is_none() {
    let mut cluster = three();
    add(&mut cluster, C, "e");
    let late = cluster.full(C);
    fence(&mut cluster, C);
    enter_and_report(&mut cluster, &[B]);
    assert_eq!(cluster.advance(A), Some(Ok(Entered::Table)));
    let report = cluster.report(A).unwrap();
    cluster.hear(&report);
    let silent = NotClosable::Silent {
        replica: id(C),
        missing: vec![id(A)],
    };
    assert_eq!(cluster.closable(id(C)), Err(silent));

    cluster.crash(A);
    assert_eq!(cluster.store(A).epoch(), Epoch(0));
    cluster.deliver(&late, A).unwrap();
    enter_and_report(&mut cluster, &[A]);
    let unequal = cluster.closable(id(C)).unwrap_err();
    assert!(matches!(unequal, NotClosable::Unequal { highest: 1, .. }));
    cluster.sync(A, B).unwrap();
    assert_eq!(close(&mut cluster, C, &[A, B]), 1);
    assert_eq!(healed(cluster), ["e"]);
}

/// 7.1: nothing of a fenced sender is joined, in whatever epoch it says it is. C1 comes when A and B
/// have reported that they have nothing of C.
#[test]
pub fn ce16_a_fenced_sender_is_not_heard() {
    let mut cluster = three();
    add(&mut cluster, C, "e");
    let delta = cluster.delta(C, &VersionVector::new()).unwrap();
    let full = cluster.full(C);
    fence(&mut cluster, C);
    enter_and_report(&mut cluster, &[A, B]);
    let wrong_epoch = Refusal::Apply(ApplyError::WrongEpoch {
        theirs: Epoch(0),
        ours: Epoch(1),
    });
    let not_active = Refusal::Apply(ApplyError::NotActive { sender: id(C) });
    for message in [delta, full] {
        assert_eq!(cluster.deliver(&message, A), Err(wrong_epoch.clone()));
        // Not even if it has heard of the table: no machine would send this.
        let relabelled = relabel(message, Epoch(1));
        assert_eq!(cluster.deliver(&relabelled, A), Err(not_active.clone()));
    }
    assert_eq!(close(&mut cluster, C, &[A, B]), 0);
    assert!(!shows(&cluster, A, "e"));
    assert_eq!(
        healed(cluster),
        ["e"],
        "C brings its add along when it returns"
    );
}

/// 7.1: a vector is read by the table it was written under. A full state of A is under way since
/// before B made B1, which C has. B is closed at 1, so that B's entry, which is missing in that state,
/// now means "all of B".
#[test]
pub fn ce17_a_message_of_an_old_epoch_is_not_read_by_a_new_table() {
    let mut cluster = three();
    add(&mut cluster, A, "f");
    let under_way = cluster.full(A);
    fence(&mut cluster, A);
    enter_and_report(&mut cluster, &[B, C]);
    add(&mut cluster, B, "e");
    cluster.sync(B, C).unwrap();
    fence(&mut cluster, B);
    assert_eq!(close(&mut cluster, B, &[C]), 1);
    cluster.advance_all();
    cluster.readmit(A, C).unwrap();
    cluster.advance_all();
    assert!(cluster.table().is_active(id(A)));

    let wrong_epoch = Refusal::Apply(ApplyError::WrongEpoch {
        theirs: Epoch(0),
        ours: cluster.table().epoch(),
    });
    assert_eq!(cluster.deliver(&under_way, C), Err(wrong_epoch));
    assert!(shows(&cluster, C, "e"));
    // What the rule prevents.
    let mut misread = cluster.clone();
    let relabelled = relabel(under_way, cluster.table().epoch());
    misread.deliver(&relabelled, C).unwrap();
    assert!(!shows(&misread, C, "e"));

    assert_eq!(healed(cluster), ["e", "f"]);
}

/// 7.4: a replica is reopened with its floor. The record of B2, which kills B1, was dropped when B was
/// closed at 2; a delta for somebody who has B1 alone must not claim to have it.
#[test]
pub fn ce18_a_reopened_replica_comes_back_with_its_floor() {
    let mut cluster = three();
    add(&mut cluster, B, "e");
    let has_b1 = cluster.store(B).context().clone();
    remove(&mut cluster, B, "e");
    for to in [A, C] {
        cluster.sync(B, to).unwrap();
    }
    assert_eq!(cluster.store(A).journal_len(), 1);
    fence(&mut cluster, B);
    assert_eq!(close(&mut cluster, B, &[A, C]), 2);
    assert_eq!(cluster.store(A).journal_len(), 0);
    assert!(cluster.store(A).floor().is_empty(), "the table says it");

    cluster.advance_all();
    add(&mut cluster, B, "f");
    cluster.readmit(B, A).unwrap();
    cluster.advance_all();
    for at in [A, B, C] {
        assert_eq!(cluster.store(at).floor().get(id(B)), 2, "of machine {at}");
        assert_eq!(cluster.store(at).delta_since(&has_b1), None);
        cluster.check();
    }
    assert_eq!(healed(cluster), ["f"]);
}

/// Step 3: whoever writes under an id that was never admitted leaves events that no close could ever
/// agree on, unless the readmission lists the id. D' makes D'1, and only D'' is admitted.
#[test]
pub fn ce27_an_incarnation_that_was_never_admitted_is_closed_like_any_other() {
    let mut cluster = three();
    add(&mut cluster, C, "e");
    cluster.crash_for_good(C);
    let unlisted = cluster.store(C).replica();
    add(&mut cluster, C, "f");
    assert!(shows(&cluster, C, "f"), "durable, and nobody knows the id");
    cluster.crash_for_good(C);
    assert!(shows(&cluster, C, "f"));
    add(&mut cluster, C, "g");
    remove(&mut cluster, C, "e");

    cluster.readmit(C, A).unwrap();
    let epoch = cluster.table().epoch();
    let fenced = Some(Member::Fenced { since: epoch });
    assert_eq!(cluster.table().member(unlisted), fenced);
    cluster.check();
    cluster.sync(C, A).unwrap();
    assert!(shows(&cluster, A, "f") && shows(&cluster, A, "g"));

    // The first life is still listed as active; it takes part no more.
    cluster.append(Entry::Fence { replica: id(C) }).unwrap();
    enter_and_report(&mut cluster, &[A, B, C]);
    cluster.sync(A, B).unwrap();
    enter_and_report(&mut cluster, &[A, B, C]);
    let entry = cluster.closable(unlisted).unwrap();
    cluster.append(entry).unwrap();
    assert_eq!(cluster.table().closed_at(unlisted), Some(1));
    assert_eq!(healed(cluster), ["f", "g"]);
}

/// The message as if it had been made in another epoch.
fn relabel(message: Message, epoch: Epoch) -> Message {
    match message {
        Message::Delta(delta) => Message::Delta(Delta { epoch, ..delta }),
        Message::Full(table, full) => Message::Full(table, FullState { epoch, ..full }),
    }
}

/// A table that has retired somebody makes no members: a store that begins empty cannot hold what was
/// agreed, and would kill it wherever it sends a full state.
#[test]
pub fn an_empty_store_is_no_member_of_a_cluster_that_agreed_on_something() {
    let mut cluster = three();
    add(&mut cluster, A, "e");
    for to in [B, C] {
        cluster.sync(A, to).unwrap();
    }
    fence(&mut cluster, A);
    let fenced = cluster.table();
    assert_eq!(close(&mut cluster, A, &[B, C]), 1);
    for table in [fenced, cluster.table()] {
        let empty = Store::member(id(B), table);
        assert_eq!(empty.retired(), Some(Epoch(0)));
        assert_eq!(empty.readmission(), Store::newcomer(id(B)).readmission());
    }
    let stranger = Store::member(id(7), Arc::clone(&cluster.tables[0]));
    assert!(stranger.retired().is_some());
    assert!(
        Store::member(id(B), Arc::clone(&cluster.tables[0]))
            .retired()
            .is_none()
    );
}
