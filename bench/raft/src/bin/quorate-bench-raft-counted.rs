//! `quorate-bench-raft-counted`: counts one thing under a counting allocator and prints the number.
//! `quorate-bench-raft` starts it once for each; it is of no use for times.

use std::alloc::System;

use clap::Parser;
use quorate_bench_raft::counted::{Count, Counters};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    count: Count,
}

fn main() {
    println!("{}", Arguments::parse().count.take(counters));
}

/// The allocator counts a growing block as allocated and a shrinking one as given back, by the
/// difference.
fn counters() -> Counters {
    let stats = COUNTED.stats();
    let held_bytes = stats
        .bytes_allocated
        .saturating_sub(stats.bytes_deallocated);
    Counters {
        requests: (stats.allocations + stats.reallocations) as u64,
        held_bytes: held_bytes as u64,
    }
}
