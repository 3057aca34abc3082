//! This project's add-wins set.

use ::quorate::crdt::{Delta, FullState, OrSet, ReplicaId, Replicated, VersionVector};
use ::quorate::{Micros, NodeId};

use super::Subject;
use crate::elements::Operation;
use crate::figure::OURS;

/// A replica, and its clock: one microsecond per operation.
#[derive(Debug)]
pub struct Quorate {
    /// The set.
    pub set: OrSet<String>,
    now: Micros,
}

impl Quorate {
    fn tick(&mut self) -> Micros {
        self.now = Micros(self.now.0 + 1);
        self.now
    }
}

impl Subject for Quorate {
    type Version = VersionVector;

    const NAME: &'static str = OURS;

    fn new(replica: u64) -> Self {
        Self {
            set: OrSet::new(ReplicaId::first(NodeId(replica))),
            now: Micros::ZERO,
        }
    }

    fn copy(&self) -> Self {
        Self {
            set: self.set.clone(),
            now: self.now,
        }
    }

    fn operate(&mut self, operations: &[Operation<'_>]) {
        for operation in operations {
            let now = self.tick();
            match *operation {
                Operation::Add(element) => {
                    self.set.add(now, element).expect("no id is used twice");
                }
                Operation::Remove(element) => {
                    self.set.remove(now, element).expect("no id is used twice");
                }
            }
        }
    }

    fn elements(&self) -> Vec<String> {
        self.set.iter().collect()
    }

    fn version(&mut self) -> VersionVector {
        self.set.context().clone()
    }

    fn message(&mut self, receiver: &VersionVector) -> Vec<u8> {
        self.set
            .delta_since(receiver)
            .expect("nothing was pruned")
            .encode()
    }

    fn receive(&mut self, message: &[u8]) {
        let delta = Delta::decode(message).expect("the message was made here");
        self.set
            .apply(&delta)
            .expect("the receiver's version was asked for");
    }

    fn full_message(&mut self) -> Vec<u8> {
        self.set.full_state().encode()
    }

    fn receive_full(&mut self, message: &[u8]) {
        let full = FullState::decode(message).expect("the message was made here");
        self.set.apply_full(&full).expect("both are in one epoch");
    }

    fn catch_up(&mut self, other: &mut Self) {
        self.set.merge(&other.set).expect("both are in one epoch");
    }

    fn join(&mut self, other: &mut Self) {
        let full = other.set.full_state();
        self.set.apply_full(&full).expect("both are in one epoch");
    }

    fn state_sizes(&mut self) -> Vec<(&'static str, usize)> {
        let state = self.set.store().encode_state().len();
        vec![
            ("state", state),
            ("state, smallest form", state),
            ("state with history", self.set.encode().len()),
        ]
    }
}
