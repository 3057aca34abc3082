//! Every number of one evaluation, and the words for them.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::{Action, Direction, Offer, Reason};
use crate::autoscale::explanation::{Span, join};
use crate::autoscale::policy::signal::Milli;
use crate::autoscale::{Step, StepName};

/// One evaluation of a [`Nomad`](super::Nomad).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct NomadRecord {
    /// The size before.
    pub current: u32,
    /// What each check says, in the order of the checks.
    pub checks: Vec<CheckRecord>,
    /// The number of the check that had no data and stopped everything.
    pub failed: Option<usize>,
    /// The number of the check that won; `None` if none had anything to say.
    pub winner: Option<usize>,
    /// What became of its action.
    pub offer: Offer,
    /// The size that it wants.
    pub nodes: u32,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CheckRecord {
    /// The newest value, in thousandths; `None` if there is none now.
    pub value: Option<i64>,
    /// How many samples there are within the query window.
    pub samples: u32,
    /// What it wants; `None` without samples.
    pub action: Option<Action>,
}

/// The rule that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum NomadRule {
    /// A metric against its target.
    TargetValue,
    /// Enough samples in a tier.
    Threshold,
    /// A metric that is the count.
    PassThrough,
    /// A count that is fixed.
    FixedValue,
    /// The limits of the count.
    Limits,
    /// The safest check wants no change.
    NoChange,
    /// The last action is too recent.
    Cooldown,
    /// A check had no data, and without it nothing may be done.
    FailedCheck,
    /// No check has any data.
    MissingData,
}

impl fmt::Display for NomadRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TargetValue => "the target value",
            Self::Threshold => "the tier of the metric",
            Self::PassThrough => "the metric itself",
            Self::FixedValue => "the fixed value",
            Self::Limits => "the limits of the count",
            Self::NoChange => "the safest check",
            Self::Cooldown => "the cooldown",
            Self::FailedCheck => "a failed check",
            Self::MissingData => "missing data",
        })
    }
}

impl NomadRecord {
    /// The answer before the guards.
    pub const fn nodes(&self) -> u32 {
        self.nodes
    }

    /// What the winning check wants.
    pub fn winning_action(&self) -> Option<&Action> {
        self.checks.get(self.winner?)?.action.as_ref()
    }

    /// The rule that bound.
    pub fn rule(&self) -> NomadRule {
        if self.failed.is_some() {
            return NomadRule::FailedCheck;
        }
        let Some(action) = self.winning_action() else {
            return NomadRule::MissingData;
        };
        if let Offer::OnCooldown { .. } = self.offer {
            return NomadRule::Cooldown;
        }
        match action.reason {
            None => NomadRule::NoChange,
            Some(Reason::Factor { .. }) => NomadRule::TargetValue,
            Some(Reason::WithinBounds { .. }) => NomadRule::Threshold,
            Some(Reason::MetricIs { .. }) => NomadRule::PassThrough,
            Some(Reason::FixedValue { .. }) => NomadRule::FixedValue,
            Some(Reason::Capped { .. }) => NomadRule::Limits,
        }
    }

    /// The votes, the winner and the cooldown, in words.
    pub fn steps(&self) -> Vec<Step> {
        let binding = match self.rule() {
            NomadRule::FailedCheck | NomadRule::MissingData => StepName::Proposals,
            NomadRule::Cooldown => StepName::Cooldown,
            _ => StepName::Winner,
        };
        [
            (StepName::Proposals, self.votes_step()),
            (StepName::Winner, self.winner_step()),
            (StepName::Cooldown, self.cooldown_step()),
        ]
        .into_iter()
        .map(|(name, (detail, value))| Step {
            name,
            detail,
            value,
            binding: name == binding,
        })
        .collect()
    }

    /// The check that decided, and its reason.
    pub fn evidence(&self) -> String {
        match self.failed.or(self.winner) {
            Some(at) => self.check(at),
            None => join((0..self.checks.len()).map(|at| self.check(at)), ", "),
        }
    }

    fn votes_step(&self) -> (String, String) {
        let wanted = |check: &CheckRecord| match check.action.as_ref().map(Action::wanted) {
            None => String::from("?"),
            Some(None) => self.current.to_string(),
            Some(Some(count)) => count.to_string(),
        };
        (
            join((0..self.checks.len()).map(|at| self.check(at)), " · "),
            join(self.checks.iter().map(wanted), " · "),
        )
    }

    fn winner_step(&self) -> (String, String) {
        let Some((at, action)) = self.winner.zip(self.winning_action()) else {
            return (String::from("nobody votes"), self.current.to_string());
        };
        match action.wanted() {
            None => (
                format!("check {} is the safest: no change", at + 1),
                self.current.to_string(),
            ),
            Some(count) => (
                format!("check {} is the safest: {}", at + 1, action.direction),
                count.to_string(),
            ),
        }
    }

    fn cooldown_step(&self) -> (String, String) {
        let detail = match self.offer {
            Offer::OnCooldown { remaining } => format!("{} left", Span(remaining)),
            Offer::NotNeeded => String::from("nothing to wait for"),
            Offer::Scaling => String::from("another action is being carried out"),
            Offer::RequestSlot | Offer::Waiting => String::from("none"),
        };
        (detail, self.nodes.to_string())
    }

    /// `check 1: 0.912, scaling up because factor is 1.302857`.
    fn check(&self, at: usize) -> String {
        let Some(check) = self.checks.get(at) else {
            return String::new();
        };
        let value = check.value.map_or_else(
            || String::from("no value"),
            |value| Milli(value).to_string(),
        );
        let says = match &check.action {
            None => String::from("no samples"),
            Some(action) => match (action.direction, action.reason) {
                (Direction::None, _) | (_, None) => String::from("no change"),
                (_, Some(reason)) => reason.to_string(),
            },
        };
        format!("check {}: {value}, {says}", at + 1)
    }
}
