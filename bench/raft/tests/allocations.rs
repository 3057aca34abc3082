//! What must not ask the allocator for anything, under an allocator that counts.

use std::alloc::System;

use quorate_bench_raft::counted::{Count, Counters};
use quorate_bench_raft::subject::Name;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn counters() -> Counters {
    let stats = COUNTED.stats();
    let held = stats.bytes_allocated - stats.bytes_deallocated;
    Counters {
        requests: (stats.allocations + stats.reallocations) as u64,
        held_bytes: held as u64,
    }
}

// One test: the counters are those of the whole process, other threads included.
#[test]
fn a_heartbeat_round_of_five_allocates_nothing_and_an_entry_takes_its_room() {
    let requests = Count::Heartbeats {
        subject: Name::Quorate,
        nodes: 5,
        rounds: 1_000,
    };
    assert_eq!(requests.take(counters), 0);

    let entries = 100_000;
    let memory = Count::Memory {
        subject: Name::Quorate,
        entries,
    };
    let each = memory.take(counters) / entries;
    assert!((40..=64).contains(&each), "{each} bytes");
}
