//! What one metric alone would make of the fleet.
//!
//! The naive proposal is `replicas * usage / target`. It takes starting pods for idle or busy
//! ones, lets a pod whose exporter died shrink the fleet, and follows every flicker. Here a
//! proposal is made twice when pods are missing or unready: once from the samples that count, and
//! once with those pods filled in against the direction of the first. If the second contradicts
//! the first, nothing happens.
//!
//! The arithmetic is that of `replica_calculator.go` in Kubernetes: sums and averages in integers
//! (rounded towards zero), ratios in doubles, replicas rounded up. Where the original wraps around
//! at the end of its integers, these functions stop there.

use core::fmt;

use super::sums::PodSums;
use super::tolerance::Tolerance;
use crate::autoscale::policy::rounding::{ceil, from_i64, to_i32, to_i64};

/// What one metric wants, and the number from which it follows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Proposal {
    /// The size of the fleet that would bring the metric to its target.
    pub replicas: i32,
    /// What was measured.
    pub usage: Usage,
    /// Measured over wanted, before anything was filled in; zero where the fleet is empty.
    pub ratio: f64,
    /// How `replicas` came about.
    pub basis: Basis,
}

/// What was measured, in the form in which the target is stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Usage {
    /// Use of what the pods request.
    Utilization {
        /// Percent of the requests, rounded down.
        percent: i32,
        /// Milli-units per pod, rounded down.
        average: i64,
    },
    /// Milli-units per pod.
    Average(i64),
    /// Milli-units in total.
    Total(i64),
}

/// The rule by which a proposal came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Basis {
    /// The ratio is within the tolerance: no change.
    Tolerated,
    /// The ratio times the pods that count.
    Proportional,
    /// The ratio after missing and unready pods were filled in, times all pods that then count.
    FilledIn,
    /// With missing and unready pods filled in the ratio is within the tolerance, or points the
    /// other way, or the pods that count contradict it: no change.
    FilledInHolds,
    /// The total divided by the target, independent of the size of the fleet.
    Total,
}

/// Why a metric cannot make a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum MetricError {
    /// The source of the metric gave no answer.
    Unavailable,
    /// The kind of the metric is not known.
    UnknownSource,
    /// No pod reported anything.
    NoSamples,
    /// There is no pod.
    NoPods,
    /// Only pods reported whose samples do not count, because they start or leave.
    NoUsableSamples,
    /// The samples are not of pods that exist, or these pods request nothing.
    NoSamplesOfKnownPods,
    /// A pod does not state a request, so nobody knows what 100 % is.
    MissingRequest,
    /// Nothing can be compared with a target that is not above zero.
    TargetNotPositive,
}

impl fmt::Display for MetricError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unavailable => "the source of the metric gave no answer",
            Self::UnknownSource => "unknown metric source type",
            Self::NoSamples => "no metrics returned from the metrics source",
            Self::NoPods => "no pods returned by selector while calculating replica count",
            Self::NoUsableSamples => {
                "did not receive metrics for targeted pods (pods might be unready)"
            }
            Self::NoSamplesOfKnownPods => "no metrics returned matched known pods",
            Self::MissingRequest => "missing request of a pod",
            Self::TargetNotPositive => "the target must be above zero",
        })
    }
}

impl core::error::Error for MetricError {}

/// The proposal of a resource whose use is compared with what the pods request:
/// `target_percent` of it. Resource and container resource metrics alike.
///
/// `sums` must come from [`PodSums::for_utilization`] with the same target. O(1).
pub fn propose_utilization(
    sums: &PodSums,
    target_percent: i32,
    current: i32,
    tolerance: Tolerance,
) -> Result<Proposal, MetricError> {
    if target_percent <= 0 {
        return Err(MetricError::TargetNotPositive);
    }
    check_samples(sums)?;
    if sums.without_request > 0 {
        return Err(MetricError::MissingRequest);
    }
    let target = f64::from(target_percent);
    let ratio_of = |load: Load| {
        let percent = percent_of(load.usage, load.request)?;
        Some((percent, f64::from(percent) / target))
    };
    let first = Load::measured(sums);
    let (percent, ratio) = ratio_of(first).ok_or(MetricError::NoSamplesOfKnownPods)?;
    let average = average(sums.ready.usage, sums.ready.pods);
    let (replicas, basis) = match first.filled_in(sums, ratio, sums.missing_assumed) {
        None => settle(ratio, sums.ready.pods, current, tolerance),
        Some(load) => {
            let filled = ratio_of(load).map_or(ratio, |(_, ratio)| ratio);
            settle_filled_in(ratio, filled, load.pods, current, tolerance)
        }
    };
    Ok(Proposal {
        replicas,
        usage: Usage::Utilization { percent, average },
        ratio,
        basis,
    })
}

/// The proposal of a value per pod that is compared with `target`, both in milli-units: a custom
/// metric, or a resource with an average value. `sums` come from [`PodSums::for_average`]. O(1).
pub fn propose_average(
    sums: &PodSums,
    target: i64,
    current: i32,
    tolerance: Tolerance,
) -> Result<Proposal, MetricError> {
    if target <= 0 {
        return Err(MetricError::TargetNotPositive);
    }
    check_samples(sums)?;
    let ratio_of = |load: Load| {
        let usage = average(load.usage, load.pods);
        (usage, from_i64(usage) / from_i64(target))
    };
    let mut first = Load::measured(sums);
    first.usage = first.usage.saturating_add(sums.foreign.usage);
    let (usage, ratio) = ratio_of(first);
    let assumed = i128::from(sums.missing.pods) * i128::from(target);
    let (replicas, basis) = match first.filled_in(sums, ratio, assumed) {
        None => settle(ratio, sums.ready.pods, current, tolerance),
        Some(load) => {
            let (_, filled) = ratio_of(load);
            settle_filled_in(ratio, filled, load.pods, current, tolerance)
        }
    };
    Ok(Proposal {
        replicas,
        usage: Usage::Average(usage),
        ratio,
        basis,
    })
}

/// The proposal of a total (of an object, or the sum of external values) that is compared with
/// `target`, both in milli-units: the ratio times the pods that are ready.
///
/// `ready_pods` is `None` if there is no pod at all. An empty fleet is scaled to the ratio itself,
/// with no tolerance, or it could never leave zero.
pub fn propose_total(
    total: i64,
    target: i64,
    current: i32,
    ready_pods: Option<u32>,
    tolerance: Tolerance,
) -> Result<Proposal, MetricError> {
    if target <= 0 {
        return Err(MetricError::TargetNotPositive);
    }
    let ratio = from_i64(total) / from_i64(target);
    let (replicas, basis) = if current == 0 {
        (to_i32(ceil(ratio)), Basis::Total)
    } else if tolerance.contains(ratio) {
        (current, Basis::Tolerated)
    } else {
        let pods = ready_pods.ok_or(MetricError::NoPods)?;
        (to_i32(ceil(ratio * f64::from(pods))), Basis::Proportional)
    };
    Ok(Proposal {
        replicas,
        usage: Usage::Total(total),
        ratio,
        basis,
    })
}

/// The proposal of a total that is compared with a `target` per pod, both in milli-units: the
/// total divided by the target.
///
/// `status_replicas` is how many pods there are (not how many are wanted); only the tolerance
/// depends on it.
pub fn propose_average_of_total(
    total: i64,
    target: i64,
    status_replicas: i32,
    tolerance: Tolerance,
) -> Result<Proposal, MetricError> {
    if target <= 0 {
        return Err(MetricError::TargetNotPositive);
    }
    // Without pods the original divides by zero, and neither infinity nor NaN is ever tolerated.
    let ratio = if status_replicas == 0 {
        0.0
    } else {
        from_i64(total) / (from_i64(target) * f64::from(status_replicas))
    };
    let (replicas, basis) = if status_replicas != 0 && tolerance.contains(ratio) {
        (status_replicas, Basis::Tolerated)
    } else {
        let replicas = to_i32(ceil(from_i64(total) / from_i64(target)));
        (replicas, Basis::Total)
    };
    Ok(Proposal {
        replicas,
        usage: Usage::Average(per_pod(total, status_replicas)),
        ratio,
        basis,
    })
}

/// The sum of external values that are compared with a value, in milli-units; stops at the ends of
/// the range.
pub fn sum_of_values(values: &[i64]) -> i64 {
    let mut sum = 0_i64;
    for &value in values {
        match sum.checked_add(value) {
            Some(next) => sum = next,
            // As in the original: after an overflow upwards no further value is looked at.
            None if value > 0 => return i64::MAX,
            None => sum = i64::MIN,
        }
    }
    sum
}

/// The sum of external values that are compared with an average value, in milli-units.
///
/// The original takes every negative sum for an overflow, and so does this.
pub fn sum_of_average_values(values: &[i64]) -> i64 {
    let mut sum = 0_i64;
    for &value in values {
        match sum.checked_add(value) {
            Some(next) if next >= 0 => sum = next,
            _ => return i64::MAX,
        }
    }
    sum
}

/// Usage and requests of the pods that count.
#[derive(Clone, Copy)]
struct Load {
    usage: i128,
    request: i128,
    pods: u32,
}

impl Load {
    /// The pods whose samples count, and samples of pods that are not listed: those add a pod, but
    /// no usage of a known one.
    fn measured(sums: &PodSums) -> Self {
        Self {
            usage: sums.ready.usage,
            request: sums.ready.request,
            pods: sums.ready.pods.saturating_add(sums.foreign.pods),
        }
    }

    /// The load with missing and unready pods filled in against the direction of `ratio`: missing
    /// pods use `assumed` in all if the fleet might shrink and nothing if it might grow, unready
    /// ones use nothing if it might grow. `None` if there is nobody to fill in.
    fn filled_in(self, sums: &PodSums, ratio: f64, assumed: i128) -> Option<Self> {
        let up_with_unready = sums.unready.pods > 0 && ratio > 1.0;
        if !up_with_unready && sums.missing.pods == 0 {
            return None;
        }
        let mut load = self;
        if ratio < 1.0 {
            load.join(sums.missing.pods, assumed, sums.missing.request);
        } else if ratio > 1.0 {
            load.join(sums.missing.pods, 0, sums.missing.request);
        }
        if up_with_unready {
            load.join(sums.unready.pods, 0, sums.unready.request);
        }
        Some(load)
    }

    fn join(&mut self, pods: u32, usage: i128, request: i128) {
        self.pods = self.pods.saturating_add(pods);
        self.usage = self.usage.saturating_add(usage);
        self.request = self.request.saturating_add(request);
    }
}

fn check_samples(sums: &PodSums) -> Result<(), MetricError> {
    if sums.samples == 0 {
        return Err(MetricError::NoSamples);
    }
    if sums.listed == 0 {
        return Err(MetricError::NoPods);
    }
    if sums.ready.pods == 0 && sums.foreign.pods == 0 {
        return Err(MetricError::NoUsableSamples);
    }
    Ok(())
}

/// The answer if every pod counts.
fn settle(ratio: f64, pods: u32, current: i32, tolerance: Tolerance) -> (i32, Basis) {
    if tolerance.contains(ratio) {
        (current, Basis::Tolerated)
    } else {
        (to_i32(ceil(ratio * f64::from(pods))), Basis::Proportional)
    }
}

/// The answer if pods were filled in, which turned `ratio` into `filled`.
fn settle_filled_in(
    ratio: f64,
    filled: f64,
    pods: u32,
    current: i32,
    tolerance: Tolerance,
) -> (i32, Basis) {
    let turned = (ratio < 1.0 && filled > 1.0) || (ratio > 1.0 && filled < 1.0);
    if turned || tolerance.contains(filled) {
        return (current, Basis::FilledInHolds);
    }
    let replicas = to_i32(ceil(filled * f64::from(pods)));
    let contradicts = (filled < 1.0 && replicas > current) || (filled > 1.0 && replicas < current);
    if contradicts {
        (current, Basis::FilledInHolds)
    } else {
        (replicas, Basis::FilledIn)
    }
}

/// Percent of `request` that `usage` is, rounded towards zero; `None` of nothing.
fn percent_of(usage: i128, request: i128) -> Option<i32> {
    let percent = quotient(usage.saturating_mul(100), request)?;
    Some(i32::try_from(percent).unwrap_or(if percent > 0 { i32::MAX } else { i32::MIN }))
}

/// Milli-units of `total` per pod, rounded up; zero without pods, and not more than there is.
fn per_pod(total: i64, status_replicas: i32) -> i64 {
    if from_i64(total) >= from_i64(i64::MAX) {
        i64::MAX
    } else if status_replicas == 0 {
        0
    } else {
        to_i64(ceil(from_i64(total) / f64::from(status_replicas)))
    }
}

/// Milli-units of `usage` per pod, rounded towards zero.
fn average(usage: i128, pods: u32) -> i64 {
    let average = quotient(usage, i128::from(pods.max(1))).unwrap_or(0);
    i64::try_from(average).unwrap_or(if average > 0 { i64::MAX } else { i64::MIN })
}

/// `dividend / divisor`, rounded towards zero; `None` if there is none. Nearly all sums fit into 64
/// bits, where a division takes a tenth of the time.
fn quotient(dividend: i128, divisor: i128) -> Option<i128> {
    match (i64::try_from(dividend), i64::try_from(divisor)) {
        (Ok(dividend), Ok(divisor)) if divisor > 0 => Some(i128::from(dividend / divisor)),
        _ => dividend.checked_div(divisor),
    }
}
