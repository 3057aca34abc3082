//! The live dots themselves, found by their names.
//!
//! Every live dot is one [`Entry`] of 20 bytes in a table; its path, time and payload are one string
//! in an [`Arena`]. Everybody else names it by its place in the table, the slot.

use alloc::vec::Vec;

use super::arena::{Address, Arena};
use super::order::{Keys, Slot};
use crate::Micros;
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
    /// Sorted by replica. No row is without a live dot.
    rows: Vec<Row>,
    /// The replicas by number, so that an entry names its own in four bytes.
    replicas: Vec<ReplicaId>,
    /// Slots that may be used again.
    unused: Vec<Slot>,
    len: usize,
}

/// A live dot, or a dead one that still has its place in the row.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Low and high half: a whole one would be aligned to eight bytes and make the entry 24.
    counter: [u32; 2],
    /// An index into `replicas`, or [`DEAD`].
    replica: u32,
    string: Address,
}

const DEAD: u32 = u32::MAX;

/// The dots of one replica by counter. Events are only ever seen in the order of their counters, so
/// a row grows at its end alone; the dead leave it when they are the majority.
#[derive(Clone, Debug)]
struct Row {
    replica: ReplicaId,
    /// Its index into `replicas`.
    number: u32,
    slots: Vec<Slot>,
    dead: usize,
}

/// An integer on its way into a string.
struct Varint {
    bytes: [u8; 10],
    len: usize,
}

impl Keys for Dots {
    fn path(&self, slot: Slot) -> &[u8] {
        let (len, rest) = split_len(self.arena.from(self.entries[slot as usize].string));
        &rest[..len]
    }
}

impl Dots {
    /// How many are live.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// All dots, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Live<'_>> + Clone + '_ {
        self.rows.iter().flat_map(|row| self.live_of(row, 0))
    }

    /// The dots of a replica whose counters lie above `since`, in order.
    pub(super) fn above(
        &self,
        replica: ReplicaId,
        since: u64,
    ) -> impl Iterator<Item = Live<'_>> + Clone + '_ {
        let row = self.row(replica).ok().map(|row| &self.rows[row]);
        row.into_iter().flat_map(move |row| {
            let slots = &row.slots;
            let from =
                slots.partition_point(|&slot| self.entries[slot as usize].counter() <= since);
            self.live_of(row, from)
        })
    }

    /// The slot of a dot, if it is live.
    pub(super) fn find(&self, dot: Dot) -> Option<Slot> {
        let slots = &self.rows[self.row(dot.replica).ok()?].slots;
        let at = slots
            .binary_search_by_key(&dot.counter, |&slot| self.entries[slot as usize].counter())
            .ok()?;
        let slot = slots[at];
        (self.entries[slot as usize].is_live()).then_some(slot)
    }

    /// The name of the dot in a slot.
    pub(super) fn dot(&self, slot: Slot) -> Dot {
        let entry = self.entries[slot as usize];
        Dot::new(self.replicas[entry.replica as usize], entry.counter())
    }

    /// The dot in a slot.
    pub(super) fn get(&self, slot: Slot) -> Live<'_> {
        let entry = self.entries[slot as usize];
        let (path_len, rest) = split_len(self.arena.from(entry.string));
        let (path, rest) = rest.split_at(path_len);
        let (at, rest) = split_varint(rest);
        let (payload_len, rest) = split_len(rest);
        Live {
            dot: Dot::new(self.replicas[entry.replica as usize], entry.counter()),
            at: Micros(at),
            path: PathRef::trusted(path),
            payload: &rest[..payload_len],
        }
    }

    /// Adds a dot. Its counter must lie above all that its replica ever had here.
    pub(super) fn insert(&mut self, live: Live<'_>) -> Slot {
        let row = self
            .row(live.dot.replica)
            .unwrap_or_else(|at| self.new_row(at, live.dot.replica));
        let counter = live.dot.counter;
        let entry = Entry {
            counter: [counter as u32, (counter >> 32) as u32],
            replica: self.rows[row].number,
            string: store(&mut self.arena, live),
        };
        let slot = match self.unused.pop() {
            Some(slot) => {
                self.entries[slot as usize] = entry;
                slot
            }
            None => {
                push_tight(&mut self.entries, entry);
                Slot::try_from(self.entries.len() - 1).expect("fewer live dots than 2^32")
            }
        };
        push_tight(&mut self.rows[row].slots, slot);
        self.len += 1;
        slot
    }

    /// Takes the dot out of a slot.
    pub(super) fn remove(&mut self, slot: Slot) {
        let live = self.get(slot);
        let len = stored_len(live);
        let replica = live.dot.replica;
        let entry = &mut self.entries[slot as usize];
        entry.replica = DEAD;
        self.arena.free(entry.string, len);
        self.len -= 1;
        let row = self.row(replica).expect("a live dot has a row");
        self.rows[row].dead += 1;
        self.tidy(row);
        if self.arena.wasteful() {
            self.rewrite();
        }
    }

    fn row(&self, replica: ReplicaId) -> Result<usize, usize> {
        self.rows.binary_search_by_key(&replica, |row| row.replica)
    }

    fn new_row(&mut self, at: usize, replica: ReplicaId) -> usize {
        let known = self.replicas.iter().position(|&known| known == replica);
        let number = known.unwrap_or_else(|| {
            self.replicas.push(replica);
            self.replicas.len() - 1
        });
        self.rows.insert(
            at,
            Row {
                replica,
                number: u32::try_from(number).expect("fewer replicas than 2^32"),
                slots: Vec::new(),
                dead: 0,
            },
        );
        at
    }

    /// Takes the dead out of a row when they are the majority, so that each costs O(1).
    fn tidy(&mut self, row: usize) {
        let Row { slots, dead, .. } = &mut self.rows[row];
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
        if slots.is_empty() {
            self.rows.remove(row);
        } else if slots.len() * 4 < slots.capacity() {
            slots.shrink_to(slots.len() * 2);
        }
    }

    /// Stores all strings anew, without the holes.
    fn rewrite(&mut self) {
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
    fn counter(&self) -> u64 {
        u64::from(self.counter[0]) | u64::from(self.counter[1]) << 32
    }

    fn is_live(&self) -> bool {
        self.replica != DEAD
    }
}

/// Path with its length before it, time, payload with its length before it.
fn store(arena: &mut Arena, live: Live<'_>) -> Address {
    let path = live.path.as_bytes();
    let (path_len, payload_len) = (Varint::len(path), Varint::len(live.payload));
    let at = Varint::of(live.at.0);
    arena.store(&[
        path_len.as_bytes(),
        path,
        at.as_bytes(),
        payload_len.as_bytes(),
        live.payload,
    ])
}

/// How long the string is that [`store`] makes.
fn stored_len(live: Live<'_>) -> usize {
    let path = live.path.as_bytes();
    let lengths = Varint::len(path).len + Varint::len(live.payload).len;
    lengths + Varint::of(live.at.0).len + path.len() + live.payload.len()
}

impl Varint {
    fn of(mut value: u64) -> Self {
        let mut varint = Self {
            bytes: [0; 10],
            len: 0,
        };
        while value >= 0x80 {
            varint.push(value.to_le_bytes()[0] | 0x80);
            value >>= 7;
        }
        varint.push(value.to_le_bytes()[0]);
        varint
    }

    fn len(bytes: &[u8]) -> Self {
        Self::of(bytes.len() as u64)
    }

    fn push(&mut self, byte: u8) {
        self.bytes[self.len] = byte;
        self.len += 1;
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

fn split_len(bytes: &[u8]) -> (usize, &[u8]) {
    let (len, rest) = split_varint(bytes);
    (
        usize::try_from(len).expect("it was a length when it was stored"),
        rest,
    )
}

/// Reads what [`Varint`] wrote.
fn split_varint(bytes: &[u8]) -> (u64, &[u8]) {
    let mut value = 0;
    for (i, &byte) in bytes.iter().enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * i);
        if byte < 0x80 {
            return (value, &bytes[i + 1..]);
        }
    }
    (value, &[])
}

/// Grows by an eighth in place of doubling: what is set aside for later is memory per element, too.
fn push_tight<T>(vec: &mut Vec<T>, value: T) {
    if vec.len() == vec.capacity() {
        vec.reserve_exact((vec.len() / 8).max(4));
    }
    vec.push(value);
}
