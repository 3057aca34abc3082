//! The live dots themselves, found by their names.
//!
//! Every live dot is one [`Entry`] of 24 bytes in a table; its path, time and payload are one string
//! in an [`Arena`]. Everybody else names it by its place in the table, the slot.

use alloc::vec::Vec;

use super::arena::{Address, Arena};
use super::order::Slot;
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
    counter: u64,
    string: Address,
    /// An index into `replicas`.
    replica: u32,
    /// [`DEAD`] for a dead dot.
    path_len: u32,
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

/// What goes between path and payload: the time and the payload's length.
struct Head {
    bytes: [u8; 20],
    len: usize,
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
            let from = slots.partition_point(|&slot| self.entries[slot as usize].counter <= since);
            self.live_of(row, from)
        })
    }

    /// The slot of a dot, if it is live.
    pub(super) fn find(&self, dot: Dot) -> Option<Slot> {
        let slots = &self.rows[self.row(dot.replica).ok()?].slots;
        let at = slots
            .binary_search_by_key(&dot.counter, |&slot| self.entries[slot as usize].counter)
            .ok()?;
        let slot = slots[at];
        (self.entries[slot as usize].path_len != DEAD).then_some(slot)
    }

    /// The name of the dot in a slot.
    pub(super) fn dot(&self, slot: Slot) -> Dot {
        let entry = self.entries[slot as usize];
        Dot::new(self.replicas[entry.replica as usize], entry.counter)
    }

    /// The path of the dot in a slot.
    pub(super) fn path(&self, slot: Slot) -> PathRef<'_> {
        let entry = self.entries[slot as usize];
        PathRef::trusted(&self.arena.from(entry.string)[..entry.path_len as usize])
    }

    /// The dot in a slot.
    pub(super) fn get(&self, slot: Slot) -> Live<'_> {
        let entry = self.entries[slot as usize];
        let (path, rest) = self
            .arena
            .from(entry.string)
            .split_at(entry.path_len as usize);
        let (at, rest) = split_varint(rest);
        let (payload_len, rest) = split_varint(rest);
        let payload_len = usize::try_from(payload_len).expect("it was a length when it was stored");
        Live {
            dot: Dot::new(self.replicas[entry.replica as usize], entry.counter),
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
        let head = Head::of(live);
        let entry = Entry {
            counter: live.dot.counter,
            string: self
                .arena
                .store(&[live.path.as_bytes(), head.as_bytes(), live.payload]),
            replica: self.rows[row].number,
            path_len: u32::try_from(live.path.as_bytes().len())
                .expect("a path is shorter than 2^32"),
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
        let len = live.path.as_bytes().len() + Head::of(live).len + live.payload.len();
        let replica = live.dot.replica;
        let entry = &mut self.entries[slot as usize];
        entry.path_len = DEAD;
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
            let live = entries[slot as usize].path_len != DEAD;
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
            if self.entries[at].path_len != DEAD {
                let live = self.get(*slot);
                let head = Head::of(live);
                let pieces = [live.path.as_bytes(), head.as_bytes(), live.payload];
                self.entries[at].string = arena.store(&pieces);
            }
        }
        self.arena = arena;
    }

    fn live_of<'a>(&'a self, row: &'a Row, from: usize) -> impl Iterator<Item = Live<'a>> + Clone {
        row.slots[from..]
            .iter()
            .filter(|&&slot| self.entries[slot as usize].path_len != DEAD)
            .map(|&slot| self.get(slot))
    }
}

impl Head {
    fn of(live: Live<'_>) -> Self {
        let mut head = Self {
            bytes: [0; 20],
            len: 0,
        };
        head.put(live.at.0);
        head.put(live.payload.len() as u64);
        head
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    fn put(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes[self.len] = value.to_le_bytes()[0] | 0x80;
            self.len += 1;
            value >>= 7;
        }
        self.bytes[self.len] = value.to_le_bytes()[0];
        self.len += 1;
    }
}

/// Reads what [`Head::put`] wrote.
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
