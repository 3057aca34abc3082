//! The operations on one key: those with an answer, and those without.
//!
//! A linearizable history is one whose every key is (Herlihy and Wing 1990, locality), and a search
//! over the operations on one key is far smaller than one over all.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::history::{History, Operation};

/// The operations on one key.
#[derive(Debug)]
pub(super) struct Partition<'a, C, A> {
    pub(super) key: Arc<str>,
    /// All of them, in order of their calls.
    pub(super) operations: Vec<&'a Operation<C, A>>,
    /// Those with an answer, in order of their calls.
    pub(super) answered: Vec<Ended>,
    /// Those without, in order of their calls.
    pub(super) unknown: Vec<Unanswered>,
}

/// An operation that took effect between two positions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended {
    /// Its place in `operations`.
    pub(super) operation: u32,
    pub(super) called_at: u64,
    pub(super) answered_at: u64,
}

/// An operation that may take effect after a position.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unanswered {
    /// Its place in `operations`.
    pub(super) operation: u32,
    pub(super) called_at: u64,
    /// The place in `unknown` of the last one before it that asks the same. Whichever of the two is
    /// used makes no difference, so this one is used only after that one.
    pub(super) twin: Option<usize>,
}

impl<'a, C: PartialEq, A> Partition<'a, C, A> {
    /// One partition per key, in order of the keys.
    pub(super) fn all(history: &'a History<C, A>) -> Vec<Self> {
        let mut keys: BTreeMap<&Arc<str>, Vec<&Operation<C, A>>> = BTreeMap::new();
        for operation in history.operations() {
            keys.entry(&operation.key).or_default().push(operation);
        }
        keys.into_iter()
            .map(|(key, operations)| Self::new(Arc::clone(key), operations))
            .collect()
    }

    fn new(key: Arc<str>, operations: Vec<&'a Operation<C, A>>) -> Self {
        let mut answered = Vec::new();
        let mut unknown: Vec<Unanswered> = Vec::new();
        for (place, operation) in (0..).zip(&operations) {
            let called_at = operation.called_at;
            if let Some((answered_at, _)) = operation.answer() {
                answered.push(Ended {
                    operation: place,
                    called_at,
                    answered_at,
                });
                continue;
            }
            let call = |one: &Unanswered| &operations[one.operation as usize].call;
            let twin = unknown.iter().rposition(|one| *call(one) == operation.call);
            unknown.push(Unanswered {
                operation: place,
                called_at,
                twin,
            });
        }
        Self {
            key,
            operations,
            answered,
            unknown,
        }
    }
}
