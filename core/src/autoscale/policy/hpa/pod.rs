//! Pods, and which of them a metric may speak for.
//!
//! Averaging over whatever reported is the naive way. A pod that is still starting burns CPU for
//! its own initialisation and would order more pods, which would burn more; a pod that never
//! reported would pass for idle, or not count at all. So every pod is put into one of four
//! classes first, and the proposal decides what each class means for its direction.
//!
//! The rules are those of `groupPods` in Kubernetes (`pkg/controller/podautoscaler`,
//! `replica_calculator.go`). Its comparisons of times are strict, and so are these.

use alloc::vec::Vec;

use crate::Micros;

/// What the kubelet reports about the life of a pod.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Phase {
    /// Accepted, not all containers run yet.
    Pending,
    /// Bound to a machine, at least one container runs.
    #[default]
    Running,
    /// All containers ended well. Terminal.
    Succeeded,
    /// A container ended badly. Terminal.
    Failed,
}

/// The status of a condition, as in the Kubernetes API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ConditionStatus {
    /// It holds.
    True,
    /// It does not.
    False,
    /// Nobody can say.
    Unknown,
}

/// The `Ready` condition of a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Readiness {
    /// Whether the pod is ready.
    pub status: ConditionStatus,
    /// When the status last changed. The kubelet reports the first status at the start of the
    /// pod, so a pod that was never ready changed (almost) when it started.
    #[cfg_attr(feature = "serde", serde(rename = "changed_at_micros"))]
    pub changed_at: Micros,
}

/// One value of one pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Sample {
    /// Milli-units: 1,000 is one core, or one of whatever is measured.
    pub value: i64,
    /// The end of the window over which it was measured.
    #[cfg_attr(feature = "serde", serde(rename = "at_micros"))]
    pub at: Micros,
    /// How long that window was.
    #[cfg_attr(feature = "serde", serde(rename = "window_micros"))]
    pub window: Micros,
}

/// One pod, as the autoscaler sees it for one metric.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct Pod {
    /// Where it is in its life.
    pub phase: Phase,
    /// It was told to go (`deletionTimestamp` is set).
    pub deleting: bool,
    /// When the kubelet saw it first; `None` as long as it did not.
    #[cfg_attr(feature = "serde", serde(rename = "started_at_micros"))]
    pub started_at: Option<Micros>,
    /// `None` as long as the pod has no `Ready` condition.
    pub readiness: Option<Readiness>,
    /// What it requests of the resource, in milli-units; only utilisation asks for it.
    pub request: Option<i64>,
    /// `None` if the metric is missing for this pod.
    pub sample: Option<Sample>,
}

impl Pod {
    /// Whether it counts as ready where a total is spread over pods: it runs and says so.
    pub fn is_ready(&self) -> bool {
        self.phase == Phase::Running
            && self
                .readiness
                .is_some_and(|readiness| readiness.status == ConditionStatus::True)
    }
}

/// The resource that a metric measures. Only CPU is treated specially, because a pod that starts
/// uses CPU for itself; custom metrics are of no resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum ResourceName {
    /// Processor time.
    Cpu,
    /// Memory.
    Memory,
}

impl ResourceName {
    /// As Kubernetes spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
        }
    }
}

/// What a metric may make of a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum PodClass {
    /// Its sample counts.
    Ready,
    /// It exists, but its sample says nothing yet.
    Unready,
    /// It has no sample.
    Missing,
    /// It is on its way out, or gone.
    Ignored,
}

/// The flags of the controller that concern pods which start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct StartUp {
    /// How long after its start the CPU samples of a pod are looked at closely
    /// (`--horizontal-pod-autoscaler-cpu-initialization-period`).
    #[cfg_attr(feature = "serde", serde(rename = "cpu_initialization_period_micros"))]
    pub cpu_initialization_period: Micros,
    /// A pod that turned unready within this time after its start was never ready
    /// (`--horizontal-pod-autoscaler-initial-readiness-delay`).
    #[cfg_attr(feature = "serde", serde(rename = "initial_readiness_delay_micros"))]
    pub initial_readiness_delay: Micros,
}

impl StartUp {
    /// The class of `pod` for a metric of `resource` at `now`.
    pub fn classify(&self, pod: &Pod, resource: Option<ResourceName>, now: Micros) -> PodClass {
        if pod.deleting || matches!(pod.phase, Phase::Succeeded | Phase::Failed) {
            return PodClass::Ignored;
        }
        if pod.phase == Phase::Pending {
            return PodClass::Unready;
        }
        match pod.sample {
            None => PodClass::Missing,
            Some(sample)
                if resource == Some(ResourceName::Cpu) && self.is_starting(pod, sample, now) =>
            {
                PodClass::Unready
            }
            Some(_) => PodClass::Ready,
        }
    }

    /// Whether the CPU sample of `pod` tells more about its start than about its load.
    fn is_starting(&self, pod: &Pod, sample: Sample, now: Micros) -> bool {
        let (Some(readiness), Some(started_at)) = (pod.readiness, pod.started_at) else {
            return true;
        };
        let is_unready = readiness.status == ConditionStatus::False;
        if started_at + self.cpu_initialization_period > now {
            // The window of the sample must lie wholly after the pod became ready.
            is_unready || sample.at < readiness.changed_at + sample.window
        } else {
            let never_ready = started_at + self.initial_readiness_delay > readiness.changed_at;
            is_unready && never_ready
        }
    }
}

impl Default for StartUp {
    /// The production flags: 5 minutes and 30 seconds.
    fn default() -> Self {
        Self {
            cpu_initialization_period: Micros::from_secs(300),
            initial_readiness_delay: Micros::from_secs(30),
        }
    }
}

/// The pods of a workload by class, as indexes into the slice that was classified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grouping {
    /// How many pods have a sample that counts.
    pub ready_count: usize,
    /// Ascending.
    pub unready: Vec<usize>,
    /// Ascending.
    pub missing: Vec<usize>,
    /// Ascending.
    pub ignored: Vec<usize>,
}

/// Classifies all `pods` for a metric of `resource` (`None` for a custom one) at `now`. O(n).
///
/// To make a proposal, [`PodSums`](super::PodSums) is enough and needs no lists.
pub fn classify(
    pods: &[Pod],
    resource: Option<ResourceName>,
    start_up: &StartUp,
    now: Micros,
) -> Grouping {
    let mut grouping = Grouping::default();
    for (index, pod) in pods.iter().enumerate() {
        match start_up.classify(pod, resource, now) {
            PodClass::Ready => grouping.ready_count += 1,
            PodClass::Unready => grouping.unready.push(index),
            PodClass::Missing => grouping.missing.push(index),
            PodClass::Ignored => grouping.ignored.push(index),
        }
    }
    grouping
}
