//! What the fleet may cost, per hour and per day.
//!
//! The naive ceiling is a larger `max_nodes`: it forbids a short peak that the quiet hours before
//! have paid for, and it does not see what nodes cost that were there already. Here spending is the
//! integral of the size of the fleet over time, kept for the hour and the day at hand (UTC, as
//! clouds bill), and the answer is the largest fleet that could stay until the end of both.
//!
//! Two more things would break the promise. A large fleet at the end of an hour is still there when
//! the next begins, so it must also be affordable there, for as long as a removal takes. And nodes
//! cost until they are gone: those that drain, and those that are only now told to. With both
//! counted, no hour and no day costs more than its ceiling, as long as removals are carried out
//! within [`CostSettings::removal_takes`] and nobody but the autoscaler adds nodes. What was spent
//! before the first observation is not known and not counted. All of it is integer arithmetic in
//! node-microseconds.

use core::fmt;

use super::calendar::Calendar;
use super::{Answer, Bounds, GuardNumbers, GuardReason, GuardVerdict};
use crate::Micros;
use crate::autoscale::rules::Rules;
use crate::autoscale::{Executed, Fleet, Rule};

const HOUR: u64 = 3_600_000_000;
const DAY: u64 = 24 * HOUR;

/// What a node costs and what may be spent, unchecked. Money is in thousandths of any unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct CostSettings {
    /// What one node costs in an hour.
    pub price_per_node_hour: u64,
    /// What may be spent in an hour, if that is limited.
    pub per_hour: Option<u64>,
    /// What may be spent in a day, if that is limited.
    pub per_day: Option<u64>,
    /// How long it takes until a node that is not wanted any more costs nothing: the evaluation
    /// interval, the drain and the removal.
    #[cfg_attr(feature = "serde", serde(rename = "removal_takes_micros"))]
    pub removal_takes: Micros,
}

impl Default for CostSettings {
    /// One unit of money per node and hour, no ceiling yet, five minutes for a removal.
    fn default() -> Self {
        Self {
            price_per_node_hour: 1_000,
            per_hour: None,
            per_day: None,
            removal_takes: Micros::from_secs(300),
        }
    }
}

/// A ceiling on what is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "CostSettings", into = "CostSettings")
)]
pub struct CostCeiling {
    /// The price is not zero, and at least one ceiling is set.
    settings: CostSettings,
}

impl CostCeiling {
    /// A ceiling with these settings.
    pub const fn new(settings: CostSettings) -> Result<Self, CostError> {
        if settings.price_per_node_hour == 0 {
            return Err(CostError::NoPrice);
        }
        if settings.per_hour.is_none() && settings.per_day.is_none() {
            return Err(CostError::NoCeiling);
        }
        Ok(Self { settings })
    }

    /// The settings.
    pub const fn settings(&self) -> &CostSettings {
        &self.settings
    }

    /// Refuses a smallest fleet that breaks a ceiling all by itself.
    pub(super) fn check(&self, bounds: Bounds) -> Result<(), CostError> {
        let min_nodes = bounds.min_nodes();
        for (period, ceiling) in self.ceilings() {
            let cost = self.cost(u128::from(min_nodes) * u128::from(period.length()));
            if cost > money(ceiling) {
                return Err(CostError::MinNodes {
                    min_nodes,
                    period,
                    ceiling,
                });
            }
        }
        Ok(())
    }

    /// Brings the target down to what can be paid, but not below the bounds.
    pub(super) fn judge(&self, books: &Books<'_>, answer: Answer) -> GuardVerdict {
        let Books {
            spending, calendar, ..
        } = *books;
        let (affordable, period, ceiling) = self
            .ceilings()
            .map(|(period, ceiling)| (self.affordable(books, period, ceiling), period, ceiling))
            .min_by_key(|(nodes, ..)| *nodes)
            .expect("the door insists on a ceiling");
        let floor = if books.rules.keep(Rule::CostLeavesMinNodes) {
            books.bounds.min_nodes()
        } else {
            0
        };
        let after = answer.target.min(affordable).max(floor);
        let binds = after != answer.target;
        let reason = match period {
            _ if !binds => GuardReason::Passed,
            CostPeriod::Hour => GuardReason::CostPerHour,
            CostPeriod::Day => GuardReason::CostPerDay,
        };
        let spent = self.cost(u128::from(spending.in_period(period).node_micros));
        GuardVerdict {
            reason,
            before: answer.target,
            after,
            frees_at: binds.then(|| calendar.host(period.end(calendar))),
            numbers: GuardNumbers::Cost {
                period,
                spent: u64::try_from(spent.div_ceil(u128::from(HOUR))).unwrap_or(u64::MAX),
                ceiling,
                affordable,
            },
        }
    }

    /// The largest fleet that `ceiling` pays for: for the rest of the period at hand, and for the
    /// time that a removal takes in the next, with the smallest fleet for the rest of that.
    fn affordable(&self, books: &Books<'_>, period: CostPeriod, ceiling: u64) -> u32 {
        let now = books.calendar.utc_now();
        let rest = period.end(books.calendar).since(now).0.max(1);
        let takes = self.settings.removal_takes.0.min(period.length());
        let (draining, spill) = books.draining(takes, rest);
        let spent = u128::from(books.spending.in_period(period).node_micros) + draining;

        let growing = self.nodes_for(ceiling, spent, rest);
        let this = if growing >= books.fleet.size() {
            growing
        } else {
            self.shrinking(ceiling, spent, rest, takes.min(rest), books.fleet.size())
        };
        let smallest = u128::from(books.bounds.min_nodes()) * u128::from(period.length() - takes);
        let next = self.nodes_for(ceiling, smallest + spill, takes);
        if books.rules.keep(Rule::CostCoversTheNextPeriod) {
            this.min(next)
        } else {
            this
        }
    }

    /// The same for a fleet of `size` that is too large for `rest`: what is removed goes on to cost
    /// for as long as that `takes`.
    fn shrinking(&self, ceiling: u64, spent: u128, rest: u64, takes: u64, size: u32) -> u32 {
        let besides = spent + u128::from(size) * u128::from(takes);
        match rest - takes {
            0 => 0,
            saved => self.nodes_for(ceiling, besides, saved),
        }
    }

    /// How many nodes `ceiling` pays for during `time`, if so many node-microseconds are paid
    /// besides.
    fn nodes_for(&self, ceiling: u64, besides: u128, time: u64) -> u32 {
        let left = money(ceiling).saturating_sub(self.cost(besides));
        left.checked_div(self.cost(u128::from(time)))
            .and_then(|nodes| u32::try_from(nodes).ok())
            .unwrap_or(u32::MAX)
    }

    /// What node-microseconds cost, in thousandths of money times microseconds of an hour.
    fn cost(&self, node_micros: u128) -> u128 {
        node_micros.saturating_mul(u128::from(self.settings.price_per_node_hour))
    }

    fn ceilings(&self) -> impl Iterator<Item = (CostPeriod, u64)> {
        let hour = self.settings.per_hour.map(|each| (CostPeriod::Hour, each));
        let day = self.settings.per_day.map(|each| (CostPeriod::Day, each));
        hour.into_iter().chain(day)
    }
}

/// What a ceiling is held against.
#[derive(Clone, Copy)]
pub(super) struct Books<'a> {
    pub(super) spending: &'a Spending,
    pub(super) fleet: &'a Fleet,
    pub(super) bounds: Bounds,
    pub(super) calendar: Calendar,
    pub(super) rules: Rules,
}

impl Books<'_> {
    /// What the nodes that drain will cost, in node-microseconds: in the `rest` of the period, and
    /// in the next. Each of them is gone when a removal, which `takes` so long, is over.
    fn draining(&self, takes: u64, rest: u64) -> (u128, u128) {
        if !self.rules.keep(Rule::DrainingNodesCost) {
            return (0, 0);
        }
        let since = self.calendar.now().since(self.spending.draining_since);
        let left = takes.saturating_sub(since.0);
        let nodes = u128::from(self.fleet.draining);
        let here = left.min(rest);
        (nodes * u128::from(here), nodes * u128::from(left - here))
    }
}

/// A ceiling in the unit of [`CostCeiling::cost`].
fn money(ceiling: u64) -> u128 {
    u128::from(ceiling) * u128::from(HOUR)
}

impl TryFrom<CostSettings> for CostCeiling {
    type Error = CostError;
    fn try_from(settings: CostSettings) -> Result<Self, CostError> {
        Self::new(settings)
    }
}

impl From<CostCeiling> for CostSettings {
    fn from(ceiling: CostCeiling) -> Self {
        ceiling.settings
    }
}

/// The time to which a ceiling applies. In UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum CostPeriod {
    /// From one full hour to the next.
    Hour,
    /// From midnight to midnight.
    Day,
}

impl CostPeriod {
    const fn length(self) -> u64 {
        match self {
            Self::Hour => HOUR,
            Self::Day => DAY,
        }
    }

    /// The end, in UTC, of the period at hand.
    fn end(self, calendar: Calendar) -> Micros {
        let length = self.length();
        let index = calendar.utc_now().0 / length;
        Micros((index + 1).saturating_mul(length))
    }
}

impl fmt::Display for CostPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hour => "this hour",
            Self::Day => "today",
        })
    }
}

/// The size of the fleet, integrated over the hour and the day at hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub(super) struct Spending {
    /// Up to when it is accounted for; `None` before the first observation.
    #[cfg_attr(feature = "serde", serde(rename = "until_micros"))]
    until: Option<Micros>,
    /// Nodes that cost something since then.
    nodes: u32,
    /// Those of them that drain.
    draining: u32,
    /// When they became more for the last time.
    #[cfg_attr(feature = "serde", serde(rename = "draining_since_micros"))]
    draining_since: Micros,
    /// The hour at hand.
    hour: Account,
    /// The day at hand.
    day: Account,
}

impl Spending {
    /// Accounts up to now, and learns how many nodes there are from now on.
    pub(super) fn observe(&mut self, fleet: &Fleet, calendar: Calendar) {
        self.account(calendar);
        self.nodes = fleet.size().saturating_add(fleet.draining);
        if fleet.draining > self.draining {
            self.draining_since = calendar.now();
        }
        self.draining = fleet.draining;
    }

    /// Accounts up to now. Added nodes cost from now on; removed ones until an observation shows
    /// that they are gone.
    pub(super) fn executed(&mut self, change: Executed, calendar: Calendar) {
        self.account(calendar);
        let added = change.to.saturating_sub(change.from);
        self.nodes = self.nodes.saturating_add(added);
    }

    fn account(&mut self, calendar: Calendar) {
        let from = calendar.utc(self.until.unwrap_or(calendar.now()));
        let to = calendar.utc_now();
        self.hour.add(self.nodes, from, to, HOUR);
        self.day.add(self.nodes, from, to, DAY);
        self.until = Some(calendar.now());
    }

    const fn in_period(&self, period: CostPeriod) -> Account {
        match period {
            CostPeriod::Hour => self.hour,
            CostPeriod::Day => self.day,
        }
    }
}

/// The spending of one period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
struct Account {
    /// Which period, counted from 1970.
    period: u64,
    /// Nodes times microseconds so far. It stops at the largest number there is, which is more than
    /// two hundred million nodes for a day.
    node_micros: u64,
}

impl Account {
    /// Adds `nodes` that were there from `from` to `to`, as far as that lies in the period of `to`.
    fn add(&mut self, nodes: u32, from: Micros, to: Micros, length: u64) {
        let period = to.0 / length;
        if period != self.period {
            *self = Self {
                period,
                node_micros: 0,
            };
        }
        let start = from.max(Micros(period * length));
        let node_micros = u64::from(nodes).saturating_mul(to.since(start).0);
        self.node_micros = self.node_micros.saturating_add(node_micros);
    }
}

/// Why a cost ceiling makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CostError {
    /// Nodes that cost nothing never reach a ceiling.
    NoPrice,
    /// Neither an hour nor a day is limited.
    NoCeiling,
    /// The smallest fleet costs more than the ceiling, so one of the two would have to give.
    MinNodes {
        /// The smallest fleet.
        min_nodes: u32,
        /// In which time.
        period: CostPeriod,
        /// What may be spent in it, in thousandths of money.
        ceiling: u64,
    },
}

impl fmt::Display for CostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPrice => f.write_str("cost.price_per_node_hour must not be 0"),
            Self::NoCeiling => f.write_str("cost needs per_hour, per_day or both"),
            Self::MinNodes {
                min_nodes,
                period,
                ceiling,
            } => {
                let name = match period {
                    CostPeriod::Hour => "per_hour",
                    CostPeriod::Day => "per_day",
                };
                write!(
                    f,
                    "min_nodes {min_nodes} all by itself costs more than cost.{name} {ceiling}"
                )
            }
        }
    }
}

impl core::error::Error for CostError {}
