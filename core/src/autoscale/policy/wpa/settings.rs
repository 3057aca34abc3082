//! The settings of a [`Wpa`], and the check that they make sense.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use super::{Limits, Patience, WatermarkError, Watermarks};
use crate::Micros;
use crate::autoscale::Bounds;
use crate::autoscale::policy::signal::Signal;

/// The numbers of a [`Wpa`], unchecked.
///
/// In JSON every field may be left out, and times are microseconds. The smallest and the largest
/// count are the bounds in the guards.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct WpaSettings {
    /// What is kept between which watermarks; the largest proposal wins. At least one, at most
    /// [`Wpa::MAX_METRICS`].
    pub metrics: Vec<WpaMetric>,
    /// The largest step up in thousandths of a percent, at least one node; zero forbids it.
    pub scale_up_limit_factor: i64,
    /// The largest step down in thousandths of a percent, below 100,000; zero forbids it.
    pub scale_down_limit_factor: i64,
    /// The smallest share of ready nodes, in percent, with which anything is done.
    pub min_available_replica_percentage: u32,
    /// Forbidden windows and delays.
    pub patience: Patience,
}

impl Default for WpaSettings {
    /// CPU between 50 and 80 %; beyond that what the original fills in: 10 % of tolerance, 50 %
    /// up and 20 % down at once, a minute and five minutes of forbidden windows, no delays.
    fn default() -> Self {
        Self {
            metrics: vec![WpaMetric {
                signal: Signal::Cpu,
                watermarks: Watermarks::new(500, 800),
            }],
            scale_up_limit_factor: 50_000,
            scale_down_limit_factor: 20_000,
            min_available_replica_percentage: 0,
            patience: Patience::default(),
        }
    }
}

/// A quantity and its watermarks.
///
/// With the algorithm `absolute` the watermarks are compared with the quantity per ready node, or
/// with the quantity of the fleet as it is; with `average` a total is divided by the ready nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct WpaMetric {
    /// The quantity.
    pub signal: Signal,
    /// Its watermarks.
    pub watermarks: Watermarks,
}

/// The Watermark Pod Autoscaler with settings that make sense.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "WpaSettings", into = "WpaSettings")
)]
pub struct Wpa {
    /// At least one metric, valid watermarks, factors within their ranges.
    settings: WpaSettings,
}

impl Wpa {
    /// How often the controller evaluates.
    pub const USUAL_INTERVAL: Micros = Micros::from_secs(15);

    /// The most metrics of a policy.
    pub const MAX_METRICS: usize = 64;

    /// An autoscaler with these settings.
    pub fn new(settings: WpaSettings) -> Result<Self, WpaError> {
        let count = settings.metrics.len();
        if count == 0 || count > Self::MAX_METRICS {
            return Err(WpaError::Metrics(count));
        }
        for (metric, WpaMetric { watermarks, .. }) in settings.metrics.iter().enumerate() {
            watermarks
                .validate()
                .map_err(|error| WpaError::Watermarks { metric, error })?;
        }
        if settings.scale_up_limit_factor < 0 {
            return Err(WpaError::ScaleUpFactor(settings.scale_up_limit_factor));
        }
        if !(0..100_000).contains(&settings.scale_down_limit_factor) {
            return Err(WpaError::ScaleDownFactor(settings.scale_down_limit_factor));
        }
        if settings.min_available_replica_percentage > 100 {
            return Err(WpaError::Percentage(
                settings.min_available_replica_percentage,
            ));
        }
        Ok(Self { settings })
    }

    /// The settings.
    pub const fn settings(&self) -> &WpaSettings {
        &self.settings
    }

    /// The limits within `bounds`.
    pub const fn limits(&self, bounds: Bounds) -> Limits {
        Limits {
            min: bounds.min_nodes(),
            max: bounds.max_nodes(),
            scale_up_factor: self.settings.scale_up_limit_factor,
            scale_down_factor: self.settings.scale_down_limit_factor,
        }
    }
}

impl Default for Wpa {
    fn default() -> Self {
        Self::new(WpaSettings::default()).expect("the default watermarks are valid")
    }
}

impl TryFrom<WpaSettings> for Wpa {
    type Error = WpaError;
    fn try_from(settings: WpaSettings) -> Result<Self, WpaError> {
        Self::new(settings)
    }
}

impl From<Wpa> for WpaSettings {
    fn from(wpa: Wpa) -> Self {
        wpa.settings
    }
}

/// Why settings of a [`Wpa`] make no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WpaError {
    /// There is no metric, or more than [`Wpa::MAX_METRICS`].
    Metrics(usize),
    /// Watermarks are refused.
    Watermarks {
        /// The number of their metric, from zero.
        metric: usize,
        /// Why.
        error: WatermarkError,
    },
    /// The largest step up is negative.
    ScaleUpFactor(i64),
    /// The largest step down is negative or at least everything.
    ScaleDownFactor(i64),
    /// More than 100 %.
    Percentage(u32),
}

impl fmt::Display for WpaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Metrics(count) => write!(
                f,
                "{count} metrics; there must be from 1 to {}",
                Wpa::MAX_METRICS
            ),
            Self::Watermarks { metric, error } => {
                write!(f, "metrics[{metric}].watermarks: {error}")
            }
            Self::ScaleUpFactor(factor) => {
                write!(
                    f,
                    "scale_up_limit_factor is {factor}, it must not be negative"
                )
            }
            Self::ScaleDownFactor(factor) => write!(
                f,
                "scale_down_limit_factor is {factor}, it must be from 0 to 99999"
            ),
            Self::Percentage(percentage) => write!(
                f,
                "min_available_replica_percentage is {percentage}, it must be at most 100"
            ),
        }
    }
}

impl core::error::Error for WpaError {}
