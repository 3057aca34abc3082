//! What came of a run, and when two failures are the same one.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use quorate::Micros;
use serde::{Deserialize, Serialize};

use super::peace::Peace;
use crate::fault_model::{Breach, Loss, Verdict};
use crate::linearizability::{self, Register, Verdict as Judgement};
use crate::mutant::Mutant;
use crate::observer::Invariant;
use crate::scenario::{Scenario, ScenarioError};
use crate::world::{Recording, World};

/// What came of a run. The same scenario has the same outcome, wherever it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Events processed.
    pub events: u64,
    /// Simulated time that passed.
    pub simulated: Micros,
    /// The digest of the run.
    pub digest: u64,
    /// The first thing that broke, unless that was to be expected.
    pub violation: Option<Violation>,
    /// The first thing that broke, if an assumption had broken before that it rests on.
    pub loss: Option<ExpectedLoss>,
}

/// Something that broke because of a fault outside of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedLoss {
    /// The assumption that was broken, where and when.
    pub breach: Breach,
    /// What broke after it.
    pub violation: Violation,
}

/// Something that must not happen, and did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Violation {
    /// The invariant's name.
    pub invariant: String,
    /// How it broke, in words.
    pub witness: String,
    /// When.
    pub at: Micros,
    /// In which event.
    pub event: u64,
}

/// What two failures with the same cause have in common: the invariant, and the witness without its
/// numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The invariant's name.
    pub invariant: String,
    /// The witness, with `#` for every number.
    pub witness: String,
}

/// The name under which a broken invariant of the program itself is reported.
const PANIC: &str = "No panic";
/// The name under which a cluster is reported that answers messages with ever more messages.
const STORM: &str = "No message storm";
/// How many events a simulated second may have, on average, beyond a start. Seven busy voters
/// have less than a thousand; without a limit a storm would hold up the search for ever.
const EVENTS_PER_SECOND: u64 = 5_000;
/// How many events come on top of that.
const EVENTS_AT_FIRST: u64 = 50_000;

/// What the independent judge of histories may spend on a key.
const JUDGE_STEPS: u64 = 20_000;
/// One seed of so many is run a second time, to see whether the run repeats itself.
const REPEATED_ONE_IN: u64 = 64;

/// Runs a scenario to its end or until something breaks.
///
/// A load trace is not part of a scenario, so one that needs a trace is an error.
pub fn run(scenario: &Scenario) -> Result<Outcome, ScenarioError> {
    run_with(scenario, Mutant::NONE)
}

/// Runs a scenario on a program with a bug.
pub fn run_with(scenario: &Scenario, mutant: Mutant) -> Result<Outcome, ScenarioError> {
    let mut world = World::with_mutant(scenario.clone(), None, Recording::Off, mutant)?;
    // A kernel that finds itself in an impossible state panics, which is a failure like any other.
    // The world is not used afterwards but for its counts.
    let ended = catch_unwind(AssertUnwindSafe(|| to_the_end(&mut world, mutant)));
    let found = ended.unwrap_or_else(|panic| {
        let words = words_of(&*panic).to_owned();
        Some(Found::unnamed(&world, PANIC, words))
    });
    let (violation, loss) = match found {
        None => (None, None),
        Some(Found { violation, breach }) => match breach {
            None => (Some(violation), None),
            Some(breach) => (None, Some(ExpectedLoss { breach, violation })),
        },
    };
    Ok(Outcome {
        events: world.events(),
        simulated: world.now(),
        digest: world.digest(),
        violation,
        loss,
    })
}

/// What a panic said.
pub(crate) fn words_of(panic: &(dyn Any + Send)) -> &str {
    let words = panic.downcast_ref::<String>().map(String::as_str);
    let words = words.or_else(|| panic.downcast_ref::<&str>().copied());
    words.unwrap_or("a panic without words")
}

/// The first thing that broke in a run, and the assumption that explains it, if one does.
struct Found {
    violation: Violation,
    breach: Option<Breach>,
}

impl Found {
    /// What the fault model makes of what the world has found so far.
    fn judged(world: &World) -> Option<Self> {
        let (invariant, witness, breach) = match world.verdict() {
            Verdict::Clean => return None,
            Verdict::Violated { invariant, witness } => (invariant, witness, None),
            Verdict::ExpectedLoss {
                breach,
                invariant,
                witness,
            } => (invariant, witness, Some(breach)),
        };
        let violation = violation(world, invariant.name(), witness);
        Some(Self { violation, breach })
    }

    /// Something that is no invariant's: to be expected of whatever has taken state away.
    fn unnamed(world: &World, name: &str, witness: String) -> Self {
        let took_state = |breach: &&Breach| breach.loss != Loss::Time;
        Self {
            violation: violation(world, name, witness),
            breach: world.breaches().iter().find(took_state).cloned(),
        }
    }
}

/// Runs to the end or to the first violation. If the scenario ends in peace, the cluster must come
/// right in it.
fn to_the_end(world: &mut World, mutant: Mutant) -> Option<Found> {
    let mut peace = Peace::of(world.scenario());
    while world.step() {
        if world.is_violated() {
            return Found::judged(world);
        }
        if world.events() > EVENTS_AT_FIRST + EVENTS_PER_SECOND * world.now().as_secs() {
            let witness = format!("{} events until {} s", world.events(), world.now());
            return Some(Found::unnamed(world, STORM, witness));
        }
        if let Some(peace) = &mut peace {
            peace.watch(world);
        }
    }
    let judged = judge(world);
    world.check_judged(Invariant::Linearizability, judged);
    if let Some(peace) = peace {
        peace.end(world);
    }
    if world.scenario().seed.is_multiple_of(REPEATED_ONE_IN) && !world.is_violated() {
        repeat(world, mutant);
    }
    Found::judged(world)
}

/// Does the run again from the start, and compares.
fn repeat(world: &mut World, mutant: Mutant) {
    let scenario = world.scenario().clone();
    let mut again = World::with_mutant(scenario, None, Recording::Off, mutant)
        .expect("a scenario that was run can be run again");
    while again.events() < world.events() && again.step() {}
    world.check_repeated(again.digest());
}

/// What the independent judge finds wrong with what clients saw. A history that it cannot decide
/// within its budget passes: the observer has judged it by the log already.
fn judge(world: &World) -> Option<String> {
    let history = world.client_history();
    let report = linearizability::check(&Register::default(), &history, JUDGE_STEPS);
    match report.verdict {
        Judgement::NotLinearizable(witness) => Some(format!("by what clients saw: {witness}")),
        Judgement::Linearizable | Judgement::Undecided { .. } => None,
    }
}

fn violation(world: &World, invariant: &str, witness: String) -> Violation {
    Violation {
        invariant: invariant.into(),
        witness,
        at: world.now(),
        event: world.events(),
    }
}

impl Violation {
    /// What it has in common with others of the same cause.
    pub fn signature(&self) -> Signature {
        let mut witness = String::new();
        for letter in self.witness.chars() {
            if !letter.is_ascii_digit() {
                witness.push(letter);
            } else if !witness.ends_with('#') {
                witness.push('#');
            }
        }
        Signature {
            invariant: self.invariant.clone(),
            witness,
        }
    }
}

impl Signature {
    /// A short name that is the same on every machine: 16 hexadecimal digits.
    pub fn id(&self) -> String {
        let text = format!("{}\n{}", self.invariant, self.witness);
        format!("{:016x}", xxhash_rust::xxh3::xxh3_64(text.as_bytes()))
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} at {} s, event {}: {}",
            self.invariant, self.at, self.event, self.witness
        )
    }
}
