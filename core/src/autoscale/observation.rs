//! The fleet as it was seen at one moment.
//!
//! An observation is checked once, when it is made: no node appears twice, and the nodes are in
//! order. Whoever reads it afterwards may count without looking over its shoulder, and the order
//! in which reports came in cannot influence a decision.
//!
//! A sample may stand for several nodes that are exactly alike. A replay of recorded load knows no
//! single nodes, and a million equal samples would only be the same sample read a million times.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;

use super::{Metric, MetricName, Resource};
use crate::{Micros, NodeId};

/// What a node is doing for the fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum NodeState {
    /// Ordered and on its way: it counts towards the size of the fleet, but serves nothing yet.
    Starting,
    /// Serves requests.
    Ready,
    /// Runs and is meant to serve, but does not: it fails its probes, or lost its data.
    Unready,
    /// On its way out: it no longer counts, whatever it still serves.
    Draining,
    /// Was there and is not: it counts as nothing, but whoever looks for it finds its name.
    Gone,
}

/// One node, or several that are exactly alike, and what is known about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct NodeSample {
    /// Which node; the first of them if there are several.
    pub node: NodeId,
    /// How many nodes with consecutive ids from `node` on are exactly like this. At least one.
    #[cfg_attr(
        feature = "serde",
        serde(default = "one", skip_serializing_if = "is_one")
    )]
    pub count: u32,
    /// What it is doing.
    pub state: NodeState,
    /// When it was ordered, if that is known.
    #[cfg_attr(
        feature = "serde",
        serde(
            default,
            rename = "started_at_micros",
            skip_serializing_if = "Option::is_none"
        )
    )]
    pub started_at: Option<Micros>,
    /// When it came into its state, if that is known.
    #[cfg_attr(
        feature = "serde",
        serde(
            default,
            rename = "state_since_micros",
            skip_serializing_if = "Option::is_none"
        )
    )]
    pub state_since: Option<Micros>,
    /// When its metrics were read, if that is known; the time of the decision otherwise.
    #[cfg_attr(
        feature = "serde",
        serde(
            default,
            rename = "sampled_at_micros",
            skip_serializing_if = "Option::is_none"
        )
    )]
    pub sampled_at: Option<Micros>,
    /// The span before `sampled_at` over which the processor time is averaged.
    #[cfg_attr(feature = "serde", serde(default, rename = "window_micros"))]
    pub window: Micros,
    /// Processor time in use, per mille of one node.
    #[cfg_attr(feature = "serde", serde(default))]
    pub cpu: Metric,
    /// Memory in use, per mille of one node.
    #[cfg_attr(feature = "serde", serde(default))]
    pub memory: Metric,
    /// Requests that wait on this node, in thousandths.
    #[cfg_attr(feature = "serde", serde(default))]
    pub queue: Metric,
    /// Whatever else it reports, in thousandths.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "BTreeMap::is_empty")
    )]
    pub custom: BTreeMap<MetricName, Metric>,
}

impl NodeSample {
    /// A node about which nothing is known but its state.
    pub const fn unmeasured(node: NodeId, state: NodeState) -> Self {
        Self {
            node,
            count: 1,
            state,
            started_at: None,
            state_since: None,
            sampled_at: None,
            window: Micros::ZERO,
            cpu: Metric::Absent,
            memory: Metric::Absent,
            queue: Metric::Absent,
            custom: BTreeMap::new(),
        }
    }

    /// What is known about `resource` on this node.
    pub const fn metric(&self, resource: Resource) -> Metric {
        match resource {
            Resource::Cpu => self.cpu,
            Resource::Memory => self.memory,
            Resource::Queue => self.queue,
        }
    }

    /// What is known about the quantity `name` on this node.
    pub fn custom(&self, name: &str) -> Metric {
        self.custom.get(name).copied().unwrap_or_default()
    }

    fn for_each_metric(&mut self, change: impl Fn(&mut Metric)) {
        change(&mut self.cpu);
        change(&mut self.memory);
        change(&mut self.queue);
        self.custom.values_mut().for_each(change);
    }

    /// The first id after those that this sample stands for; `None` if there is none.
    fn end(&self) -> Option<u64> {
        self.node.0.checked_add(u64::from(self.count))
    }
}

/// All nodes of the fleet at one moment, in order, each once, and what is known of the fleet as a
/// whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "UncheckedObservation", into = "UncheckedObservation")
)]
pub struct Observation {
    /// Ascending by node, and no two samples stand for the same node. Together at most
    /// [`Observation::MAX_NODES`].
    nodes: Vec<NodeSample>,
    /// Quantities of the fleet as a whole, in thousandths.
    metrics: BTreeMap<MetricName, Metric>,
}

impl Observation {
    /// The largest fleet, so that counts and products of counts fit into their types.
    pub const MAX_NODES: u32 = 100_000_000;

    /// An observation of `nodes`, given in any order. O(n log n).
    pub fn new(nodes: Vec<NodeSample>) -> Result<Self, ObservationError> {
        Self::with_metrics(nodes, BTreeMap::new())
    }

    /// An observation of `nodes`, given in any order, and of the fleet as a whole. O(n log n).
    pub fn with_metrics(
        mut nodes: Vec<NodeSample>,
        metrics: BTreeMap<MetricName, Metric>,
    ) -> Result<Self, ObservationError> {
        nodes.sort_by_key(|sample| sample.node);
        check(&nodes)?;
        Ok(Self { nodes, metrics })
    }

    /// The nodes in ascending order.
    pub fn nodes(&self) -> &[NodeSample] {
        &self.nodes
    }

    /// What is known of the fleet as a whole, by name.
    pub const fn metrics(&self) -> &BTreeMap<MetricName, Metric> {
        &self.metrics
    }

    /// What is known of the quantity `name` of the fleet as a whole.
    pub fn metric(&self, name: &str) -> Metric {
        self.metrics.get(name).copied().unwrap_or_default()
    }

    /// Changes the samples and the values of the metrics in place, and checks them again: for a
    /// host that sees the same fleet often. O(n) if the nodes stay in order.
    ///
    /// After an error the observation has no nodes, since nobody can say which of them are wrong.
    pub fn update(
        &mut self,
        change: impl FnOnce(&mut Vec<NodeSample>, &mut BTreeMap<MetricName, Metric>),
    ) -> Result<(), ObservationError> {
        change(&mut self.nodes, &mut self.metrics);
        if !self.nodes.is_sorted_by_key(|sample| sample.node) {
            self.nodes.sort_by_key(|sample| sample.node);
        }
        let checked = check(&self.nodes);
        if checked.is_err() {
            self.nodes.clear();
        }
        checked
    }

    /// Takes the samples and the metrics apart.
    pub fn into_parts(self) -> (Vec<NodeSample>, BTreeMap<MetricName, Metric>) {
        (self.nodes, self.metrics)
    }

    /// What of this may be acted on at `now`: a reading from after `now` is stale, since a clock is
    /// wrong somewhere and nobody can say how old it is. Copies nothing if there is none.
    pub(super) fn as_of(&self, now: Micros) -> Cow<'_, Self> {
        let is_later = |sample: &NodeSample| sample.sampled_at.is_some_and(|at| at > now);
        if !self.nodes.iter().any(is_later) {
            return Cow::Borrowed(self);
        }
        let mut other = self.clone();
        for sample in other.nodes.iter_mut().filter(|sample| is_later(sample)) {
            sample.for_each_metric(|metric| *metric = metric.distrusted());
        }
        Cow::Owned(other)
    }

    /// Makes this `original` under `permille` thousandths of its load, for questions of the kind
    /// "what if there were more". This must have been a copy of it; nothing is allocated.
    pub(super) fn put_under_load(&mut self, original: &Self, permille: u32) {
        let scaled = |metric: Metric| metric.map(|value| scaled(value, permille));
        for (sample, source) in self.nodes.iter_mut().zip(&original.nodes) {
            sample.cpu = scaled(source.cpu);
            sample.memory = scaled(source.memory);
            sample.queue = scaled(source.queue);
            let metrics = sample.custom.values_mut().zip(source.custom.values());
            metrics.for_each(|(metric, source)| *metric = scaled(*source));
        }
        let metrics = self.metrics.values_mut().zip(original.metrics.values());
        metrics.for_each(|(metric, source)| *metric = scaled(*source));
    }

    /// Lets `span` pass: the readings are the same, and taken that much later.
    pub(super) fn pass(&mut self, span: Micros) {
        for sample in &mut self.nodes {
            sample.sampled_at = sample.sampled_at.map(|at| at + span);
        }
    }
}

/// `value` times `permille` thousandths, as large as the type allows.
fn scaled(value: i64, permille: u32) -> i64 {
    let product = i128::from(value) * i128::from(permille) / 1_000;
    i64::try_from(product).unwrap_or(if product < 0 { i64::MIN } else { i64::MAX })
}

/// Whether `nodes`, in order of node, are those of a fleet.
fn check(nodes: &[NodeSample]) -> Result<(), ObservationError> {
    let mut total = 0_u64;
    for sample in nodes {
        if sample.count == 0 {
            return Err(ObservationError::NoNodes(sample.node));
        }
        if sample.end().is_none() {
            return Err(ObservationError::BeyondIds(sample.node));
        }
        total += u64::from(sample.count);
    }
    if total > u64::from(Observation::MAX_NODES) {
        return Err(ObservationError::TooMany(total));
    }
    let overlap = |pair: &&[NodeSample]| pair[0].end() > Some(pair[1].node.0);
    match nodes.windows(2).find(overlap) {
        Some(pair) => Err(ObservationError::NodeTwice(pair[1].node)),
        None => Ok(()),
    }
}

/// Why an observation is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObservationError {
    /// Two samples speak of the same node, so one of them is wrong.
    NodeTwice(NodeId),
    /// A sample stands for no node at all.
    NoNodes(NodeId),
    /// A sample stands for nodes whose ids are larger than there are.
    BeyondIds(NodeId),
    /// More nodes than [`Observation::MAX_NODES`].
    TooMany(u64),
}

impl fmt::Display for ObservationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NodeTwice(node) => write!(f, "node {node} appears twice in one observation"),
            Self::NoNodes(node) => write!(f, "the sample of node {node} has a count of 0"),
            Self::BeyondIds(node) => {
                write!(
                    f,
                    "the count of the sample of node {node} leads beyond the largest id"
                )
            }
            Self::TooMany(nodes) => write!(
                f,
                "{nodes} nodes are more than the {} that an observation may have",
                Observation::MAX_NODES
            ),
        }
    }
}

impl core::error::Error for ObservationError {}

#[cfg(feature = "serde")]
const fn one() -> u32 {
    1
}

#[cfg(feature = "serde")]
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that a serializer calls"
)]
const fn is_one(count: &u32) -> bool {
    *count == 1
}

/// An observation as it comes in, before the check.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedObservation {
    nodes: Vec<NodeSample>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    metrics: BTreeMap<MetricName, Metric>,
}

#[cfg(feature = "serde")]
impl TryFrom<UncheckedObservation> for Observation {
    type Error = ObservationError;
    fn try_from(unchecked: UncheckedObservation) -> Result<Self, ObservationError> {
        Self::with_metrics(unchecked.nodes, unchecked.metrics)
    }
}

#[cfg(feature = "serde")]
impl From<Observation> for UncheckedObservation {
    fn from(observation: Observation) -> Self {
        let (nodes, metrics) = observation.into_parts();
        Self { nodes, metrics }
    }
}
