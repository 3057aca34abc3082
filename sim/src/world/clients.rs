//! Clients and the nodes they talk to.
//!
//! A node answers a write when it applies the entry, whoever proposed that entry in the end, and a
//! read when its leader has confirmed that it still leads. What a node promised and then forgot in a
//! crash, the client asks for again.

use quorate::raft::sessions::{Outcome, SessionError};
use quorate::raft::{Input, Read, Role};
use quorate::{Micros, NodeId};

use super::{World, slot};
use crate::clients::{Answer, Ask, OPERATOR, Performed, Request, history};
use crate::linearizability::{self, History};
use crate::machine::{ClientCommand, Command, Operation, Reply};
use crate::network::Parcel;
use crate::node::PendingRead;
use crate::notice::NoticeKind;
use crate::observer::{Answer as Told, Confirmation, OperationId};
use crate::queue::Event;
use crate::scenario::ReadSpec;

impl World {
    /// A client of the workload wants something, if one is free to.
    pub(super) fn client_operation(&mut self) {
        self.schedule_client_operation();
        let workload = self.scenario.workload.clone();
        let random = &mut self.random.workload;
        let key = u32::try_from(random.below(u64::from(workload.keys))).expect("below 2^32");
        let value = random.below(1_000);
        let choice = u32::try_from(random.below(1_000)).expect("below 1,000");
        let operation = if choice < workload.reads_permille {
            Operation::Get { key }
        } else if choice < workload.reads_permille + workload.swaps_permille {
            let expected = Some(random.below(1_000)).filter(|_| random.chance(900));
            Operation::CompareAndSet {
                key,
                expected,
                value,
            }
        } else {
            Operation::Put { key, value }
        };
        let through = NodeId(1 + random.below(u64::from(self.scenario.voters)));
        let idle: Vec<usize> = (1..self.clients.len())
            .filter(|&at| self.clients[at].is_idle())
            .collect();
        if let Some(&at) = idle.get(self.random.workload.index(idle.len())) {
            self.want(at, through, operation);
        }
    }

    /// The operator does something through a node, after all that it was told before.
    pub(super) fn operate(&mut self, through: NodeId, operation: Operation) {
        self.want(0, through, operation);
    }

    /// What clients have done so far.
    pub fn operations(&self) -> &crate::clients::Operations {
        &self.operations
    }

    /// What clients have asked and been told so far, for an independent judge. O(operations).
    pub fn client_history(&self) -> History<linearizability::Call, linearizability::Answer> {
        history(&self.operations, &self.clients)
    }

    fn want(&mut self, at: usize, through: NodeId, operation: Operation) {
        self.clients[at].want(through, operation);
        self.begin_operation(at);
    }

    fn begin_operation(&mut self, at: usize) {
        let client = &mut self.clients[at];
        let id = client.id();
        if let Some(operation) = client.begin(self.now) {
            let number = client.begun();
            let invoked = OperationId {
                client: id.0,
                number,
            };
            self.observer.clients.registers.invoked(invoked);
            self.notice(
                None,
                NoticeKind::Invoked {
                    client: id,
                    operation,
                },
            );
            self.ask(at);
        }
    }

    /// Sends what a client asks, and sets its timer.
    fn ask(&mut self, at: usize) {
        let client = &self.clients[at];
        let Some((request, attempt)) = client.request() else {
            return;
        };
        let (id, target) = (client.id(), client.target());
        let timeout = self.scenario.workload.request_timeout;
        self.set_client_timer(id, request.number, attempt, timeout);
        self.send(id, target, Parcel::Request(request));
    }

    fn set_client_timer(&mut self, client: NodeId, request: u32, attempt: u32, after: Micros) {
        let event = Event::ClientTimer {
            client: u32::try_from(place(client)).expect("there are few clients"),
            request,
            attempt,
        };
        self.queue.schedule(self.now + after, event);
    }

    /// Nothing has come back: the client tries another node.
    pub(super) fn client_timer(&mut self, client: u32, request: u32, attempt: u32) {
        let at = client as usize;
        let next = 1 + self.clients[at].target().0 % u64::from(self.scenario.voters);
        if self.clients[at].retry(request, attempt, NodeId(next)) {
            self.ask(at);
        }
    }

    /// Whether a client still waits for an answer to this attempt.
    pub(super) fn is_awaited(&self, client: u32, request: u32, attempt: u32) -> bool {
        let current = self.clients[client as usize].request();
        current.is_some_and(|(asked, at)| asked.number == request && at == attempt)
    }

    /// An answer reaches a client.
    pub(super) fn receive_answer(
        &mut self,
        from: NodeId,
        client: NodeId,
        request: u32,
        answer: Answer,
    ) {
        let at = place(client);
        let before = self.clients[at].request();
        if answer == Answer::Unavailable {
            // It waits a little, so that an election has a chance, and asks somebody else.
            let wait = Micros(self.scenario.workload.request_timeout.0 / 8);
            if let Some((asked, attempt)) = before.filter(|(asked, _)| asked.number == request) {
                self.set_client_timer(client, asked.number, attempt, wait);
            }
            return;
        }
        if let Some(performed) = self.clients[at].answered(self.now, request, answer) {
            self.performed(from, performed);
            self.begin_operation(at);
        } else if before != self.clients[at].request() {
            self.ask(at);
        }
    }

    fn performed(&mut self, by: NodeId, performed: Performed) {
        let observer = &mut self.observer;
        let (registers, ledger) = (&mut observer.clients.registers, &mut observer.ledger);
        let operation = OperationId {
            client: performed.client.0,
            number: performed.number,
        };
        match told(&performed) {
            Some(told) => registers.returned(ledger, by, operation, told),
            None => registers.given_up(operation),
        }
        self.operations.push(performed);
        self.notice(None, NoticeKind::Returned { performed });
    }

    /// A request reaches a node.
    pub(super) fn receive_request(&mut self, id: NodeId, request: Request) {
        let Request {
            client,
            number,
            ask,
        } = request;
        if !self.node(id).knows_leader() {
            self.send_answer(id, client, number, Answer::Unavailable);
            return;
        }
        if let Ask::Get { key } = ask {
            let pending = PendingRead {
                client,
                request: number,
                key,
                asked_in: self.events,
            };
            let node = self.node_mut(id);
            let read = node.requests.take_read(node.life, pending);
            self.observer.consensus.read_asked(id, read);
            self.step_raft(id, Input::Read { id: read });
        } else if let Some(body) = ask.body() {
            self.node_mut(id).requests.writes.insert(client, number);
            let command = ClientCommand {
                client,
                request: number,
                body,
            };
            self.propose(id, &Command::Client(command));
        }
    }

    /// An entry with a client's command was applied at a node: it answers, if it was asked.
    pub(super) fn answer_write(
        &mut self,
        id: NodeId,
        (client, request): (NodeId, u32),
        outcome: Result<Outcome, SessionError>,
    ) {
        let writes = &mut self.node_mut(id).requests.writes;
        if writes.get(&client) != Some(&request) {
            return;
        }
        writes.remove(&client);
        let done = |bytes: &[u8]| {
            let (reply, index) = Reply::decode(bytes).ok()?;
            Some(Answer::Done { reply, index })
        };
        let answer = match outcome {
            Ok(Outcome::Opened { session, .. }) => Some(Answer::Opened { session }),
            Ok(Outcome::Executed { reply: bytes } | Outcome::Repeated { reply: bytes }) => {
                done(&bytes)
            }
            // Nobody waits for these.
            Ok(Outcome::Acknowledged | Outcome::Closed) => None,
            Err(_) => Some(Answer::Expired),
        };
        if let Some(answer) = answer {
            self.send_answer(id, client, request, answer);
        }
    }

    /// Reads that a node may serve now.
    pub(super) fn answer_reads(&mut self, id: NodeId, reads: &[Read]) {
        for read in reads {
            let Some(pending) = self.node_mut(id).requests.reads.remove(&read.id) else {
                continue;
            };
            if pending.asked_in == self.events {
                self.observe_lease(id);
            }
            let machine = &self.node(id).machine;
            let answer = Answer::Done {
                reply: Reply::Value(machine.values().get(pending.key)),
                index: machine.applied_index(),
            };
            self.send_answer(id, pending.client, pending.request, answer);
        }
    }

    /// A leader that reads by its lease must not have been overtaken. It does so in the very step in
    /// which it is asked: a read that has waited was confirmed by a quorum, and may be answered late.
    fn observe_lease(&mut self, id: NodeId) {
        let reads = self.scenario.raft.reads;
        let node = &self.nodes[slot(id)];
        let Some(raft) = node.raft.as_ref().filter(|_| reads == ReadSpec::Lease) else {
            return;
        };
        if raft.role() == Role::Leader {
            let observer = &mut self.observer;
            let confirmation = Confirmation::Lease { at: self.now };
            observer
                .consensus
                .read_served(&mut observer.ledger, id, raft.term(), confirmation);
        }
    }

    /// Reads that a node cannot serve any more.
    pub(super) fn refuse_reads(&mut self, id: NodeId, reads: &[u64]) {
        for read in reads {
            if let Some(pending) = self.node_mut(id).requests.reads.remove(read) {
                let (client, request) = (pending.client, pending.request);
                self.send_answer(id, client, request, Answer::Unavailable);
            }
        }
    }

    fn send_answer(&mut self, from: NodeId, client: NodeId, request: u32, answer: Answer) {
        self.send(from, client, Parcel::Answer { request, answer });
    }
}

/// What a client was told, as the observer sees it; `None` if it will never know.
fn told(performed: &Performed) -> Option<Told> {
    let (reply, index) = performed.outcome?;
    let key = performed.operation.key();
    Some(match (reply, performed.operation) {
        (Reply::Value(value), _) => Told::Read { key, value, index },
        (Reply::Mismatch, Operation::CompareAndSet { expected, .. }) => Told::Mismatched {
            key,
            expected,
            index,
        },
        (Reply::Written | Reply::Mismatch, operation) => Told::Written {
            key,
            value: operation.written().map(|(_, value)| value),
            index,
        },
    })
}

/// The place of a client in the list of clients; the operator is the first.
fn place(client: NodeId) -> usize {
    usize::try_from(client.0 - OPERATOR.0).expect("there are few clients")
}
