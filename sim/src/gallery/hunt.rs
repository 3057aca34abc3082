//! A mutant is run through its scene until its owner notices.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use quorate::Micros;

use super::scenes::Meddling;
use super::{Scene, Specimen};
use crate::fuzz::{Peace, words_of};
use crate::mutant::Mutant;
use crate::observer::{Invariant, Violation};
use crate::scenario::ScenarioError;
use crate::world::{Recording, World};

/// What came of hunting a mutant: a row of the kill matrix.
#[derive(Clone, Debug)]
pub struct Hunt {
    /// The scenarios that were run.
    pub seeds: u64,
    /// The events in them.
    pub events: u64,
    /// The simulated time in them.
    pub simulated: Micros,
    /// Who noticed anything, in the order in which they are shown, with the seed of the first time.
    pub noticed: Vec<(Invariant, u64)>,
    /// How the owner noticed; `None` if the mutant survived.
    pub kill: Option<Kill>,
}

/// How a mutant was killed.
#[derive(Clone, Debug)]
pub struct Kill {
    /// The seed of the scenario.
    pub seed: u64,
    /// What the owner saw.
    pub violation: Violation,
}

/// What was seen of a run.
#[derive(Clone, Debug)]
pub struct Observed {
    /// Events processed.
    pub events: u64,
    /// Simulated time that passed.
    pub simulated: Micros,
    /// The first violation of every invariant that broke.
    pub violations: Vec<Violation>,
    /// The words of a panic, if the kernel found itself in an impossible state.
    pub panic: Option<String>,
}

/// A message storm ends a run after so many events for each simulated second.
const EVENTS_PER_SECOND: u64 = 20_000;

/// Runs a specimen through its scene with one seed after another, at most `limit` of them, until its
/// owner notices. `control` is told how many are done, and may stop the hunt.
pub fn hunt(
    specimen: &Specimen,
    limit: u64,
    control: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<Hunt, ScenarioError> {
    let mut hunt = Hunt {
        seeds: 0,
        events: 0,
        simulated: Micros::ZERO,
        noticed: Vec::new(),
        kill: None,
    };
    for seed in 0..limit {
        let seen = observe(&specimen.scene, seed, specimen.mutant, Some(specimen.owner))?;
        hunt.add(specimen.owner, seed, seen);
        if hunt.kill.is_some() || control(hunt.seeds).is_break() {
            break;
        }
    }
    Ok(hunt)
}

/// Runs a scene with a seed to its end, or until a certain invariant breaks, or until the kernel panics.
pub fn observe(
    scene: &Scene,
    seed: u64,
    mutant: Mutant,
    until: Option<Invariant>,
) -> Result<Observed, ScenarioError> {
    let scenario = scene.scenario(seed);
    let meddling = scene.meddling;
    let mut world = World::with_mutant(scenario, None, Recording::Off, mutant)?;
    // The world is not used after a panic but for what it had counted.
    let ended = catch_unwind(AssertUnwindSafe(|| run(&mut world, meddling, until)));
    let panic = ended.err().map(|panic| words_of(&*panic).to_owned());
    Ok(Observed {
        events: world.events(),
        simulated: world.now(),
        violations: world.observer.violations().cloned().collect(),
        panic,
    })
}

/// Runs to the end. If the scenario ends in peace, all must come right in it.
fn run(world: &mut World, meddling: Meddling, until: Option<Invariant>) {
    let mut peace = Peace::of(world.scenario());
    let mut found = 0;
    let mut acted = world.next_action();
    while world.step() {
        if meddling == Meddling::ComparesFromAfar && world.next_action() != acted {
            acted = world.next_action();
            world.compare_from_afar();
        }
        let is_storm = world.events() > EVENTS_PER_SECOND * (10 + world.now().as_secs());
        if is_storm {
            return;
        }
        if let Some(peace) = &mut peace {
            peace.watch(world);
        }
        let violations = world.observer.violations().count();
        if violations > found {
            found = violations;
            let is_over = |violation: &Violation| Some(violation.invariant) == until;
            if world.observer.violations().any(is_over) {
                return;
            }
        }
    }
    if let Some(peace) = peace {
        peace.end(world);
    }
}

impl Hunt {
    fn add(&mut self, owner: Invariant, seed: u64, run: Observed) {
        self.seeds += 1;
        self.events += run.events;
        self.simulated = self.simulated + run.simulated;
        for violation in run.violations {
            let invariant = violation.invariant;
            if let Err(place) = self
                .noticed
                .binary_search_by_key(&invariant, |(name, _)| *name)
            {
                self.noticed.insert(place, (invariant, seed));
            }
            if invariant == owner && self.kill.is_none() {
                self.kill = Some(Kill { seed, violation });
            }
        }
    }
}
