//! Values by index, in chunks that copies share.
//!
//! An observer is copied with its world whenever a checkpoint is taken. What it knows of a long log
//! is nearly all old and never changes, so it stands in chunks behind shared pointers: a copy costs
//! a pointer per chunk, and a change of something old (there is hardly any) copies one chunk.

use std::collections::VecDeque;
use std::sync::Arc;

/// How many values a chunk has.
const CHUNK: usize = 512;

/// Values at consecutive indices from 1, of which the first may be forgotten.
#[derive(Clone, Debug)]
pub(crate) struct Chunks<T> {
    /// How many values came before the first chunk: a multiple of the chunk's size.
    dropped: u64,
    full: VecDeque<Arc<[T]>>,
    /// The values after the last full chunk; fewer than a chunk.
    open: Vec<T>,
    /// Up to here nothing is known any more.
    forgotten: u64,
}

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Self {
            dropped: 0,
            full: VecDeque::new(),
            open: Vec::new(),
            forgotten: 0,
        }
    }
}

impl<T: Clone> Chunks<T> {
    /// The last index; zero if there is none.
    #[inline]
    pub(crate) fn last_index(&self) -> u64 {
        self.dropped + (self.full.len() * CHUNK + self.open.len()) as u64
    }

    /// Up to here nothing is known any more.
    pub(crate) fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// The last value.
    #[inline]
    pub(crate) fn last(&self) -> Option<&T> {
        self.open
            .last()
            .or_else(|| self.full.back().and_then(|chunk| chunk.last()))
    }

    /// The value at an index from 1, unless it is forgotten or not there yet. O(1).
    #[inline]
    pub(crate) fn get(&self, index: u64) -> Option<&T> {
        let place = self.place(index)?;
        let (chunk, slot) = (place / CHUNK, place % CHUNK);
        match self.full.get(chunk) {
            Some(chunk) => chunk.get(slot),
            None => self.open.get(place - self.full.len() * CHUNK),
        }
    }

    /// The same, to be changed. Copies a chunk that is shared with another copy.
    pub(crate) fn get_mut(&mut self, index: u64) -> Option<&mut T> {
        let place = self.place(index)?;
        let full = self.full.len() * CHUNK;
        if place >= full {
            return self.open.get_mut(place - full);
        }
        Arc::make_mut(&mut self.full[place / CHUNK]).get_mut(place % CHUNK)
    }

    /// Adds the value at the next index.
    pub(crate) fn push(&mut self, value: T) {
        self.open.push(value);
        if self.open.len() == CHUNK {
            let chunk = std::mem::replace(&mut self.open, Vec::with_capacity(CHUNK));
            self.full.push_back(Arc::from(chunk));
        }
    }

    /// Nobody asks for indices up to this one any more.
    pub(crate) fn forget(&mut self, upto: u64) {
        self.forgotten = self.forgotten.max(upto.min(self.last_index()));
        while self.dropped + CHUNK as u64 <= self.forgotten && self.full.pop_front().is_some() {
            self.dropped += CHUNK as u64;
        }
    }

    /// The highest index whose value, and so that of all before it, is `wanted`: zero, or what is
    /// forgotten, if there is none. O(log n).
    pub(crate) fn partition_point(&self, wanted: impl Fn(&T) -> bool) -> u64 {
        let (mut low, mut high) = (self.forgotten, self.last_index());
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            if self.get(middle).is_some_and(&wanted) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        low
    }

    fn place(&self, index: u64) -> Option<usize> {
        if index <= self.forgotten {
            return None;
        }
        usize::try_from(index - 1 - self.dropped).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_changed_and_forgotten_by_index() {
        let mut chunks = Chunks::default();
        for value in 1..=2_000_u64 {
            chunks.push(value);
        }
        let copy = chunks.clone();
        *chunks.get_mut(3).unwrap() = 33;
        assert_eq!((chunks.get(3), copy.get(3)), (Some(&33), Some(&3)));
        assert_eq!((chunks.get(0), chunks.get(2_001)), (None, None));
        assert_eq!(
            (chunks.get(2_000), chunks.last()),
            (Some(&2_000), Some(&2_000))
        );
        chunks.forget(1_100);
        assert_eq!((chunks.get(1_100), chunks.get(1_101)), (None, Some(&1_101)));
        assert_eq!(chunks.full.len(), 1);
        assert_eq!(chunks.last_index(), 2_000);
        assert_eq!(chunks.partition_point(|value| *value <= 1_500), 1_500);
        assert_eq!(chunks.partition_point(|value| *value <= 7), 1_100);
    }
}
