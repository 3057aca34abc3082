//! Maps as a program uses them, and what every type refuses.

use quorate::crdt::{
    ClockExhausted, CounterError, EwFlag, GCounter, Kind, LwwRegister, OrMap, PnCounter, ReplicaId,
    Replicated, Stamp, WriteError,
};
use quorate::{Micros, NodeId};

const NOW: Micros = Micros(1);

fn id(node: u64) -> ReplicaId {
    ReplicaId::first(NodeId(node))
}

#[test]
fn a_key_has_a_field_of_each_kind() {
    let mut map = OrMap::<String>::new(id(1));
    let mut edit = map.edit(NOW);
    edit.increment("k", 2).unwrap();
    edit.increment("k", -5).unwrap();
    edit.enable("k").unwrap();
    edit.write("k", &true).unwrap();
    edit.write_multi("k", b"bytes").unwrap();
    edit.set::<u64>("k").add(&256).unwrap();
    edit.set::<u64>("k").add(&3).unwrap();
    edit.map::<i64>("k").enable(&-1).unwrap();

    let view = map.view();
    assert!(view.keys().eq(["k"]));
    assert!(
        view.fields()
            .eq(Kind::ALL.map(|kind| ("k".to_owned(), kind)))
    );
    assert_eq!(view.counter("k"), -3);
    assert!(view.flag("k"));
    assert_eq!(view.register::<bool>("k"), Some(true));
    assert_eq!(view.register::<u64>("k"), None, "it is no number");
    assert_eq!(view.multi_register::<Vec<u8>>("k"), [b"bytes"]);
    assert!(view.set::<u64>("k").iter().eq([3, 256]));
    assert!(view.map::<i64>("k").flag(&-1));
}

#[test]
fn keys_with_a_common_beginning_are_kept_apart() {
    let mut map = OrMap::<Vec<u8>>::new(id(1));
    for key in [&b"a"[..], b"a\0", b"a\0\x01C", b"", b"b"] {
        map.edit(NOW).increment(key, 1).unwrap();
    }
    map.edit(NOW).remove(b"a").unwrap();
    let left: Vec<Vec<u8>> = map.view().keys().collect();
    assert_eq!(left, [&b""[..], b"a\0", b"a\0\x01C", b"b"]);
}

#[test]
fn two_replicas_that_make_a_key_with_two_kinds_have_both() {
    let (mut a, mut b) = (OrMap::<String>::new(id(1)), OrMap::<String>::new(id(2)));
    a.edit(NOW).write("k", "text").unwrap();
    b.edit(NOW).increment("k", 4).unwrap();
    a.merge(&b).unwrap();
    b.merge(&a).unwrap();
    for map in [&a, &b] {
        assert_eq!(map.view().counter("k"), 4);
        assert_eq!(map.view().register::<String>("k").as_deref(), Some("text"));
    }
    a.edit(NOW).remove_field("k", Kind::Counter).unwrap();
    assert!(a.contains_key("k") && !a.view().contains_field("k", Kind::Counter));
    a.edit(NOW).remove("k").unwrap();
    assert!(a.is_empty());
}

#[test]
fn what_is_not_there_is_removed_without_an_event() {
    let mut map = OrMap::<String>::new(id(1));
    let mut edit = map.edit(NOW);
    assert_eq!(edit.remove("k"), Ok(None));
    assert_eq!(edit.remove_field("k", Kind::Map), Ok(None));
    assert_eq!(edit.clear(), Ok(None));
    assert_eq!(edit.disable("k"), Ok(None));
    assert_eq!(edit.increment("k", 0), Ok(None));
    assert_eq!(edit.set::<String>("k").remove("e"), Ok(None));
    assert_eq!(edit.set::<String>("k").clear(), Ok(None));
    assert!(edit.view().is_empty());
    assert!(map.context().is_empty());
    let mut flag = EwFlag::new(id(1));
    assert_eq!(flag.disable(NOW), Ok(None));
}

#[test]
fn a_row_that_is_full_refuses_and_stays() {
    let mut grow_only = GCounter::new(id(1));
    grow_only.increment(NOW, u64::MAX).unwrap();
    let overflow = CounterError::Overflow {
        row: u64::MAX,
        by: 2,
    };
    assert_eq!(grow_only.increment(NOW, 2), Err(overflow));
    assert_eq!(grow_only.value(), u128::from(u64::MAX));

    let (mut counter, mut other) = (PnCounter::new(id(1)), PnCounter::new(id(2)));
    counter.decrement(NOW, u64::MAX).unwrap();
    other.decrement(NOW, u64::MAX).unwrap();
    assert_eq!(counter.decrement(NOW, 2), Err(overflow));
    counter.increment(NOW, 1).unwrap();
    counter.merge(&other).unwrap();
    assert_eq!(counter.value(), 1 - 2 * i128::from(u64::MAX));
}

#[test]
fn the_end_of_time_refuses_a_write_and_changes_nothing() {
    let mut ahead = LwwRegister::<String>::new(id(1));
    ahead.set(Micros::MAX, "last").unwrap();
    let mut full = ahead.full_state();
    let value = full.live[0].payload[12..].to_vec();
    full.live[0].payload = [vec![0xff; 12], value].concat().into_boxed_slice();

    let mut register = LwwRegister::<String>::new(id(2));
    register.apply_full(&full).unwrap();
    assert_eq!(register.winner().unwrap().stamp, Stamp::MAX);
    let before = register.clone();
    let refused = register.set(NOW, "later");
    assert_eq!(refused, Err(WriteError::Clock(ClockExhausted)));
    assert_eq!(register, before);
    register.clear(NOW).unwrap();
    assert_eq!(register.get(), None, "a removal needs no stamp");
}

#[test]
fn a_write_that_the_store_refuses_leaves_the_clock() {
    let mut a = LwwRegister::<String>::new(id(1));
    a.set(NOW, "x").unwrap();
    let mut b = LwwRegister::<String>::new(id(2));
    b.merge(&a).unwrap();
    let mut rolled_back = LwwRegister::<String>::new(id(1));
    rolled_back.merge(&b).unwrap_err();
    assert!(matches!(
        rolled_back.set(Micros(500), "y"),
        Err(WriteError::Store(_))
    ));
    assert_eq!(rolled_back.last_stamp(), Stamp::default());
}
