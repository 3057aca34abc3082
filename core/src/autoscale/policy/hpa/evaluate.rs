//! From a fleet of nodes to the pods and metrics of an HPA.
//!
//! A node is a pod that requests all of itself: 1,000 thousandths of CPU and of memory, so that a
//! utilization is the share of the node in use. A starting node is a pending pod, a draining one a
//! pod that was told to go. A sample that is absent or stale is missing; it is not zero.

use alloc::vec::Vec;

use super::limit::ReplicaBounds;
use super::pod::{ConditionStatus, Phase, Pod, PodClass, Readiness, ResourceName, Sample, StartUp};
use super::proposal::{
    MetricError, Proposal, propose_average, propose_average_of_total, propose_total,
    propose_utilization,
};
use super::reconcile::{HpaState, Selector, Target, begin, conclude};
use super::record::{HpaRecord, MetricRecord, Outcome, PodCounts};
use super::settings::{Hpa, HpaMetric};
use super::sums::PodSums;
use crate::Micros;
use crate::autoscale::policy::Input;
use crate::autoscale::{Executed, Metric, MetricName, NodeSample, NodeState, Rule};

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
            let failures_count = input.rules.keep(Rule::HpaFailedMetricHolds);
            let proposals = metrics
                .iter()
                .map(MetricRecord::replicas)
                .filter(|(_, proposal)| failures_count || proposal.is_ok());
            if !input.rules.keep(Rule::HpaStabilizes) {
                state.recommendations = None;
            }
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
                Ok(proposal) => Outcome::from(proposal),
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
                let proposal = fleet_total(input, name)
                    .and_then(|total| propose_average_of_total(total, target, current, tolerance));
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
            let mut value = value(node).fresh();
            if !input.rules.keep(Rule::HpaMissingIsNotZero) {
                value = value.or(Some(0));
            }
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

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;
    use alloc::string::ToString;
    use alloc::vec;
    use alloc::vec::Vec;

    use super::super::behavior::{ScalingPolicy, ScalingPolicyKind};
    use super::super::record::HpaRule;
    use super::super::settings::{BehaviorSettings, DirectionSettings, HpaSettings};
    use super::{
        Executed, Hpa, HpaMetric, HpaRecord, HpaState, Input, Metric, MetricName, NodeSample,
        NodeState, ResourceName,
    };
    use crate::autoscale::{Bounds, Fleet, Observation};
    use crate::{Micros, NodeId};

    const NOW: Micros = Micros::from_secs(10_000);

    fn nodes(first: u64, count: u32, state: NodeState, cpu: Metric) -> NodeSample {
        NodeSample {
            count,
            cpu,
            ..NodeSample::unmeasured(NodeId(first), state)
        }
    }

    fn name(name: &str) -> MetricName {
        MetricName::new(name).unwrap()
    }

    fn evaluate(
        hpa: &Hpa,
        state: &mut HpaState,
        (samples, metrics): (Vec<NodeSample>, &[(&str, i64)]),
        now: Micros,
    ) -> HpaRecord {
        let metrics: BTreeMap<_, _> = metrics
            .iter()
            .map(|&(key, value)| (name(key), Metric::Fresh(value)))
            .collect();
        let observation = Observation::with_metrics(samples, metrics).unwrap();
        let fleet = Fleet::of(&observation);
        let input = Input {
            observation: &observation,
            fleet: &fleet,
            bounds: Bounds::new(0, 50).unwrap(),
            current: fleet.size(),
            now,
            interval: Micros::from_secs(15),
            last_action: None,
            rules: crate::autoscale::rules::Rules::default(),
        };
        hpa.evaluate(state, &input)
    }

    fn first(hpa: &Hpa, samples: Vec<NodeSample>, metrics: &[(&str, i64)]) -> HpaRecord {
        evaluate(hpa, &mut HpaState::default(), (samples, metrics), NOW)
    }

    fn with(metric: HpaMetric) -> Hpa {
        Hpa::new(HpaSettings {
            metrics: vec![metric],
            ..HpaSettings::default()
        })
        .unwrap()
    }

    #[test]
    fn utilization_is_the_share_of_the_ready_nodes_in_use() {
        let busy = nodes(1, 4, NodeState::Ready, Metric::Fresh(950));
        let record = first(&Hpa::default(), vec![busy], &[]);
        assert_eq!((record.nodes(), record.rule()), (5, HpaRule::Target));
        assert_eq!(record.evidence(), "cpu 95 % of 80 %");
    }

    #[test]
    fn starting_nodes_count_as_idle_when_the_fleet_might_grow() {
        let busy = nodes(1, 4, NodeState::Ready, Metric::Fresh(950));
        let starting = nodes(9, 4, NodeState::Starting, Metric::Absent);
        let record = first(&Hpa::default(), vec![busy, starting], &[]);
        assert_eq!(
            (record.nodes(), record.rule()),
            (8, HpaRule::IncompleteMetric)
        );
        assert_eq!(record.metrics[0].pods.unready, 4);
    }

    #[test]
    fn stale_samples_are_missing_and_hold_the_fleet_up() {
        let idle = nodes(1, 2, NodeState::Ready, Metric::Fresh(300));
        let stale = Metric::Stale {
            value: 300,
            age: Micros::from_secs(60),
        };
        let silent = nodes(9, 2, NodeState::Ready, stale);
        let record = first(&Hpa::default(), vec![idle, silent], &[]);
        // 30 % and 100 % average to 65 %: four nodes times 0.8125.
        assert_eq!(record.metrics[0].pods.missing, 2);
        assert_eq!(record.metrics[0].replicas().1.unwrap(), 4);
    }

    #[test]
    fn draining_nodes_count_as_nothing() {
        let busy = nodes(1, 4, NodeState::Ready, Metric::Fresh(950));
        let draining = nodes(9, 9, NodeState::Draining, Metric::Fresh(0));
        let record = first(&Hpa::default(), vec![busy, draining], &[]);
        assert_eq!((record.current, record.nodes()), (4, 5));
        assert_eq!(record.metrics[0].pods.ignored, 9);
        assert_eq!(record.evidence(), "cpu 95 % of 80 %");
    }

    #[test]
    fn the_sample_of_a_young_node_must_lie_after_it_became_ready() {
        let young = NodeSample {
            started_at: Some(NOW - Micros::from_secs(60)),
            state_since: Some(NOW - Micros::from_secs(20)),
            window: Micros::from_secs(30),
            ..nodes(1, 2, NodeState::Ready, Metric::Fresh(950))
        };
        let settled = NodeSample {
            window: Micros::from_secs(20),
            ..young.clone()
        };
        let busy = nodes(9, 2, NodeState::Ready, Metric::Fresh(950));
        let counted = |sample| {
            let record = first(&Hpa::default(), vec![busy.clone(), sample], &[]);
            record.metrics[0].pods.ready
        };
        assert_eq!((counted(young), counted(settled)), (2, 4));
    }

    #[test]
    fn each_kind_of_metric_reads_its_own_quantity() {
        let node = NodeSample {
            memory: Metric::Fresh(900),
            queue: Metric::Fresh(30_000),
            custom: BTreeMap::from([(name("served"), Metric::Fresh(50_000))]),
            ..nodes(1, 4, NodeState::Ready, Metric::Absent)
        };
        let proposed = |metric| {
            let record = first(&with(metric), vec![node.clone()], &[("backlog", 60_000)]);
            (record.metrics[0].replicas().1.unwrap(), record.evidence())
        };
        let average = |key, target| HpaMetric::NodeAverage {
            name: name(key),
            target,
        };
        let memory = HpaMetric::ResourceAverage {
            resource: ResourceName::Memory,
            target: 600,
        };
        assert_eq!(
            proposed(memory),
            (6, "memory 0.9 of 0.6 per node".to_string())
        );
        let queue = proposed(average("queue", 10_000));
        assert_eq!(queue, (12, "queue 30 of 10 per node".to_string()));
        let served = proposed(average("served", 25_000));
        assert_eq!(served, (8, "served 50 of 25 per node".to_string()));
        let value = HpaMetric::FleetValue {
            name: name("backlog"),
            target: 30_000,
        };
        assert_eq!(proposed(value), (8, "backlog 60 of 30".to_string()));
        let spread = HpaMetric::FleetAverage {
            name: name("backlog"),
            target: 10_000,
        };
        assert_eq!(
            proposed(spread),
            (6, "backlog 15 of 10 per node".to_string())
        );
    }

    #[test]
    fn a_metric_of_the_fleet_wakes_an_empty_fleet() {
        let hpa = with(HpaMetric::FleetAverage {
            name: name("backlog"),
            target: 10_000,
        });
        assert!(!hpa.needs_a_node());
        assert_eq!(first(&hpa, Vec::new(), &[("backlog", 35_000)]).nodes(), 4);
    }

    #[test]
    fn a_fleet_without_samples_is_held() {
        let silent = nodes(1, 3, NodeState::Ready, Metric::Absent);
        let record = first(&Hpa::default(), vec![silent], &[]);
        assert_eq!((record.nodes(), record.rule()), (3, HpaRule::FailedMetric));
        assert_eq!(record.steps().iter().filter(|step| step.binding).count(), 1);
    }

    #[test]
    fn what_was_carried_out_counts_towards_the_rate() {
        let hpa = Hpa::new(HpaSettings {
            behavior: Some(BehaviorSettings {
                scale_up: DirectionSettings {
                    policies: Some(vec![ScalingPolicy {
                        kind: ScalingPolicyKind::Pods,
                        value: 3,
                        period: Micros::from_secs(60),
                    }]),
                    ..DirectionSettings::default()
                },
                ..BehaviorSettings::default()
            }),
            ..HpaSettings::default()
        })
        .unwrap();
        let mut state = HpaState::default();
        let mut target = |count, at| {
            let full = nodes(1, count, NodeState::Ready, Metric::Fresh(4_000));
            let record = evaluate(&hpa, &mut state, (vec![full], &[]), at);
            let change = Executed {
                from: count,
                to: record.nodes(),
                at,
            };
            if change.from != change.to {
                state.executed(&hpa, change);
            }
            (record.nodes(), record.rule())
        };
        assert_eq!(target(4, NOW), (7, HpaRule::ScaleUpLimit));
        let soon = NOW + Micros::from_secs(30);
        assert_eq!(target(7, soon), (7, HpaRule::ScaleUpLimit));
        let later = NOW + Micros::from_secs(60);
        assert_eq!(target(7, later), (10, HpaRule::ScaleUpLimit));
    }
}
