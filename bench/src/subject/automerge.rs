//! An Automerge map from element to `true`: concurrent values of one key are kept, and a deletion
//! wins over none of them, but it is a map with history and no set.

use ::automerge::transaction::Transactable;
use ::automerge::{ActorId, AutoCommit, ChangeHash, ROOT, ReadDoc};

use super::Subject;
use crate::elements::Operation;

/// A document whose root is the map.
#[derive(Debug)]
pub struct Automerge {
    document: AutoCommit,
}

impl Subject for Automerge {
    type Version = Vec<ChangeHash>;

    const NAME: &'static str = "automerge";

    fn new(replica: u64) -> Self {
        let actor = ActorId::from(replica.to_be_bytes().as_slice());
        Self {
            document: AutoCommit::new().with_actor(actor),
        }
    }

    fn copy(&self) -> Self {
        Self {
            document: self.document.clone(),
        }
    }

    fn operate(&mut self, operations: &[Operation<'_>]) {
        for operation in operations {
            match *operation {
                Operation::Add(element) => self.document.put(ROOT, element, true),
                Operation::Remove(element) => self.document.delete(ROOT, element),
            }
            .expect("the root is a map");
        }
        self.document.commit();
    }

    fn elements(&self) -> Vec<String> {
        self.document.keys(ROOT).collect()
    }

    fn version(&mut self) -> Vec<ChangeHash> {
        self.document.get_heads()
    }

    fn message(&mut self, receiver: &Vec<ChangeHash>) -> Vec<u8> {
        self.document.save_after(receiver)
    }

    /// The last change is at hand, which spares the way through the history.
    fn announce(&mut self, operations: &[Operation<'_>], _: &Vec<ChangeHash>) -> Vec<u8> {
        self.operate(operations);
        let change = self.document.get_last_local_change();
        change.map_or_else(Vec::new, |change| change.raw_bytes().to_vec())
    }

    fn receive(&mut self, message: &[u8]) {
        self.document
            .load_incremental(message)
            .expect("the message was made here");
    }

    fn full_message(&mut self) -> Vec<u8> {
        self.document.save()
    }

    fn receive_full(&mut self, message: &[u8]) {
        self.receive(message);
    }

    fn catch_up(&mut self, other: &mut Self) {
        self.document
            .merge(&mut other.document)
            .expect("actors are distinct");
    }

    fn state_sizes(&mut self) -> Vec<(&'static str, usize)> {
        let saved = self.document.save().len();
        vec![("state", saved), ("state, smallest form", saved)]
    }
}
