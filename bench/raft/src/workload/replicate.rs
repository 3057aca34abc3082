//! Replication: commands from a client to the state machine of every node.
//!
//! The next batch is proposed when the last is applied everywhere, so a batch of one is the worst
//! case of a group (every command pays for all its messages), and a large one that of a busy leader.

use quorate_bench_measure::figure::{Figures, Sheet, Unit};
use quorate_bench_measure::sample::{Samples, timed_on_processor};
use quorate_bench_measure::table::count;

use super::{Plan, replicate_all};
use crate::command::Machine;
use crate::subject::Name;

/// Replicated before the clock starts, so that buffers have their sizes.
const WARM_UP: u64 = 1_024;

/// Measures groups of each size with batches of each size.
pub fn run(plan: &Plan, sizes: &[u64], batches: &[u64], entries: u64, figures: &mut Figures) {
    for &nodes in sizes {
        for &batch in batches {
            for &subject in &plan.subjects {
                let mut took = Samples::default();
                plan.effort
                    .repeat(|| measure(subject, nodes, batch, entries, &mut took));
                let mut sheet = Sheet {
                    figures,
                    workload: "replicate",
                    case: format!("{nodes} nodes, batch {batch}"),
                    subject: subject.title(),
                };
                let per_second = took.map(|nanoseconds| count(entries) * 1e9 / nanoseconds);
                sheet.put("entries per CPU second", Unit::PerSecond, &per_second);
            }
        }
    }
}

fn measure(subject: Name, nodes: u64, batch: u64, entries: u64, took: &mut Samples) {
    let mut group = subject.elected(nodes);
    replicate_all(&mut *group, 0..WARM_UP, batch);
    let end = WARM_UP + entries;
    timed_on_processor(took, || replicate_all(&mut *group, WARM_UP..end, batch));
    let expected = Machine::after(0..end);
    for machine in group.machines() {
        assert!(
            machine == expected,
            "the nodes of {} did not all apply the commands",
            subject.title()
        );
    }
}
