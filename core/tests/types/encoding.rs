//! Values as bytes: what was saved is read as what it was, and as nothing else.

use std::fmt::Debug;

use quorate::crdt::{
    ApplyError, Dot, EncodingError, EwFlag, ForeignEvent, FullState, GCounter, Layout, LoadError,
    LwwRegister, MvRegister, OrMap, OrSet, Path, PnCounter, ReplicaId, Replicated, Store, Write,
};
use quorate::{Micros, NodeId, Random};
use xxhash_rust::xxh3::xxh3_64;

const A: ReplicaId = ReplicaId::first(NodeId(1));

/// One value of each type, as bytes, with a name.
fn saved() -> Vec<(&'static str, Vec<u8>)> {
    let mut set = OrSet::<String>::new(A);
    set.add(Micros(1), "milk").unwrap();
    let mut grow_only = GCounter::new(A);
    grow_only.increment(Micros(1), 3).unwrap();
    let mut counter = PnCounter::new(A);
    counter.decrement(Micros(1), 3).unwrap();
    let mut flag = EwFlag::new(A);
    flag.enable(Micros(1)).unwrap();
    let mut last = LwwRegister::<u32>::new(A);
    last.set(Micros(1), &7).unwrap();
    let mut multi = MvRegister::<u32>::new(A);
    multi.set(Micros(1), &7).unwrap();
    vec![
        ("set", set.encode()),
        ("grow-only counter", grow_only.encode()),
        ("counter", counter.encode()),
        ("flag", flag.encode()),
        ("register", last.encode()),
        ("multi-value register", multi.encode()),
        ("map", full_map().encode()),
    ]
}

fn full_map() -> OrMap<String> {
    let mut map = OrMap::<String>::new(A);
    let mut edit = map.edit(Micros(5));
    edit.increment("k", -5).unwrap();
    edit.enable("k").unwrap();
    edit.write("k", "x").unwrap();
    edit.write_multi("k", &7_u64).unwrap();
    edit.set::<u64>("k").add(&7).unwrap();
    edit.map::<u64>("k").map::<u64>(&1).enable(&2).unwrap();
    edit.remove("nothing").unwrap();
    map
}

type Decode = fn(&[u8]) -> Option<LoadError>;

/// The decoders, in the order of [`saved`].
fn decoders() -> [Decode; 7] {
    [
        |bytes| OrSet::<String>::decode(bytes).err(),
        |bytes| GCounter::decode(bytes).err(),
        |bytes| PnCounter::decode(bytes).err(),
        |bytes| EwFlag::decode(bytes).err(),
        |bytes| LwwRegister::<u32>::decode(bytes).err(),
        |bytes| MvRegister::<u32>::decode(bytes).err(),
        |bytes| OrMap::<String>::decode(bytes).err(),
    ]
}

#[test]
fn a_value_is_read_as_its_own_type_only() {
    for (writer, (name, bytes)) in saved().into_iter().enumerate() {
        for (reader, decode) in decoders().into_iter().enumerate() {
            match decode(&bytes) {
                None => assert_eq!(reader, writer, "{name} was read as number {reader}"),
                Some(LoadError::Foreign(_)) => assert_ne!(reader, writer, "{name}"),
                Some(LoadError::Encoding(error)) => panic!("{name}: {error}"),
            }
        }
    }
}

#[test]
fn a_foreign_event_is_named() {
    let mut set = OrSet::<String>::new(A);
    set.add(Micros(1), "milk").unwrap();
    let refused = OrSet::<u64>::decode(&set.encode()).unwrap_err();
    let foreign = ForeignEvent {
        dot: Dot::new(A, 1),
        path: Path::of(["milk"]),
        expected: "an element of the set",
    };
    assert_eq!(refused, LoadError::Foreign(foreign.clone()));
    assert_eq!(
        refused.to_string(),
        "n1·1 at `milk` is not an element of the set"
    );
    let mut numbers = OrSet::<u64>::new(ReplicaId::first(NodeId(2)));
    numbers.add(Micros(1), &7).unwrap();
    let before = numbers.clone();
    let refused = Err(ApplyError::Foreign(foreign));
    let delta = set.delta_since(numbers.context()).unwrap();
    assert_eq!(numbers.apply(&delta), refused);
    assert_eq!(numbers.apply_full(&set.full_state()), refused);
    assert_eq!(numbers, before);
    assert_eq!(OrSet::<String>::check_delta(&delta), Ok(()));
    let torn = EwFlag::decode(b"QR");
    assert!(matches!(
        torn,
        Err(LoadError::Encoding(EncodingError::Decode(_)))
    ));
}

/// A payload that no field of its kind has, at a path that one has.
#[test]
fn a_map_is_read_with_payloads_of_its_kinds_only() {
    let read = |segments: &[&str], payload: &[u8]| {
        let mut store = Store::new(A);
        let write = Write::Put(Box::from(payload));
        store.record(Micros(1), &Path::of(segments), write).unwrap();
        OrMap::<String>::decode(&store.encode())
    };
    let stamped = &[0; 12];
    for (kind, good, bad) in [
        ("C", &[0; 8][..], &[0; 7][..]),
        ("F", &[], &[0]),
        ("R", stamped, &[0; 11]),
    ] {
        assert!(read(&["k", kind], good).is_ok(), "{kind}");
        let refused = read(&["k", kind], bad);
        assert!(matches!(refused, Err(LoadError::Foreign(_))), "{kind}");
    }
    assert!(read(&["k", "S", "e"], &[]).is_ok());
    for (path, payload) in [
        (&["k", "S", "e"][..], &[1][..]),
        (&["k", "M"], &[]),
        (&["k"], &[]),
        (&[], &[]),
    ] {
        assert!(read(path, payload).is_err(), "{path:?}");
    }
}

/// Joins what does not fit, by a door that does not ask.
fn force<T: Replicated>(value: &mut T, full: &FullState) {
    value.store_mut().apply_full(full).unwrap();
}

#[test]
fn what_a_type_cannot_read_it_skips() {
    for (_, bytes) in saved() {
        let source = Store::decode(&bytes).unwrap();
        let full = source.full_state();
        let b = ReplicaId::first(NodeId(2));
        let mut numbers = OrSet::<u64>::new(b);
        force(&mut numbers, &full);
        assert_eq!(numbers.iter().count(), 0);
        let mut counter = PnCounter::new(b);
        force(&mut counter, &full);
        counter.increment(Micros(1), 1).unwrap();
        assert!(
            [1, -2].contains(&counter.value()),
            "its own row, and a real one"
        );
        let mut last = LwwRegister::<bool>::new(b);
        force(&mut last, &full);
        assert_eq!(last.get(), None);
        last.set(Micros(1), &true).unwrap();
        assert_eq!(last.get(), Some(true));
        let mut map = OrMap::<u128>::new(b);
        force(&mut map, &full);
        assert!(map.is_empty());
        map.edit(Micros(1)).enable(&1).unwrap();
        assert!(map.view().keys().eq([1]));
    }
}

/// Every truncation and every flipped bit is refused.
fn refuses_damage(name: &str, good: &[u8], decode: Decode) {
    for len in 0..good.len() {
        assert!(decode(&good[..len]).is_some(), "{name}, cut to {len}");
    }
    for bit in 0..good.len() * 8 {
        let mut bad = good.to_vec();
        bad[bit / 8] ^= 1 << (bit % 8);
        assert!(decode(&bad).is_some(), "{name}, bit {bit}");
    }
}

#[test]
fn damaged_bytes_are_refused() {
    for ((name, bytes), decode) in saved().into_iter().zip(decoders()) {
        refuses_damage(name, &bytes, decode);
    }
}

/// Bytes with a few of them changed, under a checksum that fits.
fn disturbed(good: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bad = good[..good.len() - 4].to_vec();
    for _ in 0..=random.index(3) {
        let at = 4 + random.index(bad.len() - 4);
        bad[at] = random.next_u64().to_le_bytes()[0];
    }
    bad.extend_from_slice(&xxh3_64(&bad).to_le_bytes()[..4]);
    bad
}

fn survives<T: Replicated + PartialEq + Debug>(value: &T, decode: fn(&[u8]) -> Option<T>) {
    assert_eq!(decode(&value.encode()).as_ref(), Some(value));
}

#[test]
fn hostile_bytes_under_a_valid_checksum_never_panic() {
    let mut random = Random::new(7);
    let saved = saved();
    for _ in 0..1_000 {
        for (_, good) in &saved {
            let bad = disturbed(good, &mut random);
            if let Ok(mut set) = OrSet::<String>::decode(&bad) {
                let _ = (set.len(), set.iter().count());
                let _ = set.add(Micros(9), "tea");
                survives(&set, |bytes| OrSet::decode(bytes).ok());
            }
            if let Ok(mut counter) = PnCounter::decode(&bad) {
                let _ = (counter.value(), counter.increment(Micros(9), u64::MAX));
                survives(&counter, |bytes| PnCounter::decode(bytes).ok());
            }
            if let Ok(mut register) = LwwRegister::<u32>::decode(&bad) {
                let _ = (register.get(), register.set(Micros(9), &1));
                survives(&register, |bytes| LwwRegister::decode(bytes).ok());
            }
            if let Ok(mut map) = OrMap::<String>::decode(&bad) {
                let _ = (map.view().fields().count(), map.view().counter("k"));
                let _ = map.edit(Micros(9)).write("k", "y");
                survives(&map, |bytes| OrMap::decode(bytes).ok());
            }
        }
    }
}

/// Whether a type takes in a removal at a path. The path is all there is to tell it by: what it
/// killed is gone.
fn takes_a_removal<T: Replicated>(mut value: T, segments: &[&[u8]]) -> bool {
    let path = Path::of(segments);
    let mut source = Store::new(A);
    source
        .record(Micros(1), &path, Write::Put(Box::default()))
        .unwrap();
    source.record(Micros(2), &path, Write::Remove).unwrap();
    let delta = source.delta_since(value.context()).unwrap();
    let saved = source.encode();
    match value.apply(&delta) {
        Ok(_) => true,
        Err(ApplyError::Foreign(event)) => {
            let removal = Dot::new(A, 2);
            assert_eq!((event.dot, event.path), (removal, path));
            assert!(value.context().is_empty() && value.store().journal_len() == 0);
            assert!(
                matches!(T::check_full(&source.full_state()), Err(event) if event.dot == removal)
            );
            assert!(
                Store::decode(&saved).is_ok(),
                "well-formed, but of no such type"
            );
            false
        }
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_removal_where_the_type_has_none_is_foreign() {
    let b = ReplicaId::first(NodeId(2));
    let row_of_a = u128::from(A.node.0) << 64;
    let (row, number) = (&row_of_a.to_be_bytes()[..], &[7; 8][..]);
    let paths: [&[&[u8]]; 6] = [
        &[],
        &[number],
        &[row],
        &[b"\xff"],
        &[number, number],
        &[b""],
    ];
    let taken = |takes: &dyn Fn(&[&[u8]]) -> bool| paths.map(takes);
    let set = taken(&|path| takes_a_removal(OrSet::<u64>::new(b), path));
    assert_eq!(set, [true, true, false, false, false, false]);
    let text = taken(&|path| takes_a_removal(OrSet::<String>::new(b), path));
    assert_eq!(text, [true, true, true, false, false, true]);
    let rows = [false, false, true, false, false, false];
    assert_eq!(taken(&|path| takes_a_removal(GCounter::new(b), path)), rows);
    assert_eq!(
        taken(&|path| takes_a_removal(PnCounter::new(b), path)),
        rows
    );
    let root = [true, false, false, false, false, false];
    assert_eq!(taken(&|path| takes_a_removal(EwFlag::new(b), path)), root);
    let last = taken(&|path| takes_a_removal(LwwRegister::<u64>::new(b), path));
    assert_eq!(last, root);
    let multi = taken(&|path| takes_a_removal(MvRegister::<u64>::new(b), path));
    assert_eq!(multi, root);
}

#[test]
fn a_map_takes_a_removal_of_whatever_lies_in_one() {
    let takes = |segments: &[&str]| {
        let segments: Vec<&[u8]> = segments.iter().map(|segment| segment.as_bytes()).collect();
        takes_a_removal(OrMap::<String>::new(ReplicaId::first(NodeId(2))), &segments)
    };
    for inside in [
        &[][..],
        &["k"],
        &["k", "C"],
        &["k", "S"],
        &["k", "S", "e"],
        &["k", "M"],
        &["k", "M", "l"],
        &["k", "M", "l", "M", "m", "S", "e"],
    ] {
        assert!(takes(inside), "{inside:?}");
    }
    for outside in [
        &["k", "X"][..],
        &["k", "e"],
        &["k", "C", "more"],
        &["k", "S", "e", "more"],
        &["k", "M", "l", "X"],
    ] {
        assert!(!takes(outside), "{outside:?}");
    }
}

#[test]
fn saved_bytes_with_a_foreign_removal_are_refused() {
    let mut flag = EwFlag::new(A);
    flag.enable(Micros(1)).unwrap();
    flag.disable(Micros(2)).unwrap();
    let refused = GCounter::decode(&flag.encode()).unwrap_err();
    assert!(matches!(refused, LoadError::Foreign(event) if event.dot == Dot::new(A, 2)));
    assert_eq!(EwFlag::decode(&flag.encode()), Ok(flag));
}
