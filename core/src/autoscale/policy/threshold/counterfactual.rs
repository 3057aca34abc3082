//! What would have led to another answer.
//!
//! "Why is it not scaling?" is the question that operators ask most, and a guess is worse than
//! no answer. So a change is not described, it is made: on a copy of the reading or of the
//! settings, which the same rule then judges. The target in a [`Counterfactual`] is what the rule
//! answered, and a change that leads to the same answer is not offered.

use super::{Proposal, Reading, Threshold, ThresholdRecord, ThresholdRule, Verdict};
use crate::autoscale::{Bounds, Change, Level, Resource};

impl Threshold {
    /// The smallest change that speaks to the rule of `record`, and what the rule answers then.
    pub(in crate::autoscale) fn after_smallest_change(
        &self,
        reading: &Reading,
        record: &ThresholdRecord,
        bounds: Bounds,
    ) -> Option<(Change, u32)> {
        let change = smallest_change(reading.current, record, bounds)?;
        Some((
            change,
            self.nodes_after(change, *reading, &record.proposals)?,
        ))
    }

    /// What the rule answers after `change`; `None` if the change is not one of the load.
    fn nodes_after(
        &self,
        change: Change,
        mut reading: Reading,
        proposals: &[Proposal],
    ) -> Option<u32> {
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
            _ => return None,
        }
        Some(self.evaluate(&reading).nodes)
    }
}

fn smallest_change(current: u32, record: &ThresholdRecord, bounds: Bounds) -> Option<Change> {
    let proposals = &record.proposals;
    let out = (current < bounds.max_nodes())
        .then(|| nearest_to_up(proposals))
        .flatten();
    match record.rule {
        ThresholdRule::Cooldown => Some(Change::CooldownOver {
            remaining: record.cooldown.remaining(),
        }),
        ThresholdRule::UpThreshold(_) => Some(Change::HighOnesFall),
        ThresholdRule::DownThresholds if current <= bounds.min_nodes() => out,
        ThresholdRule::DownThresholds => nearest_to_down(proposals),
        ThresholdRule::MissingData if current > bounds.min_nodes() => Some(Change::AllLow),
        ThresholdRule::MissingData => out,
        ThresholdRule::WithinRange => out.or(Some(Change::AllLow)),
    }
}

/// Makes `level` the level of `resource`; that of the queue is per node.
fn set(reading: &mut Reading, resource: Resource, level: Level) {
    match resource {
        Resource::Cpu => reading.cpu = level,
        Resource::Memory => reading.memory = level,
        Resource::Queue => {
            reading.queue_total = level.map(|requests| requests.saturating_mul(1_000));
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
fn nearest(proposals: &[Proposal], threshold: impl Fn(&Proposal) -> i64) -> Option<&Proposal> {
    let share = |each: &Proposal| {
        let level = i128::from(each.level.value().unwrap_or(0));
        level.saturating_mul(1_000) / i128::from(threshold(each).max(1))
    };
    proposals.iter().rev().max_by_key(|each| share(each))
}
