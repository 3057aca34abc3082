//! Fleets that are not from this world, and fleets that could be.

use std::collections::BTreeMap;

use quorate::autoscale::{Metric, MetricName, NodeSample, NodeState, Observation};
use quorate::{Micros, NodeId, Random};

/// A day in the life of a fleet of `size` nodes: seeded, with nodes that come and go, exporters
/// that fail, and a load that moves.
pub(crate) struct Day {
    random: Random,
    /// Thousandths of what the fleet can do.
    load: i64,
}

impl Day {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            load: 500,
        }
    }

    /// The fleet at `now`.
    pub(crate) fn observe(&mut self, size: u32, now: Micros) -> Observation {
        let step = i64::try_from(self.random.below(241)).unwrap() - 120;
        self.load = (self.load + step).clamp(20, 1_600);
        let nodes = (1..=u64::from(size)).map(|id| self.node(id, now)).collect();
        let requests = Metric::Fresh(self.load.saturating_mul(i64::from(size)).saturating_mul(80));
        let metrics = BTreeMap::from([(MetricName::new("requests").unwrap(), requests)]);
        Observation::with_metrics(nodes, metrics).unwrap()
    }

    fn node(&mut self, id: u64, now: Micros) -> NodeSample {
        let state = match self.random.below(40) {
            0 => NodeState::Starting,
            1 => NodeState::Unready,
            2 => NodeState::Draining,
            3 => NodeState::Gone,
            _ => NodeState::Ready,
        };
        let noise = i64::try_from(self.random.below(60)).unwrap();
        let cpu = (self.load + noise).min(1_000);
        let queue = (self.load - 1_000).max(0) * 100;
        NodeSample {
            started_at: Some(now - Micros::from_secs(self.random.below(900))),
            state_since: Some(now - Micros::from_secs(self.random.below(300))),
            sampled_at: Some(now - Micros::from_secs(self.random.below(20))),
            window: Micros::from_secs(30),
            cpu: self.reported(cpu),
            memory: self.reported(300 + noise),
            queue: self.reported(queue),
            ..NodeSample::unmeasured(NodeId(id), state)
        }
    }

    fn reported(&mut self, value: i64) -> Metric {
        match self.random.below(50) {
            0 => Metric::Absent,
            1 => Metric::Stale {
                value,
                age: Micros::from_secs(90),
            },
            _ => Metric::Fresh(value),
        }
    }
}
