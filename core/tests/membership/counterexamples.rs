//! The histories that break a rule of membership, as far as tables and reports alone can show.
//!
//! `A1` is the first event of A. A vector stands for what a replica has seen.

use quorate::NodeId;
use quorate::crdt::{
    Acks, Dot, Entry, EntryRefused, Epoch, Expiry, Member, NotClosable, ReplicaId, Table,
    VersionVector,
};

use super::test;

/// The first incarnation on a node that is called by a letter.
pub fn id(letter: char) -> ReplicaId {
    ReplicaId::first(NodeId(u64::from(u32::from(letter) - 64)))
}

/// A version vector by letters.
pub fn seen(entries: &[(char, u64)]) -> VersionVector {
    entries
        .iter()
        .map(|&(letter, counter)| (id(letter), counter))
        .collect()
}

fn dot(letter: char, counter: u64) -> Dot {
    Dot::new(id(letter), counter)
}

fn start(letters: &str) -> Table {
    Table::initial(letters.chars().map(id))
}

fn fence(table: &Table, letter: char) -> Table {
    let replica = id(letter);
    next(table, &Entry::Fence { replica })
}

/// A close that rests on reports of the table's own epoch.
fn close(table: &Table, letter: char, at: u64) -> Table {
    let (replica, epoch) = (id(letter), table.epoch());
    next(table, &Entry::Close { replica, at, epoch })
}

fn readmit(table: &Table, letter: char, seen: VersionVector) -> Table {
    let replica = id(letter);
    next(table, &Entry::Readmit { replica, seen })
}

fn next(table: &Table, entry: &Entry) -> Table {
    table.apply(Epoch(table.epoch().0 + 1), entry).unwrap()
}

/// A adds `e` (A1) and only B gets it. Closing A at 1 would make C take A1 for seen.
#[test]
fn ce_13_a_close_needs_equal_reports() {
    let table = fence(&start("ABC"), 'A');
    let mut acks = Acks::of(&table);
    let (at_b, at_c) = (seen(&[('A', 1)]), seen(&[]));
    acks.record(id('B'), table.epoch(), &at_b);
    acks.record(id('C'), table.epoch(), &at_c);
    let lacking = NotClosable::Unequal {
        replica: id('A'),
        highest: 1,
        behind: vec![(id('C'), 1)],
    };
    assert_eq!(acks.closable(&table, id('A')), Err(lacking));
    // What the rule prevents: C has not seen A1, and would say it had.
    let forced = close(&table, 'A', 1);
    assert!(!table.seen(dot('A', 1), &at_c));
    assert!(forced.seen(dot('A', 1), &table.carry(&at_c, &forced)));
    // C gets A1 from B, which the fence allows, and reports again.
    acks.record(id('C'), table.epoch(), &at_b);
    assert_eq!(acks.closable(&table, id('A')), Ok(1));
}

/// A reports B:0 in the epoch that fenced B. B1 reaches A all the same, by way of C, which had
/// entered late. After the next table the old report must not count.
#[test]
fn ce_14_a_new_table_voids_reports() {
    let first = fence(&start("ABC"), 'B');
    let mut acks = Acks::of(&first);
    acks.record(id('A'), first.epoch(), &seen(&[]));
    let silent = |missing: &[char]| NotClosable::Silent {
        replica: id('B'),
        missing: missing.iter().copied().map(id).collect(),
    };
    assert_eq!(acks.closable(&first, id('B')), Err(silent(&['C'])));

    let second = fence(&first, 'C');
    // Only A is left, and its old report alone would do, entered or not.
    assert_eq!(acks.closable(&second, id('B')), Err(silent(&['A'])));
    acks.enter(&second);
    acks.record(id('A'), first.epoch(), &seen(&[]));
    assert_eq!(acks.closable(&second, id('B')), Err(silent(&['A'])));
    // A close that was proposed before the table changed comes too late.
    let stale = Entry::Close {
        replica: id('B'),
        at: 0,
        epoch: first.epoch(),
    };
    let refusal = EntryRefused::StaleClose {
        replica: id('B'),
        taken_in: first.epoch(),
        epoch: second.epoch(),
    };
    assert_eq!(second.apply(Epoch(3), &stale), Err(refusal));

    acks.record(id('A'), second.epoch(), &seen(&[('B', 1)]));
    assert_eq!(acks.closable(&second, id('B')), Ok(1));
}

/// C is fenced; A enters and reports none of its events. C1 must not come in afterwards.
#[test]
fn ce_16_a_fenced_sender_is_not_admitted() {
    let table = fence(&start("ABC"), 'C');
    assert!(!table.admits(id('C')));
    // The others may still exchange what they hold of it.
    assert!(table.is_open(id('C')) && table.admits(id('A')));
}

/// B is closed at 1, and C has B1. A message of the epoch before, in which B's entry is missing
/// because nothing was seen of B, must not be read as "all agreed events of B".
#[test]
fn ce_17_a_vector_means_nothing_without_its_table() {
    let old = fence(&start("ABC"), 'A');
    let closed = close(&fence(&old, 'B'), 'B', 1);
    let under_way = seen(&[('A', 1)]);
    assert!(!old.seen(dot('B', 1), &under_way));
    assert!(closed.seen(dot('B', 1), &under_way));
    // Written out by its own table, the vector means the same everywhere.
    assert_eq!(old.expand(&under_way).get(id('B')), 0);
}

/// B2 killed B1; B was closed at 2, which dropped its records, and is reopened. A floor of zero
/// would claim that the journal still has them.
#[test]
fn ce_18_a_reopened_replica_comes_back_with_its_floor() {
    let fenced = fence(&start("ABC"), 'B');
    let closed = close(&fenced, 'B', 2);
    let (context, floor) = (seen(&[('A', 4), ('B', 2)]), seen(&[('A', 1)]));
    let at_close = fenced.carry(&context, &closed);
    assert_eq!(at_close, seen(&[('A', 4)]));
    let floor_at_close = fenced.carry(&floor, &closed);

    let reopened = readmit(&closed, 'B', seen(&[('B', 5)]));
    assert_eq!(closed.carry(&at_close, &reopened), context);
    let floor = closed.carry(&floor_at_close, &reopened);
    assert_eq!(floor, seen(&[('A', 1), ('B', 2)]));
}

/// (a) Z1 was never delivered. (b) Z1 was delivered, its acknowledgement lost; the cluster removed
/// it and forgot the record. Z's state is the same in both, and so is everybody's vector. Only
/// the number at which Z was closed tells them apart.
#[test]
fn ce_19_the_number_of_a_close_tells_a_lost_add_from_a_removed_one() {
    let fenced = fence(&start("AZ"), 'Z');
    let at_z = seen(&[('Z', 1)]);
    let never_delivered = close(&fenced, 'Z', 0);
    let delivered = close(&fenced, 'Z', 1);
    let cluster = seen(&[('A', 3)]);
    assert!(!never_delivered.seen(dot('Z', 1), &cluster), "keep the add");
    assert!(delivered.seen(dot('Z', 1), &cluster), "it is a zombie");

    // Readmitted, Z is opened at that number, so that its add is news to A in (a) alone.
    let opened = |closed: &Table| {
        let table = readmit(closed, 'Z', at_z.clone());
        closed.carry(&cluster, &table).get(id('Z'))
    };
    assert_eq!((opened(&never_delivered), opened(&delivered)), (0, 1));

    // Once the number is given up the two are one, so the answer has to be that Z is gone.
    let (replica, expiry) = (id('Z'), Expiry::Discarded);
    let given_up = Entry::Expire { replica, expiry };
    let (a, b) = (
        next(&never_delivered, &given_up),
        next(&delivered, &given_up),
    );
    assert_eq!(a, b);
    assert!(a.seen(dot('Z', 1), &cluster) && a.seen(dot('Z', 9), &cluster));
    let seen = at_z;
    let refusal = a.apply(Epoch(9), &Entry::Readmit { replica, seen });
    assert_eq!(refusal, Err(EntryRefused::Expired { replica }));
}

/// A crashed D comes back as D', writes D'1 durably, crashes again and is admitted as D''. D' was
/// never in a table; without an entry of its own it could never be closed, and D'1 never agreed.
#[test]
fn ce_27_an_incarnation_that_was_never_admitted_is_fenced() {
    let life = |incarnation| ReplicaId {
        node: NodeId(4),
        incarnation,
    };
    let seen: VersionVector = [(id('A'), 3), (life(0), 2), (life(1), 1)]
        .into_iter()
        .collect();
    let crashed = close(&fence(&start("AD"), 'D'), 'D', 2);
    assert!(!crashed.is_open(life(1)));
    assert!(crashed.unagreed(&seen).eq([(life(1), 1)]));

    let replica = life(2);
    let readmission = Entry::Readmit {
        replica,
        seen: seen.clone(),
    };
    let table = next(&crashed, &readmission);
    assert_eq!(table.member(life(0)), Some(Member::Closed { at: 2 }));
    let fenced = Some(Member::Fenced {
        since: table.epoch(),
    });
    assert_eq!(table.member(life(1)), fenced);
    assert_eq!(table.unagreed(&seen).count(), 0);
    // From here on it is closed like any other.
    let mut acks = Acks::of(&table);
    acks.record(id('A'), table.epoch(), &seen);
    acks.record(life(2), table.epoch(), &table.elide(&seen));
    assert_eq!(acks.closable(&table, life(1)), Ok(1));
    let (replica, epoch) = (life(1), table.epoch());
    let agreed = Entry::Close {
        replica,
        at: 1,
        epoch,
    };
    let table = next(&table, &agreed);
    assert_eq!(table.elide(&seen), self::seen(&[('A', 3)]));
}

/// Z asks, is admitted, is fenced again while it waits, and then gets the answer. It must see that
/// what it holds was closed without it, and ask again.
#[test]
fn ce_28_a_readmission_that_was_overtaken_is_noticed() {
    let start = close(&fence(&start("ABZ"), 'Z'), 'Z', 0);
    // Z holds an event of B that nobody has; B is closed at 0 meanwhile.
    let at_z = seen(&[('B', 1), ('Z', 2)]);
    let admitted = readmit(&start, 'Z', seen(&[('Z', 2)]));
    let overtaken = fence(&fence(&admitted, 'Z'), 'B');
    let closed = close(&overtaken, 'B', 0);
    let again = readmit(&closed, 'Z', seen(&[('Z', 2)]));
    assert!(again.is_active(id('Z')));
    assert!(again.unagreed(&at_z).eq([(id('B'), 1)]));
    // Although it is active already, the second request is not refused: it reopens B.
    let reopened = readmit(&again, 'Z', at_z.clone());
    assert!(reopened.is_open(id('B')) && reopened.unagreed(&at_z).count() == 0);
}

/// Two members are left; one returned and has not joined yet. It is active, and of no use to
/// anybody: fencing the other would leave nobody who can hand over the state.
#[test]
fn an_active_replica_that_has_not_entered_is_no_successor() {
    let table = readmit(&fence(&start("AB"), 'B'), 'B', seen(&[]));
    let mut acks = Acks::of(&table);
    acks.record(id('A'), table.epoch(), &seen(&[]));
    assert!(table.is_active(id('B')));
    assert!(acks.entered(&table).eq([id('A')]));
    acks.record(id('B'), table.epoch(), &seen(&[]));
    assert!(acks.entered(&table).eq([id('A'), id('B')]));
}
