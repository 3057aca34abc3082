//! A million pods in a few numbers.
//!
//! A proposal needs sums and counts by class, not the pods. The naive way keeps a map from pod to
//! sample, removes the classes that do not count and inserts made-up samples for those that are
//! missing; here one pass adds everything up, and each proposal afterwards costs O(1).
//!
//! Sums are kept in 128 bits, where those of every fleet that can exist are exact. The order of
//! the pods therefore changes nothing.

use super::pod::{Pod, PodClass, ResourceName, StartUp};
use crate::Micros;

/// Counts and sums of the pods of a workload for one metric.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PodSums {
    /// All pods, of every class.
    pub(super) listed: u32,
    /// Samples that came in, of pods of every class and of pods that are not listed.
    pub(super) samples: u32,
    /// Pods of every class whose request is unknown.
    pub(super) without_request: u32,
    pub(super) ready: ClassSum,
    pub(super) unready: ClassSum,
    pub(super) missing: ClassSum,
    /// Samples of pods that are not listed (any more).
    pub(super) foreign: ClassSum,
    /// What the missing pods are taken to use if the fleet might shrink: [`Self::assumed_percent`]
    /// of each request, rounded down pod by pod.
    pub(super) missing_assumed: i128,
    /// Percent of its request that a missing pod is taken to use if the fleet might shrink.
    assumed_percent: i32,
}

/// Pods of one class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ClassSum {
    pub(super) pods: u32,
    /// Milli-units.
    pub(super) usage: i128,
    /// Milli-units.
    pub(super) request: i128,
}

impl PodSums {
    /// No pod yet, for a metric that is compared with an average value.
    pub fn for_average() -> Self {
        Self::for_utilization(0)
    }

    /// No pod yet, for a metric that is compared with `target_percent` of the requests.
    ///
    /// A missing pod is taken to use its whole request when the fleet might shrink, or the target
    /// where that is higher.
    pub fn for_utilization(target_percent: i32) -> Self {
        Self {
            assumed_percent: target_percent.max(100),
            ..Self::default()
        }
    }

    /// Adds all `pods`, classified for a metric of `resource` (`None` for a custom one). O(n).
    #[must_use]
    pub fn with_pods(
        mut self,
        pods: &[Pod],
        resource: Option<ResourceName>,
        start_up: &StartUp,
        now: Micros,
    ) -> Self {
        for pod in pods {
            let class = start_up.classify(pod, resource, now);
            self.add(class, pod.sample.map(|sample| sample.value), pod.request);
        }
        self
    }

    /// Adds one pod of `class` that reports `usage` and requests `request`, in milli-units.
    ///
    /// A ready pod without usage counts as a missing one.
    pub fn add(&mut self, class: PodClass, usage: Option<i64>, request: Option<i64>) {
        self.add_alike(1, class, usage, request);
    }

    /// Adds `pods` pods that are exactly alike, see [`add`](Self::add). O(1).
    pub fn add_alike(
        &mut self,
        pods: u32,
        class: PodClass,
        usage: Option<i64>,
        request: Option<i64>,
    ) {
        let count_if = |holds: bool| if holds { pods } else { 0 };
        self.listed = self.listed.saturating_add(pods);
        self.samples = self.samples.saturating_add(count_if(usage.is_some()));
        self.without_request = self
            .without_request
            .saturating_add(count_if(request.is_none()));
        let request = request.unwrap_or(0);
        match (class, usage) {
            (PodClass::Ready, Some(usage)) => self.ready.add(pods, usage, request),
            (PodClass::Ready, None) | (PodClass::Missing, _) => {
                self.missing.add(pods, 0, request);
                let assumed = i128::from(request) * i128::from(self.assumed_percent) / 100;
                let assumed = assumed * i128::from(pods);
                self.missing_assumed = self.missing_assumed.saturating_add(assumed);
            }
            (PodClass::Unready, _) => self.unready.add(pods, 0, request),
            (PodClass::Ignored, _) => {}
        }
    }

    /// Adds the sample of a pod that is not listed, in milli-units. The system that is copied
    /// counts it as a replica, and for average values takes its usage too.
    pub fn add_foreign(&mut self, usage: i64) {
        self.samples = self.samples.saturating_add(1);
        self.foreign.add(1, usage, 0);
    }

    /// How many pods are in `class`.
    pub const fn pods(&self, class: PodClass) -> u32 {
        match class {
            PodClass::Ready => self.ready.pods,
            PodClass::Unready => self.unready.pods,
            PodClass::Missing => self.missing.pods,
            PodClass::Ignored => self
                .listed
                .saturating_sub(self.ready.pods)
                .saturating_sub(self.unready.pods)
                .saturating_sub(self.missing.pods),
        }
    }

    /// How many pods there are, of every class.
    pub const fn listed(&self) -> u32 {
        self.listed
    }
}

impl ClassSum {
    fn add(&mut self, pods: u32, usage: i64, request: i64) {
        self.pods = self.pods.saturating_add(pods);
        let of_all = |each: i64| i128::from(each) * i128::from(pods);
        self.usage = self.usage.saturating_add(of_all(usage));
        self.request = self.request.saturating_add(of_all(request));
    }
}
