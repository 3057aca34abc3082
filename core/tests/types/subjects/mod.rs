//! The types, each with an oracle that says in one sentence what it shows.

mod map;
mod registers;

use std::collections::BTreeSet;

use quorate::crdt::{Dot, EwFlag, GCounter, OrSet, PnCounter, ReplicaId, Replicated};
use quorate::{Micros, Random};

use super::world::{Seen, Subject};

/// A counter shows the sum of the increments seen.
impl Subject for GCounter {
    type Op = u64;

    fn start(replica: ReplicaId) -> Self {
        Self::new(replica)
    }

    fn draw(random: &mut Random) -> u64 {
        random.below(5)
    }

    fn perform(&mut self, now: Micros, op: u64) -> Option<(Dot, u64)> {
        let event = self.increment(now, op).unwrap()?;
        Some((event.dot, op))
    }

    fn check(&self, seen: &Seen<'_, u64>) {
        let expected: u128 = seen.iter().map(|done| u128::from(done.op)).sum();
        assert_eq!(self.value(), expected);
        check_rows(self, seen);
    }

    fn reload(&self) -> Self {
        Self::decode(&self.encode()).unwrap()
    }
}

/// However much was counted, there is one row per replica that did.
fn check_rows<T: Subject>(counter: &T, seen: &Seen<'_, T::Op>) {
    let owners: BTreeSet<ReplicaId> = seen.iter().map(|done| done.dot.replica).collect();
    assert_eq!(counter.store().live_len(), owners.len());
}

/// What can be done to a counter that goes both ways.
#[derive(Clone, Copy, Debug)]
pub enum Count {
    /// An increment.
    Up(u64),
    /// A decrement.
    Down(u64),
}

/// A counter shows the increments seen less the decrements seen.
impl Subject for PnCounter {
    type Op = Count;

    fn start(replica: ReplicaId) -> Self {
        Self::new(replica)
    }

    fn draw(random: &mut Random) -> Count {
        let by = random.below(5);
        if random.chance(500) {
            Count::Up(by)
        } else {
            Count::Down(by)
        }
    }

    fn perform(&mut self, now: Micros, op: Count) -> Option<(Dot, Count)> {
        let event = match op {
            Count::Up(by) => self.increment(now, by),
            Count::Down(by) => self.decrement(now, by),
        };
        Some((event.unwrap()?.dot, op))
    }

    fn check(&self, seen: &Seen<'_, Count>) {
        let signed = |op| match op {
            Count::Up(by) => i128::from(by),
            Count::Down(by) => -i128::from(by),
        };
        let expected: i128 = seen.iter().map(|done| signed(done.op)).sum();
        assert_eq!(self.value(), expected);
        check_rows(self, seen);
    }

    fn reload(&self) -> Self {
        Self::decode(&self.encode()).unwrap()
    }
}

/// What can be done to a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Raise {
    /// Puts it up.
    Enable,
    /// Takes it down.
    Disable,
}

/// A flag is up if an enabling was seen that no disabling seen has seen.
impl Subject for EwFlag {
    type Op = Raise;

    fn start(replica: ReplicaId) -> Self {
        Self::new(replica)
    }

    fn draw(random: &mut Random) -> Raise {
        if random.chance(500) {
            Raise::Enable
        } else {
            Raise::Disable
        }
    }

    fn perform(&mut self, now: Micros, op: Raise) -> Option<(Dot, Raise)> {
        let event = match op {
            Raise::Enable => Some(self.enable(now).unwrap()),
            Raise::Disable => self.disable(now).unwrap(),
        };
        Some((event?.dot, op))
    }

    fn check(&self, seen: &Seen<'_, Raise>) {
        let left = seen.survivors(|killer, _| *killer == Raise::Disable);
        let is_up = left.iter().any(|done| done.op == Raise::Enable);
        assert_eq!(self.is_enabled(), is_up);
        let newest = seen.survivors(|_, victim| *victim == Raise::Enable);
        let enablings = newest.iter().filter(|done| done.op == Raise::Enable);
        assert_eq!(self.store().live_len(), enablings.count(), "no more");
    }

    fn reload(&self) -> Self {
        Self::decode(&self.encode()).unwrap()
    }
}

/// What can be done to a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Adds an element.
    Add(u32),
    /// Removes an element.
    Remove(u32),
    /// Removes all.
    Clear,
}

/// A set shows the elements with an add that was seen and that no removal seen has seen. Of those
/// adds, the ones that no later add of the element has seen are its dots.
impl Subject for OrSet<u32> {
    type Op = Change;

    fn start(replica: ReplicaId) -> Self {
        Self::new(replica)
    }

    fn draw(random: &mut Random) -> Change {
        let element = u32::try_from(random.below(3)).unwrap();
        match random.below(8) {
            0..=4 => Change::Add(element),
            5..=6 => Change::Remove(element),
            _ => Change::Clear,
        }
    }

    fn perform(&mut self, now: Micros, op: Change) -> Option<(Dot, Change)> {
        let event = match op {
            Change::Add(element) => Some(self.add(now, &element).unwrap()),
            Change::Remove(element) => self.remove(now, &element).unwrap(),
            Change::Clear => self.clear(now).unwrap(),
        };
        Some((event?.dot, op))
    }

    fn check(&self, seen: &Seen<'_, Change>) {
        let removes = |killer: &Change, victim: &Change| match (killer, victim) {
            (Change::Remove(removed), Change::Add(added)) => removed == added,
            (Change::Clear, Change::Add(_)) => true,
            _ => false,
        };
        let added = |op| match op {
            Change::Add(element) => Some(element),
            Change::Remove(_) | Change::Clear => None,
        };
        let left = seen.survivors(removes);
        let expected: BTreeSet<u32> = left.iter().filter_map(|done| added(done.op)).collect();
        assert!(self.iter().eq(expected.iter().copied()), "add wins");
        assert_eq!(self.len(), expected.len());
        assert_eq!(self.is_empty(), expected.is_empty());
        let newest = seen.survivors(|killer, victim| {
            removes(killer, victim) || matches!(killer, Change::Add(_)) && killer == victim
        });
        for element in 0..3 {
            assert_eq!(self.contains(&element), expected.contains(&element));
            let adds = newest.iter().filter(|done| added(done.op) == Some(element));
            let dots: BTreeSet<Dot> = adds.map(|done| done.dot).collect();
            assert!(self.dots(&element).eq(dots), "one dot per concurrent add");
        }
    }

    fn reload(&self) -> Self {
        Self::decode(&self.encode()).unwrap()
    }
}
