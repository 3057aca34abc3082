//! What reports allow: the frontier, who holds it back, and a close.

use quorate::crdt::{Acks, Entry, Epoch, Member, NotClosable, Table};

use super::{id, seen};

const START: Epoch = Epoch(0);

fn fenced(active: &str, letter: char) -> Table {
    let fence = Entry::Fence {
        replica: id(letter),
    };
    Table::initial(active.chars().map(id))
        .apply(Epoch(1), &fence)
        .unwrap()
}

#[test]
fn the_frontier_is_what_all_active_replicas_hold() {
    let table = Table::initial("ABC".chars().map(id));
    let mut acks = Acks::of(&table);
    acks.record(id('A'), START, &seen(&[('A', 5), ('B', 2)]));
    acks.record(id('B'), START, &seen(&[('A', 4), ('B', 9)]));
    assert_eq!(acks.frontier(&table), seen(&[]), "C has not reported");
    acks.record(id('C'), START, &seen(&[('A', 7)]));
    assert_eq!(acks.frontier(&table), seen(&[('A', 4)]));
    let context = seen(&[('A', 7), ('B', 9)]);
    assert_eq!(
        acks.held_back_by(&table, &context),
        Some((id('A'), 9)),
        "two of its own and seven of B's; C lacks as many, and comes later"
    );
    // Rows are joined: an old report takes nothing back.
    acks.record(id('B'), START, &seen(&[('A', 1)]));
    assert_eq!(acks.frontier(&table), seen(&[('A', 4)]));
    // Who is not active holds nothing back.
    acks.record(id('D'), START, &seen(&[]));
    assert_eq!(acks.frontier(&table), seen(&[('A', 4)]));
    assert_eq!(Acks::default().frontier(&Table::unmanaged()), seen(&[]));
}

#[test]
fn a_new_table_voids_every_row() {
    let before = Table::initial("ABC".chars().map(id));
    let table = fenced("ABC", 'C');
    let mut acks = Acks::of(&before);
    acks.record(id('A'), START, &seen(&[('A', 1)]));
    acks.record(id('B'), START, &seen(&[('A', 1)]));
    assert_eq!(acks.frontier(&table), seen(&[]), "rows of another epoch");
    acks.enter(&table);
    assert_eq!((acks.epoch(), acks.row(id('A'))), (Epoch(1), None));
    // A report that was under way when the table changed.
    acks.record(id('A'), START, &seen(&[('A', 1)]));
    assert_eq!(acks.row(id('A')), None);
    acks.record(id('A'), Epoch(1), &seen(&[('A', 1)]));
    acks.record(id('B'), Epoch(1), &seen(&[('A', 2)]));
    assert_eq!(acks.frontier(&table), seen(&[('A', 1)]));
    // Going on to where one is, or back, does nothing.
    acks.enter(&table);
    acks.enter(&before);
    assert_eq!(acks.frontier(&table), seen(&[('A', 1)]));
}

#[test]
fn only_equal_reports_of_all_active_replicas_allow_a_close() {
    let table = fenced("ABCD", 'D');
    let mut acks = Acks::of(&table);
    let refusal = acks.closable(&table, id('A')).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "n1 is active; only a fenced replica is closed"
    );
    let refusal = acks.closable(&table, id('E')).unwrap_err();
    assert_eq!(refusal.to_string(), "n5 was never admitted");

    acks.record(id('B'), Epoch(1), &seen(&[('D', 3)]));
    let refusal = acks.closable(&table, id('D')).unwrap_err();
    let missing = vec![id('A'), id('C')];
    let replica = id('D');
    assert_eq!(refusal, NotClosable::Silent { replica, missing });
    assert_eq!(
        refusal.to_string(),
        "n4 cannot be closed before all report: missing n1, n3"
    );
    assert!(acks.entered(&table).eq([id('B')]));

    acks.record(id('A'), Epoch(1), &seen(&[('D', 1)]));
    acks.record(id('C'), Epoch(1), &seen(&[('A', 8)]));
    let refusal = acks.closable(&table, id('D')).unwrap_err();
    assert_eq!(
        refusal,
        NotClosable::Unequal {
            replica,
            highest: 3,
            behind: vec![(id('A'), 2), (id('C'), 3)]
        }
    );
    assert_eq!(
        refusal.to_string(),
        "n4 cannot be closed at 3 yet: n1 lacks 2, n3 lacks 3"
    );

    acks.record(id('A'), Epoch(1), &seen(&[('D', 3)]));
    acks.record(id('C'), Epoch(1), &seen(&[('D', 3)]));
    // What the fenced replica says of itself does not matter.
    acks.record(id('D'), Epoch(1), &seen(&[('D', 9)]));
    assert_eq!(acks.closable(&table, id('D')), Ok(3));
}

#[test]
fn a_replica_of_which_nobody_has_anything_closes_at_zero() {
    let table = fenced("AB", 'B');
    let mut acks = Acks::of(&table);
    acks.record(id('A'), Epoch(1), &seen(&[]));
    let at = acks.closable(&table, id('B')).unwrap();
    let (replica, epoch) = (id('B'), table.epoch());
    let close = Entry::Close { replica, at, epoch };
    let table = table.apply(Epoch(2), &close).unwrap();
    assert_eq!(table.member(id('B')), Some(Member::Closed { at: 0 }));
}
