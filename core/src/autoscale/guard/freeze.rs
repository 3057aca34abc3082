//! When the fleet is not touched.
//!
//! A freeze that somebody types in when the sale begins is typed in too late, or never taken back.
//! Windows are data: once, from a moment to a moment, or every day or week, in UTC, and each says
//! whether it forbids removals, additions or both.

use core::fmt;

use super::calendar::Calendar;
use super::{Answer, GuardNumbers, GuardReason, GuardVerdict};
use crate::Micros;
use crate::autoscale::{Action, Rule};

const DAY: u64 = 24 * 3_600_000_000;
const WEEK: u64 = 7 * DAY;

/// 1970 began on a Thursday: three days after a Monday.
const MONDAY_TO_EPOCH: u64 = 3 * DAY;

/// When a freeze window is open. All times are UTC, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
pub enum FreezeSchedule {
    /// From a moment up to, but not including, another; since 1970.
    Once {
        /// The first moment.
        #[cfg_attr(feature = "serde", serde(rename = "from_micros"))]
        from: Micros,
        /// The first moment after it.
        #[cfg_attr(feature = "serde", serde(rename = "to_micros"))]
        to: Micros,
    },
    /// Every day; since midnight. If `to` is before `from`, over midnight.
    Daily {
        /// The first moment.
        #[cfg_attr(feature = "serde", serde(rename = "from_micros"))]
        from: Micros,
        /// The first moment after it.
        #[cfg_attr(feature = "serde", serde(rename = "to_micros"))]
        to: Micros,
    },
    /// Every week; since Monday, midnight. If `to` is before `from`, over Sunday night.
    Weekly {
        /// The first moment.
        #[cfg_attr(feature = "serde", serde(rename = "from_micros"))]
        from: Micros,
        /// The first moment after it.
        #[cfg_attr(feature = "serde", serde(rename = "to_micros"))]
        to: Micros,
    },
}

impl FreezeSchedule {
    /// If it is open at `utc`: when it closes.
    fn open_until(self, utc: Micros) -> Option<Micros> {
        match self {
            Self::Once { from, to } => (from <= utc && utc < to).then_some(to),
            Self::Daily { from, to } => Self::recurring(utc, utc.0 % DAY, from.0, to.0, DAY),
            Self::Weekly { from, to } => {
                let since_monday = utc.0.saturating_add(MONDAY_TO_EPOCH) % WEEK;
                Self::recurring(utc, since_monday, from.0, to.0, WEEK)
            }
        }
    }

    /// The same for what comes again after `length`, of which `phase` has passed.
    fn recurring(utc: Micros, phase: u64, from: u64, to: u64, length: u64) -> Option<Micros> {
        let open = if from < to {
            from <= phase && phase < to
        } else {
            from <= phase || phase < to
        };
        let rest = if phase < to {
            to - phase
        } else {
            length - phase + to
        };
        open.then_some(utc + Micros(rest))
    }
}

/// What a freeze window forbids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum FreezeDirection {
    /// Any change of the size.
    #[default]
    All,
    /// Fewer nodes.
    Removals,
    /// More nodes.
    Additions,
}

impl FreezeDirection {
    const fn forbids(self, action: Action) -> bool {
        match self {
            Self::All => !matches!(action, Action::None),
            Self::Removals => matches!(action, Action::In),
            Self::Additions => matches!(action, Action::Out),
        }
    }
}

impl fmt::Display for FreezeDirection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::All => "any change",
            Self::Removals => "removals",
            Self::Additions => "additions",
        })
    }
}

/// A time in which the fleet does not change, or only in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "UncheckedWindow", into = "UncheckedWindow")
)]
pub struct FreezeWindow {
    /// Open at some time, and closed at some time; phases lie within their day or week.
    schedule: FreezeSchedule,
    direction: FreezeDirection,
}

impl FreezeWindow {
    /// A window that is open by `schedule` and then forbids `direction`.
    pub fn new(schedule: FreezeSchedule, direction: FreezeDirection) -> Result<Self, FreezeError> {
        let (from, to, length) = match schedule {
            FreezeSchedule::Once { from, to } if from >= to => {
                return Err(FreezeError::Empty { from, to });
            }
            FreezeSchedule::Once { .. } => {
                return Ok(Self {
                    schedule,
                    direction,
                });
            }
            FreezeSchedule::Daily { from, to } => (from, to, Micros(DAY)),
            FreezeSchedule::Weekly { from, to } => (from, to, Micros(WEEK)),
        };
        if from == to {
            return Err(FreezeError::Empty { from, to });
        }
        if from >= length || to > length {
            return Err(FreezeError::Beyond { from, to, length });
        }
        Ok(Self {
            schedule,
            direction,
        })
    }

    /// When it is open.
    pub const fn schedule(&self) -> FreezeSchedule {
        self.schedule
    }

    /// What it forbids then.
    pub const fn direction(&self) -> FreezeDirection {
        self.direction
    }
}

/// Keeps the size if an open window forbids to change it.
pub(super) fn judge(windows: &[FreezeWindow], answer: Answer, calendar: Calendar) -> GuardVerdict {
    let Answer {
        current, target, ..
    } = answer;
    let action = Action::between(current, target);
    let utc = calendar.utc_now();
    let both = answer.rules.keep(Rule::FreezeHoldsBothDirections);
    let forbidding =
        |each: &FreezeWindow| each.direction.forbids(action) && (both || action == Action::In);
    let frozen = longest_open(windows, utc, forbidding);
    let shown = frozen.or_else(|| longest_open(windows, utc, |_| true));
    GuardVerdict {
        reason: frozen.map_or(GuardReason::Passed, |_| GuardReason::FreezeWindow),
        before: target,
        after: frozen.map_or(target, |_| current),
        frees_at: frozen
            .and_then(|_| end_of_freeze(windows, utc, forbidding))
            .map(|end| calendar.host(end)),
        numbers: GuardNumbers::Freeze {
            window: shown.map(|(index, _)| u32::try_from(index).unwrap_or(u32::MAX)),
            direction: shown.map(|(index, _)| windows[index].direction),
        },
    }
}

/// The window, of those that `matter`, that is open at `utc` and closes last; and when.
fn longest_open(
    windows: &[FreezeWindow],
    utc: Micros,
    matter: impl Fn(&FreezeWindow) -> bool,
) -> Option<(usize, Micros)> {
    windows
        .iter()
        .enumerate()
        .filter(|(_, each)| matter(each))
        .filter_map(|(index, each)| Some((index, each.schedule.open_until(utc)?)))
        .max_by_key(|(index, until)| (*until, core::cmp::Reverse(*index)))
}

/// The first moment at which none of those that `matter` is open; `None` if one follows the other
/// without end.
fn end_of_freeze(
    windows: &[FreezeWindow],
    utc: Micros,
    matter: impl Fn(&FreezeWindow) -> bool + Copy,
) -> Option<Micros> {
    // Within a week and a day every schedule comes round; a chain that is longer has no end, or
    // not one that anybody waits for.
    let enough = windows.len() * 8 + 1;
    let mut moment = utc;
    for _ in 0..enough {
        match longest_open(windows, moment, matter) {
            Some((_, until)) if until > moment => moment = until,
            Some(_) => return None,
            None => return Some(moment),
        }
    }
    None
}

/// A window as it comes in, before the check.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedWindow {
    schedule: FreezeSchedule,
    #[serde(default)]
    direction: FreezeDirection,
}

#[cfg(feature = "serde")]
impl TryFrom<UncheckedWindow> for FreezeWindow {
    type Error = FreezeError;
    fn try_from(unchecked: UncheckedWindow) -> Result<Self, FreezeError> {
        Self::new(unchecked.schedule, unchecked.direction)
    }
}

#[cfg(feature = "serde")]
impl From<FreezeWindow> for UncheckedWindow {
    fn from(window: FreezeWindow) -> Self {
        Self {
            schedule: window.schedule,
            direction: window.direction,
        }
    }
}

/// Why a freeze window is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FreezeError {
    /// It would never be open, or nobody knows whether never or always.
    Empty {
        /// Its first moment.
        from: Micros,
        /// Its end.
        to: Micros,
    },
    /// It lies outside the day or the week in which it comes again.
    Beyond {
        /// Its first moment.
        from: Micros,
        /// Its end.
        to: Micros,
        /// The length of the day or the week.
        length: Micros,
    },
}

impl fmt::Display for FreezeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty { from, to } => {
                write!(f, "a freeze window from {} to {} is empty", from.0, to.0)
            }
            Self::Beyond { from, to, length } => write!(
                f,
                "a freeze window from {} to {} does not lie within its period of {} microseconds",
                from.0, to.0, length.0
            ),
        }
    }
}

impl core::error::Error for FreezeError {}
