//! Leader Completeness, State Machine Safety, and what makes a commit legal.

use std::sync::Arc;

use quorate::NodeId;
use quorate::raft::{EntryKind, Membership, MembershipChange, Raft, Role};

use super::{Committed, Consensus, Finding, Ledger};
use crate::observer::Invariant;

/// The leadership of one term.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reign {
    pub(super) leader: NodeId,
    /// The highest index that it committed in this term or before.
    pub(super) commit_index: u64,
    /// Whether it has committed anything in this term.
    pub(super) has_committed: bool,
}

impl Consensus {
    /// A node knows more to be committed than before.
    pub(super) fn commit(&mut self, ledger: &mut Ledger, id: NodeId, raft: &Raft) {
        let (before, term) = (self.host(id).commit_index, raft.term());
        // Beyond its log there is nothing to look at; that it commits it is told elsewhere.
        let upto = raft.commit_index().min(self.host(id).log.last_index());
        if raft.role() == Role::Leader {
            self.check_leader_commit(ledger, id, term, upto);
        } else {
            self.check_follower_commit(ledger, id, term, raft.commit_index());
        }
        self.check_immutable(ledger, id, upto);
        let known = self.committed.last_index();
        for index in known + 1..=upto {
            self.define(index, term, raft);
        }
        self.committed_in(before, upto.min(known), term);
        self.check_later_leaders(ledger, id, term, upto);
        let host = place_of(&mut self.hosts, id);
        host.commit_index = raft.commit_index();
        host.log.fold(upto, &self.committed);
        host.durable.log.fold(upto, &self.committed);
    }

    /// The first commit of an index says what is committed there.
    fn define(&mut self, index: u64, term: u64, raft: &Raft) {
        let Some(link) = self.host(raft.id()).log.link(index, &self.committed) else {
            return;
        };
        self.committed.push(Committed {
            link,
            in_term: term,
        });
        self.open.remove(&(index, link.term));
        let entry = raft.log().entry(index);
        if let Some(entry) = entry.filter(|entry| entry.kind() == EntryKind::Membership) {
            let current = &self.memberships.last().expect("the first group is known").1;
            let next = MembershipChange::decode(entry.payload())
                .ok()
                .and_then(|change| current.changed(&change).ok());
            if let Some(next) = next {
                self.memberships.push((index, Arc::new(next)));
            }
        }
    }

    /// What was known to be committed was committed in this term, too.
    fn committed_in(&mut self, before: u64, upto: u64, term: u64) {
        for index in (before + 1..=upto).rev() {
            match self.committed.get(index) {
                Some(entry) if entry.in_term > term => {
                    if let Some(entry) = self.committed.get_mut(index) {
                        entry.in_term = term;
                    }
                }
                // Those before it were committed in no later term.
                _ => break,
            }
        }
    }

    /// A commit of what is not what was committed.
    fn check_immutable(&self, ledger: &mut Ledger, id: NodeId, upto: u64) {
        let index = upto.min(self.committed.last_index());
        let host = self.host(id);
        let broken = (!host.log.agrees(index, &self.committed)).then(|| {
            let words = match self.committed.get(index).map(|entry| entry.link.term) {
                Some(term) => format!(
                    "{id} commits up to index {index}, where an entry of term {term} and another \
                     log before it are committed"
                ),
                None => format!("{id} commits up to index {index}, which is not in its log"),
            };
            Finding::of(id, words)
        });
        ledger.check(Invariant::CommittedIsImmutable, broken);
    }

    /// A leader commits what is of its own term and durable on a quorum of the voters it knows.
    pub(super) fn check_leader_commit(
        &mut self,
        ledger: &mut Ledger,
        id: NodeId,
        term: u64,
        upto: u64,
    ) {
        let host = self.host(id);
        let link = host.log.link(upto, &self.committed);
        let own = link.map(|link| link.term);
        let foreign = (own != Some(term)).then(|| {
            let words = format!(
                "{id} leads term {term} and commits index {upto} of term {} by counting",
                own.unwrap_or(0)
            );
            Finding::of(id, words)
        });
        ledger.check(Invariant::CommitLegality, foreign);
        let group = Arc::clone(self.membership_at(host.applied_index));
        let holds = |voter: &NodeId| {
            let durable = self.known(*voter).map(|host| &host.durable.log);
            let on_disk = durable.and_then(|log| log.link(upto, &self.committed));
            link.is_some() && on_disk == link
        };
        let holders: Vec<NodeId> = group.voters().into_iter().filter(holds).collect();
        let broken = (!is_quorum(&group, &holders)).then(|| {
            let words = format!(
                "{id} commits index {upto} in term {term}; of its voters only {} have it on disk",
                list(&holders)
            );
            Finding::of(id, words)
        });
        ledger.check(Invariant::CommitLegality, broken);
        self.committed_by = group;
        if let Some(reign) = self.reigns.get_mut(&term) {
            reign.commit_index = reign.commit_index.max(upto);
            reign.has_committed = true;
        }
    }

    /// A follower commits no more than it has and than the leader of its term has committed.
    pub(super) fn check_follower_commit(
        &self,
        ledger: &mut Ledger,
        id: NodeId,
        term: u64,
        index: u64,
    ) {
        let announced = self.reigns.get(&term).map_or(0, |reign| reign.commit_index);
        let broken = (index > announced).then(|| {
            let words = format!(
                "{id} commits up to {index} in term {term}, whose leader has committed up to \
                 {announced}"
            );
            Finding::of(id, words)
        });
        ledger.check(Invariant::CommitLegality, broken);
        let last_index = self.host(id).log.last_index();
        let beyond = (index > last_index).then(|| {
            Finding::of(
                id,
                format!("{id} commits {index} and its log ends at {last_index}"),
            )
        });
        ledger.check(Invariant::CommitLegality, beyond);
    }

    /// A new leader must have everything that was committed in earlier terms.
    pub(super) fn check_complete(&self, ledger: &mut Ledger, id: NodeId, term: u64) {
        let upto = self.committed.partition_point(|entry| entry.in_term < term);
        self.check_leader_has(ledger, id, term, upto);
    }

    /// A commit in an old term must not have been missed by the leader of a later one.
    fn check_later_leaders(&self, ledger: &mut Ledger, id: NodeId, term: u64, upto: u64) {
        for (leader, host) in self.nodes() {
            if leader != id && host.is_up && host.role == Role::Leader && host.term > term {
                self.check_leader_has(ledger, leader, host.term, upto);
            }
        }
    }

    fn check_leader_has(&self, ledger: &mut Ledger, id: NodeId, term: u64, upto: u64) {
        let log = &self.host(id).log;
        let broken = (!log.agrees(upto, &self.committed)).then(|| {
            let was = self.committed.get(upto).map_or(0, |entry| entry.link.term);
            let words = format!(
                "{id} leads term {term} without the entry of term {was} that was committed at \
                 index {upto}"
            );
            Finding::of(id, words)
        });
        ledger.check(Invariant::LeaderCompleteness, broken);
    }

    /// A node's state machine applied the entry at an index, and has this digest since.
    pub fn applied(&mut self, ledger: &mut Ledger, id: NodeId, index: u64, digest: u64) {
        let host = self.host(id);
        let (next, commit_index) = (host.executed_index + 1, host.commit_index);
        let misplaced = (index != next || index > commit_index).then(|| {
            let words = format!(
                "{id} applies index {index}; {next} is its next and {commit_index} is committed"
            );
            Finding::of(id, words)
        });
        ledger.check(Invariant::StateMachineSafety, misplaced);
        let differs = (!host.log.agrees(index, &self.committed)).then(|| {
            Finding::of(
                id,
                format!("{id} applies another entry at index {index} than is committed"),
            )
        });
        ledger.check(Invariant::StateMachineSafety, differs);
        self.check_digest(ledger, id, index, digest);
        self.host_mut(id).executed_index = index;
    }

    /// A node's state machine was replaced by the state of a snapshot of an index.
    pub fn state_installed(&mut self, ledger: &mut Ledger, id: NodeId, index: u64, digest: u64) {
        self.check_digest(ledger, id, index, digest);
        self.host_mut(id).executed_index = index;
    }

    fn check_digest(&mut self, ledger: &mut Ledger, id: NodeId, index: u64, digest: u64) {
        if index == self.digests.last_index() + 1 {
            self.digests.push(digest);
        }
        let first = self.digests.get(index).copied();
        let is_forgotten = index <= self.digests.forgotten();
        let broken = (first != Some(digest) && !is_forgotten).then(|| {
            Finding::of(
                id,
                format!("{id} is in another state after index {index} than others were"),
            )
        });
        ledger.check(Invariant::StateMachineSafety, broken);
    }

    /// Every quorum of the voters who committed it must still have everything committed. Asked
    /// after crashes and losses of disks.
    pub(super) fn check_quorum_durability(&self, ledger: &mut Ledger, id: NodeId) {
        let upto = self.committed.last_index();
        if upto == 0 {
            return;
        }
        let group = &self.committed_by;
        let lacks = |voter: &NodeId| {
            let durable = self.known(*voter).map(|host| &host.durable.log);
            !durable
                .is_some_and(|log| log.last_index() >= upto && log.agrees(upto, &self.committed))
        };
        let without: Vec<NodeId> = group.voters().into_iter().filter(lacks).collect();
        let broken = is_quorum(group, &without).then(|| {
            let words = format!(
                "with what {id} has on disk, index {upto} is committed and {} form a quorum \
                 without it",
                list(&without)
            );
            Finding::of(id, words)
        });
        ledger.check(Invariant::QuorumDurability, broken);
    }
}

/// Whether the nodes are a majority of the voters, of both halves if there are two.
pub(super) fn is_quorum(group: &Membership, nodes: &[NodeId]) -> bool {
    let is_majority = |voters: &[NodeId]| {
        let among = voters.iter().filter(|voter| nodes.contains(voter));
        voters.is_empty() || 2 * among.count() > voters.len()
    };
    !group.incoming().is_empty() && is_majority(group.incoming()) && is_majority(group.outgoing())
}

/// Names, for a witness.
pub(super) fn list(nodes: &[NodeId]) -> String {
    if nodes.is_empty() {
        return "none".into();
    }
    let names: Vec<String> = nodes.iter().map(ToString::to_string).collect();
    names.join(", ")
}

fn place_of(hosts: &mut [Option<Box<super::Host>>], id: NodeId) -> &mut super::Host {
    hosts[super::place(id)]
        .as_deref_mut()
        .expect("a node that does something has started")
}
