//! `crdts::Orswot`, joining whole states, which is what makes it safe to lose a message.

use ::crdts::{CmRDT, CvRDT};

use super::{Subject, from_bytes, serde_sizes, to_bytes};
use crate::elements::Operation;

/// A replica and its actor.
#[derive(Debug)]
pub struct Orswot {
    actor: u64,
    set: ::crdts::Orswot<String, u64>,
}

impl Subject for Orswot {
    type Version = ();

    const NAME: &'static str = "crdts";

    fn new(replica: u64) -> Self {
        Self {
            actor: replica,
            set: ::crdts::Orswot::new(),
        }
    }

    fn copy(&self) -> Self {
        Self {
            actor: self.actor,
            set: self.set.clone(),
        }
    }

    fn operate(&mut self, operations: &[Operation<'_>]) {
        for operation in operations {
            if let Some(operation) = made(&self.set, self.actor, operation) {
                self.set.apply(operation);
            }
        }
    }

    fn elements(&self) -> Vec<String> {
        sorted(&self.set)
    }

    fn version(&mut self) {}

    fn message(&mut self, (): &()) -> Vec<u8> {
        to_bytes(&self.set)
    }

    fn receive(&mut self, message: &[u8]) {
        self.set.merge(from_bytes(message));
    }

    fn full_message(&mut self) -> Vec<u8> {
        to_bytes(&self.set)
    }

    fn receive_full(&mut self, message: &[u8]) {
        self.receive(message);
    }

    fn catch_up(&mut self, other: &mut Self) {
        // Its join takes the other state as its own, so the one that is kept has to be copied.
        self.set.merge(other.set.clone());
    }

    fn state_sizes(&mut self) -> Vec<(&'static str, usize)> {
        serde_sizes(&self.set)
    }
}

/// The library's operation for one of ours; none for a removal of what is not there.
pub(super) fn made(
    set: &::crdts::Orswot<String, u64>,
    actor: u64,
    operation: &Operation<'_>,
) -> Option<::crdts::orswot::Op<String, u64>> {
    match *operation {
        Operation::Add(element) => {
            let context = set.read_ctx().derive_add_ctx(actor);
            Some(set.add(element.clone(), context))
        }
        Operation::Remove(element) => {
            let found = set.contains(element);
            found
                .val
                .then(|| set.rm(element.clone(), found.derive_rm_ctx()))
        }
    }
}

pub(super) fn sorted(set: &::crdts::Orswot<String, u64>) -> Vec<String> {
    let mut elements: Vec<String> = set.iter().map(|read| read.val.clone()).collect();
    elements.sort_unstable();
    elements
}
