//! What messages say, against what their senders are.

use quorate::NodeId;
use quorate::raft::{Body, Entry, Message, Raft};

use super::{Consensus, Finding, Ledger, Link};
use crate::observer::Invariant;

impl Consensus {
    /// A message leaves its sender.
    pub(super) fn check_message(&self, ledger: &mut Ledger, message: &Message, raft: &Raft) {
        let Message { from, to, term, .. } = *message;
        if message.body.is_from_leader() {
            self.spoke_as_leader(ledger, from, term);
        }
        let own = raft.term();
        let strange = (term > own || from != raft.id()).then(|| {
            let words = format!("{from} speaks in term {term} to {to}, and is in term {own}");
            Finding::about([from, to], words)
        });
        ledger.check(Invariant::MessageSanity, strange);
        match &message.body {
            Body::Append {
                previous_index,
                previous_term,
                entries,
                commit_index,
            } => {
                check_announced(ledger, message, raft, *commit_index, u64::MAX);
                self.check_entries(ledger, message, (*previous_index, *previous_term), entries);
            }
            Body::Heartbeat { commit_index, .. }
            | Body::Commit { commit_index }
            | Body::Quiesce { commit_index } => {
                // Who is removed in this very step is still told; how far it matched is forgotten.
                let progress = raft.progress(to);
                let matched = progress.map_or(u64::MAX, |progress| progress.match_index);
                check_announced(ledger, message, raft, *commit_index, matched);
            }
            Body::Snapshot { snapshot, .. } => {
                let index = snapshot.position.index;
                check_announced(ledger, message, raft, index, u64::MAX);
                self.check_entries(ledger, message, (index, snapshot.position.term), &[]);
            }
            _ => {}
        }
    }

    /// The entries that are sent are those of the sender's log, after what it says precedes them.
    fn check_entries(
        &self,
        ledger: &mut Ledger,
        message: &Message,
        (previous_index, previous_term): (u64, u64),
        entries: &[Entry],
    ) {
        let log = &self.host(message.from).log;
        let Some(previous) = log.link(previous_index, &self.committed) else {
            // Compacted away at everybody, or beyond the sender's log.
            let beyond = previous_index > log.last_index();
            let broken =
                beyond.then(|| self.strange_entries(message.from, message.to, previous_index));
            return ledger.check(Invariant::MessageSanity, broken);
        };
        let last = entries.iter().fold(previous, Link::then);
        let last_index = previous_index + entries.len() as u64;
        let own = log.link(last_index, &self.committed);
        let is_own = previous.term == previous_term && own == Some(last);
        let broken =
            (!is_own).then(|| self.strange_entries(message.from, message.to, previous_index));
        ledger.check(Invariant::MessageSanity, broken);
    }

    fn strange_entries(&self, from: NodeId, to: NodeId, previous_index: u64) -> Finding {
        let last = self.host(from).log.last_index();
        let words = format!(
            "{from} sends {to} entries after index {previous_index} that are not those of its own \
             log, which ends at {last}"
        );
        Finding::about([from, to], words)
    }
}

/// A leader announces no more than it has committed, nor than the receiver is known to have.
fn check_announced(ledger: &mut Ledger, message: &Message, raft: &Raft, index: u64, matched: u64) {
    let limit = raft.commit_index().min(matched);
    let broken = (index > limit).then(|| {
        let Message { from, to, .. } = *message;
        let words = format!(
            "{from} announces index {index} to {to} as committed; {limit} is all that it may"
        );
        Finding::about([from, to], words)
    });
    ledger.check(Invariant::MessageSanity, broken);
}
