//! From a fleet of nodes to the pods and metrics of an HPA.
//!
//! A node is a pod that requests all of itself: 1,000 thousandths of CPU and of memory, so that a
//! utilization is the share of the node in use. A starting node is a pending pod, a draining one a
//! pod that was told to go. A sample that is absent or stale is missing; it is not zero.

use alloc::vec::Vec;

use super::condition::MetricSource;
use super::pod::{ConditionStatus, Phase, Pod, PodClass, Readiness, ResourceName, Sample, StartUp};
use super::proposal::{
    MetricError, Proposal, propose_average, propose_average_of_total, propose_total,
    propose_utilization, sum_of_average_values,
};
use super::reconcile::{HpaState, Selector, Target, begin, conclude};
use super::record::{HpaRecord, MetricRecord, Outcome, PodCounts};
use super::settings::{Hpa, HpaMetric};
use super::sums::PodSums;
use crate::Micros;
use crate::autoscale::policy::Input;
use crate::autoscale::{Executed, Metric, MetricName, NodeSample, NodeState};

use super::limit::ReplicaBounds;

/// What a node has of CPU and of memory.
const REQUEST: i64 = 1_000;

impl Hpa {
    /// Evaluates the fleet, and notes the recommendation in `state`. O(m n + l) for m metrics, n
    /// samples and l entries in the logs.
    pub(in crate::autoscale) fn evaluate(
        &self,
        state: &mut HpaState,
        input: &Input<'_>,
    ) -> HpaRecord {
        let target = Target {
            current: replicas(input.current),
            bounds: ReplicaBounds {
                min: replicas(input.bounds.min_nodes()),
                max: replicas(input.bounds.max_nodes()),
            },
            selector: Selector::Valid,
        };
        let mut metrics = Vec::new();
        let course = begin(state, target, input.now).unwrap_or_else(|| {
            let all = &self.settings().metrics;
            metrics.reserve_exact(all.len());
            metrics.extend(all.iter().map(|metric| self.record(metric, input)));
            let proposals = metrics.iter().map(MetricRecord::proposal);
            conclude(&self.spec, state, target, proposals, input.now)
        });
        HpaRecord {
            current: input.current,
            nodes: u32::try_from(course.replicas(target.current)).unwrap_or(0),
            course,
            metrics,
            conditions: state.conditions,
        }
    }

    /// What `metric` alone would make of the fleet.
    fn record(&self, metric: &HpaMetric, input: &Input<'_>) -> MetricRecord {
        let (pods, proposal) = self.propose(metric, input);
        MetricRecord {
            metric: metric.clone(),
            pods,
            outcome: match proposal {
                Ok(proposal) => Outcome::Proposed(proposal),
                Err(error) => Outcome::Failed(error),
            },
        }
    }

    fn propose(
        &self,
        metric: &HpaMetric,
        input: &Input<'_>,
    ) -> (PodCounts, Result<Proposal, MetricError>) {
        let current = replicas(input.current);
        let tolerance = self.spec.tolerance;
        match *metric {
            HpaMetric::Utilization {
                resource,
                target_percent,
            } => {
                let empty = PodSums::for_utilization(target_percent);
                let sums = self.add_nodes(empty, Some(resource), input, |node| {
                    resource_of(node, resource)
                });
                let proposal = propose_utilization(&sums, target_percent, current, tolerance);
                (PodCounts::of(&sums), proposal)
            }
            HpaMetric::ResourceAverage { resource, target } => {
                let empty = PodSums::for_average();
                let sums = self.add_nodes(empty, Some(resource), input, |node| {
                    resource_of(node, resource)
                });
                let proposal = propose_average(&sums, target, current, tolerance);
                (PodCounts::of(&sums), proposal)
            }
            HpaMetric::NodeAverage { ref name, target } => {
                let empty = PodSums::for_average();
                let sums = self.add_nodes(empty, None, input, |node| quantity_of(node, name));
                let proposal = propose_average(&sums, target, current, tolerance);
                (PodCounts::of(&sums), proposal)
            }
            HpaMetric::FleetValue { ref name, target } => {
                let is_empty = input.observation.nodes().is_empty();
                let ready = (!is_empty).then_some(input.fleet.ready);
                let proposal = fleet_total(input, name)
                    .and_then(|total| propose_total(total, target, current, ready, tolerance));
                (PodCounts::default(), proposal)
            }
            HpaMetric::FleetAverage { ref name, target } => {
                let proposal = fleet_total(input, name).and_then(|total| {
                    let total = sum_of_average_values(&[total]);
                    propose_average_of_total(total, target, current, tolerance)
                });
                (PodCounts::default(), proposal)
            }
        }
    }

    fn add_nodes(
        &self,
        mut sums: PodSums,
        resource: Option<ResourceName>,
        input: &Input<'_>,
        value: impl Fn(&NodeSample) -> Metric,
    ) -> PodSums {
        for node in input.observation.nodes() {
            let value = value(node).fresh();
            let class = classify(node, resource, value, &self.start_up, input.now);
            sums.add_alike(node.count, class, value, Some(REQUEST));
        }
        sums
    }
}

impl HpaState {
    /// Notes that a decision of `hpa` was carried out.
    pub(in crate::autoscale) fn executed(&mut self, hpa: &Hpa, change: Executed) {
        let behavior = hpa.spec.behavior.as_ref();
        self.written(
            behavior,
            replicas(change.from),
            replicas(change.to),
            change.at,
        );
    }
}

/// What kind of metric Kubernetes would take `metric` for.
pub(super) const fn source_of(metric: &HpaMetric) -> MetricSource {
    match metric {
        HpaMetric::Utilization { .. } | HpaMetric::ResourceAverage { .. } => MetricSource::Resource,
        HpaMetric::NodeAverage { .. } => MetricSource::Pods,
        HpaMetric::FleetValue { .. } | HpaMetric::FleetAverage { .. } => MetricSource::External,
    }
}

/// The class of the pods that `node` stands for.
///
/// A ready node whose start is not known has long been ready; a node that is not ready and whose
/// start is not known may never have been.
fn classify(
    node: &NodeSample,
    resource: Option<ResourceName>,
    value: Option<i64>,
    start_up: &StartUp,
    now: Micros,
) -> PodClass {
    let status = match node.state {
        NodeState::Draining | NodeState::Gone => return PodClass::Ignored,
        NodeState::Starting => return PodClass::Unready,
        NodeState::Ready => ConditionStatus::True,
        NodeState::Unready => ConditionStatus::False,
    };
    let Some(value) = value else {
        return PodClass::Missing;
    };
    if node.started_at.is_none() && status == ConditionStatus::True {
        return PodClass::Ready;
    }
    let pod = Pod {
        phase: Phase::Running,
        deleting: false,
        started_at: node.started_at,
        readiness: node.started_at.map(|started_at| Readiness {
            status,
            changed_at: node.state_since.unwrap_or(started_at),
        }),
        request: Some(REQUEST),
        sample: Some(Sample {
            value,
            at: node.sampled_at.unwrap_or(now),
            window: node.window,
        }),
    };
    start_up.classify(&pod, resource, now)
}

const fn resource_of(node: &NodeSample, resource: ResourceName) -> Metric {
    match resource {
        ResourceName::Cpu => node.cpu,
        ResourceName::Memory => node.memory,
    }
}

fn quantity_of(node: &NodeSample, name: &MetricName) -> Metric {
    match name.as_str() {
        "queue" => node.queue,
        name => node.custom(name),
    }
}

fn fleet_total(input: &Input<'_>, name: &MetricName) -> Result<i64, MetricError> {
    let total = input.observation.metric(name.as_str()).fresh();
    total.ok_or(MetricError::Unavailable)
}

/// `nodes` as the API counts them.
fn replicas(nodes: u32) -> i32 {
    i32::try_from(nodes).unwrap_or(i32::MAX)
}
