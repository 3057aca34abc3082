//! Every number of one evaluation, and the words for them.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::{
    Countdown, LimitReason, NotAvailable, Permission, Position, Proposal, ReconcileRule,
    Reconciled, Regime,
};
use crate::autoscale::explanation::{Span, join};
use crate::autoscale::policy::signal::Milli;
use crate::autoscale::{Step, StepName};

/// One evaluation of a [`Wpa`](super::Wpa).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct WpaRecord {
    /// The size before.
    pub current: u32,
    /// The nodes that were computed with; zero if too few are ready.
    pub ready: u32,
    /// What each metric says, in the order of the metrics.
    pub metrics: Vec<MetricRecord>,
    /// What came of it.
    pub outcome: Outcome,
    /// The size that it wants.
    pub nodes: u32,
}

/// One metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct MetricRecord {
    /// The metric as it is summed up or averaged, in thousandths.
    pub sum: Option<i64>,
    /// What it wants; `None` without data or ready nodes.
    pub proposal: Option<Proposal>,
}

/// What came of the proposals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Outcome {
    /// A step, or a reason to wait.
    Reconciled {
        /// The largest proposal.
        proposed: u32,
        /// Whether any metric is outside its watermarks.
        regime: Regime,
        /// The step.
        step: Reconciled,
        /// How long each direction is still forbidden.
        countdown: Countdown,
    },
    /// Too few nodes are ready.
    NotAvailable(NotAvailable),
    /// A metric is missing, and without it nothing is done.
    MissingData,
}

/// The rule that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum WpaRule {
    /// A metric above its high watermark.
    HighWatermark,
    /// All metrics below their low watermarks, or within.
    LowWatermark,
    /// One step towards a watermark.
    Convergence,
    /// All metrics are within their watermarks.
    WithinWatermarks,
    /// One step up may not be larger.
    ScaleUpLimit,
    /// One step down may not be larger.
    ScaleDownLimit,
    /// The smallest count.
    MinReplicas,
    /// The largest count.
    MaxReplicas,
    /// The last change is too recent.
    ForbiddenWindow,
    /// The metric has not been outside for long enough.
    Delay,
    /// There are no nodes, and one is needed, or none is wanted.
    FromZero,
    /// Too few nodes are ready.
    NotAvailable,
    /// A metric is missing.
    MissingData,
}

impl fmt::Display for WpaRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HighWatermark => "the high watermark",
            Self::LowWatermark => "the low watermark",
            Self::Convergence => "the convergence to a watermark",
            Self::WithinWatermarks => "the range between the watermarks",
            Self::ScaleUpLimit => "the largest step up",
            Self::ScaleDownLimit => "the largest step down",
            Self::MinReplicas => "the smallest count",
            Self::MaxReplicas => "the largest count",
            Self::ForbiddenWindow => "the forbidden window",
            Self::Delay => "the delay outside the watermarks",
            Self::FromZero => "the way from zero",
            Self::NotAvailable => "the share of ready nodes",
            Self::MissingData => "missing data",
        })
    }
}

impl WpaRecord {
    /// The answer before the guards.
    pub const fn nodes(&self) -> u32 {
        self.nodes
    }

    /// The rule that bound.
    pub fn rule(&self) -> WpaRule {
        let Outcome::Reconciled { regime, step, .. } = &self.outcome else {
            return match self.outcome {
                Outcome::NotAvailable(_) => WpaRule::NotAvailable,
                _ => WpaRule::MissingData,
            };
        };
        match (step.rule, step.permission) {
            (ReconcileRule::Disabled | ReconcileRule::FromZero, _) => WpaRule::FromZero,
            (ReconcileRule::AboveMax, _) => WpaRule::MaxReplicas,
            (ReconcileRule::BelowMin, _) => WpaRule::MinReplicas,
            (ReconcileRule::Permission, Permission::ForbiddenWindow { .. }) => {
                WpaRule::ForbiddenWindow
            }
            (ReconcileRule::Permission, Permission::Delayed { .. }) => WpaRule::Delay,
            (ReconcileRule::Permission | ReconcileRule::Proposal, _) => {
                self.rule_of_proposal(*regime, step)
            }
        }
    }

    fn rule_of_proposal(&self, regime: Regime, step: &Reconciled) -> WpaRule {
        match step.normalized.reason {
            LimitReason::ScaleUpLimit => WpaRule::ScaleUpLimit,
            LimitReason::ScaleDownLimit => WpaRule::ScaleDownLimit,
            LimitReason::TooFewReplicas => WpaRule::MinReplicas,
            LimitReason::TooManyReplicas => WpaRule::MaxReplicas,
            LimitReason::DesiredWithinRange => match (regime, self.loudest()) {
                (Regime::Unstable, Position::Above) => WpaRule::HighWatermark,
                (Regime::Unstable, Position::Below) => WpaRule::LowWatermark,
                _ if self.nodes == self.current => WpaRule::WithinWatermarks,
                _ => WpaRule::Convergence,
            },
        }
    }

    /// The position of the metric whose proposal won.
    fn loudest(&self) -> Position {
        let proposals = self.metrics.iter().filter_map(|metric| metric.proposal);
        proposals
            .max_by_key(|proposal| (proposal.replicas, proposal.position))
            .map_or(Position::Within, |proposal| proposal.position)
    }

    /// The proposals, the limits and the windows, in words.
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::with_capacity(3);
        steps.push((StepName::Proposals, self.proposals_step()));
        if let Outcome::Reconciled {
            proposed,
            step,
            countdown,
            ..
        } = &self.outcome
        {
            steps.push((StepName::RateLimited, limits_step(*proposed, step)));
            steps.push((StepName::Cooldown, self.patience_step(step, countdown)));
        }
        let binding = binding_step(self.rule());
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

    /// Every metric against its watermarks, or why there is nothing to say.
    pub fn evidence(&self) -> String {
        match self.outcome {
            Outcome::NotAvailable(reason) => reason.to_string(),
            Outcome::Reconciled { .. } | Outcome::MissingData => {
                join(self.metrics.iter().map(ToString::to_string), ", ")
            }
        }
    }

    fn proposals_step(&self) -> (String, String) {
        let proposed = |metric: &MetricRecord| {
            metric.proposal.map_or_else(
                || String::from("?"),
                |proposal| proposal.replicas.to_string(),
            )
        };
        (
            self.evidence(),
            join(self.metrics.iter().map(proposed), " · "),
        )
    }

    fn patience_step(&self, step: &Reconciled, countdown: &Countdown) -> (String, String) {
        let detail = match step.permission {
            Permission::Granted => String::from("it may scale"),
            Permission::NoChange => String::from("nothing to wait for"),
            Permission::ForbiddenWindow { .. } => format!(
                "forbidden for {} up and {} down",
                Span(countdown.up),
                Span(countdown.down)
            ),
            Permission::Delayed {
                remaining: Some(remaining),
            } => format!("outside for {} too short a time", Span(remaining)),
            Permission::Delayed { remaining: None } => String::from("no metric is outside there"),
        };
        (detail, self.nodes.to_string())
    }
}

const fn binding_step(rule: WpaRule) -> StepName {
    match rule {
        WpaRule::HighWatermark
        | WpaRule::LowWatermark
        | WpaRule::Convergence
        | WpaRule::WithinWatermarks
        | WpaRule::NotAvailable
        | WpaRule::MissingData => StepName::Proposals,
        WpaRule::ScaleUpLimit
        | WpaRule::ScaleDownLimit
        | WpaRule::MinReplicas
        | WpaRule::MaxReplicas
        | WpaRule::FromZero => StepName::RateLimited,
        WpaRule::ForbiddenWindow | WpaRule::Delay => StepName::Cooldown,
    }
}

fn limits_step(proposed: u32, step: &Reconciled) -> (String, String) {
    let detail = match step.normalized.reason {
        LimitReason::DesiredWithinRange => format!("{proposed} is within range"),
        LimitReason::ScaleUpLimit => format!("{proposed} is too large a step up"),
        LimitReason::ScaleDownLimit => format!("{proposed} is too large a step down"),
        LimitReason::TooFewReplicas => format!("{proposed} is too few"),
        LimitReason::TooManyReplicas => format!("{proposed} is too many"),
    };
    (detail, step.normalized.replicas.to_string())
}

impl fmt::Display for MetricRecord {
    /// `0.912 above 0.88 → 7`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(proposal) = self.proposal else {
            return match self.sum {
                Some(sum) => write!(f, "{} and no ready node", Milli(sum)),
                None => f.write_str("unknown"),
            };
        };
        let usage = Milli(proposal.utilization);
        let (low, high) = (Milli(proposal.low), Milli(proposal.high));
        match proposal.position {
            Position::Above => write!(f, "{usage} above {high}")?,
            Position::Below => write!(f, "{usage} below {low}")?,
            Position::Within => write!(f, "{usage} between {low} and {high}")?,
        }
        write!(f, " → {}", proposal.replicas)
    }
}
