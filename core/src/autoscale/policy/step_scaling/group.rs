//! A step applied to a group of which a part is on its way in or out.
//!
//! Applying every alarm to the desired capacity would add the same ten percent again each minute
//! until the first new instance helps. So a way out starts from the capacity that has warmed up
//! and never takes back what is on its way, and a way in starts from what is there including what
//! terminates, and never removes twice. While instances warm up there is no way in at all.

use alloc::collections::VecDeque;

use super::{Adjusted, Adjustment};
use crate::Micros;

/// The capacity of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capacity {
    /// What is wanted: the desired capacity as last set.
    pub desired: u32,
    /// Instances that serve and have warmed up.
    pub in_service: u32,
    /// Instances that start or warm up.
    pub warming: u32,
    /// Instances that terminate.
    pub terminating: u32,
}

impl Capacity {
    /// A group in which nothing is on its way.
    pub const fn settled(capacity: u32) -> Self {
        Self {
            desired: capacity,
            in_service: capacity,
            warming: 0,
            terminating: 0,
        }
    }
}

/// What limits a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Group {
    /// The smallest capacity.
    pub min_size: u32,
    /// The largest capacity.
    pub max_size: u32,
}

/// Which rule decided about a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum GroupRule {
    /// The step of the band.
    Step,
    /// What is on its way already is enough.
    InProgress,
    /// No way in while instances warm up.
    WarmingUp,
    /// The smallest capacity.
    MinSize,
    /// The largest capacity.
    MaxSize,
}

/// A step and what it comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GroupStep {
    /// The capacity that the step was applied to.
    pub base: u32,
    /// What the step makes of it.
    pub adjusted: Adjusted,
    /// The desired capacity afterwards.
    pub desired: u32,
    /// The rule that decided.
    pub rule: GroupRule,
}

impl Group {
    /// Applies a step. O(1).
    pub fn step(self, adjustment: &Adjustment, capacity: &Capacity) -> GroupStep {
        let running = capacity.in_service;
        let outward = adjustment.apply(running);
        if outward.capacity > running {
            return self.bounded(
                running,
                outward,
                capacity,
                outward.capacity.max(capacity.desired),
            );
        }
        let base = running.saturating_add(capacity.terminating);
        let inward = adjustment.apply(base);
        if inward.capacity == base {
            return self.bounded(base, inward, capacity, capacity.desired);
        }
        if capacity.warming > 0 {
            return GroupStep {
                base,
                adjusted: inward,
                desired: capacity.desired,
                rule: GroupRule::WarmingUp,
            };
        }
        self.bounded(
            base,
            inward,
            capacity,
            inward.capacity.min(capacity.desired),
        )
    }

    /// The lower end wins if the ends are crossed.
    fn bounded(self, base: u32, adjusted: Adjusted, capacity: &Capacity, wanted: u32) -> GroupStep {
        let desired = wanted.min(self.max_size).max(self.min_size);
        let rule = if desired < wanted {
            GroupRule::MaxSize
        } else if desired > wanted {
            GroupRule::MinSize
        } else if wanted == capacity.desired && adjusted.change != 0 {
            GroupRule::InProgress
        } else {
            GroupRule::Step
        };
        GroupStep {
            base,
            adjusted,
            desired,
            rule,
        }
    }
}

/// Which instances still warm up, for a host that does not know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct WarmUp {
    /// When how many instances will have warmed up, oldest first. At most [`WarmUp::MAX`].
    until: VecDeque<(Micros, u32)>,
}

impl WarmUp {
    /// The most launches that are told apart; the oldest ones are taken together.
    pub const MAX: usize = 64;

    /// Notes that `instances` were launched and will have warmed up at `until`.
    pub fn launched(&mut self, instances: u32, until: Micros) {
        if instances == 0 {
            return;
        }
        if self.until.len() >= Self::MAX
            && let Some((_, oldest)) = self.until.pop_front()
            && let Some((_, next)) = self.until.front_mut()
        {
            *next = next.saturating_add(oldest);
        }
        // A clock that goes backwards must not let an instance overtake another one.
        let last = self.until.back().map_or(Micros::ZERO, |&(at, _)| at);
        self.until.push_back((until.max(last), instances));
    }

    /// Notes that `instances` went away; the newest go first.
    pub fn terminated(&mut self, mut instances: u32) {
        while let Some((_, newest)) = self.until.back_mut() {
            if *newest > instances {
                *newest -= instances;
                return;
            }
            instances -= *newest;
            self.until.pop_back();
        }
    }

    /// How many still warm up at `now`.
    pub fn warming(&mut self, now: Micros) -> u32 {
        while self.until.front().is_some_and(|&(until, _)| until <= now) {
            self.until.pop_front();
        }
        self.until
            .iter()
            .fold(0, |sum, &(_, instances)| sum.saturating_add(instances))
    }
}
