//! No decoder allocates more than a constant factor of what it is given.
//!
//! Alone in its program, because the count is of the whole process.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

use std::alloc::System;
use std::fs;
use std::path::Path as File;

use quorate::codec::{Assembler, Fragments, Kind, Limits, Sink, frame, put_varint};
use quorate::crdt::{Delta, FullState, Path, ReplicaId, Session, Store, VersionVector, Write};
use quorate::{Micros, NodeId, Random};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static GLOBAL: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Bytes allocated per byte read, all that was freed again included.
const FACTOR: usize = 512;
/// Whatever the input.
const FREE: usize = 256 * 1024;

fn check(what: &str, input: &[u8], decode: impl FnOnce(&[u8])) -> usize {
    let region = Region::new(GLOBAL);
    decode(input);
    let change = region.change();
    let grown = usize::try_from(change.bytes_reallocated).unwrap_or(0);
    let allocated = change.bytes_allocated + grown;
    let allowed = FREE + FACTOR * input.len();
    assert!(
        allocated <= allowed,
        "{what}: {allocated} B for {}",
        input.len()
    );
    allocated
}

fn check_all(what: &str, body: &[u8]) {
    let framed = |kind| frame(kind, |out| out.put(body));
    check(what, &framed(Kind::Image), |bytes| {
        drop(Store::decode(bytes));
    });
    check(what, &framed(Kind::Delta), |bytes| {
        drop(Delta::decode(bytes));
    });
    check(what, &framed(Kind::FullState), |bytes| {
        drop(FullState::decode(bytes));
    });
    check(what, &framed(Kind::Session), |bytes| {
        drop(Session::new(0).decode(bytes));
    });
    check(what, &framed(Kind::Fragment), |bytes| {
        drop(Assembler::new(Limits::default()).accept(bytes));
    });
}

/// Counts that promise what the input cannot hold, at every place, over zeros and over ones.
fn announcements() {
    for filler in [0, 1, 0x7f, 0xff] {
        for len in [0, 10, 1_000, 100_000] {
            for at in 0..16 {
                for claimed in [len as u64, 1 << 20, u64::MAX >> 1] {
                    let mut body = vec![1; at];
                    put_varint(&mut body, claimed);
                    body.resize(body.len() + len, filler);
                    check_all("an announcement", &body);
                }
            }
        }
    }
}

/// Changed bytes of the corpus, under a checksum that fits.
fn disturbed_corpus() {
    let mut random = Random::new(5);
    let folder = File::new(env!("CARGO_MANIFEST_DIR")).join("tests/codec/fixtures");
    for entry in fs::read_dir(folder).unwrap() {
        let good = fs::read(entry.unwrap().path()).unwrap();
        for _ in 0..2_000 {
            let mut bad = good[4..good.len() - 4].to_vec();
            for _ in 0..=random.index(3) {
                if !bad.is_empty() {
                    let at = random.index(bad.len());
                    bad[at] = random.next_u64().to_le_bytes()[0];
                }
            }
            check_all("the corpus", &bad);
        }
    }
}

/// Names that share ten thousand bytes: honest, and the worst there is.
fn long_prefixes() {
    let mut store = Store::new(ReplicaId::first(NodeId(1)));
    let prefix = "x".repeat(10_000);
    for at in 0..3_000_u32 {
        let path = Path::of([prefix.clone(), at.to_string()]);
        let write = Write::Put([].into());
        store.record(Micros(u64::from(at)), &path, write).unwrap();
    }
    let delta = store.delta_since(&VersionVector::new()).unwrap();
    let bytes = delta.encode();
    let allocated = check("long prefixes", &bytes, |bytes| {
        Delta::decode(bytes).unwrap();
    });
    assert!(allocated > 30_000_000, "it is all there: {allocated}");
    check("long prefixes", &store.encode(), |bytes| {
        Store::decode(bytes).unwrap();
    });
}

/// What is announced is not reserved.
fn fragments() {
    let message = vec![7; 100_000];
    let mut assembler = Assembler::new(Limits::default());
    for fragment in Fragments::new(1, &message, 1_000).unwrap() {
        check("a fragment", &fragment, |bytes| {
            drop(assembler.accept(bytes));
        });
    }
}

#[test]
fn what_is_allocated_is_justified_by_the_input() {
    announcements();
    disturbed_corpus();
    long_prefixes();
    fragments();
}
