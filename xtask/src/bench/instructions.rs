//! Instructions, counted by valgrind's callgrind while the measured work runs.
//!
//! A count is the same every time, whoever else uses the machine, and so the only figure that two
//! days can be compared by. It says nothing of caches.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use crate::error::Error;
use crate::process;

/// Everything that is measured runs under functions whose names begin so, and nothing else does.
const MEASURED: &str = "*quorate_bench_measure::sample::timed*";

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

/// Who replicates, ours first: as `quorate-bench-raft` calls them, and as its tables do.
const REPLICATORS: [(&str, &str); 4] = [
    ("quorate", "quorate"),
    ("raft-rs", "raft-rs"),
    ("raft-rs-batch-append", "raft-rs, batch_append"),
    (
        "raft-rs-one-proposal",
        "raft-rs, batch_append, one proposal",
    ),
];

/// Commands that are replicated in one call.
const REPLICATED: u64 = 16_384;

/// Entries that are counted after a log of some length, as `quorate-bench-raft length` has it.
const COUNTED_AFTER: u64 = 1_024;

/// The work of the sets, in tables on standard output.
pub(super) fn of_sets(program: &Path) -> Result<(), Error> {
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

/// The instructions of an entry in the Raft kernels, as tables.
pub(super) fn of_raft(program: &Path) -> Result<String, Error> {
    let mut text = format!(
        "\n| replicate: instructions per entry | {} |\n|---|{}\n",
        REPLICATORS.map(|(_, title)| title).join(" | "),
        "---:|".repeat(REPLICATORS.len())
    );
    let replicated = REPLICATED.to_string();
    for nodes in ["3", "5"] {
        for batch in ["1", "16", "128", "1024"] {
            let mut row = format!("| {nodes} nodes, batch {batch} |");
            for (subject, _) in REPLICATORS {
                let mut valgrind = valgrind(program);
                valgrind.args(["replicate", "--nodes", nodes, "--batch", batch]);
                valgrind.args(["--entries", &replicated, "--repetitions", "1"]);
                valgrind.args(["--subjects", subject]);
                let each = collected(&mut valgrind)? / REPLICATED;
                write!(row, " {each} |").expect("a string takes everything");
            }
            text.push_str(&row);
            text.push('\n');
        }
    }
    text.push_str("\n| length: instructions of an entry | quorate |\n|---|---:|\n");
    for length in ["1000", "10000", "100000", "1000000", "10000000"] {
        let mut valgrind = valgrind(program);
        valgrind.args(["length", "--entries", length, "--repetitions", "1"]);
        valgrind.args(["--subjects", "quorate"]);
        let each = collected(&mut valgrind)? / COUNTED_AFTER;
        writeln!(text, "| after {length} entries | {each} |").expect("a string takes everything");
    }
    Ok(text)
}

fn valgrind(program: &Path) -> Command {
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
