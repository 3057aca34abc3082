//! A `yrs` map from element to `true`: the last writer wins, which is no add-wins set.

use ::yrs::updates::decoder::Decode;
use ::yrs::{Doc, Map, MapRef, ReadTxn, StateVector, Transact, TransactionMut, Update};

use super::Subject;
use crate::elements::Operation;

/// A document with one map.
#[derive(Debug)]
pub struct Yrs {
    document: Doc,
    map: MapRef,
}

impl Subject for Yrs {
    type Version = StateVector;

    const NAME: &'static str = "yrs";
    const JOINS_IN_MEMORY: bool = false;

    fn new(replica: u64) -> Self {
        let document = Doc::with_client_id(replica);
        let map = document.get_or_insert_map("set");
        Self { document, map }
    }

    fn copy(&self) -> Self {
        // The library copies documents through bytes only; the copy's client makes no events.
        let mut copy = Self::new(u64::from(u32::MAX));
        let transaction = self.document.transact();
        copy.receive(&transaction.encode_state_as_update_v1(&StateVector::default()));
        copy
    }

    fn operate(&mut self, operations: &[Operation<'_>]) {
        operate(&self.map, &mut self.document.transact_mut(), operations);
    }

    fn elements(&self) -> Vec<String> {
        let transaction = self.document.transact();
        let mut elements: Vec<String> = self.map.keys(&transaction).map(str::to_owned).collect();
        elements.sort_unstable();
        elements
    }

    fn version(&mut self) -> StateVector {
        self.document.transact().state_vector()
    }

    fn message(&mut self, receiver: &StateVector) -> Vec<u8> {
        self.document.transact().encode_diff_v1(receiver)
    }

    /// A transaction can say what it did, which spares a pass over the document.
    fn announce(&mut self, operations: &[Operation<'_>], _: &StateVector) -> Vec<u8> {
        let mut transaction = self.document.transact_mut();
        operate(&self.map, &mut transaction, operations);
        transaction.encode_update_v1()
    }

    fn receive(&mut self, message: &[u8]) {
        let update = Update::decode_v1(message).expect("the message was made here");
        self.document
            .transact_mut()
            .apply_update(update)
            .expect("updates arrive in order");
    }

    fn full_message(&mut self) -> Vec<u8> {
        self.message(&StateVector::default())
    }

    fn receive_full(&mut self, message: &[u8]) {
        self.receive(message);
    }

    fn state_sizes(&mut self) -> Vec<(&'static str, usize)> {
        let transaction = self.document.transact();
        let empty = StateVector::default();
        vec![
            ("state", transaction.encode_state_as_update_v1(&empty).len()),
            (
                "state, smallest form",
                transaction.encode_state_as_update_v2(&empty).len(),
            ),
        ]
    }
}

fn operate(map: &MapRef, transaction: &mut TransactionMut<'_>, operations: &[Operation<'_>]) {
    for operation in operations {
        match *operation {
            Operation::Add(element) => {
                map.insert(transaction, element.as_str(), true);
            }
            Operation::Remove(element) => {
                map.remove(transaction, element);
            }
        }
    }
}
