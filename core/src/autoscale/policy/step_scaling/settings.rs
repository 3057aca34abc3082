//! The settings of a [`StepScaling`], and the check that they make sense.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use super::{Adjustment, AdjustmentType, Alarm, Bands, Comparison, StepAdjustment};
use crate::Micros;
use crate::autoscale::policy::signal::Signal;

/// The numbers of a [`StepScaling`], unchecked.
///
/// In JSON every field may be left out, and times are microseconds. The smallest and the largest
/// group are the bounds in the guards.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct StepScalingSettings {
    /// Alarms and what they do. If several go off, the largest capacity wins. At least one, at
    /// most [`StepScaling::MAX_POLICIES`].
    pub policies: Vec<StepPolicy>,
    /// How long an instance warms up after it was ordered (`EstimatedInstanceWarmup`).
    #[cfg_attr(feature = "serde", serde(rename = "instance_warmup_micros"))]
    pub instance_warmup: Micros,
    /// How long no policy is invoked after a change. Zero for step scaling, which has none; 300 s
    /// is the default of simple scaling.
    #[cfg_attr(feature = "serde", serde(rename = "cooldown_micros"))]
    pub cooldown: Micros,
}

/// One alarm and its bands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct StepPolicy {
    /// What the alarm looks at.
    pub signal: Signal,
    /// When it goes off.
    pub alarm: Alarm,
    /// How the steps are meant.
    #[cfg_attr(feature = "serde", serde(default))]
    pub adjustment_type: AdjustmentType,
    /// Which breach gets which step.
    pub bands: Bands,
    /// The fewest instances that a percentage other than zero comes to.
    #[cfg_attr(feature = "serde", serde(default))]
    pub min_adjustment_magnitude: u32,
}

impl StepPolicy {
    /// The step of the band with this number.
    pub(super) fn adjustment(&self, band: usize) -> Option<Adjustment> {
        Some(Adjustment {
            adjustment_type: self.adjustment_type,
            value: self.bands.as_slice().get(band)?.adjustment,
            min_adjustment_magnitude: self.min_adjustment_magnitude,
        })
    }
}

impl Default for StepScalingSettings {
    /// The steps of the worked example in the User Guide, on CPU: 10 % of the capacity from 60 %
    /// on and 30 % from 70 % on, and the same the other way at 40 % and 30 %. Five minutes of
    /// warm-up.
    fn default() -> Self {
        Self {
            policies: vec![
                percent_of_capacity(Comparison::AtOrAbove, 600, [(0, 100, 10), (100, 0, 30)]),
                percent_of_capacity(Comparison::AtOrBelow, 400, [(-100, 0, -10), (0, -100, -30)]),
            ],
            instance_warmup: Micros::from_secs(300),
            cooldown: Micros::ZERO,
        }
    }
}

/// Two bands, of which the second one has no end: the bound that is zero there.
fn percent_of_capacity(
    comparison: Comparison,
    threshold: i64,
    [near, far]: [(i64, i64, i64); 2],
) -> StepPolicy {
    let bands = Bands::new(vec![
        StepAdjustment {
            lower_bound: Some(near.0),
            upper_bound: Some(near.1),
            adjustment: near.2,
        },
        StepAdjustment {
            lower_bound: (far.0 != 0).then_some(far.0),
            upper_bound: (far.1 != 0).then_some(far.1),
            adjustment: far.2,
        },
    ]);
    StepPolicy {
        signal: Signal::Cpu,
        alarm: Alarm {
            threshold,
            comparison,
            evaluation_periods: 1,
        },
        adjustment_type: AdjustmentType::PercentChangeInCapacity,
        bands: bands.expect("the bands of the worked example are those of one policy"),
        min_adjustment_magnitude: 0,
    }
}

/// EC2 step scaling with settings that make sense.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "StepScalingSettings", into = "StepScalingSettings")
)]
pub struct StepScaling {
    /// At least one policy; no exact capacity is negative.
    settings: StepScalingSettings,
}

impl StepScaling {
    /// How often an alarm is evaluated.
    pub const USUAL_INTERVAL: Micros = Micros::from_secs(60);

    /// The most policies of a group.
    pub const MAX_POLICIES: usize = 50;

    /// A group with these settings.
    pub fn new(settings: StepScalingSettings) -> Result<Self, StepScalingError> {
        let count = settings.policies.len();
        if count == 0 || count > Self::MAX_POLICIES {
            return Err(StepScalingError::Policies(count));
        }
        for (number, policy) in settings.policies.iter().enumerate() {
            let is_exact = policy.adjustment_type == AdjustmentType::ExactCapacity;
            let bands = policy.bands.as_slice();
            if is_exact && bands.iter().any(|band| band.adjustment < 0) {
                return Err(StepScalingError::NegativeCapacity { policy: number });
            }
        }
        Ok(Self { settings })
    }

    /// The settings.
    pub const fn settings(&self) -> &StepScalingSettings {
        &self.settings
    }

    /// True if every alarm looks at nodes alone.
    pub fn needs_a_node(&self) -> bool {
        let mut policies = self.settings.policies.iter();
        policies.all(|policy| policy.signal.needs_a_node())
    }
}

impl Default for StepScaling {
    fn default() -> Self {
        Self::new(StepScalingSettings::default()).expect("the worked example is a valid policy")
    }
}

impl TryFrom<StepScalingSettings> for StepScaling {
    type Error = StepScalingError;
    fn try_from(settings: StepScalingSettings) -> Result<Self, StepScalingError> {
        Self::new(settings)
    }
}

impl From<StepScaling> for StepScalingSettings {
    fn from(scaling: StepScaling) -> Self {
        scaling.settings
    }
}

/// Why settings of a [`StepScaling`] make no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepScalingError {
    /// There is no policy, or more than [`StepScaling::MAX_POLICIES`].
    Policies(usize),
    /// An exact capacity is negative.
    NegativeCapacity {
        /// The number of its policy, from zero.
        policy: usize,
    },
}

impl fmt::Display for StepScalingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Policies(count) => write!(
                f,
                "{count} policies; there must be from 1 to {}",
                StepScaling::MAX_POLICIES
            ),
            Self::NegativeCapacity { policy } => {
                write!(f, "policies[{policy}] sets a negative capacity")
            }
        }
    }
}

impl core::error::Error for StepScalingError {}
