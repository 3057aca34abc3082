//! Messages: on their way, and there.

use quorate::NodeId;

use super::World;
use crate::clients::is_client;
use crate::network::{Flight, Parcel};
use crate::notice::NoticeKind;
use crate::queue::Event;
use crate::standstill::Waiting;

impl World {
    /// A message arrives, unless it was lost, or caught by a cut, or nobody is there: its node takes
    /// it, now or when it goes on. The node that it concerns, unless it is for a client.
    pub(super) fn deliver(&mut self, slot: u32) -> Option<NodeId> {
        let flight = self.network.take(slot);
        let Flight {
            from,
            to,
            sent,
            lost,
            parcel,
            ..
        } = flight.expect("a slot is delivered once");
        let to_node = (!is_client(to)).then_some(to);
        if lost {
            return to_node;
        }
        if self.network.is_cut(from, to) {
            let kind = parcel.kind();
            self.notice(to_node, NoticeKind::Caught { from, kind });
            return to_node;
        }
        let Some(id) = to_node else {
            if let Parcel::Answer { request, answer } = parcel {
                self.receive_answer(from, to, request, answer);
            }
            return None;
        };
        let node = self.node(id);
        if node.standstill.holds_back() {
            // Taken when it goes on.
            let parcel = Box::new(parcel);
            let message = Waiting::Message { from, sent, parcel };
            self.node_mut(id).standstill.hold(message);
        } else if node.is_up() {
            self.hand_over(id, from, parcel);
        }
        to_node
    }

    /// A running node takes a message.
    pub(super) fn hand_over(&mut self, to: NodeId, from: NodeId, parcel: Parcel) {
        match parcel {
            Parcel::Snapshot { message, state } => self.receive_snapshot(to, message, state),
            Parcel::Raft(message) => self.receive_raft(to, message),
            Parcel::Sync(message) => self.receive_sync(to, from, message),
            Parcel::Report(report) => {
                let now = self.now;
                self.node_mut(to).reports.record(now, *report);
            }
            Parcel::Duty { term, duty } => self.receive_duty(to, term, duty),
            Parcel::Admissions(entries) => self.receive_admissions(to, entries),
            Parcel::Admission(entry) => self.propose_entry(to, *entry),
            Parcel::Request(request) => self.receive_request(to, request),
            // Only clients get answers.
            Parcel::Answer { .. } => {}
        }
    }

    pub(super) fn send(&mut self, from: NodeId, to: NodeId, parcel: Parcel) {
        let deliveries = self.network.send(self.now, from, to, parcel);
        for (arrives, slot) in deliveries.into_iter().flatten() {
            self.queue.schedule(arrives, Event::Deliver { slot });
            if self.is_recorded() {
                self.notice_sent(slot);
            }
        }
    }

    fn notice_sent(&mut self, slot: u32) {
        let Some(flight) = self.network.peek(slot) else {
            return;
        };
        let kind = NoticeKind::Sent {
            to: flight.to,
            arrives: flight.arrives,
            kind: flight.parcel.kind(),
            term: flight.parcel.term(),
            lost: flight.lost,
        };
        let (from, to) = (flight.from, flight.to);
        if !is_client(from) && !is_client(to) {
            self.notice(Some(from), kind);
        }
    }
}
