//! Operations as bytes: all of them come back, and nothing else is read as one.

use quorate::codec::{DecodeError, Kind as FrameKind, Sink, frame};
use quorate::crdt::Kind;
use quorate::crdt::keyspace::{Operation, TagName, TagValue};
use quorate::{Micros, Random};

fn bytes(random: &mut Random) -> Vec<u8> {
    let len = [0, 1, 5, 200][random.index(4)];
    (0..len)
        .map(|_| random.next_u64().to_le_bytes()[0])
        .collect()
}

fn name(random: &mut Random) -> TagName {
    TagName::new(["a:b", "review:state", "ü:ß:\n"][random.index(3)]).unwrap()
}

fn value(random: &mut Random) -> TagValue {
    match random.below(5) {
        0 => TagValue::from(random.chance(500)),
        1 => TagValue::from(number(random)),
        2 => TagValue::from(Micros(random.next_u64())),
        3 => TagValue::from(bytes(random)),
        _ => TagValue::list(["", "a\0b"]),
    }
}

fn number(random: &mut Random) -> i64 {
    let any = random.next_u64().cast_signed();
    [0, 1, -1, 63, -64, 64, i64::MIN, i64::MAX, any][random.index(9)]
}

fn draw(random: &mut Random) -> Operation {
    match random.below(11) {
        0 => Operation::Add {
            element: bytes(random),
        },
        1 => Operation::Remove {
            element: bytes(random),
        },
        2 => Operation::Clear,
        3 => Operation::Increment { by: number(random) },
        4 => Operation::Write {
            value: bytes(random),
        },
        5 => Operation::Enable,
        6 => Operation::Disable,
        7 => Operation::Tag {
            name: name(random),
            value: value(random),
            source: ["", "scan", "käse"][random.index(3)].into(),
        },
        8 => Operation::Untag { name: name(random) },
        9 => Operation::Delete,
        _ => Operation::Field {
            key: bytes(random),
            kind: Kind::ALL[random.index(6)],
            operation: Box::new(draw(random)),
        },
    }
}

fn framed(body: &[u8]) -> Vec<u8> {
    frame(FrameKind::Operation, |out| out.put(body))
}

#[test]
fn every_operation_comes_back() {
    let mut random = Random::new(1);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..3_000 {
        let operation = draw(&mut random);
        seen.insert(operation.name());
        assert_eq!(Operation::decode(&operation.encode()), Ok(operation));
    }
    assert_eq!(seen.len(), 11, "every operation there is");
}

#[test]
fn different_operations_have_different_bytes() {
    let mut random = Random::new(2);
    let operations: Vec<_> = (0..400).map(|_| draw(&mut random)).collect();
    for a in &operations {
        for b in &operations {
            assert_eq!(a == b, a.encode() == b.encode());
        }
    }
}

/// With a checksum that fits: what is read at all has these bytes as its only form.
#[test]
fn damage_is_refused_or_says_something_else() {
    let mut random = Random::new(3);
    let mut read = 0;
    for _ in 0..2_000 {
        let good = draw(&mut random).encode();
        assert!((0..good.len()).all(|len| Operation::decode(&good[..len]).is_err()));
        let mut body = good[4..good.len() - 4].to_vec();
        let at = random.index(body.len());
        body[at] ^= 1 << random.below(8);
        let bad = framed(&body);
        if let Ok(operation) = Operation::decode(&bad) {
            assert_eq!(operation.encode(), bad);
            read += 1;
        }
    }
    assert!(read > 0, "some damage makes another operation");
}

#[test]
fn what_is_no_operation_is_refused_with_its_place() {
    let refused = |body: &[u8]| Operation::decode(&framed(body)).unwrap_err();
    let bad = |offset, expected| DecodeError::BadValue { offset, expected };
    assert_eq!(refused(&[11]), bad(4, "an operation"));
    assert_eq!(refused(&[7, 0, b'X', 2]), bad(6, "a kind of field"));
    assert_eq!(refused(&[9, 1, b'a']), bad(5, "the name of a tag"));
    let value = [&[8, 3][..], b"a:b", &[1, 9, 0]].concat();
    assert_eq!(refused(&value), bad(9, "the value of a tag"));
    let source = [&[8, 3][..], b"a:b", &[2, 1, 1, 1, 0xff]].concat();
    assert_eq!(refused(&source), bad(12, "text"));
    assert_eq!(refused(&[2, 0]), DecodeError::TrailingBytes { offset: 5 });
    let (past, offset) = (&[0, 200, 1][..], 11);
    assert_eq!(refused(past), DecodeError::Truncated { offset: offset - 4 });
}

/// Fields of a stranger's are read as deep as a keyspace takes them. A megabyte of them ends no stack.
#[test]
fn fields_have_a_depth() {
    let nested = |levels| Operation::within(vec![b"f"; levels], Kind::Flag, Operation::Enable);
    let deepest = nested(31);
    assert_eq!(Operation::decode(&deepest.encode()), Ok(deepest));
    let refused = Operation::decode(&nested(32).encode());
    let offset = 4 + 31 * 4;
    let expected = "a field that is so deep";
    assert_eq!(refused, Err(DecodeError::BadValue { offset, expected }));
    let endless = framed(&[7, 0, b'M'].repeat(400_000));
    assert!(Operation::decode(&endless).is_err());
}
