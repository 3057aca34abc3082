//! `crdt_kit::ORSet`, as it is and with its tombstones compacted after every sync.
//!
//! Compacting is what makes it usable here. It is not safe: an element that was removed and
//! compacted comes back with the next message of a replica that had not seen the removal.

use ::crdt_kit::{Crdt, DeltaCrdt, ORSet};

use super::{Subject, from_bytes, serde_sizes, to_bytes};
use crate::elements::Operation;

/// A replica that keeps its tombstones.
#[derive(Clone, Debug)]
pub struct Kit {
    /// The set.
    pub set: ORSet<String>,
}

impl Subject for Kit {
    /// Its deltas are made between two whole states.
    type Version = ORSet<String>;

    const NAME: &'static str = "crdt-kit";

    fn new(replica: u64) -> Self {
        Self {
            set: ORSet::new(replica),
        }
    }

    fn copy(&self) -> Self {
        self.clone()
    }

    fn operate(&mut self, operations: &[Operation<'_>]) {
        for operation in operations {
            match *operation {
                Operation::Add(element) => self.set.insert(element.clone()),
                Operation::Remove(element) => {
                    self.set.remove(element);
                }
            }
        }
    }

    fn elements(&self) -> Vec<String> {
        self.set.iter().cloned().collect()
    }

    fn version(&mut self) -> ORSet<String> {
        self.set.clone()
    }

    fn message(&mut self, receiver: &ORSet<String>) -> Vec<u8> {
        to_bytes(&self.set.delta(receiver))
    }

    fn receive(&mut self, message: &[u8]) {
        self.set.apply_delta(&from_bytes(message));
    }

    fn full_message(&mut self) -> Vec<u8> {
        to_bytes(&self.set)
    }

    fn receive_full(&mut self, message: &[u8]) {
        self.set.merge(&from_bytes(message));
    }

    fn catch_up(&mut self, other: &mut Self) {
        self.set.merge(&other.set);
    }

    fn state_sizes(&mut self) -> Vec<(&'static str, usize)> {
        serde_sizes(&self.set)
    }
}

/// A replica that forgets its tombstones after every sync.
#[derive(Clone, Debug)]
pub struct CompactedKit(Kit);

impl Subject for CompactedKit {
    type Version = ORSet<String>;

    const NAME: &'static str = "crdt-kit (compacted, unsafe)";

    fn new(replica: u64) -> Self {
        Self(Kit::new(replica))
    }

    fn copy(&self) -> Self {
        self.clone()
    }

    fn operate(&mut self, operations: &[Operation<'_>]) {
        self.0.operate(operations);
    }

    fn elements(&self) -> Vec<String> {
        self.0.elements()
    }

    fn version(&mut self) -> ORSet<String> {
        self.0.version()
    }

    fn message(&mut self, receiver: &ORSet<String>) -> Vec<u8> {
        self.0.message(receiver)
    }

    fn receive(&mut self, message: &[u8]) {
        self.0.receive(message);
    }

    fn full_message(&mut self) -> Vec<u8> {
        self.0.full_message()
    }

    fn receive_full(&mut self, message: &[u8]) {
        self.0.receive_full(message);
    }

    fn catch_up(&mut self, other: &mut Self) {
        self.0.catch_up(&mut other.0);
    }

    fn settle(&mut self) {
        self.0.set.compact_tombstones();
    }

    fn state_sizes(&mut self) -> Vec<(&'static str, usize)> {
        self.0.state_sizes()
    }
}
