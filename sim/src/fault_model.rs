//! Which faults the promises survive, and which they do not.
//!
//! Every system rests on assumptions: that a disk keeps what it reported, that a node does not
//! come back without its memory, that clocks drift within a bound. A fault *inside* of them
//! (loss, delay, partition, crash, pause) must break nothing, and if an invariant breaks, that is
//! a bug. A fault *outside* may break what rests on the assumption, and then the violation is the
//! loss that was to be expected. A tool that cannot tell the two apart either cries wolf or keeps
//! quiet about bugs; so a loss is only expected after the assumption really broke, and only where
//! the broken invariant rests on it.

use std::collections::BTreeSet;
use std::fmt;

use quorate::{Micros, NodeId};
use serde::{Deserialize, Serialize};

use crate::action::{Action, DiskChange};
use crate::observer::{Invariant, InvariantGroup};
use crate::scenario::{ClockSpec, Scenario};

/// Something that the promises rest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assumption {
    /// What a disk reports as synced survives a crash.
    SyncedIsDurable,
    /// A node that comes back under its old id has what it had on its disks.
    IdentityKeepsItsDisk,
    /// Clocks run as fast as the world, but for the stated bound, and do not jump.
    DriftIsBounded,
    /// A quorum of the voters never loses its disks.
    QuorumKeepsItsDisks,
}

/// What was lost with an assumption.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loss {
    /// A voter's promises and log.
    Log,
    /// A replica's state.
    Replica,
    /// The time that leases are counted in.
    Time,
}

/// An assumption that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The assumption.
    pub assumption: Assumption,
    /// The node it was broken at.
    pub node: NodeId,
    /// What was lost.
    pub loss: Loss,
    /// When.
    pub at: Micros,
    /// The number of the event in which it broke.
    pub event: u64,
}

/// How a run is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No invariant broke.
    Clean,
    /// An invariant broke though all it rests on held: a bug.
    Violated {
        /// The invariant.
        invariant: Invariant,
        /// How it broke.
        witness: String,
    },
    /// An invariant broke after an assumption had that it rests on.
    ExpectedLoss {
        /// The assumption, and where and when it broke.
        breach: Breach,
        /// The invariant.
        invariant: Invariant,
        /// How it broke.
        witness: String,
    },
}

/// What broke in a run: assumptions, and invariants.
#[derive(Clone, Debug, Default)]
pub(crate) struct FaultLog {
    /// In order of time; one per assumption, node and kind of loss.
    breaches: Vec<Breach>,
    /// In order of time; the first of each invariant.
    violations: Vec<Violation>,
    /// Voters that have lost a disk.
    without_disk: BTreeSet<NodeId>,
}

#[derive(Clone, Debug)]
struct Violation {
    invariant: Invariant,
    witness: String,
    event: u64,
}

/// Invariants that rest on clocks: those of reads by lease, and how soon and how long somebody leads.
/// All others hold whatever the clocks do (§5.6 of the paper on Raft).
const ON_CLOCKS: [Invariant; 4] = [
    Invariant::LeaseSafety,
    Invariant::Linearizability,
    Invariant::BoundedChurn,
    Invariant::Liveness,
];

impl FaultLog {
    /// An assumption broke.
    pub(crate) fn broke(&mut self, breach: Breach) {
        let key = |breach: &Breach| (breach.assumption, breach.node, breach.loss);
        if !self.breaches.iter().any(|known| key(known) == key(&breach)) {
            self.breaches.push(breach);
        }
    }

    /// A voter's disk is gone; whether a quorum of `voters` has lost theirs now.
    pub(crate) fn lost_disk(&mut self, node: NodeId, voters: u32) -> bool {
        self.without_disk.insert(node);
        self.without_disk.len() > voters as usize / 2
    }

    /// An invariant broke in an event.
    pub(crate) fn violated(&mut self, invariant: Invariant, witness: &str, event: u64) {
        if !self
            .violations
            .iter()
            .any(|known| known.invariant == invariant)
        {
            self.violations.push(Violation {
                invariant,
                witness: witness.to_owned(),
                event,
            });
        }
    }

    /// The assumptions that broke, in order.
    pub(crate) fn breaches(&self) -> &[Breach] {
        &self.breaches
    }

    /// How all of it is to be read: the first violation that nothing explains is a bug.
    pub(crate) fn verdict(&self) -> Verdict {
        let mut expected = None;
        for violation in &self.violations {
            let (invariant, witness) = (violation.invariant, violation.witness.clone());
            let explains =
                |breach: &&Breach| breach.event <= violation.event && breach.explains(invariant);
            let Some(breach) = self.breaches.iter().find(explains).cloned() else {
                return Verdict::Violated { invariant, witness };
            };
            expected.get_or_insert(Verdict::ExpectedLoss {
                breach,
                invariant,
                witness,
            });
        }
        expected.unwrap_or(Verdict::Clean)
    }
}

impl Breach {
    /// Whether an invariant may break for this reason.
    fn explains(&self, invariant: Invariant) -> bool {
        match self.loss {
            // The log carries everything else: who leads, who belongs, what is ordered.
            Loss::Log => true,
            // A replica that forgot its own events breaks what is said of sets.
            Loss::Replica => {
                invariant.group() == InvariantGroup::Sets || invariant == Invariant::SafeDrain
            }
            Loss::Time => ON_CLOCKS.contains(&invariant),
        }
    }
}

impl Action {
    /// The assumption that the action may break; `None` for whatever lies inside of the model.
    pub fn may_break(&self, clocks: &ClockSpec) -> Option<Assumption> {
        match self {
            Self::RestartEmpty { .. } | Self::LoseDisk { .. } => {
                Some(Assumption::IdentityKeepsItsDisk)
            }
            Self::Disk(DiskChange { lying_permille, .. }) => {
                let lies = lying_permille.is_some_and(|permille| permille > 0);
                lies.then_some(Assumption::SyncedIsDurable)
            }
            Self::Drift { ppm, .. } => {
                let beyond = ppm.unsigned_abs() > clocks.bound_ppm;
                beyond.then_some(Assumption::DriftIsBounded)
            }
            Self::Jump { by, .. } => (*by != 0).then_some(Assumption::DriftIsBounded),
            _ => None,
        }
    }
}

impl Scenario {
    /// The assumptions that its settings and actions may break: none if every fault lies inside of
    /// the model.
    pub fn may_break(&self) -> BTreeSet<Assumption> {
        let actions = self.actions.iter().map(|timed| &timed.action);
        let mut broken: BTreeSet<Assumption> = actions
            .clone()
            .filter_map(|action| action.may_break(&self.clocks))
            .collect();
        let (clocks, faults) = (&self.clocks, &self.faults);
        let jumps = faults.jump_interval > Micros::ZERO && faults.jump_max > Micros::ZERO;
        if jumps || clocks.max_drift_ppm > clocks.bound_ppm {
            broken.insert(Assumption::DriftIsBounded);
        }
        if self.disk.lying_permille > 0 {
            broken.insert(Assumption::SyncedIsDurable);
        }
        let emptied: BTreeSet<NodeId> = actions
            .filter_map(|action| match *action {
                Action::LoseDisk { node } | Action::RestartEmpty { node } => Some(node),
                _ => None,
            })
            .filter(|node| node.0 <= u64::from(self.voters))
            .collect();
        if emptied.len() > self.voters as usize / 2 {
            broken.insert(Assumption::QuorumKeepsItsDisks);
        }
        broken
    }
}

impl fmt::Display for Assumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SyncedIsDurable => "what a disk reports as synced survives a crash",
            Self::IdentityKeepsItsDisk => {
                "a node that comes back under its old id has what was on its disks"
            }
            Self::DriftIsBounded => "clocks drift within the stated bound and do not jump",
            Self::QuorumKeepsItsDisks => "a quorum of the voters keeps its disks",
        })
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            assumption,
            node,
            at,
            ..
        } = self;
        write!(
            f,
            "the assumption that {assumption} was broken at {node} after {at} s"
        )
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clean => f.write_str("every invariant held"),
            Self::Violated { invariant, witness } => {
                write!(f, "violated: {}: {witness}", invariant.name())
            }
            Self::ExpectedLoss {
                breach,
                invariant,
                witness,
            } => {
                let name = invariant.name();
                write!(f, "expected loss: {name}: {witness}; because {breach}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breach(assumption: Assumption, loss: Loss, event: u64) -> Breach {
        Breach {
            assumption,
            node: NodeId(3),
            loss,
            at: Micros::from_secs(2),
            event,
        }
    }

    #[test]
    fn a_loss_is_expected_only_after_the_assumption_broke() {
        let mut log = FaultLog::default();
        assert_eq!(log.verdict(), Verdict::Clean);
        log.broke(breach(Assumption::SyncedIsDurable, Loss::Log, 10));
        assert_eq!(log.verdict(), Verdict::Clean);
        log.violated(Invariant::ElectionSafety, "two leaders", 10);
        assert_eq!(
            log.verdict().to_string(),
            "expected loss: Election Safety: two leaders; because the assumption that what a disk \
             reports as synced survives a crash was broken at n3 after 2.000 s"
        );
        let mut log = FaultLog::default();
        log.violated(Invariant::ElectionSafety, "two leaders", 9);
        log.broke(breach(Assumption::SyncedIsDurable, Loss::Log, 10));
        assert!(matches!(log.verdict(), Verdict::Violated { .. }));
    }

    #[test]
    fn an_assumption_explains_only_what_rests_on_it() {
        let verdict = |loss, invariant| {
            let mut log = FaultLog::default();
            log.broke(breach(Assumption::IdentityKeepsItsDisk, loss, 1));
            log.violated(invariant, "", 2);
            matches!(log.verdict(), Verdict::ExpectedLoss { .. })
        };
        assert!(verdict(Loss::Replica, Invariant::Convergence));
        assert!(!verdict(Loss::Replica, Invariant::LogMatching));
        assert!(verdict(Loss::Log, Invariant::LogMatching));
        for invariant in Invariant::ALL {
            assert_eq!(
                verdict(Loss::Time, invariant),
                ON_CLOCKS.contains(&invariant)
            );
        }
    }

    #[test]
    fn one_violation_that_nothing_explains_is_a_bug() {
        let mut log = FaultLog::default();
        log.broke(breach(Assumption::IdentityKeepsItsDisk, Loss::Replica, 1));
        log.violated(Invariant::Convergence, "", 2);
        log.violated(Invariant::StateMachineSafety, "bad", 3);
        let invariant = Invariant::StateMachineSafety;
        let witness = "bad".into();
        assert_eq!(log.verdict(), Verdict::Violated { invariant, witness });
    }

    #[test]
    fn a_quorum_is_lost_with_its_last_disk_and_a_disk_is_lost_once() {
        let mut log = FaultLog::default();
        let lost = [1, 1, 2, 2, 3].map(|node| log.lost_disk(NodeId(node), 5));
        assert_eq!(lost, [false, false, false, false, true]);
    }
}
