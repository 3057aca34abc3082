//! `cargo xtask`: every command of the project in one program, written in the project's language.
//!
//! Shell scripts grow a dialect per machine and cannot be tested. These commands are ordinary Rust:
//! they install what a bare machine lacks into a cache of their own, run the same steps on a
//! laptop and in continuous integration, and check what a program can check of the architecture.
//! One file per command; what they share is [`process`], [`workspace`] and [`tools`].

mod bench;
mod ci;
mod counts;
mod error;
mod pack;
mod page;
mod process;
mod report;
mod size;
mod test;
mod tidy;
mod tools;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::Error;
use crate::workspace::Workspace;

/// The project's commands.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Install what is missing, build the page and serve it on <http://127.0.0.1:8080>
    Serve(page::ServeOptions),
    /// Install what is missing and run every test
    Test(test::Options),
    /// Format, lints, tidy, documentation, then every test: what continuous integration runs
    Ci,
    /// Check the rules of ARCHITECTURE.md that a program can check
    Tidy,
    /// Build the page into dist/
    Build,
    /// Build the npm package into npm/dist/ and pack it into a tarball
    Pack,
    /// Measure what a browser downloads and compare it with the budgets
    Size,
    /// Measure our own sets beside those of other libraries
    Bench(bench::Options),
    /// Install every tool and print the line that puts them on PATH
    Tools,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match Workspace::locate().and_then(|workspace| run(&arguments.command, &workspace)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Error::Reported) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command, workspace: &Workspace) -> Result<(), Error> {
    match command {
        Command::Serve(options) => page::serve(workspace, options),
        Command::Test(options) => test::run(workspace, options),
        Command::Ci => ci::run(workspace),
        Command::Tidy => tidy::run(workspace),
        Command::Build => page::build_alone(workspace),
        Command::Pack => pack::pack_alone(workspace),
        Command::Size => size::run(workspace),
        Command::Bench(options) => bench::run(workspace, options),
        Command::Tools => tools::print_path(workspace),
    }
}

#[cfg(test)]
mod tests {
    use super::Arguments;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
