//! A bug on purpose: one rule that every node of a run breaks.
//!
//! A checker that has never seen a violation may be checking nothing. It is no part of a scenario: a
//! scenario describes a cluster, and this describes which program runs on it. Without the feature
//! `mutants` there is none to be found.

use std::fmt;

use quorate::raft::{self, Rule};

use crate::machine::StateMachine;
use crate::scenario::Scenario;

/// Which rule is broken; by default none is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mutant(Option<Rule>);

impl Mutant {
    /// The program as it is.
    pub const NONE: Self = Self(None);

    /// Every mutant that this build has; none without the feature `mutants`.
    pub fn all() -> Vec<Self> {
        if !cfg!(feature = "mutants") {
            return Vec::new();
        }
        Rule::ALL.into_iter().map(|rule| Self(Some(rule))).collect()
    }

    /// The mutant of this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|mutant| mutant.name() == name)
    }

    /// Its name: that of the rule, in lower case with underscores; `none` for the program as it is.
    pub fn name(self) -> String {
        let Some(rule) = self.0 else {
            return "none".into();
        };
        let mut name = String::new();
        for letter in format!("{rule:?}").chars() {
            if letter.is_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.extend(letter.to_lowercase());
        }
        name
    }

    /// The state machine of a node, which breaks the rule if it is one of state machines.
    #[cfg_attr(
        not(feature = "mutants"),
        expect(
            clippy::unused_self,
            reason = "with the feature `mutants` it makes another one"
        )
    )]
    pub(crate) fn machine(self, scenario: &Scenario) -> StateMachine {
        #[cfg(feature = "mutants")]
        if let Some(rule) = self.0 {
            return StateMachine::breaking(scenario, rule);
        }
        StateMachine::new(scenario)
    }

    /// Makes the rule one that a node with this configuration breaks.
    #[cfg_attr(
        not(feature = "mutants"),
        expect(
            clippy::unused_self,
            clippy::needless_pass_by_ref_mut,
            reason = "with the feature `mutants` it changes the configuration"
        )
    )]
    pub(crate) fn apply(self, config: &mut raft::Config) {
        #[cfg(feature = "mutants")]
        {
            config.broken_rule = self.0;
        }
        #[cfg(not(feature = "mutants"))]
        let _ = config;
    }
}

impl fmt::Display for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mutant_is_found_by_its_name() {
        assert_eq!(Mutant::NONE.name(), "none");
        assert_eq!(Mutant::find("none"), None);
        for mutant in Mutant::all() {
            assert_eq!(Mutant::find(&mutant.name()), Some(mutant));
        }
        assert_eq!(Mutant::all().is_empty(), !cfg!(feature = "mutants"));
    }
}
