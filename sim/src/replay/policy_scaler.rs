//! A whole policy, guards and all, in front of a replayed fleet.
//!
//! The policy must not know that it is replayed: it gets the observation that a fleet would have
//! reported. A replay knows no single nodes, so all ready nodes are one sample that stands for
//! them, and all starting ones another; a tick costs the same for two nodes and for two thousand.
//! The observation is changed in place.

use quorate::autoscale::quorate::{BACKLOG, SERVED};
use quorate::autoscale::{
    Executed, Metric, MetricName, NodeSample, NodeState, Observation, Policy, PolicyError, State,
    evaluate,
};
use quorate::{Micros, NodeId};

use super::arithmetic::scaled;
use super::{Scaler, Tick};

/// What the fleet as a whole reports, in alphabetical order: work that waits (milli-nodes),
/// requests that arrived or still wait, requests that arrived (thousandths), work that was done
/// (milli-nodes).
const FLEET_METRICS: [&str; 4] = [BACKLOG, "concurrency", "requests", SERVED];

/// A [`Policy`] whose decisions are carried out at once.
///
/// Every ready node reports its processor and its share of the queue; the fleet reports `served`
/// and `backlog` in milli-nodes, and `requests` and `concurrency` in thousandths of a request.
#[derive(Clone, Debug)]
pub struct PolicyScaler {
    policy: Policy,
    state: State,
    /// The last one, which becomes the next one.
    observation: Observation,
}

impl PolicyScaler {
    /// A scaler that has seen nothing yet and is asked every `interval`: the length of a tick,
    /// whatever the policy would like.
    pub fn new(policy: &Policy, interval: Micros) -> Result<Self, PolicyError> {
        let (strategy, guards) = (policy.strategy().clone(), policy.guards().clone());
        let policy = Policy::with_interval(strategy, guards, interval)?;
        let name = |name: &str| {
            MetricName::new(name).expect("the names of a replay are short and of plain letters")
        };
        let metrics = FLEET_METRICS.map(|each| (name(each), Metric::Absent));
        let observation = Observation::with_metrics(Vec::new(), metrics.into())
            .expect("an empty fleet has no node twice");
        Ok(Self {
            policy,
            state: State::new(),
            observation,
        })
    }

    /// The policy.
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What it remembers.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// What it saw last.
    pub const fn observation(&self) -> &Observation {
        &self.observation
    }

    fn observe(&mut self, tick: &Tick) {
        let observed = self.observation.update(|nodes, metrics| {
            let cohorts = 1 + usize::from(tick.starting() > 0);
            if nodes.len() != cohorts {
                nodes.resize_with(cohorts, || {
                    NodeSample::unmeasured(NodeId(0), NodeState::Starting)
                });
            }
            report_ready(&mut nodes[0], tick);
            if let Some(sample) = nodes.get_mut(1) {
                // They say nothing.
                sample.node = NodeId(u64::from(tick.ready));
                sample.count = tick.starting();
            }
            for (metric, value) in metrics.values_mut().zip(fleet_metrics(tick)) {
                *metric = Metric::Fresh(value);
            }
        });
        observed.expect("a replayed fleet has a ready node, and its ids follow each other");
    }
}

impl Scaler for PolicyScaler {
    fn decide(&mut self, tick: &Tick) -> u32 {
        self.observe(tick);
        let target = evaluate(&self.policy, &mut self.state, &self.observation, tick.at).target;
        if target != tick.nodes {
            let change = Executed {
                from: tick.nodes,
                to: target,
                at: tick.at,
            };
            self.state.executed(&self.policy, change);
        }
        target
    }
}

/// All ready nodes, which are alike. There is at least one: the bounds of a model have a node, and
/// orders are given up before nodes.
fn report_ready(sample: &mut NodeSample, tick: &Tick) {
    let waiting = tick.queue / tick.work_per_request;
    sample.state = NodeState::Ready;
    sample.count = tick.ready;
    sample.cpu = Metric::Fresh(signed(scaled(tick.served, 1_000, tick.capacity())));
    // The work of the model takes no memory. That is known, not missing.
    sample.memory = Metric::Fresh(0);
    sample.queue = Metric::Fresh(signed(waiting / u64::from(tick.ready)));
}

/// The values of [`FLEET_METRICS`].
fn fleet_metrics(tick: &Tick) -> [i64; 4] {
    let requests = |work: u64| signed(work / tick.work_per_request);
    [
        signed(tick.queue_milli()),
        requests(tick.load.saturating_add(tick.queue)),
        requests(tick.load),
        signed(tick.served_milli()),
    ]
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
