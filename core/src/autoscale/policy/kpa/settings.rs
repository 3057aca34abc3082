//! The settings of a [`Kpa`], and the check that they make sense.
//!
//! They follow the config map `config-autoscaler` and its annotations. What Knative writes as a
//! decimal number is a whole percentage or a number of thousandths here, so that settings can be
//! compared and written without loss.

use core::fmt;

use super::{Aggregation, Decider, DeciderSpec, ScaleToZero, SpecError};
use crate::Micros;
use crate::autoscale::policy::rounding::from_i64;
use crate::autoscale::policy::signal::Signal;

/// The numbers of a [`Kpa`], unchecked.
///
/// In JSON every field may be left out, and times are microseconds. Loads are thousandths of the
/// signal's unit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct KpaSettings {
    /// What is taken for the load.
    pub signal: Signal,
    /// The load that one node can carry (`container-concurrency-target-default`).
    pub capacity_per_node: i64,
    /// How much of that it should carry, in percent
    /// (`container-concurrency-target-percentage`).
    pub target_percentage: u32,
    /// Spare capacity to keep for bursts; -1 for unlimited (`target-burst-capacity`). It says
    /// whether requests should go through a buffer, and changes no number of nodes.
    pub target_burst_capacity: i64,
    /// The stable window; whole seconds in Knative, from 6 s to an hour.
    #[cfg_attr(feature = "serde", serde(rename = "stable_window_micros"))]
    pub stable_window: Micros,
    /// The panic window in percent of the stable one, from 1 to 100.
    pub panic_window_percentage: u32,
    /// How many times the ready nodes must be needed to panic, in percent; above 100.
    pub panic_threshold_percentage: u32,
    /// By which factor the fleet may grow at once, in thousandths; above 1,000.
    pub max_scale_up_rate: i64,
    /// By which factor the fleet may shrink at once, in thousandths; above 1,000.
    pub max_scale_down_rate: i64,
    /// How long fewer nodes must have been enough before they are fewer; up to an hour.
    #[cfg_attr(feature = "serde", serde(rename = "scale_down_delay_micros"))]
    pub scale_down_delay: Micros,
    /// The fewest nodes unless there are none.
    pub activation_scale: u32,
    /// How the samples of a window become one number.
    pub aggregation: Aggregation,
    /// How, and whether, the last node goes.
    pub scale_to_zero: ScaleToZero,
}

impl Default for KpaSettings {
    /// Knative's: 70 % of what a node can carry, 60 s and a tenth of that, panic at 200 %, up a
    /// thousandfold, down by half, a burst of 2.11 nodes (211 requests at 100 per pod), no delay.
    fn default() -> Self {
        Self {
            signal: Signal::Work,
            capacity_per_node: 1_000,
            target_percentage: 70,
            target_burst_capacity: 2_110,
            stable_window: Micros::from_secs(60),
            panic_window_percentage: 10,
            panic_threshold_percentage: 200,
            max_scale_up_rate: 1_000_000,
            max_scale_down_rate: 2_000,
            scale_down_delay: Micros::ZERO,
            activation_scale: 1,
            aggregation: Aggregation::Linear,
            scale_to_zero: ScaleToZero::default(),
        }
    }
}

/// The Knative pod autoscaler with settings that make sense.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "KpaSettings", into = "KpaSettings")
)]
pub struct Kpa {
    /// Windows and percentages are within Knative's ranges.
    settings: KpaSettings,
    /// The same numbers as the tick wants them.
    pub(super) decider: Decider,
}

impl Kpa {
    /// How often Knative's autoscaler evaluates.
    pub const USUAL_INTERVAL: Micros = super::TICK_INTERVAL;

    /// An autoscaler with these settings.
    pub fn new(settings: KpaSettings) -> Result<Self, KpaError> {
        let hour = Micros::from_secs(3_600);
        if settings.stable_window < Micros::from_secs(6) || settings.stable_window > hour {
            return Err(KpaError::StableWindow(settings.stable_window));
        }
        if settings.scale_down_delay > hour {
            return Err(KpaError::ScaleDownDelay(settings.scale_down_delay));
        }
        let percentages = [
            (Percentage::Target, settings.target_percentage, 1..=100),
            (
                Percentage::PanicWindow,
                settings.panic_window_percentage,
                1..=100,
            ),
            (
                Percentage::PanicThreshold,
                settings.panic_threshold_percentage,
                110..=1_000,
            ),
        ];
        for (which, percentage, allowed) in percentages {
            if !allowed.contains(&percentage) {
                return Err(KpaError::Percentage { which, percentage });
            }
        }
        let rate = settings.max_scale_up_rate.min(settings.max_scale_down_rate);
        if rate <= 1_000 {
            return Err(KpaError::Rate(rate));
        }
        let decider = Decider::new(spec(&settings)).map_err(KpaError::Spec)?;
        Ok(Self { settings, decider })
    }

    /// The settings.
    pub const fn settings(&self) -> &KpaSettings {
        &self.settings
    }

    /// True if the load is known only where there are nodes.
    pub const fn needs_a_node(&self) -> bool {
        self.settings.signal.needs_a_node()
    }

    /// The length of the panic window.
    pub(super) const fn panic_window(&self) -> Micros {
        let percentage = self.settings.panic_window_percentage as u64;
        Micros(self.settings.stable_window.0 / 100 * percentage)
    }
}

/// Loads stay in thousandths, so that sums of samples are whole numbers and exact.
fn spec(settings: &KpaSettings) -> DeciderSpec {
    let total = from_i64(settings.capacity_per_node);
    let share = |percentage: u32| from_i64(i64::from(percentage)) / 100.0;
    let burst = settings.target_burst_capacity;
    DeciderSpec {
        target: total * share(settings.target_percentage),
        total_per_pod: total,
        target_burst_capacity: from_i64(burst),
        panic_threshold: share(settings.panic_threshold_percentage),
        max_scale_up_rate: from_i64(settings.max_scale_up_rate) / 1_000.0,
        max_scale_down_rate: from_i64(settings.max_scale_down_rate) / 1_000.0,
        stable_window: settings.stable_window,
        scale_down_delay: settings.scale_down_delay,
        reachable: true,
        activation_scale: settings.activation_scale,
    }
}

impl Default for Kpa {
    fn default() -> Self {
        Self::new(KpaSettings::default()).expect("Knative's defaults pass Knative's checks")
    }
}

impl TryFrom<KpaSettings> for Kpa {
    type Error = KpaError;
    fn try_from(settings: KpaSettings) -> Result<Self, KpaError> {
        Self::new(settings)
    }
}

impl From<Kpa> for KpaSettings {
    fn from(kpa: Kpa) -> Self {
        kpa.settings
    }
}

/// A percentage of a [`KpaSettings`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Percentage {
    /// `target_percentage`, 1 to 100.
    Target,
    /// `panic_window_percentage`, 1 to 100.
    PanicWindow,
    /// `panic_threshold_percentage`, 110 to 1,000.
    PanicThreshold,
}

impl fmt::Display for Percentage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Target => "target_percentage must be from 1 to 100",
            Self::PanicWindow => "panic_window_percentage must be from 1 to 100",
            Self::PanicThreshold => "panic_threshold_percentage must be from 110 to 1000",
        })
    }
}

/// Why settings of a [`Kpa`] make no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KpaError {
    /// The stable window is shorter than 6 s or longer than an hour.
    StableWindow(Micros),
    /// The scale-down delay is longer than an hour.
    ScaleDownDelay(Micros),
    /// A percentage is out of its range.
    Percentage {
        /// Which.
        which: Percentage,
        /// What it is.
        percentage: u32,
    },
    /// A rate of at most one allows no change.
    Rate(i64),
    /// A number that the decider refuses.
    Spec(SpecError),
}

impl fmt::Display for KpaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StableWindow(window) => write!(
                f,
                "stable_window_micros is {window} s, it must be from 6 s to an hour"
            ),
            Self::ScaleDownDelay(delay) => write!(
                f,
                "scale_down_delay_micros is {delay} s, it must be at most an hour"
            ),
            Self::Percentage { which, percentage } => write!(f, "{which}, not {percentage}"),
            Self::Rate(rate) => write!(
                f,
                "a rate of {rate} thousandths; rates must be above 1000 thousandths"
            ),
            Self::Spec(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for KpaError {}
