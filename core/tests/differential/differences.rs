//! Where the two sets are meant to differ. None of it shows in the elements.

use crdts::{CmRDT, Orswot};
use quorate::crdt::{ApplyError, OrSet, ReplicaId, Replicated, VersionVector};
use quorate::{Micros, NodeId};

use super::twins::{Step, World};

/// An add of ours takes the place of the adds it has seen, so that an element has as many dots as
/// it has concurrent adds. Theirs keeps one per replica that ever added it.
#[test]
fn a_renewed_element_has_one_dot_here_and_one_per_replica_there() {
    let mut world = World::new(2);
    for step in [Step::Add(0, 0), Step::Merge(0, 1), Step::Add(1, 0)] {
        world.step(step);
    }
    let second = &world.twins[1];
    assert_eq!(second.ours.dots(&0).len(), 1);
    let clock = second.theirs.contains(&0).rm_clock;
    assert_eq!((clock.get(&1), clock.get(&2)), (1, 1));
    assert_eq!(world.difference(), None);
}

/// A removal is an event of ours with a number of its own; theirs counts adds.
#[test]
fn a_removal_spends_a_number_here() {
    let mut world = World::new(1);
    for step in [Step::Add(0, 0), Step::Remove(0, 0), Step::Remove(0, 0)] {
        world.step(step);
    }
    let Some(twin) = world.twins.first() else {
        unreachable!("there is one replica")
    };
    let replica = ReplicaId::first(NodeId(1));
    assert_eq!(
        twin.ours.context().get(replica),
        2,
        "nothing to remove is no event"
    );
    assert_eq!(twin.theirs.clock().get(&1), 1);
}

/// Theirs takes single operations in any order of removals and keeps a removal that came before its
/// add, without a bound. Ours takes it with what it builds on, or refuses it and says what to ask.
#[test]
fn a_removal_before_its_add_is_deferred_there_and_refused_here() {
    let now = Micros(1);
    let mut source = OrSet::<u32>::new(ReplicaId::first(NodeId(1)));
    source.add(now, &0).unwrap();
    let after_the_add = source.context().clone();
    source.remove(now, &0).unwrap();
    let removal = source.delta_since(&after_the_add).unwrap();
    let mut here = OrSet::<u32>::new(ReplicaId::first(NodeId(2)));
    let gap = ApplyError::Gap {
        since: after_the_add,
        have: VersionVector::new(),
    };
    assert_eq!(here.apply(&removal), Err(gap));
    assert!(here.merge(&source).is_ok() && here.is_empty());

    let mut source = Orswot::<u32, u64>::new();
    let add = source.add(0, source.read_ctx().derive_add_ctx(1));
    source.apply(add.clone());
    let removal = source.rm(0, source.contains(&0).derive_rm_ctx());
    let mut there = Orswot::<u32, u64>::new();
    there.apply(removal);
    there.apply(add);
    assert!(!there.contains(&0).val);
}
