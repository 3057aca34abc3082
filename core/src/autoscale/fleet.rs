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
    Partial(i64),
    /// From every ready node, and there is at least one.
    Complete(i64),
}

impl Level {
    /// The number, whoever it is from.
    pub const fn value(self) -> Option<i64> {
        match self {
            Self::Unknown => None,
            Self::Partial(value) | Self::Complete(value) => Some(value),
        }
    }

    /// The same provenance with another number; unknown stays unknown.
    #[must_use]
    pub fn map(self, change: impl FnOnce(i64) -> i64) -> Self {
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
    /// Nodes that run and do not serve.
    pub unready: u32,
    /// Nodes that were ordered and do not serve yet.
    pub starting: u32,
    /// Nodes that are leaving.
    pub draining: u32,
    /// Nodes that were there and are not.
    pub gone: u32,
    /// Average over the ready nodes with fresh values, rounded down to a whole per mille.
    pub cpu: Level,
    /// Average over the ready nodes with fresh values, rounded down to a whole per mille.
    pub memory: Level,
    /// Sum over the ready nodes with fresh values, in milli-nodes; stops at the largest number
    /// there is, as the next.
    pub cpu_total: Level,
    /// Sum over the ready nodes with fresh values, in thousandths of a request.
    pub queue_total: Level,
    /// Ready nodes whose queues make up `queue_total`.
    pub queue_nodes: u32,
}

impl Fleet {
    /// Counts and averages `observation`. O(n) for n samples.
    pub fn of(observation: &Observation) -> Self {
        let mut fleet = Self::default();
        let mut sums = [Sum::default(); Resource::ALL.len()];
        for sample in observation.nodes() {
            fleet.samples.count(sample);
            let counter = match sample.state {
                NodeState::Starting => &mut fleet.starting,
                NodeState::Ready => &mut fleet.ready,
                NodeState::Unready => &mut fleet.unready,
                NodeState::Draining => &mut fleet.draining,
                NodeState::Gone => &mut fleet.gone,
            };
            *counter = counter.saturating_add(sample.count);
            if sample.state == NodeState::Ready {
                for (sum, resource) in sums.iter_mut().zip(Resource::ALL) {
                    sum.add(sample.metric(resource), sample.count);
                }
            }
        }
        let [cpu, memory, queue] = sums;
        fleet.cpu = cpu.level(fleet.ready, cpu.average());
        fleet.memory = memory.level(fleet.ready, memory.average());
        fleet.cpu_total = cpu.level(fleet.ready, cpu.total());
        fleet.queue_total = queue.level(fleet.ready, queue.total());
        fleet.queue_nodes = queue.nodes;
        fleet
    }

    /// How many nodes the fleet is meant to have right now: the ready ones, those on their way,
    /// and those that should serve and do not.
    pub const fn size(&self) -> u32 {
        self.ready
            .saturating_add(self.starting)
            .saturating_add(self.unready)
    }
}

impl SampleCount {
    fn count(&mut self, sample: &NodeSample) {
        let is_stale = |metric: &Metric| matches!(metric, Metric::Stale { .. });
        let metrics = Resource::ALL.map(|resource| sample.metric(resource));
        let counter = if metrics.iter().any(is_stale) {
            &mut self.stale
        } else if metrics.contains(&Metric::Absent) {
            &mut self.absent
        } else {
            &mut self.fresh
        };
        *counter = counter.saturating_add(sample.count);
    }
}

/// The fresh values of one resource, added up: 2^32 nodes of 2^63 each fit.
#[derive(Clone, Copy, Default)]
struct Sum {
    total: i128,
    nodes: u32,
}

impl Sum {
    fn add(&mut self, metric: Metric, count: u32) {
        if let Some(value) = metric.fresh() {
            self.total += wide_product(value, count);
            self.nodes = self.nodes.saturating_add(count);
        }
    }

    fn average(self) -> i64 {
        let nodes = self.nodes.max(1);
        // A division of 128 bits takes longer than all the rest of a small evaluation.
        match i64::try_from(self.total) {
            Ok(total) => total.div_euclid(i64::from(nodes)),
            Err(_) => saturated(self.total.div_euclid(i128::from(nodes))),
        }
    }

    fn total(self) -> i64 {
        saturated(self.total)
    }

    const fn level(self, ready: u32, value: i64) -> Level {
        match self.nodes {
            0 => Level::Unknown,
            nodes if nodes == ready => Level::Complete(value),
            _ => Level::Partial(value),
        }
    }
}

/// `value · count`, exact. A product of 128 bits is a call of its own in WebAssembly.
fn wide_product(value: i64, count: u32) -> i128 {
    if value.unsigned_abs() < 1 << 31 {
        return i128::from(value * i64::from(count));
    }
    i128::from(value) * i128::from(count)
}

fn saturated(number: i128) -> i64 {
    i64::try_from(number).unwrap_or(if number < 0 { i64::MIN } else { i64::MAX })
}
