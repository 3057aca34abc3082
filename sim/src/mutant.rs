//! A bug on purpose: one rule that every node of a run breaks.
//!
//! A checker that has never seen a violation may be checking nothing. It is no part of a scenario: a
//! scenario describes a cluster, and this describes which program runs on it. Without the feature
//! `mutants` there is none to be found.

use std::fmt;

use quorate::autoscale::{self, Policy};
use quorate::crdt::{self, ReplicaConfig, Store};
use quorate::raft;

use crate::machine::StateMachine;
use crate::scenario::Scenario;

/// Which rule is broken; by default none is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mutant(Option<Broken>);

/// A rule of one part of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Broken {
    Consensus(raft::Rule),
    Sets(crdt::Rule),
    Scaling(autoscale::Rule),
}

/// The rules of the autoscaler that a cluster depends on, whatever its policy. The others make a
/// decision a good one, and are tested where decisions are.
const OF_CLUSTERS: [autoscale::Rule; 5] = [
    autoscale::Rule::BoundsHold,
    autoscale::Rule::BudgetWindowSlides,
    autoscale::Rule::CooldownHoldsBothDirections,
    autoscale::Rule::OneOrderAtATime,
    autoscale::Rule::BudgetShareIsOfTheStart,
];

impl Mutant {
    /// The program as it is.
    pub const NONE: Self = Self(None);

    /// Every mutant that this build has; none without the feature `mutants`.
    pub fn all() -> Vec<Self> {
        if !cfg!(feature = "mutants") {
            return Vec::new();
        }
        let consensus = raft::Rule::ALL.into_iter().map(Broken::Consensus);
        let sets = crdt::Rule::ALL.into_iter().map(Broken::Sets);
        let scaling = OF_CLUSTERS.into_iter().map(Broken::Scaling);
        let all = consensus.chain(sets).chain(scaling);
        all.map(|broken| Self(Some(broken))).collect()
    }

    /// The mutant of this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|mutant| mutant.name() == name)
    }

    /// Its name: that of the rule, in lower case with underscores; `none` for the program as it is.
    pub fn name(self) -> String {
        let rule = match self.0 {
            None => return "none".into(),
            Some(Broken::Consensus(rule)) => format!("{rule:?}"),
            Some(Broken::Sets(rule)) => format!("{rule:?}"),
            Some(Broken::Scaling(rule)) => format!("{rule:?}"),
        };
        let mut name = String::new();
        for letter in rule.chars() {
            if letter.is_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.extend(letter.to_lowercase());
        }
        name
    }
}

#[cfg(feature = "mutants")]
impl Mutant {
    /// The state machine of a node, which breaks the rule if it is one of sessions.
    pub(crate) fn machine(self, scenario: &Scenario) -> StateMachine {
        match self.0 {
            Some(Broken::Consensus(rule)) => StateMachine::breaking(scenario, rule),
            _ => StateMachine::new(scenario),
        }
    }

    /// Makes the rule one that a voter with this configuration breaks, if it is one of Raft.
    pub(crate) fn break_raft(self, config: &mut raft::Config) {
        if let Some(Broken::Consensus(rule)) = self.0 {
            config.broken_rule = Some(rule);
        }
    }

    /// Makes the rule one that a replica with this configuration breaks, if it is one of the sets.
    pub(crate) fn break_replica(self, config: &mut ReplicaConfig) {
        if let Some(Broken::Sets(rule)) = self.0 {
            config.broken_rule = Some(rule);
        }
    }

    /// What is on a replica's disk, which breaks the rule if it is one of the sets: a host redoes on
    /// it what the replica did.
    pub(crate) fn store(self, store: Store) -> Store {
        match self.0 {
            Some(Broken::Sets(rule)) => store.breaking(rule),
            _ => store,
        }
    }

    /// The policy, which breaks the rule if it is one of scaling.
    pub(crate) fn policy(self, policy: Policy) -> Policy {
        match self.0 {
            Some(Broken::Scaling(rule)) => policy.breaking(rule),
            _ => policy,
        }
    }
}

#[cfg(not(feature = "mutants"))]
#[expect(
    clippy::unused_self,
    reason = "with the feature `mutants` they change what they are given"
)]
impl Mutant {
    /// The state machine of a node.
    pub(crate) fn machine(self, scenario: &Scenario) -> StateMachine {
        StateMachine::new(scenario)
    }

    /// Leaves the configuration of a voter as it is.
    pub(crate) const fn break_raft(self, _: &mut raft::Config) {}

    /// Leaves the configuration of a replica as it is.
    pub(crate) const fn break_replica(self, _: &mut ReplicaConfig) {}

    /// What is on a replica's disk.
    pub(crate) fn store(self, store: Store) -> Store {
        store
    }

    /// The policy.
    pub(crate) fn policy(self, policy: Policy) -> Policy {
        policy
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
