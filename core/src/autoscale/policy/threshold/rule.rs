//! The rule on plain numbers: no fleet, no clock, no allocation.
//!
//! In this order: a cooldown that is not over forbids everything; one high resource adds
//! `max(1, ceil(current / 2))` nodes; if all are low, one node goes; otherwise nothing.

use core::fmt;

use super::{Band, Threshold};
use crate::Micros;
use crate::autoscale::rules::Rules;
use crate::autoscale::{Fleet, Level, Resource, Rule};

/// The numbers that the rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Ready and starting nodes.
    pub current: u32,
    /// Average CPU of the ready nodes, per mille of one node.
    pub cpu: Level,
    /// Average memory of the ready nodes, per mille of one node.
    pub memory: Level,
    /// Thousandths of requests that wait, all told.
    pub queue_total: Level,
    /// The nodes on which they wait: the queue per node is the integer quotient of the two, in whole
    /// requests.
    pub queue_nodes: u32,
    /// The time since an action was last carried out, if there was one.
    pub since_last_action: Option<Micros>,
}

impl Reading {
    /// The numbers of a classified fleet.
    pub const fn of(fleet: &Fleet, since_last_action: Option<Micros>) -> Self {
        Self {
            current: fleet.size(),
            cpu: fleet.cpu,
            memory: fleet.memory,
            queue_total: fleet.queue_total,
            queue_nodes: fleet.queue_nodes,
            since_last_action,
        }
    }

    /// The level that the thresholds of `resource` apply to.
    pub(super) fn level(&self, resource: Resource) -> Level {
        match resource {
            Resource::Cpu => self.cpu,
            Resource::Memory => self.memory,
            Resource::Queue if self.queue_nodes == 0 => Level::Unknown,
            Resource::Queue => self.queue_total.map(|total| {
                total
                    .div_euclid(1_000)
                    .div_euclid(i64::from(self.queue_nodes))
            }),
        }
    }
}

/// What the rule says, with its intermediate numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ThresholdRecord {
    /// What each resource alone would want, in the order of [`Resource::ALL`].
    pub proposals: [Proposal; 3],
    /// What they come to together.
    pub winner: Winner,
    /// Whether that is allowed already.
    pub cooldown: Cooldown,
    /// The answer.
    pub nodes: u32,
    /// The rule that decided.
    pub rule: ThresholdRule,
}

/// The rule that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum ThresholdRule {
    /// This resource reached its upper threshold. If several did, the first in the order of
    /// [`Resource::ALL`].
    UpThreshold(Resource),
    /// Every resource is at or below its lower threshold.
    DownThresholds,
    /// No resource is high and not all are low.
    WithinRange,
    /// Nothing seen is above its lower threshold, but not every ready node was seen.
    MissingData,
    /// The last action is too recent.
    Cooldown,
}

impl fmt::Display for ThresholdRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UpThreshold(resource) => write!(f, "the upper threshold of {resource}"),
            Self::DownThresholds => f.write_str("the lower thresholds"),
            Self::WithinRange => f.write_str("the range between the thresholds"),
            Self::MissingData => f.write_str("missing data"),
            Self::Cooldown => f.write_str("the cooldown"),
        }
    }
}

/// What one resource alone would want.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Proposal {
    /// Which resource.
    pub resource: Resource,
    /// Its level; for the queue, whole requests per node.
    pub level: Level,
    /// High from here on.
    pub up: i64,
    /// Low down to here.
    pub down: i64,
    /// Where the level lies.
    pub verdict: Verdict,
    /// The size of the fleet that follows, before the cooldown.
    pub nodes: u32,
}

/// Where a level lies between its thresholds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Verdict {
    /// At or above the upper threshold.
    High,
    /// Between the thresholds.
    Between,
    /// At or below the lower threshold on every ready node's word.
    Low,
    /// Unknown, or low on the word of some ready nodes only: too little to remove a node.
    Unproven,
}

/// What the proposals come to, before the cooldown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Winner {
    /// The size of the fleet that it wants.
    pub nodes: u32,
    /// The rule by which.
    pub rule: ThresholdRule,
}

/// The time since the last action against the time that must pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Cooldown {
    /// The time that must pass between two actions.
    #[cfg_attr(feature = "serde", serde(rename = "length_micros"))]
    pub length: Micros,
    /// The time that has passed; `None` if there was no action yet.
    #[cfg_attr(feature = "serde", serde(rename = "since_last_action_micros"))]
    pub since_last_action: Option<Micros>,
}

impl Cooldown {
    /// How long it still lasts. Zero from the moment on at which exactly its length has passed.
    pub fn remaining(self) -> Micros {
        self.since_last_action
            .map_or(Micros::ZERO, |since| self.length.since(since))
    }

    /// True while no action is allowed.
    pub fn is_active(self) -> bool {
        self.remaining() > Micros::ZERO
    }
}

impl Threshold {
    /// Applies the rule. O(1), allocates nothing.
    pub fn evaluate(&self, reading: &Reading) -> ThresholdRecord {
        self.evaluate_keeping(reading, Rules::default())
    }

    pub(super) fn evaluate_keeping(&self, reading: &Reading, rules: Rules) -> ThresholdRecord {
        let settings = self.settings();
        let current = reading.current;
        let proposals = Resource::ALL.map(|resource| {
            propose(
                resource,
                reading.level(resource),
                settings.band(resource),
                current,
                rules,
            )
        });
        let winner = winner(&proposals, current, rules);
        let cooldown = Cooldown {
            length: settings.cooldown,
            since_last_action: reading.since_last_action,
        };
        let is_held = winner.nodes > current || rules.keep(Rule::CooldownHoldsBothDirections);
        let (nodes, rule) = if cooldown.is_active() && is_held {
            (current, ThresholdRule::Cooldown)
        } else {
            (winner.nodes, winner.rule)
        };
        ThresholdRecord {
            proposals,
            winner,
            cooldown,
            nodes,
            rule,
        }
    }
}

fn propose(resource: Resource, level: Level, band: Band, current: u32, rules: Rules) -> Proposal {
    let Band { up, down } = band;
    let verdict = match level {
        Level::Partial(value) | Level::Complete(value) if value >= up => Verdict::High,
        Level::Partial(value) | Level::Complete(value) if value > down => Verdict::Between,
        Level::Complete(_) => Verdict::Low,
        Level::Partial(_) | Level::Unknown => Verdict::Unproven,
    };
    let nodes = match verdict {
        Verdict::High => grown(current, rules),
        Verdict::Low => current.saturating_sub(1),
        Verdict::Between | Verdict::Unproven => current,
    };
    Proposal {
        resource,
        level,
        up,
        down,
        verdict,
        nodes,
    }
}

/// Half as many nodes again, at least one more.
fn grown(current: u32, rules: Rules) -> u32 {
    let half = if rules.keep(Rule::HalfIsRoundedUp) {
        current.div_ceil(2)
    } else {
        current / 2
    };
    current.saturating_add(half.max(1))
}

/// Any high resource wins; removing takes all of them.
fn winner(proposals: &[Proposal], current: u32, rules: Rules) -> Winner {
    let has = |verdict| proposals.iter().any(|proposal| proposal.verdict == verdict);
    let is_high = |proposal: &&Proposal| proposal.verdict == Verdict::High;
    let is_enough =
        rules.keep(Rule::AnyHighResourceAdds) || proposals.iter().all(|each| is_high(&each));
    if let Some(high) = proposals.iter().find(is_high).filter(|_| is_enough) {
        Winner {
            nodes: high.nodes,
            rule: ThresholdRule::UpThreshold(high.resource),
        }
    } else if has(Verdict::Low) && !rules.keep(Rule::AllMustBeLowToRemove) {
        removal(current)
    } else if has(Verdict::Between) {
        Winner {
            nodes: current,
            rule: ThresholdRule::WithinRange,
        }
    } else if has(Verdict::Unproven) && rules.keep(Rule::MissingDataRemovesNothing) {
        Winner {
            nodes: current,
            rule: ThresholdRule::MissingData,
        }
    } else {
        removal(current)
    }
}

/// One node fewer.
const fn removal(current: u32) -> Winner {
    Winner {
        nodes: current.saturating_sub(1),
        rule: ThresholdRule::DownThresholds,
    }
}
