//! A hash table for a hundred million look-ups.
//!
//! The search asks for every transition whether it has been there. Keys are exact, not hashes of
//! states: a search that forgets a state because two of them hash alike is not exhaustive. A
//! sorted map costs twenty cache misses per question where this one costs one or two.

/// A map from 128-bit keys; it only grows.
#[derive(Debug)]
pub(crate) struct Table<V> {
    /// A power of two of slots, at most three quarters full. Linear probing.
    slots: Vec<(u128, V)>,
    len: usize,
}

/// Numbers in the order in which keys were first seen.
#[derive(Debug)]
pub(crate) struct Interner {
    numbers: Table<u32>,
    keys: Vec<u128>,
}

/// Marks a free slot; no key has this value.
const FREE: u128 = u128::MAX;
const FIRST_SLOTS: usize = 1 << 10;

impl<V: Copy + Default> Table<V> {
    /// An empty table.
    pub(crate) fn new() -> Self {
        Self {
            slots: vec![(FREE, V::default()); FIRST_SLOTS],
            len: 0,
        }
    }

    /// How many keys it has.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: u128) -> Option<V> {
        let (found, value) = self.slots[self.slot_of(key)];
        (found == key).then_some(value)
    }

    /// Adds a key; `false`, and nothing changes, if it is there.
    pub(crate) fn insert(&mut self, key: u128, value: V) -> bool {
        debug_assert_ne!(key, FREE, "no key looks like a free slot");
        let slot = self.slot_of(key);
        if self.slots[slot].0 == key {
            return false;
        }
        self.slots[slot] = (key, value);
        self.len += 1;
        if self.len * 4 > self.slots.len() * 3 {
            self.grow();
        }
        true
    }

    fn grow(&mut self) {
        let larger = vec![(FREE, V::default()); self.slots.len() * 2];
        let smaller = std::mem::replace(&mut self.slots, larger);
        for (key, value) in smaller.into_iter().filter(|slot| slot.0 != FREE) {
            let slot = self.slot_of(key);
            self.slots[slot] = (key, value);
        }
    }

    /// Where the key is, or would be.
    fn slot_of(&self, key: u128) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = spread(key) & mask;
        while self.slots[slot].0 != key && self.slots[slot].0 != FREE {
            slot = (slot + 1) & mask;
        }
        slot
    }
}

impl Interner {
    /// Without keys.
    pub(crate) fn new() -> Self {
        Self {
            numbers: Table::new(),
            keys: Vec::new(),
        }
    }

    /// The number of a key.
    pub(crate) fn number(&mut self, key: u128) -> u32 {
        if let Some(number) = self.numbers.get(key) {
            return number;
        }
        let number = u32::try_from(self.keys.len()).expect("the bounds are small");
        self.numbers.insert(key, number);
        self.keys.push(key);
        number
    }

    /// The key of a number.
    pub(crate) fn key(&self, number: u32) -> u128 {
        self.keys[number as usize]
    }
}

/// Neighbouring keys land far apart: two rounds of multiply and fold.
#[allow(
    clippy::cast_possible_truncation,
    reason = "both halves are taken, and a slot is a truncated hash"
)]
fn spread(key: u128) -> usize {
    let mut word = (key as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ ((key >> 64) as u64).wrapping_mul(0xc2b2_ae3d_27d4_eb4f);
    word ^= word >> 32;
    word = word.wrapping_mul(0xd6e8_feb8_6659_fd93);
    (word ^ (word >> 29)) as usize
}

#[test]
fn a_table_finds_what_was_put_in_while_it_grows() {
    let mut interner = Interner::new();
    let key = |number: u32| u128::from(number) << 64 | u128::from(number % 7);
    for number in (0..5_000).chain(0..5_000) {
        assert_eq!(interner.number(key(number)), number);
        assert_eq!(interner.key(number), key(number));
    }
    assert_eq!(interner.numbers.len(), 5_000);
    assert_eq!(interner.numbers.get(key(5_000)), None);
}
