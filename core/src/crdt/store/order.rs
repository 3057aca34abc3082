//! Slots in the order of the paths they stand for.
//!
//! A balanced tree of boxed keys costs more than the keys, and every comparison on the way down
//! waits for another piece of memory. This is a tree of two levels: leaves of up to 512 slots, and a
//! list of their first slots. Beside each slot lie four bytes of its path, those behind what its
//! whole run shares, so that nearly all comparisons are between neighbouring integers (*poor man's
//! normalized keys*: Graefe and Larson, *B-tree indexes and CPU caches*, 2001). Inserting moves a
//! part of one leaf, and of the list when a leaf splits, which stays fast up to some ten million
//! slots.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cell::Cell;

use crate::crdt::Dot;

/// A place in a table that is kept elsewhere.
pub(super) type Slot = u32;

/// What the slots stand for.
pub(super) trait Keys {
    /// What is in a slot.
    fn key(&self, slot: Slot) -> Key<'_>;
}

/// What slots are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key<'a> {
    /// The path, as bytes.
    pub(super) path: &'a [u8],
    /// Orders what lies at the same path.
    pub(super) dot: Dot,
}

/// The slots, sorted by path and dot.
#[derive(Clone, Debug, Default)]
pub(super) struct Order {
    /// No leaf is empty.
    leaves: Vec<Run>,
    /// The first slot of each leaf.
    firsts: Run,
}

/// Some slots, sorted by path and dot.
#[derive(Clone, Debug, Default)]
struct Run {
    /// Bytes that all their paths start with. A copy, because the paths lie far away.
    prefix: Box<[u8]>,
    entries: Vec<Entry>,
}

/// A slot, and what stands in for its path when it is compared.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// The four bytes of the path behind the prefix, zeros behind its end. Ascending with the paths.
    head: u32,
    slot: Slot,
}

/// Where something is, or would be, in a run.
#[derive(Clone, Copy)]
struct Place {
    at: usize,
    /// What its entry says; `None` if its path lacks the prefix of the run.
    head: Option<u32>,
}

/// The most slots of a leaf.
const LEAF: usize = 512;
/// So many slots with one head are looked at one by one.
const SOME: usize = 4;

impl Order {
    /// The slots from the first on whose path is not less.
    pub(super) fn from<'a, K: Keys>(
        &'a self,
        keys: &K,
        path: &[u8],
    ) -> impl Iterator<Item = Slot> + Clone + use<'a, K> {
        let is_less = |slot: Slot| keys.key(slot).path < path;
        let leaf = self.leaf(path, is_less);
        let (first, rest) = match self.leaves.get(leaf..) {
            Some([first, rest @ ..]) => {
                let Place { at, .. } = first.place(path, is_less);
                (&first.entries[at..], rest)
            }
            _ => (&[][..], &[][..]),
        };
        let rest = rest.iter().flat_map(|leaf| &leaf.entries);
        first.iter().chain(rest).map(|entry| entry.slot)
    }

    /// All slots.
    pub(super) fn iter(&self) -> impl Iterator<Item = Slot> + Clone + '_ {
        let entries = self.leaves.iter().flat_map(|leaf| &leaf.entries);
        entries.map(|entry| entry.slot)
    }

    /// Puts a slot in. Says which other one has its path, or one of those that have.
    pub(super) fn insert(&mut self, keys: &impl Keys, key: Key<'_>, slot: Slot) -> Option<Slot> {
        // A search ends between two entries that it has looked at: it meets who has the same path.
        let twin = Cell::new(None);
        let is_less = |other: Slot| {
            let Key { path, dot } = keys.key(other);
            let order = path.cmp(key.path);
            if order.is_eq() {
                twin.set(Some(other));
            }
            order.then_with(|| dot.cmp(&key.dot)).is_lt()
        };
        let leaf = self.leaf(key.path, is_less);
        match self.leaves.get(leaf) {
            None => self.insert_leaf(keys, leaf, Run::of(keys, [slot])),
            Some(run) => {
                let place = run.place(key.path, is_less);
                self.insert_at(keys, leaf, place, slot);
            }
        }
        twin.get()
    }

    /// Takes a slot out.
    pub(super) fn remove(&mut self, keys: &impl Keys, key: Key<'_>, slot: Slot) {
        let leaf = self.leaf(key.path, |other| keys.key(other) <= key);
        let run = &mut self.leaves[leaf];
        let at = run.find(key.path, slot);
        run.entries.remove(at);
        self.shrunk(keys, leaf, at);
    }

    /// The last leaf whose first slot lies before what is looked for.
    fn leaf(&self, path: &[u8], is_before: impl Fn(Slot) -> bool) -> usize {
        self.firsts.place(path, is_before).at.saturating_sub(1)
    }

    fn insert_at(&mut self, keys: &impl Keys, leaf: usize, place: Place, slot: Slot) {
        if self.leaves[leaf].entries.len() == LEAF {
            self.insert_into_full(keys, leaf, place.at, slot);
        } else {
            self.leaves[leaf].insert(keys, place, slot);
            self.first_changed(keys, leaf, place.at);
        }
    }

    fn insert_into_full(&mut self, keys: &impl Keys, leaf: usize, at: usize, slot: Slot) {
        if at == LEAF && leaf + 1 == self.leaves.len() {
            // Slots that come in order fill their leaves instead of leaving them half empty.
            self.insert_leaf(keys, leaf + 1, Run::of(keys, [slot]));
            return;
        }
        let mut slots: Vec<Slot> = self.leaves[leaf].slots().collect();
        slots.insert(at, slot);
        let (left, right) = slots.split_at(slots.len() / 2);
        self.leaves[leaf] = Run::of(keys, left.iter().copied());
        self.first_changed(keys, leaf, at);
        self.insert_leaf(keys, leaf + 1, Run::of(keys, right.iter().copied()));
    }

    fn insert_leaf(&mut self, keys: &impl Keys, at: usize, leaf: Run) {
        let first = leaf.entries[0].slot;
        self.leaves.insert(at, leaf);
        let first = Entry {
            head: 0,
            slot: first,
        };
        self.firsts.entries.insert(at, first);
        if self.firsts.shared(keys) > self.firsts.prefix.len() {
            // What shortened the prefix is gone: without this it would be short for ever.
            self.firsts.renew(keys);
        } else {
            self.firsts.renew_at(keys, at);
        }
    }

    /// Repairs what follows from the size of a leaf and from its first slot, after one was taken
    /// out of it.
    fn shrunk(&mut self, keys: &impl Keys, leaf: usize, removed: usize) {
        let [this, rest @ ..] = &self.leaves[leaf..] else {
            return;
        };
        let next = rest.first().map_or(0, |next| next.entries.len());
        if this.entries.is_empty() {
            self.leaves.remove(leaf);
            self.firsts.entries.remove(leaf);
        } else if next > 0 && this.entries.len() + next <= LEAF / 2 {
            self.leaves[leaf] = Run::of(keys, this.slots().chain(rest[0].slots()));
            self.leaves.remove(leaf + 1);
            self.firsts.entries.remove(leaf + 1);
            self.first_changed(keys, leaf, removed);
        } else {
            self.first_changed(keys, leaf, removed);
        }
    }

    /// Takes note of a change at a place of a leaf.
    fn first_changed(&mut self, keys: &impl Keys, leaf: usize, at: usize) {
        if at == 0 {
            let first = self.leaves[leaf].entries[0].slot;
            self.firsts.entries[leaf].slot = first;
            self.firsts.renew_at(keys, leaf);
        }
    }
}

impl Run {
    /// Takes slots that are sorted.
    fn of(keys: &impl Keys, slots: impl IntoIterator<Item = Slot>) -> Self {
        let entries = slots.into_iter().map(|slot| Entry { head: 0, slot });
        let mut run = Self {
            prefix: Box::default(),
            entries: entries.collect(),
        };
        run.renew(keys);
        run
    }

    fn slots(&self) -> impl Iterator<Item = Slot> + '_ {
        self.entries.iter().map(|entry| entry.slot)
    }

    /// Behind everything that lies before what is looked for.
    fn place(&self, path: &[u8], is_before: impl Fn(Slot) -> bool) -> Place {
        let Some(rest) = path.strip_prefix(&*self.prefix) else {
            let behind = path > &*self.prefix;
            let at = if behind { self.entries.len() } else { 0 };
            return Place { at, head: None };
        };
        let head = head(rest);
        let at = self.entries.partition_point(|entry| entry.head < head);
        let same = &self.entries[at..];
        // Nearly always there is no other one with this head, or very few.
        let beyond = match same.get(SOME) {
            Some(entry) if entry.head == head => {
                same.partition_point(|entry| entry.head == head && is_before(entry.slot))
            }
            _ => {
                let is_behind = |entry: &Entry| entry.head > head || !is_before(entry.slot);
                same.iter().position(is_behind).unwrap_or(same.len())
            }
        };
        Place {
            at: at + beyond,
            head: Some(head),
        }
    }

    /// The place of a slot that is there.
    fn find(&self, path: &[u8], slot: Slot) -> usize {
        let head = head(&path[self.prefix.len()..]);
        let first = self.entries.partition_point(|entry| entry.head < head);
        let mut same = self.entries[first..].iter();
        let beyond = same.position(|entry| entry.slot == slot);
        first + beyond.expect("every live slot is in its leaf")
    }

    fn insert(&mut self, keys: &impl Keys, place: Place, slot: Slot) {
        let Place { at, head } = place;
        if self.entries.len() == self.entries.capacity() {
            let more = (self.entries.len() / 16).max(4);
            self.entries.reserve_exact(more);
        }
        let entry = Entry {
            head: head.unwrap_or_default(),
            slot,
        };
        self.entries.insert(at, entry);
        if head.is_none() {
            self.renew_at(keys, at);
        }
    }

    /// Computes the head of a slot that is new here.
    fn renew_at(&mut self, keys: &impl Keys, at: usize) {
        let entry = &mut self.entries[at];
        match keys.key(entry.slot).path.strip_prefix(&*self.prefix) {
            Some(rest) => entry.head = head(rest),
            None => self.renew(keys),
        }
    }

    /// Computes the prefix and all heads.
    fn renew(&mut self, keys: &impl Keys) {
        let shared = self.shared(keys);
        for entry in &mut self.entries {
            entry.head = head(&keys.key(entry.slot).path[shared..]);
        }
        if let Some(first) = self.entries.first() {
            self.prefix = keys.key(first.slot).path[..shared].into();
        }
    }

    /// How many bytes all paths share. They are sorted: it is what the outer two share.
    fn shared(&self, keys: &impl Keys) -> usize {
        let outer = self.entries.first().zip(self.entries.last());
        outer.map_or(0, |(first, last)| {
            common_prefix(keys.key(first.slot).path, keys.key(last.slot).path)
        })
    }
}

/// Four bytes at the start of what follows a prefix, as a number that ascends with it.
fn head(rest: &[u8]) -> u32 {
    if let Some(four) = rest.first_chunk() {
        return u32::from_be_bytes(*four);
    }
    let mut four = [0; 4];
    four[..rest.len()].copy_from_slice(rest);
    u32::from_be_bytes(four)
}

fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;

    use super::*;
    use crate::Random;
    use crate::crdt::ReplicaId;

    /// Slots that stand for themselves, in a form with long shared prefixes.
    struct Names(Vec<Vec<u8>>);

    impl Keys for Names {
        fn key(&self, slot: Slot) -> Key<'_> {
            Key {
                path: &self.0[slot as usize],
                dot: Dot::new(ReplicaId::default(), u64::from(slot)),
            }
        }
    }

    fn names(count: u32) -> Names {
        let name = |slot: u32| match slot % 3 {
            0 => alloc::format!("{slot:05}"),
            1 => alloc::format!("a long prefix {slot:08}"),
            _ => alloc::format!("a long prefix {}", "x".repeat(slot as usize % 400)),
        };
        Names((0..count).map(|slot| name(slot).into_bytes()).collect())
    }

    /// Random slots go in and out; the order is that of a sorted list at any time.
    #[test]
    fn it_stays_sorted() {
        let (mut random, names) = (Random::new(1), names(6_000));
        let mut order = Order::default();
        let mut model: BTreeSet<(&[u8], Slot)> = BTreeSet::new();
        for round in 0..60_000_u32 {
            let slot = Slot::try_from(random.below(6_000)).unwrap();
            let key = names.key(slot);
            let path = key.path;
            let is_there = model.contains(&(path, slot));
            // It grows first and shrinks afterwards.
            if is_there && random.below(60_000) < u64::from(round) {
                model.remove(&(path, slot));
                order.remove(&names, key, slot);
            } else if !is_there && random.below(60_000) > u64::from(round) {
                let twins = model.range((path, 0)..=(path, Slot::MAX)).count();
                let twin = order.insert(&names, key, slot);
                assert_eq!(twin.is_some(), twins > 0);
                assert!(twin.is_none_or(|twin| model.contains(&(path, twin))));
                model.insert((path, slot));
            }
            if round % 500 == 0 {
                assert!(order.iter().eq(model.iter().map(|entry| entry.1)));
                let behind = model.range((path, 0)..).map(|entry| entry.1);
                assert!(order.from(&names, path).eq(behind));
            }
        }
        assert!(model.len() < 1_000, "it did not shrink");
    }

    #[test]
    fn slots_in_order_fill_their_leaves() {
        let name = |slot: u32| slot.to_be_bytes().to_vec();
        let names = Names((0..5_000).map(name).collect());
        let mut order = Order::default();
        for slot in 0..5_000 {
            order.insert(&names, names.key(slot), slot);
        }
        assert_eq!(order.leaves.len(), 5_000_usize.div_ceil(LEAF));
    }
}
