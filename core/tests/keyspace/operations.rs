//! Every operation on every kind: accepted, or refused with everything as it was.

use std::collections::BTreeMap;

use quorate::crdt::keyspace::{
    KeyKind, Keyspace, KeyspaceError, Operation, OperationName, Value, is_stamped,
};
use quorate::crdt::{Kind, Layout, Path, Stamp};
use quorate::{Micros, NodeId};

use super::replica::{KEYS, Objects, name, tag};
use super::test;

const CLEAR: OperationName = OperationName::Clear;
const INCREMENT: OperationName = OperationName::Increment;

/// One of each.
fn every_operation() -> [Operation; 11] {
    let element = b"e".to_vec();
    let write = Operation::Write {
        value: b"v".to_vec(),
    };
    [
        Operation::Add {
            element: element.clone(),
        },
        Operation::Remove { element },
        Operation::Clear,
        Operation::Increment { by: -3 },
        write.clone(),
        Operation::Enable,
        Operation::Disable,
        Operation::within([b"f"], Kind::Register, write),
        tag("a:b", 5),
        Operation::Untag { name: name("a:b") },
        Operation::Delete,
    ]
}

/// What a kind has beside tags, which every object has, and deletion.
fn fitting(kind: KeyKind) -> &'static [OperationName] {
    match kind {
        KeyKind::Counter => &[INCREMENT],
        KeyKind::ResettableCounter => &[INCREMENT, CLEAR],
        KeyKind::Set => &[OperationName::Add, OperationName::Remove, CLEAR],
        KeyKind::Register | KeyKind::MultiRegister => &[OperationName::Write, CLEAR],
        KeyKind::Flag => &[OperationName::Enable, OperationName::Disable, CLEAR],
        KeyKind::Map => &[OperationName::Field, OperationName::Remove, CLEAR],
        KeyKind::Tags => &[CLEAR],
    }
}

/// A keyspace in which every key has its value and a tag.
fn furnished() -> Objects {
    let mut objects = Objects::new(1);
    for (key, _) in KEYS {
        for operation in &every_operation()[..9] {
            if !matches!(
                operation,
                Operation::Remove { .. } | Operation::Clear | Operation::Disable
            ) {
                let _ = objects.act(1, key, operation);
            }
        }
        assert!(objects.look(|keyspace| keyspace.contains(key)), "{key}");
    }
    objects
}

#[test]
fn what_fits_is_an_event_and_what_does_not_changes_nothing() {
    let start = furnished();
    for (key, kind) in KEYS {
        for operation in every_operation() {
            let mut objects = start.clone();
            let done = objects.act(2, key, &operation);
            let called = operation.name();
            let is_for_all = matches!(called, OperationName::Tag | OperationName::Untag);
            let cannot_go = kind == KeyKind::Counter
                && matches!(called, OperationName::Clear | OperationName::Delete);
            let expected = if cannot_go {
                Err(KeyspaceError::NotRemovable { key: key.into() })
            } else if is_for_all
                || called == OperationName::Delete
                || fitting(kind).contains(&called)
            {
                Ok(())
            } else {
                let (key, operation) = (key.into(), called);
                Err(KeyspaceError::WrongKind {
                    key,
                    kind,
                    operation,
                })
            };
            // A map has no key `e` to remove: nothing to do.
            let is_nothing = kind == KeyKind::Map && called == OperationName::Remove;
            assert_eq!(done.clone().map(|_| ()), expected, "{called} on {key}");
            match done {
                Ok(event) => assert_eq!(event.is_none(), is_nothing, "{called} on {key}"),
                Err(_) => assert_eq!(
                    (objects.store, objects.clock),
                    (start.store.clone(), start.clock)
                ),
            }
        }
    }
}

#[test]
fn every_operation_does_what_it_says() {
    let mut objects = Objects::new(1);
    let value = |bytes: &[u8]| bytes.to_vec();
    let mut check = |key: &str, operation: Operation, expected: Value| {
        objects.act(1, key, &operation).unwrap();
        assert_eq!(
            objects.look(|keyspace| keyspace.get(key)),
            expected,
            "{operation:?}"
        );
    };
    let add = |element| Operation::Add {
        element: value(element),
    };
    let remove = |element| Operation::Remove {
        element: value(element),
    };
    let write = |bytes| Operation::Write {
        value: value(bytes),
    };
    let count = |by| Operation::Increment { by };
    check("set", add(b"y"), Value::Set(vec![value(b"y")]));
    check("set", add(b"x"), Value::Set(vec![value(b"x"), value(b"y")]));
    check("set", remove(b"y"), Value::Set(vec![value(b"x")]));
    check("set", Operation::Clear, Value::Set(vec![]));
    check("counter", count(5), Value::Counter(5));
    check("counter", count(i64::MIN), Value::Counter(5 - (1 << 63)));
    check("resettable", count(5), Value::Counter(5));
    check("resettable", count(-7), Value::Counter(-2));
    check("resettable", Operation::Clear, Value::Counter(0));
    check("register", write(b"1"), Value::Register(Some(value(b"1"))));
    check("register", write(b"0"), Value::Register(Some(value(b"0"))));
    check("register", Operation::Clear, Value::Register(None));
    check(
        "multi",
        write(b"1"),
        Value::MultiRegister(vec![value(b"1")]),
    );
    check("multi", Operation::Clear, Value::MultiRegister(vec![]));
    check("flag", Operation::Enable, Value::Flag(true));
    check("flag", Operation::Disable, Value::Flag(false));
    check("flag", Operation::Enable, Value::Flag(true));
    check("flag", Operation::Clear, Value::Flag(false));
}

#[test]
fn fields_of_a_map_are_reached_through_maps() {
    let mut objects = Objects::new(1);
    let mut act = |operation| objects.act(1, "map", &operation).unwrap();
    let at = |keys: &[&str], kind, operation| Operation::within(keys, kind, operation);
    let value = b"v".to_vec();
    act(at(
        &["a", "b", "c"],
        Kind::Register,
        Operation::Write { value },
    ));
    act(at(
        &["a", "b"],
        Kind::Counter,
        Operation::Increment { by: 4 },
    ));
    act(at(&["a"], Kind::Flag, Operation::Enable));
    let element = b"e".to_vec();
    act(at(&["a"], Kind::Set, Operation::Add { element }));
    objects.look(|keyspace| {
        let map = keyspace.map::<String>("map").map::<String>("a");
        assert_eq!(map.counter("b"), 4);
        assert_eq!(
            map.map::<String>("b").register::<String>("c").as_deref(),
            Some("v")
        );
        let Value::Map(fields) = keyspace.get("map") else {
            panic!("a map is a map")
        };
        let kinds = fields.keys().map(|(key, kind)| (key.as_slice(), *kind));
        let a = &b"a"[..];
        assert!(kinds.eq([(a, Kind::Flag), (a, Kind::Map), (a, Kind::Set)]));
        let inner = BTreeMap::from([(
            (b"c".to_vec(), Kind::Register),
            Value::Register(Some(b"v".to_vec())),
        )]);
        let Value::Map(a) = &fields[&(b"a".to_vec(), Kind::Map)] else {
            panic!("a map is a map")
        };
        assert_eq!(a[&(b"b".to_vec(), Kind::Map)], Value::Map(inner));
    });
    // One field, by either name for it; then the key with the rest.
    let mut act = |operation| objects.act(2, "map", &operation).unwrap();
    assert!(act(at(&["a", "b"], Kind::Counter, Operation::Delete)).is_some());
    assert!(act(at(&["a", "b"], Kind::Counter, Operation::Clear)).is_none());
    let element = b"b".to_vec();
    assert!(act(at(&["a"], Kind::Map, Operation::Remove { element })).is_some());
    let element = b"a".to_vec();
    assert!(act(Operation::Remove { element }).is_some());
    assert!(!objects.look(|keyspace| keyspace.contains("map")));
}

#[test]
fn what_does_not_fit_a_field_is_refused_with_the_kind_of_the_field() {
    let mut objects = furnished();
    let before = objects.store.clone();
    let refused = |operation: Operation, kind| {
        let nested = Operation::within(["f", "g"], kind, operation);
        let mut objects = objects.clone();
        let error = objects.act(2, "map", &nested).unwrap_err();
        assert_eq!(objects.store, before);
        error
    };
    for kind in Kind::ALL {
        for operation in every_operation() {
            let called = operation.name();
            let is_removal = called == OperationName::Delete;
            if is_removal || fitting(kind.into()).contains(&called) {
                continue;
            }
            let expected = KeyspaceError::WrongKind {
                key: b"map".to_vec(),
                kind: kind.into(),
                operation: called,
            };
            assert_eq!(refused(operation, kind), expected);
        }
    }
    let deep = |maps: usize| Operation::within(vec!["k"; maps], Kind::Flag, Operation::Enable);
    assert!(objects.act(3, "map", &deep(31)).unwrap().is_some());
    let before = objects.store.clone();
    let error = objects.act(3, "map", &deep(32)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`map`: more than 32 maps within each other"
    );
    assert_eq!(objects.store, before);
    assert!(
        objects
            .store
            .iter()
            .all(|live| Keyspace::fits(live.path, live.payload))
    );
}

#[test]
fn a_deletion_takes_value_and_tags_and_leaves_what_it_has_not_seen() {
    let mut left = furnished();
    let mut right = Objects::new(2);
    right.store.apply_full(&left.store.full_state()).unwrap();
    let mut right = Objects::of(right.store);
    left.act(2, "set", &Operation::Delete).unwrap();
    right.act(2, "set", &tag("a:new", true)).unwrap();
    left.store.apply_full(&right.store.full_state()).unwrap();
    left.look(|keyspace| {
        assert!(keyspace.set::<Vec<u8>>("set").is_empty());
        let names: Vec<_> = keyspace.tags("set").map(|(name, _)| name).collect();
        assert_eq!(names, [name("a:new")]);
        assert!(keyspace.contains("set"));
    });
    let error = left.act(3, "counter", &Operation::Delete).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`counter` has a counter, which can be neither cleared nor deleted"
    );
}

#[test]
fn what_cannot_be_counted_stamped_or_named_is_refused() {
    let mut objects = Objects::new(1);
    for by in [i64::MAX, i64::MAX, 1] {
        objects
            .act(1, "counter", &Operation::Increment { by })
            .unwrap();
    }
    let before = objects.clone();
    let key = b"counter".to_vec();
    let overflow = objects.act(2, "counter", &Operation::Increment { by: 1 });
    let (row, by) = (u64::MAX, 1);
    assert_eq!(overflow, Err(KeyspaceError::Overflow { key, row, by }));
    let reserved = objects.act(2, "\0schema", &Operation::Delete);
    assert!(matches!(reserved, Err(KeyspaceError::Reserved { .. })));
    assert_eq!(objects, before);
    objects.clock.observe(Stamp::MAX);
    let value = Vec::new();
    for (key, operation) in [
        ("register", Operation::Write { value }),
        ("set", tag("a:b", 1)),
    ] {
        let refused = objects.act(2, key, &operation);
        assert!(matches!(refused, Err(KeyspaceError::Clock(_))));
        assert_eq!(objects, before);
    }
}

#[test]
fn keys_are_walked_in_order_from_where_they_are_asked() {
    let mut objects = Objects::new(1);
    let keys = ["", "a", "a\0", "a\0b", "aa", "ab", "b", "\u{ff}"];
    for key in keys {
        objects
            .act(1, key, &Operation::Write { value: Vec::new() })
            .unwrap();
        objects.act(1, key, &tag("x:y", 1)).unwrap();
    }
    let scope = quorate::crdt::keyspace::TagScope::Default;
    objects.set_mode(1, &scope, Some(quorate::crdt::keyspace::MergeMode::Union));
    objects.look(|keyspace| {
        assert!(keyspace.keys().eq(keys.map(|key| key.as_bytes().to_vec())));
        for prefix in ["", "a", "a\0", "aa", "b", "c", "\0"] {
            let expected = keys.iter().filter(|key| key.starts_with(prefix));
            let expected: Vec<&[u8]> = expected.map(|key| key.as_bytes()).collect();
            let under: Vec<_> = keyspace.keys_under(prefix).collect();
            assert_eq!(under, expected, "{prefix:?}");
        }
        assert!(!keyspace.contains("\0schema") && !keyspace.contains("c"));
    });
}

#[test]
fn what_is_no_part_of_a_keyspace_is_told_from_what_is() {
    let mut objects = furnished();
    let scope = quorate::crdt::keyspace::TagScope::Name(name("a:b"));
    objects.set_mode(1, &scope, Some(quorate::crdt::keyspace::MergeMode::Union));
    for live in objects.store.iter() {
        assert!(Keyspace::fits(live.path, live.payload), "{}", live.path);
        let is_counted = !live.payload.is_empty() && live.payload.len() < 13;
        assert!(!is_counted || !is_stamped(live.path));
    }
    let fits = |path: &[&[u8]], payload: &[u8]| Keyspace::fits(Path::of(path).as_ref(), payload);
    let stamped = |rest: &[u8]| [&[0; 12], rest].concat();
    assert!(fits(&[b"k", b"R"], &stamped(b"")));
    assert!(fits(&[b"k", b"T", b"a:b"], &stamped(&[1, 0, 0, 1, 1])));
    assert!(fits(&[b"\0schema", b"M", b"", b"R"], &stamped(&[2])));
    for (path, payload) in [
        (&[][..], vec![]),
        (&[&b"k"[..]], vec![]),
        (&[b"k", b"R"], vec![0; 11]),
        (&[b"k", b"X"], vec![]),
        (&[b"k", b"P"], vec![0; 16]),
        (&[b"k", b"P", b"row"], vec![0; 16]),
        (&[b"k", b"T"], stamped(&[1, 0, 0, 1, 1])),
        (&[b"k", b"T", b"a"], stamped(&[1, 0, 0, 1, 1])),
        (&[b"k", b"T", b"a:b", b"c"], stamped(&[1, 0, 0, 1, 1])),
        (&[b"k", b"T", b"a:b"], stamped(&[0, 0, 0, 1, 1])),
        (&[b"k", b"T", b"a:b"], stamped(&[1, 0, 0, 1, 2])),
        (&[b"k", b"T", b"a:b"], stamped(&[1, 0, 2, b'a'])),
        (&[b"\0schema", b"M", b"", b"R"], stamped(&[3])),
        (&[b"\0schema", b"M", b"a", b"R"], stamped(&[2])),
        (&[b"\0schema", b"M", b"a:b", b"V"], stamped(&[2])),
        (&[b"\0other", b"M", b"", b"R"], stamped(&[2])),
        (&[b"\0schema", b"T", b"a:b"], stamped(&[1, 0, 0, 1, 1])),
    ] {
        assert!(!fits(path, &payload), "{path:?}");
    }
    let may_kill = |path: &[&[u8]]| Keyspace::may_kill(Path::of(path).as_ref());
    for path in [
        &[&b"k"[..]][..],
        &[b"k", b"S"],
        &[b"k", b"S", b"e"],
        &[b"k", b"P", b"row"],
        &[b"k", b"T"],
        &[b"k", b"T", b"a:b"],
        &[b"k", b"M", b"f"],
        &[b"\0schema", b"M", b"a:b", b"R"],
    ] {
        assert!(may_kill(path), "{path:?}");
    }
    for path in [
        &[][..],
        &[&b"k"[..], b"X"],
        &[b"k", b"P"],
        &[b"k", b"P", b"row", b"more"],
        &[b"k", b"T", b"a"],
        &[b"k", b"F", b"more"],
        &[b"\0schema"],
        &[b"\0schema", b"M", b"a:b"],
    ] {
        assert!(!may_kill(path), "{path:?}");
    }
    let mut deep = vec![&b"k"[..]];
    deep.extend([&b"M"[..], b"k"].repeat(40));
    deep.push(b"F");
    assert!(!fits(&deep, b""));
    assert_eq!(Objects::new(3).store.replica().node, NodeId(3));
    assert_eq!(objects.clock.last().time, Micros(1));
}
