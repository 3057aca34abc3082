//! The live dots themselves, found by their names.
//!
//! Every live dot is one [`Entry`] of 20 bytes in a table; its path, time and payload are one string
//! in an [`Arena`]. Everybody else names it by its place in the table, the slot.

use alloc::vec::Vec;
use core::mem;

use super::arena::{Address, Arena};
use super::counters::first_above;
use super::order::{Key, Keys, Slot};
use crate::Micros;
use crate::crdt::version_vector::position;
use crate::crdt::{Dot, PathRef, ReplicaId};

/// A live dot, where it belongs, and what it carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Live<'a> {
    /// The event that made it.
    pub dot: Dot,
    /// When that was, at its replica.
    pub at: Micros,
    /// Where it belongs.
    pub path: PathRef<'a>,
    /// What it carries.
    pub payload: &'a [u8],
}

/// The table, and a row per replica.
#[derive(Clone, Debug, Default)]
pub(super) struct Dots {
    entries: Vec<Entry>,
    arena: Arena,
    /// In the order in which the replicas were first seen, so that an entry names its row in four
    /// bytes.
    rows: Vec<Row>,
    /// The replicas with the indices of their rows, sorted.
    order: Vec<(ReplicaId, u32)>,
    /// Slots that may be used again.
    unused: Vec<Slot>,
    len: usize,
}

/// A live dot, or a dead one that still has its place in the row. Aligned to four bytes in place of
/// eight, it takes 20 in place of 24.
#[derive(Clone, Copy, Debug)]
#[repr(Rust, packed(4))]
struct Entry {
    counter: u64,
    /// An index into `rows`, or [`DEAD`].
    row: u32,
    string: Address,
    /// Whether other dots lie at the same path.
    crowded: bool,
}

const DEAD: u32 = u32::MAX;

/// The dots of one replica by counter. Events are only ever seen in the order of their counters, so
/// a row grows at its end alone; the dead leave it when they are the majority.
#[derive(Clone, Debug)]
struct Row {
    replica: ReplicaId,
    slots: Vec<Slot>,
    dead: usize,
}

/// A live dot, found.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub(super) slot: Slot,
    row: u32,
    /// Its index in the row.
    at: usize,
}

/// What precedes path and payload in a string.
struct Header {
    at: Micros,
    path_len: usize,
    payload_len: usize,
}

/// A header as bytes: the time, then the lengths, in one byte each if they are short.
enum HeaderBytes {
    Short([u8; SHORT_HEADER]),
    Long([u8; LONG_HEADER]),
}

/// Bytes of the time, with which a header starts.
const TIME: usize = 8;
const SHORT_HEADER: usize = TIME + 2;
const LONG_HEADER: usize = TIME + 17;
/// In place of a short length: two long ones follow.
const LONG: u8 = u8::MAX;

impl Keys for Dots {
    fn key(&self, slot: Slot) -> Key<'_> {
        let entry = self.entries[slot as usize];
        let (header, rest) = Header::split(self.arena.from(entry.string));
        Key {
            path: &rest[..header.path_len],
            dot: self.dot(entry),
        }
    }
}

impl Dots {
    /// How many are live.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// All dots, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Live<'_>> + Clone + '_ {
        let rows = self.order.iter().map(|&(_, row)| &self.rows[row as usize]);
        rows.flat_map(|row| self.live_of(row, 0))
    }

    /// The names of all dots, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = Dot> + '_ {
        let rows = self.order.iter().map(|&(_, row)| &self.rows[row as usize]);
        rows.flat_map(|row| {
            let entries = row.slots.iter().map(|&slot| self.entries[slot as usize]);
            let live = entries.filter(Entry::is_live);
            live.map(|entry| Dot::new(row.replica, entry.counter))
        })
    }

    /// The dots of a replica whose counters lie above `since`, in order.
    pub(super) fn above(
        &self,
        replica: ReplicaId,
        since: u64,
    ) -> impl Iterator<Item = Live<'_>> + Clone + '_ {
        let row = self.row(replica).ok().map(|row| &self.rows[row as usize]);
        row.into_iter()
            .flat_map(move |row| self.live_of(row, self.first_above(row, since)))
    }

    /// Where a dot is, if it is live.
    pub(super) fn find(&self, dot: Dot) -> Option<Found> {
        let row = self.row(dot.replica).ok()?;
        let dots = &self.rows[row as usize];
        let at = self.first_above(dots, dot.counter.checked_sub(1)?);
        let slot = *dots.slots.get(at)?;
        let entry = self.entries[slot as usize];
        (entry.counter == dot.counter && entry.is_live()).then_some(Found { slot, row, at })
    }

    /// The place of the first dot of a row, dead or alive, whose counter lies above a bound.
    fn first_above(&self, row: &Row, bound: u64) -> usize {
        let counter = |at: usize| self.entries[row.slots[at] as usize].counter;
        first_above(row.slots.len(), counter, bound)
    }

    /// The path of the dot in a slot.
    pub(super) fn path(&self, slot: Slot) -> PathRef<'_> {
        PathRef::trusted(self.key(slot).path)
    }

    /// The dot in a slot.
    pub(super) fn get(&self, slot: Slot) -> Live<'_> {
        let entry = self.entries[slot as usize];
        let (header, rest) = Header::split(self.arena.from(entry.string));
        let (path, rest) = rest.split_at(header.path_len);
        Live {
            dot: self.dot(entry),
            at: header.at,
            path: PathRef::trusted(path),
            payload: &rest[..header.payload_len],
        }
    }

    /// Whether other dots lie at the path of the one in a slot.
    pub(super) fn is_crowded(&self, slot: Slot) -> bool {
        self.entries[slot as usize].crowded
    }

    /// Takes note that two dots lie at one path.
    pub(super) fn crowd(&mut self, slots: [Slot; 2]) {
        for slot in slots {
            self.entries[slot as usize].crowded = true;
        }
    }

    /// Takes note that a dot is the last one at its path.
    pub(super) fn uncrowd(&mut self, slot: Slot) {
        self.entries[slot as usize].crowded = false;
    }

    /// Adds a dot. Its counter must lie above all that its replica ever had here.
    pub(super) fn insert(&mut self, live: Live<'_>) -> Slot {
        let row = self.row_or_new(live.dot.replica);
        let string = store(&mut self.arena, live);
        let slot = self.occupy(Entry {
            counter: live.dot.counter,
            row,
            string,
            crowded: false,
        });
        push_tight(&mut self.rows[row as usize].slots, slot);
        self.len += 1;
        slot
    }

    /// Puts a dot in the place of another one at the same path: it gets its slot. Its counter must lie
    /// above all that its replica ever had here.
    pub(super) fn replace(&mut self, old: Found, live: Live<'_>) {
        let place = self.entries[old.slot as usize];
        // The dead one keeps its counter in its row, under another slot.
        let dead = self.occupy(Entry { row: DEAD, ..place });
        self.rows[old.row as usize].slots[old.at] = dead;
        let row = self.row_or_new(live.dot.replica);
        self.entries[old.slot as usize] = Entry {
            counter: live.dot.counter,
            row,
            string: self.restore(old.slot, live),
            ..place
        };
        push_tight(&mut self.rows[row as usize].slots, old.slot);
        self.died_in(old.row);
        self.rewrite_if_wasteful();
    }

    /// Takes the dot out of a slot.
    pub(super) fn remove(&mut self, slot: Slot) {
        let len = self.string_len(slot);
        let entry = &mut self.entries[slot as usize];
        let row = mem::replace(&mut entry.row, DEAD);
        self.arena.free(entry.string, len);
        self.len -= 1;
        self.died_in(row);
        self.rewrite_if_wasteful();
    }

    /// Puts an entry where there is room.
    fn occupy(&mut self, entry: Entry) -> Slot {
        if let Some(slot) = self.unused.pop() {
            self.entries[slot as usize] = entry;
            return slot;
        }
        push_tight(&mut self.entries, entry);
        Slot::try_from(self.entries.len() - 1).expect("fewer live dots than 2^32")
    }

    fn string_len(&self, slot: Slot) -> usize {
        let string = self.arena.from(self.entries[slot as usize].string);
        let (header, rest) = Header::split(string);
        string.len() - rest.len() + header.path_len + header.payload_len
    }

    fn dot(&self, entry: Entry) -> Dot {
        Dot::new(self.rows[entry.row as usize].replica, entry.counter)
    }

    /// The index of a replica's row, or where it belongs in the order of rows.
    fn row(&self, replica: ReplicaId) -> Result<u32, usize> {
        let at = position(&self.order, replica, |entry| entry.0)?;
        Ok(self.order[at].1)
    }

    fn row_or_new(&mut self, replica: ReplicaId) -> u32 {
        self.row(replica)
            .unwrap_or_else(|at| self.new_row(at, replica))
    }

    fn new_row(&mut self, at: usize, replica: ReplicaId) -> u32 {
        let row = u32::try_from(self.rows.len()).expect("fewer replicas than 2^32");
        self.order.insert(at, (replica, row));
        self.rows.push(Row {
            replica,
            slots: Vec::new(),
            dead: 0,
        });
        row
    }

    /// Takes note of a death in a row. Takes the dead out of it when they are the majority, so that
    /// each costs O(1).
    fn died_in(&mut self, row: u32) {
        let Row { slots, dead, .. } = &mut self.rows[row as usize];
        *dead += 1;
        if *dead * 2 <= slots.len() {
            return;
        }
        let (entries, unused) = (&self.entries, &mut self.unused);
        slots.retain(|&slot| {
            let live = entries[slot as usize].is_live();
            if !live {
                unused.push(slot);
            }
            live
        });
        *dead = 0;
        if slots.len() * 4 < slots.capacity() {
            slots.shrink_to(slots.len() * 2);
        }
    }

    /// Stores the string of a dot in place of that of a slot, which has the same path.
    fn restore(&mut self, slot: Slot, live: Live<'_>) -> Address {
        let address = self.entries[slot as usize].string;
        let (old, new) = (self.string_len(slot), stored_len(live));
        // With one path and one length the payload is as long and the header has the same form.
        if old != new {
            self.arena.free(address, old);
            return store(&mut self.arena, live);
        }
        let string = &mut self.arena.bytes_mut(address)[..new];
        string[..TIME].copy_from_slice(&live.at.0.to_le_bytes());
        string[new - live.payload.len()..].copy_from_slice(live.payload);
        address
    }

    /// Stores all strings anew, without the holes, if there are many.
    fn rewrite_if_wasteful(&mut self) {
        if !self.arena.wasteful() {
            return;
        }
        let mut arena = Arena::default();
        for slot in self.rows.iter().flat_map(|row| &row.slots) {
            let at = *slot as usize;
            if self.entries[at].is_live() {
                self.entries[at].string = store(&mut arena, self.get(*slot));
            }
        }
        self.arena = arena;
    }

    fn live_of<'a>(&'a self, row: &'a Row, from: usize) -> impl Iterator<Item = Live<'a>> + Clone {
        row.slots[from..]
            .iter()
            .filter(|&&slot| self.entries[slot as usize].is_live())
            .map(|&slot| self.get(slot))
    }
}

impl Entry {
    fn is_live(&self) -> bool {
        self.row != DEAD
    }
}

fn store(arena: &mut Arena, live: Live<'_>) -> Address {
    let header = Header::of(live).to_bytes();
    arena.store(&[header.as_slice(), live.path.as_bytes(), live.payload])
}

/// How long the string is that [`store`] makes.
fn stored_len(live: Live<'_>) -> usize {
    let header = Header::of(live);
    let fits = header.path_len < usize::from(LONG) && u8::try_from(header.payload_len).is_ok();
    let header_len = if fits { SHORT_HEADER } else { LONG_HEADER };
    header_len + header.path_len + header.payload_len
}

impl Header {
    fn of(live: Live<'_>) -> Self {
        Self {
            at: live.at,
            path_len: live.path.as_bytes().len(),
            payload_len: live.payload.len(),
        }
    }

    fn to_bytes(&self) -> HeaderBytes {
        let at = self.at.0.to_le_bytes();
        match (u8::try_from(self.path_len), u8::try_from(self.payload_len)) {
            (Ok(path_len), Ok(payload_len)) if path_len < LONG => {
                let mut bytes = [0; SHORT_HEADER];
                bytes[..8].copy_from_slice(&at);
                bytes[8..].copy_from_slice(&[path_len, payload_len]);
                HeaderBytes::Short(bytes)
            }
            _ => {
                let mut bytes = [LONG; LONG_HEADER];
                bytes[..8].copy_from_slice(&at);
                bytes[9..17].copy_from_slice(&(self.path_len as u64).to_le_bytes());
                bytes[17..].copy_from_slice(&(self.payload_len as u64).to_le_bytes());
                HeaderBytes::Long(bytes)
            }
        }
    }

    /// Takes the header off a string.
    fn split(string: &[u8]) -> (Self, &[u8]) {
        let (at, rest) = split_u64(string);
        let (path_len, payload_len, rest) = match rest {
            [LONG, rest @ ..] => {
                let (path_len, rest) = split_len(rest);
                let (payload_len, rest) = split_len(rest);
                (path_len, payload_len, rest)
            }
            [path_len, payload_len, rest @ ..] => {
                (usize::from(*path_len), usize::from(*payload_len), rest)
            }
            _ => panic!("a string starts with a whole header"),
        };
        let at = Micros(at);
        let header = Self {
            at,
            path_len,
            payload_len,
        };
        (header, rest)
    }
}

impl HeaderBytes {
    fn as_slice(&self) -> &[u8] {
        match self {
            Self::Short(bytes) => bytes,
            Self::Long(bytes) => bytes,
        }
    }
}

fn split_u64(bytes: &[u8]) -> (u64, &[u8]) {
    let (eight, rest) = bytes.split_first_chunk().expect("it was stored whole");
    (u64::from_le_bytes(*eight), rest)
}

fn split_len(bytes: &[u8]) -> (usize, &[u8]) {
    let (len, rest) = split_u64(bytes);
    let len = usize::try_from(len).expect("it was a length when it was stored");
    (len, rest)
}

/// Grows by an eighth in place of doubling: what is set aside for later is memory per element, too.
fn push_tight<T>(vec: &mut Vec<T>, value: T) {
    if vec.len() == vec.capacity() {
        vec.reserve_exact((vec.len() / 8).max(4));
    }
    vec.push(value);
}
