//! What would have led to another answer.
//!
//! "Why is it not scaling?" is the question that operators ask most, and a guess is worse than
//! no answer. So a change is not described, it is made: on a copy of the reading or of the
//! settings, which the same rule then judges. The target in a [`Counterfactual`] is what the rule
//! answered, and a change that leads to the same answer is not offered.

use super::{Evaluation, Reading, Threshold};
use crate::autoscale::{
    BindingRule, Bounds, Change, Counterfactual, Level, Proposal, Resource, Verdict,
};

impl Threshold {
    /// The smallest change that speaks to the binding rule of `evaluation`.
    ///
    /// After a cooldown the answer may still be the same; that is worth knowing, and said.
    pub(super) fn counterfactual(
        &self,
        reading: &Reading,
        evaluation: &Evaluation,
    ) -> Option<Counterfactual> {
        let change = self.smallest_change(reading.current, evaluation)?;
        let target = self.target_after(change, *reading, &evaluation.proposals)?;
        let waits = matches!(change, Change::CooldownOver { .. });
        (waits || target != evaluation.target).then_some(Counterfactual { change, target })
    }

    fn smallest_change(&self, current: u32, evaluation: &Evaluation) -> Option<Change> {
        let bounds = self.settings.bounds;
        let proposals = &evaluation.proposals;
        let out = (current < bounds.max_nodes())
            .then(|| nearest_to_up(proposals))
            .flatten();
        let wanted = evaluation.winner.nodes;
        match evaluation.binding {
            BindingRule::Cooldown => Some(Change::CooldownOver {
                remaining: evaluation.cooldown.remaining(),
            }),
            BindingRule::UpThreshold(_) => Some(Change::HighOnesFall),
            BindingRule::DownThresholds => nearest_to_down(proposals),
            BindingRule::MaxNodes if current > bounds.max_nodes() => {
                Some(Change::MaxNodes(current))
            }
            BindingRule::MaxNodes => Some(Change::MaxNodes(wanted)),
            BindingRule::MinNodes => match current.min(wanted).max(1) {
                fewer if fewer < bounds.min_nodes() => Some(Change::MinNodes(fewer)),
                // The last node always stays, but it may be joined by others.
                _ => out,
            },
            BindingRule::MissingData if current > bounds.min_nodes() => Some(Change::AllLow),
            BindingRule::MissingData => out,
            BindingRule::WithinRange => out.or(Some(Change::AllLow)),
        }
    }

    /// What the rule answers after `change`.
    fn target_after(
        &self,
        change: Change,
        mut reading: Reading,
        proposals: &[Proposal],
    ) -> Option<u32> {
        let mut settings = self.settings;
        match change {
            Change::CooldownOver { .. } => reading.since_last_action = None,
            Change::HighOnesFall => {
                for high in proposals
                    .iter()
                    .filter(|each| each.verdict == Verdict::High)
                {
                    set(&mut reading, high.resource, high.level.map(|_| high.up - 1));
                }
            }
            Change::Rises { resource, level } => {
                let risen = match reading.level(resource) {
                    Level::Complete(_) => Level::Complete(level),
                    Level::Partial(_) | Level::Unknown => Level::Partial(level),
                };
                set(&mut reading, resource, risen);
            }
            Change::AllLow => {
                for each in proposals {
                    let low = each
                        .level
                        .value()
                        .map_or(each.down, |value| value.min(each.down));
                    set(&mut reading, each.resource, Level::Complete(low));
                }
            }
            Change::MaxNodes(nodes) => {
                settings.bounds = Bounds::new(settings.bounds.min_nodes(), nodes).ok()?;
            }
            Change::MinNodes(nodes) => {
                settings.bounds = Bounds::new(nodes, settings.bounds.max_nodes()).ok()?;
            }
        }
        Some(Self { settings }.evaluate(&reading).target)
    }
}

/// Makes `level` the level of `resource`; that of the queue is per node.
const fn set(reading: &mut Reading, resource: Resource, level: Level) {
    match resource {
        Resource::Cpu => reading.cpu = level,
        Resource::Memory => reading.memory = level,
        Resource::Queue => {
            reading.queue_total = level;
            reading.queue_nodes = 1;
        }
    }
}

/// The resource that lacks the smallest share of its upper threshold, at that threshold.
fn nearest_to_up(proposals: &[Proposal]) -> Option<Change> {
    let nearest = nearest(proposals, |each| each.up)?;
    Some(Change::Rises {
        resource: nearest.resource,
        level: nearest.up,
    })
}

/// The resource that lacks the smallest share of its lower threshold, just above it.
fn nearest_to_down(proposals: &[Proposal]) -> Option<Change> {
    let nearest = nearest(proposals, |each| each.down)?;
    Some(Change::Rises {
        resource: nearest.resource,
        level: nearest.down + 1,
    })
}

/// The first of the proposals whose level is the largest share of `threshold`.
fn nearest(proposals: &[Proposal], threshold: impl Fn(&Proposal) -> u64) -> Option<&Proposal> {
    let share = |each: &Proposal| {
        let level = u128::from(each.level.value().unwrap_or(0));
        level.saturating_mul(1_000) / u128::from(threshold(each).max(1))
    };
    proposals.iter().rev().max_by_key(|each| share(each))
}
