//! One run with its history: run it, step it, seek in it, change it, look at it.
//!
//! A world only goes forward. To go back the lab takes a copy it made earlier and goes forward
//! from there: the run is deterministic, so what it finds is what was. Whatever takes long does
//! so in slices, each with a budget of events, so that a page stays alive meanwhile.

mod checkpoints;
mod comparison;

use std::sync::Arc;

use quorate::Micros;

pub use comparison::{Comparison, Difference, Divergence, Happening};

use self::checkpoints::Checkpoints;
use self::comparison::Trail;
use crate::action::Action;
use crate::history::History;
use crate::load::Trace;
use crate::scenario::{Scenario, ScenarioError};
use crate::snapshot::Snapshot;
use crate::view::{self, Focus};
use crate::world::{ActionError, Recording, World};

/// A run in a laboratory.
#[derive(Clone, Debug)]
pub struct Lab {
    world: World,
    history: History,
    checkpoints: Checkpoints,
    trail: Trail,
    seek: Option<Seek>,
    scenario: Scenario,
}

/// How far a call came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// As far as asked.
    Reached,
    /// The budget of events is used up: call again.
    Paused,
    /// An invariant broke just now.
    Violated,
    /// The scenario is over.
    Finished,
}

/// Where a seek goes, and where it began.
#[derive(Clone, Copy, Debug)]
struct Seek {
    target: Target,
    from_event: u64,
}

#[derive(Clone, Copy, Debug)]
enum Target {
    Time(Micros),
    Event(u64),
}

/// What the copies of the world may take together unless somebody says otherwise, in bytes.
pub const CHECKPOINT_BYTES: usize = 256 << 20;

impl Lab {
    /// A run at its beginning. `trace` is the file that the scenario's load asks for, if it does.
    pub fn new(scenario: Scenario, trace: Option<&Arc<Trace>>) -> Result<Self, ScenarioError> {
        Self::within(scenario, trace, CHECKPOINT_BYTES)
    }

    /// The same, with a limit to what is kept for going back, in bytes. Less memory makes longer ways.
    pub fn within(
        scenario: Scenario,
        trace: Option<&Arc<Trace>>,
        checkpoint_bytes: usize,
    ) -> Result<Self, ScenarioError> {
        let world = World::new(scenario.clone(), trace, Recording::On)?;
        Ok(Self {
            checkpoints: Checkpoints::new(&world, checkpoint_bytes),
            trail: Trail::default(),
            history: History::new(&scenario),
            world,
            seek: None,
            scenario,
        })
    }

    /// A second run with the same past, which goes its own way from here. Both are kept; what they
    /// have in common they share.
    #[must_use]
    pub fn fork(&self) -> Self {
        self.clone()
    }

    /// How many copies of the world are kept for going back, and what they are reckoned to take, in
    /// bytes.
    pub fn checkpoints(&self) -> (usize, usize) {
        (self.checkpoints.len(), self.checkpoints.bytes())
    }

    /// What is run, with everything that was done by hand.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The world as it is now.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Simulated time.
    pub fn now(&self) -> Micros {
        self.world.now()
    }

    /// Events processed so far.
    pub fn events(&self) -> u64 {
        self.world.events()
    }

    /// The digest of all of them.
    pub fn digest(&self) -> u64 {
        self.world.digest()
    }

    /// When the scenario ends.
    pub fn end(&self) -> Micros {
        self.scenario.until
    }

    /// What happened so far, also after `now` if the run was sought back.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Runs up to a time, with a budget of events.
    pub fn advance(&mut self, until: Micros, max_events: u64) -> Progress {
        self.seek = None;
        let was_violated = self.world.is_violated();
        let budget_end = self.world.events().saturating_add(max_events);
        while self.world.next_time().is_some_and(|at| at <= until) {
            if self.world.events() >= budget_end {
                return Progress::Paused;
            }
            self.step_once();
            if self.world.is_violated() && !was_violated {
                return Progress::Violated;
            }
        }
        self.world.pass_time(until);
        if self.world.now() >= self.end() {
            Progress::Finished
        } else {
            Progress::Reached
        }
    }

    /// Processes one event.
    pub fn step_forward(&mut self) -> Progress {
        self.seek = None;
        let was_violated = self.world.is_violated();
        if !self.step_once() {
            return Progress::Finished;
        }
        if self.world.is_violated() && !was_violated {
            Progress::Violated
        } else {
            Progress::Reached
        }
    }

    /// Begins to go back by one event.
    pub fn step_back(&mut self) {
        self.begin_seek(Target::Event(self.world.events().saturating_sub(1)));
    }

    /// Begins to go to an event.
    pub fn seek_event(&mut self, event: u64) {
        self.begin_seek(Target::Event(event));
    }

    /// Begins to go to a time.
    pub fn seek(&mut self, to: Micros) {
        self.begin_seek(Target::Time(to.min(self.end())));
    }

    /// How far a seek has come, in thousandths of its events, if one is under way.
    pub fn seeking(&self) -> Option<u32> {
        let seek = self.seek?;
        let (done, total) = match seek.target {
            Target::Event(event) => (
                self.world.events() - seek.from_event,
                event.saturating_sub(seek.from_event),
            ),
            Target::Time(at) => (self.world.now().0, at.0),
        };
        Some(u32::try_from(done.min(total) * 1_000 / total.max(1)).unwrap_or(1_000))
    }

    /// Goes on with a seek, with a budget of events.
    pub fn continue_seek(&mut self, max_events: u64) -> Progress {
        let Some(seek) = self.seek else {
            return Progress::Reached;
        };
        let budget_end = self.world.events().saturating_add(max_events);
        while self.world.events() < budget_end {
            let there = match seek.target {
                Target::Event(event) => self.world.events() >= event,
                Target::Time(at) => self.world.next_time().is_none_or(|next| next > at),
            };
            if there || !self.step_once() {
                if let Target::Time(at) = seek.target {
                    self.world.pass_time(at);
                }
                self.seek = None;
                return Progress::Reached;
            }
        }
        Progress::Paused
    }

    /// Does an action by hand, now. What was known of the time after now is forgotten.
    pub fn act(&mut self, action: Action) -> Result<(), ActionError> {
        self.world.check_action(&action)?;
        self.history.truncate(self.world.now(), self.world.events());
        self.checkpoints.truncate(self.world.events());
        self.trail.truncate(self.world.events());
        self.world.set_recording(Recording::On);
        self.world.act(action)?;
        self.scenario = self.world.edited_scenario();
        self.record();
        Ok(())
    }

    /// The picture at this moment.
    pub fn snapshot(&self, focus: &Focus) -> Snapshot {
        let status = self.history.status_at(self.world.events());
        view::snapshot(&self.world, focus, status)
    }

    /// Takes the latest checkpoint before the target, unless going on from here is nearer.
    fn begin_seek(&mut self, target: Target) {
        let is_before = |world: &World| match target {
            Target::Time(at) => world.now() <= at,
            Target::Event(event) => world.events() <= event,
        };
        let nearest = self.checkpoints.latest_events(is_before);
        if !is_before(&self.world) || self.world.events() < nearest {
            self.world = self.checkpoints.latest(is_before, &self.scenario.actions);
        }
        self.seek = Some(Seek {
            target,
            from_event: self.world.events(),
        });
    }

    fn step_once(&mut self) -> bool {
        // What the history has is not told again: the way back to a known moment is shorter.
        let is_known = self.world.events() < self.history.last_event();
        self.world.set_recording(if is_known {
            Recording::Off
        } else {
            Recording::On
        });
        if !self.world.step() {
            return false;
        }
        self.record();
        self.checkpoints.passed(&self.world);
        self.trail.passed(self.world.events(), self.world.digest());
        true
    }

    fn record(&mut self) {
        for notice in self.world.notices() {
            self.history.record(notice);
        }
        self.world.forget_notices();
        self.history.reached(self.world.now(), self.world.events());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presets;

    #[test]
    fn what_the_history_has_the_world_forgets() {
        let preset = presets::find("five-nodes").unwrap();
        let mut lab = Lab::new(preset.scenario, None).unwrap();
        lab.advance(Micros::from_secs(5), 10_000);
        assert!(lab.history().events().next().is_some());
        assert_eq!(lab.world.notices(), []);
    }
}
