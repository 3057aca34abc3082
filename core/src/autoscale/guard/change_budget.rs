//! How many nodes may be added and removed within a sliding window.
//!
//! The naive budget counts per clock period, and lets twice its number through where two periods
//! meet. Or it divides by the fleet as it is now, so that a fleet on its way down shrinks by a
//! tenth of less and less, and one on its way up by a tenth of more and more. Here a window slides,
//! and a share is one of the fleet as it was before the first change in the window.
//!
//! The log of changes is bounded: when it is full, the two neighbours with the least time between
//! them become one, at the later time and with the smaller fleet, so forgetting never frees anything
//! early.

use alloc::vec::Vec;
use core::fmt;

use super::{Answer, GuardNumbers, GuardReason, GuardVerdict};
use crate::Micros;
use crate::autoscale::rules::Rules;
use crate::autoscale::{Action, Executed, Rule};

/// More windows than this are refused: each evaluation goes through the log for every one.
const MAX_WINDOWS: usize = 8;

/// So many changes are remembered one by one.
const MAX_CHANGES: usize = 256;

/// At most so much of something per window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct ChangeLimit {
    /// Not more nodes than this; `None` means any number.
    pub nodes: Option<u32>,
    /// Not more than this share, per mille, of the fleet before the first change in the window,
    /// rounded down, but at least one node: a budget under which nothing could ever be done is a
    /// freeze. `None` means any share.
    pub permille: Option<u32>,
}

impl ChangeLimit {
    const fn is_set(self) -> bool {
        self.nodes.is_some() || self.permille.is_some()
    }

    /// The number of nodes for a fleet of `base` at the start of the window, if there is a limit.
    fn of(self, base: u32) -> Option<u32> {
        let share = self.permille.map(|permille| {
            let nodes = u64::from(base) * u64::from(permille) / 1_000;
            u32::try_from(nodes).unwrap_or(u32::MAX).max(1)
        });
        match (self.nodes, share) {
            (Some(nodes), Some(share)) => Some(nodes.min(share)),
            (nodes, share) => nodes.or(share),
        }
    }
}

/// The limits within one window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ChangeWindow {
    /// Its length. A change is in it while it is younger than this.
    #[cfg_attr(feature = "serde", serde(rename = "window_micros"))]
    pub window: Micros,
    /// What may be added.
    #[cfg_attr(feature = "serde", serde(default))]
    pub added: ChangeLimit,
    /// What may be removed.
    #[cfg_attr(feature = "serde", serde(default))]
    pub removed: ChangeLimit,
}

impl ChangeWindow {
    const fn limit(&self, direction: Action) -> ChangeLimit {
        match direction {
            Action::Out => self.added,
            Action::In | Action::None => self.removed,
        }
    }
}

/// Limits within one or several windows. All of them hold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "Vec<ChangeWindow>", into = "Vec<ChangeWindow>")
)]
pub struct ChangeBudget {
    /// One to [`MAX_WINDOWS`], none of them empty or without a limit.
    windows: Vec<ChangeWindow>,
}

impl ChangeBudget {
    /// A budget of these windows.
    pub fn new(windows: Vec<ChangeWindow>) -> Result<Self, ChangeBudgetError> {
        if windows.is_empty() || windows.len() > MAX_WINDOWS {
            return Err(ChangeBudgetError::Windows {
                given: windows.len(),
            });
        }
        for (index, each) in windows.iter().enumerate() {
            if each.window == Micros::ZERO {
                return Err(ChangeBudgetError::EmptyWindow { index });
            }
            if !each.added.is_set() && !each.removed.is_set() {
                return Err(ChangeBudgetError::NoLimit { index });
            }
        }
        Ok(Self { windows })
    }

    /// The windows.
    pub fn windows(&self) -> &[ChangeWindow] {
        &self.windows
    }

    /// Lets as much of the change through as every window allows.
    pub(super) fn judge(&self, log: &ChangeLog, answer: Answer, now: Micros) -> GuardVerdict {
        let Answer {
            current, target, ..
        } = answer;
        let direction = Action::between(current, target);
        let wish = Wish {
            direction,
            current,
            rules: answer.rules,
        };
        let tightest = self
            .windows
            .iter()
            .filter_map(|window| log.allowance(window, wish, now))
            .min_by_key(Allowance::left);
        let left = tightest.map_or(u32::MAX, |allowance| allowance.left());
        let after = match direction {
            Action::Out => target.min(current.saturating_add(left)),
            Action::In => target.max(current.saturating_sub(left)),
            Action::None => target,
        };
        let reason = match direction {
            _ if after == target => GuardReason::Passed,
            Action::Out => GuardReason::AdditionBudget,
            Action::In | Action::None => GuardReason::RemovalBudget,
        };
        GuardVerdict {
            reason,
            before: target,
            after,
            frees_at: (after != target)
                .then(|| self.frees_at(log, wish, now, left))
                .flatten(),
            numbers: GuardNumbers::ChangeBudget {
                window: tightest.map(|allowance| allowance.window),
                used: tightest.map_or(0, |allowance| allowance.used),
                limit: tightest.map_or(u32::MAX, |allowance| allowance.limit),
            },
        }
    }

    /// When every window allows more than `left`, if no more is changed until then. A window that
    /// has let go may hold again, as the fleet at its start becomes another one, so all are asked
    /// once more at the moment at which the last of them lets go.
    fn frees_at(&self, log: &ChangeLog, wish: Wish, now: Micros, left: u32) -> Option<Micros> {
        let mut moment = now;
        loop {
            let mut latest = moment;
            for window in &self.windows {
                let allowance = log.allowance(window, wish, moment);
                if allowance.is_some_and(|allowance| allowance.left() <= left) {
                    latest = latest.max(log.frees_at(window, wish, moment, left)?);
                }
            }
            if latest == moment {
                return Some(moment);
            }
            moment = latest;
        }
    }
}

impl TryFrom<Vec<ChangeWindow>> for ChangeBudget {
    type Error = ChangeBudgetError;
    fn try_from(windows: Vec<ChangeWindow>) -> Result<Self, ChangeBudgetError> {
        Self::new(windows)
    }
}

impl From<ChangeBudget> for Vec<ChangeWindow> {
    fn from(budget: ChangeBudget) -> Self {
        budget.windows
    }
}

/// What is asked of a window.
#[derive(Clone, Copy)]
struct Wish {
    direction: Action,
    /// The size of the fleet.
    current: u32,
    rules: Rules,
}

/// What one window allows in one direction.
#[derive(Clone, Copy)]
struct Allowance {
    window: Micros,
    used: u32,
    limit: u32,
}

impl Allowance {
    const fn left(&self) -> u32 {
        self.limit.saturating_sub(self.used)
    }
}

/// The latest changes of the size of the fleet, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub(super) struct ChangeLog {
    /// At most [`MAX_CHANGES`], never back in time.
    changes: Vec<Change>,
}

/// One change, or several that have become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
struct Change {
    /// When; of several the latest.
    at: Micros,
    /// The fleet before; of several the smallest.
    from: u32,
    /// Nodes added.
    added: u32,
    /// Nodes removed.
    removed: u32,
}

impl Change {
    const fn by(&self, direction: Action) -> u32 {
        match direction {
            Action::Out => self.added,
            Action::In => self.removed,
            Action::None => 0,
        }
    }

    fn join(self, later: Self) -> Self {
        Self {
            at: later.at,
            from: self.from.min(later.from),
            added: self.added.saturating_add(later.added),
            removed: self.removed.saturating_add(later.removed),
        }
    }
}

impl ChangeLog {
    /// Notes a change. Its time is not before that of the last one.
    pub(super) fn executed(&mut self, change: Executed) {
        self.changes.push(Change {
            at: change.at,
            from: change.from,
            added: change.to.saturating_sub(change.from),
            removed: change.from.saturating_sub(change.to),
        });
        while self.changes.len() > MAX_CHANGES {
            let nearest = (1..self.changes.len())
                .min_by_key(|&index| self.changes[index].at.since(self.changes[index - 1].at))
                .expect("there are more than MAX_CHANGES changes, so there is a second");
            let later = self.changes.remove(nearest);
            self.changes[nearest - 1] = self.changes[nearest - 1].join(later);
        }
    }

    /// The changes that lie in a window that ends at `now`.
    fn within(&self, window: Micros, now: Micros, rules: Rules) -> &[Change] {
        let first = if rules.keep(Rule::BudgetWindowSlides) {
            self.changes
                .partition_point(|change| now.since(change.at) >= window)
        } else {
            let start = now.0 - now.0 % window.0;
            self.changes.partition_point(|change| change.at.0 < start)
        };
        &self.changes[first..]
    }

    /// What `window` still allows; `None` if it has no limit in that direction.
    fn allowance(&self, window: &ChangeWindow, wish: Wish, now: Micros) -> Option<Allowance> {
        let within = self.within(window.window, now, wish.rules);
        let base = match within.first() {
            Some(change) if wish.rules.keep(Rule::BudgetShareIsOfTheStart) => change.from,
            _ => wish.current,
        };
        let limit = window.limit(wish.direction).of(base)?;
        let used = within.iter().fold(0_u32, |sum, change| {
            sum.saturating_add(change.by(wish.direction))
        });
        Some(Allowance {
            window: window.window,
            used,
            limit,
        })
    }

    /// When `window` allows more than `left`; `None` if it never will.
    fn frees_at(
        &self,
        window: &ChangeWindow,
        wish: Wish,
        now: Micros,
        left: u32,
    ) -> Option<Micros> {
        let within = self.within(window.window, now, wish.rules);
        let mut used = within.iter().fold(0_u64, |sum, change| {
            sum + u64::from(change.by(wish.direction))
        });
        for (index, change) in within.iter().enumerate() {
            used -= u64::from(change.by(wish.direction));
            let base = within.get(index + 1).map_or(wish.current, |next| next.from);
            let limit = window.limit(wish.direction).of(base)?;
            if u64::from(limit) > used + u64::from(left) {
                return Some(change.at + window.window);
            }
        }
        None
    }
}

/// Why windows make no budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeBudgetError {
    /// None, or too many.
    Windows {
        /// How many.
        given: usize,
    },
    /// A window of no length limits nothing.
    EmptyWindow {
        /// Its place.
        index: usize,
    },
    /// A window has no limit at all.
    NoLimit {
        /// Its place.
        index: usize,
    },
}

impl fmt::Display for ChangeBudgetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Windows { given } => write!(
                f,
                "change_budget has {given} windows; it needs 1 to {MAX_WINDOWS}"
            ),
            Self::EmptyWindow { index } => {
                write!(f, "change_budget[{index}].window_micros must not be 0")
            }
            Self::NoLimit { index } => write!(
                f,
                "change_budget[{index}] limits neither what is added nor what is removed"
            ),
        }
    }
}

impl core::error::Error for ChangeBudgetError {}
