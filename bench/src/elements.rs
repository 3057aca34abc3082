//! The elements and operations that every library is given.
//!
//! A benchmark in which each library draws its own operations compares luck. Here a schedule is made
//! once, from a seed, and everybody is led through the same one.

use std::ops::Range;

use quorate::Random;

/// What is done to a set.
#[derive(Clone, Copy, Debug)]
pub enum Operation<'a> {
    /// Add the element, whether it is there or not.
    Add(&'a String),
    /// Remove the element if it is there.
    Remove(&'a String),
}

/// The name of the `index`-th element: 14 bytes up to a million elements.
pub fn element(index: usize) -> String {
    format!("element-{index:06}")
}

/// The elements of a range.
pub fn elements(range: Range<usize>) -> Vec<String> {
    range.map(element).collect()
}

/// How many operations are handed over at a time, so that a large set is built without a second
/// copy of its elements beside it.
const BATCH: usize = 1_000;

/// Hands the additions of a range of elements to `take`, a batch at a time, in an order that is
/// random and always the same: sorted input flatters trees and columns. Returns the bytes of all
/// elements.
pub fn additions(range: Range<usize>, mut take: impl FnMut(&[Operation<'_>])) -> usize {
    let mut bytes = 0;
    for batch in shuffled(range).chunks(BATCH) {
        let batch: Vec<String> = batch.iter().copied().map(element).collect();
        bytes += batch.iter().map(String::len).sum::<usize>();
        take(&batch.iter().map(Operation::Add).collect::<Vec<_>>());
    }
    bytes
}

/// Elements that are not among the first `elements`, each next to one of them and in random order:
/// an add that always goes to the end would flatter a tree too.
pub fn newcomers(elements: usize) -> impl Iterator<Item = String> {
    shuffled(0..elements)
        .into_iter()
        .map(|neighbour| element(neighbour) + "+")
}

/// Fisher and Yates, with a fixed seed.
fn shuffled(range: Range<usize>) -> Vec<usize> {
    let mut random = Random::new(2);
    let mut order: Vec<usize> = range.collect();
    for last in (1..order.len()).rev() {
        order.swap(last, random.index(last + 1));
    }
    order
}

/// What several replicas do, round by round; after each round everybody syncs.
#[derive(Debug)]
pub struct Schedule {
    universe: Vec<String>,
    /// For each round and replica: an index into the universe, and whether to add it.
    rounds: Vec<Vec<Vec<(usize, Kind)>>>,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Add,
    Remove,
}

impl Schedule {
    /// Additions and removals in equal shares, each at a random replica and of a random element.
    pub fn churn(operations: usize, replicas: usize, universe: usize, per_round: usize) -> Self {
        let mut random = Random::new(1);
        let mut left = operations;
        let mut rounds = Vec::new();
        while left > 0 {
            let mut round = vec![Vec::new(); replicas];
            for _ in 0..left.min(per_round) {
                let kind = if random.chance(500) {
                    Kind::Add
                } else {
                    Kind::Remove
                };
                round[random.index(replicas)].push((random.index(universe), kind));
            }
            left = left.saturating_sub(per_round);
            rounds.push(round);
        }
        Self {
            universe: elements(0..universe),
            rounds,
        }
    }

    /// The rounds; each has one list of operations per replica.
    pub fn rounds(&self) -> impl Iterator<Item = Vec<Vec<Operation<'_>>>> {
        self.rounds.iter().map(|round| {
            round
                .iter()
                .map(|operations| self.operations(operations))
                .collect()
        })
    }

    fn operations(&self, operations: &[(usize, Kind)]) -> Vec<Operation<'_>> {
        operations
            .iter()
            .map(|&(index, kind)| match kind {
                Kind::Add => Operation::Add(&self.universe[index]),
                Kind::Remove => Operation::Remove(&self.universe[index]),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Operation, Schedule, additions, elements};

    #[test]
    fn every_element_is_added_once_and_not_in_order() {
        let mut added = Vec::new();
        let bytes = additions(5..3_000, |batch| {
            for operation in batch {
                if let Operation::Add(element) = operation {
                    added.push((*element).clone());
                }
            }
        });
        assert_eq!(bytes, added.iter().map(String::len).sum::<usize>());
        assert!(!added.is_sorted());
        added.sort_unstable();
        assert_eq!(added, elements(5..3_000));
    }

    #[test]
    fn a_schedule_has_all_operations_in_rounds() {
        let schedule = Schedule::churn(2_500, 8, 10, 1_000);
        let sizes: Vec<usize> = schedule
            .rounds()
            .map(|round| round.iter().map(Vec::len).sum())
            .collect();
        assert_eq!(sizes, [1_000, 1_000, 500]);
    }
}
