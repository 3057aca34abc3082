//! One question, asked many times: does this scenario still fail in the same way?

use std::fmt;
use std::ops::ControlFlow;

use quorate::Micros;

use crate::fuzz::{Violation, run_with};
use crate::mutant::Mutant;
use crate::scenario::{Scenario, ScenarioError};

/// Told after every run how many were made; says whether to go on. What was reached so far is kept.
pub type Control<'a> = &'a mut dyn FnMut(u64, &Scenario) -> ControlFlow<()>;

/// Why there is nothing to shrink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotFailing {
    /// The scenario cannot be run.
    Scenario(ScenarioError),
    /// It runs, and nothing breaks.
    Clean,
}

/// How many seeds a candidate is given.
const SEEDS: u64 = 4;

/// The smallest failing scenario so far, and what may still be spent on making it smaller.
pub(super) struct Trial<'a> {
    pub(super) best: Scenario,
    pub(super) violation: Violation,
    mutant: Mutant,
    pub(super) runs: u64,
    budget: u64,
    control: Control<'a>,
    stopped: bool,
}

impl<'a> Trial<'a> {
    /// Runs the scenario to see what breaks.
    pub(super) fn begin(
        scenario: &Scenario,
        mutant: Mutant,
        budget: u64,
        control: Control<'a>,
    ) -> Result<Self, NotFailing> {
        let outcome = run_with(scenario, mutant).map_err(NotFailing::Scenario)?;
        let violation = outcome.violation.ok_or(NotFailing::Clean)?;
        let mut trial = Self {
            best: scenario.clone(),
            violation,
            mutant,
            runs: 1,
            budget,
            control,
            stopped: false,
        };
        trial.report();
        Ok(trial)
    }

    /// Whether nothing more may be tried.
    pub(super) fn is_over(&self) -> bool {
        self.stopped || self.runs >= self.budget
    }

    /// Takes the candidate over if it fails like the original, with its own seed or another.
    pub(super) fn accept(&mut self, candidate: &Scenario) -> bool {
        // Another seed alone makes nothing smaller.
        if *candidate == self.best {
            return false;
        }
        (0..SEEDS).any(|other| self.accept_as_it_is(&reseeded(candidate, other)))
    }

    fn accept_as_it_is(&mut self, candidate: &Scenario) -> bool {
        if self.is_over() {
            return false;
        }
        self.runs += 1;
        // A candidate that is no scenario is a change too far.
        let violation = run_with(candidate, self.mutant)
            .ok()
            .and_then(|outcome| outcome.violation);
        let same = violation.filter(|found| found.invariant == self.violation.invariant);
        let accepted = same.is_some();
        if let Some(violation) = same {
            self.violation = violation;
            self.best = candidate.clone();
            self.cut_off_the_end();
        }
        self.report();
        accepted
    }

    /// What comes after the violation did not cause it. What breaks only in the end keeps its end.
    pub(super) fn cut_off_the_end(&mut self) {
        let at = self.violation.at;
        let mut shorter = self.best.clone();
        shorter.until = at.max(Micros(1));
        shorter.actions.retain(|timed| timed.at <= at);
        if shorter == self.best {
            return;
        }
        self.runs += 1;
        let again = run_with(&shorter, self.mutant).map(|outcome| outcome.violation);
        if again == Ok(Some(self.violation.clone())) {
            self.best = shorter;
        }
    }

    fn report(&mut self) {
        self.stopped |= (self.control)(self.runs, &self.best).is_break();
    }
}

/// The scenario with its own seed, or one of the few others it is given: small ones, which are short in
/// a link.
fn reseeded(scenario: &Scenario, other: u64) -> Scenario {
    let mut scenario = scenario.clone();
    if other > 0 {
        scenario.seed = other;
    }
    scenario
}

impl fmt::Display for NotFailing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scenario(error) => error.fmt(f),
            Self::Clean => f.write_str("nothing breaks in this scenario, so nothing can be shrunk"),
        }
    }
}

impl std::error::Error for NotFailing {}
