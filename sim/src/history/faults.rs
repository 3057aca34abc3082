//! Faults as bands: from the action that broke something to the one that repaired it.

use quorate::{Micros, NodeId};

use super::{History, LaneRole, MarkKind};
use crate::action::{Action, LinkChange};
use crate::notice::Notice;

/// A fault and how long it lasted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultBand {
    /// In words.
    pub label: String,
    /// The nodes it is about.
    pub nodes: Vec<NodeId>,
    /// From.
    pub from: Micros,
    /// To; `None` if it lasts.
    pub to: Option<Micros>,
    /// What ends it.
    pub(super) cause: Cause,
}

/// What a band is about, and so what ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// A process is down.
    Crash(NodeId),
    /// A process stands still.
    Pause(NodeId),
    /// Nodes are cut from each other.
    Cut,
    /// A link is cut, or not like the others; the smaller id first.
    Link(NodeId, NodeId),
    /// Disks are not like the others.
    Disk(NodeId),
    /// A clock drifts.
    Clock(NodeId),
}

impl Cause {
    fn link(a: NodeId, b: NodeId) -> Self {
        Self::Link(a.min(b), a.max(b))
    }

    /// Whether it is the network's: what heals with it.
    fn is_of_network(self) -> bool {
        matches!(self, Self::Cut | Self::Link(..))
    }
}

impl History {
    /// Something was done to the cluster.
    pub(super) fn acted(&mut self, notice: &Notice, action: &Action) {
        match action {
            Action::Partition { .. }
            | Action::Isolate { .. }
            | Action::Cut { .. }
            | Action::CutOneWay { .. }
            | Action::Lossy { .. }
            | Action::Link(_)
            | Action::Mend { .. }
            | Action::Heal => self.network_changed(notice.at, action),
            _ => self.node_changed(notice, action),
        }
        self.mark(notice, MarkKind::Action, action.to_string());
    }

    fn node_changed(&mut self, notice: &Notice, action: &Action) {
        let at = notice.at;
        match *action {
            Action::Crash { node } => self.died(notice, node, format!("{node} crashed")),
            Action::LoseDisk { node } => {
                self.close_faults(at, |cause| cause == Cause::Crash(node));
                self.died(notice, node, format!("{node} lost its disks"));
            }
            Action::Restart { node } | Action::RestartEmpty { node } => {
                self.restarted(notice, node);
            }
            Action::Pause { node } => {
                self.open_fault(at, action.to_string(), vec![node], Cause::Pause(node));
            }
            Action::Resume { node } => self.close_faults(at, |cause| cause == Cause::Pause(node)),
            Action::Disk(ref change) => {
                let cause = Cause::Disk(change.node);
                self.close_faults(at, |other| other == cause);
                self.open_fault(at, action.to_string(), vec![change.node], cause);
            }
            Action::MendDisk { node } => self.close_faults(at, |cause| cause == Cause::Disk(node)),
            Action::Drift { node, ppm } => {
                self.close_faults(at, |cause| cause == Cause::Clock(node));
                if ppm != 0 {
                    self.open_fault(at, action.to_string(), vec![node], Cause::Clock(node));
                }
            }
            _ => {}
        }
    }

    fn died(&mut self, notice: &Notice, node: NodeId, label: String) {
        let was_down = self
            .roles(node)
            .last()
            .is_some_and(|span| span.role == LaneRole::Off);
        if !was_down {
            self.lane(notice, LaneRole::Off, 0);
        }
        self.end_reign(node, notice.at);
        self.close_faults(notice.at, |cause| cause == Cause::Pause(node));
        self.open_fault(notice.at, label, vec![node], Cause::Crash(node));
    }

    fn restarted(&mut self, notice: &Notice, node: NodeId) {
        let roles = self.roles(node);
        let last = roles.iter().rev().find(|span| span.term > 0);
        let term = last.map_or(0, |span| span.term);
        let votes = (roles.first()).is_some_and(|first| first.role == LaneRole::Follower);
        let role = if votes {
            LaneRole::Follower
        } else {
            LaneRole::Worker
        };
        self.lane(notice, role, term);
        self.close_faults(notice.at, |cause| cause == Cause::Crash(node));
    }

    fn network_changed(&mut self, at: Micros, action: &Action) {
        match action {
            Action::Isolate { node } => {
                self.open_fault(at, format!("{node} cut off"), vec![*node], Cause::Cut);
            }
            Action::Partition { groups } => {
                self.close_faults(at, |cause| cause == Cause::Cut);
                // The largest side goes on as if nothing had happened.
                let largest = groups.iter().max_by_key(|group| group.len());
                let cut_off = groups.iter().filter(|group| Some(*group) != largest);
                let nodes = cut_off.flatten().copied().collect();
                if groups.len() > 1 {
                    self.open_fault(at, action.to_string(), nodes, Cause::Cut);
                }
            }
            Action::CutOneWay { from, .. } => {
                self.open_fault(at, action.to_string(), from.clone(), Cause::Cut);
            }
            Action::Cut { a, b }
            | Action::Lossy { a, b, .. }
            | Action::Link(LinkChange { from: a, to: b, .. }) => {
                let cause = Cause::link(*a, *b);
                self.close_faults(at, |other| other == cause);
                self.open_fault(at, action.to_string(), vec![*a, *b], cause);
            }
            Action::Mend { a, b } => {
                let cause = Cause::link(*a, *b);
                self.close_faults(at, |other| other == cause);
            }
            _ => self.close_faults(at, Cause::is_of_network),
        }
    }

    fn open_fault(&mut self, from: Micros, label: String, nodes: Vec<NodeId>, cause: Cause) {
        self.faults.push(FaultBand {
            label,
            nodes,
            from,
            to: None,
            cause,
        });
    }

    fn close_faults(&mut self, at: Micros, ends: impl Fn(Cause) -> bool) {
        for fault in &mut self.faults {
            if fault.to.is_none() && ends(fault.cause) {
                fault.to = Some(at);
            }
        }
    }
}
