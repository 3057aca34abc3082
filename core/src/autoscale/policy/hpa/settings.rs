//! The settings of an HPA, and the check that they make sense.
//!
//! They follow the `spec` of `autoscaling/v2` field by field, with the flags of the controller
//! beside it. What the API fills in is filled in here too, and what its validation refuses is
//! refused; an HPA with a target of zero must not get as far as a division.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use super::behavior::{Behavior, ScalingPolicy, ScalingRules, SelectPolicy};
use super::condition::MetricSource;
use super::limit::ScaleUpLimit;
use super::pod::{ResourceName, StartUp};
use super::reconcile::Spec;
use super::tolerance::Tolerance;
use crate::Micros;
use crate::autoscale::MetricName;

/// The numbers of an [`Hpa`], unchecked.
///
/// In JSON every field may be left out, and times are microseconds. The smallest and the largest
/// fleet are not here but in the guards.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct HpaSettings {
    /// What is to be brought to which target; the largest proposal wins.
    pub metrics: Vec<HpaMetric>,
    /// How fast the fleet may change; without it the controller's defaults apply.
    pub behavior: Option<BehaviorSettings>,
    /// How far a metric may be off its target, in millionths, where the behavior does not say.
    pub tolerance_millionths: u32,
    /// How far a shrinking fleet looks back where the behavior does not say.
    #[cfg_attr(feature = "serde", serde(rename = "downscale_stabilization_micros"))]
    pub downscale_stabilization: Micros,
    /// How long after its start the CPU samples of a node are looked at closely.
    #[cfg_attr(feature = "serde", serde(rename = "cpu_initialization_period_micros"))]
    pub cpu_initialization_period: Micros,
    /// A node that turned unready within this time after its start was never ready.
    #[cfg_attr(feature = "serde", serde(rename = "initial_readiness_delay_micros"))]
    pub initial_readiness_delay: Micros,
}

impl Default for HpaSettings {
    /// What the API and the controller use: CPU at 80 %, no behavior, a tolerance of 0.1, five
    /// minutes of stabilization and of CPU initialization, 30 s of initial readiness delay.
    fn default() -> Self {
        let StartUp {
            cpu_initialization_period,
            initial_readiness_delay,
        } = StartUp::default();
        Self {
            metrics: vec![HpaMetric::Utilization {
                resource: ResourceName::Cpu,
                target_percent: 80,
            }],
            behavior: None,
            tolerance_millionths: 100_000,
            downscale_stabilization: Micros::from_secs(300),
            cpu_initialization_period,
            initial_readiness_delay,
        }
    }
}

/// A metric and its target. Targets other than percentages are milli-units.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "type", rename_all = "snake_case"))]
pub enum HpaMetric {
    /// A resource, in percent of what a node has (`Resource` with `averageUtilization`).
    Utilization {
        /// Which.
        resource: ResourceName,
        /// Percent of a node.
        target_percent: i32,
    },
    /// A resource, per node (`Resource` with `averageValue`).
    ResourceAverage {
        /// Which.
        resource: ResourceName,
        /// Per mille of a node.
        target: i64,
    },
    /// A quantity that each node reports (`Pods` with `averageValue`); `queue` is the queue.
    NodeAverage {
        /// Which.
        name: MetricName,
        /// Per node.
        target: i64,
    },
    /// A quantity of the fleet as a whole (`Object` or `External` with `value`).
    FleetValue {
        /// Which.
        name: MetricName,
        /// In total.
        target: i64,
    },
    /// A quantity of the fleet as a whole, spread over its nodes (`Object` or `External` with
    /// `averageValue`).
    FleetAverage {
        /// Which.
        name: MetricName,
        /// Per node.
        target: i64,
    },
}

impl HpaMetric {
    /// The target, in the unit of the metric.
    pub fn target(&self) -> i64 {
        match *self {
            Self::Utilization { target_percent, .. } => i64::from(target_percent),
            Self::ResourceAverage { target, .. }
            | Self::NodeAverage { target, .. }
            | Self::FleetValue { target, .. }
            | Self::FleetAverage { target, .. } => target,
        }
    }

    /// What kind of metric Kubernetes would call it.
    pub const fn source(&self) -> MetricSource {
        match self {
            Self::Utilization { .. } | Self::ResourceAverage { .. } => MetricSource::Resource,
            Self::NodeAverage { .. } => MetricSource::Pods,
            Self::FleetValue { .. } | Self::FleetAverage { .. } => MetricSource::External,
        }
    }

    /// Whether it is known only as long as there are nodes.
    pub const fn needs_a_node(&self) -> bool {
        !matches!(self, Self::FleetValue { .. } | Self::FleetAverage { .. })
    }
}

impl fmt::Display for HpaMetric {
    /// As Kubernetes names metrics in its messages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Utilization { resource, .. } => write!(
                f,
                "{} resource utilization (percentage of request)",
                resource.as_str()
            ),
            Self::ResourceAverage { resource, .. } => write!(f, "{} resource", resource.as_str()),
            Self::NodeAverage { name, .. } => write!(f, "pods metric {name}"),
            Self::FleetValue { name, .. } | Self::FleetAverage { name, .. } => {
                write!(f, "external metric {name}")
            }
        }
    }
}

/// How fast the fleet may change, where it differs from what the API fills in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct BehaviorSettings {
    /// When it grows.
    pub scale_up: DirectionSettings,
    /// When it shrinks.
    pub scale_down: DirectionSettings,
}

/// The rules of one direction, where they differ from what the API fills in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct DirectionSettings {
    /// How far stabilization looks back; at most an hour.
    #[cfg_attr(feature = "serde", serde(rename = "stabilization_window_micros"))]
    pub stabilization_window: Option<Micros>,
    /// Which of the policies counts.
    pub select_policy: Option<SelectPolicy>,
    /// How fast the fleet may change; at least one policy.
    pub policies: Option<Vec<ScalingPolicy>>,
    /// How far a metric may be off in this direction, in millionths.
    pub tolerance_millionths: Option<u32>,
}

impl DirectionSettings {
    fn over(&self, defaults: ScalingRules) -> ScalingRules {
        ScalingRules {
            stabilization_window: self
                .stabilization_window
                .unwrap_or(defaults.stabilization_window),
            select: self.select_policy.unwrap_or(defaults.select),
            policies: self.policies.clone().unwrap_or(defaults.policies),
        }
    }
}

/// An HPA whose settings make sense.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "HpaSettings", into = "HpaSettings")
)]
pub struct Hpa {
    /// One to [`Hpa::MAX_METRICS`] metrics with targets above zero; every list of policies that is
    /// given has one to [`Hpa::MAX_POLICIES`] with values and periods above zero; no window and no
    /// period is longer than the API allows.
    settings: HpaSettings,
    /// The settings with everything filled in.
    pub(super) spec: Spec,
    pub(super) start_up: StartUp,
}

impl Hpa {
    /// The most metrics.
    pub const MAX_METRICS: usize = 32;
    /// The most policies in one direction.
    pub const MAX_POLICIES: usize = 32;
    /// The longest period of a policy, as in the API.
    pub const MAX_PERIOD: Micros = Micros::from_secs(1_800);
    /// The longest stabilization window, as in the API.
    pub const MAX_WINDOW: Micros = Micros::from_secs(3_600);

    /// An HPA with these settings.
    pub fn new(settings: HpaSettings) -> Result<Self, HpaError> {
        check_metrics(&settings.metrics)?;
        if let Some(behavior) = &settings.behavior {
            check_direction(Direction::Up, &behavior.scale_up)?;
            check_direction(Direction::Down, &behavior.scale_down)?;
        }
        if settings.downscale_stabilization > Self::MAX_WINDOW {
            return Err(HpaError::WindowTooLong(Direction::Down));
        }
        Ok(Self {
            spec: spec(&settings),
            start_up: StartUp {
                cpu_initialization_period: settings.cpu_initialization_period,
                initial_readiness_delay: settings.initial_readiness_delay,
            },
            settings,
        })
    }

    /// The settings.
    pub const fn settings(&self) -> &HpaSettings {
        &self.settings
    }

    /// True if it learns of the load from nodes alone, so that an empty fleet stays empty.
    pub fn needs_a_node(&self) -> bool {
        self.settings.metrics.iter().all(HpaMetric::needs_a_node)
    }
}

impl Default for Hpa {
    /// CPU at 80 %, see [`HpaSettings::default`].
    fn default() -> Self {
        Self::new(HpaSettings::default())
            .expect("the defaults are those of the API, which it accepts")
    }
}

impl TryFrom<HpaSettings> for Hpa {
    type Error = HpaError;
    fn try_from(settings: HpaSettings) -> Result<Self, HpaError> {
        Self::new(settings)
    }
}

impl From<Hpa> for HpaSettings {
    fn from(hpa: Hpa) -> Self {
        hpa.settings
    }
}

/// Fills in what the API and the controller fill in.
fn spec(settings: &HpaSettings) -> Spec {
    let of = |direction: fn(&BehaviorSettings) -> &DirectionSettings| {
        settings
            .behavior
            .as_ref()
            .and_then(|behavior| direction(behavior).tolerance_millionths)
            .unwrap_or(settings.tolerance_millionths)
    };
    let behavior = settings.behavior.as_ref().map(|behavior| Behavior {
        scale_up: behavior.scale_up.over(ScalingRules::default_up()),
        scale_down: behavior.scale_down.over(ScalingRules {
            stabilization_window: settings.downscale_stabilization,
            ..ScalingRules::default_down()
        }),
    });
    Spec {
        tolerance: Tolerance::from_millionths(
            of(|behavior| &behavior.scale_down),
            of(|behavior| &behavior.scale_up),
        ),
        behavior,
        downscale_stabilization: settings.downscale_stabilization,
        scale_up_limit: ScaleUpLimit::default(),
    }
}

fn check_metrics(metrics: &[HpaMetric]) -> Result<(), HpaError> {
    if metrics.is_empty() {
        return Err(HpaError::NoMetrics);
    }
    if metrics.len() > Hpa::MAX_METRICS {
        return Err(HpaError::TooManyMetrics(metrics.len()));
    }
    match metrics.iter().position(|metric| metric.target() <= 0) {
        Some(index) => Err(HpaError::TargetNotPositive(index)),
        None => Ok(()),
    }
}

fn check_direction(direction: Direction, rules: &DirectionSettings) -> Result<(), HpaError> {
    if rules.stabilization_window.unwrap_or_default() > Hpa::MAX_WINDOW {
        return Err(HpaError::WindowTooLong(direction));
    }
    let Some(policies) = &rules.policies else {
        return Ok(());
    };
    if policies.is_empty() {
        return Err(HpaError::NoPolicies(direction));
    }
    if policies.len() > Hpa::MAX_POLICIES {
        return Err(HpaError::TooManyPolicies(direction, policies.len()));
    }
    for (index, policy) in policies.iter().enumerate() {
        if policy.value <= 0 {
            return Err(HpaError::PolicyValue(direction, index));
        }
        if policy.period == Micros::ZERO || policy.period > Hpa::MAX_PERIOD {
            return Err(HpaError::PolicyPeriod(direction, index));
        }
    }
    Ok(())
}

/// One side of a behavior.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// More replicas.
    Up,
    /// Fewer replicas.
    Down,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Up => "behavior.scale_up",
            Self::Down => "behavior.scale_down",
        })
    }
}

/// Why settings of an [`Hpa`] make no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HpaError {
    /// There is nothing to go by.
    NoMetrics,
    /// More metrics than [`Hpa::MAX_METRICS`].
    TooManyMetrics(usize),
    /// The metric with this index has a target of zero or less.
    TargetNotPositive(usize),
    /// A stabilization window is longer than [`Hpa::MAX_WINDOW`].
    WindowTooLong(Direction),
    /// A list of policies is there and empty; to forbid a direction, its select policy is
    /// `disabled`.
    NoPolicies(Direction),
    /// More policies than [`Hpa::MAX_POLICIES`].
    TooManyPolicies(Direction, usize),
    /// The policy with this index allows no change at all.
    PolicyValue(Direction, usize),
    /// The period of the policy with this index is zero, or longer than [`Hpa::MAX_PERIOD`].
    PolicyPeriod(Direction, usize),
}

impl fmt::Display for HpaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMetrics => f.write_str("metrics must name at least one metric"),
            Self::TooManyMetrics(count) => {
                write!(
                    f,
                    "metrics has {count} entries, at most {} are allowed",
                    Hpa::MAX_METRICS
                )
            }
            Self::TargetNotPositive(index) => {
                write!(f, "the target of metrics[{index}] must be above 0")
            }
            Self::WindowTooLong(direction) => write!(
                f,
                "the stabilization window of {direction} must not be longer than {} s",
                Hpa::MAX_WINDOW.as_secs()
            ),
            Self::NoPolicies(direction) => {
                write!(f, "{direction}.policies must have at least one policy")
            }
            Self::TooManyPolicies(direction, count) => write!(
                f,
                "{direction}.policies has {count} entries, at most {} are allowed",
                Hpa::MAX_POLICIES
            ),
            Self::PolicyValue(direction, index) => {
                write!(f, "{direction}.policies[{index}].value must be above 0")
            }
            Self::PolicyPeriod(direction, index) => write!(
                f,
                "{direction}.policies[{index}].period_micros must be above 0 s and at most {} s",
                Hpa::MAX_PERIOD.as_secs()
            ),
        }
    }
}

impl core::error::Error for HpaError {}
