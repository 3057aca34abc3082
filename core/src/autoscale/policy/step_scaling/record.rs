//! Every number of one evaluation, and the words for them.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::{GroupRule, GroupStep};
use crate::Micros;
use crate::autoscale::explanation::{Nodes, Span, join};
use crate::autoscale::policy::signal::Milli;
use crate::autoscale::{Step, StepName};

/// One evaluation of a [`StepScaling`](super::StepScaling).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StepScalingRecord {
    /// The size before.
    pub current: u32,
    /// Nodes of these that start or warm up.
    pub warming: u32,
    /// What each policy says, in their order.
    pub policies: Vec<PolicyRecord>,
    /// The number of the policy that won; `None` if no alarm is on.
    pub winner: Option<usize>,
    /// How long the cooldown still lasts.
    #[cfg_attr(feature = "serde", serde(rename = "cooldown_micros"))]
    pub cooldown: Micros,
    /// The size that it wants.
    pub nodes: u32,
}

/// One policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PolicyRecord {
    /// The metric, in thousandths; `None` if there is not enough data.
    pub value: Option<i64>,
    /// How far it lies above the threshold.
    pub breach: Option<i64>,
    /// How many evaluations in a row have breached.
    pub breaches: u32,
    /// The number of the band, if the alarm is on.
    pub band: Option<usize>,
    /// What the band's step comes to.
    pub step: Option<GroupStep>,
}

/// The rule that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum StepScalingRule {
    /// The step of a band.
    Band,
    /// What is on its way already is enough.
    InProgress,
    /// Nothing goes while nodes warm up.
    WarmingUp,
    /// The smallest group.
    MinSize,
    /// The largest group.
    MaxSize,
    /// The last change is too recent.
    Cooldown,
    /// No alarm is on, or none has a band for its breach.
    NoAlarm,
    /// No alarm has data.
    MissingData,
}

impl fmt::Display for StepScalingRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Band => "the band of the breach",
            Self::InProgress => "the change that is on its way",
            Self::WarmingUp => "the warm-up, in which nothing goes",
            Self::MinSize => "the smallest group",
            Self::MaxSize => "the largest group",
            Self::Cooldown => "the cooldown",
            Self::NoAlarm => "the alarms, none of which is on",
            Self::MissingData => "missing data",
        })
    }
}

impl StepScalingRecord {
    /// The answer before the guards.
    pub const fn nodes(&self) -> u32 {
        self.nodes
    }

    /// The step of the policy that won.
    pub fn winning_step(&self) -> Option<&GroupStep> {
        self.policies.get(self.winner?)?.step.as_ref()
    }

    /// The rule that bound.
    pub fn rule(&self) -> StepScalingRule {
        let Some(step) = self.winning_step() else {
            let is_blind = self.policies.iter().all(|policy| policy.value.is_none());
            return if is_blind {
                StepScalingRule::MissingData
            } else {
                StepScalingRule::NoAlarm
            };
        };
        if self.cooldown > Micros::ZERO {
            return StepScalingRule::Cooldown;
        }
        match step.rule {
            GroupRule::Step => StepScalingRule::Band,
            GroupRule::InProgress => StepScalingRule::InProgress,
            GroupRule::WarmingUp => StepScalingRule::WarmingUp,
            GroupRule::MinSize => StepScalingRule::MinSize,
            GroupRule::MaxSize => StepScalingRule::MaxSize,
        }
    }

    /// The alarms, the step and the cooldown, in words.
    pub fn steps(&self) -> Vec<Step> {
        let binding = match self.rule() {
            StepScalingRule::NoAlarm | StepScalingRule::MissingData => StepName::Proposals,
            StepScalingRule::Cooldown => StepName::Cooldown,
            StepScalingRule::MinSize | StepScalingRule::MaxSize => StepName::Bounded,
            _ => StepName::Winner,
        };
        let mut steps = Vec::with_capacity(4);
        steps.push((StepName::Proposals, self.alarms_step()));
        if let Some((number, step)) = self.winner.zip(self.winning_step()) {
            steps.push((StepName::Winner, winner_step(number, step)));
            steps.push((StepName::Bounded, bounded_step(step)));
        }
        if self.cooldown > Micros::ZERO {
            let detail = format!("{} left", Span(self.cooldown));
            steps.push((StepName::Cooldown, (detail, self.nodes.to_string())));
        }
        steps
            .into_iter()
            .map(|(name, (detail, value))| Step {
                name,
                detail,
                value,
                binding: name == binding,
            })
            .collect()
    }

    /// The alarm that won, or all of them.
    pub fn evidence(&self) -> String {
        match self.winner {
            Some(number) => self.alarm(number),
            None => join((0..self.policies.len()).map(|at| self.alarm(at)), ", "),
        }
    }

    fn alarms_step(&self) -> (String, String) {
        let desired = |policy: &PolicyRecord| {
            policy
                .step
                .map_or_else(|| String::from("-"), |step| step.desired.to_string())
        };
        (
            join((0..self.policies.len()).map(|at| self.alarm(at)), " · "),
            join(self.policies.iter().map(desired), " · "),
        )
    }

    /// `alarm 1: 0.72, 0.12 above its threshold, band 2`.
    fn alarm(&self, number: usize) -> String {
        let name = number + 1;
        let Some(policy) = self.policies.get(number) else {
            return String::new();
        };
        let Some((value, breach)) = policy.value.zip(policy.breach) else {
            return format!("alarm {name}: not enough data");
        };
        let (distance, side) = if breach < 0 {
            (breach.saturating_neg(), "below")
        } else {
            (breach, "above")
        };
        let band = match policy.band {
            Some(band) => format!("band {}", band + 1),
            None if policy.breaches > 0 => format!("{} breaches so far", policy.breaches),
            None => String::from("off"),
        };
        format!(
            "alarm {name}: {}, {} {side} its threshold, {band}",
            Milli(value),
            Milli(distance)
        )
    }
}

fn winner_step(number: usize, step: &GroupStep) -> (String, String) {
    let adjusted = &step.adjusted;
    let base = Nodes(u64::from(step.base));
    (
        format!(
            "alarm {}: {} on {base}, rounded to {}",
            number + 1,
            Milli(adjusted.change_milli),
            adjusted.change
        ),
        adjusted.capacity.to_string(),
    )
}

fn bounded_step(step: &GroupStep) -> (String, String) {
    let detail = match step.rule {
        GroupRule::Step => "within the group's bounds",
        GroupRule::InProgress => "as many are wanted already",
        GroupRule::WarmingUp => "nothing goes while nodes warm up",
        GroupRule::MinSize => "the smallest group",
        GroupRule::MaxSize => "the largest group",
    };
    (String::from(detail), step.desired.to_string())
}
