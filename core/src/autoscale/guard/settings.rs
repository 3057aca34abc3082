//! The guards of a policy: each part checked on its own, the whole once more at the door.

use alloc::vec::Vec;
use core::fmt;

use super::{
    Bounds, ChangeBudget, CostCeiling, CostError, Distrust, FlapBudget, FreezeWindow, GuardReason,
    ReadyShare,
};
use crate::Micros;
#[cfg(feature = "mutants")]
use crate::autoscale::Rule;
use crate::autoscale::rules::Rules;

/// More freeze windows than this are refused: each evaluation looks at all of them.
const MAX_FREEZE_WINDOWS: usize = 64;

/// What guards a fleet, each part checked, the whole unchecked.
///
/// In JSON every field may be left out: then there are only the default bounds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct GuardSettings {
    /// The smallest and the largest fleet.
    pub bounds: Bounds,
    /// How many nodes may be added and removed per window.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub change_budget: Option<ChangeBudget>,
    /// What the fleet may cost.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub cost: Option<CostCeiling>,
    /// When the size may not be changed.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub freeze: Vec<FreezeWindow>,
    /// How much of the fleet must be ready for a removal.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub ready_share: Option<ReadyShare>,
    /// When metrics are not believed.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub distrust: Option<Distrust>,
    /// How often the direction may change.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub flaps: Option<FlapBudget>,
    /// UTC, in microseconds since 1970, when the host's clock was zero. Zero if its clock is UTC.
    #[cfg_attr(feature = "serde", serde(rename = "utc_at_zero_micros"))]
    pub utc_at_zero: Micros,
}

/// The guards of a fleet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "GuardSettings", into = "GuardSettings")
)]
pub struct Guards {
    /// The smallest fleet costs no more than the ceiling; the freeze windows are not too many.
    settings: GuardSettings,
    /// The rules that are kept, by the guards and by the policy that they belong to.
    rules: Rules,
}

impl Guards {
    /// Guards with these settings.
    pub fn new(settings: GuardSettings) -> Result<Self, GuardsError> {
        if settings.freeze.len() > MAX_FREEZE_WINDOWS {
            return Err(GuardsError::FreezeWindows {
                given: settings.freeze.len(),
            });
        }
        if let Some(cost) = &settings.cost {
            cost.check(settings.bounds)?;
        }
        Ok(Self {
            settings,
            rules: Rules::default(),
        })
    }

    /// Bounds and nothing else.
    pub fn within(bounds: Bounds) -> Self {
        Self {
            settings: GuardSettings {
                bounds,
                ..GuardSettings::default()
            },
            rules: Rules::default(),
        }
    }

    /// The same guards with other bounds.
    pub fn with_bounds(&self, bounds: Bounds) -> Result<Self, GuardsError> {
        let settings = GuardSettings {
            bounds,
            ..self.settings.clone()
        };
        Ok(Self {
            rules: self.rules,
            ..Self::new(settings)?
        })
    }

    /// The same guards without the one that gives `reason`; bounds stay. For questions of the kind
    /// "what if".
    #[must_use]
    pub fn without(&self, reason: GuardReason) -> Self {
        let mut settings = self.settings.clone();
        match reason {
            GuardReason::Passed | GuardReason::MinNodes | GuardReason::MaxNodes => {}
            GuardReason::StaleMetrics
            | GuardReason::FrozenMetrics
            | GuardReason::DisagreeingMetrics => settings.distrust = None,
            GuardReason::FlapBudget => settings.flaps = None,
            GuardReason::CostPerHour | GuardReason::CostPerDay => settings.cost = None,
            GuardReason::ReadyShare => settings.ready_share = None,
            GuardReason::FreezeWindow => settings.freeze = Vec::new(),
            GuardReason::AdditionBudget | GuardReason::RemovalBudget => {
                settings.change_budget = None;
            }
        }
        Self {
            settings,
            rules: self.rules,
        }
    }

    /// The settings.
    pub const fn settings(&self) -> &GuardSettings {
        &self.settings
    }

    /// The smallest and the largest fleet.
    pub const fn bounds(&self) -> Bounds {
        self.settings.bounds
    }

    /// The same guards, which break `rule`.
    #[cfg(feature = "mutants")]
    #[must_use]
    pub const fn breaking(mut self, rule: Rule) -> Self {
        self.rules = Rules::without(rule);
        self
    }

    /// The rules that are kept.
    pub(in crate::autoscale) const fn rules(&self) -> Rules {
        self.rules
    }
}

impl TryFrom<GuardSettings> for Guards {
    type Error = GuardsError;
    fn try_from(settings: GuardSettings) -> Result<Self, GuardsError> {
        Self::new(settings)
    }
}

impl From<Guards> for GuardSettings {
    fn from(guards: Guards) -> Self {
        guards.settings
    }
}

/// Why guards make no sense together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuardsError {
    /// The smallest fleet already costs more than the ceiling.
    Cost(CostError),
    /// There are more freeze windows than anyone could oversee.
    FreezeWindows {
        /// How many.
        given: usize,
    },
}

impl From<CostError> for GuardsError {
    fn from(error: CostError) -> Self {
        Self::Cost(error)
    }
}

impl fmt::Display for GuardsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cost(error) => error.fmt(f),
            Self::FreezeWindows { given } => write!(
                f,
                "{given} freeze windows are more than the {MAX_FREEZE_WINDOWS} that are allowed"
            ),
        }
    }
}

impl core::error::Error for GuardsError {}
