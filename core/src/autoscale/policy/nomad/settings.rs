//! The settings of a [`Nomad`], and the check that they make sense.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use super::{Check, Cooldowns, OnError, StrategyError, TargetValue};
use crate::Micros;
use crate::autoscale::policy::signal::Signal;

/// The numbers of a [`Nomad`], unchecked.
///
/// In JSON every field may be left out, and times are microseconds. The limits of the counts are
/// the bounds in the guards.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct NomadSettings {
    /// What is looked at, and by which strategy. At least one, at most [`Nomad::MAX_CHECKS`].
    pub checks: Vec<NomadCheck>,
    /// How long nothing is done after every action but a way up.
    #[cfg_attr(feature = "serde", serde(rename = "cooldown_micros"))]
    pub cooldown: Micros,
    /// How long nothing is done after a way up.
    #[cfg_attr(feature = "serde", serde(rename = "cooldown_on_scale_up_micros"))]
    pub cooldown_on_scale_up: Micros,
    /// What to do if a check has no data and does not say itself what then.
    pub on_check_error: OnError,
}

impl Default for NomadSettings {
    /// CPU at 70 %, five minutes of cooldown, checks without data are ignored.
    fn default() -> Self {
        let Cooldowns {
            cooldown,
            cooldown_on_scale_up,
        } = Cooldowns::default();
        Self {
            checks: vec![NomadCheck::new(
                Signal::Cpu,
                Check::TargetValue(TargetValue::new(0.7)),
            )],
            cooldown,
            cooldown_on_scale_up,
            on_check_error: OnError::Ignore,
        }
    }
}

/// One check. Its samples are in the unit of the signal: a CPU of 70 % is 0.7.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct NomadCheck {
    /// Checks with the same name here vote together; empty to stand alone.
    #[cfg_attr(feature = "serde", serde(default))]
    pub group: String,
    /// What is looked at.
    pub signal: Signal,
    /// How far back samples are looked at.
    #[cfg_attr(
        feature = "serde",
        serde(default = "usual_window", rename = "query_window_micros")
    )]
    pub query_window: Micros,
    /// What is made of them.
    pub strategy: Check,
    /// What to do without samples; `None` to leave that to the policy.
    #[cfg_attr(feature = "serde", serde(default))]
    pub on_error: Option<OnError>,
}

impl NomadCheck {
    /// A check on its own, over the samples of a minute.
    pub const fn new(signal: Signal, strategy: Check) -> Self {
        Self {
            group: String::new(),
            signal,
            query_window: usual_window(),
            strategy,
            on_error: None,
        }
    }
}

const fn usual_window() -> Micros {
    Micros::from_secs(60)
}

/// The Nomad Autoscaler with settings that make sense.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "NomadSettings", into = "NomadSettings")
)]
pub struct Nomad {
    /// At least one check, and every strategy is valid.
    settings: NomadSettings,
}

impl Nomad {
    /// How often Nomad's agent evaluates a policy.
    pub const USUAL_INTERVAL: Micros = Micros::from_secs(10);

    /// The most checks of a policy.
    pub const MAX_CHECKS: usize = 64;

    /// A policy with these settings.
    pub fn new(settings: NomadSettings) -> Result<Self, NomadError> {
        let count = settings.checks.len();
        if count == 0 || count > Self::MAX_CHECKS {
            return Err(NomadError::Checks(count));
        }
        for (check, NomadCheck { strategy, .. }) in settings.checks.iter().enumerate() {
            strategy
                .validate()
                .map_err(|error| NomadError::Strategy { check, error })?;
        }
        Ok(Self { settings })
    }

    /// The settings.
    pub const fn settings(&self) -> &NomadSettings {
        &self.settings
    }

    /// True if every check learns of the load from nodes alone.
    pub fn needs_a_node(&self) -> bool {
        self.settings.checks.iter().all(|check| {
            check.signal.needs_a_node() && !matches!(check.strategy, Check::FixedValue(_))
        })
    }

    /// Both cooldowns.
    pub const fn cooldowns(&self) -> Cooldowns {
        Cooldowns {
            cooldown: self.settings.cooldown,
            cooldown_on_scale_up: self.settings.cooldown_on_scale_up,
        }
    }
}

impl Default for Nomad {
    fn default() -> Self {
        Self::new(NomadSettings::default()).expect("the default check is a valid one")
    }
}

impl TryFrom<NomadSettings> for Nomad {
    type Error = NomadError;
    fn try_from(settings: NomadSettings) -> Result<Self, NomadError> {
        Self::new(settings)
    }
}

impl From<Nomad> for NomadSettings {
    fn from(nomad: Nomad) -> Self {
        nomad.settings
    }
}

/// Why settings of a [`Nomad`] make no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NomadError {
    /// There is no check, or more than [`Nomad::MAX_CHECKS`].
    Checks(usize),
    /// A strategy is refused.
    Strategy {
        /// The number of its check, from zero.
        check: usize,
        /// Why.
        error: StrategyError,
    },
}

impl fmt::Display for NomadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Checks(count) => write!(
                f,
                "{count} checks; there must be from 1 to {}",
                Nomad::MAX_CHECKS
            ),
            Self::Strategy { check, error } => write!(f, "checks[{check}].strategy: {error}"),
        }
    }
}

impl core::error::Error for NomadError {}
