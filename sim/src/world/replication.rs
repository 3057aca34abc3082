//! A replica's steps: the effects of its door become messages and disk requests.

use std::sync::Arc;

use quorate::crdt::{
    Dot, Effects, Entry, Epoch, Event as SetEvent, Input, Mutation, Path, ReplicaId, SyncMessage,
};
use quorate::{Micros, NodeId};

use super::values::{counter_path, is_register};
use super::{World, slot};
use crate::network::Parcel;
use crate::node::FRESH;
use crate::notice::NoticeKind;
use crate::queue::Event;

impl World {
    pub(super) fn tick_replica(&mut self, id: NodeId) {
        self.node_mut(id).replica_timer = Micros::MAX;
        self.step_replica(id, Input::Tick);
    }

    pub(super) fn receive_sync(&mut self, id: NodeId, from: NodeId, message: SyncMessage) {
        self.step_replica(
            id,
            Input::Receive {
                from: ReplicaId::first(from),
                message,
            },
        );
    }

    pub(super) fn replica_synced(&mut self, id: NodeId) {
        let node = &mut self.nodes[slot(id)];
        if let Some(io) = node.replica_disk.sync() {
            // A disk that lies is believed until a crash shows it: nobody can know before.
            let believed = match &node.replica {
                Some(replica) if node.replica_disk.lies() => replica.store(),
                _ => node.replica_disk.durable(),
            };
            self.observer.sets.synced(id, believed);
            self.step_replica(id, Input::Persisted { io });
        }
    }

    /// A user changes a value at a replica. `false` if that changes nothing.
    pub(super) fn mutate(&mut self, id: NodeId, mutation: Mutation) -> bool {
        self.step_replica(id, Input::Mutate(mutation))
    }

    pub(super) fn prune(&mut self, id: NodeId) {
        self.step_replica(id, Input::Prune);
    }

    /// Takes one step of a replica; whether it made an event. An input it refuses changes nothing.
    fn step_replica(&mut self, id: NodeId, input: Input) -> bool {
        let merging = sender_of(&input);
        let node = &mut self.nodes[slot(id)];
        let now = node.clock.local(self.now);
        let Some(replica) = node
            .replica
            .as_mut()
            .filter(|_| !node.standstill.is_paused())
        else {
            return false;
        };
        let effects = match replica.step(now, input) {
            Ok(effects) => std::mem::take(effects),
            Err(error) => {
                self.refused(id, &error);
                return false;
            }
        };
        let made_event = effects.event.is_some();
        self.observe_sets(id, &effects);
        self.tell_of_sets(id, merging, &effects);
        if let Some(persist) = effects.persist {
            let (latency, honesty) = self.draw_sync(id);
            let (now, node) = (self.now, &mut self.nodes[slot(id)]);
            let done = node.replica_disk.submit(now, latency, persist, honesty);
            let life = node.life;
            self.queue
                .schedule(done, Event::ReplicaSynced { node: id, life });
        }
        for envelope in effects.send {
            let observer = &mut self.observer;
            observer
                .sets
                .sent(&mut observer.ledger, id, &envelope.message);
            self.send(id, envelope.to.node, Parcel::Sync(envelope.message));
        }
        for entry in effects.propose {
            self.propose_entry(id, entry);
        }
        self.arm_replica_timer(id);
        made_event
    }

    /// Gives a replica the entries of the membership log that its node has applied and it has not had.
    pub(super) fn feed_replica(&mut self, id: NodeId) {
        let node = self.node(id);
        let entries: Vec<_> = node.machine.admissions_above(node.entered).to_vec();
        self.enter(id, entries);
    }

    /// Gives a replica entries of the membership log, in order. What it knows already, because a member
    /// that took it in knew it, it is not given again.
    pub(super) fn enter(&mut self, id: NodeId, entries: Vec<(Epoch, Arc<Entry>)>) {
        for (index, entry) in entries {
            let node = self.node_mut(id);
            let Some(replica) = &node.replica else { return };
            let known = match replica.store().retired() {
                Some(_) => node.entered,
                None => node.entered.max(replica.store().epoch()),
            };
            node.entered = known.max(index);
            if index > known {
                let entry = (*entry).clone();
                self.step_replica(id, Input::Enter { index, entry });
                self.observe_table(id);
            }
        }
    }

    /// A replica may have entered another table.
    fn observe_table(&mut self, id: NodeId) {
        if let Some(replica) = &self.nodes[slot(id)].replica {
            let observer = &mut self.observer;
            observer
                .sets
                .changed(&mut observer.ledger, id, replica.store(), Vec::new(), &[]);
        }
    }

    fn observe_sets(&mut self, id: NodeId, effects: &Effects) {
        let (mut touched, mut killed): (Vec<Path>, Vec<Dot>) = (Vec::new(), Vec::new());
        if let Some(event) = &effects.event {
            let observer = &mut self.observer;
            observer.sets.made(&mut observer.ledger, id, event);
            touched.push(event.path.clone());
            killed.extend(event.kills.iter());
        }
        for report in &effects.merged {
            touched.extend(report.added.iter().chain(&report.removed).cloned());
            killed.extend(&report.killed);
        }
        let changed = effects.event.is_some() || !effects.merged.is_empty();
        if !changed && effects.pruned.is_none() {
            return;
        }
        if let Some(replica) = &self.nodes[slot(id)].replica {
            let observer = &mut self.observer;
            observer
                .sets
                .changed(&mut observer.ledger, id, replica.store(), touched, &killed);
            if let Some(certificate) = &effects.certificate {
                observer
                    .sets
                    .pruned(&mut observer.ledger, id, replica.store(), certificate);
            }
        }
    }

    fn tell_of_sets(&mut self, id: NodeId, from: Option<NodeId>, effects: &Effects) {
        let now = self.now;
        if let Some(event) = effects.event.as_ref().filter(|_| self.is_recorded()) {
            self.notice(
                Some(id),
                NoticeKind::SetChanged {
                    text: describe(event),
                },
            );
        }
        for (report, from) in effects.merged.iter().zip(from.into_iter().cycle()) {
            let last = &mut self.node_mut(id).last;
            last.merge = Some(now);
            last.fresh.retain(|&(at, _)| now.since(at) <= FRESH);
            last.fresh
                .extend(report.added.iter().map(|path| (now, path.clone())));
            let kind = NoticeKind::Merged {
                from,
                added: report.added.len(),
                removed: report.removed.len(),
                events: report.new_events,
            };
            self.notice(Some(id), kind);
        }
        if let Some(report) = effects
            .pruned
            .as_ref()
            .filter(|report| report.tags_removed > 0)
        {
            let bytes = report.bytes_before - report.bytes_after;
            self.notice(
                Some(id),
                NoticeKind::Pruned {
                    records: report.tags_removed,
                    bytes,
                },
            );
        }
    }
}

fn sender_of(input: &Input) -> Option<NodeId> {
    match input {
        Input::Receive { from, .. } => Some(from.node),
        _ => None,
    }
}

fn describe(event: &SetEvent) -> String {
    if event.path.is_under(&counter_path()) {
        return "increment orders".into();
    }
    if is_register(&event.path) {
        return "write the note".into();
    }
    let element = event.path.last().unwrap_or_default();
    let element = String::from_utf8_lossy(&element);
    if event.payload.is_some() {
        format!("add {element}")
    } else {
        format!("remove {element}")
    }
}
