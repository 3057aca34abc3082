//! A voter's steps: the effects of its consensus become messages, disk requests and commands.

use std::ops::Range;
use std::sync::Arc;

use quorate::raft::{
    Body, Entry, EntryKind, Input, MemberChange, MembershipChange, Message, Persist, Read, Role,
    RoleChange,
};
use quorate::{Micros, NodeId};

use super::{World, slot};
use crate::disk::{VoterSynced, VoterWrite};
use crate::machine::{Applied, Command};
use crate::network::Parcel;
use crate::notice::NoticeKind;
use crate::snapshot::FlightKind;

/// What a step of a voter asked for, but for its messages.
struct Orders {
    persist: Option<Persist>,
    role: Option<RoleChange>,
    committed: Range<u64>,
    reads: Vec<Read>,
    abandoned_reads: Vec<u64>,
}

impl World {
    pub(super) fn tick_raft(&mut self, id: NodeId) {
        self.node_mut(id).raft_timer = Micros::MAX;
        self.step_raft(id, Input::Tick);
    }

    /// A message of the group. A worker that the leader has just taken in starts to take part.
    pub(super) fn receive_raft(&mut self, id: NodeId, message: Message) {
        if self.node(id).raft.is_none() && message.body.is_from_leader() {
            let (scenario, now) = (Arc::clone(&self.scenario), self.now);
            let joined = self.node_mut(id).join_group(&scenario, now, scenario.seed);
            if let Err(why) = joined {
                let text = self.refuse_start(id, why).to_string();
                self.notice(Some(id), NoticeKind::Impossible { text });
                return;
            }
            self.observe_start(id);
            self.step_raft(id, Input::Tick);
        }
        self.step_raft(id, Input::Receive(message));
    }

    pub(super) fn raft_synced(&mut self, id: NodeId) {
        match self.node_mut(id).raft_disk.sync() {
            Some(VoterSynced::Consensus { io }) => {
                let observer = &mut self.observer;
                observer.consensus.synced(&mut observer.ledger, id, io);
                self.install_state(id, io);
                self.step_raft(id, Input::Persisted { io });
            }
            Some(VoterSynced::Snapshot { index }) => self.snapshot_taken(id, index),
            Some(VoterSynced::Compaction { index }) => self.compacted(id, index),
            None => {}
        }
    }

    /// Takes one step of a voter's consensus. An input it refuses changes nothing.
    pub(super) fn step_raft(&mut self, id: NodeId, input: Input) {
        let node = &mut self.nodes[slot(id)];
        let now = node.clock.local(self.now);
        let Some(raft) = node.raft.as_mut().filter(|_| !node.standstill.is_paused()) else {
            return;
        };
        if let Err(error) = raft.step(now, input) {
            return self.refused(id, &error);
        }
        let observer = &mut self.observer;
        observer
            .consensus
            .stepped(&mut observer.ledger, raft, raft.effects());
        // Taken out: to carry them out takes further steps, which have effects of their own.
        let effects = raft.effects_mut();
        if !effects.send.is_empty() {
            std::mem::swap(&mut self.outbox, &mut effects.send);
        }
        let orders = Orders {
            persist: effects.persist.take(),
            role: effects.role,
            committed: effects.committed.clone(),
            reads: std::mem::take(&mut effects.reads),
            abandoned_reads: std::mem::take(&mut effects.abandoned_reads),
        };
        self.carry_out(id, orders);
        self.arm_raft_timer(id);
    }

    /// Proposes a command at a node. If that does not know where to pass it on to, it is lost: whoever
    /// wants something proposes it again.
    pub(super) fn propose(&mut self, id: NodeId, command: &Command) {
        if self.node(id).knows_leader() {
            let payload = command.encode();
            self.step_raft(id, Input::Propose { payload });
        }
    }

    /// Does what a step of a voter asked for. Its messages are in the outbox.
    fn carry_out(&mut self, id: NodeId, orders: Orders) {
        if let Some(persist) = orders.persist {
            self.persist(id, persist);
        }
        if let Some(change) = orders.role {
            self.role_changed(id, change);
        }
        self.note_standing(id, orders.role);
        if !self.outbox.is_empty() {
            let mut outbox = std::mem::take(&mut self.outbox);
            for message in outbox.drain(..) {
                self.send_raft(id, message);
            }
            // Given back empty: who sends next finds room in it.
            self.outbox = outbox;
        }
        self.apply(id, orders.committed);
        self.answer_reads(id, &orders.reads);
        self.refuse_reads(id, &orders.abandoned_reads);
    }

    /// Gives the disk what a step asked to be written, with the state of the snapshot that it starts
    /// over from, if it does.
    fn persist(&mut self, id: NodeId, persist: Persist) {
        let node = &mut self.nodes[slot(id)];
        let wanted = persist.snapshot.as_ref().map(|it| it.position.index);
        let received = node
            .snapshots
            .received
            .take_if(|(at, _)| Some(*at) == wanted);
        let state = received.map(|(_, state)| state);
        if let Some(state) = &state {
            node.snapshots.installing = Some((persist.io, Arc::clone(state)));
        }
        self.write_log(id, VoterWrite::Consensus { persist, state });
    }

    fn role_changed(&mut self, id: NodeId, change: RoleChange) {
        if change.to == Role::Leader {
            self.observer.scaling.term_began(change.term);
        }
        let kind = NoticeKind::Role {
            from: change.from,
            to: change.to,
            term: change.term,
            reason: change.reason,
        };
        self.notice(Some(id), kind);
    }

    /// Keeps the role and the term for when the node is down, and tells of a term that came without
    /// a change of role.
    fn note_standing(&mut self, id: NodeId, change: Option<RoleChange>) {
        let node = &self.nodes[slot(id)];
        let Some(raft) = &node.raft else { return };
        let (term, before) = (raft.term(), node.last.term);
        if change.is_none() && term == before {
            return;
        }
        let role = raft.role();
        let last = &mut self.node_mut(id).last;
        (last.role, last.term) = (role, term);
        if change.is_none() {
            self.notice(Some(id), NoticeKind::Term { term });
        }
    }

    fn send_raft(&mut self, id: NodeId, message: Message) {
        if matches!(message.body, Body::Snapshot { .. }) {
            self.ship_snapshot(id, message);
            return;
        }
        let to = message.to;
        self.send(id, to, Parcel::Raft(message));
    }

    /// Whoever leads compares logs with everybody from the oldest entry it still has, as a leader may
    /// that knows nothing of the others' logs. Leaders of this kernel find the place where two logs
    /// part at once, so none of their appends ends before it.
    #[cfg(feature = "mutants")]
    pub(crate) fn compare_from_afar(&mut self) {
        let Some(leader) = self.leader() else { return };
        let Some(raft) = &self.node(leader).raft else {
            return;
        };
        let (start, term, commit_index) = (raft.log().boundary(), raft.term(), raft.commit_index());
        let members = raft.membership().members();
        for to in members.into_iter().filter(|to| *to != leader) {
            let body = Body::Append {
                previous_index: start.index,
                previous_term: start.term,
                entries: quorate::raft::Entries::default(),
                commit_index,
            };
            let message = Message {
                from: leader,
                to,
                term,
                body,
            };
            self.send(leader, to, Parcel::Raft(message));
        }
    }

    /// Applies committed entries, and sees to what follows from them.
    fn apply(&mut self, id: NodeId, committed: Range<u64>) {
        let Some(last) = committed.clone().last() else {
            return;
        };
        let mut applied = Vec::new();
        let node = &mut self.nodes[slot(id)];
        let raft = node.raft.as_ref().expect("only a running member commits");
        let observer = &mut self.observer;
        for index in committed {
            let entry = raft
                .log()
                .entry(index)
                .expect("a committed entry is in the log");
            let (mut executed, mut ended) = (None, None);
            if entry.kind() == EntryKind::Command {
                let next = node.machine.apply(index, entry);
                if let Applied::Client {
                    executed: call,
                    ended: session,
                    ..
                } = &next
                {
                    (executed, ended) = (*call, *session);
                }
                applied.push((index, entry.term(), next));
            } else {
                node.machine.passed(index, entry);
            }
            observer.applied(id, index, executed);
            if let Some(session) = ended {
                observer.clients.executions.ended(session);
            }
            let digest = node.machine.digest();
            observer
                .consensus
                .applied(&mut observer.ledger, id, index, digest);
        }
        let (term, leads) = (raft.term(), raft.role() == Role::Leader);
        if leads && self.is_recorded() {
            let command = self.describe(id, last);
            self.notice(
                Some(id),
                NoticeKind::Committed {
                    index: last,
                    term,
                    command,
                },
            );
        }
        self.step_raft(id, Input::Applied { index: last });
        self.take_snapshot(id);
        for (index, term, applied) in applied {
            self.follow_up(id, (index, term), applied);
        }
    }

    /// Does what an applied entry asks for, at the node that applied it.
    fn follow_up(&mut self, id: NodeId, (index, term): (u64, u64), applied: Applied) {
        match applied {
            Applied::Nothing => {}
            Applied::Client {
                client,
                request,
                answer,
                ..
            } => self.answer_write(id, (client, request), answer),
            Applied::Replicas(_) => self.feed_replica(id),
            Applied::Scaling {
                scaling,
                sizes,
                boot,
            } => {
                if self.is_news(index) {
                    self.carry_out_sizes(id, term, &sizes, &boot);
                }
                self.scaled(id, &scaling);
            }
            Applied::Stop { worker } => self.stop_worker(id, index, worker),
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
            Some(entry) if entry.kind() == EntryKind::Membership => describe_change(entry),
            Some(entry) => match Command::decode(entry.payload()) {
                Ok(command) => command.to_string(),
                Err(error) => error.to_string(),
            },
            None => String::new(),
        }
    }
}

/// A change of the group in words.
fn describe_change(entry: &Entry) -> String {
    let Ok(change) = MembershipChange::decode(entry.payload()) else {
        return "a change of the group that cannot be read".into();
    };
    if change.is_leave() {
        return "leave the joint configuration".into();
    }
    let words = change.changes.iter().map(|change| match change {
        MemberChange::AddVoter(node) => format!("{node} votes"),
        MemberChange::AddLearner(node) => format!("{node} learns"),
        MemberChange::AddWitness(node) => format!("{node} is a witness"),
        MemberChange::Remove(node) => format!("{node} leaves the group"),
    });
    words.collect::<Vec<_>>().join(", ")
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
