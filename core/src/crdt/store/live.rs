//! What is live, by dot and by path.
//!
//! [`Dots`] holds the dots, [`Order`] their slots in the order of paths. Together that is some 40
//! bytes per dot beyond its path and payload, where two trees of boxed keys take three times as much.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::dots::{Dots, Found, Live};
use super::order::{Key, Order, Slot};
use crate::crdt::{Dot, Path, PathRef, ReplicaId};

/// The live dots.
#[derive(Clone, Debug, Default)]
pub(super) struct LiveSet {
    dots: Dots,
    /// The slots of all live dots, by path and dot.
    order: Order,
    /// How many paths there are in `order`.
    paths: usize,
    /// Bytes of all paths and payloads.
    content: usize,
    /// Sum of the hashes of all dots, so that equal states are recognised in O(1).
    hash: u64,
}

/// What taking a dot out left behind.
pub(super) enum Removal {
    /// The dot was not live.
    Nothing,
    /// Another dot is live at its path.
    Superseded,
    /// It was the last one at its path.
    Vanished(Path),
}

impl LiveSet {
    pub(super) fn len(&self) -> usize {
        self.dots.len()
    }

    pub(super) fn paths(&self) -> usize {
        self.paths
    }

    pub(super) fn content(&self) -> usize {
        self.content
    }

    pub(super) fn hash(&self) -> u64 {
        self.hash
    }

    /// All dots, by path and dot.
    pub(super) fn iter(&self) -> impl Iterator<Item = Live<'_>> + Clone + '_ {
        self.order.iter().map(|slot| self.dots.get(slot))
    }

    /// All dots, by dot.
    pub(super) fn by_dot(&self) -> impl Iterator<Item = Live<'_>> + Clone + '_ {
        self.dots.iter()
    }

    /// The names of all dots, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = Dot> + '_ {
        self.dots.names()
    }

    /// Every path that something is live at, once and in order.
    pub(super) fn distinct_paths(&self) -> impl Iterator<Item = PathRef<'_>> + '_ {
        let mut previous = None;
        self.order.iter().filter_map(move |slot| {
            let path = self.dots.path(slot);
            // Only one of a crowd can have the path of the one before.
            let again = self.dots.is_crowded(slot) && previous == Some(path);
            previous = Some(path);
            (!again).then_some(path)
        })
    }

    /// The dots of a replica whose counters lie above `since`, by counter.
    pub(super) fn above(
        &self,
        replica: ReplicaId,
        since: u64,
    ) -> impl Iterator<Item = Live<'_>> + Clone + '_ {
        self.dots.above(replica, since)
    }

    /// The dots at and under a path, by path and dot.
    pub(super) fn under<'a>(
        &'a self,
        path: PathRef<'a>,
    ) -> impl Iterator<Item = Live<'a>> + Clone + 'a {
        self.from(path)
            .take_while(move |live| live.path.is_under(path))
    }

    /// The dots from a path on, by path and dot.
    pub(super) fn from<'a>(
        &'a self,
        path: PathRef<'_>,
    ) -> impl Iterator<Item = Live<'a>> + Clone + use<'a> {
        let slots = self.order.from(&self.dots, path.as_bytes());
        slots.map(|slot| self.dots.get(slot))
    }

    /// The dot, if it is live.
    pub(super) fn get(&self, dot: Dot) -> Option<Live<'_>> {
        self.dots.find(dot).map(|found| self.dots.get(found.slot))
    }

    /// Adds a dot whose counter lies above all that its replica ever had here. Says whether it is
    /// the only one at its path.
    pub(super) fn insert(&mut self, live: Live<'_>) -> bool {
        let slot = self.dots.insert(live);
        let twin = self.order.insert(&self.dots, key(live), slot);
        match twin {
            Some(twin) => self.dots.crowd([twin, slot]),
            None => self.paths += 1,
        }
        self.content += content(live);
        self.hash = self.hash.wrapping_add(hash(live));
        twin.is_none()
    }

    /// Adds a dot as [`insert`](Self::insert) does, in place of those at its path that it kills.
    /// Says whether there was nothing at its path before.
    ///
    /// One that takes the place of another has its place in the order, too: no search, no move.
    pub(super) fn put(
        &mut self,
        live: Live<'_>,
        kills: &[Dot],
        mut killed: impl FnMut(Dot),
    ) -> bool {
        for &dot in kills {
            let Some(found) = self.find_at(dot, live.path) else {
                continue;
            };
            killed(dot);
            if !self.dots.is_crowded(found.slot) {
                self.replace(found, live);
                return false;
            }
            self.take_out(found.slot);
        }
        self.insert(live)
    }

    /// Takes a dot out if it is live. Most of the time its path is the one that its killer names;
    /// then that is shared in place of a copy.
    pub(super) fn remove(&mut self, dot: Dot, killed_under: &Path) -> Removal {
        let Some(Found { slot, .. }) = self.dots.find(dot) else {
            return Removal::Nothing;
        };
        let path = self.dots.path(slot);
        let removal = if self.dots.is_crowded(slot) {
            Removal::Superseded
        } else if path == killed_under.as_ref() {
            Removal::Vanished(killed_under.clone())
        } else {
            Removal::Vanished(path.to_path())
        };
        self.take_out(slot);
        removal
    }

    /// Where a dot is, if it is live at this path.
    fn find_at(&self, dot: Dot, path: PathRef<'_>) -> Option<Found> {
        let found = self.dots.find(dot)?;
        (self.dots.path(found.slot) == path).then_some(found)
    }

    /// Puts a dot in the place of the only one at its path.
    fn replace(&mut self, old: Found, live: Live<'_>) {
        let dead = self.dots.get(old.slot);
        self.content = self.content - content(dead) + content(live);
        self.hash = self.hash.wrapping_sub(hash(dead)).wrapping_add(hash(live));
        self.dots.replace(old, live);
    }

    fn take_out(&mut self, slot: Slot) {
        let live = self.dots.get(slot);
        self.order.remove(&self.dots, key(live), slot);
        self.content -= content(live);
        self.hash = self.hash.wrapping_sub(hash(live));
        if self.dots.is_crowded(slot) {
            let rest = self.order.from(&self.dots, live.path.as_bytes());
            let mut rest = rest.take_while(|&other| self.dots.path(other) == live.path);
            if let (Some(last), None) = (rest.next(), rest.next()) {
                self.dots.uncrowd(last);
            }
        } else {
            self.paths -= 1;
        }
        self.dots.remove(slot);
    }
}

fn key(live: Live<'_>) -> Key<'_> {
    Key {
        path: live.path.as_bytes(),
        dot: live.dot,
    }
}

fn content(live: Live<'_>) -> usize {
    live.path.as_bytes().len() + live.payload.len()
}

fn hash(live: Live<'_>) -> u64 {
    let ReplicaId { node, incarnation } = live.dot.replica;
    let maker = node.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ incarnation.rotate_left(32);
    let name = maker.wrapping_add(live.dot.counter.wrapping_mul(0xd6e8_feb8_6659_fd93));
    let place = xxh3_64_with_seed(live.path.as_bytes(), name);
    if live.payload.is_empty() {
        return place;
    }
    xxh3_64_with_seed(live.payload, place)
}
