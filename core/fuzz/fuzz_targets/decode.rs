//! Any bytes, as the body of every kind of frame.
//!
//! The first byte says which kind and version; the rest gets a head and a checksum that fit, or the
//! search would never come past them. What a decoder takes must be written again as it was read, or
//! there would be two encodings of one value.

#![no_main]

use libfuzzer_sys::fuzz_target;
use quorate::codec::{Assembler, Kind, Limits, Sink, frame, put_bytes};
use quorate::crdt::keyspace::Operation;
use quorate::crdt::{
    Delta, Entry, FullState, PruneCertificate, Session, Store, SyncMessage, Table,
};
use xxhash_rust::xxh3::xxh3_64;

fuzz_target!(|input: &[u8]| {
    let Some((&selector, body)) = input.split_first() else {
        return;
    };
    let framed = |kind| frame(kind, |out| out.put(body));
    match selector % 16 {
        0 => image(&framed(Kind::Image)),
        1 => delta(&framed(Kind::Delta)),
        2 => full_state(&framed(Kind::FullState)),
        3 => drop(Session::new(0).decode(&framed(Kind::Session))),
        4 => session(body),
        5 => drop(Assembler::new(Limits::default()).accept(&framed(Kind::Fragment))),
        6 => same(&framed(Kind::Table), |bytes| {
            Some(Table::decode(bytes).ok()?.encode())
        }),
        7 => same(&framed(Kind::MembershipEntry), |bytes| {
            Some(Entry::decode(bytes).ok()?.encode())
        }),
        8 => same(&framed(Kind::Certificate), |bytes| {
            Some(PruneCertificate::decode(bytes).ok()?.encode())
        }),
        9 => old_image(&of_version(1, Kind::Image, body)),
        10 => drop(Delta::decode(&of_version(1, Kind::Delta, body))),
        11 => drop(FullState::decode(&of_version(1, Kind::FullState, body))),
        12 => message(&framed(Kind::Sync)),
        13 => message_around_frames(body),
        14 => old_image(&of_version(2, Kind::Image, body)),
        _ => same(&framed(Kind::Operation), |bytes| {
            Some(Operation::decode(bytes).ok()?.encode())
        }),
    }
});

fn same(bytes: &[u8], again: impl FnOnce(&[u8]) -> Option<Vec<u8>>) {
    if let Some(again) = again(bytes) {
        assert_eq!(again, bytes);
    }
}

fn image(bytes: &[u8]) {
    same(bytes, |bytes| Some(Store::decode(bytes).ok()?.encode()));
}

fn delta(bytes: &[u8]) {
    same(bytes, |bytes| Some(Delta::decode(bytes).ok()?.encode()));
}

fn full_state(bytes: &[u8]) {
    same(bytes, |bytes| Some(FullState::decode(bytes).ok()?.encode()));
}

/// A delta, through a session, twice.
fn session(body: &[u8]) {
    let Ok(first) = Delta::decode(&frame(Kind::Delta, |out| out.put(body))) else {
        return;
    };
    let [mut sender, mut receiver] = [0; 2].map(Session::new);
    for _ in 0..2 {
        let decoded = receiver.decode(&sender.encode(&first));
        assert_eq!(decoded.as_ref(), Ok(&first));
    }
}

fn message(bytes: &[u8]) {
    same(bytes, |bytes| {
        Some(SyncMessage::decode(bytes).ok()?.encode())
    });
}

/// A message whose content is in frames of its own, each with a checksum that fits. The first byte
/// is that of the message; in an admission the second says how much of the rest is the table.
fn message_around_frames(body: &[u8]) {
    let Some((&tag, rest)) = body.split_first() else {
        return;
    };
    let inner = match tag {
        2 => vec![(Kind::Delta, rest)],
        3 => vec![(Kind::FullState, rest)],
        _ => {
            let Some((&table, rest)) = rest.split_first() else {
                return;
            };
            let (table, full) = rest.split_at(rest.len().min(table.into()));
            vec![(Kind::Table, table), (Kind::FullState, full)]
        }
    };
    message(&frame(Kind::Sync, |out| {
        out.put(&[tag]);
        for (kind, body) in inner {
            put_bytes(out, &frame(kind, |out| out.put(body)));
        }
    }));
}

fn old_image(bytes: &[u8]) {
    if let Ok(store) = Store::decode(bytes) {
        assert_eq!(Store::decode(&store.encode()).as_ref(), Ok(&store));
    }
}

fn of_version(version: u8, kind: Kind, body: &[u8]) -> Vec<u8> {
    let mut bytes = [b"QR", &[kind as u8, version][..], body].concat();
    bytes.extend_from_slice(&xxh3_64(&bytes).to_le_bytes()[..4]);
    bytes
}
