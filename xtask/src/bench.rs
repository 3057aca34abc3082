//! Measurements beside the peers, in `bench/`.
//!
//! The peers take minutes to build, so they have a workspace of their own that no other command
//! touches. Seconds depend on the day and on who else uses the machine; `--instructions` counts what
//! the processor executed, which is the same every time.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use clap::Args;

use crate::error::Error;
use crate::process;
use crate::tools::{Tool, Toolbox};
use crate::workspace::Workspace;

/// What to measure.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Count instructions with valgrind's callgrind in place of measuring times
    #[arg(long, conflicts_with = "arguments")]
    instructions: bool,
    /// Passed to `quorate-bench`: a workload and its options; `all` if not given
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Everything that is measured runs under this function, and nothing else does.
const MEASURED: &str = "*quorate_bench::sample::timed*";

/// Work whose instructions are counted.
#[derive(Debug)]
struct Counted {
    what: &'static str,
    /// How `quorate-bench` is called for it.
    arguments: &'static [&'static str],
    /// How often the work is done in one call.
    times: u64,
    /// Who does it, ours first; whoever would take minutes under valgrind is left out.
    subjects: &'static [&'static str],
}

const COUNTED: [Counted; 4] = [
    Counted {
        what: "churn, 20,000 operations, once synced in memory and once through bytes",
        arguments: &["churn", "--operations", "20000", "--repetitions", "1"],
        times: 1,
        subjects: &["quorate", "crdts", "crdts-operations"],
    },
    Counted {
        what: "one add into 100,000 elements, sent and applied",
        arguments: &["add", "--repetitions", "1", "--patience", "1e6"],
        times: 100,
        subjects: &[
            "quorate-in-session",
            "quorate",
            "crdts-operations",
            "yrs",
            "loro",
        ],
    },
    Counted {
        what: "full merges of two sets of 20,000 elements: three cases, in memory and through bytes",
        arguments: &["merge", "--elements", "20000", "--repetitions", "1"],
        times: 1,
        subjects: &["quorate", "crdts", "crdt-kit"],
    },
    Counted {
        what: "pruning 100,000 removals",
        arguments: &["prune", "--removals", "100000", "--repetitions", "1"],
        times: 1,
        subjects: &["quorate", "crdt-kit"],
    },
];

/// Builds the measurements and runs them.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<(), Error> {
    let program = build(workspace)?;
    if options.instructions {
        return count_instructions(workspace, &program);
    }
    let mut measure = process::command(&program);
    if options.arguments.is_empty() {
        measure.arg("all");
    }
    process::run(
        measure
            .args(&options.arguments)
            .current_dir(workspace.root()),
    )
}

/// Builds every program of `bench/`: the one that measures starts the one that counts memory.
fn build(workspace: &Workspace) -> Result<PathBuf, Error> {
    let manifest = workspace.path("bench/Cargo.toml");
    let mut cargo = process::command("cargo");
    cargo.args([
        "build",
        "--release",
        "--locked",
        "--bins",
        "--manifest-path",
    ]);
    eprintln!("Building the peers: about 5 minutes on two cores the first time, then seconds.");
    process::run(cargo.arg(manifest).current_dir(workspace.root()))?;
    // A workspace of its own has a build directory of its own, unless all are told to share one.
    let target = match env::var_os("CARGO_TARGET_DIR") {
        Some(_) => workspace.target(),
        None => workspace.path("bench/target"),
    };
    Ok(target.join(format!("release/quorate-bench{}", env::consts::EXE_SUFFIX)))
}

fn count_instructions(workspace: &Workspace, program: &PathBuf) -> Result<(), Error> {
    let wanted = [Tool::Valgrind];
    Toolbox::prepare(workspace, &wanted).require(&wanted)?;
    for work in &COUNTED {
        println!(
            "\n{}\n`quorate-bench {}`\n\n| subject | instructions | to ours |\n|---|---:|---:|",
            work.what,
            work.arguments.join(" ")
        );
        let mut ours = None;
        for subject in work.subjects {
            let mut valgrind = valgrind(program);
            valgrind.args(work.arguments).args(["--subjects", subject]);
            let instructions = collected(&mut valgrind)? / work.times;
            let ours = *ours.get_or_insert(instructions);
            println!(
                "| {subject} | {instructions} | {} |",
                ratio(instructions, ours)
            );
        }
    }
    Ok(())
}

fn valgrind(program: &PathBuf) -> Command {
    let mut valgrind = process::command("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind
        .arg(format!("--toggle-collect={MEASURED}"))
        .arg(program);
    valgrind
}

/// The instructions that callgrind reports on standard error.
fn collected(valgrind: &mut Command) -> Result<u64, Error> {
    let line = process::line(valgrind);
    let output = valgrind.output().map_err(|source| Error::NotStarted {
        line: line.clone(),
        source,
    })?;
    let said = String::from_utf8_lossy(&output.stderr);
    match instructions(&said) {
        Some(instructions) if output.status.success() => Ok(instructions),
        _ => Err(Error::Other(format!("`{line}`: {}\n{said}", output.status))),
    }
}

/// The number behind `Collected :`. Zero means that the measured function was not found.
fn instructions(said: &str) -> Option<u64> {
    let number = said
        .lines()
        .find_map(|line| line.split_once("Collected : "))?
        .1;
    number.trim().parse().ok().filter(|&count| count > 0)
}

/// `12.34`, without floating point: a count has more digits than it needs.
fn ratio(theirs: u64, ours: u64) -> String {
    let hundredths = u128::from(theirs) * 100 / u128::from(ours.max(1));
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::{instructions, ratio};

    #[test]
    fn the_count_is_found_and_nothing_collected_is_no_count() {
        let said = "==1== Events    : Ir\n==1== Collected : 16172\n";
        assert_eq!(instructions(said), Some(16_172));
        assert_eq!(instructions("==1== Collected : 0\n"), None);
        assert_eq!(instructions("no callgrind"), None);
    }

    #[test]
    fn a_ratio_has_two_digits_behind_the_point() {
        assert_eq!(ratio(1_234, 100), "12.34");
        assert_eq!(ratio(5, 100), "0.05");
    }
}
