//! Which key holds what.

use quorate::crdt::Kind;
use quorate::crdt::keyspace::{
    KeyKind, Keyspace, KeyspaceError, Operation, Registry, RegistryError, Value, apply,
};
use quorate::crdt::{HybridClock, ReplicaId, Store};
use quorate::{Micros, NodeId, Random};

use super::test;

#[test]
fn an_exact_key_comes_before_the_longest_prefix_and_that_before_the_default() {
    let registry = Registry::new()
        .prefix("a", KeyKind::Set)
        .and_then(|registry| registry.prefix("abc", KeyKind::Map))
        .and_then(|registry| registry.prefix("abcde", KeyKind::Flag))
        .and_then(|registry| registry.key("abcd", KeyKind::Counter))
        .and_then(|registry| registry.key("a", KeyKind::Tags))
        .unwrap();
    for (key, kind) in [
        ("a", KeyKind::Tags),
        ("ab", KeyKind::Set),
        ("abd", KeyKind::Set),
        ("abc", KeyKind::Map),
        ("abcd", KeyKind::Counter),
        ("abcdd", KeyKind::Map),
        ("abcde", KeyKind::Flag),
        ("abcdf", KeyKind::Map),
        ("", KeyKind::Register),
        ("b", KeyKind::Register),
        ("A", KeyKind::Register),
    ] {
        assert_eq!(registry.kind_of(key), kind, "{key}");
    }
    let everything = registry.prefix("", KeyKind::MultiRegister).unwrap();
    assert_eq!(everything.kind_of("b"), KeyKind::MultiRegister);
    assert_eq!(everything.kind_of("ab"), KeyKind::Set);
}

#[test]
fn prefixes_are_found_as_a_walk_over_all_of_them_finds_them() {
    let mut random = Random::new(7);
    let word = |random: &mut Random| {
        let len = random.index(5);
        let bytes = (0..len).map(|_| [b'a', b'b', 0xff][random.index(3)]);
        bytes.collect::<Vec<u8>>()
    };
    for _ in 0..500 {
        let mut registry = Registry::new();
        let mut prefixes = Vec::new();
        for _ in 0..random.index(6) {
            let (prefix, kind) = (word(&mut random), KeyKind::ALL[random.index(8)]);
            if let Ok(grown) = registry.clone().prefix(&prefix, kind) {
                registry = grown;
                prefixes.push((prefix, kind));
            }
        }
        let key = word(&mut random);
        let fitting = prefixes
            .iter()
            .filter(|(prefix, _)| key.starts_with(prefix));
        let longest = fitting.max_by_key(|(prefix, _)| prefix.len());
        let expected = longest.map_or(KeyKind::Register, |&(_, kind)| kind);
        assert_eq!(registry.kind_of(&key), expected, "{key:?} in {prefixes:?}");
    }
}

#[test]
fn a_conflicting_or_reserved_registration_is_refused() {
    let registry = Registry::new().key("k", KeyKind::Set).unwrap();
    let again = registry.clone().key("k", KeyKind::Set).unwrap();
    assert_eq!(again, registry);
    let refused = registry.clone().key("k", KeyKind::Map).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "`k` is registered as a set and cannot be a map"
    );
    // A prefix is something else than a key.
    let both = registry.prefix("k", KeyKind::Map).unwrap();
    assert_eq!(
        (both.kind_of("k"), both.kind_of("kk")),
        (KeyKind::Set, KeyKind::Map)
    );
    let conflict = both.clone().prefix("k", KeyKind::Flag);
    assert!(matches!(conflict, Err(RegistryError::Conflict { .. })));
    assert!(matches!(
        both.key("\0schema", KeyKind::Set),
        Err(RegistryError::Reserved { .. })
    ));
}

#[test]
fn replicas_with_two_registries_converge_and_each_shows_what_its_own_names() {
    let of = |kind| Registry::new().key("k", kind).unwrap();
    let (sets, counters) = (of(KeyKind::Set), of(KeyKind::Counter));
    let mut left = Store::new(ReplicaId::first(NodeId(1)));
    let mut right = Store::new(ReplicaId::first(NodeId(2)));
    let mut clock = HybridClock::new();
    let element = b"e".to_vec();
    let add = Operation::Add { element };
    apply(&sets, &mut left, &mut clock, Micros(1), b"k", &add).unwrap();
    let count = Operation::Increment { by: 2 };
    apply(&counters, &mut right, &mut clock, Micros(1), b"k", &count).unwrap();
    left.apply_full(&right.full_state()).unwrap();
    right.apply_full(&left.full_state()).unwrap();
    assert_eq!(left.encode_state(), right.encode_state());
    for store in [&left, &right] {
        let as_set = Keyspace::new(store, &sets).get("k");
        assert_eq!(as_set, Value::Set(vec![b"e".to_vec()]));
        assert_eq!(Keyspace::new(store, &counters).get("k"), Value::Counter(2));
    }
    // A row would come back, so whoever has it as a set cannot delete it either.
    let before = left.clone();
    let refused = apply(
        &sets,
        &mut left,
        &mut clock,
        Micros(2),
        b"k",
        &Operation::Delete,
    );
    assert!(matches!(refused, Err(KeyspaceError::NotRemovable { .. })));
    assert_eq!(left, before);
    apply(
        &sets,
        &mut left,
        &mut clock,
        Micros(2),
        b"k",
        &Operation::Clear,
    )
    .unwrap();
    assert_eq!(Keyspace::new(&left, &sets).get("k"), Value::Set(Vec::new()));
    assert_eq!(Keyspace::new(&left, &counters).get("k"), Value::Counter(2));
}

#[test]
fn every_kind_of_a_field_is_a_kind_of_a_key() {
    let kinds = Kind::ALL.map(KeyKind::from);
    assert!(kinds.iter().all(|kind| KeyKind::ALL.contains(kind)));
    assert_eq!(KeyKind::ALL.len(), kinds.len() + 2);
}
