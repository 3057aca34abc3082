//! Entries, and the hash that stands for everything before them.
//!
//! Two logs that agree at an index and term agree on all entries up to it: that is Log Matching,
//! and checking it entry by entry costs the length of the log. Here every entry carries a hash of
//! the log up to and including itself, so any two logs are compared at an index in one step.
//!
//! An entry does not carry its index: it is where it stands. That keeps what a log of millions
//! holds per entry to five words beside the payload.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// What an entry is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum EntryKind {
    /// Appended by a new leader, so that it can commit what earlier leaders left behind.
    NoOp,
    /// A command for the state machine.
    Command,
    /// A [`MembershipChange`](super::MembershipChange), encoded.
    Membership,
}

impl EntryKind {
    /// Every kind, in the order of their tags.
    const ALL: [Self; 3] = [Self::NoOp, Self::Command, Self::Membership];

    /// The number that stands for the kind, on the wire and in hashes.
    pub(super) const fn tag(self) -> u8 {
        self as u8
    }

    /// The kind of a tag, if there is one.
    pub(super) fn of_tag(tag: u8) -> Option<Self> {
        Self::ALL.get(usize::from(tag)).copied()
    }
}

/// How far the term is shifted to make room for the kind.
const KIND_BITS: u32 = 2;

/// One entry of the log. Cloning it shares the payload.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The term, shifted, and the tag of the kind.
    stamp: u64,
    payload: Arc<[u8]>,
    /// The halves of the prefix hash: a `u128` would be aligned to two words.
    prefix_hash: [u64; 2],
}

impl Entry {
    /// The entry whose predecessors hash to `previous_hash`, which is zero for the first entry.
    pub fn new(previous_hash: u128, term: u64, kind: EntryKind, payload: Arc<[u8]>) -> Self {
        let stamp = stamp(term, kind);
        let prefix_hash = chain(halves(previous_hash), stamp, &payload);
        Self {
            stamp,
            payload,
            prefix_hash,
        }
    }

    /// The term of the leader that appended it.
    pub fn term(&self) -> u64 {
        self.stamp >> KIND_BITS
    }

    /// What it is for.
    pub fn kind(&self) -> EntryKind {
        match self.stamp & ((1 << KIND_BITS) - 1) {
            0 => EntryKind::NoOp,
            1 => EntryKind::Command,
            _ => EntryKind::Membership,
        }
    }

    /// The command or the change; empty in a no-op.
    pub fn payload(&self) -> &Arc<[u8]> {
        &self.payload
    }

    /// The length of the payload in bytes.
    #[inline(always)]
    pub fn payload_bytes(&self) -> u64 {
        self.payload.len() as u64
    }

    /// The hash of the log up to and including this entry.
    pub fn prefix_hash(&self) -> u128 {
        whole(self.prefix_hash)
    }

    /// Whether the prefix hash is the one that follows from `previous_hash`.
    pub fn follows(&self, previous_hash: u128) -> bool {
        self.prefix_hash == chain(halves(previous_hash), self.stamp, &self.payload)
    }
}

#[expect(
    clippy::missing_fields_in_debug,
    reason = "term and kind say what the stamp says"
)]
impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("term", &self.term())
            .field("kind", &self.kind())
            .field("payload", &self.payload)
            .field("prefix_hash", &self.prefix_hash())
            .finish()
    }
}

/// Entries that follow each other, each hash from the one before: a piece of a log, wherever it
/// goes. It cannot be built from anything else, so nobody hashes again what was hashed once.
///
/// A copy shares the entries: the same batch goes to every follower and to the disk. A single
/// entry, the usual case of a group that is not busy, needs no list at all.
#[derive(Clone, Default)]
pub struct Entries {
    /// The prefix hash of what comes before the first.
    previous_hash: [u64; 2],
    batch: Batch,
}

#[derive(Clone, Default)]
enum Batch {
    #[default]
    None,
    One(Entry),
    Many {
        shared: Arc<[Entry]>,
        start: u32,
        end: u32,
    },
}

impl Entries {
    /// The entries after a log that hashes to `previous_hash`. Hashes all of them.
    ///
    /// # Errors
    ///
    /// The place, counted from zero, of the first entry that does not follow.
    pub fn new(previous_hash: u128, entries: Vec<Entry>) -> Result<Self, usize> {
        let mut hash = previous_hash;
        for (at, entry) in entries.iter().enumerate() {
            if !entry.follows(hash) {
                return Err(at);
            }
            hash = entry.prefix_hash();
        }
        Ok(Self::trusted(previous_hash, entries))
    }

    /// No entries, after a log that hashes to `previous_hash`.
    pub fn none(previous_hash: u128) -> Self {
        Self {
            previous_hash: halves(previous_hash),
            batch: Batch::None,
        }
    }

    /// One entry of a log.
    pub(super) fn one(previous_hash: u128, entry: Entry) -> Self {
        Self {
            previous_hash: halves(previous_hash),
            batch: Batch::One(entry),
        }
    }

    /// Entries that are known to follow each other.
    pub(super) fn trusted(previous_hash: u128, mut entries: Vec<Entry>) -> Self {
        let batch = match entries.len() {
            0 => Batch::None,
            1 => entries.pop().map_or(Batch::None, Batch::One),
            length => Batch::Many {
                shared: entries.into(),
                start: 0,
                end: to_u32(length),
            },
        };
        Self {
            previous_hash: halves(previous_hash),
            batch,
        }
    }

    /// The hash of the log before the first entry.
    pub fn previous_hash(&self) -> u128 {
        whole(self.previous_hash)
    }

    /// The same entries without the first `skipped` and with at most `length` of the others.
    pub(super) fn part(&self, skipped: usize, length: usize) -> Self {
        if skipped == 0 && length >= self.len() {
            return self.clone();
        }
        let skipped = skipped.min(self.len());
        let length = length.min(self.len() - skipped);
        let previous_hash = match skipped.checked_sub(1) {
            Some(last) => self[last].prefix_hash,
            None => self.previous_hash,
        };
        let batch = match (&self.batch, length) {
            (_, 0) => Batch::None,
            (_, 1) => Batch::One(self[skipped].clone()),
            (Batch::Many { shared, start, .. }, _) => Batch::Many {
                shared: Arc::clone(shared),
                start: start + to_u32(skipped),
                end: start + to_u32(skipped + length),
            },
            (Batch::None | Batch::One(_), _) => unreachable!("one entry has no part of two"),
        };
        Self {
            previous_hash,
            batch,
        }
    }

    /// How many bytes the payloads have together.
    #[inline(always)]
    pub fn payload_bytes(&self) -> u64 {
        self.iter().map(Entry::payload_bytes).sum()
    }

    /// How many of the first have at most so many payload bytes together; at least one.
    pub(super) fn fitting(&self, max_bytes: u64) -> usize {
        let mut bytes = 0;
        let fits = |entry: &&Entry| {
            bytes += entry.payload_bytes();
            bytes <= max_bytes
        };
        self.iter().take_while(fits).count().max(1).min(self.len())
    }
}

impl Deref for Entries {
    type Target = [Entry];

    #[inline(always)]
    fn deref(&self) -> &[Entry] {
        match &self.batch {
            Batch::None => &[],
            Batch::One(entry) => core::slice::from_ref(entry),
            Batch::Many { shared, start, end } => &shared[*start as usize..*end as usize],
        }
    }
}

impl PartialEq for Entries {
    fn eq(&self, other: &Self) -> bool {
        self.previous_hash == other.previous_hash && self[..] == other[..]
    }
}

impl Eq for Entries {}

impl fmt::Debug for Entries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

fn stamp(term: u64, kind: EntryKind) -> u64 {
    term << KIND_BITS | u64::from(kind.tag())
}

/// Odd constants without structure (the fractional parts of two square roots), so that equal
/// halves do not cancel.
const SALT: [u64; 2] = [0x6a09_e667_f3bc_c909, 0xbb67_ae85_84ca_a73b];

/// The XXH3-64 of the payload under the stamp, folded into the previous hash by two wide
/// multiplications. One pass over the payload and no buffer: this is done for every entry. The
/// chain has 128 bits, since it stands for whole logs; an entry has 64, since it is only ever
/// compared with another at the same place.
fn chain(previous: [u64; 2], stamp: u64, payload: &[u8]) -> [u64; 2] {
    let own = xxh3_64_with_seed(payload, stamp);
    [
        fold(previous[0] ^ own, previous[1] ^ SALT[0]),
        fold(previous[1] ^ own.rotate_left(32), previous[0] ^ SALT[1]),
    ]
}

/// The product of two words, its halves laid over each other.
fn fold(one: u64, other: u64) -> u64 {
    let [low, high] = halves(u128::from(one | 1) * u128::from(other | 1));
    low ^ high ^ one.rotate_left(23) ^ other
}

fn halves(value: u128) -> [u64; 2] {
    #[expect(clippy::cast_possible_truncation, reason = "the low half is meant")]
    let low = value as u64;
    [low, (value >> 64) as u64]
}

fn whole([low, high]: [u64; 2]) -> u128 {
    u128::from(high) << 64 | u128::from(low)
}

fn to_u32(length: usize) -> u32 {
    u32::try_from(length).expect("a batch has fewer entries than an append may have")
}

#[cfg(test)]
mod tests {
    use super::{Entries, Entry, EntryKind};
    use alloc::sync::Arc;
    use alloc::vec::Vec;

    #[test]
    fn an_entry_takes_five_words() {
        assert_eq!(size_of::<Entry>(), 40);
    }

    #[test]
    fn the_hash_depends_on_everything_before_and_on_every_field() {
        let payload = |text: &str| Arc::from(text.as_bytes());
        let entry = Entry::new(7, 2, EntryKind::Command, payload("x"));
        let others = [
            Entry::new(8, 2, EntryKind::Command, payload("x")),
            Entry::new(7 << 64, 2, EntryKind::Command, payload("x")),
            Entry::new(7, 3, EntryKind::Command, payload("x")),
            Entry::new(7, 2, EntryKind::Membership, payload("x")),
            Entry::new(7, 2, EntryKind::Command, payload("y")),
        ];
        for other in others {
            assert_ne!(entry.prefix_hash(), other.prefix_hash());
        }
        assert!(entry.follows(7));
        assert!(!entry.follows(8));
    }

    #[test]
    fn entries_that_do_not_follow_each_other_are_no_batch() {
        let entry = |hash| Entry::new(hash, 1, EntryKind::NoOp, Arc::default());
        let first = entry(0);
        let second = entry(first.prefix_hash());
        let list = |entries: &[&Entry]| entries.iter().copied().cloned().collect::<Vec<_>>();
        assert_eq!(Entries::new(0, list(&[&second])), Err(0));
        assert_eq!(Entries::new(0, list(&[&first, &first])), Err(1));
        assert_eq!(Entries::new(7, list(&[&first, &second])), Err(0));
        assert!(Entries::new(0, list(&[&first, &second])).is_ok());
    }

    #[test]
    fn a_part_of_a_batch_is_the_same_entries() {
        let mut hash = 0;
        let mut list = Vec::new();
        for term in 1..=5 {
            let entry = Entry::new(hash, term, EntryKind::NoOp, Arc::default());
            hash = entry.prefix_hash();
            list.push(entry);
        }
        let batch = Entries::new(0, list.clone()).unwrap();
        for skipped in 0..7 {
            for length in 0..7 {
                let end = (skipped + length).min(list.len());
                let expected = list.get(skipped..end).unwrap_or_default();
                assert_eq!(&batch.part(skipped, length)[..], expected);
                let inner = batch.part(1, 4).part(skipped, length);
                let expected: Vec<_> = list[1..].iter().skip(skipped).take(length).collect();
                assert_eq!(inner.iter().collect::<Vec<_>>(), expected);
            }
        }
    }
}
