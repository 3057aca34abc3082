//! What a node has in memory and on its disk, as far as an observer can know it.
//!
//! A copy of every log would cost as much memory as the cluster itself. But what a node knows to be
//! committed equals what everybody has committed, so only the few entries after that are kept for
//! each node, in memory and on disk: a *tail* on the common list. Two logs are compared at an index
//! by a rolling hash of the observer's own, in O(1).

use std::collections::VecDeque;

use quorate::NodeId;
use quorate::raft::{Entry, EntryKind, HardState, Role};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::Committed;
use crate::observer::chunks::Chunks;

/// The term of an entry, and the hash of the log up to and including it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) term: u64,
    pub(super) hash: u64,
}

impl Link {
    /// What stands before the first entry.
    pub(super) const NOTHING: Self = Self { term: 0, hash: 0 };

    /// The link of an entry after this one.
    pub(super) fn then(self, entry: &Entry) -> Self {
        let kind = match entry.kind() {
            EntryKind::NoOp => 0,
            EntryKind::Command => 1,
            EntryKind::Membership => 2,
        };
        let stamp = entry.term() << 2 | kind;
        let seed = (self.hash ^ stamp).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self {
            term: entry.term(),
            hash: xxh3_64_with_seed(entry.payload(), seed ^ self.hash.rotate_left(29)),
        }
    }
}

/// A log: everything up to `base` is as it is committed, and then come the links of the tail.
#[derive(Clone, Debug, Default)]
pub(super) struct Tail {
    base: u64,
    links: VecDeque<Link>,
}

impl Tail {
    /// A log that is as committed up to `base` and ends there.
    pub(super) fn at(base: u64) -> Self {
        Self {
            base,
            links: VecDeque::new(),
        }
    }

    /// Up to here the log is as committed, at least.
    pub(super) fn base(&self) -> u64 {
        self.base
    }

    /// The index of the last entry.
    pub(super) fn last_index(&self) -> u64 {
        self.base + self.links.len() as u64
    }

    /// The link at an index. `None` beyond the end, and where the common list has forgotten.
    #[inline]
    pub(super) fn link(&self, index: u64, committed: &Chunks<Committed>) -> Option<Link> {
        if index == 0 {
            return Some(Link::NOTHING);
        }
        match index.checked_sub(self.base + 1) {
            None => committed.get(index).map(|entry| entry.link),
            Some(place) => self.links.get(usize::try_from(place).ok()?).copied(),
        }
    }

    /// Whether the log has exactly what is committed at an index, and so before it.
    #[inline]
    pub(super) fn agrees(&self, index: u64, committed: &Chunks<Committed>) -> bool {
        index <= self.base
            || self.link(index, committed) == committed.get(index).map(|entry| entry.link)
    }

    /// Adds an entry.
    #[inline]
    pub(super) fn push(&mut self, link: Link) {
        self.links.push_back(link);
    }

    /// Removes all entries from an index on.
    pub(super) fn truncate(&mut self, from: u64) {
        let kept = from.saturating_sub(1);
        if kept <= self.base {
            *self = Self::at(kept);
        } else {
            let kept = usize::try_from(kept - self.base).unwrap_or(usize::MAX);
            self.links.truncate(kept);
        }
    }

    /// Leaves to the common list what it has, up to an index, if the log agrees there.
    #[inline]
    pub(super) fn fold(&mut self, upto: u64, committed: &Chunks<Committed>) {
        let upto = upto.min(self.last_index()).min(committed.last_index());
        if upto <= self.base || !self.agrees(upto, committed) {
            return;
        }
        let folded = usize::try_from(upto - self.base).unwrap_or(usize::MAX);
        if folded >= self.links.len() {
            self.links.clear();
        } else {
            self.links.drain(..folded);
        }
        self.base = upto;
    }
}

/// A write that was asked for, as it changes the image of the disk.
#[derive(Clone, Debug)]
pub(super) struct Write {
    pub(super) io: u64,
    pub(super) hard_state: HardState,
    /// The log starts over from this committed index.
    pub(super) installs: Option<u64>,
    pub(super) truncate_from: Option<u64>,
    pub(super) links: Vec<Link>,
}

/// What a crash now would leave.
#[derive(Clone, Debug, Default)]
pub(super) struct Durable {
    pub(super) hard_state: HardState,
    pub(super) log: Tail,
}

/// What a node has said to others that it must not forget.
#[derive(Clone, Debug, Default)]
pub(super) struct Promises {
    /// The highest term in any message of it.
    pub(super) term: u64,
    /// The last vote it gave: in which term, to whom.
    pub(super) vote: Option<(u64, NodeId)>,
    /// The highest entry it said it had, unless a later leader replaced it.
    pub(super) accepted: Option<(u64, Link)>,
    /// The highest index that it said it had in a term, and that term.
    pub(super) accepted_in_term: (u64, u64),
}

/// One node.
#[derive(Clone, Debug)]
pub(super) struct Host {
    pub(super) is_up: bool,
    pub(super) role: Role,
    pub(super) term: u64,
    pub(super) log: Tail,
    pub(super) commit_index: u64,
    /// What the consensus knows to be applied.
    pub(super) applied_index: u64,
    /// What the state machine has applied.
    pub(super) executed_index: u64,
    /// Entries above the applied index that change the membership.
    pub(super) changes: VecDeque<u64>,
    pub(super) durable: Durable,
    /// What a crash would lose, in order.
    pub(super) writes: VecDeque<Write>,
    pub(super) promises: Promises,
    /// What the disk still has starts after this index.
    pub(super) compacted: u64,
    /// Everything committed in a term before the last one of the log lies up to here; and that term.
    pub(super) must_have: (u64, u64),
}

impl Host {
    /// A node that has not started.
    pub(super) fn absent() -> Self {
        Self {
            is_up: false,
            role: Role::Follower,
            term: 0,
            log: Tail::default(),
            commit_index: 0,
            applied_index: 0,
            executed_index: 0,
            changes: VecDeque::new(),
            durable: Durable::default(),
            writes: VecDeque::new(),
            promises: Promises::default(),
            compacted: 0,
            must_have: (0, 0),
        }
    }

    /// The end of the log.
    #[inline]
    pub(super) fn last(&self, committed: &Chunks<Committed>) -> Link {
        let last = self.log.link(self.log.last_index(), committed);
        last.unwrap_or(Link::NOTHING)
    }

    /// Whether a snapshot is on its way to the disk.
    pub(super) fn is_installing(&self) -> bool {
        self.writes.iter().any(|write| write.installs.is_some())
    }
}
