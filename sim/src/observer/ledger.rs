//! Where checkers write what they found.
//!
//! A checker that panics ends the run that it should explain, and one that writes to a log leaves
//! the reader with text. Here every finding is a value: which invariant, at which event, about whom,
//! and what a person should read.

use quorate::{Micros, NodeId};

use super::{Invariant, InvariantView};

/// Something that must never happen has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// What broke.
    pub invariant: Invariant,
    /// At which event of the run, counted from 1.
    pub event: u64,
    /// When.
    pub at: Micros,
    /// Who was involved; the one who acted comes first.
    pub nodes: Vec<NodeId>,
    /// What happened, in words, with the values.
    pub words: String,
}

/// What a checker found, before it is known when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(super) nodes: Vec<NodeId>,
    pub(super) words: String,
}

impl Finding {
    /// A finding about one node.
    pub(crate) fn of(node: NodeId, words: impl Into<String>) -> Self {
        Self {
            nodes: vec![node],
            words: words.into(),
        }
    }

    /// A finding about several nodes.
    pub(crate) fn about<const N: usize>(nodes: [NodeId; N], words: impl Into<String>) -> Self {
        Self {
            nodes: nodes.to_vec(),
            words: words.into(),
        }
    }
}

/// How often an invariant was checked, and what broke it first.
#[derive(Clone, Debug, Default)]
struct Tally {
    checks: u64,
    last_checked: Micros,
    violation: Option<Box<Violation>>,
}

/// What all checkers found.
#[derive(Clone, Debug)]
pub struct Ledger {
    tallies: [Tally; Invariant::ALL.len()],
    /// Whether a tally has a violation. A run asks after every event.
    is_violated: bool,
    now: Micros,
    event: u64,
    /// Broken since somebody last asked.
    fresh: Vec<Violation>,
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            tallies: std::array::from_fn(|_| Tally::default()),
            is_violated: false,
            now: Micros::ZERO,
            event: 0,
            fresh: Vec::new(),
        }
    }
}

impl Ledger {
    /// The next event happens at this time.
    pub(super) fn advance(&mut self, now: Micros) {
        self.now = now;
        self.event += 1;
    }

    /// What time it is.
    pub fn now(&self) -> Micros {
        self.now
    }

    /// Counts a check; `broken` says how, if it failed. The first witness is kept.
    #[inline]
    pub(crate) fn check(&mut self, invariant: Invariant, broken: Option<Finding>) {
        let tally = &mut self.tallies[invariant as usize];
        tally.checks += 1;
        tally.last_checked = self.now;
        if let Some(finding) = broken {
            self.report(invariant, finding);
        }
    }

    #[cold]
    fn report(&mut self, invariant: Invariant, Finding { nodes, words }: Finding) {
        let violation = Violation {
            invariant,
            event: self.event,
            at: self.now,
            nodes,
            words,
        };
        let tally = &mut self.tallies[invariant as usize];
        if tally.violation.is_none() {
            tally.violation = Some(Box::new(violation.clone()));
        }
        self.is_violated = true;
        self.fresh.push(violation);
    }

    /// Whether anything broke in this run.
    pub(super) fn is_violated(&self) -> bool {
        self.is_violated
    }

    /// Whether anything broke since the last call of [`take_fresh`](Self::take_fresh).
    pub(super) fn has_fresh(&self) -> bool {
        !self.fresh.is_empty()
    }

    /// What broke since the last call.
    pub(super) fn take_fresh(&mut self) -> Vec<Violation> {
        std::mem::take(&mut self.fresh)
    }

    /// The first violation of every invariant that broke, in the order of the invariants.
    pub(super) fn violations(&self) -> impl Iterator<Item = &Violation> {
        self.tallies
            .iter()
            .filter_map(|tally| tally.violation.as_deref())
    }

    /// One row per invariant.
    pub(super) fn rows(&self) -> Vec<InvariantView> {
        let rows = Invariant::ALL.iter().zip(&self.tallies);
        rows.map(|(invariant, tally)| InvariantView {
            name: invariant.name(),
            statement: invariant.statement(),
            group: invariant.group().name(),
            checks: tally.checks,
            last_checked: tally.last_checked,
            event: tally.violation.as_ref().map(|violation| violation.event),
            witness: tally.violation.as_ref().map(ToString::to_string),
        })
        .collect()
    }
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.words)
    }
}

#[cfg(test)]
impl Ledger {
    /// What broke so far, in order, each invariant once.
    pub(super) fn broken(&self) -> Vec<Invariant> {
        let mut broken: Vec<Invariant> = Vec::new();
        for violation in &self.fresh {
            if !broken.contains(&violation.invariant) {
                broken.push(violation.invariant);
            }
        }
        broken
    }

    /// What was found last.
    pub(super) fn last_words(&self) -> String {
        self.fresh
            .last()
            .map(ToString::to_string)
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_says_when_it_happened_and_the_first_is_kept() {
        let node = NodeId(3);
        let mut ledger = Ledger::default();
        ledger.advance(Micros::from_secs(1));
        ledger.advance(Micros::from_secs(2));
        ledger.check(Invariant::LogMatching, None);
        assert!(!ledger.is_violated());
        ledger.check(Invariant::LogMatching, Some(Finding::of(node, "it broke")));
        assert!(ledger.is_violated());
        ledger.check(Invariant::LogMatching, Some(Finding::of(node, "again")));
        let first = ledger.violations().next().unwrap().clone();
        assert_eq!((first.event, first.at), (2, Micros::from_secs(2)));
        assert_eq!(first.nodes, [node]);
        let words = "it broke";
        assert_eq!(first.to_string(), words);
        let row = &ledger.rows()[Invariant::LogMatching as usize];
        assert_eq!((row.checks, row.event), (3, Some(2)));
        assert_eq!(row.witness.as_deref(), Some(words));
        assert_eq!(ledger.take_fresh().len(), 2);
        assert_eq!(ledger.take_fresh(), []);
        assert!(ledger.is_violated());
    }

    #[test]
    fn rows_are_in_the_order_of_the_invariants_and_groups_together() {
        let rows = Ledger::default().rows();
        for (at, invariant) in Invariant::ALL.into_iter().enumerate() {
            assert_eq!(invariant as usize, at);
            assert_eq!(rows[at].name, invariant.name());
            assert!(!invariant.statement().is_empty());
        }
        let mut groups: Vec<_> = rows.iter().map(|row| row.group).collect();
        groups.dedup();
        assert_eq!(groups, ["Consensus", "Clients", "Sets", "Scaling"]);
    }
}
