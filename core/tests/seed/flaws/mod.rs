//! The seed's flaws, one test each: the failure on a faithful model of the seed, and this kernel on
//! the same history.
//!
//! The sets of the seed are [`TombstoneOrSet`](quorate::crdt::seed::TombstoneOrSet) itself. What it
//! leaves out, because nobody should have it, is modelled here: maps that evict ([`lru`]), the
//! register whose merge asks a clock ([`register`]), the loop that gossips whole values ([`gossip`]).

mod bounded;
mod clocks;
mod garbage;
mod gossip;
mod lru;
mod register;
mod sync;

use quorate::crdt::{OrSet, PruneOptions, ReplicaId, Replicated};
use quorate::{Micros, NodeId};

use super::test;

/// A set of ours at a node.
fn ours(node: u64) -> OrSet<String> {
    OrSet::new(ReplicaId::first(NodeId(node)))
}

fn text(element: &str) -> String {
    element.to_owned()
}

/// Forgets every record, whatever its age.
fn forget_all(set: &mut OrSet<String>, now: Micros) {
    let everything = PruneOptions {
        max_tombstones: 0,
        ..PruneOptions::default()
    };
    set.prune(now, &everything);
    assert_eq!(set.store().journal().count(), 0);
}

/// Both learn what the other has, by delta where there is one and by full state otherwise.
fn exchange(left: &mut OrSet<String>, right: &mut OrSet<String>) {
    left.merge(right).unwrap();
    right.merge(left).unwrap();
    assert_eq!(left.context(), right.context());
}
