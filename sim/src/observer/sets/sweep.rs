//! Forgetting what nobody can refer to any more.
//!
//! A payload event is done once everybody who has seen it has also seen a killer of it, in memory
//! and on disk. A killing event is done once everything that it kills is, and everybody who has
//! seen it has it below the floor. It may go if that was so at the last sweep already: what was
//! under way then has arrived since.

use std::collections::BTreeSet;

use quorate::Micros;
use quorate::crdt::{Dot, VersionVector};

use super::facts::Fact;
use super::{SWEEP, Sets};

impl Sets {
    /// Sweeps, if it is time. O(events known · replicas).
    pub(super) fn sweep(&mut self, now: Micros) {
        if now < self.last_sweep + SWEEP || self.under_way_since <= self.last_sweep {
            return;
        }
        self.last_sweep = now;
        let done = |(dot, fact): &(Dot, &Fact)| self.is_done(*dot, fact);
        let done: BTreeSet<Dot> = self.facts.iter().filter(done).map(|(dot, _)| dot).collect();
        for dot in done.intersection(&self.settled) {
            self.facts.forget(*dot);
        }
        self.settled = done;
    }

    fn is_done(&self, dot: Dot, fact: &Fact) -> bool {
        let kills_matter = fact
            .kills
            .iter()
            .any(|killed| self.facts.get(*killed).is_some());
        if kills_matter || !fact.kills.is_empty() && !self.is_below_floors(dot) {
            return false;
        }
        let mut killers = self.facts.killers(dot).iter();
        !fact.has_payload || killers.any(|killer| self.is_dead_by(dot, *killer))
    }

    /// Whether everybody who has seen the event has forgotten its record.
    fn is_below_floors(&self, dot: Dot) -> bool {
        self.seen.values().all(|seen| {
            let is_below = |context: &VersionVector, floor: &VersionVector| {
                !context.contains(dot) || floor.contains(dot)
            };
            is_below(&seen.memory, &seen.floor) && is_below(&seen.disk, &seen.disk_floor)
        })
    }

    /// Whether everybody who has seen the event has seen this killer of it.
    fn is_dead_by(&self, dot: Dot, killer: Dot) -> bool {
        let mut contexts = self
            .seen
            .values()
            .flat_map(|seen| [&seen.memory, &seen.disk]);
        contexts.all(|context| !context.contains(dot) || context.contains(killer))
    }
}
