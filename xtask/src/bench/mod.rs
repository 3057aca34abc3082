//! Measurements beside the peers, in `bench/`.
//!
//! The peers take minutes to build, so they have a workspace of their own that no other command
//! touches: one program for the sets, one for the Raft kernel. Seconds depend on the day and on who
//! else uses the machine; `--instructions` counts what the processor executed, which is the same
//! every time.

mod document;
mod instructions;

use std::env;
use std::path::PathBuf;

use clap::Args;

use crate::error::Error;
use crate::process;
use crate::tools::{Tool, Toolbox};
use crate::workspace::Workspace;

/// What to measure.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Count instructions with valgrind's callgrind in place of measuring times; may be followed by
    /// `sets` or `raft`
    #[arg(long)]
    instructions: bool,
    /// Measure and count the Raft kernel, and write the tables into docs/benchmarks.md
    #[arg(long, conflicts_with_all = ["instructions", "arguments"])]
    document: bool,
    /// A workload of the sets and its options, passed to `quorate-bench`; or `raft`, a workload and
    /// its options, passed to `quorate-bench-raft`. `all` if no workload is given
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// A program that measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subject {
    Sets,
    Raft,
}

impl Subject {
    /// The package, which is also the name of the program.
    const fn package(self) -> &'static str {
        match self {
            Self::Sets => "quorate-bench",
            Self::Raft => "quorate-bench-raft",
        }
    }

    /// The profile it is built with, which is also the directory it is in.
    const fn profile(self) -> &'static str {
        match self {
            Self::Sets => "release",
            Self::Raft => "raft",
        }
    }
}

/// Builds the measurements and runs them.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<(), Error> {
    if options.document {
        return document_raft(workspace);
    }
    if options.instructions {
        return count_instructions(workspace, &options.arguments);
    }
    let (subject, arguments) = match options.arguments.split_first() {
        Some((first, rest)) if first == "raft" => (Subject::Raft, rest),
        _ => (Subject::Sets, &options.arguments[..]),
    };
    let mut measure = process::command(build(workspace, subject)?);
    if arguments.is_empty() {
        measure.arg("all");
    }
    process::run(measure.args(arguments).current_dir(workspace.root()))
}

fn count_instructions(workspace: &Workspace, arguments: &[String]) -> Result<(), Error> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let subjects: &[Subject] = match arguments[..] {
        [] => &[Subject::Raft, Subject::Sets],
        ["raft"] => &[Subject::Raft],
        ["sets"] => &[Subject::Sets],
        _ => {
            let what =
                "`--instructions` counts fixed work: nothing, `sets` or `raft` may follow it";
            return Err(Error::Other(what.to_owned()));
        }
    };
    require_valgrind(workspace)?;
    for &subject in subjects {
        let program = build(workspace, subject)?;
        match subject {
            Subject::Raft => print!("{}", instructions::of_raft(&program)?),
            Subject::Sets => instructions::of_sets(&program)?,
        }
    }
    Ok(())
}

/// Times, bytes, allocations and instructions of the Raft kernel, in its document.
fn document_raft(workspace: &Workspace) -> Result<(), Error> {
    require_valgrind(workspace)?;
    let program = build(workspace, Subject::Raft)?;
    let mut measure = process::command(&program);
    let measured = process::capture(
        measure
            .args(["all", "--summary"])
            .current_dir(workspace.root()),
    )?;
    let counted = instructions::of_raft(&program)?;
    let tables = format!("{}\n{}", measured.trim(), counted.trim_end());
    document::replace(&workspace.path("docs/benchmarks.md"), &tables)
}

fn require_valgrind(workspace: &Workspace) -> Result<(), Error> {
    let wanted = [Tool::Valgrind];
    Toolbox::prepare(workspace, &wanted).require(&wanted)
}

/// Builds every program of a package: the one that measures starts the one that counts memory.
fn build(workspace: &Workspace, subject: Subject) -> Result<PathBuf, Error> {
    let manifest = workspace.path("bench/Cargo.toml");
    let mut cargo = process::command("cargo");
    cargo.args(["build", "--locked", "--bins"]);
    cargo.args(["--profile", subject.profile()]);
    cargo.args(["--package", subject.package(), "--manifest-path"]);
    eprintln!("Building the peers: minutes on two cores the first time, then seconds.");
    process::run(cargo.arg(manifest).current_dir(workspace.root()))?;
    // A workspace of its own has a build directory of its own, unless all are told to share one.
    let target = match env::var_os("CARGO_TARGET_DIR") {
        Some(_) => workspace.target(),
        None => workspace.path("bench/target"),
    };
    let program = format!("{}{}", subject.package(), env::consts::EXE_SUFFIX);
    Ok(target.join(subject.profile()).join(program))
}
