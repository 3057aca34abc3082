//! The leader scales the fleet, and the platform does what the log says.
//!
//! A decision and what its controller must remember are one proposal. It takes effect when it is
//! applied: a deposed leader's decision is never committed, or is void because its term is over, and
//! a new leader's controller goes on from what the last committed decision left.

use quorate::NodeId;
use quorate::autoscale::Decision;
use quorate::autoscale::controller::{
    Controller, ControllerSettings, Effect, Effects, Event as ControllerEvent, Input, OrderId,
};

use super::{DECISIONS, SERVE_INTERVAL, World, slot};
use crate::machine::{Command, Employment, Memory, Scaling, Sizing};
use crate::node::Process;
use crate::notice::NoticeKind;
use crate::observer::OrderName;
use crate::queue::Event;
use crate::snapshot::DecisionView;

impl World {
    /// Whoever leads looks at the fleet; the controller says whether that is to be evaluated.
    pub(super) fn evaluate(&mut self) {
        let policy = &self.scenario.autoscale;
        let interval = policy.evaluation_interval().max(SERVE_INTERVAL);
        self.queue.schedule(self.now + interval, Event::Evaluate);
        for leader in self.settled_leaders() {
            self.take_charge(leader);
            let node = self.node(leader);
            let voters = self.scenario.voter_ids();
            let seen = node.reports.observe(self.now, voters, node.machine.fleet());
            self.control(leader, Input::Observed(seen));
        }
    }

    /// Those who lead, as far as they know, and know all that was committed before.
    pub(super) fn settled_leaders(&self) -> Vec<NodeId> {
        let settled = self
            .nodes
            .iter()
            .filter(|node| node.settled_term().is_some());
        settled.map(|node| node.id).collect()
    }

    /// A leader's controller goes on from where the last leader's was when it decided last.
    pub(super) fn take_charge(&mut self, id: NodeId) {
        let seed = self.scenario.seed;
        let policy = &self.scenario.autoscale;
        let node = &mut self.nodes[slot(id)];
        let Some(term) = node.settled_term() else {
            return;
        };
        let leads = node.controller.as_ref().and_then(Controller::leads);
        if leads == Some(term) {
            return;
        }
        let settings = ControllerSettings {
            history: DECISIONS,
            seed,
            ..ControllerSettings::default()
        };
        let state = match node.machine.controller().state() {
            Ok(state) => state,
            Err(error) => return self.refused(id, &error),
        };
        let policy = node.mutant.policy(policy.clone());
        match Controller::restore(policy, settings, state) {
            Ok(controller) => node.controller = Some(controller),
            Err(error) => return self.refused(id, &error),
        }
        self.control(id, Input::Lead { term });
    }

    /// Takes a step of a leader's controller, and proposes what follows.
    pub(super) fn control(&mut self, id: NodeId, input: Input) {
        let now = self.now;
        let Some(controller) = self.nodes[slot(id)].controller.as_mut() else {
            return;
        };
        let effects = match controller.step(now, input) {
            Ok(effects) => effects.clone(),
            Err(error) => return self.refused(id, &error),
        };
        let index = self.propose_scaling(id, &effects);
        self.observe_orders(id, &effects);
        for event in effects.events {
            if let ControllerEvent::Evaluated { decision } = event {
                self.decided(id, index, decision);
            }
        }
    }

    /// Tells the observer which orders were given, and which are over.
    fn observe_orders(&mut self, id: NodeId, effects: &Effects) {
        let observer = &mut self.observer;
        for event in &effects.events {
            match event {
                ControllerEvent::ScaleOutCompleted { order, .. }
                | ControllerEvent::ScaleInCompleted { order, .. }
                | ControllerEvent::ScaleOutFailed { order, .. }
                | ControllerEvent::ScaleInFailed { order, .. } => {
                    observer.scaling.closed(name(*order));
                }
                ControllerEvent::ScaleOutStarted { order, .. }
                | ControllerEvent::ScaleInStarted { order, .. } => {
                    observer
                        .scaling
                        .ordered(&mut observer.ledger, id, name(*order));
                }
                ControllerEvent::Evaluated { decision } => {
                    let (current, target) = (decision.current, decision.target);
                    observer
                        .scaling
                        .decided(&mut observer.ledger, id, current, target);
                }
            }
        }
    }

    fn propose_scaling(&mut self, id: NodeId, effects: &Effects) -> Option<u64> {
        if effects.orders.is_empty() && !effects.must_save {
            return None;
        }
        let node = self.node(id);
        let scaling = Scaling {
            term: node.raft.as_ref()?.term(),
            decided_at: self.now,
            orders: effects.orders.clone(),
            state: Memory::of(node.controller.as_ref()?.save()),
        };
        let is_order = !scaling.orders.is_empty();
        self.propose(id, &Command::Scaling(Box::new(scaling)));
        let raft = self.node(id).raft.as_ref()?;
        is_order.then(|| raft.last_index())
    }

    fn decided(&mut self, id: NodeId, index: Option<u64>, decision: Decision) {
        if decision.current != decision.target {
            let kind = NoticeKind::Decided {
                current: decision.current,
                target: decision.target,
                reason: decision.to_string(),
            };
            self.notice(Some(id), kind);
        }
        if self.decisions.len() == DECISIONS {
            self.decisions.pop_front();
        }
        let term = self.node(id).last.term;
        self.decisions.push_back(DecisionView {
            at: self.now,
            by: id,
            term,
            index,
            decision,
        });
    }

    /// The platform carries out what a decision orders, once, when anybody first applies it.
    pub(super) fn carry_out_sizes(
        &mut self,
        id: NodeId,
        term: u64,
        sizes: &[Sizing],
        boot: &[NodeId],
    ) {
        let observer = &mut self.observer;
        for Sizing { order, from, to } in sizes {
            let (order, size) = (name(*order), (*from, *to));
            observer
                .scaling
                .executed(&mut observer.ledger, id, order, term, size);
        }
        for &worker in boot {
            self.order_worker(worker);
        }
        let nodes = self.nodes.iter();
        let there = nodes.filter(|node| node.process != Process::Absent).count();
        let observer = &mut self.observer;
        let there = u32::try_from(there).expect("at most 100 nodes");
        observer.scaling.sized(&mut observer.ledger, there);
    }

    /// A decision was applied at a node: its author learns what is done already.
    pub(super) fn scaled(&mut self, id: NodeId, scaling: &Scaling) {
        let is_author = self.node(id).settled_term() == Some(scaling.term);
        for order in &scaling.orders {
            match order {
                Effect::ScaleTo { order, .. } if is_author => self.check_order(id, *order),
                Effect::Drain { nodes, .. } if is_author => {
                    self.scalings.draining += nodes.len() as u64;
                }
                _ => {}
            }
        }
    }

    /// Tells a leader's controller that its order is done, if it is.
    fn check_order(&mut self, id: NodeId, order: OrderId) {
        if self.node(id).machine.fleet().is_carried_out(order) {
            self.control(id, Input::Executed { order });
        }
    }

    /// A worker is to be switched off, everywhere in the books.
    pub(super) fn stop_worker(&mut self, id: NodeId, index: u64, worker: NodeId) {
        self.node_mut(id).reports.forget(worker);
        if self.is_news(index) {
            self.scalings.stopped += 1;
            let table = self.node(id).machine.table();
            let others: Vec<NodeId> = table.active().map(|replica| replica.node).collect();
            let observer = &mut self.observer;
            observer
                .sets
                .switched_off(&mut observer.ledger, worker, others);
            self.node_mut(worker).halt(Process::Absent);
            let observer = &mut self.observer;
            observer.consensus.crashed(&mut observer.ledger, worker);
            self.notice(Some(worker), NoticeKind::Stopped);
        }
        let node = self.node(id);
        let open = node.controller.as_ref().and_then(Controller::open_order);
        if let Some(order) = open.filter(|_| node.settled_term().is_some()) {
            self.check_order(id, order);
        }
    }

    /// Whether nobody has applied this entry before.
    pub(super) fn is_news(&mut self, index: u64) -> bool {
        let is_news = index > self.last_order;
        self.last_order = self.last_order.max(index);
        is_news
    }

    fn order_worker(&mut self, worker: NodeId) {
        if self.node(worker).process != Process::Absent {
            return;
        }
        self.scalings.out += 1;
        let until = self.now + self.scenario.service.startup;
        let node = self.node_mut(worker);
        node.process = Process::Starting { until };
        let life = node.life;
        self.queue
            .schedule(until, Event::Boot { node: worker, life });
        self.notice(Some(worker), NoticeKind::Ordered);
    }

    /// Workers that drain and have finished are reported to the leader's controller.
    pub(super) fn tend_drains(&mut self, leader: NodeId) {
        let node = self.node(leader);
        let Some(order) = node.controller.as_ref().and_then(Controller::open_order) else {
            return;
        };
        let drained: Vec<NodeId> = node
            .machine
            .fleet()
            .workers()
            .filter(|(_, employment)| *employment == Employment::Draining { order })
            .map(|(worker, _)| worker)
            .filter(|&worker| self.has_handed_over(leader, worker))
            .collect();
        for worker in drained {
            let input = Input::Drained {
                order,
                node: worker,
            };
            self.control(leader, input);
        }
    }

    /// Whether a worker has no work left and everybody who takes part durably holds what it made, as
    /// far as the leader knows.
    fn has_handed_over(&self, leader: NodeId, worker: NodeId) -> bool {
        use quorate::crdt::ReplicaId;
        let node = self.node(leader);
        let made = node
            .reports
            .fresh(self.now, worker)
            .and_then(|report| report.drained_at);
        let (Some(made), Some(replica)) = (made, &node.replica) else {
            return false;
        };
        let table = replica.table();
        let id = ReplicaId::first(worker);
        replica.store().retired().is_none()
            && table.active().filter(|other| *other != id).all(|other| {
                let row = replica.acks().row(other);
                row.is_some_and(|row| table.seen_upto(id, row) >= made)
            })
    }
}

/// An order's name, as the observer knows it.
fn name(order: OrderId) -> OrderName {
    OrderName {
        term: order.term,
        number: order.number,
    }
}
