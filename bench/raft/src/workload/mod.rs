//! What is measured: one file for each workload, the same for every subject.

pub mod allocations;
pub mod length;
pub mod replicate;

use std::ops::Range;

use quorate_bench_measure::sample::Effort;

use crate::subject::{Group, Name};

/// What all workloads are given.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How hard to try.
    pub effort: Effort,
    /// Whom to measure, in order.
    pub subjects: Vec<Name>,
}

/// Replicates the commands of these numbers, so many at a time.
pub fn replicate_all(group: &mut dyn Group, numbers: Range<u64>, batch: u64) {
    let mut start = numbers.start;
    while start < numbers.end {
        let end = numbers.end.min(start + batch);
        group.replicate(start..end);
        start = end;
    }
}
