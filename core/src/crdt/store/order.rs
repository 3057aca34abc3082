//! Slots in the order of what they stand for.
//!
//! A balanced tree of boxed keys costs more than the keys. This is a tree of two levels: leaves of
//! up to 512 slot numbers, four bytes each, and a list of leaves. The order itself is a closure,
//! because the keys lie elsewhere. Inserting moves at most one leaf and one list of leaves, which
//! stays fast up to some ten million slots.

use alloc::vec::Vec;
use core::cmp::Ordering;

/// A slot number in a table that is kept elsewhere.
pub(super) type Slot = u32;

/// The slots, sorted.
#[derive(Clone, Debug, Default)]
pub(super) struct Order {
    /// No leaf is empty.
    leaves: Vec<Vec<Slot>>,
}

/// A place between two slots, or before or behind all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    leaf: usize,
    at: usize,
}

const LEAF: usize = 512;

impl Order {
    /// The place before the first slot that is not less. `compare` says how a slot stands to what
    /// is looked for.
    pub(super) fn lower_bound(&self, compare: impl Fn(Slot) -> Ordering) -> Place {
        let less = |&slot: &Slot| compare(slot) == Ordering::Less;
        let leaf = self
            .leaves
            .partition_point(|leaf| less(&leaf[0]))
            .saturating_sub(1);
        let at = match self.leaves.get(leaf) {
            Some(slots) => slots.partition_point(less),
            None => 0,
        };
        Place { leaf, at }
    }

    /// The slot behind a place.
    pub(super) fn after(&self, place: Place) -> Option<Slot> {
        let leaf = self.leaves.get(place.leaf)?;
        match leaf.get(place.at) {
            Some(&slot) => Some(slot),
            None => self.leaves.get(place.leaf + 1).map(|next| next[0]),
        }
    }

    /// The slot before a place.
    pub(super) fn before(&self, place: Place) -> Option<Slot> {
        if place.at > 0 {
            return Some(self.leaves[place.leaf][place.at - 1]);
        }
        let previous = place.leaf.checked_sub(1)?;
        self.leaves[previous].last().copied()
    }

    /// Puts a slot at a place.
    pub(super) fn insert(&mut self, place: Place, slot: Slot) {
        let Place { mut leaf, mut at } = place;
        if self.leaves.is_empty() {
            self.leaves.push(Vec::new());
        }
        if self.leaves[leaf].len() == LEAF {
            // Slots that come in order fill their leaves instead of leaving them half empty.
            let appended = at == LEAF && leaf + 1 == self.leaves.len();
            let split = if appended { LEAF } else { LEAF / 2 };
            let right = self.leaves[leaf].split_off(split);
            self.leaves.insert(leaf + 1, right);
            if at >= split && (appended || at > split) {
                leaf += 1;
                at -= split;
            }
        }
        let slots = &mut self.leaves[leaf];
        if slots.len() == slots.capacity() {
            slots.reserve_exact((slots.len() / 4).max(4));
        }
        slots.insert(at, slot);
    }

    /// Takes out the slot behind a place.
    pub(super) fn remove(&mut self, place: Place) {
        let Place { mut leaf, mut at } = place;
        if self.leaves[leaf].len() == at {
            leaf += 1;
            at = 0;
        }
        self.leaves[leaf].remove(at);
        if self.leaves[leaf].is_empty() {
            self.leaves.remove(leaf);
        } else if let Some(next) = self.leaves.get(leaf + 1)
            && self.leaves[leaf].len() + next.len() <= LEAF / 2
        {
            let next = self.leaves.remove(leaf + 1);
            self.leaves[leaf].extend(next);
        }
    }

    /// The slots from a place on.
    pub(super) fn from(&self, place: Place) -> impl Iterator<Item = Slot> + Clone + '_ {
        let (first, rest) = match self.leaves.get(place.leaf..) {
            Some([first, rest @ ..]) => (&first[place.at..], rest),
            _ => (&[][..], &[][..]),
        };
        first.iter().chain(rest.iter().flatten()).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Random;

    /// Random slots go in and out; the order is that of a sorted list at any time.
    #[test]
    fn it_stays_sorted() {
        let mut random = Random::new(1);
        let mut order = Order::default();
        let mut model: Vec<Slot> = Vec::new();
        for round in 0..20_000_u32 {
            let slot = Slot::try_from(random.below(5_000)).unwrap();
            let place = order.lower_bound(|other| other.cmp(&slot));
            let at = model.partition_point(|&other| other < slot);
            assert_eq!(order.after(place), model.get(at).copied());
            assert_eq!(
                order.before(place),
                at.checked_sub(1).map(|before| model[before])
            );
            if model.get(at) == Some(&slot) {
                order.remove(place);
                model.remove(at);
            } else {
                order.insert(place, slot);
                model.insert(at, slot);
            }
            if round % 1_000 == 0 {
                let all = order.from(order.lower_bound(|_| Ordering::Greater));
                assert!(all.eq(model.iter().copied()));
                assert!(
                    order.from(place).eq(model[at..].iter().copied())
                        || model.get(at) != Some(&slot)
                );
            }
        }
        for slot in 5_000..10_000 {
            let place = order.lower_bound(|other| other.cmp(&slot));
            order.insert(place, slot);
        }
        let full = order.leaves.iter().filter(|leaf| leaf.len() == LEAF);
        assert!(full.count() >= 8, "slots in order fill their leaves");
    }
}
