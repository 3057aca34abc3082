//! What every guard said about one proposal, in numbers, and in words on demand.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::{Bounds, CostPeriod, Doubt, FreezeDirection};
use crate::autoscale::explanation::{Nodes, Span};
use crate::autoscale::{Step, StepName};
use crate::{Micros, NodeId};

/// One verdict per guard that is set, in the order in which they were asked.
///
/// In JSON it is one list: `{"verdicts": [...]}`. Here the bounds, which are always set, stand apart,
/// so that a fleet with no other guard costs no allocation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "VerdictList", into = "VerdictList")
)]
pub struct GuardRecord {
    /// Of those that judge the strategy: distrust, flap budget.
    pub(super) doubts: Vec<GuardVerdict>,
    /// Of the bounds.
    pub(super) bounded: GuardVerdict,
    /// Of the rest: cost ceiling, ready share, freeze windows, change budget.
    pub(super) limits: Vec<GuardVerdict>,
}

impl GuardRecord {
    /// All verdicts, in order. There is at least one.
    pub fn verdicts(&self) -> impl Iterator<Item = &GuardVerdict> {
        self.doubts
            .iter()
            .chain(core::iter::once(&self.bounded))
            .chain(&self.limits)
    }

    /// What the strategy proposed.
    pub fn proposed(&self) -> u32 {
        self.doubts.first().unwrap_or(&self.bounded).before
    }

    /// What is left of it.
    pub fn target(&self) -> u32 {
        self.limits.last().unwrap_or(&self.bounded).after
    }

    /// The verdict that made the answer another one than the strategy's: the last that changed it.
    /// `None` if the strategy has its way.
    pub fn binding(&self) -> Option<&GuardVerdict> {
        if self.target() == self.proposed() {
            return None;
        }
        self.verdicts().filter(|each| each.binds()).last()
    }

    /// The guards in words, one step each.
    pub fn steps(&self) -> Vec<Step> {
        let binding = self.binding();
        self.verdicts()
            .map(|verdict| Step {
                name: verdict.step_name(),
                detail: verdict.to_string(),
                value: verdict.after.to_string(),
                binding: binding.is_some_and(|binding| core::ptr::eq(binding, verdict)),
            })
            .collect()
    }
}

/// What one guard said.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GuardVerdict {
    /// What it objects to; [`GuardReason::Passed`] if to nothing. It may object without changing
    /// the number, if another guard was there before.
    pub reason: GuardReason,
    /// The target that came to it.
    pub before: u32,
    /// The target that left it.
    pub after: u32,
    /// When it objects less if nothing but time passes; `None` if time changes nothing.
    pub frees_at: Option<Micros>,
    /// What it looked at.
    pub numbers: GuardNumbers,
}

impl GuardVerdict {
    /// True if it changed the target.
    pub const fn binds(&self) -> bool {
        self.before != self.after
    }

    const fn step_name(&self) -> StepName {
        match self.numbers {
            GuardNumbers::Bounds(_) => StepName::Bounded,
            _ => StepName::Guarded,
        }
    }
}

/// What a guard objects to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum GuardReason {
    /// To nothing.
    Passed,
    /// Too few ready nodes with fresh values.
    StaleMetrics,
    /// The readings have not changed for too long.
    FrozenMetrics,
    /// Two sources of one quantity differ.
    DisagreeingMetrics,
    /// Too many reversals of direction.
    FlapBudget,
    /// The fleet may not be smaller.
    MinNodes,
    /// The fleet may not be larger.
    MaxNodes,
    /// It would cost too much in this hour or the next.
    CostPerHour,
    /// It would cost too much on this day or the next.
    CostPerDay,
    /// Too little of the fleet would be ready.
    ReadyShare,
    /// A freeze window is open.
    FreezeWindow,
    /// Enough nodes were added.
    AdditionBudget,
    /// Enough nodes were removed.
    RemovalBudget,
}

/// What a guard looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "guard", rename_all = "snake_case"))]
pub enum GuardNumbers {
    /// The bounds.
    Bounds(Bounds),
    /// Whether the metrics can be believed: the first doubt, if there is one.
    Distrust {
        /// What is wrong with them.
        doubt: Option<Doubt>,
    },
    /// The reversals of direction.
    Flaps {
        /// So many within the window.
        flaps: u32,
        /// So many are allowed.
        max_flaps: u32,
        /// The estimated period of the oscillation: twice the mean time between reversals, if
        /// there were two of them within the window.
        period: Option<Micros>,
    },
    /// The tightest ceiling.
    Cost {
        /// Of this hour or of this day.
        period: CostPeriod,
        /// Spent in it so far, in thousandths of money, rounded up.
        spent: u64,
        /// What may be spent in it, in thousandths of money.
        ceiling: u64,
        /// The largest fleet that stays under every ceiling.
        affordable: u32,
    },
    /// The nodes that are ready.
    ReadyShare {
        /// So many are.
        ready: u32,
        /// Of so many.
        size: u32,
        /// The share that is kept, per mille.
        permille: u32,
        /// So many nodes may be removed now.
        removable: u32,
        /// The first nodes that are not ready: at most eight.
        not_ready: Vec<NodeId>,
    },
    /// The freeze window that is open longest.
    Freeze {
        /// Its place in the settings; `None` if none is open.
        window: Option<u32>,
        /// What it forbids.
        direction: Option<FreezeDirection>,
    },
    /// The window of the change budget in which least may still be done.
    ChangeBudget {
        /// Its length; `None` if there is no limit in the direction of the proposal.
        #[cfg_attr(feature = "serde", serde(rename = "window_micros"))]
        window: Option<Micros>,
        /// Nodes added, or removed, within it.
        used: u32,
        /// Nodes that may be, within it.
        limit: u32,
    },
}

impl fmt::Display for GuardReason {
    /// For `bound by …`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passed => "no guard",
            Self::StaleMetrics => "distrust of stale metrics",
            Self::FrozenMetrics => "distrust of frozen metrics",
            Self::DisagreeingMetrics => "distrust of disagreeing metrics",
            Self::FlapBudget => "the flap budget",
            Self::MinNodes => "min_nodes",
            Self::MaxNodes => "max_nodes",
            Self::CostPerHour => "the cost ceiling per hour",
            Self::CostPerDay => "the cost ceiling per day",
            Self::ReadyShare => "the minimum ready share",
            Self::FreezeWindow => "a freeze window",
            Self::AdditionBudget => "the budget of additions",
            Self::RemovalBudget => "the budget of removals",
        })
    }
}

impl fmt::Display for GuardVerdict {
    /// `5 of 5 nodes changed within 600 s: 3 -> 8 nodes, until 1200.000`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.numbers.fmt(f)?;
        if let GuardNumbers::Bounds(_) = self.numbers {
            return match self.reason {
                GuardReason::MaxNodes => write!(f, ": held down to {}", self.after),
                GuardReason::MinNodes => write!(f, ": held up to {}", self.after),
                _ => f.write_str(": inside"),
            };
        }
        if self.binds() {
            let nodes = Nodes(u64::from(self.after));
            write!(f, ": {} -> {nodes}", self.before)?;
        }
        self.frees_at.map_or(Ok(()), |at| write!(f, ", until {at}"))
    }
}

impl fmt::Display for GuardNumbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bounds(bounds) => bounds.fmt(f),
            Self::Distrust { doubt: None } => f.write_str("the metrics can be believed"),
            Self::Distrust { doubt: Some(doubt) } => doubt.fmt(f),
            Self::Flaps {
                flaps,
                max_flaps,
                period,
            } => {
                write!(f, "{flaps} of {max_flaps} reversals used")?;
                period.map_or(Ok(()), |period| {
                    write!(f, ", swinging about every {}", Span(period))
                })
            }
            Self::Cost {
                period,
                spent,
                ceiling,
                affordable,
            } => write!(
                f,
                "{} of {} spent {period}, {affordable} nodes are affordable",
                Money(*spent),
                Money(*ceiling)
            ),
            Self::ReadyShare {
                ready,
                size,
                permille,
                removable,
                not_ready,
            } => {
                write!(
                    f,
                    "{ready} of {size} nodes are ready, at least {permille} per mille must be: \
                     {removable} may go"
                )?;
                if not_ready.is_empty() {
                    return Ok(());
                }
                let names: Vec<String> = not_ready.iter().map(ToString::to_string).collect();
                write!(f, "; not ready: {}", names.join(", "))
            }
            Self::Freeze {
                window: Some(window),
                direction: Some(direction),
            } => write!(f, "freeze window {window} forbids {direction}"),
            Self::Freeze { .. } => f.write_str("no freeze window is open"),
            Self::ChangeBudget { window: None, .. } => f.write_str("no limit in this direction"),
            Self::ChangeBudget {
                window: Some(window),
                used,
                limit,
            } => write!(
                f,
                "{used} of {limit} nodes changed within {}",
                Span(*window)
            ),
        }
    }
}

/// A record as a list.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct VerdictList {
    verdicts: Vec<GuardVerdict>,
}

#[cfg(feature = "serde")]
impl TryFrom<VerdictList> for GuardRecord {
    type Error = &'static str;
    fn try_from(list: VerdictList) -> Result<Self, &'static str> {
        let mut verdicts = list.verdicts;
        let bounds = verdicts
            .iter()
            .position(|verdict| matches!(verdict.numbers, GuardNumbers::Bounds(_)))
            .ok_or("the verdict of the bounds is missing")?;
        let limits = verdicts.split_off(bounds + 1);
        let bounded = verdicts.remove(bounds);
        Ok(Self {
            doubts: verdicts,
            bounded,
            limits,
        })
    }
}

#[cfg(feature = "serde")]
impl From<GuardRecord> for VerdictList {
    fn from(record: GuardRecord) -> Self {
        let mut verdicts = record.doubts;
        verdicts.push(record.bounded);
        verdicts.extend(record.limits);
        Self { verdicts }
    }
}

/// Thousandths of money with two decimals: `12.34`.
struct Money(u64);

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format!("{}.{:02}", self.0 / 1_000, self.0 % 1_000 / 10))
    }
}
