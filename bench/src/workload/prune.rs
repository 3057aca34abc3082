//! Pruning a large journal of removals, and a large set of tombstones.
//!
//! Only one peer has tombstones that can be dropped, and dropping them may bring elements back. It
//! is listed to show the price of the bare work.

use quorate::Micros;
use quorate::crdt::{PruneOptions, Replicated};

use crate::elements::{Operation, elements};
use crate::figure::{Figures, Sheet, Unit};
use crate::sample::{Samples, timed};
use crate::subject::{Kit, Name, Quorate, Subject};

use super::{Plan, progress};

/// Elements that are added and removed at a time.
const BATCH: usize = 1_000;

/// Prunes so many removals.
pub fn run(plan: &Plan, removals: usize, figures: &mut Figures) {
    let bar = progress("prune", 2);
    let wants = |name: Name| plan.subjects.contains(&name);
    if wants(Name::Quorate) {
        bar.set_message(Quorate::NAME);
        put::<Quorate>(figures, removals, &ours(plan, removals));
    }
    bar.inc(1);
    if wants(Name::CrdtKit) || wants(Name::CrdtKitCompacted) {
        bar.set_message(Kit::NAME);
        put::<Kit>(figures, removals, &kit(plan, removals));
    }
    bar.finish_and_clear();
}

fn put<S: Subject>(figures: &mut Figures, removals: usize, took: &Samples) {
    let mut sheet = Sheet {
        figures,
        workload: "prune",
        case: format!("{removals} removals"),
        subject: S::NAME,
    };
    sheet.put("time", Unit::Nanoseconds, took);
}

fn ours(plan: &Plan, removals: usize) -> Samples {
    let full = emptied::<Quorate>(removals);
    let now = Micros::from_secs(24 * 60 * 60);
    let mut took = Samples::default();
    plan.effort.repeat(|| {
        let mut replica = full.copy();
        let report = timed(&mut took, || {
            replica.set.prune(now, &PruneOptions::default())
        });
        assert_eq!(report.tags_removed, removals, "every removal is old enough");
    });
    took
}

fn kit(plan: &Plan, removals: usize) -> Samples {
    let full = emptied::<Kit>(removals);
    let mut took = Samples::default();
    plan.effort.repeat(|| {
        let mut replica = full.copy();
        let removed = timed(&mut took, || replica.set.compact_tombstones());
        assert_eq!(removed, removals, "no tag is live");
    });
    took
}

/// A set to which so many elements were added and from which each was removed.
fn emptied<S: Subject>(removals: usize) -> S {
    let mut replica = S::new(1);
    for start in (0..removals).step_by(BATCH) {
        let batch = elements(start..removals.min(start + BATCH));
        replica.operate(&batch.iter().map(Operation::Add).collect::<Vec<_>>());
        replica.operate(&batch.iter().map(Operation::Remove).collect::<Vec<_>>());
    }
    replica
}
