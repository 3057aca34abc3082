//! `quorate-bench-counted SUBJECT ELEMENTS`: builds one set under a counting allocator and prints what
//! it holds as JSON. `quorate-bench memory` starts it once per set; it is of no use for times.

use std::alloc::System;
use std::process::ExitCode;

use clap::Parser;
use quorate_bench::subject::Name;
use quorate_bench::workload::memory;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[derive(Debug, Parser)]
struct Arguments {
    #[arg(value_enum)]
    subject: Name,
    elements: usize,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let held = memory::build(arguments.subject, arguments.elements, requested);
    match serde_json::to_string(&held) {
        Ok(text) => println!("{text}"),
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// Bytes allocated and not given back. The allocator counts a growing block as allocated and a
/// shrinking one as given back, by the difference.
fn requested() -> u64 {
    let stats = COUNTED.stats();
    stats
        .bytes_allocated
        .saturating_sub(stats.bytes_deallocated) as u64
}
