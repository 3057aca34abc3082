//! Prune certificates: honest ones pass, and every lie is found.

use quorate::crdt::{
    Acks, CertificateError, Epoch, PruneCertificate, ReplicaId, Table, VersionVector,
};

use super::{id, seen};

fn table() -> Table {
    Table::initial("ABC".chars().map(id))
}

fn durable(replica: ReplicaId) -> Option<VersionVector> {
    let held = [
        ('A', seen(&[('A', 9), ('B', 4)])),
        ('B', seen(&[('A', 6), ('B', 8)])),
        ('C', seen(&[('A', 7), ('B', 5)])),
    ];
    held.into_iter()
        .find(|&(letter, _)| id(letter) == replica)
        .map(|(_, held)| held)
}

/// Reports of everybody, some of them older than what is held by now.
fn acks() -> Acks {
    let mut acks = Acks::of(&table());
    acks.record(id('A'), Epoch(0), &seen(&[('A', 9), ('B', 4)]));
    acks.record(id('B'), Epoch(0), &seen(&[('A', 5), ('B', 8)]));
    acks.record(id('C'), Epoch(0), &seen(&[('A', 7), ('B', 3)]));
    acks
}

fn honest() -> PruneCertificate {
    let (before, after) = (seen(&[('A', 2)]), seen(&[('A', 8), ('B', 3)]));
    PruneCertificate::of(&acks(), &table(), &before, &after)
}

#[test]
fn what_the_frontier_covers_is_certified_and_the_rest_listed() {
    let certificate = honest();
    assert_eq!(certificate.frontier, seen(&[('A', 5), ('B', 3)]));
    assert_eq!(certificate.pruned, [(id('A'), 3..=5), (id('B'), 1..=3)]);
    assert_eq!(certificate.uncovered, [(id('A'), 6..=8)]);
    assert!(!certificate.covers_everything());
    assert_eq!(certificate.verify(&table(), durable), Ok(()));
}

#[test]
fn a_floor_already_beyond_the_frontier_leaves_nothing_to_certify() {
    let (before, after) = (seen(&[('A', 7)]), seen(&[('A', 8)]));
    let certificate = PruneCertificate::of(&acks(), &table(), &before, &after);
    assert_eq!(certificate.pruned, []);
    assert_eq!(certificate.uncovered, [(id('A'), 8..=8)]);
    assert_eq!(certificate.verify(&table(), durable), Ok(()));
    let idle = PruneCertificate::of(&acks(), &table(), &after, &after);
    assert!(idle.pruned.is_empty() && idle.covers_everything());
}

#[test]
fn without_every_report_nothing_is_covered() {
    let mut acks = Acks::of(&table());
    acks.record(id('A'), Epoch(0), &seen(&[('A', 9)]));
    let certificate = PruneCertificate::of(&acks, &table(), &seen(&[]), &seen(&[('A', 2)]));
    assert_eq!(certificate.rows.len(), 3);
    assert_eq!(certificate.pruned, []);
    assert_eq!(certificate.uncovered, [(id('A'), 1..=2)]);
    // Those who did not report need not be asked.
    let only_a = |replica| (replica == id('A')).then(|| durable(replica)).flatten();
    assert_eq!(certificate.verify(&table(), only_a), Ok(()));

    let unmanaged = Table::unmanaged();
    let certificate = PruneCertificate::of(&acks, &unmanaged, &seen(&[]), &seen(&[('A', 2)]));
    assert_eq!(certificate.uncovered, [(id('A'), 1..=2)]);
    assert_eq!(certificate.verify(&unmanaged, |_| None), Ok(()));
}

fn refused(lie: impl FnOnce(&mut PruneCertificate)) -> String {
    let mut certificate = honest();
    lie(&mut certificate);
    let error = certificate.verify(&table(), durable).unwrap_err();
    error.to_string()
}

#[test]
fn every_lie_is_found() {
    assert_eq!(
        refused(|lie| lie.epoch = Epoch(4)),
        "the certificate is of epoch 4, the table of epoch 0"
    );
    assert_eq!(
        refused(|lie| drop(lie.rows.pop())),
        "n3 is active and has no row"
    );
    assert_eq!(
        refused(|lie| lie.rows.push((id('D'), seen(&[('A', 9)])))),
        "n4 has a row and is not active"
    );
    assert_eq!(
        refused(|lie| lie.rows.swap(0, 1)),
        "n1 is out of order or listed twice"
    );
    assert_eq!(
        refused(|lie| lie.rows[1].1.raise(id('A'), 7)),
        "the row of n2 claims 7 events of n1, but n2 durably holds 6"
    );
    assert_eq!(
        refused(|lie| lie.frontier.raise(id('A'), 6)),
        "the frontier is {n1: 6, n2: 3}, but the rows meet in {n1: 5, n2: 3}"
    );
    assert_eq!(
        refused(|lie| lie.pruned[0].1 = 3..=6),
        "n1 is said to be covered up to 6, but the frontier is at 5"
    );
    assert_eq!(
        refused(|lie| lie.uncovered[0].1 = 5..=8),
        "n1 is said to be uncovered from 5, but the frontier is at 5"
    );
    assert_eq!(
        refused(|lie| lie.pruned[0].1 = 0..=5),
        "the range of n1 is empty or starts at zero"
    );
    assert_eq!(
        refused(|lie| lie.pruned.push((id('B'), 1..=1))),
        "n2 is out of order or listed twice"
    );
}

/// A row may be raised only with its owner: a true frontier of false rows is no proof.
#[test]
fn a_consistent_lie_about_a_row_is_found() {
    let mut certificate = honest();
    certificate.rows[2].1.raise(id('B'), 6);
    certificate.frontier.raise(id('B'), 4);
    let error = certificate.verify(&table(), durable).unwrap_err();
    assert_eq!(
        error,
        CertificateError::RowBeyondDurable {
            owner: id('C'),
            replica: id('B'),
            claimed: 6,
            durable: 5
        }
    );
}
