//! Events, and what is remembered of those that killed something.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;

use super::{Dot, Path};
use crate::Micros;

/// What a live dot carries, opaque to the store: nothing for a set element, a sum for a counter.
pub type Payload = Box<[u8]>;

/// What a mutation does at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Leaves the payload live at the path, in place of everything live under it: an element
    /// that is added, a register that is written.
    Put(Payload),
    /// Leaves the payload live at the path, beside what is there: an amount that a counter grows by.
    Append(Payload),
    /// Kills everything live under the path.
    Remove,
}

/// One mutation, immutable once made.
///
/// An add has a payload and kills what was live under its path; a removal has none and kills at
/// least one dot. A mutation that would do neither is no event and spends no dot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its name.
    pub dot: Dot,
    /// Where it belongs. A removal covers everything under it.
    pub path: Path,
    /// What it leaves live; `None` for a removal.
    pub payload: Option<Payload>,
    /// What was live under the path at its replica.
    pub kills: Kills,
    /// The time at its replica.
    pub at: Micros,
}

/// What the journal keeps of an event that killed something: a removal, or an add that
/// superseded an earlier one.
///
/// Without the records of superseding adds a peer that had the earlier add and lacks the later
/// one would keep it alive for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The event's name.
    pub dot: Dot,
    /// Its path.
    pub path: Path,
    /// What it killed; never empty.
    pub kills: Kills,
    /// The time at its replica.
    pub at: Micros,
}

impl Event {
    /// What the journal keeps of it; `None` if it killed nothing.
    pub fn record(&self) -> Option<Record> {
        (!self.kills.is_empty()).then(|| Record {
            dot: self.dot,
            path: self.path.clone(),
            kills: self.kills.clone(),
            at: self.at,
        })
    }
}

/// The dots that an event killed, sorted.
///
/// Nearly every event kills one dot or none, so one is kept in place: a journal of a million
/// removals is not a million little allocations.
#[derive(Clone, Default)]
pub struct Kills(Inner);

#[derive(Clone, Default)]
enum Inner {
    #[default]
    None,
    One([Dot; 1]),
    Many(Box<[Dot]>),
}

impl Deref for Kills {
    type Target = [Dot];

    fn deref(&self) -> &[Dot] {
        match &self.0 {
            Inner::None => &[],
            Inner::One(dot) => dot,
            Inner::Many(dots) => dots,
        }
    }
}

impl From<Dot> for Kills {
    fn from(dot: Dot) -> Self {
        Self(Inner::One([dot]))
    }
}

impl From<Vec<Dot>> for Kills {
    /// Takes the dots as they are: whoever decodes them checks their order.
    fn from(dots: Vec<Dot>) -> Self {
        match dots[..] {
            [] => Self::default(),
            [dot] => Self::from(dot),
            _ => Self(Inner::Many(dots.into_boxed_slice())),
        }
    }
}

impl FromIterator<Dot> for Kills {
    /// Sorts the dots.
    fn from_iter<I: IntoIterator<Item = Dot>>(dots: I) -> Self {
        let mut dots = dots.into_iter();
        match (dots.next(), dots.next()) {
            (None, _) => Self::default(),
            (Some(dot), None) => Self::from(dot),
            (Some(first), Some(second)) => {
                let mut many = Vec::from([first, second]);
                many.extend(dots);
                many.sort_unstable();
                Self::from(many)
            }
        }
    }
}

impl PartialEq for Kills {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Kills {}

impl fmt::Debug for Kills {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
