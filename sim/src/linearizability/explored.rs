//! What the search has been through: configurations, and which of them make another pointless.
//!
//! A configuration is the set of answered operations that have been put in order, the state they led
//! to, and the operations of unknown outcome that were used on the way. Of two that differ in the last
//! only, the one that used fewer can do all that the other can: so for each of the first two only
//! the smallest sets of the third are kept (an antichain), and a superset is not searched.

use std::collections::BTreeMap;
use std::rc::Rc;

/// The set of answered operations that are in order, and the state: the place of the first that is
/// missing, the state, and 64 operations a word from the word of the first missing one on.
pub(super) type Ordered = Rc<[u64]>;
/// A set of operations of unknown outcome, 64 a word, without zeros at the end.
pub(super) type Used = Rc<[u64]>;

/// The configurations seen so far.
#[derive(Debug, Default)]
pub(super) struct Explored {
    /// Never iterated over.
    seen: BTreeMap<Ordered, Antichain>,
}

/// Sets none of which contains another. Nearly always there is one.
#[derive(Debug)]
struct Antichain {
    first: Used,
    rest: Vec<Used>,
}

impl Explored {
    /// Remembers a configuration and returns its key, or `None` if it is pointless: seen before, or
    /// with fewer operations of unknown outcome.
    pub(super) fn insert(&mut self, ordered: &[u64], used: &Used) -> Option<Ordered> {
        if let Some(known) = self.seen.get_mut(ordered) {
            if known.contains_subset_of(used) {
                return None;
            }
            known.rest.push(Rc::clone(used));
            return Some(ordered.into());
        }
        let key: Ordered = ordered.into();
        let known = Antichain {
            first: Rc::clone(used),
            rest: Vec::new(),
        };
        self.seen.insert(Rc::clone(&key), known);
        Some(key)
    }
}

impl Antichain {
    fn contains_subset_of(&self, used: &Used) -> bool {
        is_subset(&self.first, used) || self.rest.iter().any(|known| is_subset(known, used))
    }
}

fn is_subset(small: &Used, large: &Used) -> bool {
    // Without zeros at the end, the longer one has something that the shorter one lacks.
    small.len() <= large.len() && small.iter().zip(large.iter()).all(|(s, l)| s & !l == 0)
}

/// Whether an operation is in the set.
pub(super) fn contains(used: &Used, operation: usize) -> bool {
    used.get(operation / 64)
        .is_some_and(|word| word >> (operation % 64) & 1 == 1)
}

/// The set with one operation more.
pub(super) fn with(used: &Used, operation: usize) -> Used {
    let mut words = used.to_vec();
    if words.len() <= operation / 64 {
        words.resize(operation / 64 + 1, 0);
    }
    words[operation / 64] |= 1 << (operation % 64);
    words.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(operations: &[usize]) -> Used {
        let empty: Used = Rc::from([]);
        operations.iter().fold(empty, |set, &one| with(&set, one))
    }

    #[test]
    fn a_superset_is_pointless_and_another_set_is_not() {
        let mut explored = Explored::default();
        assert!(explored.insert(&[1, 2], &used(&[3])).is_some());
        assert!(explored.insert(&[1, 2], &used(&[3])).is_none());
        assert!(explored.insert(&[1, 2], &used(&[3, 70])).is_none());
        assert!(explored.insert(&[1, 2], &used(&[70])).is_some());
        assert!(explored.insert(&[1, 2], &used(&[4, 70])).is_none());
        assert!(explored.insert(&[1, 3], &used(&[3])).is_some());
        assert!(contains(&used(&[3, 70]), 70) && !contains(&used(&[3]), 70));
    }
}
