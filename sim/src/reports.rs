//! What nodes tell the members of the group about themselves.
//!
//! Everybody reports to everybody who may lead, so whoever leads next knows the fleet at once. A
//! report is a claim with an age: an old one counts as stale, and a node that has said nothing for
//! long is as good as gone.

use std::collections::BTreeMap;

use quorate::autoscale::{Metric, NodeSample, NodeState, Observation};
use quorate::crdt::Epoch;
use quorate::{Micros, NodeId};

use crate::machine::{Employment, Fleet};

/// What a node says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) node: NodeId,
    pub(crate) cpu_permille: u32,
    pub(crate) memory_permille: u32,
    pub(crate) queue: u64,
    /// The epoch of its replica; `None` while that is retired and waits to be admitted.
    pub(crate) epoch: Option<Epoch>,
    pub(crate) duty: Duty,
    /// Set once it drains and has nothing left to do: the number of events it has ever made.
    pub(crate) drained_at: Option<u64>,
}

/// What a worker is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Duty {
    /// It takes work.
    Serve,
    /// It takes no new work and finishes what it has.
    Drain,
}

/// The reports a node has, and when they came.
#[derive(Clone, Debug)]
pub(crate) struct Reports {
    latest: BTreeMap<NodeId, (Micros, Report)>,
    max_age: Micros,
    /// Since when it listens.
    since: Micros,
}

impl Reports {
    /// No reports; one is stale when it is older than three intervals.
    pub(crate) fn new(interval: Micros, now: Micros) -> Self {
        Self {
            latest: BTreeMap::new(),
            max_age: Micros(interval.0.saturating_mul(3)),
            since: now,
        }
    }

    /// Takes a report.
    pub(crate) fn record(&mut self, now: Micros, report: Report) {
        self.latest.insert(report.node, (now, report));
    }

    /// What a node said lately.
    pub(crate) fn fresh(&self, now: Micros, node: NodeId) -> Option<&Report> {
        let (at, report) = self.latest.get(&node)?;
        (now.since(*at) <= self.max_age).then_some(report)
    }

    /// For how long nothing was heard of a node.
    pub(crate) fn silence(&self, now: Micros, node: NodeId) -> Micros {
        let last = self.latest.get(&node).map_or(self.since, |(at, _)| *at);
        now.since(last)
    }

    /// The fleet as this node sees it: the voters that are there for good, and the workers there
    /// should be.
    pub(crate) fn observe(
        &self,
        now: Micros,
        voters: impl Iterator<Item = NodeId>,
        fleet: &Fleet,
    ) -> Observation {
        let voters = voters.map(|node| self.sample(now, node, NodeState::Ready));
        let workers = fleet.workers().filter_map(|(node, employment)| {
            let state = match employment {
                Employment::Draining { .. } => NodeState::Draining,
                Employment::Employed if self.latest.contains_key(&node) => NodeState::Ready,
                Employment::Employed => NodeState::Starting,
                Employment::Leaving { .. } => return None,
            };
            Some(self.sample(now, node, state))
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
