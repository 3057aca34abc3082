//! One of everything, as committed bytes: what is written today is what was written then, on every
//! platform; and no damage to it is taken for something else.

use std::sync::Arc;

use quorate::codec::{Assembler, Fragments, Kind, Limits, Sink, frame};
use quorate::crdt::keyspace::{Operation, TagName, TagValue};
use quorate::crdt::{
    Delta, Digest, Entry, Epoch, FullState, Path, ReplicaId, Session, Store, SyncMessage, Table,
    VersionVector, Write,
};
use quorate::{Micros, NodeId};

use super::test;

/// Something that was encoded.
#[allow(missing_debug_implementations, reason = "it holds a function")]
pub struct Sample {
    /// The name of its file.
    pub name: &'static str,
    kind: Kind,
    /// As it is encoded now.
    pub bytes: Vec<u8>,
    /// As it was encoded when the format was made.
    committed: &'static [u8],
    /// Reads bytes, and writes what they say.
    again: Again,
}

type Again = Box<dyn Fn(&[u8]) -> Option<Vec<u8>>>;

const A: ReplicaId = ReplicaId::first(NodeId(1));
const B: ReplicaId = ReplicaId {
    node: NodeId(1_000),
    incarnation: 3,
};

/// Two stores that know of each other, with every kind of event.
pub fn stores() -> [Store; 2] {
    let [mut a, mut b] = [A, B].map(Store::new);
    let mut now = 1_700_000_000_000_000;
    let mut record = |store: &mut Store, segments: &[&str], write| {
        now += 1_234_567;
        store
            .record(Micros(now), &Path::of(segments), write)
            .unwrap();
    };
    let put = || Write::Put([].into());
    for at in 0..12 {
        record(&mut a, &[&format!("element-{at:06}")], put());
    }
    record(
        &mut a,
        &["map", "key", "zero\0"],
        Write::Put(b"value".as_slice().into()),
    );
    record(&mut a, &["map", "key", "list"], Write::Append([1].into()));
    record(
        &mut a,
        &["map", "key", "list"],
        Write::Append([2, 0].into()),
    );
    record(&mut a, &[], Write::Append([7].into()));
    b.apply(&a.delta_since(b.context()).unwrap()).unwrap();
    record(&mut b, &["map", "key"], Write::Remove);
    record(&mut b, &["element-000003"], Write::Remove);
    record(&mut b, &["element-000004"], put());
    record(&mut a, &["element-000004"], put());
    record(&mut a, &["element-000005"], Write::Remove);
    a.apply(&b.delta_since(a.context()).unwrap()).unwrap();
    a.raise_floor(&VersionVector::from_iter([(B, 1)]));
    [a, b]
}

/// A store in whose table B is closed, with a dot of B live and one killed.
pub fn store_after_a_close() -> Store {
    let table = Arc::new(Table::initial([A, B]));
    let [mut a, mut b] = [A, B].map(|replica| Store::member(replica, Arc::clone(&table)));
    for element in ["bread", "milk"] {
        let write = Write::Put([].into());
        b.record(Micros(1), &Path::of([element]), write).unwrap();
    }
    a.apply(&b.delta_since(a.context()).unwrap()).unwrap();
    let close = Entry::Close {
        replica: B,
        at: 2,
        epoch: Epoch(1),
    };
    a.enter(Epoch(1), &Entry::Fence { replica: B }).unwrap();
    a.enter(Epoch(2), &close).unwrap();
    a.record(Micros(2), &Path::of(["milk"]), Write::Remove)
        .unwrap();
    assert_eq!(a.context().get(B), 0, "the table has it");
    a
}

/// A store that was shown an event of its own that it never made.
fn superseded_store() -> Store {
    let [mut store, mut other] = [A, A].map(Store::new);
    for store in [&mut store, &mut other] {
        let write = Write::Put([].into());
        store.record(Micros(1), &Path::of(["e"]), write).unwrap();
    }
    let write = Write::Put([].into());
    other.record(Micros(2), &Path::of(["f"]), write).unwrap();
    let mut witness = Store::new(B);
    witness.apply_full(&other.full_state()).unwrap();
    store.apply_full(&witness.full_state()).unwrap_err();
    assert!(store.is_superseded());
    store
}

/// The whole corpus.
pub fn samples() -> Vec<Sample> {
    let [a, b] = stores();
    let delta = b.delta_since(&VersionVector::from_iter([(A, 15)])).unwrap();
    let mut samples = vec![
        image(
            "image-empty",
            &Store::new(A),
            include_bytes!("fixtures/image-empty.bin"),
        ),
        image("image", &a, include_bytes!("fixtures/image.bin")),
        image(
            "image-closed",
            &store_after_a_close(),
            include_bytes!("fixtures/image-closed.bin"),
        ),
        image(
            "image-superseded",
            &superseded_store(),
            include_bytes!("fixtures/image-superseded.bin"),
        ),
        Sample {
            name: "delta",
            kind: Kind::Delta,
            bytes: delta.encode(),
            committed: include_bytes!("fixtures/delta.bin"),
            again: Box::new(|bytes| Some(Delta::decode(bytes).ok()?.encode())),
        },
        Sample {
            name: "full-state",
            kind: Kind::FullState,
            bytes: a.full_state().encode(),
            committed: include_bytes!("fixtures/full-state.bin"),
            again: Box::new(|bytes| Some(FullState::decode(bytes).ok()?.encode())),
        },
    ];
    samples.extend(session(&b));
    samples.push(fragment(&a.encode()));
    samples.extend(messages(&a, &delta));
    samples.extend(operations());
    samples
}

/// What replicas tell each other, one of each kind.
fn messages(store: &Store, delta: &Delta) -> [Sample; 6] {
    let message = |name, committed, message: &SyncMessage| Sample {
        name,
        kind: Kind::Sync,
        bytes: message.encode(),
        committed,
        again: Box::new(|bytes| Some(SyncMessage::decode(bytes).ok()?.encode())),
    };
    let closed = store_after_a_close();
    [
        message(
            "message-ack",
            include_bytes!("fixtures/message-ack.bin"),
            &SyncMessage::Ack {
                epoch: Epoch(3),
                durable: store.context().clone(),
            },
        ),
        message(
            "message-digest",
            include_bytes!("fixtures/message-digest.bin"),
            &SyncMessage::Digest(Digest::of(store)),
        ),
        message(
            "message-delta",
            include_bytes!("fixtures/message-delta.bin"),
            &SyncMessage::Delta(delta.clone()),
        ),
        message(
            "message-full",
            include_bytes!("fixtures/message-full.bin"),
            &SyncMessage::Full(closed.full_state()),
        ),
        message(
            "message-readmit",
            include_bytes!("fixtures/message-readmit.bin"),
            &SyncMessage::Readmit {
                since: Epoch(300),
                seen: store.context().clone(),
            },
        ),
        message(
            "message-admission",
            include_bytes!("fixtures/message-admission.bin"),
            &SyncMessage::Admission {
                table: Arc::clone(closed.table()),
                full: closed.full_state(),
            },
        ),
    ]
}

fn image(name: &'static str, store: &Store, committed: &'static [u8]) -> Sample {
    Sample {
        name,
        kind: Kind::Image,
        bytes: store.encode(),
        committed,
        again: Box::new(|bytes| Some(Store::decode(bytes).ok()?.encode())),
    }
}

/// A start and the message after it.
fn session(store: &Store) -> [Sample; 2] {
    let half = VersionVector::from_iter([(A, 15), (B, 1)]);
    let first = Delta {
        upto: half.clone(),
        live: Vec::new(),
        records: Vec::new(),
        ..store.delta_since(&VersionVector::new()).unwrap()
    };
    let mut sender = Session::new(0);
    let start = sender.encode(&first);
    let mut receiver = Session::new(0);
    assert_eq!(receiver.decode(&start), Ok(first));
    let before = sender.clone();
    let next = sender.encode(&store.delta_since(&half).unwrap());
    [
        Sample {
            name: "session-start",
            kind: Kind::Session,
            bytes: start,
            committed: include_bytes!("fixtures/session-start.bin"),
            again: Box::new(|bytes| {
                let delta = Session::new(0).decode(bytes).ok()?;
                Some(Session::new(generation(bytes)).encode(&delta))
            }),
        },
        Sample {
            name: "session-next",
            kind: Kind::Session,
            bytes: next,
            committed: include_bytes!("fixtures/session-next.bin"),
            again: Box::new(move |bytes| {
                let mut receiver = receiver.clone();
                let delta = receiver.decode(bytes).ok()?;
                Some(before.clone().encode(&delta))
            }),
        },
    ]
}

/// The number of a start, which is its second integer.
fn generation(start: &[u8]) -> u64 {
    let frame = quorate::codec::Frame::open(Kind::Session, start).unwrap();
    let mut reader = frame.unverified();
    reader.varint().unwrap();
    reader.varint().unwrap()
}

fn fragment(message: &[u8]) -> Sample {
    let fragment = Fragments::new(7, message, 100).unwrap().last().unwrap();
    Sample {
        name: "fragment",
        kind: Kind::Fragment,
        bytes: fragment,
        committed: include_bytes!("fixtures/fragment.bin"),
        again: Box::new(|bytes| {
            let mut assembler = Assembler::new(Limits::default());
            assembler.accept(bytes).ok()?;
            Some(bytes.to_vec())
        }),
    }
}

/// Operations of every shape.
fn operations() -> [Sample; 3] {
    let operation = |name, committed, operation: &Operation| Sample {
        name,
        kind: Kind::Operation,
        bytes: operation.encode(),
        committed,
        again: Box::new(|bytes| Some(Operation::decode(bytes).ok()?.encode())),
    };
    [
        operation(
            "operation-increment",
            include_bytes!("fixtures/operation-increment.bin"),
            &Operation::Increment { by: -300 },
        ),
        operation(
            "operation-field",
            include_bytes!("fixtures/operation-field.bin"),
            &Operation::within(
                [&b"home"[..], b"", b"city\0"],
                quorate::crdt::Kind::Register,
                Operation::Write {
                    value: b"London".to_vec(),
                },
            ),
        ),
        operation(
            "operation-tag",
            include_bytes!("fixtures/operation-tag.bin"),
            &Operation::Tag {
                name: TagName::new("review:state").unwrap(),
                value: TagValue::list(["open", "a\0"]),
                source: "rule".into(),
            },
        ),
    ]
}

/// The body of a frame, under a head and a checksum that fit.
fn framed(kind: Kind, damaged: &[u8]) -> Vec<u8> {
    frame(kind, |out| out.put(&damaged[4..damaged.len() - 4]))
}

/// Byte for byte, on every platform.
#[test]
pub fn what_is_written_is_what_was_written() {
    for sample in samples() {
        assert_eq!(sample.bytes, sample.committed, "{}", sample.name);
        let again = (sample.again)(sample.committed);
        assert_eq!(again.as_deref(), Some(sample.committed), "{}", sample.name);
    }
}

/// At every byte.
#[test]
pub fn every_truncation_is_refused() {
    for sample in samples() {
        for len in 0..sample.bytes.len() {
            let again = (sample.again)(&sample.bytes[..len]);
            assert_eq!(again, None, "{} cut to {len}", sample.name);
        }
    }
}

/// At every byte.
#[test]
pub fn every_flipped_bit_is_refused() {
    for sample in samples() {
        for bit in 0..sample.bytes.len() * 8 {
            let mut bad = sample.bytes.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_eq!((sample.again)(&bad), None, "{}, bit {bit}", sample.name);
        }
    }
}

/// With a checksum that fits, damaged bytes are refused, or say something of which they are the
/// only encoding.
#[test]
pub fn no_value_has_two_encodings() {
    for sample in samples() {
        for bit in 32..(sample.bytes.len() - 4) * 8 {
            let mut bad = sample.bytes.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            let bad = framed(sample.kind, &bad);
            if let Some(again) = (sample.again)(&bad) {
                assert_eq!(again, bad, "{}, bit {bit}", sample.name);
            }
        }
    }
}
