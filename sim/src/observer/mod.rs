//! What must never break, checked after every event.
//!
//! The observer stands outside of the nodes. It sees what each of them does, keeps the little it
//! needs to judge the next thing, and believes nothing that a node says about itself: log
//! matching is judged by what entries contain, not by the hashes the kernel puts on them, and
//! the sets are judged by every event ever made, not by anybody's journal. Each check costs as
//! much as what changed.

mod consensus;
mod sets;

use quorate::{Micros, NodeId};

use crate::snapshot::InvariantView;

pub(crate) use consensus::Consensus;
pub(crate) use sets::Sets;

/// The invariants, in the order they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    /// At most one leader per term, ever.
    ElectionSafety,
    /// Equal index and term mean equal logs up to there.
    LogMatching,
    /// A leader has every entry that was committed in an earlier term.
    LeaderCompleteness,
    /// No two nodes apply different commands at one index.
    StateMachineSafety,
    /// Equal contexts mean equal sets.
    Convergence,
    /// What was added and not removed is there.
    NoLostAdd,
    /// What was removed stays away.
    NoResurrection,
}

impl Invariant {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::ElectionSafety,
        Self::LogMatching,
        Self::LeaderCompleteness,
        Self::StateMachineSafety,
        Self::Convergence,
        Self::NoLostAdd,
        Self::NoResurrection,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ElectionSafety => "Election Safety",
            Self::LogMatching => "Log Matching",
            Self::LeaderCompleteness => "Leader Completeness",
            Self::StateMachineSafety => "State Machine Safety",
            Self::Convergence => "Convergence",
            Self::NoLostAdd => "No lost add",
            Self::NoResurrection => "No resurrection",
        }
    }

    /// What it says, in one sentence.
    pub const fn statement(self) -> &'static str {
        match self {
            Self::ElectionSafety => "At most one leader is ever elected in a term.",
            Self::LogMatching => {
                "If two logs have an entry with the same index and term, they agree on everything up to it."
            }
            Self::LeaderCompleteness => {
                "A leader's log contains every entry that was committed in an earlier term."
            }
            Self::StateMachineSafety => {
                "No two nodes ever apply different commands at the same index."
            }
            Self::Convergence => "Two replicas that have seen the same events show the same sets.",
            Self::NoLostAdd => {
                "An add that a replica has seen is there, unless a removal it has seen saw that add."
            }
            Self::NoResurrection => {
                "An add that a removal saw never comes back at a replica that has seen the removal."
            }
        }
    }
}

/// How often an invariant was checked, and what broke it.
#[derive(Clone, Debug, Default)]
struct Tally {
    checks: u64,
    last_checked: Micros,
    witness: Option<String>,
}

/// Where checkers write what they found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    tallies: [Tally; Invariant::ALL.len()],
    now: Micros,
    /// Broken since somebody last asked.
    fresh: Vec<(Invariant, String)>,
}

impl Ledger {
    /// Counts a check; `broken` says how, if it failed. The first witness is kept.
    fn check(&mut self, invariant: Invariant, broken: Option<String>) {
        let tally = &mut self.tallies[invariant as usize];
        tally.checks += 1;
        tally.last_checked = self.now;
        if let Some(witness) = broken {
            self.fresh.push((invariant, witness.clone()));
            tally.witness.get_or_insert(witness);
        }
    }
}

#[cfg(test)]
impl Ledger {
    /// What broke so far, in order.
    fn broken(&self) -> Vec<Invariant> {
        let broken = self.fresh.iter().map(|(invariant, _)| *invariant);
        broken.collect()
    }
}

/// All checkers.
#[derive(Clone, Debug)]
pub(crate) struct Observer {
    pub(crate) consensus: Consensus,
    pub(crate) sets: Sets,
    pub(crate) ledger: Ledger,
}

impl Observer {
    /// An observer of a cluster that has not begun.
    pub(crate) fn new(nodes: impl Iterator<Item = NodeId>) -> Self {
        Self {
            consensus: Consensus::default(),
            sets: Sets::new(nodes),
            ledger: Ledger::default(),
        }
    }

    /// Says what time it is, before anything is checked at that time.
    pub(crate) fn advance(&mut self, now: Micros) {
        self.ledger.now = now;
    }

    /// What broke since the last call.
    pub(crate) fn take_fresh(&mut self) -> Vec<(Invariant, String)> {
        std::mem::take(&mut self.ledger.fresh)
    }

    /// Whether anything broke in this run.
    pub(crate) fn is_violated(&self) -> bool {
        self.ledger
            .tallies
            .iter()
            .any(|tally| tally.witness.is_some())
    }

    /// One row per invariant.
    pub(crate) fn rows(&self) -> Vec<InvariantView> {
        let rows = Invariant::ALL.iter().zip(&self.ledger.tallies);
        rows.map(|(invariant, tally)| InvariantView {
            name: invariant.name(),
            statement: invariant.statement(),
            checks: tally.checks,
            last_checked: tally.last_checked,
            witness: tally.witness.clone(),
        })
        .collect()
    }
}
