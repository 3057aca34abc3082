//! How patient a controller is.

use core::fmt;

use crate::Micros;
use crate::autoscale::history::{History, HistoryError};

/// The times of a controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct ControllerSettings {
    /// So many decisions are kept.
    pub history: usize,
    /// How long nodes may drain before the scale-in is called off. `None` removes them at once.
    #[cfg_attr(feature = "serde", serde(rename = "drain_timeout_micros"))]
    pub drain_timeout: Option<Micros>,
    /// After this an executor that has not reported is asked again, then after twice this, and so
    /// on up to `backoff_cap`.
    #[cfg_attr(feature = "serde", serde(rename = "report_timeout_micros"))]
    pub report_timeout: Micros,
    /// How long an order that was carried out may take to be seen. Nothing is ordered until then.
    #[cfg_attr(feature = "serde", serde(rename = "settle_timeout_micros"))]
    pub settle_timeout: Micros,
    /// The wait after a first failure. Doubles with every further one.
    #[cfg_attr(feature = "serde", serde(rename = "backoff_micros"))]
    pub backoff: Micros,
    /// The longest wait.
    #[cfg_attr(feature = "serde", serde(rename = "backoff_cap_micros"))]
    pub backoff_cap: Micros,
    /// The part of a wait, per mille, that is drawn by lot.
    pub jitter_permille: u32,
    /// For the lots.
    pub seed: u64,
}

impl Default for ControllerSettings {
    /// 1,024 decisions, ten minutes to drain, a report within 30 s, a minute to settle, failures
    /// back off from 10 s to 10 min with half of it by lot.
    fn default() -> Self {
        Self {
            history: 1_024,
            drain_timeout: Some(Micros::from_secs(600)),
            report_timeout: Micros::from_secs(30),
            settle_timeout: Micros::from_secs(60),
            backoff: Micros::from_secs(10),
            backoff_cap: Micros::from_secs(600),
            jitter_permille: 500,
            seed: 0,
        }
    }
}

impl ControllerSettings {
    /// The empty history that they ask for, or what is wrong with them.
    pub(super) fn check(&self) -> Result<History, ControllerSettingsError> {
        let no_time = |name| Err(ControllerSettingsError::NoTime { name });
        if self.jitter_permille > 1_000 {
            return Err(ControllerSettingsError::Jitter {
                permille: self.jitter_permille,
            });
        }
        if self.backoff > self.backoff_cap {
            return Err(ControllerSettingsError::Cap {
                backoff: self.backoff,
                cap: self.backoff_cap,
            });
        }
        if self.backoff == Micros::ZERO {
            return no_time("backoff_micros");
        }
        if self.report_timeout == Micros::ZERO {
            return no_time("report_timeout_micros");
        }
        if self.drain_timeout == Some(Micros::ZERO) {
            return no_time("drain_timeout_micros");
        }
        Ok(History::new(self.history)?)
    }

    /// `wait` doubled `times`, at most the cap.
    pub(super) fn doubled(&self, wait: Micros, times: u32) -> Micros {
        let factor = 1_u64.checked_shl(times).unwrap_or(u64::MAX);
        Micros(wait.0.saturating_mul(factor)).min(self.backoff_cap.max(wait))
    }
}

/// Why a controller cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControllerSettingsError {
    /// The history has no size.
    History(HistoryError),
    /// A time that must pass is zero.
    NoTime {
        /// Which.
        name: &'static str,
    },
    /// The first wait is longer than the longest.
    Cap {
        /// The first.
        backoff: Micros,
        /// The longest.
        cap: Micros,
    },
    /// More than all of a wait would be drawn by lot.
    Jitter {
        /// How much, per mille.
        permille: u32,
    },
    /// The saved state is not one that a controller has: what is wrong with it.
    State(&'static str),
}

impl From<HistoryError> for ControllerSettingsError {
    fn from(error: HistoryError) -> Self {
        Self::History(error)
    }
}

impl fmt::Display for ControllerSettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::History(error) => error.fmt(f),
            Self::NoTime { name } => write!(f, "{name} must not be 0"),
            Self::Cap { backoff, cap } => write!(
                f,
                "backoff_micros {} is longer than backoff_cap_micros {}",
                backoff.0, cap.0
            ),
            Self::Jitter { permille } => {
                write!(f, "jitter_permille {permille} is more than 1000")
            }
            Self::State(wrong) => write!(f, "the saved state cannot be: {wrong}"),
        }
    }
}

impl core::error::Error for ControllerSettingsError {}
