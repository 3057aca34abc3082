//! What is counted under a counting allocator, by a program of its own.
//!
//! The allocator counts with atomic numbers and slows every request down, so nothing is timed there;
//! and a group that was measured before would leave buffers behind, so every count has its process.

use std::path::PathBuf;
use std::process::Command;

use clap::{Subcommand, ValueEnum};

use crate::command::COMMAND_BYTES;
use crate::subject::Name;
use crate::workload::replicate_all;

/// The program that counts, beside this one.
const PROGRAM: &str = "quorate-bench-raft-counted";

/// Replicated, or beaten, before counting starts, so that buffers have their sizes.
const WARM_UP: u64 = 1_024;

/// What is counted.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum Count {
    /// Bytes that the log of a single node holds, beyond the payloads
    Memory {
        /// Whose
        #[arg(value_enum)]
        subject: Name,
        /// Entries in the log
        entries: u64,
    },
    /// Requests to the allocator while a leader that has nothing to say speaks
    Heartbeats {
        /// Whose
        #[arg(value_enum)]
        subject: Name,
        /// Nodes of the group
        nodes: u64,
        /// How often
        rounds: u64,
    },
    /// Requests to the allocator while entries are replicated
    Entries {
        /// Whose
        #[arg(value_enum)]
        subject: Name,
        /// Nodes of the group
        nodes: u64,
        /// Entries proposed together
        batch: u64,
        /// Entries
        entries: u64,
    },
}

/// The counters of an allocator, since the process began.
#[derive(Clone, Copy, Debug)]
pub struct Counters {
    /// Requests for new or larger blocks.
    pub requests: u64,
    /// Bytes requested and not given back.
    pub held_bytes: u64,
}

impl Count {
    /// Counts in this process.
    pub fn take(self, counters: fn() -> Counters) -> u64 {
        match self {
            Self::Memory { subject, entries } => {
                let mut group = subject.elected(1);
                let before = counters().held_bytes;
                replicate_all(&mut *group, 0..entries, 1);
                let held = counters().held_bytes.saturating_sub(before);
                drop(group);
                held.saturating_sub(entries * COMMAND_BYTES as u64)
            }
            Self::Heartbeats {
                subject,
                nodes,
                rounds,
            } => {
                let mut group = subject.elected(nodes);
                let mut beat = |times| (0..times).for_each(|_| group.heartbeat());
                beat(WARM_UP);
                let before = counters().requests;
                beat(rounds);
                counters().requests - before
            }
            Self::Entries {
                subject,
                nodes,
                batch,
                entries,
            } => {
                let mut group = subject.elected(nodes);
                replicate_all(&mut *group, 0..WARM_UP, batch);
                let before = counters().requests;
                replicate_all(&mut *group, WARM_UP..WARM_UP + entries, batch);
                counters().requests - before
            }
        }
    }

    /// The command line that asks for it.
    fn arguments(self) -> Vec<String> {
        let name = |subject: Name| {
            let value = subject.to_possible_value().expect("no name is hidden");
            value.get_name().to_owned()
        };
        let (what, subject, numbers) = match self {
            Self::Memory { subject, entries } => ("memory", subject, vec![entries]),
            Self::Heartbeats {
                subject,
                nodes,
                rounds,
            } => ("heartbeats", subject, vec![nodes, rounds]),
            Self::Entries {
                subject,
                nodes,
                batch,
                entries,
            } => ("entries", subject, vec![nodes, batch, entries]),
        };
        let mut arguments = vec![what.to_owned(), name(subject)];
        arguments.extend(numbers.iter().map(u64::to_string));
        arguments
    }
}

/// Has the counting program count.
pub fn ask(count: Count) -> Result<u64, String> {
    let program = program()?;
    let output = Command::new(&program)
        .args(count.arguments())
        .output()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    let said = String::from_utf8_lossy(&output.stdout);
    match said.trim().parse() {
        Ok(number) if output.status.success() => Ok(number),
        _ => Err(format!(
            "{PROGRAM} {}: {said}{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}

fn program() -> Result<PathBuf, String> {
    let here = std::env::current_exe().map_err(|error| error.to_string())?;
    let program = here.with_file_name(format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX));
    if program.is_file() {
        Ok(program)
    } else {
        Err(format!(
            "{} is missing; build both programs: cargo build --profile raft --bins --package quorate-bench-raft",
            program.display()
        ))
    }
}
