//! What is checked: the code as it is, or with one rule broken.

use std::panic::{AssertUnwindSafe, catch_unwind};

use quorate::autoscale::guard::{GuardSettings, GuardState, Guards};
use quorate::autoscale::{Policy, Rule};

use crate::fleet::Bench;

/// The code under test.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Subject {
    /// As it is.
    Unbroken,
    /// With this rule broken.
    Breaking(Rule),
}

impl Subject {
    /// Guards on a bench.
    pub(crate) fn bench(self, settings: GuardSettings) -> Bench {
        let guards = Guards::new(settings).unwrap();
        Bench {
            guards: match self {
                Self::Unbroken => guards,
                Self::Breaking(rule) => guards.breaking(rule),
            },
            state: GuardState::new(),
        }
    }

    /// A policy, which then breaks the rule.
    pub(crate) fn policy(self, policy: Policy) -> Policy {
        match self {
            Self::Unbroken => policy,
            Self::Breaking(rule) => policy.breaking(rule),
        }
    }
}

/// What a check found; the words say what.
pub(crate) type Finding = Result<(), String>;

/// A law, and the rules that it guards.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Check {
    pub(crate) name: &'static str,
    pub(crate) rules: &'static [Rule],
    pub(crate) law: fn(Subject) -> Finding,
}

impl Check {
    /// Whether the law holds. Code that breaks its rules may also trip over its own assertions.
    pub(crate) fn run(&self, subject: Subject) -> Finding {
        catch_unwind(AssertUnwindSafe(|| (self.law)(subject)))
            .unwrap_or_else(|_| Err(String::from("it panics")))
    }
}

/// Fails with `what` unless `holds`.
pub(crate) fn ensure(holds: bool, what: impl FnOnce() -> String) -> Finding {
    if holds { Ok(()) } else { Err(what()) }
}
