//! A voter's steps: the effects of its consensus become messages, disk requests and commands.

use std::ops::Range;

use quorate::NodeId;
use quorate::raft::{Effects, EntryKind, Input, Message, Role, RoleChange};

use super::{World, slot};
use crate::command::{Command, Order};
use crate::network::Parcel;
use crate::node::Process;
use crate::notice::NoticeKind;
use crate::queue::Event;
use crate::snapshot::FlightKind;
use crate::state_machine::Ordered;
use quorate::Micros;

impl World {
    pub(super) fn tick_raft(&mut self, id: NodeId) {
        self.node_mut(id).raft_timer = Micros::MAX;
        self.step_raft(id, Input::Tick);
    }

    pub(super) fn receive_raft(&mut self, id: NodeId, message: Message) {
        self.step_raft(id, Input::Receive(message));
    }

    pub(super) fn raft_synced(&mut self, id: NodeId) {
        if let Some(io) = self.node_mut(id).raft_disk.sync() {
            let observer = &mut self.observer;
            observer.consensus.synced(&mut observer.ledger, id, io);
            self.step_raft(id, Input::Persisted { io });
        }
    }

    /// Takes one step of a voter's consensus. An input it refuses changes nothing.
    pub(super) fn step_raft(&mut self, id: NodeId, input: Input) {
        let now = self.now;
        let node = &mut self.nodes[slot(id)];
        let Some(raft) = node.raft.as_mut() else {
            return;
        };
        // Copied out: carrying them out takes further steps, which use the same buffers.
        let effects = match raft.step(now, input) {
            Ok(effects) => effects.clone(),
            Err(error) => {
                let text = error.to_string();
                self.notice(Some(id), NoticeKind::Refused { text });
                return;
            }
        };
        let observer = &mut self.observer;
        observer
            .consensus
            .stepped(&mut observer.ledger, raft, &effects);
        self.carry_out(id, effects);
        self.arm_timers(id);
    }

    /// Proposes a command at a node; `false` if it knows no leader.
    pub(super) fn propose(&mut self, id: NodeId, command: &Command) -> bool {
        let knows = self
            .node(id)
            .raft
            .as_ref()
            .is_some_and(|raft| raft.leader().is_some());
        if knows {
            self.step_raft(
                id,
                Input::Propose {
                    payload: command.encode(),
                },
            );
        }
        knows
    }

    fn carry_out(&mut self, id: NodeId, effects: Effects) {
        if let Some(persist) = effects.persist {
            let latency = self.disk_latency();
            let node = &mut self.nodes[slot(id)];
            let done = node.raft_disk.submit(self.now, latency, persist);
            let life = node.life;
            self.queue
                .schedule(done, Event::RaftSynced { node: id, life });
        }
        if let Some(change) = effects.role {
            self.notice(
                Some(id),
                NoticeKind::Role {
                    from: change.from,
                    to: change.to,
                    term: change.term,
                    reason: change.reason,
                },
            );
        }
        self.note_standing(id, effects.role);
        for message in effects.send {
            self.send_raft(id, message);
        }
        self.apply(id, effects.committed);
    }

    /// Keeps the role and the term for when the node is down, and tells of a term that came without
    /// a change of role.
    fn note_standing(&mut self, id: NodeId, change: Option<RoleChange>) {
        let node = &mut self.nodes[slot(id)];
        let Some(raft) = &node.raft else { return };
        let (term, before) = (raft.term(), node.last.term);
        node.last.role = raft.role();
        node.last.term = term;
        if change.is_none() && term != before {
            self.notice(Some(id), NoticeKind::Term { term });
        }
    }

    fn send_raft(&mut self, id: NodeId, message: Message) {
        let to = message.to;
        self.send(id, to, Parcel::Raft(message));
    }

    /// Applies committed entries, and lets the platform carry out the orders among them.
    fn apply(&mut self, id: NodeId, committed: Range<u64>) {
        let Some(last) = committed.clone().last() else {
            return;
        };
        let mut orders = Vec::new();
        let node = &mut self.nodes[slot(id)];
        let raft = node.raft.as_ref().expect("only a running voter commits");
        let observer = &mut self.observer;
        for index in committed {
            let entry = raft
                .log()
                .entry(index)
                .expect("a committed entry is in the log");
            if entry.kind() == EntryKind::Command {
                let ordered = node.state_machine.apply(entry.term(), entry.payload());
                orders.extend(ordered.map(|ordered| (index, ordered)));
            }
            let digest = node.state_machine.digest();
            observer
                .consensus
                .applied(&mut observer.ledger, id, index, digest);
        }
        let (term, leads) = (raft.term(), raft.role() == Role::Leader);
        let command = self.describe(id, last);
        if leads {
            self.notice(
                Some(id),
                NoticeKind::Committed {
                    index: last,
                    term,
                    command,
                },
            );
        }
        for (index, ordered) in orders {
            self.carry_out_order(index, ordered);
        }
        self.step_raft(id, Input::Applied { index: last });
    }

    /// The platform does what the log says, once, whoever applies it first.
    fn carry_out_order(&mut self, index: u64, Ordered { order, worker }: Ordered) {
        if order == Order::Stop {
            for node in &mut self.nodes {
                node.reports.forget(worker);
            }
        }
        if index <= self.last_order {
            return;
        }
        self.last_order = index;
        match order {
            Order::Start if self.node(worker).process == Process::Absent => {
                self.scalings.out += 1;
                let until = self.now + self.scenario.service.startup;
                let node = self.node_mut(worker);
                node.process = Process::Starting { until };
                let life = node.life;
                self.queue
                    .schedule(until, Event::Boot { node: worker, life });
                self.notice(Some(worker), NoticeKind::Ordered);
            }
            Order::Drain => self.scalings.draining += 1,
            Order::Stop => {
                self.scalings.stopped += 1;
                let up = self.nodes.iter().filter(|node| node.is_up());
                let observer = &mut self.observer;
                observer
                    .sets
                    .switched_off(&mut observer.ledger, worker, up.map(|node| node.id));
                self.node_mut(worker).halt(Process::Absent);
                self.notice(Some(worker), NoticeKind::Stopped);
            }
            Order::Start => {}
        }
    }

    /// What the entry at an index of a node's log does, in words.
    pub(crate) fn describe(&self, id: NodeId, index: u64) -> String {
        let entry = self
            .node(id)
            .raft
            .as_ref()
            .and_then(|raft| raft.log().entry(index));
        match entry {
            Some(entry) if entry.kind() == EntryKind::NoOp => "no-op".into(),
            Some(entry) => match Command::decode(entry.payload()) {
                Ok(command) => command.to_string(),
                Err(error) => error.to_string(),
            },
            None => String::new(),
        }
    }
}

impl FlightKind {
    /// Whether it keeps a leader's followers quiet, and nothing more.
    pub fn is_routine(self) -> bool {
        matches!(
            self,
            Self::Heartbeat | Self::Reply | Self::SetAck | Self::Control
        )
    }
}
