//! Who may vote, and how that changes.
//!
//! Two majorities of different groups need not share anybody. So every change must leave the old
//! and the new group with quorums that overlap, no two changes may be under way, and the one who
//! proposes or stands must know of all before. The membership at an index is computed here from
//! what is committed; nodes are not asked.

use std::collections::VecDeque;
use std::sync::Arc;

use quorate::NodeId;
use quorate::raft::{EntryKind, Membership, Raft, Role};

use super::{Consensus, Finding, Ledger};
use crate::observer::Invariant;

impl Consensus {
    /// The membership that holds once an index is applied.
    pub(super) fn membership_at(&self, applied: u64) -> &Arc<Membership> {
        let later = self
            .memberships
            .partition_point(|(since, _)| *since <= applied);
        &self.memberships[later.saturating_sub(1)].1
    }

    /// A change of membership is put into a log.
    pub(super) fn change_appended(
        &mut self,
        ledger: &mut Ledger,
        id: NodeId,
        index: u64,
        term: u64,
    ) {
        let host = self.host(id);
        let pending = host.changes.back().copied();
        let is_proposed = host.role == Role::Leader && host.term == term;
        if is_proposed {
            let second = pending.map(|pending| {
                let words = format!(
                    "{id} leads term {term} and appends a change of membership at {index}, while \
                     the one at {pending} is not applied"
                );
                Finding::of(id, words)
            });
            ledger.check(Invariant::MembershipSafety, second);
            let committed = host.log.link(host.commit_index, &self.committed);
            let is_settled = committed.is_some_and(|link| link.term == term);
            let early = (!is_settled).then(|| {
                let words = format!(
                    "{id} leads term {term} and appends a change of membership at {index} before \
                     anything of its term is committed"
                );
                Finding::of(id, words)
            });
            ledger.check(Invariant::MembershipSafety, early);
        }
        self.host_mut(id).changes.push_back(index);
    }

    /// A node that stands for election must have applied every change it knows to be committed.
    pub(super) fn check_campaign(&self, ledger: &mut Ledger, id: NodeId, role: Role, raft: &Raft) {
        if role == Role::Follower {
            return;
        }
        let host = self.host(id);
        let first = host.changes.front().copied();
        let unapplied = first.filter(|change| *change <= host.commit_index);
        let broken = unapplied.map(|change| {
            let words = format!(
                "{id} stands for election in term {} without having applied the change of \
                 membership at {change}, which it knows to be committed",
                raft.term()
            );
            Finding::of(id, words)
        });
        ledger.check(Invariant::MembershipSafety, broken);
    }

    /// A node counts by a membership since it has applied an index.
    pub(super) fn membership_applied(
        &mut self,
        ledger: &mut Ledger,
        id: NodeId,
        index: u64,
        membership: &Membership,
    ) {
        // A leader that is taken out makes way for another.
        self.churn.settle_again(ledger.now());
        let known = self.membership_at(index);
        let differs = (**known != *membership).then(|| {
            let words =
                format!("{id} counts by another membership since index {index} than the log makes");
            Finding::of(id, words)
        });
        ledger.check(Invariant::MembershipSafety, differs);
        let at = self
            .memberships
            .partition_point(|(since, _)| *since <= index);
        let Some((_, before)) = at.checked_sub(2).map(|at| &self.memberships[at]) else {
            return;
        };
        let apart = (!overlap(before, membership)).then(|| {
            let words = format!(
                "{id} takes up a membership at index {index} with a quorum that shares nobody \
                 with one of the membership before"
            );
            Finding::of(id, words)
        });
        ledger.check(Invariant::MembershipSafety, apart);
        let nested = (before.is_joint() && membership.is_joint()).then(|| {
            Finding::of(
                id,
                format!("{id} goes from one joint membership into another at {index}"),
            )
        });
        ledger.check(Invariant::MembershipSafety, nested);
    }
}

/// The changes of membership in a log that are not applied.
pub(super) fn unapplied(raft: &Raft) -> VecDeque<u64> {
    let above = raft
        .log()
        .range(raft.applied_index() + 1..raft.last_index() + 1);
    above
        .filter(|(_, entry)| entry.kind() == EntryKind::Membership)
        .map(|(index, _)| index)
        .collect()
}

/// Whether every quorum of one membership shares a voter with every quorum of the other: some half
/// of the one and some half of the other leave no room for disjoint majorities.
fn overlap(one: &Membership, other: &Membership) -> bool {
    let halves = |group: &Membership| -> Vec<Vec<NodeId>> {
        let halves = [group.incoming().to_vec(), group.outgoing().to_vec()];
        halves.into_iter().filter(|half| !half.is_empty()).collect()
    };
    let others = halves(other);
    halves(one)
        .iter()
        .any(|a| others.iter().any(|b| majorities_overlap(a, b)))
}

/// Two majorities must meet if, after using up what the other side does not have, they need more
/// of the common voters than there are.
fn majorities_overlap(one: &[NodeId], other: &[NodeId]) -> bool {
    let common = one.iter().filter(|voter| other.contains(voter)).count();
    let needed = |voters: &[NodeId]| {
        let majority = voters.len() / 2 + 1;
        majority.saturating_sub(voters.len() - common)
    };
    needed(one) + needed(other) > common
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voters(ids: &[u64]) -> Vec<NodeId> {
        ids.iter().copied().map(NodeId).collect()
    }

    #[test]
    fn one_voter_more_or_less_overlaps_and_two_may_not() {
        let overlaps = |a: &[u64], b: &[u64]| majorities_overlap(&voters(a), &voters(b));
        assert!(overlaps(&[1, 2, 3], &[1, 2, 3, 4]));
        assert!(overlaps(&[1, 2, 3, 4], &[2, 3, 4]));
        assert!(!overlaps(&[1, 2, 3], &[1, 2, 3, 4, 5]));
        assert!(!overlaps(&[1, 2, 3], &[3, 4, 5]));
        assert!(!overlaps(&[1], &[2]));
    }
}
