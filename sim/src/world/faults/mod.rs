//! What is done to the cluster from outside.

use quorate::raft::Input;
use quorate::{Micros, NodeId};

use super::values::{self, element_path};
use super::{World, slot};
use crate::action::{Action, LinkChange};
use crate::disk::{Remains, Tearing, VoterImage, VoterSynced};
use crate::fault_model::{Assumption, Breach, Loss};
use crate::machine::Operation;
use crate::node::Node;
use crate::observer::{Disturbance, Reach};
use crate::queue::Event;
use crate::standstill::Waiting;

pub use error::ActionError;

mod error;

impl World {
    /// Whether an action can be done now; if not, why.
    pub fn check_action(&self, action: &Action) -> Result<(), ActionError> {
        self.scenario
            .check_action(action)
            .map_err(ActionError::Unknown)?;
        match action {
            Action::Crash { node } => self.require_up(*node),
            Action::Pause { node }
            | Action::Campaign { node }
            | Action::Transfer { node }
            | Action::Add { node, .. }
            | Action::Prune { node } => self.require_stepping(*node),
            Action::Resume { node } => {
                let paused = self.node(*node).standstill.is_paused();
                paused.then_some(()).ok_or(ActionError::NotPaused(*node))
            }
            Action::Restart { node } | Action::RestartEmpty { node } => {
                let crashed = self.node(*node).is_crashed();
                crashed.then_some(()).ok_or(ActionError::NotCrashed(*node))
            }
            Action::LoseDisk { node } => {
                let has = self.node(*node).is_up() || self.node(*node).is_crashed();
                has.then_some(()).ok_or(ActionError::NotRunning(*node))
            }
            Action::Put { node, .. } | Action::Get { node, .. } => {
                self.require_stepping(*node)?;
                let knows = self.node(*node).knows_leader();
                knows.then_some(()).ok_or(ActionError::NoLeader(*node))
            }
            Action::Remove { node, element } => {
                self.require_stepping(*node)?;
                let replica = self.node(*node).replica.as_ref();
                let path = element_path(element);
                let there = replica.is_some_and(|r| r.store().is_live_under(&path));
                there.then_some(()).ok_or(ActionError::NotThere(*node))
            }
            _ => Ok(()),
        }
    }

    /// Does an action now, if it can be done.
    pub(super) fn try_action(&mut self, action: &Action) -> Result<(), ActionError> {
        self.check_action(action)?;
        match action {
            Action::Crash { node } => self.crash(*node),
            Action::Restart { node } => self.start_process(*node)?,
            Action::RestartEmpty { node } => {
                self.replace_disks(*node);
                self.start_process(*node)?;
            }
            Action::LoseDisk { node } => {
                if self.node(*node).is_up() {
                    self.crash(*node);
                }
                self.replace_disks(*node);
            }
            Action::Pause { node } => self.node_mut(*node).standstill.pause(),
            Action::Resume { node } => self.resume(*node),
            Action::Disk(change) => {
                let disk = &mut self.node_mut(change.node).disk;
                *disk = change.applied_to(disk);
            }
            Action::MendDisk { node } => self.node_mut(*node).disk = self.scenario.disk,
            Action::Drift { node, ppm } => self.drift(*node, *ppm),
            Action::Jump { node, by } => self.jump(*node, *by),
            Action::Campaign { node } => {
                self.observer.consensus.called(self.now);
                self.step_raft(*node, Input::Campaign);
            }
            Action::Transfer { node } => self.transfer(*node),
            Action::Put { node, key, value } => {
                let (key, value) = (*key, *value);
                self.operate(*node, Operation::Put { key, value });
            }
            Action::Get { node, key } => self.operate(*node, Operation::Get { key: *key }),
            Action::Add { node, element } => {
                self.mutate(*node, values::add(element));
            }
            Action::Remove { node, element } => {
                self.mutate(*node, values::remove(element));
            }
            Action::Prune { node } => self.prune(*node),
            _ => self.change_network(action),
        }
        self.note_disturbance();
        Ok(())
    }

    /// Tells the observer that elections may follow from what was done, or goes on being done.
    pub(super) fn note_disturbance(&mut self) {
        let is_well = |node: &Node| {
            node.can_step() && node.disk == self.scenario.disk && node.clock.drift_ppm() == 0
        };
        let are_well = self.scenario.voter_ids().all(|id| is_well(self.node(id)));
        let disturbance = if are_well && self.network.broken_links().is_empty() {
            Disturbance::Passing
        } else {
            Disturbance::Lasting
        };
        self.observer.consensus.disturbed(self.now, disturbance);
    }

    /// Tells the observer who is well and who reaches whom, and it sees whether somebody leads.
    pub(super) fn observe_reach(&mut self) {
        let bound = self.scenario.clocks.bound_ppm;
        let is_well = |node: &&Node| {
            node.can_step()
                && node.disk == self.scenario.disk
                && node.clock.drift_ppm().unsigned_abs() <= bound
        };
        let running = self.nodes.iter().filter(|node| node.can_step());
        let broken = self.network.broken_links();
        let reach = Reach {
            running: running.map(|node| node.id).collect(),
            well: self
                .nodes
                .iter()
                .filter(is_well)
                .map(|node| node.id)
                .collect(),
            broken: broken.iter().map(|link| (link.a, link.b)).collect(),
            starts: self.nodes.iter().map(|node| u64::from(node.life)).sum(),
        };
        let observer = &mut self.observer;
        observer.consensus.check_led(&mut observer.ledger, reach);
    }

    fn change_network(&mut self, action: &Action) {
        let network = &mut self.network;
        match action {
            Action::Isolate { node } => {
                for other in self.scenario.node_ids().filter(|other| other != node) {
                    network.cut(*node, other);
                    network.cut(other, *node);
                }
            }
            Action::Partition { groups } => network.partition(groups),
            Action::Cut { a, b } => {
                network.cut(*a, *b);
                network.cut(*b, *a);
            }
            Action::CutOneWay { from, to } => {
                for &from in from {
                    for &to in to.iter().filter(|&&to| to != from) {
                        network.cut(from, to);
                    }
                }
            }
            Action::Mend { a, b } => network.mend(*a, *b),
            Action::Lossy { a, b, permille } => {
                for (from, to) in [(*a, *b), (*b, *a)] {
                    let change = LinkChange {
                        loss_permille: Some(*permille),
                        ..LinkChange::between(from, to)
                    };
                    network.change(from, to, &change);
                }
            }
            Action::Link(change) => network.change(change.from, change.to, change),
            Action::Heal => network.heal(),
            _ => {}
        }
    }

    /// Whoever leads hands over; nobody does if nobody leads.
    fn transfer(&mut self, to: NodeId) {
        let Some(leader) = self.leader().filter(|leader| *leader != to) else {
            return;
        };
        self.observer.consensus.asked_to_lead(self.now, to);
        self.step_raft(leader, Input::TransferLeadership { to });
    }

    fn crash(&mut self, id: NodeId) {
        let node = &mut self.nodes[slot(id)];
        let random = &mut self.random.disk;
        // One draw decides about both disks: they are parts of one machine.
        let tearing = if node.disk.torn_permille > 0 && random.chance(node.disk.torn_permille) {
            Tearing::Torn
        } else {
            Tearing::Clean
        };
        let log = node.raft_disk.crash(tearing, random);
        let sets = node.replica_disk.crash(tearing, random);
        node.halt(node.process.crashed());
        self.observe_crash(id, &log);
        for (writes, loss) in [(log.lost, Loss::Log), (sets.lost, Loss::Replica)] {
            if writes > 0 {
                self.note_breach(Assumption::SyncedIsDurable, id, loss);
            }
        }
    }

    /// Tells the observer what a crash has left of a voter's writes, and that the process is gone.
    fn observe_crash(&mut self, id: NodeId, log: &Remains<VoterImage>) {
        let observer = &mut self.observer;
        let (consensus, ledger) = (&mut observer.consensus, &mut observer.ledger);
        for done in &log.done {
            match *done {
                VoterSynced::Consensus { io } => consensus.synced(ledger, id, io),
                VoterSynced::Compaction { index } => consensus.compacted(id, index),
                VoterSynced::Snapshot { .. } => {}
            }
        }
        if let Some(torn) = &log.torn {
            consensus.torn(ledger, id, &torn.parts, torn.entries);
        }
        consensus.crashed(ledger, id);
    }

    /// Empty disks take the place of a node's disks.
    fn replace_disks(&mut self, id: NodeId) {
        let scenario = &self.scenario;
        let voters = scenario.voters;
        let empty = Node::absent(id, scenario, self.node(id).mutant);
        let image: VoterImage = empty.raft_disk.durable().clone();
        let node = &mut self.nodes[slot(id)];
        node.forget_duty();
        // Who has written nothing yet loses nothing: a worker before it takes part.
        if !node.raft_disk.durable().is_blank() {
            node.raft_disk.replace(image);
        }
        node.replica_disk
            .replace(empty.replica_disk.durable().clone());
        if id.0 <= u64::from(voters) && self.faults.lost_disk(id, voters) {
            self.note_breach(Assumption::QuorumKeepsItsDisks, id, Loss::Log);
        }
    }

    /// A node starts: if that is without what it had on its disks, an assumption is broken.
    pub(super) fn note_lost_memory(&mut self, id: NodeId) {
        let node = &mut self.nodes[slot(id)];
        let lost = [
            (node.raft_disk.take_blank(), Loss::Log),
            (node.replica_disk.take_blank(), Loss::Replica),
        ];
        if lost[0].0 {
            let observer = &mut self.observer;
            observer.consensus.disk_lost(&mut observer.ledger, id);
        }
        for (is_lost, loss) in lost {
            if is_lost {
                self.note_breach(Assumption::IdentityKeepsItsDisk, id, loss);
            }
        }
    }

    fn drift(&mut self, id: NodeId, ppm: i32) {
        let now = self.now;
        self.node_mut(id).clock.drift(now, ppm);
        self.note_drift(id);
        self.rearm_timers(id);
    }

    fn jump(&mut self, id: NodeId, by: i64) {
        let now = self.now;
        self.node_mut(id).clock.jump(now, by);
        if by != 0 {
            self.note_breach(Assumption::DriftIsBounded, id, Loss::Time);
        }
        self.rearm_timers(id);
    }

    /// A clock that drifts more than was stated breaks an assumption.
    pub(super) fn note_drift(&mut self, id: NodeId) {
        let drift = self.node(id).clock.drift_ppm().unsigned_abs();
        if drift > self.scenario.clocks.bound_ppm {
            self.note_breach(Assumption::DriftIsBounded, id, Loss::Time);
        }
    }

    /// The clock has changed, and with it when the deadlines are.
    fn rearm_timers(&mut self, id: NodeId) {
        let node = self.node_mut(id);
        node.raft_timer = Micros::MAX;
        node.replica_timer = Micros::MAX;
        self.arm_timers(id);
    }

    fn resume(&mut self, id: NodeId) {
        let node = self.node_mut(id);
        node.standstill.resume();
        if node.standstill.holds_back() {
            let life = node.life;
            self.queue
                .schedule(self.now, Event::Wake { node: id, life });
        }
    }

    /// A process that stood still takes the next thing that has waited for it.
    pub(super) fn wake(&mut self, id: NodeId) {
        let node = self.node_mut(id);
        let life = node.life;
        let Some(waiting) = node.standstill.take() else {
            return;
        };
        if node.standstill.holds_back() {
            self.queue
                .schedule(self.now, Event::Wake { node: id, life });
        }
        match waiting {
            Waiting::Message { from, parcel, .. } => self.hand_over(id, from, *parcel),
            Waiting::Event(event) => self.take_step(event),
        }
    }

    /// When the oldest message that nobody has taken yet was sent.
    pub(super) fn oldest_message(&self) -> Option<Micros> {
        let held = self
            .nodes
            .iter()
            .filter_map(|node| node.standstill.oldest());
        held.chain(self.network.oldest()).min()
    }

    fn note_breach(&mut self, assumption: Assumption, node: NodeId, loss: Loss) {
        let (at, event) = (self.now, self.events);
        self.faults.broke(Breach {
            assumption,
            node,
            loss,
            at,
            event,
        });
    }

    fn require_up(&self, id: NodeId) -> Result<(), ActionError> {
        let up = self.node(id).is_up();
        up.then_some(()).ok_or(ActionError::NotRunning(id))
    }

    fn require_stepping(&self, id: NodeId) -> Result<(), ActionError> {
        self.require_up(id)?;
        let steps = self.node(id).can_step();
        steps.then_some(()).ok_or(ActionError::Paused(id))
    }
}
