//! What a mutant is put through: kinds of scenarios, each in as many variants as there are seeds.
//!
//! A random scenario of everything shows most bugs after some thousand runs, if at all: the bug in a
//! change of membership needs a fleet that grows while leaders fall. So each kind has what one family
//! of bugs needs, and little else. Nothing in them is outside of the fault model: the unbroken
//! program passes every one.

mod crowds;
mod elections;
mod groups;
mod replicas;
mod storage;

use quorate::{Micros, Random};

use crate::action::{Action, TimedAction};
use crate::fuzz::swarm;
use crate::scenario::Scenario;

pub(super) use crowds::CROWDS;
pub(super) use elections::{BEHIND, DEAF_LEADER, DUELS, HANDOVER, LEASES};
pub(super) use groups::{GROWTH, NEWCOMERS};
pub(super) use replicas::{CLOSINGS, FENCES, RETURNS};
pub(super) use storage::{OVERTAKEN, SLOW_DISKS};

/// A kind of scenarios: what it is like, and the one of a seed.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    /// Its name.
    pub name: &'static str,
    /// What goes on in it.
    pub about: &'static str,
    pub(super) draw: fn(u64) -> Scenario,
    pub(super) meddling: Meddling,
}

/// Whether more is done to a cluster than a scenario can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meddling {
    /// No.
    None,
    /// After every action the leader compares logs from the oldest entry it has.
    ComparesFromAfar,
}

impl Scene {
    /// The scenario of a seed.
    pub fn scenario(&self, seed: u64) -> Scenario {
        let mut scenario = (self.draw)(seed);
        scenario.name = format!("{} {seed}", self.name);
        scenario.seed = seed;
        scenario
    }
}

/// Anything at all.
pub(super) const SWARM: Scene = Scene {
    name: "swarm",
    about: "a random cluster under random faults",
    draw: swarm,
    meddling: Meddling::None,
};

/// In microseconds.
const SECOND: u64 = 1_000_000;

/// A generator for the details of a scene.
fn random(seed: u64) -> Random {
    Random::new(seed ^ 0x9a11_e47b_u64)
}

/// An action at so many microseconds.
fn at(micros: u64, action: Action) -> TimedAction {
    TimedAction {
        at: Micros(micros),
        action,
    }
}

/// A cluster with clients that write much and wait little.
fn busy(voters: u32, random: &mut Random) -> Scenario {
    let mut scenario = Scenario::quiet("a scene", voters);
    scenario.workload.clients = 4;
    scenario.workload.client_operations_per_second_milli = 15_000;
    scenario.workload.reads_permille = 200;
    scenario.workload.request_timeout = Micros::from_millis(500);
    scenario.raft.max_entries_per_append = [1, 2, 64][random.index(3)];
    scenario
}
