//! A hard limit on metadata, and what gives way first.
//!
//! Records go first, oldest first: that costs full states to those who were away, and nothing else. A
//! write that does not fit even then is refused, and says so. What others wrote is always taken in,
//! because refusing it would part the replicas for ever; they stand under budgets of their own.

use super::{Mutation, Replica, ReplicaError};
use crate::Micros;
use crate::crdt::keyspace::Operation;
use crate::crdt::{PruneOptions, PruneTrigger};

/// What one write can add at most beyond its content: a live dot and the record of one killed dot.
const WRITE: usize = 128;

/// Whether a mutation only takes away: that is always allowed.
pub(super) fn makes_room(mutation: &Mutation) -> bool {
    match mutation {
        Mutation::Apply { operation, .. } => takes_away(operation),
        Mutation::SetMergeMode { .. } => false,
        Mutation::ClearMergeMode { .. } => true,
    }
}

fn takes_away(operation: &Operation) -> bool {
    match operation {
        Operation::Remove { .. }
        | Operation::Clear
        | Operation::Disable
        | Operation::Untag { .. }
        | Operation::Delete => true,
        Operation::Field { operation, .. } => takes_away(operation),
        Operation::Add { .. }
        | Operation::Increment { .. }
        | Operation::Write { .. }
        | Operation::Enable
        | Operation::Tag { .. } => false,
    }
}

impl Replica {
    /// Whether one more write fits into the budget, if every record gives way to it.
    pub(super) fn check_budget(&self) -> Result<(), ReplicaError> {
        let Some(budget) = self.config.metadata_budget else {
            return Ok(());
        };
        let size = self.store.size();
        let metadata = size.metadata() - size.journal;
        if metadata.saturating_add(WRITE) > budget {
            return Err(ReplicaError::OverBudget { metadata, budget });
        }
        Ok(())
    }

    /// Forgets records until the budget is met, or none is left.
    pub(super) fn shrink_journal(&mut self, now: Micros) {
        if let Some(budget) = self.config.metadata_budget {
            self.forget_until(now, budget);
        }
    }

    /// Halves the journal as often as it takes.
    fn forget_until(&mut self, now: Micros, metadata: usize) {
        while self.store.size().metadata() > metadata && self.store.journal_len() > 0 {
            let options = PruneOptions {
                max_tombstones: self.store.journal_len() / 2,
                ..self.config.prune.clone()
            };
            self.prune(now, &options, PruneTrigger::Automatic);
        }
    }
}
