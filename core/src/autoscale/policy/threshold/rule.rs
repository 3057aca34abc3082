//! The rule on plain numbers: no fleet, no clock, no allocation.
//!
//! In this order: a cooldown that is not over forbids everything; one high resource adds
//! `max(1, ceil(current / 2))` nodes; if all are low, one node goes; otherwise nothing. The
//! bounds have the last word.

use super::{Band, Threshold};
use crate::Micros;
use crate::autoscale::{
    Action, BindingRule, Cooldown, Fleet, Level, Proposal, Resource, Verdict, Winner,
};

/// The numbers that the rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Ready and starting nodes.
    pub current: u32,
    /// Average CPU of the ready nodes, per mille of one node.
    pub cpu: Level,
    /// Average memory of the ready nodes, per mille of one node.
    pub memory: Level,
    /// Requests that wait, all told.
    pub queue_total: Level,
    /// The nodes on which they wait: the queue per node is the integer quotient of the two.
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
            Resource::Queue => self
                .queue_total
                .map(|total| total / u64::from(self.queue_nodes)),
        }
    }
}

/// What the rule says, with its intermediate numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// What each resource alone would want, in the order of [`Resource::ALL`].
    pub proposals: [Proposal; 3],
    /// What they come to together.
    pub winner: Winner,
    /// Whether that is allowed already.
    pub cooldown: Cooldown,
    /// The answer, within the bounds.
    pub target: u32,
    /// The direction of the answer.
    pub action: Action,
    /// The rule that decided.
    pub binding: BindingRule,
}

impl Threshold {
    /// Applies the rule. O(1), allocates nothing.
    pub fn evaluate(&self, reading: &Reading) -> Evaluation {
        let settings = self.settings();
        let current = reading.current;
        let proposals = Resource::ALL.map(|resource| {
            propose(
                resource,
                reading.level(resource),
                settings.band(resource),
                current,
            )
        });
        let winner = winner(&proposals, current);
        let cooldown = Cooldown {
            length: settings.cooldown,
            since_last_action: reading.since_last_action,
        };
        let (allowed, rule) = if cooldown.is_active() {
            (current, BindingRule::Cooldown)
        } else {
            (winner.nodes, winner.rule)
        };
        let target = settings.bounds.clamp(allowed);
        let binding = match Action::between(allowed, target) {
            Action::None => rule,
            Action::In => BindingRule::MaxNodes,
            Action::Out => BindingRule::MinNodes,
        };
        let action = Action::between(current, target);
        Evaluation {
            proposals,
            winner,
            cooldown,
            target,
            action,
            binding,
        }
    }
}

fn propose(resource: Resource, level: Level, band: Band, current: u32) -> Proposal {
    let Band { up, down } = band;
    let verdict = match level {
        Level::Partial(value) | Level::Complete(value) if value >= up => Verdict::High,
        Level::Partial(value) | Level::Complete(value) if value > down => Verdict::Between,
        Level::Complete(_) => Verdict::Low,
        Level::Partial(_) | Level::Unknown => Verdict::Unproven,
    };
    let nodes = match verdict {
        Verdict::High => grown(current),
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
fn grown(current: u32) -> u32 {
    current.saturating_add(current.div_ceil(2).max(1))
}

/// Any high resource wins; removing takes all of them.
fn winner(proposals: &[Proposal], current: u32) -> Winner {
    let has = |verdict| proposals.iter().any(|proposal| proposal.verdict == verdict);
    if let Some(high) = proposals
        .iter()
        .find(|proposal| proposal.verdict == Verdict::High)
    {
        Winner {
            nodes: high.nodes,
            rule: BindingRule::UpThreshold(high.resource),
        }
    } else if has(Verdict::Between) {
        Winner {
            nodes: current,
            rule: BindingRule::WithinRange,
        }
    } else if has(Verdict::Unproven) {
        Winner {
            nodes: current,
            rule: BindingRule::MissingData,
        }
    } else {
        Winner {
            nodes: current.saturating_sub(1),
            rule: BindingRule::DownThresholds,
        }
    }
}
