//! What goes on without any fault: users, load, metrics, and the leader that scales the fleet.

use quorate::raft::Role;
use quorate::{Micros, NodeId};

use super::{DECISIONS, POINTS, PendingOrders, SERVE_INTERVAL, World, values};
use crate::command::Command;
use crate::controller::{self, Report};
use crate::network::Parcel;
use crate::node::Process;
use crate::notice::NoticeKind;
use crate::queue::Event;
use crate::snapshot::{DecisionView, LoadPoint};
use crate::state_machine::Employment;

/// Names for the first elements; further ones are numbered.
const ELEMENTS: [&str; 24] = [
    "milk", "bread", "eggs", "rice", "tea", "figs", "salt", "corn", "plums", "oats", "beans",
    "honey", "leeks", "dates", "flour", "basil", "pears", "thyme", "olives", "cocoa", "limes",
    "peas", "mint", "kale",
];

/// The name of an element of the simulated cart.
pub(crate) fn element_name(at: usize) -> String {
    ELEMENTS
        .get(at)
        .map_or_else(|| format!("item {}", at + 1), ToString::to_string)
}

impl World {
    /// A user writes a key through some voter that is up.
    pub(super) fn put(&mut self) {
        self.schedule_put();
        let voters: Vec<NodeId> = self
            .scenario
            .voter_ids()
            .filter(|&id| self.node(id).is_up())
            .collect();
        let key = u32::try_from(self.random.workload.below(16)).expect("below 16");
        let value = self.random.workload.below(1_000);
        if let Some(&voter) = voters.get(self.random.workload.index(voters.len())) {
            self.propose(voter, &Command::Put { key, value });
        }
    }

    /// A user adds to, removes from or counts in the cart at some replica that is ready.
    pub(super) fn set_operation(&mut self) {
        self.schedule_set_operation();
        let ready: Vec<NodeId> = self
            .nodes
            .iter()
            .filter(|node| node.is_ready())
            .map(|node| node.id)
            .collect();
        let element = self
            .random
            .workload
            .index(self.scenario.workload.elements as usize);
        let choice = self.random.workload.below(10);
        let Some(&at) = ready.get(self.random.workload.index(ready.len())) else {
            return;
        };
        let element = element_name(element);
        let mutation = match choice {
            0..=4 => values::add(&element),
            5..=7 => values::remove(&element),
            _ => values::order(),
        };
        self.mutate(at, mutation);
    }

    pub(super) fn schedule_put(&mut self) {
        self.schedule_operation(self.scenario.workload.puts_per_second_milli, Event::Put);
    }

    pub(super) fn schedule_set_operation(&mut self) {
        let rate = self.scenario.workload.set_operations_per_second_milli;
        self.schedule_operation(rate, Event::SetOperation);
    }

    /// Operations come at random, twice the mean gap apart at most; none at a rate of zero.
    fn schedule_operation(&mut self, per_second_milli: u32, event: Event) {
        if per_second_milli > 0 {
            let mean = 1_000_000_000 / u64::from(per_second_milli);
            let gap = self.random.workload.span(Micros(1), Micros(2 * mean));
            self.queue.schedule(self.now + gap, event);
        }
    }

    /// Every node works for a second on its share of what arrives.
    pub(super) fn serve(&mut self) {
        self.queue.schedule(self.now + SERVE_INTERVAL, Event::Serve);
        let rate_milli = self.load.rate_at(self.now);
        let ready = self.nodes.iter().filter(|node| node.is_ready()).count() as u64;
        let share = rate_milli / ready.max(1);
        let capacity = u64::from(self.scenario.service.capacity_per_node) * 1_000;
        for node in &mut self.nodes {
            if node.is_up() {
                let arrivals = if node.is_ready() { share } else { 0 };
                node.service.serve(arrivals, capacity);
            }
        }
        if self.points.len() == POINTS {
            self.points.pop_front();
        }
        let point = self.measure(rate_milli);
        self.points.push_back(point);
    }

    fn measure(&self, rate_milli: u64) -> LoadPoint {
        let count = |wanted: fn(&Process) -> bool| {
            let matching = self.nodes.iter().filter(|node| wanted(&node.process));
            u32::try_from(matching.count()).expect("at most 100 nodes")
        };
        let ready = count(|process| *process == Process::Running);
        let running = || self.nodes.iter().filter(|node| node.is_ready());
        let cpu: u32 = running().map(|node| node.service.cpu_permille()).sum();
        let queue: u64 = running().map(|node| node.service.queue()).sum();
        LoadPoint {
            at: self.now,
            rate_milli,
            cpu_permille: cpu / ready.max(1),
            queue_per_node: queue / u64::from(ready.max(1)),
            ready,
            starting: count(|process| matches!(process, Process::Starting { .. })),
            draining: count(|process| *process == Process::Draining),
        }
    }

    /// Every node tells the voters how it is; a leader tells its draining workers to drain, and
    /// switches off those that have handed over everything.
    pub(super) fn report(&mut self) {
        self.queue.schedule(
            self.now + self.scenario.service.report_interval,
            Event::Report,
        );
        let voters: Vec<NodeId> = self.scenario.voter_ids().collect();
        for at in 0..self.nodes.len() {
            let Some(report) = self.report_of(at) else {
                continue;
            };
            let from = report.node;
            for &to in &voters {
                if to == from {
                    let now = self.now;
                    self.node_mut(to).reports.record(now, report.clone());
                } else {
                    self.send(from, to, Parcel::Report(Box::new(report.clone())));
                }
            }
        }
        if let Some(leader) = self.leader() {
            self.tend_draining(leader);
        }
    }

    fn report_of(&self, at: usize) -> Option<Report> {
        let node = &self.nodes[at];
        let replica = node.replica.as_ref()?;
        let made = replica.store().context().get(replica.id());
        Some(Report {
            node: node.id,
            cpu_permille: node.service.cpu_permille(),
            memory_permille: node
                .service
                .memory_permille(self.scenario.service.capacity_per_node),
            queue: node.service.queue(),
            // What it made must be durable with itself before others can be asked for it, and a
            // backlog is served before the door closes.
            drained_at: (node.process == Process::Draining && node.service.queue() == 0)
                .then_some(made),
        })
    }

    fn tend_draining(&mut self, leader: NodeId) {
        let node = self.node(leader);
        let (Some(raft), Some(replica)) = (&node.raft, &node.replica) else {
            return;
        };
        let term = raft.term();
        let draining: Vec<NodeId> = node
            .state_machine
            .workers()
            .iter()
            .filter(|(_, employment)| **employment == Employment::Draining)
            .map(|(&worker, _)| worker)
            .collect();
        let stops = controller::drained(
            self.now,
            term,
            &node.state_machine,
            &node.reports,
            replica.acks(),
        );
        for worker in draining {
            self.send(leader, worker, Parcel::Drain { term });
        }
        if self.orders_are_settled(leader) {
            self.propose_orders(leader, &stops);
        }
    }

    /// The leader, if there is one, evaluates the policy, unless its last orders are still open.
    pub(super) fn evaluate(&mut self) {
        let interval = self
            .scenario
            .autoscale
            .evaluation_interval()
            .max(SERVE_INTERVAL);
        self.queue.schedule(self.now + interval, Event::Evaluate);
        let Some(leader) = self.leader() else { return };
        if !self.orders_are_settled(leader) {
            return;
        }
        let mut memory = std::mem::take(&mut self.scaling);
        let node = self.node(leader);
        let workers = node.state_machine.workers();
        let observation = node
            .reports
            .observe(self.now, self.scenario.voter_ids(), workers);
        let voters = u64::from(self.scenario.voters);
        let evaluation = controller::evaluate(
            &self.scenario.autoscale,
            &mut memory,
            self.now,
            node.last.term,
            &node.state_machine,
            &observation,
            self.scenario.node_ids().filter(|id| id.0 > voters),
        );
        self.scaling = memory;
        let index = self.propose_orders(leader, &evaluation.orders);
        let decision = evaluation.decision;
        let observer = &mut self.observer;
        observer.scaling.decided(
            &mut observer.ledger,
            leader,
            decision.current,
            decision.target,
        );
        if decision.current != decision.target {
            let kind = NoticeKind::Decided {
                current: decision.current,
                target: decision.target,
                reason: decision.to_string(),
            };
            self.notice(Some(leader), kind);
        }
        if self.decisions.len() == DECISIONS {
            self.decisions.pop_front();
        }
        let term = self.node(leader).last.term;
        self.decisions.push_back(DecisionView {
            at: self.now,
            by: leader,
            term,
            index,
            decision,
        });
    }

    /// Proposes orders as the leader; the index of the last one.
    fn propose_orders(&mut self, leader: NodeId, orders: &[Command]) -> Option<u64> {
        for order in orders {
            self.propose(leader, order);
        }
        let raft = self.node(leader).raft.as_ref()?;
        if orders.is_empty() || raft.role() != Role::Leader {
            return None;
        }
        let (term, last_index) = (raft.term(), raft.last_index());
        self.pending_orders = Some(PendingOrders { term, last_index });
        Some(last_index)
    }

    /// Single flight: whether all orders of this leader's term are applied, and its own first
    /// entry is, so that it knows its predecessors' orders.
    fn orders_are_settled(&self, leader: NodeId) -> bool {
        let Some(raft) = &self.node(leader).raft else {
            return false;
        };
        if raft.log().term_at(raft.commit_index()) != Some(raft.term()) {
            return false;
        }
        self.pending_orders.is_none_or(|pending| {
            pending.term != raft.term() || pending.last_index <= raft.applied_index()
        })
    }

    pub(super) fn prune_all(&mut self) {
        self.queue
            .schedule(self.now + self.scenario.sets.prune.interval, Event::Prune);
        for id in self.scenario.node_ids() {
            self.prune(id);
        }
    }
}
