//! What is done to the cluster from outside.

use std::fmt;

use quorate::NodeId;
use quorate::raft::Input;

use super::World;
use super::values::{self, element_path};
use crate::action::Action;
use crate::command::Command;
use crate::node::Process;
use crate::observer::Disturbance;

/// Why an action cannot be done now. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionError {
    /// The scenario does not know what it is about.
    Unknown(String),
    /// The node does not run.
    NotRunning(NodeId),
    /// The node has not crashed.
    NotCrashed(NodeId),
    /// The node knows no leader to pass a write on to.
    NoLeader(NodeId),
    /// The element is not in the set there.
    NotThere(NodeId),
    /// The run is over.
    AfterTheEnd,
}

impl World {
    /// Whether an action can be done now; if not, why.
    pub fn check_action(&self, action: &Action) -> Result<(), ActionError> {
        self.scenario
            .check_action(action)
            .map_err(ActionError::Unknown)?;
        match action {
            Action::Crash { node }
            | Action::Campaign { node }
            | Action::Add { node, .. }
            | Action::Prune { node } => self.require_up(*node),
            Action::Restart { node } => {
                let crashed = [Process::Crashed, Process::CrashedDraining];
                let has = crashed.contains(&self.node(*node).process);
                has.then_some(()).ok_or(ActionError::NotCrashed(*node))
            }
            Action::Put { node, .. } => {
                self.require_up(*node)?;
                let raft = self.node(*node).raft.as_ref();
                let knows = raft.is_some_and(|raft| raft.leader().is_some());
                knows.then_some(()).ok_or(ActionError::NoLeader(*node))
            }
            Action::Remove { node, element } => {
                self.require_up(*node)?;
                let replica = self.node(*node).replica.as_ref();
                let path = element_path(element);
                let there = replica.is_some_and(|r| r.store().is_live_under(&path));
                there.then_some(()).ok_or(ActionError::NotThere(*node))
            }
            Action::Isolate { .. }
            | Action::Partition { .. }
            | Action::Cut { .. }
            | Action::Mend { .. }
            | Action::Lossy { .. }
            | Action::Heal => Ok(()),
        }
    }

    /// Does an action now, if it can be done.
    pub(super) fn try_action(&mut self, action: &Action) -> Result<(), ActionError> {
        self.check_action(action)?;
        match action {
            Action::Crash { node } => self.crash(*node),
            Action::Restart { node } => self.start_process(*node),
            Action::Isolate { node } => {
                for other in self.scenario.node_ids().filter(|other| other != node) {
                    self.network.cut(*node, other);
                }
            }
            Action::Partition { groups } => self.partition(groups),
            Action::Cut { a, b } => self.network.cut(*a, *b),
            Action::Mend { a, b } => self.network.mend(*a, *b),
            Action::Lossy { a, b, permille } => self.network.make_lossy(*a, *b, *permille),
            Action::Heal => self.network.heal(),
            Action::Campaign { node } => self.step_raft(*node, Input::Campaign),
            Action::Put { node, key, value } => {
                self.propose(
                    *node,
                    &Command::Put {
                        key: *key,
                        value: *value,
                    },
                );
            }
            Action::Add { node, element } => {
                self.mutate(*node, values::add(element));
            }
            Action::Remove { node, element } => {
                self.mutate(*node, values::remove(element));
            }
            Action::Prune { node } => self.prune(*node),
        }
        self.note_disturbance();
        Ok(())
    }

    /// Tells the observer that elections may follow from what was done.
    fn note_disturbance(&mut self) {
        let is_whole = self.network.broken_links().is_empty();
        let are_up = self.scenario.voter_ids().all(|id| self.node(id).is_up());
        let disturbance = if is_whole && are_up {
            Disturbance::Passing
        } else {
            Disturbance::Lasting
        };
        self.observer.consensus.disturbed(self.now, disturbance);
    }

    fn crash(&mut self, id: NodeId) {
        let process = match self.node(id).process {
            Process::Draining => Process::CrashedDraining,
            _ => Process::Crashed,
        };
        self.node_mut(id).halt(process);
        let observer = &mut self.observer;
        observer.consensus.crashed(&mut observer.ledger, id);
    }

    /// Cuts every link between different groups, and mends those within.
    fn partition(&mut self, groups: &[Vec<NodeId>]) {
        let group_of = |node: NodeId| {
            groups
                .iter()
                .position(|group| group.contains(&node))
                .unwrap_or(0)
        };
        let nodes: Vec<NodeId> = self.scenario.node_ids().collect();
        for (at, &a) in nodes.iter().enumerate() {
            for &b in &nodes[at + 1..] {
                if group_of(a) == group_of(b) {
                    self.network.mend(a, b);
                } else {
                    self.network.cut(a, b);
                }
            }
        }
    }

    fn require_up(&self, id: NodeId) -> Result<(), ActionError> {
        self.node(id)
            .is_up()
            .then_some(())
            .ok_or(ActionError::NotRunning(id))
    }
}

impl fmt::Display for ActionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(what) => f.write_str(what),
            Self::NotRunning(node) => write!(f, "{node} does not run"),
            Self::NotCrashed(node) => write!(f, "{node} has not crashed"),
            Self::NoLeader(node) => write!(f, "{node} knows no leader"),
            Self::NotThere(node) => write!(f, "the set at {node} does not have it"),
            Self::AfterTheEnd => f.write_str("the run is over; step back to change something"),
        }
    }
}

impl std::error::Error for ActionError {}
