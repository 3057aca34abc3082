//! What would have led to another answer.
//!
//! "Why is it not scaling?" is the question that operators ask most, and a guess is worse than no
//! answer. So a change is not described, it is made: on a copy of the state, the settings or the
//! observation, which the same rules then judge. The target in a [`Counterfactual`] is what they
//! answered, and a change that leads to the same answer is not offered.
//!
//! Where a guard was binding, its own limit or the time at which it lets go is tried. Where the
//! strategy was, the time after which it acts by itself, then the smallest change of the load.

use super::policy::threshold::{Reading, Threshold, ThresholdRecord};
use super::policy::{Strategy, StrategyRecord};
use super::{
    Action, Bounds, Evaluation, GuardInput, GuardReason, Observation, Policy, Resource, State,
    evaluate,
};
use crate::Micros;

/// A change, and the answer that it would have led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Counterfactual {
    /// What would have to be different.
    pub change: Change,
    /// The target then.
    pub target: u32,
}

/// Something that could have been different.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Change {
    /// The cooldown is over. The target then may still be the current size.
    CooldownOver {
        /// How long that takes.
        #[cfg_attr(feature = "serde", serde(rename = "remaining_micros"))]
        remaining: Micros,
    },
    /// Every resource that is high stays one unit below its upper threshold.
    HighOnesFall,
    /// This resource reaches `level`.
    Rises {
        /// Which resource.
        resource: Resource,
        /// How far, in the unit of its threshold.
        level: i64,
    },
    /// Every resource is low on every ready node's word.
    AllLow,
    /// All readings are this many thousandths of what they are.
    Load {
        /// How many.
        permille: u32,
    },
    /// This time passes, and everything else stays as it is.
    Later {
        /// How long.
        #[cfg_attr(feature = "serde", serde(rename = "after_micros"))]
        after: Micros,
    },
    /// The largest fleet has this size.
    MaxNodes(u32),
    /// The smallest fleet has this size.
    MinNodes(u32),
    /// This guard is not there.
    Without(GuardReason),
}

/// An evaluation that has been made, and what it was made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Made<'a> {
    pub(super) policy: &'a Policy,
    /// The state before the evaluation.
    pub(super) before: &'a State,
    pub(super) observation: &'a Observation,
    pub(super) now: Micros,
    pub(super) evaluation: &'a Evaluation,
}

impl Made<'_> {
    /// A small change that leads to another answer. Runs the rules again, at most some dozens of
    /// times.
    pub(super) fn counterfactual(&self) -> Option<Counterfactual> {
        if let Some(verdict) = self.evaluation.chain.guards.binding() {
            return self.without_guard(verdict.reason, verdict.frees_at);
        }
        match (&self.policy.strategy, &self.evaluation.chain.strategy) {
            (Strategy::Threshold(threshold), StrategyRecord::Threshold(record)) => {
                self.of_threshold(threshold, record)
            }
            _ => self.after_waiting().or_else(|| self.under_other_load()),
        }
    }

    fn of_threshold(
        &self,
        threshold: &Threshold,
        record: &ThresholdRecord,
    ) -> Option<Counterfactual> {
        let since = self
            .before
            .last_action()
            .map(|last| self.now.since(last.at));
        let reading = Reading::of(&self.evaluation.chain.fleet, since);
        let (change, nodes) =
            threshold.after_smallest_change(&reading, record, self.policy.bounds())?;
        let target = self.guarded(nodes);
        let waits = matches!(change, Change::CooldownOver { .. });
        (waits || target != self.evaluation.target).then_some(Counterfactual { change, target })
    }

    /// What the guards make of another proposal.
    fn guarded(&self, proposed: u32) -> u32 {
        let input = GuardInput {
            observation: self.observation,
            fleet: &self.evaluation.chain.fleet,
            current: self.evaluation.current,
            proposed,
            now: self.now,
        };
        let mut state = self.before.guards.clone();
        self.policy.guards.apply(&mut state, &input).target()
    }

    /// What happens once the guard lets go, or without it.
    fn without_guard(
        &self,
        reason: GuardReason,
        frees_at: Option<Micros>,
    ) -> Option<Counterfactual> {
        let later = frees_at.filter(|&at| at > self.now).and_then(|at| {
            let after = at.since(self.now);
            self.offered(Change::Later { after }, self.target_later(after))
        });
        later.or_else(|| {
            let (change, policy) = self.relaxed(reason)?;
            self.offered(change, self.target(&policy, self.observation))
        })
    }

    /// The policy without the limit that was binding.
    fn relaxed(&self, reason: GuardReason) -> Option<(Change, Policy)> {
        let bounds = self.policy.bounds();
        let evaluation = self.evaluation;
        let proposed = evaluation.chain.proposed();
        let (change, bounds) = match reason {
            GuardReason::MaxNodes => {
                let nodes = proposed.max(evaluation.current.min(proposed)).max(1);
                (
                    Change::MaxNodes(nodes),
                    Bounds::new(bounds.min_nodes(), nodes),
                )
            }
            GuardReason::MinNodes => {
                let floor = u32::from(self.policy.strategy.needs_a_node());
                let nodes = proposed.max(floor);
                (
                    Change::MinNodes(nodes),
                    Bounds::new(nodes, bounds.max_nodes()),
                )
            }
            other => {
                let mut policy = self.policy.clone();
                policy.guards = policy.guards.without(other);
                return Some((Change::Without(other), policy));
            }
        };
        let mut policy = self.policy.clone();
        policy.guards = policy.guards.with_bounds(bounds.ok()?).ok()?;
        Some((change, policy))
    }

    /// What the strategy does by itself at this load, if it does anything within an hour.
    fn after_waiting(&self) -> Option<Counterfactual> {
        const HORIZON: Micros = Micros::from_secs(3_600);
        let interval = self.policy.evaluation_interval();
        let steps = (HORIZON.0 / interval.0).clamp(1, self.affordable_steps());
        let mut state = self.before.clone();
        let mut observation = self.observation.clone();
        let mut at = self.now;
        evaluate(self.policy, &mut state, &observation, at);
        for _ in 0..steps {
            at = at + interval;
            observation.pass(interval);
            let target = evaluate(self.policy, &mut state, &observation, at).target;
            if target != self.evaluation.target {
                let after = at.since(self.now);
                let change = Change::Later { after };
                return Some(Counterfactual { change, target });
            }
        }
        None
    }

    /// How many evaluations ahead are looked at: an answer that took longer than the interval
    /// until the next one would be of no use.
    fn affordable_steps(&self) -> u64 {
        const MOST_STEPS: u64 = 240;
        const MOST_SAMPLES: u64 = 1_000_000;
        let samples = self.observation.nodes().len().max(1) as u64;
        (MOST_SAMPLES / samples).clamp(4, MOST_STEPS)
    }

    /// The smallest change of the load, in thousandths, that changes the answer: less of it if
    /// nodes are added, more otherwise; the other way if that leads nowhere.
    fn under_other_load(&self) -> Option<Counterfactual> {
        let mut copy = self.observation.clone();
        let mut target_under = |permille| {
            copy.put_under_load(self.observation, permille);
            self.target(self.policy, &copy)
        };
        let action = Action::between(self.evaluation.current, self.evaluation.target);
        let directions = if action == Action::Out {
            [least_of_less, least_of_more]
        } else {
            [least_of_more, least_of_less]
        };
        let target = self.evaluation.target;
        directions.into_iter().find_map(|search| {
            let permille = search(&mut |permille| target_under(permille) != target)?;
            self.offered(Change::Load { permille }, target_under(permille))
        })
    }

    fn target(&self, policy: &Policy, observation: &Observation) -> u32 {
        let mut state = self.before.clone();
        evaluate(policy, &mut state, observation, self.now).target
    }

    fn target_later(&self, after: Micros) -> u32 {
        let mut state = self.before.clone();
        let mut observation = self.observation.clone();
        evaluate(self.policy, &mut state, &observation, self.now);
        observation.pass(after);
        evaluate(self.policy, &mut state, &observation, self.now + after).target
    }

    fn offered(&self, change: Change, target: u32) -> Option<Counterfactual> {
        (target != self.evaluation.target).then_some(Counterfactual { change, target })
    }
}

/// The least load above the present one, in thousandths of it, for which `differs` is true.
fn least_of_more(differs: &mut dyn FnMut(u32) -> bool) -> Option<u32> {
    const MOST: u32 = 64_000;
    let mut same = 1_000;
    let mut other = 1_001;
    while !differs(other) {
        if other == MOST {
            return None;
        }
        same = other;
        other = (1_000 + (other - 1_000) * 2).min(MOST);
    }
    Some(bisected(same, other, differs))
}

/// The same below the present one.
fn least_of_less(differs: &mut dyn FnMut(u32) -> bool) -> Option<u32> {
    differs(0).then(|| bisected(1_000, 0, differs))
}

/// The load nearest to `same` at which the answer differs, by halving the way from `other`.
fn bisected(mut same: u32, mut other: u32, differs: &mut dyn FnMut(u32) -> bool) -> u32 {
    while same.abs_diff(other) > 1 {
        let middle = same.midpoint(other);
        if differs(middle) {
            other = middle;
        } else {
            same = middle;
        }
    }
    other
}
