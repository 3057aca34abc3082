//! A decision in words: one line, a list of steps, and what would change it.
//!
//! The words are made from the record and from nothing else, so they cannot say something that
//! the numbers do not. A decision that nobody reads costs no string.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::{Action, BindingRule, Change, Counterfactual, Decision, Proposal, Verdict};
use crate::Micros;

/// One step of the chain, ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Step {
    /// Which step.
    pub name: StepName,
    /// What happened in it, in words and with its numbers.
    pub detail: String,
    /// The result, short: mostly a number of nodes.
    pub value: String,
    /// True for the step whose rule decided.
    pub binding: bool,
}

/// The steps of a chain, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum StepName {
    /// How many nodes came with usable data.
    Samples,
    /// How many nodes are in which state.
    Classified,
    /// What each resource alone would want.
    Proposals,
    /// What the policy makes of them.
    Winner,
    /// Whether it may act already.
    Cooldown,
    /// Whether the fleet may have that size.
    Bounded,
    /// The answer.
    Proposed,
}

impl fmt::Display for StepName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Samples => "Samples",
            Self::Classified => "Classified",
            Self::Proposals => "Proposals",
            Self::Winner => "Winner",
            Self::Cooldown => "Cooldown",
            Self::Bounded => "Bounded",
            Self::Proposed => "Proposed",
        })
    }
}

impl Decision {
    /// The chain from the samples to the answer, one step after the other.
    pub fn steps(&self) -> Vec<Step> {
        let binding = binding_step(self.binding);
        [
            (StepName::Samples, self.samples_step()),
            (StepName::Classified, self.classified_step()),
            (StepName::Proposals, self.proposals_step()),
            (StepName::Winner, self.winner_step()),
            (StepName::Cooldown, self.cooldown_step()),
            (StepName::Bounded, self.bounded_step()),
            (StepName::Proposed, self.proposed_step()),
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

    /// A sentence that says what would have led to another answer.
    pub fn what_would_change_it(&self) -> String {
        let Some(Counterfactual { change, target }) = self.counterfactual else {
            return String::from("No single change of the load or the bounds would.");
        };
        let outcome = match Action::between(self.current, target) {
            Action::None => format!("it stays at {target}"),
            Action::Out | Action::In => format!("it is {target}"),
        };
        match change {
            Change::CooldownOver { remaining } => {
                format!("In {} at the same load {outcome}.", Span(remaining))
            }
            Change::HighOnesFall => format!("With {} {outcome}.", self.fallen()),
            Change::Rises { resource, level } => {
                format!(
                    "With {} at {} {outcome}.",
                    resource.quantity(),
                    resource.amount(level)
                )
            }
            Change::AllLow => format!("With {} on every ready node {outcome}.", self.lowered()),
            Change::MaxNodes(nodes) => format!("With max_nodes {nodes} {outcome}."),
            Change::MinNodes(nodes) => format!("With min_nodes {nodes} {outcome}."),
        }
    }

    fn samples_step(&self) -> (String, String) {
        let samples = self.chain.fleet.samples;
        let nodes = u64::from(samples.fresh) + u64::from(samples.stale) + u64::from(samples.absent);
        let detail = format!(
            "{}: {} fresh, {} stale, {} without data",
            Nodes(nodes),
            samples.fresh,
            samples.stale,
            samples.absent
        );
        (detail, nodes.to_string())
    }

    fn classified_step(&self) -> (String, String) {
        let fleet = self.chain.fleet;
        let detail = format!(
            "{} ready, {} starting, {} draining",
            fleet.ready, fleet.starting, fleet.draining
        );
        (detail, format!("{} + {}", fleet.ready, fleet.starting))
    }

    fn proposals_step(&self) -> (String, String) {
        let proposals = &self.chain.proposals;
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
        let winner = self.chain.winner;
        let detail = match winner.rule {
            BindingRule::UpThreshold(resource) => format!("{resource} is high: half as many again"),
            BindingRule::DownThresholds => String::from("all are low: one node fewer"),
            BindingRule::MissingData => {
                String::from("no data from every ready node: no node is removed")
            }
            _ => String::from("none is high, not all are low: no change"),
        };
        (detail, winner.nodes.to_string())
    }

    fn cooldown_step(&self) -> (String, String) {
        let cooldown = self.chain.cooldown;
        let length = Span(cooldown.length);
        match cooldown.since_last_action {
            None => (
                String::from("no action yet"),
                self.chain.winner.nodes.to_string(),
            ),
            Some(since) if cooldown.is_active() => (
                format!(
                    "{} of {length} gone, {} left",
                    Span(since),
                    Span(cooldown.remaining())
                ),
                self.current.to_string(),
            ),
            Some(since) => (
                format!("last action {} ago, {length} are enough", Span(since)),
                self.chain.winner.nodes.to_string(),
            ),
        }
    }

    fn bounded_step(&self) -> (String, String) {
        let bounds = self.chain.bounds;
        let detail = match self.binding {
            BindingRule::MaxNodes => format!("{bounds}: held down to {}", bounds.max_nodes()),
            BindingRule::MinNodes => format!("{bounds}: held up to {}", bounds.min_nodes()),
            _ => format!("{bounds}: inside"),
        };
        (detail, self.target.to_string())
    }

    fn proposed_step(&self) -> (String, String) {
        let change = Nodes(u64::from(self.current.abs_diff(self.target)));
        let detail = match self.action {
            Action::Out => format!("add {change}"),
            Action::In => format!("remove {change}"),
            Action::None => String::from("no action"),
        };
        (detail, self.target.to_string())
    }

    /// The high resources, each below its threshold: `cpu below 80.0 % and queue below …`.
    fn fallen(&self) -> String {
        let high = self
            .chain
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
    fn lowered(&self) -> String {
        let rest = self
            .chain
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

    /// The proposals that speak for the winning rule.
    fn evidence(&self) -> String {
        let wanted = match self.chain.winner.rule {
            BindingRule::UpThreshold(_) => Verdict::High,
            BindingRule::DownThresholds => Verdict::Low,
            BindingRule::MissingData => Verdict::Unproven,
            _ => Verdict::Between,
        };
        let speaking = self
            .chain
            .proposals
            .iter()
            .filter(|each| each.verdict == wanted);
        join(speaking.map(ToString::to_string), ", ")
    }
}

impl fmt::Display for Decision {
    /// One line: `4 -> 6 nodes: cpu 91.0 % >= 80.0 %; bound by the upper threshold of cpu`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.action {
            Action::None => write!(f, "{}", Nodes(u64::from(self.current)))?,
            Action::Out | Action::In => {
                write!(f, "{} -> {}", self.current, Nodes(u64::from(self.target)))?;
            }
        }
        write!(f, ": {}; bound by {}", self.evidence(), self.binding)?;
        if self.binding == BindingRule::Cooldown {
            write!(f, " ({} left)", Span(self.chain.cooldown.remaining()))?;
        }
        Ok(())
    }
}

impl fmt::Display for BindingRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UpThreshold(resource) => write!(f, "the upper threshold of {resource}"),
            Self::DownThresholds => f.write_str("the lower thresholds"),
            Self::WithinRange => f.write_str("the range between the thresholds"),
            Self::MissingData => f.write_str("missing data"),
            Self::Cooldown => f.write_str("the cooldown"),
            Self::MaxNodes => f.write_str("max_nodes"),
            Self::MinNodes => f.write_str("min_nodes"),
        }
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

const fn binding_step(binding: BindingRule) -> StepName {
    match binding {
        BindingRule::UpThreshold(_) | BindingRule::DownThresholds | BindingRule::WithinRange => {
            StepName::Winner
        }
        BindingRule::MissingData => StepName::Samples,
        BindingRule::Cooldown => StepName::Cooldown,
        BindingRule::MaxNodes | BindingRule::MinNodes => StepName::Bounded,
    }
}

fn join(parts: impl Iterator<Item = String>, separator: &str) -> String {
    parts.collect::<Vec<_>>().join(separator)
}

/// `1 node`, `2 nodes`.
struct Nodes(u64);

impl fmt::Display for Nodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}",
            self.0,
            if self.0 == 1 { "node" } else { "nodes" }
        )
    }
}

/// A span in seconds, without a fraction where there is none: `38 s`, `0.250 s`.
struct Span(Micros);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.0.0;
        if micros.is_multiple_of(1_000_000) {
            write!(f, "{} s", micros / 1_000_000)
        } else {
            write!(f, "{} s", self.0)
        }
    }
}
