//! Every entry and every refusal, and a naive model of the table beside the real one.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use quorate::NodeId;
use quorate::crdt::{Entry, EntryRefused, Epoch, Expiry, Member, ReplicaId, Table, VersionVector};

use super::{id, seen};

fn fence(letter: char) -> Entry {
    Entry::Fence {
        replica: id(letter),
    }
}

fn close(letter: char, at: u64, epoch: u64) -> Entry {
    Entry::Close {
        replica: id(letter),
        at,
        epoch: Epoch(epoch),
    }
}

fn readmit(letter: char, seen: VersionVector) -> Entry {
    Entry::Readmit {
        replica: id(letter),
        seen,
    }
}

fn expire(letter: char, expiry: Expiry) -> Entry {
    Entry::Expire {
        replica: id(letter),
        expiry,
    }
}

/// The table after a log whose entries are all accepted.
fn after(active: &str, log: &[(u64, Entry)]) -> Table {
    let start = Table::initial(active.chars().map(id));
    log.iter().fold(start, |table, (index, entry)| {
        table.apply(Epoch(*index), entry).unwrap()
    })
}

#[test]
fn an_unmanaged_table_lets_everybody_send_and_never_changes() {
    let table = Table::unmanaged();
    assert_eq!(table, Table::default());
    assert!(!table.is_managed() && table.admits(id('A')) && table.is_open(id('A')));
    assert!(!table.is_active(id('A')), "nobody is listed");
    assert_eq!(
        table.apply(Epoch(1), &fence('A')),
        Err(EntryRefused::Unmanaged)
    );
}

#[test]
fn a_replica_is_fenced_then_closed_then_expires() {
    let fenced = after("AB", &[(3, fence('B'))]);
    assert_eq!(fenced.epoch(), Epoch(3));
    assert_eq!(
        fenced.member(id('B')),
        Some(Member::Fenced { since: Epoch(3) })
    );
    assert!(!fenced.admits(id('B')) && fenced.is_open(id('B')));
    assert!(fenced.active().eq([id('A')]) && fenced.fenced().eq([(id('B'), Epoch(3))]));

    let closed = fenced.apply(Epoch(4), &close('B', 7, 3)).unwrap();
    assert_eq!(closed.closed_at(id('B')), Some(7));
    assert!(!closed.is_open(id('B')) && closed.closed().eq([(id('B'), 7)]));

    let expired = closed
        .apply(Epoch(9), &expire('B', Expiry::Discarded))
        .unwrap();
    assert_eq!(expired.closed_at(id('B')), None);
    assert!(expired.expired().eq([(id('B'), Expiry::Discarded)]));
}

#[test]
fn a_new_replica_is_admitted_with_an_empty_vector() {
    let table = after("A", &[(2, readmit('B', seen(&[])))]);
    assert!(table.active().eq([id('A'), id('B')]));
}

#[test]
fn a_fenced_replica_returns_before_it_is_closed() {
    let table = after(
        "AB",
        &[(1, fence('B')), (2, readmit('B', seen(&[('B', 4)])))],
    );
    assert!(table.is_active(id('B')) && table.fenced().next().is_none());
}

#[test]
fn a_readmission_reopens_what_the_vector_needs_and_nothing_else() {
    let log = [
        (1, fence('B')),
        (2, close('B', 3, 1)),
        (3, fence('C')),
        (4, close('C', 3, 3)),
        (5, fence('D')),
        (6, close('D', 3, 5)),
    ];
    let table = after("ABCD", &log);
    // D returns; it holds more of B than was agreed, of C as much, and of an unknown E.
    let held = seen(&[('A', 9), ('B', 4), ('C', 3), ('D', 3), ('E', 1)]);
    let table = table.apply(Epoch(7), &readmit('D', held)).unwrap();
    let reopened = Some(Member::Fenced { since: Epoch(7) });
    assert_eq!(table.member(id('B')), reopened);
    assert_eq!(table.member(id('C')), Some(Member::Closed { at: 3 }));
    assert_eq!(table.member(id('D')), Some(Member::Active));
    assert_eq!(table.member(id('E')), reopened);
}

#[test]
fn a_second_request_of_an_active_replica_counts_only_if_it_opens_something() {
    let log = [
        (1, fence('B')),
        (2, close('B', 0, 1)),
        (3, readmit('C', seen(&[]))),
    ];
    let table = after("AB", &log);
    assert_eq!(
        table.apply(Epoch(4), &readmit('C', seen(&[('A', 5)]))),
        Err(EntryRefused::AlreadyActive { replica: id('C') })
    );
    let outgrown = readmit('C', seen(&[('B', 1)]));
    let table = table.apply(Epoch(4), &outgrown).unwrap();
    assert!(table.is_open(id('B')) && table.is_active(id('C')));
}

#[test]
fn every_refusal_says_what_was_wrong() {
    let log = [
        (1, fence('B')),
        (2, fence('C')),
        (3, close('C', 2, 2)),
        (4, fence('D')),
        (5, close('D', 6, 4)),
        (6, expire('D', Expiry::Discarded)),
    ];
    let table = after("ABCD", &log);
    let refused = |index, entry: &Entry| {
        let before = table.clone();
        let refusal = table.apply(Epoch(index), entry).unwrap_err();
        assert_eq!(table, before);
        refusal.to_string()
    };
    let words = [
        (6, fence('A'), "entry 6 does not follow epoch 6"),
        (7, fence('E'), "n5 was never admitted"),
        (
            7,
            fence('A'),
            "n1 is the last active replica and has to stay",
        ),
        (
            7,
            fence('C'),
            "n3 is closed at 2; only an active replica is fenced",
        ),
        (7, close('E', 0, 6), "n5 was never admitted"),
        (
            7,
            close('A', 0, 6),
            "n1 is active; only a fenced replica is closed",
        ),
        (
            7,
            close('B', 0, 5),
            "the close of n2 rests on reports of epoch 5, but this is epoch 6: collect them again",
        ),
        (7, expire('E', Expiry::Drained), "n5 was never admitted"),
        (
            7,
            expire('B', Expiry::Drained),
            "n2 is fenced since epoch 1; only a closed replica expires",
        ),
        (
            7,
            expire('D', Expiry::Drained),
            "n4 is expired (discarded); only a closed replica expires",
        ),
        (
            7,
            readmit('A', seen(&[('C', 2)])),
            "n1 takes part already and needs nothing reopened",
        ),
        (
            7,
            readmit('D', seen(&[])),
            "n4 has expired: it needs a new incarnation",
        ),
        (
            7,
            readmit('B', seen(&[('D', 8)])),
            "n2 holds 8 events of n4, which was discarded: drop them first",
        ),
    ];
    for (index, entry, says) in words {
        assert_eq!(refused(index, &entry), says, "{entry}");
    }
    let nobody = Table::initial([]);
    let refusal = nobody.apply(Epoch(1), &readmit('A', seen(&[])));
    assert_eq!(refusal, Err(EntryRefused::NobodyActive));
}

/// What was drained left nothing behind, so a vector that names it is no loss.
#[test]
fn a_vector_may_name_a_drained_replica() {
    let log = [
        (1, fence('B')),
        (2, close('B', 2, 1)),
        (3, expire('B', Expiry::Drained)),
        (4, readmit('C', seen(&[('B', 2)]))),
    ];
    assert!(after("AB", &log).is_active(id('C')));
}

/// The sets of the specification, written down as they stand there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Model {
    active: BTreeSet<ReplicaId>,
    fenced: BTreeMap<ReplicaId, Epoch>,
    closed_at: BTreeMap<ReplicaId, u64>,
    expired: BTreeMap<ReplicaId, Expiry>,
}

impl Model {
    /// The sets after the entry; `None` if it is refused.
    fn apply(&self, epoch: Epoch, index: Epoch, entry: &Entry) -> Option<Self> {
        let mut next = self.clone();
        let accepted = match *entry {
            Entry::Fence { replica } => {
                next.fenced.insert(replica, index);
                next.active.remove(&replica) && !next.active.is_empty()
            }
            Entry::Close {
                replica,
                at,
                epoch: taken_in,
            } => {
                next.closed_at.insert(replica, at);
                next.fenced.remove(&replica).is_some() && taken_in == epoch
            }
            Entry::Readmit { replica, ref seen } => next.readmit(index, replica, seen),
            Entry::Expire { replica, expiry } => {
                next.expired.insert(replica, expiry);
                next.closed_at.remove(&replica).is_some()
            }
        };
        (accepted && next != *self).then_some(next)
    }

    fn readmit(&mut self, index: Epoch, replica: ReplicaId, seen: &VersionVector) -> bool {
        let discarded = |r| self.expired.get(&r) == Some(&Expiry::Discarded);
        if self.expired.contains_key(&replica) || seen.iter().any(|(r, _)| discarded(r)) {
            return false;
        }
        self.fenced.remove(&replica);
        self.closed_at.remove(&replica);
        self.active.insert(replica);
        for (r, counter) in seen.iter() {
            let reopened = self.closed_at.get(&r).is_some_and(|&at| counter > at);
            if reopened || self.member(r).is_none() {
                self.closed_at.remove(&r);
                self.fenced.insert(r, index);
            }
        }
        true
    }

    fn member(&self, replica: ReplicaId) -> Option<Member> {
        if self.active.contains(&replica) {
            return Some(Member::Active);
        }
        let fenced = self.fenced.get(&replica);
        let closed = self.closed_at.get(&replica);
        let expired = self.expired.get(&replica);
        fenced
            .map(|&since| Member::Fenced { since })
            .or(closed.map(|&at| Member::Closed { at }))
            .or(expired.map(|&expiry| Member::Expired { expiry }))
    }
}

/// Few replicas and small numbers, so that entries meet each other.
fn replica() -> impl Strategy<Value = ReplicaId> {
    (1..=5_u64, 0..2_u64).prop_map(|(node, incarnation)| ReplicaId {
        node: NodeId(node),
        incarnation,
    })
}

pub(crate) fn vector() -> impl Strategy<Value = VersionVector> {
    prop::collection::vec((replica(), 0..4_u64), 0..6)
        .prop_map(|entries| entries.into_iter().collect())
}

/// An entry for a table whose epoch is filled in when it is proposed; closes may come late.
pub(crate) fn draft() -> impl Strategy<Value = (Entry, u64)> {
    let expiry = prop_oneof![Just(Expiry::Drained), Just(Expiry::Discarded)];
    let entry = prop_oneof![
        4 => replica().prop_map(|replica| Entry::Fence { replica }),
        4 => (replica(), 0..4_u64).prop_map(|(replica, at)| Entry::Close { replica, at, epoch: Epoch(0) }),
        4 => (replica(), vector()).prop_map(|(replica, seen)| Entry::Readmit { replica, seen }),
        1 => (replica(), expiry).prop_map(|(replica, expiry)| Entry::Expire { replica, expiry }),
    ];
    (entry, prop_oneof![8 => Just(0), 1 => 1..3_u64])
}

/// The draft as an entry for the table: a close rests on reports `late` epochs ago.
pub(crate) fn propose(table: &Table, (entry, late): &(Entry, u64)) -> Entry {
    match *entry {
        Entry::Close { replica, at, .. } => Entry::Close {
            replica,
            at,
            epoch: Epoch(table.epoch().0.saturating_sub(*late)),
        },
        ref other => other.clone(),
    }
}

pub(crate) fn four() -> Table {
    Table::initial("ABCD".chars().map(id))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_table_is_what_the_naive_sets_say(
        drafts in prop::collection::vec((draft(), 0..3_u64), 1..60)
    ) {
        let mut table = four();
        let mut model = Model { active: table.active().collect(), ..Model::default() };
        for (draft, step) in &drafts {
            let entry = propose(&table, draft);
            let index = Epoch(table.epoch().0 + step);
            let expected = (*step > 0)
                .then(|| model.apply(table.epoch(), index, &entry))
                .flatten();
            let before = table.clone();
            let next = table.apply(index, &entry);
            prop_assert_eq!(next.is_ok(), expected.is_some(), "{} in {:?}", entry, table);
            prop_assert_eq!(&table, &before);
            if let (Ok(next), Some(expected)) = (next, expected) {
                prop_assert_eq!(next.epoch(), index);
                (table, model) = (next, expected);
            }
            for node in 1..=5 {
                for incarnation in 0..2 {
                    let replica = ReplicaId { node: NodeId(node), incarnation };
                    prop_assert_eq!(table.member(replica), model.member(replica));
                    prop_assert_eq!(table.admits(replica), model.active.contains(&replica));
                    let closed_at = model.closed_at.get(&replica).copied();
                    prop_assert_eq!(table.closed_at(replica), closed_at);
                }
            }
        }
    }

    /// Reading the log in two parts, with what was refused in it or without, is reading it once.
    #[test]
    fn a_table_is_a_function_of_its_log(
        drafts in prop::collection::vec(draft(), 1..40),
        cut in 0..40_usize,
    ) {
        let mut log: Vec<(Epoch, Entry)> = Vec::new();
        let mut tables = vec![four()];
        for (index, draft) in (1..).map(Epoch).zip(&drafts) {
            let table = &tables[tables.len() - 1];
            let entry = propose(table, draft);
            let next = table.apply(index, &entry).unwrap_or_else(|_| table.clone());
            log.push((index, entry));
            tables.push(next);
        }
        let read = |table: Table, log: &[(Epoch, Entry)]| {
            log.iter().fold(table, |table, (index, entry)| {
                table.apply(*index, entry).unwrap_or(table)
            })
        };
        let cut = cut.min(log.len());
        let prefix = read(four(), &log[..cut]);
        prop_assert_eq!(&prefix, &tables[cut]);
        // By way of bytes, as a replica would after a restart.
        let prefix = Table::decode(&prefix.encode()).unwrap();
        let whole = read(prefix, &log[cut..]);
        prop_assert_eq!(&whole, &tables[log.len()]);
        // Reading again what was read changes nothing.
        prop_assert_eq!(&read(whole.clone(), &log[..cut]), &whole);
    }
}
