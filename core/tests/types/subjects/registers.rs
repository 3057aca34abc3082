//! The registers.

use std::collections::BTreeSet;

use quorate::crdt::{Dot, LwwRegister, MvRegister, ReplicaId, Replicated, Stamp};
use quorate::{Micros, Random};

use super::super::world::{Seen, Subject};

/// What can be done to a register, and with which stamp it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Writes a value.
    Set(u32, Stamp),
    /// Takes the values away.
    Clear,
}

fn draw_edit(random: &mut Random) -> Edit {
    if random.chance(800) {
        let value = u32::try_from(random.below(4)).unwrap();
        Edit::Set(value, Stamp::default())
    } else {
        Edit::Clear
    }
}

/// The writes that no write and no clearing seen has seen.
fn left(seen: &Seen<'_, Edit>) -> Vec<(Stamp, Dot, u32)> {
    let is_write = |op: &Edit| matches!(op, Edit::Set(..));
    let left = seen.survivors(|_, victim| is_write(victim));
    let writes = left.iter().filter_map(|done| match done.op {
        Edit::Set(value, stamp) => Some((stamp, done.dot, value)),
        Edit::Clear => None,
    });
    writes.collect()
}

/// Of the writes that are left, a register shows the one with the highest stamp, then replica,
/// then value.
impl Subject for LwwRegister<u32> {
    type Op = Edit;

    fn start(replica: ReplicaId) -> Self {
        Self::new(replica)
    }

    fn draw(random: &mut Random) -> Edit {
        draw_edit(random)
    }

    fn perform(&mut self, now: Micros, op: Edit) -> Option<(Dot, Edit)> {
        let Edit::Set(value, _) = op else {
            return Some((self.clear(now).unwrap()?.dot, op));
        };
        let last = self.last_stamp();
        let event = self.set(now, &value).unwrap();
        let winner = self.winner().unwrap();
        assert_eq!((winner.dot, winner.value), (event.dot, value));
        assert!(winner.stamp > last, "strictly monotone");
        assert!(winner.stamp.time >= now, "not before the clock");
        Some((event.dot, Edit::Set(value, winner.stamp)))
    }

    fn check(&self, seen: &Seen<'_, Edit>) {
        let by_order = |&(stamp, dot, value): &(Stamp, Dot, u32)| (stamp, dot.replica, value);
        let left = left(seen);
        assert_eq!(
            self.store().live_len(),
            left.len(),
            "the losers, and no more"
        );
        let expected = left.into_iter().max_by_key(by_order);
        let shown = self.winner();
        assert_eq!(shown.map(|w| (w.stamp, w.dot, w.value)), expected);
        assert_eq!(self.get(), expected.map(|(_, _, value)| value));
        assert!(expected.is_none_or(|(stamp, ..)| stamp <= self.last_stamp()));
    }

    fn reload(&self) -> Self {
        Self::decode(&self.encode()).unwrap()
    }
}

/// A multi-value register shows all writes that are left.
impl Subject for MvRegister<u32> {
    type Op = Edit;

    fn start(replica: ReplicaId) -> Self {
        Self::new(replica)
    }

    fn draw(random: &mut Random) -> Edit {
        draw_edit(random)
    }

    fn perform(&mut self, now: Micros, op: Edit) -> Option<(Dot, Edit)> {
        let event = match op {
            Edit::Set(value, _) => Some(self.set(now, &value).unwrap()),
            Edit::Clear => self.clear(now).unwrap(),
        };
        Some((event?.dot, op))
    }

    fn check(&self, seen: &Seen<'_, Edit>) {
        let mut expected: Vec<(u32, Dot)> = left(seen)
            .into_iter()
            .map(|(_, dot, value)| (value, dot))
            .collect();
        expected.sort_unstable();
        let siblings = self.siblings();
        let shown = siblings.iter().map(|sibling| (sibling.value, sibling.dot));
        assert!(shown.eq(expected.iter().copied()));
        let values: BTreeSet<u32> = expected.into_iter().map(|(value, _)| value).collect();
        assert!(self.values().into_iter().eq(values));
    }

    fn reload(&self) -> Self {
        Self::decode(&self.encode()).unwrap()
    }
}
