//! Slots in the order of the paths they stand for.
//!
//! A balanced tree of boxed keys costs more than the keys, and every comparison on the way down
//! waits for another piece of memory. This is a tree of two levels: leaves of up to 512 slots, and a
//! list of leaves. Beside each slot lie four bytes of its path, those behind what the whole leaf
//! shares, so that nearly all comparisons are between neighbouring integers (*poor man's normalized
//! keys*: Graefe and Larson, *B-tree indexes and CPU caches*, 2001). Inserting moves at most one leaf
//! and one list of leaves, which stays fast up to some ten million slots.

use alloc::vec::Vec;
use core::cmp::Ordering;

/// A place in a table that is kept elsewhere.
pub(super) type Slot = u32;

/// What the slots stand for.
pub(super) trait Keys {
    /// The path in a slot, as bytes.
    fn path(&self, slot: Slot) -> &[u8];
}

/// The slots, sorted.
#[derive(Clone, Debug, Default)]
pub(super) struct Order {
    /// No leaf is empty.
    leaves: Vec<Leaf>,
    /// Of the first slots of the leaves.
    heads: Heads,
}

#[derive(Clone, Debug, Default)]
struct Leaf {
    slots: Vec<Slot>,
    heads: Heads,
}

/// A place between two slots, or before or behind all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    leaf: usize,
    at: usize,
}

/// What stands in for some sorted keys when they are compared.
#[derive(Clone, Debug, Default)]
struct Heads {
    /// How many bytes at the start all keys have in common, at least.
    shared: usize,
    /// The next four bytes of each, zeros behind the end. Ascending with the keys.
    heads: Vec<u32>,
}

const LEAF: usize = 512;

impl Order {
    /// The place before the first slot that is not less. Among equal paths `tie` says how a slot
    /// stands to what is looked for.
    pub(super) fn lower_bound(
        &self,
        keys: &impl Keys,
        path: &[u8],
        tie: impl Fn(Slot) -> Ordering,
    ) -> Place {
        let compare = |slot: Slot| keys.path(slot).cmp(path).then_with(|| tie(slot));
        let Some(first) = self.leaves.first() else {
            return Place::default();
        };
        let prefix = keys.path(first.slots[0]);
        let first_of = |leaf: usize| compare(self.leaves[leaf].slots[0]);
        let leaf = self.heads.less(prefix, path, first_of).saturating_sub(1);
        let Leaf { slots, heads } = &self.leaves[leaf];
        let at = heads.less(keys.path(slots[0]), path, |at| compare(slots[at]));
        Place { leaf, at }
    }

    /// The slot behind a place.
    pub(super) fn after(&self, place: Place) -> Option<Slot> {
        let leaf = self.leaves.get(place.leaf)?;
        match leaf.slots.get(place.at) {
            Some(&slot) => Some(slot),
            None => self.leaves.get(place.leaf + 1).map(|next| next.slots[0]),
        }
    }

    /// The slot before a place.
    pub(super) fn before(&self, place: Place) -> Option<Slot> {
        if place.at > 0 {
            return Some(self.leaves[place.leaf].slots[place.at - 1]);
        }
        let previous = place.leaf.checked_sub(1)?;
        self.leaves[previous].slots.last().copied()
    }

    /// Puts a slot at a place.
    pub(super) fn insert(&mut self, keys: &impl Keys, place: Place, slot: Slot) {
        let Place { leaf, at } = self.make_room(keys, place);
        self.leaves[leaf].insert(keys, at, slot);
        if at == 0 {
            self.first_changed(keys, leaf);
        }
    }

    /// Takes out the slot behind a place.
    pub(super) fn remove(&mut self, keys: &impl Keys, place: Place) {
        let Place { mut leaf, mut at } = place;
        if self.leaves[leaf].slots.len() == at {
            (leaf, at) = (leaf + 1, 0);
        }
        let Leaf { slots, heads } = &mut self.leaves[leaf];
        slots.remove(at);
        heads.heads.remove(at);
        if slots.is_empty() {
            self.leaves.remove(leaf);
            self.heads.heads.remove(leaf);
            return;
        }
        if at == 0 {
            self.first_changed(keys, leaf);
        }
        self.merge_with_next(keys, leaf);
    }

    /// The slots from a place on.
    pub(super) fn from(&self, place: Place) -> impl Iterator<Item = Slot> + Clone + '_ {
        let (first, rest) = match self.leaves.get(place.leaf..) {
            Some([first, rest @ ..]) => (&first.slots[place.at..], rest),
            _ => (&[][..], &[][..]),
        };
        let rest = rest.iter().flat_map(|leaf| &leaf.slots);
        first.iter().chain(rest).copied()
    }

    /// Splits the leaf of a place if it is full. Returns where the place is then.
    fn make_room(&mut self, keys: &impl Keys, place: Place) -> Place {
        let Place { leaf, at } = place;
        let count = self.leaves.len();
        let Some(full) = self.leaves.get_mut(leaf) else {
            self.leaves.push(Leaf::default());
            self.heads.heads.push(0);
            return place;
        };
        if full.slots.len() < LEAF {
            return place;
        }
        if at == LEAF && leaf + 1 == count {
            // Slots that come in order fill their leaves instead of leaving them half empty.
            self.leaves.push(Leaf::default());
            self.heads.heads.push(0);
            let leaf = leaf + 1;
            return Place { leaf, at: 0 };
        }
        let right = full.slots.split_off(LEAF / 2);
        *full = Leaf::of(keys, core::mem::take(&mut full.slots));
        self.leaves.insert(leaf + 1, Leaf::of(keys, right));
        self.heads.heads.insert(leaf + 1, 0);
        self.first_changed(keys, leaf + 1);
        match at.checked_sub(LEAF / 2) {
            None | Some(0) => place,
            Some(at) => Place { leaf: leaf + 1, at },
        }
    }

    fn merge_with_next(&mut self, keys: &impl Keys, leaf: usize) {
        let small = |next: &Leaf| self.leaves[leaf].slots.len() + next.slots.len() <= LEAF / 2;
        if self.leaves.get(leaf + 1).is_some_and(small) {
            let next = self.leaves.remove(leaf + 1);
            self.heads.heads.remove(leaf + 1);
            let mut slots = core::mem::take(&mut self.leaves[leaf].slots);
            slots.extend(next.slots);
            self.leaves[leaf] = Leaf::of(keys, slots);
        }
    }

    fn first_changed(&mut self, keys: &impl Keys, leaf: usize) {
        let leaves = &self.leaves;
        let first = |at: usize| keys.path(leaves[at].slots[0]);
        self.heads.changed(leaf, leaves.len(), first);
    }
}

impl Leaf {
    fn of(keys: &impl Keys, mut slots: Vec<Slot>) -> Self {
        slots.shrink_to_fit();
        let heads = Heads::of(slots.len(), |at| keys.path(slots[at]));
        Self { slots, heads }
    }

    fn insert(&mut self, keys: &impl Keys, at: usize, slot: Slot) {
        let Self { slots, heads } = self;
        if slots.len() == slots.capacity() {
            let more = (slots.len() / 4).max(4);
            slots.reserve_exact(more);
            heads.heads.reserve_exact(more);
        }
        slots.insert(at, slot);
        heads.heads.insert(at, 0);
        heads.changed(at, slots.len(), |at| keys.path(slots[at]));
    }
}

impl Heads {
    /// The heads of so many sorted keys.
    fn of<'a>(len: usize, key: impl Fn(usize) -> &'a [u8]) -> Self {
        let Some(last) = len.checked_sub(1) else {
            return Self::default();
        };
        // The keys are sorted: what the outer two share, all share.
        let shared = common_prefix(key(0), key(last));
        Self {
            shared,
            heads: (0..len).map(|at| head(key(at), shared)).collect(),
        }
    }

    /// How many keys are less than the target, given one of the keys and how any of them compares.
    fn less(&self, key: &[u8], target: &[u8], compare: impl Fn(usize) -> Ordering) -> usize {
        let prefix = &key[..self.shared];
        if !target.starts_with(prefix) {
            return match prefix.cmp(target) {
                Ordering::Less => self.heads.len(),
                _ => 0,
            };
        }
        let wanted = head(target, self.shared);
        let mut low = self.heads.partition_point(|&head| head < wanted);
        let mut high = low + self.heads[low..].partition_point(|&head| head == wanted);
        while low < high {
            let middle = low.midpoint(high);
            match compare(middle) {
                Ordering::Less => low = middle + 1,
                _ => high = middle,
            }
        }
        low
    }

    /// Takes note of a new key. Its place among the heads is there already.
    fn changed<'a>(&mut self, at: usize, len: usize, key: impl Fn(usize) -> &'a [u8]) {
        let new = key(at);
        let other = if at == 0 { len - 1 } else { 0 };
        if len == 1 {
            self.shared = new.len();
        } else if !new.starts_with(&key(other)[..self.shared]) {
            *self = Self::of(len, key);
            return;
        }
        self.heads[at] = head(new, self.shared);
    }
}

/// Four bytes of a key, as a number that ascends with the key.
fn head(key: &[u8], shared: usize) -> u32 {
    let rest = &key[shared..];
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
    use super::*;
    use crate::Random;

    /// Slots that stand for themselves, in a form with long shared prefixes.
    struct Names(Vec<Vec<u8>>);

    impl Keys for Names {
        fn path(&self, slot: Slot) -> &[u8] {
            &self.0[slot as usize]
        }
    }

    fn names(count: u32) -> Names {
        let name = |slot: u32| match slot % 3 {
            0 => alloc::format!("{slot:05}"),
            1 => alloc::format!("a long prefix {slot:08}"),
            _ => alloc::format!("a long prefix {}", "x".repeat(slot as usize % 40)),
        };
        Names((0..count).map(|slot| name(slot).into_bytes()).collect())
    }

    /// Random slots go in and out; the order is that of a sorted list at any time.
    #[test]
    fn it_stays_sorted() {
        let (mut random, names) = (Random::new(1), names(6_000));
        let mut order = Order::default();
        let mut model: Vec<(&[u8], Slot)> = Vec::new();
        for round in 0..60_000_u32 {
            let slot = Slot::try_from(random.below(6_000)).unwrap();
            let path = names.path(slot);
            let place = order.lower_bound(&names, path, |other| other.cmp(&slot));
            let at = model.partition_point(|&other| other < (path, slot));
            let slot_at = |at: usize| model.get(at).map(|entry| entry.1);
            assert_eq!(order.after(place), slot_at(at));
            assert_eq!(order.before(place), at.checked_sub(1).and_then(slot_at));
            // It grows first and shrinks afterwards.
            let there = slot_at(at) == Some(slot);
            if there && random.below(60_000) < u64::from(round) {
                order.remove(&names, place);
                model.remove(at);
            } else if !there && random.below(60_000) > u64::from(round) {
                order.insert(&names, place, slot);
                model.insert(at, (path, slot));
            }
            if round % 1_000 == 0 {
                let all = order.from(Place::default());
                assert!(all.eq(model.iter().map(|entry| entry.1)));
            }
        }
    }

    #[test]
    fn slots_in_order_fill_their_leaves() {
        let names = Names(
            (0..5_000_u32)
                .map(|slot| slot.to_be_bytes().to_vec())
                .collect(),
        );
        let mut order = Order::default();
        for slot in 0..5_000 {
            let place = order.lower_bound(&names, names.path(slot), |_| Ordering::Equal);
            order.insert(&names, place, slot);
        }
        assert_eq!(order.leaves.len(), 5_000_usize.div_ceil(LEAF));
    }
}
