//! The verdict on a whole history.

use super::history::History;
use super::partition::Partition;
use super::search::{Found, Pruning, Search};
use super::specification::Specification;
use super::witness::Witness;

/// A budget that decides all but the most adversarial histories, in a few hundred megabytes.
pub const DEFAULT_STEPS: u64 = 2_000_000;

/// How much of a budget goes into a witness, after the verdict: a second or so.
const WITNESS_STEPS: u64 = 200_000;

/// Whether there was one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every operation has a moment at which it took effect.
    Linearizable,
    /// The operations on one key have no order.
    NotLinearizable(Box<Witness>),
    /// The budget ran out before anything was found out about this key.
    Undecided {
        /// The key.
        key: String,
    },
}

/// A verdict, and what it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The verdict.
    pub verdict: Verdict,
    /// How many operations there are.
    pub operations: usize,
    /// How many of them were never answered.
    pub unknown: usize,
    /// How many keys they are about.
    pub keys: usize,
    /// How many configurations the search went through.
    pub steps: u64,
}

/// Judges a history. Each key has a budget of `steps` configurations.
///
/// The time is linear in the operations where few of them overlap, and exponential in how many changes
/// of one key overlap and are never seen apart: the problem is NP-complete (Gibbons and Korach 1997).
/// If several keys have no order, the witness is for the one that shows it first.
pub fn check<S: Specification>(
    specification: &S,
    history: &History<S::Call, S::Answer>,
    steps: u64,
) -> Report {
    let partitions = Partition::all(history);
    let mut report = Report {
        verdict: Verdict::Linearizable,
        operations: history.operations().len(),
        unknown: partitions.iter().map(|one| one.unknown.len()).sum(),
        keys: partitions.len(),
        steps: 0,
    };
    let mut earliest: Option<Witness> = None;
    for partition in &partitions {
        let mut search = Search::new(specification, partition, steps, Pruning::DeadEnds);
        let found = search.run();
        report.steps += search.spent();
        match found {
            Found::Order { .. } => {}
            Found::OutOfSteps => {
                let key = partition.key.to_string();
                if report.verdict == Verdict::Linearizable {
                    report.verdict = Verdict::Undecided { key };
                }
            }
            Found::Nothing => {
                let witness = explain(specification, partition, steps);
                let is_first = |known: &Witness| witness.position < known.position;
                if earliest.as_ref().is_none_or(is_first) {
                    earliest = Some(witness);
                }
            }
        }
    }
    if let Some(witness) = earliest {
        report.verdict = Verdict::NotLinearizable(Box::new(witness));
    }
    report
}

/// Why there is no order: a search that lets every order come as far as it can. Where the budget is not
/// enough for all of them, the witness says so.
fn explain<S: Specification>(
    specification: &S,
    partition: &Partition<'_, S::Call, S::Answer>,
    steps: u64,
) -> Witness {
    let mut search = Search::new(
        specification,
        partition,
        steps.min(WITNESS_STEPS),
        Pruning::Nothing,
    );
    let found = search.run();
    let mut witness = Witness::new(specification, partition, &search);
    witness.is_complete = found == Found::Nothing;
    witness
}
