//! Flaw 9: a merge that asks the clock.

use quorate::crdt::{LwwRegister, ReplicaId, Replicated};
use quorate::{Micros, NodeId};

use super::super::DAY;
use super::register::SeedRegister;
use super::test;

fn register(node: u64) -> LwwRegister<String> {
    LwwRegister::new(ReplicaId::first(NodeId(node)))
}

/// Both learn what the other has. Returns what they agree on.
fn agree(mut left: LwwRegister<String>, mut right: LwwRegister<String>) -> Option<String> {
    left.merge(&right).unwrap();
    right.merge(&left).unwrap();
    assert_eq!(left.get(), right.get());
    left.get()
}

#[test]
fn flaw_09_the_order_of_a_merge_decides() {
    let now = DAY;
    let past = SeedRegister::written("past", now, "n1");
    let future = SeedRegister::written("future", now + DAY, "n2");
    assert_eq!(past.merge(&future, now).value, "past");
    assert_eq!(future.merge(&past, now).value, "future", "not commutative");
    // What was refused at noon is believed at night: the same inputs, another result.
    assert_eq!(past.merge(&future, now + DAY).value, "future");

    let (mut past, mut future) = (register(1), register(2));
    past.set(now, "past").unwrap();
    future.set(now + DAY, "future").unwrap();
    // There is no clock to ask: whoever merges whom, and whenever.
    assert_eq!(
        agree(past.clone(), future.clone()).as_deref(),
        Some("future")
    );
    assert_eq!(agree(future, past).as_deref(), Some("future"));
}

#[test]
fn flaw_09_equal_stamps_of_one_node_stay_different_for_ever() {
    // A node writes twice within a tick of its clock, and its peers got one write each.
    let one = SeedRegister::written("one", Micros(5), "n1");
    let two = SeedRegister::written("two", Micros(5), "n1");
    assert_eq!(one.merge(&two, DAY).value, "one");
    assert_eq!(two.merge(&one, DAY).value, "two");

    let mut writer = register(1);
    let mut peers = [2, 3].map(register);
    for (value, peer) in ["one", "two"].into_iter().zip(&mut peers) {
        writer.set(Micros(5), value).unwrap();
        peer.merge(&writer).unwrap();
        assert_eq!(peer.get().as_deref(), Some(value));
    }
    let [one, two] = peers;
    assert_eq!(agree(one.clone(), two.clone()).as_deref(), Some("two"));
    assert_eq!(agree(two, one).as_deref(), Some("two"));

    // Equal stamps of two nodes, which no clock can exclude: they agree all the same.
    let [mut left, mut right] = [1, 2].map(register);
    left.set(Micros(5), "left").unwrap();
    right.set(Micros(5), "right").unwrap();
    let agreed = agree(left.clone(), right.clone());
    assert_eq!(agreed, agree(right, left));
}
