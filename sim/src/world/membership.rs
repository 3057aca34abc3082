//! Who takes part: the leader sees to it, by entries of the log.
//!
//! A worker that has booted is admitted to the sets, joins the group as a learner, catches up, and is
//! promoted if a vote is free. A worker that leaves is fenced and closed, leaves the group, and is
//! switched off. A replica that is silent for long is fenced, so that it holds up nobody; when it
//! returns it is admitted again. A leader takes one step at a time and looks again a second later:
//! what it proposed may be lost, and what it sees may be its predecessor's doing.

use std::sync::Arc;

use quorate::crdt::{Entry, Epoch, Member, ReplicaId};
use quorate::raft::{Input, MemberChange, MembershipChange, Standing};
use quorate::{Micros, NodeId};

use super::{World, slot};
use crate::machine::{Command, Employment};
use crate::network::Parcel;
use crate::node::Process;
use crate::notice::NoticeKind;
use crate::reports::Duty;

impl World {
    /// Whoever leads looks after the others.
    pub(super) fn tend(&mut self) {
        for leader in self.settled_leaders() {
            self.take_charge(leader);
            self.control(leader, quorate::autoscale::controller::Input::Tick);
            self.tend_duties(leader);
            self.tend_drains(leader);
            self.tend_leaving(leader);
            self.tend_group(leader);
            self.tend_silent(leader);
        }
    }

    /// An entry that a replica wants in the membership log. Its node proposes it, or passes it on to
    /// one that can.
    pub(super) fn propose_entry(&mut self, id: NodeId, entry: Entry) {
        if self.node(id).knows_leader() {
            if self.is_welcome(id, &entry) {
                self.propose(id, &Command::Replicas(entry));
            }
            return;
        }
        let voters = u64::from(self.scenario.voters);
        let through = NodeId(1 + self.random.workload.below(voters));
        if through != id && self.node(id).raft.is_none() {
            self.send(id, through, Parcel::Admission(Box::new(entry)));
        }
    }

    /// A worker that leaves asks to be admitted again as long as it runs, and a worker that nobody
    /// ordered has no business here.
    fn is_welcome(&self, id: NodeId, entry: &Entry) -> bool {
        let Entry::Readmit { replica, .. } = entry else {
            return true;
        };
        let is_voter = replica.node.0 <= u64::from(self.scenario.voters);
        let fleet = self.node(id).machine.fleet();
        is_voter || fleet.employment(replica.node) == Some(Employment::Employed)
    }

    /// The leader's word to a worker.
    pub(super) fn receive_duty(&mut self, id: NodeId, term: u64, duty: Duty) {
        if id.0 <= u64::from(self.scenario.voters) || term < self.node(id).duty_term {
            return;
        }
        let node = self.node_mut(id);
        node.duty_term = term;
        match (node.process, duty) {
            (Process::Running, Duty::Drain) => {
                node.process = Process::Draining;
                self.notice(Some(id), NoticeKind::Draining);
            }
            (Process::Draining, Duty::Serve) => {
                node.process = Process::Running;
                self.notice(Some(id), NoticeKind::Ready);
            }
            _ => {}
        }
    }

    /// Workers are told to drain or to serve, and what has changed in the membership of the sets.
    fn tend_duties(&mut self, leader: NodeId) {
        let node = self.node(leader);
        let Some(term) = node.settled_term() else {
            return;
        };
        let mut words = Vec::new();
        for (worker, employment) in node.machine.fleet().workers() {
            let Some(report) = node.reports.fresh(self.now, worker) else {
                continue;
            };
            let duty = match employment {
                Employment::Employed => Duty::Serve,
                Employment::Draining { .. } | Employment::Leaving { .. } => Duty::Drain,
            };
            if report.duty != duty {
                words.push((worker, Parcel::Duty { term, duty }));
            }
            let reads_itself = self.reads_log(leader, worker);
            let missing = report.epoch.filter(|_| !reads_itself).map(|epoch| {
                let entries = node.machine.admissions_above(epoch);
                entries.iter().take(ADMISSIONS).cloned().collect::<Vec<_>>()
            });
            if let Some(entries) = missing.filter(|entries| !entries.is_empty()) {
                words.push((worker, Parcel::Admissions(entries)));
            }
        }
        for (worker, parcel) in words {
            if worker == leader {
                if let Parcel::Duty { term, duty } = parcel {
                    self.receive_duty(worker, term, duty);
                }
            } else {
                self.send(leader, worker, parcel);
            }
        }
    }

    /// Whether a worker gets the log of the group, and with it the membership of the sets.
    fn reads_log(&self, leader: NodeId, worker: NodeId) -> bool {
        let raft = self.node(leader).raft.as_ref();
        raft.is_some_and(|raft| raft.membership().standing(worker) != Standing::Outsider)
    }

    /// A worker that leaves: fence it, wait until it is closed, take it out of the group, stop it.
    fn tend_leaving(&mut self, leader: NodeId) {
        let machine = &self.node(leader).machine;
        let leaving: Vec<(NodeId, Option<Member>)> = machine
            .fleet()
            .workers()
            .filter(|(_, employment)| matches!(employment, Employment::Leaving { .. }))
            .map(|(worker, _)| (worker, machine.table().member(ReplicaId::first(worker))))
            .collect();
        for (worker, member) in leaving {
            match member {
                Some(Member::Active) => self.fence(leader, worker),
                // The first of the active replicas proposes to close it when all hold as much.
                Some(Member::Fenced { .. }) => {}
                Some(Member::Closed { .. } | Member::Expired { .. }) | None => {
                    if self.reads_log(leader, worker) {
                        self.change_group(leader, MemberChange::Remove(worker));
                    } else {
                        self.propose(leader, &Command::Stop { worker });
                    }
                }
            }
        }
    }

    fn fence(&mut self, leader: NodeId, node: NodeId) {
        let replica = ReplicaId::first(node);
        self.propose(leader, &Command::Replicas(Entry::Fence { replica }));
    }

    /// The group grows into the fleet: a learner that has caught up is promoted while votes are
    /// free, and a worker is taken in while there is a place.
    fn tend_group(&mut self, leader: NodeId) {
        if let Some(change) = self.next_member(leader) {
            self.change_group(leader, change);
        }
    }

    fn next_member(&self, leader: NodeId) -> Option<MemberChange> {
        let node = self.node(leader);
        let raft = node.raft.as_ref()?;
        let membership = raft.membership();
        if membership.is_joint() {
            return None;
        }
        let fleet = node.machine.fleet();
        let is_settled = |worker: NodeId| {
            fleet.employment(worker) == Some(Employment::Employed)
                && node.machine.table().is_active(ReplicaId::first(worker))
                && node.reports.fresh(self.now, worker).is_some()
        };
        let spec = &self.scenario.raft;
        let most_voters = spec.max_voters.max(self.scenario.voters) as usize;
        let free_votes = most_voters.saturating_sub(membership.incoming().len());
        let has_caught_up = |learner: NodeId| {
            let progress = raft.progress(learner);
            progress.is_some_and(|it| it.match_index + CAUGHT_UP >= raft.commit_index())
        };
        let learners = membership.learners();
        let mut candidates = learners.iter().copied().filter(|_| free_votes > 0);
        if let Some(next) = candidates.find(|&id| is_settled(id) && has_caught_up(id)) {
            return Some(MemberChange::AddVoter(next));
        }
        // A free vote is a place for one who learns in order to get it.
        let places = (spec.max_learners as usize).max(free_votes.min(1));
        if learners.len() >= places {
            return None;
        }
        let is_outside = |worker: NodeId| membership.standing(worker) == Standing::Outsider;
        let mut workers = fleet.workers().map(|(worker, _)| worker);
        let next = workers.find(|&worker| is_outside(worker) && is_settled(worker))?;
        Some(MemberChange::AddLearner(next))
    }

    fn change_group(&mut self, leader: NodeId, change: MemberChange) {
        let change = MembershipChange::one(change);
        self.step_raft(leader, Input::ProposeMembership { change });
    }

    /// A replica that has said nothing for long is fenced: what is pruned, and who may leave, must
    /// not wait for it.
    fn tend_silent(&mut self, leader: NodeId) {
        let limit = self.scenario.sets.fence_after;
        if limit == Micros::ZERO {
            return;
        }
        let node = self.node(leader);
        let silent: Vec<NodeId> = node
            .machine
            .table()
            .active()
            .map(|replica| replica.node)
            .filter(|&id| id != leader && node.reports.silence(self.now, id) > limit)
            .collect();
        for id in silent {
            self.fence(leader, id);
        }
    }

    /// Entries of the membership log reach a worker that does not read the log itself.
    pub(super) fn receive_admissions(&mut self, id: NodeId, entries: Vec<(Epoch, Arc<Entry>)>) {
        if self.nodes[slot(id)].raft.is_none() {
            self.enter(id, entries);
        }
    }
}

/// A learner so many entries behind the commit index counts as caught up.
const CAUGHT_UP: u64 = 10;
/// Entries of the membership log in one message.
const ADMISSIONS: usize = 64;
