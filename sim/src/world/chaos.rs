//! Faults that come by themselves.
//!
//! A list of actions says exactly what breaks when; that is what a failing run is reduced to.
//! Before there is one, faults are wanted in numbers and without a plan, from a few rates. They
//! are drawn here, from a generator of their own, and done as the same actions a hand would do.

use quorate::{Micros, NodeId, Random};

use super::World;
use crate::action::Action;
use crate::delay::exponential;
use crate::queue::{Event, Mischief};
use crate::scenario::FaultSpec;

/// What faults of their own accord need.
#[derive(Clone, Debug)]
pub(super) struct Chaos {
    random: Random,
    /// Counts partitions: the end of one that was replaced ends nothing.
    partitions: u32,
}

impl Chaos {
    /// The faults of a seed.
    pub(super) fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            partitions: 0,
        }
    }
}

impl World {
    /// Schedules the first fault of each kind that the scenario has.
    pub(super) fn begin_chaos(&mut self) {
        for mischief in Mischief::ALL {
            self.schedule_mischief(mischief);
        }
    }

    /// Does one fault, and schedules the next of its kind.
    pub(super) fn do_mischief(&mut self, mischief: Mischief) -> Option<NodeId> {
        self.schedule_mischief(mischief);
        let faults = self.scenario.faults;
        match mischief {
            Mischief::Crash => {
                let node = self.draw_victim()?;
                self.act_by_itself(Action::Crash { node });
                let life = self.node(node).life;
                self.schedule_relief(faults.crash_time, Event::Restart { node, life });
                Some(node)
            }
            Mischief::Pause => {
                let node = self.draw_victim()?;
                self.act_by_itself(Action::Pause { node });
                let life = self.node(node).life;
                self.schedule_relief(faults.pause_time, Event::Resume { node, life });
                Some(node)
            }
            Mischief::Partition => {
                let action = self.draw_partition();
                self.act_by_itself(action);
                self.chaos.partitions += 1;
                let count = self.chaos.partitions;
                self.schedule_relief(faults.partition_time, Event::Reunite { count });
                None
            }
            Mischief::Drift => {
                let node = self.draw_victim()?;
                let ppm = draw_drift(&mut self.chaos.random, self.scenario.clocks.max_drift_ppm);
                self.act_by_itself(Action::Drift { node, ppm });
                Some(node)
            }
            Mischief::Jump => {
                let node = self.draw_victim()?;
                let by = draw_between(&mut self.chaos.random, faults.jump_max.0);
                self.act_by_itself(Action::Jump { node, by });
                Some(node)
            }
        }
    }

    /// Whether a partition that came by itself was replaced by another.
    pub(super) fn is_replaced(&self, count: u32) -> bool {
        count != self.chaos.partitions
    }

    fn schedule_mischief(&mut self, mischief: Mischief) {
        let mean = mischief.interval(&self.scenario.faults);
        if mean == Micros::ZERO {
            return;
        }
        let at = self.now + exponential(&mut self.chaos.random, mean) + Micros(1);
        let until = self.scenario.faults.until;
        if until == Micros::ZERO || at < until {
            self.queue.schedule(at, Event::Mischief(mischief));
        }
    }

    fn schedule_relief(&mut self, mean: Micros, relief: Event) {
        let at = self.now + exponential(&mut self.chaos.random, mean) + Micros(1);
        let until = self.scenario.faults.until;
        let at = if until == Micros::ZERO {
            at
        } else {
            at.min(until)
        };
        self.queue.schedule(at.max(self.now), relief);
    }

    /// Some node that runs.
    fn draw_victim(&mut self) -> Option<NodeId> {
        let running: Vec<NodeId> = (self.nodes.iter())
            .filter(|node| node.can_step())
            .map(|node| node.id)
            .collect();
        running.get(self.chaos.random.index(running.len())).copied()
    }

    /// Two sides, cut both ways or one, or joined by a bridge.
    fn draw_partition(&mut self) -> Action {
        let random = &mut self.chaos.random;
        let mut sides = [Vec::new(), Vec::new()];
        for node in self.scenario.node_ids() {
            sides[random.index(2)].push(node);
        }
        let form = random.below(4);
        let [mut one, mut other] = sides;
        match form {
            0 => Action::CutOneWay {
                from: one,
                to: other,
            },
            1 => {
                if let Some(&bridge) = one.first().or(other.first()) {
                    one.push(bridge);
                    other.push(bridge);
                }
                Action::Partition {
                    groups: vec![one, other],
                }
            }
            _ => Action::Partition {
                groups: vec![one, other],
            },
        }
    }
}

impl Mischief {
    /// The mean time between two faults of the kind.
    pub(crate) fn interval(self, faults: &FaultSpec) -> Micros {
        match self {
            Self::Crash => faults.crash_interval,
            Self::Pause => faults.pause_interval,
            Self::Partition => faults.partition_interval,
            Self::Drift => faults.drift_interval,
            Self::Jump => faults.jump_interval,
        }
    }
}

/// A drift within the bound, either way.
pub(super) fn draw_drift(random: &mut Random, max_ppm: u32) -> i32 {
    let drift = draw_between(random, u64::from(max_ppm));
    i32::try_from(drift).expect("a checked drift is below half a million")
}

fn draw_between(random: &mut Random, max: u64) -> i64 {
    let drawn = random.below(2 * max + 1);
    i64::try_from(drawn).expect("checked spans are short") - i64::try_from(max).expect("as above")
}
