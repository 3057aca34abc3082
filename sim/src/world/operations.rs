//! What goes on without any fault: users, load and metrics.

use quorate::{Micros, NodeId};

use super::{POINTS, SERVE_INTERVAL, World, values};
use crate::network::Parcel;
use crate::node::Process;
use crate::queue::Event;
use crate::reports::{Duty, Report};
use crate::snapshot::LoadPoint;

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
    /// A user adds to, removes from, counts in or writes a note on the cart at some replica that is ready.
    pub(super) fn set_operation(&mut self) {
        self.schedule_set_operation();
        let ready: Vec<NodeId> = self
            .nodes
            .iter()
            .filter(|node| node.is_ready() && node.can_step())
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
        let registers_permille = self.scenario.workload.registers_permille;
        // No draw where there is no choice.
        let writes = registers_permille > 0 && self.random.workload.chance(registers_permille);
        let mutation = match choice {
            _ if writes => values::write(&element),
            0..=4 => values::add(&element),
            5..=7 => values::remove(&element),
            _ => values::order(),
        };
        self.mutate(at, mutation);
    }

    pub(super) fn schedule_client_operation(&mut self) {
        let rate = self.scenario.workload.client_operations_per_second_milli;
        self.schedule_operation(rate, Event::ClientOperation);
    }

    pub(super) fn schedule_set_operation(&mut self) {
        let rate = self.scenario.workload.set_operations_per_second_milli;
        self.schedule_operation(rate, Event::SetOperation);
    }

    /// Operations come at random, twice the mean gap apart at most; none at a rate of zero, and none
    /// once users have fallen silent.
    fn schedule_operation(&mut self, per_second_milli: u32, event: Event) {
        if per_second_milli > 0 {
            let mean = 1_000_000_000 / u64::from(per_second_milli);
            let gap = self.random.workload.span(Micros(1), Micros(2 * mean));
            let (at, until) = (self.now + gap, self.scenario.workload.until);
            if until == Micros::ZERO || at < until {
                self.queue.schedule(at, event);
            }
        }
    }

    /// Every node works for a second on its share of what arrives.
    pub(super) fn serve(&mut self) {
        self.queue.schedule(self.now + SERVE_INTERVAL, Event::Serve);
        self.observe_reach();
        self.tend();
        let rate_milli = self.load.rate_at(self.now);
        let ready = self.nodes.iter().filter(|node| node.is_ready()).count() as u64;
        let share = rate_milli / ready.max(1);
        let capacity = u64::from(self.scenario.service.capacity_per_node) * 1_000;
        for node in self.nodes.iter_mut() {
            if node.is_up() {
                let arrivals = if node.is_ready() { share } else { 0 };
                // Who stands still serves nothing, and the balancer does not know yet.
                let capacity = if node.can_step() { capacity } else { 0 };
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

    /// Every node tells everybody who may lead how it is.
    pub(super) fn report(&mut self) {
        self.queue.schedule(
            self.now + self.scenario.service.report_interval,
            Event::Report,
        );
        let listeners: Vec<NodeId> = self
            .nodes
            .iter()
            .filter(|node| node.raft.is_some() || node.id.0 <= u64::from(self.scenario.voters))
            .map(|node| node.id)
            .collect();
        for at in 0..self.nodes.len() {
            let Some(report) = self.report_of(at) else {
                continue;
            };
            let from = report.node;
            for &to in &listeners {
                if to == from {
                    let now = self.now;
                    self.node_mut(to).reports.record(now, report.clone());
                } else {
                    self.send(from, to, Parcel::Report(Box::new(report.clone())));
                }
            }
        }
        let oldest = self.oldest_message();
        self.observer
            .sets
            .under_way_since(oldest.unwrap_or(self.now));
    }

    fn report_of(&self, at: usize) -> Option<Report> {
        let node = &self.nodes[at];
        let replica = node.replica.as_ref().filter(|_| node.can_step())?;
        let store = replica.store();
        let made = store.table().expand(store.context()).get(replica.id());
        let duty = match node.process {
            Process::Draining => Duty::Drain,
            _ => Duty::Serve,
        };
        Some(Report {
            node: node.id,
            cpu_permille: node.service.cpu_permille(),
            memory_permille: node
                .service
                .memory_permille(self.scenario.service.capacity_per_node),
            queue: node.service.queue(),
            epoch: store.retired().is_none().then(|| store.epoch()),
            duty,
            // A backlog is served before the door closes.
            drained_at: (duty == Duty::Drain && node.service.queue() == 0).then_some(made),
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
