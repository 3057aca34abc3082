//! Memory of a log, and requests to the allocator, as the counting program sees them.

use quorate_bench_measure::figure::{Figures, Sheet, Unit};
use quorate_bench_measure::sample::Samples;
use quorate_bench_measure::table::count;

use super::Plan;
use crate::counted::{Count, ask};

/// Heartbeat rounds that are counted.
const ROUNDS: u64 = 1_000;
/// Entries that are counted.
const ENTRIES: u64 = 16_384;

/// What a log of each length holds beyond the payloads, on one node: a group of one, since nodes in
/// one process share them.
pub fn memory(plan: &Plan, lengths: &[u64], figures: &mut Figures) -> Result<(), String> {
    for &entries in lengths {
        for &subject in &plan.subjects {
            let bytes = ask(Count::Memory { subject, entries })?;
            Sheet {
                figures,
                workload: "memory",
                case: format!("{entries} entries"),
                subject: subject.title(),
            }
            .put(
                "bytes per entry beyond the payload",
                Unit::Bytes,
                &each(bytes, entries),
            );
        }
    }
    Ok(())
}

/// How often the allocator is asked in a round of heartbeats and their answers, and for an entry.
pub fn requests(plan: &Plan, nodes: u64, figures: &mut Figures) -> Result<(), String> {
    for &subject in &plan.subjects {
        let mut put = |quantity, case: String, samples: &Samples| {
            Sheet {
                figures: &mut *figures,
                workload: "allocations",
                case,
                subject: subject.title(),
            }
            .put(quantity, Unit::Allocations, samples);
        };
        let rounds = ROUNDS;
        let requests = ask(Count::Heartbeats {
            subject,
            nodes,
            rounds,
        })?;
        let case = format!("heartbeat round of {nodes} nodes");
        put("requests to the allocator", case, &each(requests, rounds));
        for batch in [1, 128] {
            let requests = ask(Count::Entries {
                subject,
                nodes,
                batch,
                entries: ENTRIES,
            })?;
            let case = format!("an entry on {nodes} nodes, batch {batch}");
            put("requests to the allocator", case, &each(requests, ENTRIES));
        }
    }
    Ok(())
}

fn each(sum: u64, number: u64) -> Samples {
    let mut samples = Samples::default();
    samples.push(count(sum) / count(number));
    samples
}
