//! The command line: runs a simulated cluster natively, for continuous integration and for load
//! traces that are longer than anybody's patience in a browser; replays recorded load against
//! autoscalers; decides on what a program sees; judges histories of client operations.
//!
//! Exit codes: 0 clean, 1 an invariant broke, 2 bad input.

mod atomic;
mod decide;
mod export;
mod failure;
mod fuzz;
mod input;
mod interrupt;
mod lincheck;
mod mutant;
mod mutants;
mod policy;
mod run;
mod scale;
mod shrink;
mod summary;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Simulated clusters of the Quorate kernel, and its autoscaler.
#[derive(Debug, Parser)]
#[command(name = "quorate", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a scenario to its end and say what happened.
    Run(run::RunArguments),
    /// Run random scenarios on all cores, and make smaller what fails.
    Fuzz(fuzz::FuzzArguments),
    /// Find the smallest scenario that still fails, and tell its story.
    Shrink(shrink::ShrinkArguments),
    /// Build bugs in on purpose, and see which invariant notices each: the kill matrix.
    Mutants(mutants::MutantsArguments),
    /// List the scenarios that are built in.
    Scenarios,
    /// Replay a load trace against autoscaling policies, side by side.
    Scale(scale::ScaleArguments),
    /// Read observations of a fleet, one JSON object a line, and decide on each.
    Decide(decide::DecideArguments),
    /// Write a policy as a manifest of Kubernetes or as a policy of EC2 or Azure.
    Export(export::ExportArguments),
    /// Read a manifest of Kubernetes as a policy.
    Import(export::ImportArguments),
    /// Judge a history of client operations: linearizable or not, and if not, where.
    Lincheck(lincheck::LincheckArguments),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Fuzz(arguments) => fuzz::run(&arguments),
        Command::Shrink(arguments) => shrink::run(&arguments),
        Command::Mutants(arguments) => mutants::run(&arguments),
        Command::Scale(arguments) => scale::run(&arguments),
        Command::Decide(arguments) => decide::run(&arguments),
        Command::Export(arguments) => export::export(&arguments),
        Command::Import(arguments) => export::import(&arguments),
        Command::Lincheck(arguments) => lincheck::run(&arguments),
        Command::Scenarios => {
            list_scenarios();
            Ok(ExitCode::SUCCESS)
        }
    };
    outcome.unwrap_or_else(|failure| {
        eprintln!("error: {failure}");
        ExitCode::from(2)
    })
}

fn list_scenarios() {
    for preset in quorate_sim::presets::all() {
        println!("{:<16} {}", preset.slug, preset.about);
    }
}
