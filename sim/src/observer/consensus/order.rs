//! Indices that only grow, in the order in which they must stand.

use quorate::NodeId;
use quorate::raft::{Raft, Role};

use super::{Consensus, Finding, Ledger};
use crate::observer::Invariant;

impl Consensus {
    /// Terms and indices of a step against those before it.
    pub(super) fn check_monotony(&mut self, ledger: &mut Ledger, id: NodeId, raft: &Raft) {
        let host = self.host_mut(id);
        let (term, commit_index) = (host.term, host.commit_index);
        let applied_index = host.applied_index;
        let fell = raft.term() < term
            || raft.commit_index() < commit_index
            || raft.applied_index() < applied_index;
        let broken = fell.then(|| {
            let words = format!(
                "{id} goes from term {term}, commit {commit_index} and applied {applied_index} to \
                 {}, {} and {}",
                raft.term(),
                raft.commit_index(),
                raft.applied_index()
            );
            Finding::of(id, words)
        });
        ledger.check(Invariant::Monotonicity, broken);
        if raft.term() != term {
            self.host_mut(id).term = raft.term();
            self.check_churn(ledger, id, raft.term());
        }
    }

    /// What is applied takes effect; whether a change of membership is among it.
    pub(super) fn take_effect(&mut self, id: NodeId, index: u64) -> bool {
        let host = self.host_mut(id);
        host.applied_index = index;
        let before = host.changes.len();
        while host.changes.front().is_some_and(|change| *change <= index) {
            host.changes.pop_front();
        }
        host.changes.len() < before
    }

    /// The indices of a node among each other.
    pub(super) fn check_order(&self, ledger: &mut Ledger, id: NodeId, raft: &Raft) {
        let host = self.host(id);
        let (boundary, snapshot) = (raft.log().boundary().index, raft.snapshot().position.index);
        let (applied, commit, last) =
            (raft.applied_index(), raft.commit_index(), raft.last_index());
        let is_ordered = boundary <= snapshot
            && (snapshot <= applied || host.is_installing())
            && applied <= commit
            && commit <= last
            && last == host.log.last_index();
        let broken = (!is_ordered).then(|| {
            let words = format!(
                "{id} has boundary {boundary}, snapshot {snapshot}, applied {applied}, commit \
                 {commit}, last {last}, and {} as seen from outside",
                host.log.last_index()
            );
            Finding::of(id, words)
        });
        ledger.check(Invariant::StateOrdering, broken);
        if raft.role() == Role::Leader {
            self.check_progress(ledger, raft, id);
        }
    }

    /// What a leader believes of a member. Asked of itself after every step, and of others when the
    /// leader acts on it, which is when it sends: all of them every time would cost a leader of a
    /// hundred nodes ten thousand look-ups a step.
    pub(super) fn check_progress(&self, ledger: &mut Ledger, raft: &Raft, member: NodeId) {
        let Some(progress) = raft.progress(member) else {
            return;
        };
        let id = raft.id();
        let durable = self.host(id).durable.log.last_index();
        let (matched, next) = (progress.match_index, progress.next_index);
        let is_possible =
            matched < next && next <= raft.last_index() + 1 && (member != id || matched <= durable);
        let broken = (!is_possible).then(|| {
            let words = format!(
                "{id} believes that {member} has everything up to {matched} and is to get {next}; \
                 its own log ends at {} and its disk at {durable}",
                raft.last_index()
            );
            Finding::about([id, member], words)
        });
        ledger.check(Invariant::StateOrdering, broken);
    }
}
