//! The fleet in a few numbers: how many nodes are in which state, and how busy the ready ones are.
//!
//! Averaging every node that exists is the naive way: nodes that are still starting pull the
//! average down and hide an overload, nodes that drain pull it down as they empty. Only ready
//! nodes with fresh samples are averaged here, and the result says whether that was all of them,
//! because shrinking a fleet on the word of half of it is how outages start.

use super::{Metric, NodeSample, NodeState, Observation, Resource};

/// How far one resource is used across the ready nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Level {
    /// No ready node has a fresh value.
    #[default]
    Unknown,
    /// From some of the ready nodes; the others are left out, they count neither as idle nor as
    /// busy.
    Partial(u64),
    /// From every ready node, and there is at least one.
    Complete(u64),
}

impl Level {
    /// The number, whoever it is from.
    pub const fn value(self) -> Option<u64> {
        match self {
            Self::Unknown => None,
            Self::Partial(value) | Self::Complete(value) => Some(value),
        }
    }

    /// The same provenance with another number; unknown stays unknown.
    #[must_use]
    pub fn map(self, change: impl FnOnce(u64) -> u64) -> Self {
        match self {
            Self::Unknown => Self::Unknown,
            Self::Partial(value) => Self::Partial(change(value)),
            Self::Complete(value) => Self::Complete(change(value)),
        }
    }
}

/// How many nodes of any state came with which quality of data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SampleCount {
    /// Nodes with a fresh value for every resource.
    pub fresh: u32,
    /// Nodes with at least one stale value.
    pub stale: u32,
    /// Nodes with no stale value, but at least one that was never reported.
    pub absent: u32,
}

/// The classified fleet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Fleet {
    /// The quality of the samples.
    pub samples: SampleCount,
    /// Nodes that serve.
    pub ready: u32,
    /// Nodes that were ordered and do not serve yet.
    pub starting: u32,
    /// Nodes that are leaving.
    pub draining: u32,
    /// Average over the ready nodes with fresh values, rounded down to a whole per mille.
    pub cpu: Level,
    /// Average over the ready nodes with fresh values, rounded down to a whole per mille.
    pub memory: Level,
    /// Sum over the ready nodes with fresh values; stops at the largest number there is.
    pub queue_total: Level,
    /// Ready nodes whose queues make up `queue_total`.
    pub queue_nodes: u32,
}

impl Fleet {
    /// Counts and averages `observation`. O(n).
    pub fn of(observation: &Observation) -> Self {
        let mut fleet = Self::default();
        let mut sums = [Sum::default(); Resource::ALL.len()];
        for sample in observation.nodes() {
            fleet.samples.count(sample);
            match sample.state {
                NodeState::Starting => fleet.starting = fleet.starting.saturating_add(1),
                NodeState::Draining => fleet.draining = fleet.draining.saturating_add(1),
                NodeState::Ready => {
                    fleet.ready = fleet.ready.saturating_add(1);
                    for (sum, resource) in sums.iter_mut().zip(Resource::ALL) {
                        sum.add(sample.metric(resource));
                    }
                }
            }
        }
        let [cpu, memory, queue] = sums;
        fleet.cpu = cpu.level(fleet.ready, cpu.average());
        fleet.memory = memory.level(fleet.ready, memory.average());
        fleet.queue_total = queue.level(fleet.ready, queue.total());
        fleet.queue_nodes = queue.nodes;
        fleet
    }

    /// How many nodes the fleet is meant to have right now: the ready and the starting ones.
    pub const fn size(&self) -> u32 {
        self.ready.saturating_add(self.starting)
    }
}

impl SampleCount {
    fn count(&mut self, sample: &NodeSample) {
        let metrics = Resource::ALL.map(|resource| sample.metric(resource));
        let counter = if metrics
            .iter()
            .any(|metric| matches!(metric, Metric::Stale { .. }))
        {
            &mut self.stale
        } else if metrics.contains(&Metric::Absent) {
            &mut self.absent
        } else {
            &mut self.fresh
        };
        *counter = counter.saturating_add(1);
    }
}

/// The fresh values of one resource, added up. 2^64 nodes of 2^64 each still fit.
#[derive(Clone, Copy, Default)]
struct Sum {
    total: u128,
    nodes: u32,
}

impl Sum {
    fn add(&mut self, metric: Metric) {
        if let Some(value) = metric.fresh() {
            self.total += u128::from(value);
            self.nodes = self.nodes.saturating_add(1);
        }
    }

    fn average(self) -> u64 {
        // An average of numbers below 2^64 is below 2^64.
        u64::try_from(self.total / u128::from(self.nodes.max(1))).unwrap_or(u64::MAX)
    }

    fn total(self) -> u64 {
        u64::try_from(self.total).unwrap_or(u64::MAX)
    }

    const fn level(self, ready: u32, value: u64) -> Level {
        match self.nodes {
            0 => Level::Unknown,
            nodes if nodes == ready => Level::Complete(value),
            _ => Level::Partial(value),
        }
    }
}
