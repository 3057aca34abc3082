//! Two thresholds per resource and one cooldown for both directions.
//!
//! The rule of the system that this project grew out of (its `ProductionAutoScaler`): one
//! resource that is high is enough to add half of the fleet, all must be low to remove one node,
//! and nothing happens for a minute after an action. It is easy to foresee and slow to hurt. Its
//! weak sides are kept on purpose, for comparison: the step does not depend on how far the
//! threshold was passed, and a scale-in delays the scale-out that a burst needs.
//!
//! What the original does not know is added around the rule without changing it: only ready nodes
//! are averaged, and missing data never removes a node.

mod counterfactual;
mod rule;

pub use rule::{Evaluation, Reading};

use core::fmt;

use crate::Micros;
use crate::autoscale::{Bounds, Chain, Decision, Fleet, Resource};

/// The numbers of a [`Threshold`], unchecked.
///
/// In JSON every field may be left out, and times are microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct ThresholdSettings {
    /// Average CPU that is high, per mille of one node.
    pub cpu_up: u64,
    /// Average CPU that is low, per mille of one node.
    pub cpu_down: u64,
    /// Average memory that is high, per mille of one node.
    pub memory_up: u64,
    /// Average memory that is low, per mille of one node.
    pub memory_down: u64,
    /// Waiting requests per node that are many.
    pub queue_up: u64,
    /// Waiting requests per node that are few.
    pub queue_down: u64,
    /// The time after an action in which there is no other.
    #[cfg_attr(feature = "serde", serde(rename = "cooldown_micros"))]
    pub cooldown: Micros,
    /// The time between two evaluations.
    #[cfg_attr(feature = "serde", serde(rename = "evaluation_interval_micros"))]
    pub evaluation_interval: Micros,
    /// The smallest and the largest fleet.
    pub bounds: Bounds,
}

impl ThresholdSettings {
    /// The upper and the lower threshold of `resource`.
    const fn band(&self, resource: Resource) -> Band {
        let (up, down) = match resource {
            Resource::Cpu => (self.cpu_up, self.cpu_down),
            Resource::Memory => (self.memory_up, self.memory_down),
            Resource::Queue => (self.queue_up, self.queue_down),
        };
        Band { up, down }
    }
}

impl Default for ThresholdSettings {
    /// CPU 80 and 30 %, memory 85 and 40 %, queue 100 and 10 per node, 60 s of cooldown, an
    /// evaluation every 15 s, 1 to 100 nodes.
    fn default() -> Self {
        Self {
            cpu_up: 800,
            cpu_down: 300,
            memory_up: 850,
            memory_down: 400,
            queue_up: 100,
            queue_down: 10,
            cooldown: Micros::from_secs(60),
            evaluation_interval: Micros::from_secs(15),
            bounds: Bounds::default(),
        }
    }
}

/// The thresholds of one resource.
#[derive(Clone, Copy)]
struct Band {
    /// High from here on.
    up: u64,
    /// Low down to here; less than `up`.
    down: u64,
}

/// The threshold policy with settings that make sense.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "ThresholdSettings", into = "ThresholdSettings")
)]
pub struct Threshold {
    /// Every band has `down < up`, the interval is not zero, the smallest fleet is not empty.
    settings: ThresholdSettings,
}

impl Threshold {
    /// A policy with these settings.
    pub fn new(settings: ThresholdSettings) -> Result<Self, ThresholdError> {
        for resource in Resource::ALL {
            let Band { up, down } = settings.band(resource);
            if down >= up {
                return Err(ThresholdError::Crossed { resource, up, down });
            }
        }
        if settings.evaluation_interval == Micros::ZERO {
            return Err(ThresholdError::NoInterval);
        }
        if settings.bounds.min_nodes() == 0 {
            return Err(ThresholdError::EmptyFleet);
        }
        Ok(Self { settings })
    }

    /// The settings.
    pub const fn settings(&self) -> &ThresholdSettings {
        &self.settings
    }

    /// Decides for `fleet` and keeps the whole chain.
    pub(in crate::autoscale) fn decide(
        &self,
        fleet: Fleet,
        since_last_action: Option<Micros>,
        now: Micros,
    ) -> Decision {
        let reading = Reading::of(&fleet, since_last_action);
        let evaluation = self.evaluate(&reading);
        Decision {
            at: now,
            current: reading.current,
            target: evaluation.target,
            action: evaluation.action,
            binding: evaluation.binding,
            counterfactual: self.counterfactual(&reading, &evaluation),
            chain: Chain {
                fleet,
                proposals: evaluation.proposals.to_vec(),
                winner: evaluation.winner,
                cooldown: evaluation.cooldown,
                bounds: self.settings.bounds,
            },
        }
    }
}

impl TryFrom<ThresholdSettings> for Threshold {
    type Error = ThresholdError;
    fn try_from(settings: ThresholdSettings) -> Result<Self, ThresholdError> {
        Self::new(settings)
    }
}

impl From<Threshold> for ThresholdSettings {
    fn from(threshold: Threshold) -> Self {
        threshold.settings
    }
}

/// Why settings of a [`Threshold`] make no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThresholdError {
    /// A level could be high and low at once, or the fleet would swing without end.
    Crossed {
        /// Whose thresholds.
        resource: Resource,
        /// The upper one.
        up: u64,
        /// The lower one, which is not below it.
        down: u64,
    },
    /// The evaluation interval is zero.
    NoInterval,
    /// The smallest fleet is empty. Without a node there are no metrics, and the policy could
    /// never leave zero again.
    EmptyFleet,
}

impl fmt::Display for ThresholdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Crossed { resource, up, down } => write!(
                f,
                "{resource}_down ({}) must be below {resource}_up ({})",
                resource.amount(down),
                resource.amount(up)
            ),
            Self::NoInterval => f.write_str("evaluation_interval_micros must not be 0"),
            Self::EmptyFleet => f.write_str("bounds.min_nodes must be at least 1"),
        }
    }
}

impl core::error::Error for ThresholdError {}
