//! Reads that do not go through the log.

use quorate::{Micros, NodeId};

use super::{Consensus, Finding, Ledger};
use crate::observer::Invariant;

/// By what a node may answer a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// A quorum said that it still leads.
    Quorum,
    /// It trusts its lease, at this moment of the world's time.
    Lease {
        /// When it answers.
        at: Micros,
    },
}

impl Consensus {
    /// A client asks a node to confirm a read. If it asks twice, the first time counts: the answer may
    /// be to that.
    pub fn read_asked(&mut self, id: NodeId, read: u64) {
        let committed = self.committed.last_index();
        self.reads.entry((id, read)).or_insert(committed);
    }

    /// A read is confirmed at an index: at least what was committed when it was asked for.
    pub(super) fn read_confirmed(
        &mut self,
        ledger: &mut Ledger,
        id: NodeId,
        read: u64,
        index: u64,
    ) {
        let Some(floor) = self.reads.remove(&(id, read)) else {
            return;
        };
        let broken = (index < floor).then(|| {
            let words = format!(
                "{id} confirms a read at index {index}, and {floor} was committed before it was \
                 asked for"
            );
            Finding::of(id, words)
        });
        ledger.check(Invariant::Linearizability, broken);
    }

    /// A leader answers a read of its term.
    ///
    /// By its lease it may do so only while nobody has committed in a later term. Clocks that drift
    /// beyond their bound break that, and whoever lets them drift has said so.
    pub fn read_served(
        &self,
        ledger: &mut Ledger,
        id: NodeId,
        term: u64,
        confirmation: Confirmation,
    ) {
        let Confirmation::Lease { at } = confirmation else {
            return;
        };
        let mut later = self.reigns.range(term + 1..);
        let overtaken = later.find(|(_, reign)| reign.has_committed && reign.leader != id);
        let broken = overtaken.map(|(later, reign)| {
            let leader = reign.leader;
            let words = format!(
                "{id} answers a read by its lease in term {term} at {at} s, after {leader} has \
                 committed in term {later}"
            );
            Finding::about([id, leader], words)
        });
        ledger.check(Invariant::LeaseSafety, broken);
    }
}
