//! A decision in words: one line, a list of steps, and what would change it.
//!
//! The words are made from the record and from nothing else, so they cannot say something that
//! the numbers do not. A decision that nobody reads costs no string.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::policy::StrategyRecord;
use super::policy::threshold::ThresholdRecord;
use super::{Action, Change, Counterfactual, Decision};
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

/// The steps of a chain, roughly in order. Every strategy has those of them that it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum StepName {
    /// How many nodes came with usable data.
    Samples,
    /// How many nodes are in which state.
    Classified,
    /// How much work there is.
    Demand,
    /// How much work there will be.
    Forecast,
    /// How much work there was a day before.
    Season,
    /// How much room is kept free.
    Headroom,
    /// What each metric alone would want.
    Proposals,
    /// What the strategy makes of the proposals.
    Winner,
    /// In which of its modes the strategy is.
    Mode,
    /// What is left of it after windows of past recommendations.
    Stabilized,
    /// Whether the strategy may act already.
    Cooldown,
    /// How far one step may go.
    RateLimited,
    /// Whether the fleet may have that size.
    Bounded,
    /// What a guard says.
    Guarded,
    /// The answer.
    Proposed,
}

impl fmt::Display for StepName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Samples => "Samples",
            Self::Classified => "Classified",
            Self::Demand => "Demand",
            Self::Forecast => "Forecast",
            Self::Season => "Season",
            Self::Headroom => "Headroom",
            Self::Proposals => "Proposals",
            Self::Winner => "Winner",
            Self::Mode => "Mode",
            Self::Stabilized => "Stabilized",
            Self::Cooldown => "Cooldown",
            Self::RateLimited => "Rate limited",
            Self::Bounded => "Bounded",
            Self::Guarded => "Guarded",
            Self::Proposed => "Proposed",
        })
    }
}

impl Decision {
    /// The chain from the samples to the answer, one step after the other.
    pub fn steps(&self) -> Vec<Step> {
        let is_guarded = self.chain.guards.binding().is_some();
        let plain = |name, (detail, value)| Step {
            name,
            detail,
            value,
            binding: false,
        };
        let mut steps = Vec::with_capacity(10);
        steps.push(plain(StepName::Samples, self.samples_step()));
        steps.push(plain(StepName::Classified, self.classified_step()));
        steps.extend(self.chain.strategy.steps().into_iter().map(|step| Step {
            binding: step.binding && !is_guarded,
            ..step
        }));
        steps.extend(self.chain.guards.steps());
        steps.push(plain(StepName::Proposed, self.proposed_step()));
        steps
    }

    /// A sentence that says what would have led to another answer.
    pub fn what_would_change_it(&self) -> String {
        let Some(Counterfactual { change, target }) = self.counterfactual else {
            return String::from("No single change of the load or the guards would.");
        };
        let outcome = match Action::between(self.current, target) {
            Action::None => format!("it stays at {target}"),
            Action::Out | Action::In => format!("it is {target}"),
        };
        match change {
            Change::CooldownOver { remaining } => {
                format!("In {} at the same load {outcome}.", Span(remaining))
            }
            Change::Later { after } => {
                format!("In {} at the same load {outcome}.", Span(after))
            }
            Change::Load { permille } => format!("With {} {outcome}.", OtherLoad(permille)),
            Change::HighOnesFall => {
                format!(
                    "With {} {outcome}.",
                    self.of_threshold(ThresholdRecord::fallen)
                )
            }
            Change::Rises { resource, level } => {
                format!(
                    "With {} at {} {outcome}.",
                    resource.quantity(),
                    resource.amount(level)
                )
            }
            Change::AllLow => {
                let lowered = self.of_threshold(ThresholdRecord::lowered);
                format!("With {lowered} on every ready node {outcome}.")
            }
            Change::MaxNodes(nodes) => format!("With max_nodes {nodes} {outcome}."),
            Change::MinNodes(nodes) => format!("With min_nodes {nodes} {outcome}."),
            Change::Without(guard) => format!("Without {guard} {outcome}."),
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
        let mut detail = format!(
            "{} ready, {} starting, {} draining",
            fleet.ready, fleet.starting, fleet.draining
        );
        for (nodes, state) in [(fleet.unready, "unready"), (fleet.gone, "gone")] {
            if nodes > 0 {
                detail.extend([", ", &nodes.to_string(), " ", state]);
            }
        }
        let coming = fleet.size().saturating_sub(fleet.ready);
        (detail, format!("{} + {coming}", fleet.ready))
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

    /// What the threshold rule says; nothing if another strategy decided.
    fn of_threshold(&self, words: impl FnOnce(&ThresholdRecord) -> String) -> String {
        match &self.chain.strategy {
            StrategyRecord::Threshold(record) => words(record),
            _ => String::new(),
        }
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
        let evidence = self.chain.strategy.evidence();
        write!(f, ": {evidence}; bound by {}", self.binding)?;
        let waits = self.counterfactual.and_then(|other| other.change.waits());
        waits.map_or(Ok(()), |left| write!(f, " ({} left)", Span(left)))
    }
}

impl Change {
    /// The time that must pass, if nothing else has to change.
    const fn waits(self) -> Option<Micros> {
        match self {
            Self::CooldownOver { remaining } => Some(remaining),
            Self::Later { after } => Some(after),
            _ => None,
        }
    }
}

pub(super) fn join(parts: impl Iterator<Item = String>, separator: &str) -> String {
    parts.collect::<Vec<_>>().join(separator)
}

/// `12.5 % more load`.
struct OtherLoad(u32);

impl fmt::Display for OtherLoad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let difference = self.0.abs_diff(1_000);
        let direction = if self.0 > 1_000 { "more" } else { "less" };
        let (whole, tenths) = (difference / 10, difference % 10);
        write!(f, "{whole}.{tenths} % {direction} load")
    }
}

/// `1 node`, `2 nodes`.
pub(super) struct Nodes(pub(super) u64);

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
pub(super) struct Span(pub(super) Micros);

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
