//! The cost of replication as the log gets long: it should not depend on what was replicated before.
//!
//! The log is not compacted. All nodes of a group share the payloads of the commands, as they are in
//! one process; everything else each has for itself.

use quorate_bench_measure::figure::{Figures, Sheet, Unit};
use quorate_bench_measure::sample::{Samples, timed_on_processor};
use quorate_bench_measure::table::count;

use super::{Plan, replicate_all};
use crate::subject::Name;

/// Nodes of the group.
const NODES: u64 = 3;
/// Entries that are measured: few enough that the shortest log stays one of its length.
pub const MEASURED: u64 = 1_024;
/// Entries in a batch that is measured.
const BATCH: u64 = 128;

/// The longest log of a peer: the next power of ten would take it eight gigabytes.
const PEER_LIMIT: u64 = 1_000_000;

/// Measures logs of each length.
pub fn run(plan: &Plan, lengths: &[u64], figures: &mut Figures) {
    for &length in lengths {
        let fits = |subject: &&Name| **subject == Name::Quorate || length <= PEER_LIMIT;
        for &subject in plan.subjects.iter().filter(fits) {
            let mut took = Samples::default();
            plan.effort.repeat(|| measure(subject, length, &mut took));
            let each = took.map(|nanoseconds| nanoseconds / count(MEASURED));
            Sheet {
                figures,
                workload: "length",
                case: format!("after {length} entries"),
                subject: subject.title(),
            }
            .put("CPU time of an entry", Unit::Nanoseconds, &each);
        }
    }
}

fn measure(subject: Name, length: u64, took: &mut Samples) {
    let mut group = subject.elected(NODES);
    replicate_all(&mut *group, 0..length, BATCH);
    let end = length + MEASURED;
    timed_on_processor(took, || replicate_all(&mut *group, length..end, BATCH));
    assert!(
        group
            .machines()
            .iter()
            .all(|machine| machine.applied == end)
    );
}
