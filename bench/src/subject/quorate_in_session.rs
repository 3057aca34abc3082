//! This project's set between two replicas that keep a session: each message builds on the one before.

use ::quorate::crdt::{Replicated, Session, VersionVector};

use super::{Quorate, Subject};
use crate::elements::Operation;

/// A replica with a session to one other.
#[derive(Debug)]
pub struct QuorateInSession {
    replica: Quorate,
    sending: Session,
    receiving: Session,
}

impl Subject for QuorateInSession {
    type Version = VersionVector;

    const NAME: &'static str = "quorate, in a session";

    fn new(replica: u64) -> Self {
        Self {
            replica: Quorate::new(replica),
            sending: Session::new(1),
            receiving: Session::new(1),
        }
    }

    fn copy(&self) -> Self {
        Self {
            replica: self.replica.copy(),
            sending: self.sending.clone(),
            receiving: self.receiving.clone(),
        }
    }

    fn operate(&mut self, operations: &[Operation<'_>]) {
        self.replica.operate(operations);
    }

    fn elements(&self) -> Vec<String> {
        self.replica.elements()
    }

    fn version(&mut self) -> VersionVector {
        self.replica.version()
    }

    fn message(&mut self, receiver: &VersionVector) -> Vec<u8> {
        let delta = self.replica.set.delta_since(receiver);
        self.sending.encode(&delta.expect("nothing was pruned"))
    }

    fn receive(&mut self, message: &[u8]) {
        let delta = self.receiving.decode(message);
        let delta = delta.expect("no message was lost");
        let joined = self.replica.set.apply(&delta);
        joined.expect("the receiver's version was asked for");
    }

    fn full_message(&mut self) -> Vec<u8> {
        self.replica.full_message()
    }

    fn receive_full(&mut self, message: &[u8]) {
        self.replica.receive_full(message);
    }

    fn catch_up(&mut self, other: &mut Self) {
        self.replica.catch_up(&mut other.replica);
    }

    fn join(&mut self, other: &mut Self) {
        self.replica.join(&mut other.replica);
    }

    fn state_sizes(&mut self) -> Vec<(&'static str, usize)> {
        self.replica.state_sizes()
    }
}
