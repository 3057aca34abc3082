//! The same properties as a beginner would check them: everything against everything.
//!
//! It compares logs entry by entry and content by content, remembers whole histories, and costs
//! the square of all that. What it knows it takes from the nodes and their disks directly. It is
//! here to check the checker: on healthy runs both must be silent, and where this one finds
//! something, the other must have found it, too.

use std::collections::{BTreeMap, BTreeSet};

use quorate::NodeId;
use quorate::raft::{Body, Entry, Message, Raft, Role, Verdict};

use super::cluster::{Cluster, Disk, Node, State};
use crate::observer::Invariant;

/// Everything that was ever seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Naive {
    /// What broke.
    pub(super) broken: BTreeSet<Invariant>,
    leaders: BTreeMap<u64, NodeId>,
    /// Every entry that any node knew to be committed: its content, and the lowest term of who did.
    committed: BTreeMap<u64, (u64, Vec<u8>, u64)>,
    /// Every vote that was ever told.
    votes: BTreeSet<(NodeId, u64, NodeId)>,
    /// What every state machine was after every index.
    states: BTreeMap<u64, State>,
}

impl Naive {
    fn expect(&mut self, invariant: Invariant, holds: bool) {
        if !holds {
            self.broken.insert(invariant);
        }
    }

    /// Messages leave.
    pub(super) fn sent(&mut self, messages: &[Message]) {
        for message in messages {
            let granted = Body::VoteReply {
                verdict: Verdict::Granted,
            };
            if message.body == granted {
                let vote = (message.from, message.term, message.to);
                let others = (message.from, message.term, NodeId(0))
                    ..=(message.from, message.term, NodeId(u64::MAX));
                let is_only = self.votes.range(others).all(|other| *other == vote);
                self.expect(Invariant::VoteUniqueness, is_only);
                self.votes.insert(vote);
            }
        }
    }

    /// A state machine took up an entry.
    pub(super) fn applied(&mut self, _: NodeId, index: u64, _: &Entry, digest: u64) {
        let state = State {
            digest,
            applied: index,
        };
        let first = self.states.entry(index).or_insert(state).digest;
        self.expect(Invariant::StateMachineSafety, first == digest);
    }

    /// The state as of an index.
    pub(super) fn state_at(&self, index: u64) -> State {
        self.states.get(&index).cloned().unwrap_or(State {
            digest: 0,
            applied: index,
        })
    }

    /// Looks at everything.
    pub(super) fn look(&mut self, cluster: &Cluster) {
        let nodes = cluster.nodes.values();
        let rafts: Vec<&Raft> = nodes.filter_map(|node| node.raft.as_ref()).collect();
        self.look_at(&rafts);
        for raft in &rafts {
            if raft.role() == Role::Leader {
                self.look_at_disks(raft, &cluster.nodes);
            }
        }
    }

    /// Looks at everything but the disks.
    pub(super) fn look_at(&mut self, rafts: &[&Raft]) {
        for raft in rafts {
            self.look_at_node(raft);
        }
        for one in rafts {
            for other in rafts {
                self.look_at_logs(one, other);
            }
        }
        for raft in rafts {
            if raft.role() == Role::Leader {
                self.look_at_leader(raft);
            }
        }
    }

    fn look_at_node(&mut self, raft: &Raft) {
        let boundary = raft.log().boundary();
        let mut term = boundary.term;
        for (index, entry) in raft.log().range(boundary.index + 1..u64::MAX) {
            self.expect(
                Invariant::WellFormedLogs,
                entry.term() >= term && entry.term() <= raft.term(),
            );
            term = entry.term();
            if index > raft.commit_index() {
                continue;
            }
            let content = (entry.term(), entry.payload().to_vec(), raft.term());
            let known = self.committed.entry(index).or_insert(content.clone());
            known.2 = known.2.min(raft.term());
            let is_same = (known.0, &known.1) == (content.0, &content.1);
            self.expect(Invariant::CommittedIsImmutable, is_same);
        }
        let is_ordered = raft.commit_index() <= raft.last_index()
            && raft.applied_index() <= raft.commit_index()
            && boundary.index <= raft.snapshot().position.index;
        self.expect(Invariant::StateOrdering, is_ordered);
    }

    /// Where two logs have the same term at an index, everything before is the same.
    fn look_at_logs(&mut self, one: &Raft, other: &Raft) {
        let first = one.log().first_index().max(other.log().first_index());
        let last = one.last_index().min(other.last_index());
        let same_term = |index: &u64| one.log().term_at(*index) == other.log().term_at(*index);
        let Some(agreed) = (first..=last).rev().find(same_term) else {
            return;
        };
        let is_same = (first..=agreed).all(|index| {
            let content = |raft: &Raft| {
                let entry = raft.log().entry(index)?;
                Some((entry.term(), entry.kind(), entry.payload().to_vec()))
            };
            content(one) == content(other)
        });
        self.expect(Invariant::LogMatching, is_same);
    }

    fn look_at_leader(&mut self, raft: &Raft) {
        let first = *self.leaders.entry(raft.term()).or_insert(raft.id());
        self.expect(Invariant::ElectionSafety, first == raft.id());
        let from = raft.log().first_index();
        let is_complete = self
            .committed
            .range(from..)
            .all(|(index, (term, payload, by))| {
                *by >= raft.term()
                    || raft.log().entry(*index).is_some_and(|entry| {
                        (entry.term(), entry.payload().to_vec()) == (*term, payload.clone())
                    })
            });
        self.expect(Invariant::LeaderCompleteness, is_complete);
    }

    /// What a leader has committed in its term is on a majority of the disks of its voters, as long
    /// as nobody has replaced it.
    fn look_at_disks(&mut self, raft: &Raft, nodes: &BTreeMap<NodeId, Node>) {
        let index = raft.commit_index();
        let group = raft.membership();
        let is_settled =
            raft.applied_index() == index && raft.log().term_at(index) == Some(raft.term());
        if group.is_joint() || !is_settled || self.leaders.keys().next_back() != Some(&raft.term())
        {
            return;
        }
        let stores =
            |voter: &&NodeId| on_disk(&nodes[*voter].disk, index) == raft.log().term_at(index);
        let holders = group.incoming().iter().filter(stores).count();
        // A change of the group that was just applied may have been committed by the old one.
        let slack = usize::from(raft.log().entry(index).is_none());
        self.expect(
            Invariant::QuorumDurability,
            2 * (holders + slack + 1) > group.incoming().len(),
        );
    }
}

/// The term that a disk has at an index.
fn on_disk(disk: &Disk, index: u64) -> Option<u64> {
    if index <= disk.boundary.index {
        return Some(disk.boundary.term);
    }
    let place = usize::try_from(index - disk.boundary.index - 1).ok()?;
    disk.entries.get(place).map(Entry::term)
}
