//! Why something is there, and why it is not.

use alloc::vec::Vec;

use super::{Live, Store};
use crate::Micros;
use crate::crdt::{Dot, Path};

/// What a store can say about a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Explanation<'a> {
    /// Something is live at or under it: by these events, made by these replicas at these times.
    Present {
        /// The live dots, by path and dot.
        dots: Vec<Live<'a>>,
    },
    /// Nothing is live under it, and these removals are remembered; the latest first.
    Removed {
        /// The events that removed something there.
        by: Vec<Removal>,
    },
    /// Nothing is live under it and no removal is remembered, but some were forgotten: it was never
    /// there, or its removal was pruned.
    Forgotten,
    /// It was never there, as far as the events seen here go.
    NeverSeen,
}

/// An event that removed something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// The event, and so who made it.
    pub dot: Dot,
    /// When it was made, at its replica.
    pub at: Micros,
    /// The path it removed: the one asked for, one above it or one under it.
    pub path: Path,
    /// What it killed.
    pub killed: Vec<Dot>,
}

impl Store {
    /// Why something is live at or under a path, or why nothing is. O(log n + live there) if
    /// something is, O(journal) otherwise.
    pub fn explain<'a>(&'a self, path: &'a Path) -> Explanation<'a> {
        let dots: Vec<Live<'a>> = self.live_under(path).collect();
        if !dots.is_empty() {
            return Explanation::Present { dots };
        }
        let concerns = |other: &Path| other.is_under(path) || path.is_under(other);
        let mut by: Vec<Removal> = self
            .journal()
            .filter(|record| concerns(&record.path))
            .map(|record| Removal {
                dot: record.dot,
                at: record.at,
                path: record.path.clone(),
                killed: record.kills.to_vec(),
            })
            .collect();
        by.sort_by_key(|removal| core::cmp::Reverse((removal.at, removal.dot)));
        if !by.is_empty() {
            return Explanation::Removed { by };
        }
        // The journals of closed replicas went with them.
        if self.floor().is_empty() && self.table().closed().next().is_none() {
            return Explanation::NeverSeen;
        }
        Explanation::Forgotten
    }
}
