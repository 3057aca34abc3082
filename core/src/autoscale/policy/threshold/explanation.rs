//! The record of the threshold rule in words.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::{Proposal, ThresholdRecord, ThresholdRule, Verdict};
use crate::autoscale::explanation::{Span, join};
use crate::autoscale::{Step, StepName};

impl ThresholdRecord {
    /// Proposals, winner and cooldown, in words.
    pub fn steps(&self) -> Vec<Step> {
        [
            (StepName::Proposals, self.proposals_step()),
            (StepName::Winner, self.winner_step()),
            (StepName::Cooldown, self.cooldown_step()),
        ]
        .into_iter()
        .map(|(name, (detail, value))| Step {
            name,
            detail,
            value,
            binding: name == self.binding_step(),
        })
        .collect()
    }

    /// The proposals that speak for the winning rule.
    pub fn evidence(&self) -> String {
        let wanted = match self.winner.rule {
            ThresholdRule::UpThreshold(_) => Verdict::High,
            ThresholdRule::DownThresholds => Verdict::Low,
            ThresholdRule::MissingData => Verdict::Unproven,
            ThresholdRule::WithinRange | ThresholdRule::Cooldown => Verdict::Between,
        };
        let speaking = self.proposals.iter().filter(|each| each.verdict == wanted);
        join(speaking.map(ToString::to_string), ", ")
    }

    /// The high resources, each below its threshold: `cpu below 80.0 % and queue below …`.
    pub(in crate::autoscale) fn fallen(&self) -> String {
        let high = self
            .proposals
            .iter()
            .filter(|each| each.verdict == Verdict::High);
        join(
            high.map(|each| {
                format!(
                    "{} below {}",
                    each.resource.quantity(),
                    each.resource.amount(each.up)
                )
            }),
            " and ",
        )
    }

    /// What is not low yet, at its lower threshold.
    pub(in crate::autoscale) fn lowered(&self) -> String {
        let rest = self
            .proposals
            .iter()
            .filter(|each| each.verdict != Verdict::Low);
        join(
            rest.map(|each| {
                format!(
                    "{} at most {}",
                    each.resource.quantity(),
                    each.resource.amount(each.down)
                )
            }),
            " and ",
        )
    }

    const fn binding_step(&self) -> StepName {
        match self.rule {
            ThresholdRule::MissingData => StepName::Proposals,
            ThresholdRule::Cooldown => StepName::Cooldown,
            ThresholdRule::UpThreshold(_)
            | ThresholdRule::DownThresholds
            | ThresholdRule::WithinRange => StepName::Winner,
        }
    }

    fn proposals_step(&self) -> (String, String) {
        let proposals = &self.proposals;
        let detail = join(
            proposals
                .iter()
                .map(|each| format!("{each} → {}", each.nodes)),
            " · ",
        );
        (
            detail,
            join(proposals.iter().map(|each| each.nodes.to_string()), " · "),
        )
    }

    fn winner_step(&self) -> (String, String) {
        let winner = self.winner;
        let detail = match winner.rule {
            ThresholdRule::UpThreshold(resource) => {
                format!("{resource} is high: half as many again")
            }
            ThresholdRule::DownThresholds => String::from("all are low: one node fewer"),
            ThresholdRule::MissingData => {
                String::from("no data from every ready node: no node is removed")
            }
            _ => String::from("none is high, not all are low: no change"),
        };
        (detail, winner.nodes.to_string())
    }

    fn cooldown_step(&self) -> (String, String) {
        let cooldown = self.cooldown;
        let length = Span(cooldown.length);
        let detail = match cooldown.since_last_action {
            None => String::from("no action yet"),
            Some(since) if cooldown.is_active() => format!(
                "{} of {length} gone, {} left",
                Span(since),
                Span(cooldown.remaining())
            ),
            Some(since) => format!("last action {} ago, {length} are enough", Span(since)),
        };
        (detail, self.nodes.to_string())
    }
}

impl fmt::Display for Proposal {
    /// The level against the threshold that matters: `cpu 91.0 % >= 80.0 %`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (resource, quantity) = (self.resource, self.resource.quantity());
        let (up, down) = (resource.amount(self.up), resource.amount(self.down));
        let Some(level) = self.level.value().map(|value| resource.amount(value)) else {
            return write!(f, "{quantity} unknown");
        };
        match self.verdict {
            Verdict::High => write!(f, "{quantity} {level} >= {up}"),
            Verdict::Between => write!(f, "{quantity} {level} between {down} and {up}"),
            Verdict::Low => write!(f, "{quantity} {level} <= {down}"),
            Verdict::Unproven => write!(f, "{quantity} {level} on some of the nodes"),
        }
    }
}
