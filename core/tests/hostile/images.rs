//! Saved bytes and messages of every type, changed under a checksum that fits.

use std::fmt::Debug;

use quorate::crdt::{
    Acks, ApplyError, Delta, Entry, Epoch, EwFlag, FullState, GCounter, LwwRegister, MvRegister,
    OrMap, OrSet, PnCounter, PruneCertificate, ReplicaId, Replicated, Store, Table, VersionVector,
};
use quorate::{Micros, NodeId, Random};
use xxhash_rust::xxh3::xxh3_64;

use super::{mutation, sound};

const A: ReplicaId = ReplicaId::first(NodeId(1));
const B: ReplicaId = ReplicaId::first(NodeId(2));

/// A type, and everything a program does with it.
trait Subject: Replicated + Clone + PartialEq + Debug {
    fn start(replica: ReplicaId) -> Self;
    fn read(bytes: &[u8]) -> Option<Self>;
    /// Writes something, as far as it goes, and reads everything.
    fn use_it(&mut self, now: Micros, random: &mut Random);
}

impl Subject for OrSet<String> {
    fn start(replica: ReplicaId) -> Self {
        Self::new(replica)
    }
    fn read(bytes: &[u8]) -> Option<Self> {
        Self::decode(bytes).ok()
    }
    fn use_it(&mut self, now: Micros, random: &mut Random) {
        let _ = self.add(now, ["milk", "a\0b", ""][random.index(3)]);
        let _ = self.remove(now, "milk");
        assert_eq!(self.iter().count(), self.len());
        assert!(self.iter().all(|element| self.dots(&element).len() > 0));
    }
}

impl Subject for GCounter {
    fn start(replica: ReplicaId) -> Self {
        Self::new(replica)
    }
    fn read(bytes: &[u8]) -> Option<Self> {
        Self::decode(bytes).ok()
    }
    fn use_it(&mut self, now: Micros, random: &mut Random) {
        let before = self.value();
        if self.increment(now, mutation::number(random)).is_err() {
            assert_eq!(self.value(), before);
        }
    }
}

impl Subject for PnCounter {
    fn start(replica: ReplicaId) -> Self {
        Self::new(replica)
    }
    fn read(bytes: &[u8]) -> Option<Self> {
        Self::decode(bytes).ok()
    }
    fn use_it(&mut self, now: Micros, random: &mut Random) {
        let before = self.value();
        if self.increment(now, mutation::number(random)).is_err() {
            assert_eq!(self.value(), before);
        }
        let _ = self.decrement(now, mutation::number(random));
        let _ = self.value();
    }
}

impl Subject for EwFlag {
    fn start(replica: ReplicaId) -> Self {
        Self::new(replica)
    }
    fn read(bytes: &[u8]) -> Option<Self> {
        Self::decode(bytes).ok()
    }
    fn use_it(&mut self, now: Micros, random: &mut Random) {
        let _ = match random.below(2) {
            0 => self.enable(now).map(Some),
            _ => self.disable(now),
        };
        let _ = self.is_enabled();
    }
}

impl Subject for LwwRegister<String> {
    fn start(replica: ReplicaId) -> Self {
        Self::new(replica)
    }
    fn read(bytes: &[u8]) -> Option<Self> {
        Self::decode(bytes).ok()
    }
    fn use_it(&mut self, now: Micros, _: &mut Random) {
        let (before, last) = (self.clone(), self.last_stamp());
        match self.set(now, "x") {
            Ok(_) => assert!(self.winner().unwrap().stamp > last),
            Err(_) => assert_eq!((&*self, self.last_stamp()), (&before, last)),
        }
        let _ = (self.get(), self.clear(now));
    }
}

impl Subject for MvRegister<String> {
    fn start(replica: ReplicaId) -> Self {
        Self::new(replica)
    }
    fn read(bytes: &[u8]) -> Option<Self> {
        Self::decode(bytes).ok()
    }
    fn use_it(&mut self, now: Micros, _: &mut Random) {
        let _ = self.set(now, "x");
        let _ = (self.values(), self.siblings());
    }
}

impl Subject for OrMap<String> {
    fn start(replica: ReplicaId) -> Self {
        Self::new(replica)
    }
    fn read(bytes: &[u8]) -> Option<Self> {
        Self::decode(bytes).ok()
    }
    fn use_it(&mut self, now: Micros, random: &mut Random) {
        let mut edit = self.edit(now);
        let amount = [i64::MIN, i64::MAX, -1][random.index(3)];
        let _ = edit.increment("k", amount);
        let _ = (
            edit.enable("k"),
            edit.write("k", "x"),
            edit.write_multi("k", "y"),
        );
        let _ = edit.set::<String>("k").add("e");
        let _ = edit
            .map::<String>("m")
            .map::<String>("n")
            .increment("k", amount);
        let _ = edit.remove(["k", "m"][random.index(2)]);
        let view = self.view();
        assert!(view.keys().count() <= view.fields().count());
        let _ = (
            view.counter("k"),
            view.flag("k"),
            view.register::<String>("k"),
        );
        let _ = (view.set::<String>("k").len(), view.map::<String>("m").len());
    }
}

fn taken_or_refused<T: Subject>(joined: &Result<impl Debug, ApplyError>, before: &T, after: &T) {
    if !matches!(joined, Ok(_) | Err(ApplyError::OwnEventsAhead { .. })) {
        assert_eq!(after, before);
    }
}

fn sweep<T: Subject>() {
    for seed in 0..1_500 {
        let mut random = Random::new(seed);
        let (mut source, mut before) = (T::start(A), T::start(B));
        for _ in 0..=random.index(6) {
            let now = Micros(mutation::number(&mut random));
            source.use_it(now, &mut random);
        }
        before.use_it(Micros(3), &mut random);

        let mut delta = source.delta_since(before.context()).unwrap();
        mutation::delta(&mut random, &mut delta);
        let mut after = before.clone();
        let joined = after.apply(&delta);
        taken_or_refused(&joined, &before, &after);
        finish(after, &mut random, seed);

        let mut full = source.full_state();
        mutation::full(&mut random, &mut full);
        let mut after = before.clone();
        let joined = after.apply_full(&full);
        taken_or_refused(&joined, &before, &after);
        finish(after, &mut random, seed);

        for _ in 0..8 {
            if let Some(read) = T::read(&disturbed(&source.encode(), &mut random)) {
                finish(read, &mut random, seed);
            }
        }
    }
}

fn finish<T: Subject>(mut value: T, random: &mut Random, seed: u64) {
    value.use_it(Micros(mutation::number(random)), random);
    value.prune(Micros::MAX, &sound::options(random));
    let read = T::read(&value.encode()).unwrap_or_else(|| panic!("seed {seed}: {value:?}"));
    assert_eq!(read, value, "seed {seed}");
    sound::use_up(read.store().clone(), random, &format!("seed {seed}"));
}

/// Bytes with a number put in place of one of them, under a checksum that fits.
fn disturbed(good: &[u8], random: &mut Random) -> Vec<u8> {
    let body = &good[..good.len() - 4];
    let at = 4 + random.index(body.len() - 4);
    let mut varint = Vec::new();
    quorate::codec::put_varint(&mut varint, mutation::number(random));
    let mut bad = [&body[..at], &varint, &body[at + 1..]].concat();
    bad.extend_from_slice(&xxh3_64(&bad).to_le_bytes()[..4]);
    bad
}

#[test]
fn a_set_survives() {
    sweep::<OrSet<String>>();
}

#[test]
fn counters_survive() {
    sweep::<GCounter>();
    sweep::<PnCounter>();
}

#[test]
fn a_flag_survives() {
    sweep::<EwFlag>();
}

#[test]
fn registers_survive() {
    sweep::<LwwRegister<String>>();
    sweep::<MvRegister<String>>();
}

#[test]
fn a_map_survives() {
    sweep::<OrMap<String>>();
}

/// Reads disturbed bytes. What is read is written as these bytes: there is one form.
fn one_form<T>(
    good: &[u8],
    random: &mut Random,
    decode: impl Fn(&[u8]) -> Option<T>,
    encode: impl Fn(&T) -> Vec<u8>,
) -> Option<T> {
    let bytes = disturbed(good, random);
    let read = decode(&bytes)?;
    assert_eq!(encode(&read), bytes);
    Some(read)
}

#[test]
fn other_encodings_are_refused_or_read_as_they_are() {
    let table = Table::initial([A, B]);
    let table = table.apply(Epoch(3), &Entry::Fence { replica: B }).unwrap();
    let some = [(A, 3), (B, 300)].into_iter().collect();
    let nothing = VersionVector::new();
    let certificate = PruneCertificate::of(&Acks::of(&table), &table, &nothing, &some);
    let mut set = OrSet::<String>::new(A);
    set.add(Micros(1), "milk").unwrap();
    set.add(Micros(2), "milk").unwrap();
    let saved = (certificate.encode(), table.encode(), set.encode());
    let delta = set.delta_since(&nothing).unwrap().encode();
    let full = set.full_state().encode();
    let mut random = Random::new(2);
    for _ in 0..20_000 {
        let random = &mut random;
        let read = |bytes: &[u8]| PruneCertificate::decode(bytes).ok();
        if let Some(read) = one_form(&saved.0, random, read, PruneCertificate::encode) {
            let _ = read.verify(&table, |_| Some(set.context().clone()));
        }
        let entry = mutation::entry(random).encode();
        let read = |bytes: &[u8]| Entry::decode(bytes).ok();
        if let Some(entry) = one_form(&entry, random, read, Entry::encode) {
            let _ = table.apply(Epoch(u64::MAX), &entry);
        }
        one_form(
            &saved.1,
            random,
            |bytes| Table::decode(bytes).ok(),
            Table::encode,
        );
        one_form(
            &saved.2,
            random,
            |bytes| Store::decode(bytes).ok(),
            Store::encode,
        );
        one_form(
            &delta,
            random,
            |bytes| Delta::decode(bytes).ok(),
            Delta::encode,
        );
        one_form(
            &full,
            random,
            |bytes| FullState::decode(bytes).ok(),
            FullState::encode,
        );
    }
}
