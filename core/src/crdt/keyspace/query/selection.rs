//! Sets of objects that may be all but a few.
//!
//! *Not red* is nearly everything. Listing that, only to intersect it with ten objects, costs as much
//! as a walk. So a complement stays one until somebody wants to see it.

use alloc::collections::BTreeSet;

use super::index::Key;

/// Some objects, or all but some.
#[derive(Clone, Debug)]
pub(super) enum Selection {
    /// These.
    Only(BTreeSet<Key>),
    /// All but these.
    AllBut(BTreeSet<Key>),
}

impl Selection {
    pub(super) fn none() -> Self {
        Self::Only(BTreeSet::new())
    }

    pub(super) fn complement(self) -> Self {
        match self {
            Self::Only(keys) => Self::AllBut(keys),
            Self::AllBut(keys) => Self::Only(keys),
        }
    }

    /// What is in both.
    pub(super) fn intersection(self, other: Self) -> Self {
        match (self, other) {
            (Self::Only(a), Self::Only(b)) => {
                let (mut few, many) = if a.len() < b.len() { (a, b) } else { (b, a) };
                few.retain(|key| many.contains(key));
                Self::Only(few)
            }
            (Self::Only(mut keys), Self::AllBut(others))
            | (Self::AllBut(others), Self::Only(mut keys)) => {
                keys.retain(|key| !others.contains(key));
                Self::Only(keys)
            }
            (Self::AllBut(mut a), Self::AllBut(b)) => {
                a.extend(b);
                Self::AllBut(a)
            }
        }
    }

    /// What is in one of them.
    pub(super) fn union(self, other: Self) -> Self {
        let in_neither = self.complement().intersection(other.complement());
        in_neither.complement()
    }
}
