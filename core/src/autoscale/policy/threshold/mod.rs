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
mod explanation;
mod rule;

pub use rule::{Cooldown, Proposal, Reading, ThresholdRecord, ThresholdRule, Verdict, Winner};

use core::fmt;

use crate::Micros;
use crate::autoscale::Resource;
use crate::autoscale::policy::Input;

/// The numbers of a [`Threshold`], unchecked.
///
/// In JSON every field may be left out, and times are microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct ThresholdSettings {
    /// Average CPU that is high, per mille of one node.
    pub cpu_up: i64,
    /// Average CPU that is low, per mille of one node.
    pub cpu_down: i64,
    /// Average memory that is high, per mille of one node.
    pub memory_up: i64,
    /// Average memory that is low, per mille of one node.
    pub memory_down: i64,
    /// Waiting requests per node that are many, in whole requests.
    pub queue_up: i64,
    /// Waiting requests per node that are few, in whole requests.
    pub queue_down: i64,
    /// The time after an action in which there is no other.
    #[cfg_attr(feature = "serde", serde(rename = "cooldown_micros"))]
    pub cooldown: Micros,
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
    /// CPU 80 and 30 %, memory 85 and 40 %, queue 100 and 10 per node, 60 s of cooldown.
    fn default() -> Self {
        Self {
            cpu_up: 800,
            cpu_down: 300,
            memory_up: 850,
            memory_down: 400,
            queue_up: 100,
            queue_down: 10,
            cooldown: Micros::from_secs(60),
        }
    }
}

/// The thresholds of one resource.
#[derive(Clone, Copy)]
struct Band {
    /// High from here on.
    up: i64,
    /// Low down to here; less than `up`.
    down: i64,
}

/// The threshold policy with settings that make sense.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "ThresholdSettings", into = "ThresholdSettings")
)]
pub struct Threshold {
    /// Every band has `down < up`.
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
        Ok(Self { settings })
    }

    /// The settings.
    pub const fn settings(&self) -> &ThresholdSettings {
        &self.settings
    }

    /// Applies the rule to what was seen.
    pub(in crate::autoscale) fn evaluate_input(&self, input: &Input<'_>) -> ThresholdRecord {
        let reading = Reading::of(input.fleet, since_last_action(input));
        self.evaluate_keeping(&reading, input.rules)
    }
}

/// The time since the last action; a clock that went backwards makes it zero.
fn since_last_action(input: &Input<'_>) -> Option<Micros> {
    input.last_action.map(|action| input.now.since(action.at))
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
        up: i64,
        /// The lower one, which is not below it.
        down: i64,
    },
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
        }
    }
}

impl core::error::Error for ThresholdError {}
