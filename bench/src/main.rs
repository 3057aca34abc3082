//! `quorate-bench`: measures and prints. The allocator is the system's, for everybody.

use std::fs;
use std::process::ExitCode;

use clap::Parser;
use quorate_bench::arguments::{Arguments, Workload};
use quorate_bench::figure::Figures;
use quorate_bench::plot;
use quorate_bench::table::Report;
use quorate_bench::workload::growth::Point;
use quorate_bench::workload::{Plan, add, churn, growth, memory, merge, prune};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(report) if arguments.json => println!("{}", report.json()),
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
    let mut points = Vec::new();
    if matches!(arguments.workload, Workload::All) {
        for workload in everything() {
            measure(&workload, &plan, &mut figures, &mut points)?;
        }
    } else {
        measure(&arguments.workload, &plan, &mut figures, &mut points)?;
    }
    Ok(Report::new(figures, points))
}

/// The workloads with their default sizes, as the command line states them.
fn everything() -> Vec<Workload> {
    ["churn", "add", "merge", "prune", "memory"]
        .map(|name| Arguments::parse_from(["quorate-bench", name]).workload)
        .to_vec()
}

fn measure(
    workload: &Workload,
    plan: &Plan,
    figures: &mut Figures,
    points: &mut Vec<Point>,
) -> Result<(), String> {
    let crowd = &plan.clone().without_sessions();
    match workload {
        Workload::Churn { operations } => churn::run(crowd, *operations, figures),
        Workload::Add { elements } => add::run(plan, *elements, figures),
        Workload::Merge { elements } => merge::run(crowd, *elements, figures),
        Workload::Prune { removals } => prune::run(crowd, *removals, figures),
        Workload::Memory { elements } => memory::run(crowd, elements, figures)?,
        Workload::Growth {
            up_to,
            svg,
            points: file,
        } => {
            *points = growth::run(plan.effort, *up_to)?;
            if let Some(path) = svg {
                fs::write(path, plot::svg(points)?).map_err(|error| error.to_string())?;
            }
            if let Some(path) = file {
                let json =
                    serde_json::to_string_pretty(points).map_err(|error| error.to_string())?;
                fs::write(path, json + "\n").map_err(|error| error.to_string())?;
            }
        }
        Workload::All => {}
    }
    Ok(())
}
