//! The causal context: which events have been seen.

use alloc::vec::Vec;
use core::fmt;

use super::{Dot, ReplicaId};

/// A prefix of the events of every replica.
///
/// Contains `(r, n)` for every `n <= get(r)`. It is enough to know which events a replica has
/// seen because nobody ever holds an event without all earlier ones of its maker; a set with gaps
/// would need a cloud of single dots beside it.
///
/// Comparison is by inclusion, so it is partial: use [`covers`](Self::covers).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct VersionVector {
    /// Sorted by replica; no entry is zero. Equal vectors are therefore equal byte for byte.
    entries: Vec<(ReplicaId, u64)>,
}

impl VersionVector {
    /// The empty vector: nothing seen.
    pub const fn new() -> Self {
        Self {
            entries: Vec::new(),
        }
    }

    /// How many events of `replica` it contains.
    pub fn get(&self, replica: ReplicaId) -> u64 {
        self.position(replica).map_or(0, |at| self.entries[at].1)
    }

    /// Whether it contains the event.
    pub fn contains(&self, dot: Dot) -> bool {
        dot.counter <= self.get(dot.replica)
    }

    /// Whether it contains everything that `other` does.
    pub fn covers(&self, other: &Self) -> bool {
        let mut own = self.ascending();
        let mut entries = other.entries.iter();
        entries.all(|&(replica, counter)| counter <= own(replica))
    }

    /// Adds the first `counter` events of `replica`.
    pub fn raise(&mut self, replica: ReplicaId, counter: u64) {
        if counter == 0 {
            return;
        }
        match position(&self.entries, replica, |entry| entry.0) {
            Ok(at) => self.entries[at].1 = self.entries[at].1.max(counter),
            Err(at) => self.entries.insert(at, (replica, counter)),
        }
    }

    /// The union: everything that either contains.
    ///
    /// New names are sorted in at once: one by one, a long vector of a stranger would take its square.
    pub fn join(&mut self, other: &Self) {
        let (mut new, mut from) = (Vec::new(), 0);
        for &(replica, counter) in &other.entries {
            from = first_from(&self.entries, from, replica);
            match self.entries.get_mut(from) {
                Some((own, seen)) if *own == replica => *seen = (*seen).max(counter),
                _ => new.push((replica, counter)),
            }
        }
        if !new.is_empty() {
            self.entries.extend(new);
            self.entries.sort_unstable_by_key(|entry| entry.0);
        }
    }

    /// The intersection: everything that both contain.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Self {
        let mut others = other.ascending();
        let entries = self.entries.iter().filter_map(|&(replica, counter)| {
            let both = counter.min(others(replica));
            (both > 0).then_some((replica, both))
        });
        Self {
            entries: entries.collect(),
        }
    }

    /// How many events it contains that `other` lacks; `u64::MAX` if there are more.
    pub fn excess_over(&self, other: &Self) -> u64 {
        let mut others = other.ascending();
        self.iter()
            .map(|(replica, counter)| counter.saturating_sub(others(replica)))
            .fold(0, u64::saturating_add)
    }

    /// The replicas with at least one event, in order, with their counters.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (ReplicaId, u64)> + '_ {
        self.entries.iter().copied()
    }

    /// How many replicas it names.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it contains nothing.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The same as [`get`](Self::get), to be asked about replicas in ascending order. Two vectors
    /// mostly name the same replicas, so most answers are the next entry.
    fn ascending(&self) -> impl FnMut(ReplicaId) -> u64 + '_ {
        let mut from = 0;
        move |replica| {
            from = first_from(&self.entries, from, replica);
            match self.entries.get(from) {
                Some(&(found, counter)) if found == replica => counter,
                _ => 0,
            }
        }
    }

    fn position(&self, replica: ReplicaId) -> Option<usize> {
        position(&self.entries, replica, |entry| entry.0).ok()
    }
}

/// The first place at or after `from` whose replica is not below this one; those before `from` are.
fn first_from(sorted: &[(ReplicaId, u64)], from: usize, replica: ReplicaId) -> usize {
    let is_at = |at: usize| sorted.get(at).is_some_and(|entry| entry.0 == replica);
    if is_at(from) {
        return from;
    }
    if is_at(from + 1) {
        return from + 1;
    }
    let rest = position(&sorted[from..], replica, |entry| entry.0);
    from + rest.unwrap_or_else(|at| at)
}

/// Where a replica is in a list that is sorted by replica, or where it belongs.
///
/// Both parts of an id are compared as one number, which takes half as long as one by one.
pub(super) fn position<T>(
    sorted: &[T],
    replica: ReplicaId,
    of: impl Fn(&T) -> ReplicaId,
) -> Result<usize, usize> {
    let rank = |id: ReplicaId| u128::from(id.node.0) << 64 | u128::from(id.incarnation);
    let wanted = rank(replica);
    let at = sorted.partition_point(|entry| rank(of(entry)) < wanted);
    match sorted.get(at) {
        Some(entry) if of(entry) == replica => Ok(at),
        _ => Err(at),
    }
}

/// Up to where the events of each replica are in something, for a list of dots.
///
/// Remembers its last answer: in a list that is sorted by dot, most questions are the one before.
#[derive(Clone, Debug)]
pub(super) struct Bounds<F> {
    upto: F,
    last: Option<(ReplicaId, u64)>,
}

impl<F: Fn(ReplicaId) -> u64> Bounds<F> {
    /// The bounds that a function gives.
    pub(super) fn new(upto: F) -> Self {
        Self { upto, last: None }
    }

    /// Whether the event is within them.
    pub(super) fn contains(&mut self, dot: Dot) -> bool {
        let upto = match self.last {
            Some((replica, upto)) if replica == dot.replica => upto,
            _ => {
                let upto = (self.upto)(dot.replica);
                self.last = Some((dot.replica, upto));
                upto
            }
        };
        dot.counter <= upto
    }
}

impl FromIterator<(ReplicaId, u64)> for VersionVector {
    fn from_iter<I: IntoIterator<Item = (ReplicaId, u64)>>(entries: I) -> Self {
        let mut vector = Self::new();
        for (replica, counter) in entries {
            vector.raise(replica, counter);
        }
        vector
    }
}

impl fmt::Display for VersionVector {
    /// `{n1: 4, n3: 2}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (i, (replica, counter)) in self.iter().enumerate() {
            let separator = if i == 0 { "" } else { ", " };
            write!(f, "{separator}{replica}: {counter}")?;
        }
        f.write_str("}")
    }
}
