//! How often the direction may change.
//!
//! A flap is an action against the direction of the last one within a short time: nodes that were
//! started in vain, or stopped too early. Cooldowns make flaps slower and every burst worse. A budget
//! lets a fleet change its mind a few times per window, and after that only grow: too many nodes are
//! dear, too few are an outage.
//!
//! Since a scale-out is always allowed, the removal before it must pay for both: one is let through
//! only if a flap is left for the scale-out that may follow. So no window has more flaps than the
//! budget, whatever the load does.

use alloc::vec::Vec;
use core::fmt;

use super::{Answer, GuardNumbers, GuardReason, GuardVerdict};
use crate::Micros;
use crate::autoscale::{Action, Executed, Rule};

/// More flaps than this are no budget.
const MAX_FLAPS: u32 = 64;

/// How many reversals are allowed, unchecked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct FlapSettings {
    /// So many flaps per window: 1 to 64.
    pub max_flaps: u32,
    /// The length of the window that slides.
    #[cfg_attr(feature = "serde", serde(rename = "window_micros"))]
    pub window: Micros,
    /// An action against the direction of the last is a flap if that one is younger than this.
    #[cfg_attr(feature = "serde", serde(rename = "flap_within_micros"))]
    pub flap_within: Micros,
}

impl Default for FlapSettings {
    /// Two flaps per hour; an action within 15 minutes of the opposite one is one.
    fn default() -> Self {
        Self {
            max_flaps: 2,
            window: Micros::from_secs(3_600),
            flap_within: Micros::from_secs(900),
        }
    }
}

/// How many reversals are allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "FlapSettings", into = "FlapSettings")
)]
pub struct FlapBudget {
    /// One to [`MAX_FLAPS`] flaps, and times that are not zero.
    settings: FlapSettings,
}

impl FlapBudget {
    /// A budget with these settings.
    pub const fn new(settings: FlapSettings) -> Result<Self, FlapError> {
        if settings.max_flaps == 0 || settings.max_flaps > MAX_FLAPS {
            return Err(FlapError::Flaps {
                given: settings.max_flaps,
            });
        }
        if settings.window.0 == 0 || settings.flap_within.0 == 0 {
            return Err(FlapError::NoTime);
        }
        Ok(Self { settings })
    }

    /// The settings.
    pub const fn settings(&self) -> &FlapSettings {
        &self.settings
    }

    /// Lets no node go if the scale-out that may follow would be a flap too many.
    pub(super) fn judge(&self, log: &FlapLog, answer: Answer, now: Micros) -> GuardVerdict {
        let removal = answer.target < answer.current;
        let reserve = u32::from(answer.rules.keep(Rule::RemovalPaysForTwoFlaps));
        let held = removal && !self.affords_removal(log, now, reserve);
        GuardVerdict {
            reason: if held {
                GuardReason::FlapBudget
            } else {
                GuardReason::Passed
            },
            before: answer.target,
            after: if held { answer.current } else { answer.target },
            frees_at: held.then(|| self.frees_at(log, now, reserve)).flatten(),
            numbers: GuardNumbers::Flaps {
                flaps: self.flaps(log, now),
                max_flaps: self.settings.max_flaps,
                period: self.period(log, now),
            },
        }
    }

    /// The flaps within the window that ends at `now`.
    fn flaps(&self, log: &FlapLog, now: Micros) -> u32 {
        u32::try_from(self.within(log, now).len()).unwrap_or(u32::MAX)
    }

    fn within<'a>(&self, log: &'a FlapLog, now: Micros) -> &'a [Micros] {
        let first = log
            .flaps
            .partition_point(|at| now.since(*at) >= self.settings.window);
        &log.flaps[first..]
    }

    /// Whether a removal, and so many flaps after it, stay within the budget.
    fn affords_removal(&self, log: &FlapLog, now: Micros, reserve: u32) -> bool {
        let itself = u32::from(self.is_flap(log, Action::In, now));
        self.flaps(log, now) + itself + reserve <= self.settings.max_flaps
    }

    /// Whether an action in `direction` reverses the last one too soon.
    fn is_flap(&self, log: &FlapLog, direction: Action, now: Micros) -> bool {
        log.last.is_some_and(|last| {
            last.direction != direction && now.since(last.at) < self.settings.flap_within
        })
    }

    /// When a removal is affordable again if nothing is done until then.
    fn frees_at(&self, log: &FlapLog, now: Micros, reserve: u32) -> Option<Micros> {
        let forgotten = log.flaps.iter().map(|at| *at + self.settings.window);
        let no_flap = log.last.map(|last| last.at + self.settings.flap_within);
        forgotten
            .chain(no_flap)
            .filter(|&moment| moment > now && self.affords_removal(log, moment, reserve))
            .min()
    }

    /// Twice the mean time between the flaps within the window: there and back.
    fn period(&self, log: &FlapLog, now: Micros) -> Option<Micros> {
        let within = self.within(log, now);
        let (first, last) = (within.first()?, within.last()?);
        let gaps = u64::try_from(within.len() - 1).ok()?;
        let mean = last.since(*first).0.checked_div(gaps)?;
        Some(Micros(mean.saturating_mul(2)))
    }
}

impl TryFrom<FlapSettings> for FlapBudget {
    type Error = FlapError;
    fn try_from(settings: FlapSettings) -> Result<Self, FlapError> {
        Self::new(settings)
    }
}

impl From<FlapBudget> for FlapSettings {
    fn from(budget: FlapBudget) -> Self {
        budget.settings
    }
}

/// The last change of the size, and the latest flaps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub(super) struct FlapLog {
    /// The last change.
    last: Option<LastAction>,
    /// Oldest first, at most [`MAX_FLAPS`].
    #[cfg_attr(feature = "serde", serde(rename = "flaps_micros"))]
    flaps: Vec<Micros>,
}

/// A change of the size, without its amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
struct LastAction {
    direction: Action,
    at: Micros,
}

impl FlapLog {
    /// Notes a change. Its time is not before that of the last one.
    pub(super) fn executed(&mut self, budget: &FlapBudget, change: Executed) {
        let direction = Action::between(change.from, change.to);
        if budget.is_flap(self, direction, change.at) {
            self.flaps.push(change.at);
        }
        // More than the largest budget are never counted.
        let enough = usize::try_from(MAX_FLAPS).unwrap_or(usize::MAX);
        let surplus = self.flaps.len().saturating_sub(enough);
        self.flaps.drain(..surplus);
        self.last = Some(LastAction {
            direction,
            at: change.at,
        });
    }
}

/// Why a flap budget makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlapError {
    /// None at all would forbid every removal; too many are no budget.
    Flaps {
        /// What was asked for.
        given: u32,
    },
    /// A window without length has no flaps.
    NoTime,
}

impl fmt::Display for FlapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flaps { given } => {
                write!(
                    f,
                    "flaps.max_flaps {given} must lie between 1 and {MAX_FLAPS}"
                )
            }
            Self::NoTime => {
                f.write_str("flaps.window_micros and flaps.flap_within_micros must not be 0")
            }
        }
    }
}

impl core::error::Error for FlapError {}
