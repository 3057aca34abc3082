//! `quorate-bench-raft`: measures and prints. The allocator is the system's, for everybody.

use std::process::ExitCode;

use clap::Parser;
use quorate_bench_measure::figure::Figures;
use quorate_bench_measure::table::Report;
use quorate_bench_raft::arguments::{Arguments, Workload};
use quorate_bench_raft::workload::{Plan, allocations, length, replicate};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(report) if arguments.json => println!("{}", report.json()),
        Ok(report) if arguments.summary => print!("{}", report.summary()),
        Ok(report) => print!("{}", report.text()),
        Err(reason) => {
            eprintln!("error: {reason}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn run(arguments: &Arguments) -> Result<Report, String> {
    let plan = arguments.plan();
    let mut figures = Figures::default();
    if matches!(arguments.workload, Workload::All) {
        for workload in everything() {
            measure(&workload, &plan, &mut figures)?;
        }
    } else {
        measure(&arguments.workload, &plan, &mut figures)?;
    }
    Ok(Report::new(figures))
}

/// The workloads with their default sizes, as the command line states them.
fn everything() -> Vec<Workload> {
    ["replicate", "length", "memory", "allocations"]
        .map(|name| Arguments::parse_from(["quorate-bench-raft", name]).workload)
        .to_vec()
}

fn measure(workload: &Workload, plan: &Plan, figures: &mut Figures) -> Result<(), String> {
    match workload {
        Workload::Replicate {
            nodes,
            batch,
            entries,
        } => replicate::run(plan, nodes, batch, *entries, figures),
        Workload::Length { entries } => length::run(plan, entries, figures),
        Workload::Memory { entries } => allocations::memory(plan, entries, figures)?,
        Workload::Allocations { nodes } => allocations::requests(plan, *nodes, figures)?,
        Workload::All => {}
    }
    Ok(())
}
