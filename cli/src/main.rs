//! The command line: runs a simulated cluster natively, for continuous integration and for load
//! traces that are longer than anybody's patience in a browser.
//!
//! Exit codes: 0 clean, 1 an invariant broke, 2 bad input.

mod failure;
mod input;
mod run;
mod summary;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Runs simulated clusters of the Quorate kernel.
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
    /// List the scenarios that are built in.
    Scenarios,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Run(arguments) => run::run(&arguments),
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
