//! What every voter makes of the log: a key-value store, and which workers there should be.

use std::collections::BTreeMap;

use quorate::{Micros, NodeId};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::command::{Command, Order};

/// The replicated state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StateMachine {
    values: BTreeMap<u32, u64>,
    workers: BTreeMap<NodeId, Employment>,
    /// When the last scaling was decided: the cooldown survives a change of leader.
    last_scaling: Option<Micros>,
    /// A hash of all commands applied, in order.
    digest: u64,
}

/// What is to become of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Employment {
    /// It works, or boots to do so.
    Employed,
    /// It hands over what it has.
    Draining,
}

/// What an order changed, for the platform to carry out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ordered {
    pub(crate) order: Order,
    pub(crate) worker: NodeId,
}

impl StateMachine {
    /// Applies the command of an entry of the given term.
    ///
    /// An order that was decided in another term than the one its entry was written in is void: a
    /// deposed leader's decision cannot come true through its successor.
    pub(crate) fn apply(&mut self, term: u64, payload: &[u8]) -> Option<Ordered> {
        self.digest = xxh3_64_with_seed(payload, self.digest ^ term);
        match Command::decode(payload).ok()? {
            Command::Put { key, value } => {
                self.values.insert(key, value);
                None
            }
            Command::Order {
                order,
                worker,
                decided_in,
                decided_at,
            } => {
                if decided_in != term || !self.employ(order, worker) {
                    return None;
                }
                if order != Order::Stop {
                    self.last_scaling = Some(decided_at);
                }
                Some(Ordered { order, worker })
            }
        }
    }

    /// Changes the books; `false` if the order does not fit them.
    fn employ(&mut self, order: Order, worker: NodeId) -> bool {
        match (order, self.workers.get(&worker)) {
            (Order::Start, None) => {
                self.workers.insert(worker, Employment::Employed);
            }
            (Order::Drain, Some(Employment::Employed)) => {
                self.workers.insert(worker, Employment::Draining);
            }
            (Order::Stop, Some(Employment::Draining)) => {
                self.workers.remove(&worker);
            }
            _ => return false,
        }
        true
    }

    /// The workers there should be.
    pub(crate) fn workers(&self) -> &BTreeMap<NodeId, Employment> {
        &self.workers
    }

    /// When the last scaling was decided.
    pub(crate) fn last_scaling(&self) -> Option<Micros> {
        self.last_scaling
    }

    /// A hash of all commands applied, in order.
    pub(crate) fn digest(&self) -> u64 {
        self.digest
    }
}
