//! `crdts::Orswot`, sending operations: small messages that must arrive exactly in order.
//!
//! Nothing in the library keeps what a receiver lacks, so this replica keeps a log of every
//! operation it applied. That log, which grows for ever, is left out of the state's size.

use std::collections::BTreeMap;

use ::crdts::orswot::Op;
use ::crdts::{CmRDT, Orswot};
use serde::{Deserialize, Serialize};

use super::crdts::{made, sorted};
use super::{Subject, from_bytes, serde_sizes, to_bytes};
use crate::elements::Operation;

/// A replica with its log.
#[derive(Clone, Debug)]
pub struct OrswotOperations {
    actor: u64,
    set: Orswot<String, u64>,
    /// Every operation applied here, in that order.
    log: Vec<Entry>,
    /// How many operations of each replica were applied.
    seen: BTreeMap<u64, u64>,
    /// How much of each other replica's log was read.
    read: BTreeMap<u64, usize>,
}

/// An operation and its name.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    actor: u64,
    number: u64,
    operation: Op<String, u64>,
}

impl OrswotOperations {
    /// Applies what was not applied before; a removal that comes twice would otherwise be sent
    /// to and fro for ever.
    fn take(&mut self, entry: Entry) {
        let seen = self.seen.entry(entry.actor).or_default();
        if entry.number > *seen {
            *seen = entry.number;
            self.set.apply(entry.operation.clone());
            self.log.push(entry);
        }
    }

    fn take_all(&mut self, message: &[u8]) {
        for entry in from_bytes::<Vec<Entry>>(message) {
            self.take(entry);
        }
    }
}

impl Subject for OrswotOperations {
    /// How many operations of each replica were applied.
    type Version = BTreeMap<u64, u64>;

    const NAME: &'static str = "crdts (operations)";

    fn new(replica: u64) -> Self {
        Self {
            actor: replica,
            set: Orswot::new(),
            log: Vec::new(),
            seen: BTreeMap::new(),
            read: BTreeMap::new(),
        }
    }

    fn copy(&self) -> Self {
        self.clone()
    }

    fn operate(&mut self, operations: &[Operation<'_>]) {
        for operation in operations {
            if let Some(operation) = made(&self.set, self.actor, operation) {
                let number = self.seen.get(&self.actor).map_or(1, |seen| seen + 1);
                self.take(Entry {
                    actor: self.actor,
                    number,
                    operation,
                });
            }
        }
    }

    fn elements(&self) -> Vec<String> {
        sorted(&self.set)
    }

    fn version(&mut self) -> BTreeMap<u64, u64> {
        self.seen.clone()
    }

    /// What is missing lies at the end of the log, and how much it is says the difference of the
    /// versions: no pass over the whole log.
    fn message(&mut self, receiver: &BTreeMap<u64, u64>) -> Vec<u8> {
        let has = |actor: u64| receiver.get(&actor).copied().unwrap_or(0);
        let ahead = self
            .seen
            .iter()
            .map(|(&actor, seen)| seen.saturating_sub(has(actor)));
        let missing = usize::try_from(ahead.sum::<u64>()).expect("the log is in memory");
        let mut entries: Vec<&Entry> = self
            .log
            .iter()
            .rev()
            .filter(|entry| entry.number > has(entry.actor))
            .take(missing)
            .collect();
        entries.reverse();
        to_bytes(&entries)
    }

    fn receive(&mut self, message: &[u8]) {
        self.take_all(message);
    }

    fn full_message(&mut self) -> Vec<u8> {
        to_bytes(&self.log)
    }

    fn receive_full(&mut self, message: &[u8]) {
        self.take_all(message);
    }

    fn catch_up(&mut self, other: &mut Self) {
        let read = self.read.insert(other.actor, other.log.len());
        for entry in &other.log[read.unwrap_or(0)..] {
            self.take(entry.clone());
        }
    }

    fn state_sizes(&mut self) -> Vec<(&'static str, usize)> {
        serde_sizes(&self.set)
    }
}
