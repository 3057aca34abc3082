//! What a leader does as the autoscaler of its cluster.
//!
//! Nodes report to all voters, so whoever leads next knows the fleet at once. A decision is a
//! proposal like any other: it takes effect when it is committed, so a deposed leader scales
//! nothing. Removing a worker takes three steps in the log (drain, wait until everybody durably
//! holds the worker's events, stop), or what only the worker knew would be gone.

use std::collections::BTreeMap;

use quorate::autoscale::{
    Decision, Executed, Metric, NodeSample, NodeState, Observation, Policy, State, decide,
};
use quorate::crdt::{Acks, ReplicaId};
use quorate::{Micros, NodeId};

use crate::command::{Command, Order};
use crate::state_machine::{Employment, StateMachine};

/// What a node says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) node: NodeId,
    pub(crate) cpu_permille: u32,
    pub(crate) memory_permille: u32,
    pub(crate) queue: u64,
    /// Set once the node takes no more work: the number of events it has ever made.
    pub(crate) drained_at: Option<u64>,
}

/// The reports a voter has, and when they came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reports {
    latest: BTreeMap<NodeId, (Micros, Report)>,
    max_age: Micros,
}

impl Reports {
    /// No reports; one is stale when it is older than three intervals.
    pub(crate) fn new(interval: Micros) -> Self {
        Self {
            latest: BTreeMap::new(),
            max_age: Micros(interval.0.saturating_mul(3)),
        }
    }

    /// Takes a report.
    pub(crate) fn record(&mut self, now: Micros, report: Report) {
        self.latest.insert(report.node, (now, report));
    }

    /// Nodes that have reported lately.
    pub(crate) fn alive(&self, now: Micros) -> impl Iterator<Item = &Report> + '_ {
        let fresh = move |(at, _): &&(Micros, Report)| now.since(*at) <= self.max_age;
        self.latest.values().filter(fresh).map(|(_, report)| report)
    }

    /// The fleet as this voter sees it: the voters, and the workers there should be.
    pub(crate) fn observe(
        &self,
        now: Micros,
        voters: impl Iterator<Item = NodeId>,
        workers: &BTreeMap<NodeId, Employment>,
    ) -> Observation {
        let voters = voters.map(|node| self.sample(now, node, NodeState::Ready));
        let workers = workers.iter().map(|(&node, employment)| {
            let state = match employment {
                Employment::Draining => NodeState::Draining,
                Employment::Employed if self.latest.contains_key(&node) => NodeState::Ready,
                Employment::Employed => NodeState::Starting,
            };
            self.sample(now, node, state)
        });
        Observation::new(voters.chain(workers).collect())
            .expect("voters are never employed as workers, and each worker once")
    }

    /// Forgets a node that was switched off.
    pub(crate) fn forget(&mut self, node: NodeId) {
        self.latest.remove(&node);
    }

    fn sample(&self, now: Micros, node: NodeId, state: NodeState) -> NodeSample {
        let Some((at, report)) = self.latest.get(&node) else {
            return NodeSample::unmeasured(node, state);
        };
        let metric = |value| Metric::reported(value, now.since(*at), self.max_age);
        NodeSample {
            sampled_at: Some(*at),
            cpu: metric(i64::from(report.cpu_permille)),
            memory: metric(i64::from(report.memory_permille)),
            queue: metric(i64::try_from(report.queue.saturating_mul(1_000)).unwrap_or(i64::MAX)),
            ..NodeSample::unmeasured(node, state)
        }
    }
}

/// What a leader's autoscaler remembers. A new leader begins anew, but for the last action, which
/// stands in the replicated state.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    term: u64,
    state: State,
    /// The change that was last proposed.
    proposed: Option<(u32, u32)>,
}

impl Memory {
    /// The memory of the leader of `term`, who knows that an action was last taken at `last`.
    fn recall(&mut self, term: u64, policy: &Policy, last: Option<Micros>) {
        if self.term != term {
            *self = Self {
                term,
                ..Self::default()
            };
        }
        let known = self.state.last_action().map(|action| action.at);
        if let Some(at) = last.filter(|_| known != last) {
            let (from, to) = self.proposed.take().unwrap_or_default();
            self.state.executed(policy, Executed { from, to, at });
        }
    }
}

/// What an evaluation came to: the decision, and the orders to propose.
pub(crate) struct Evaluation {
    pub(crate) decision: Decision,
    pub(crate) orders: Vec<Command>,
}

/// Evaluates the policy as the leader of `term`.
pub(crate) fn evaluate(
    policy: &Policy,
    memory: &mut Memory,
    now: Micros,
    term: u64,
    state_machine: &StateMachine,
    observation: &Observation,
    candidates: impl Iterator<Item = NodeId>,
) -> Evaluation {
    memory.recall(term, policy, state_machine.last_scaling());
    let decision = decide(policy, &mut memory.state, observation, now);
    memory.proposed = Some((decision.current, decision.target));
    let workers = state_machine.workers();
    let order = |order| {
        move |worker| Command::Order {
            order,
            worker,
            decided_in: term,
            decided_at: now,
        }
    };
    let orders = if decision.target > decision.current {
        let missing = (decision.target - decision.current) as usize;
        let free = candidates.filter(|node| !workers.contains_key(node));
        free.take(missing).map(order(Order::Start)).collect()
    } else {
        let surplus = (decision.current - decision.target) as usize;
        let employed = workers
            .iter()
            .rev()
            .filter(|(_, state)| **state == Employment::Employed);
        employed
            .take(surplus)
            .map(|(&node, _)| node)
            .map(order(Order::Drain))
            .collect()
    };
    Evaluation { decision, orders }
}

/// The workers that have handed over everything: every live replica durably holds their events.
pub(crate) fn drained(
    now: Micros,
    term: u64,
    state_machine: &StateMachine,
    reports: &Reports,
    acks: &Acks,
) -> Vec<Command> {
    let draining = |node: &NodeId| state_machine.workers().get(node) == Some(&Employment::Draining);
    let alive: Vec<&Report> = reports.alive(now).collect();
    let handed_over = |worker: NodeId, made: u64| {
        let id = ReplicaId::first(worker);
        alive
            .iter()
            .filter(|report| report.node != worker)
            .all(|report| {
                let row = acks.row(ReplicaId::first(report.node));
                row.is_some_and(|row| row.get(id) >= made)
            })
    };
    alive
        .iter()
        .filter(|report| draining(&report.node))
        .filter_map(|report| Some((report.node, report.drained_at?)))
        .filter(|&(worker, made)| handed_over(worker, made))
        .map(|(worker, _)| Command::Order {
            order: Order::Stop,
            worker,
            decided_in: term,
            decided_at: now,
        })
        .collect()
}
