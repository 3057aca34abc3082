//! The command line.

use std::time::Duration;

use clap::{Parser, Subcommand};
use quorate_bench_measure::sample::Effort;

use crate::subject::Name;
use crate::workload::Plan;

/// The Raft kernel beside the `raft` crate: the same commands, in one run.
#[derive(Debug, Parser)]
#[command(name = "quorate-bench-raft", max_term_width = 100)]
pub struct Arguments {
    /// What to measure
    #[command(subcommand)]
    pub workload: Workload,
    /// Samples of each time
    #[arg(long, global = true, default_value_t = 9)]
    pub repetitions: usize,
    /// Seconds after which no further sample of a figure is taken
    #[arg(long, global = true, default_value_t = 10.0)]
    pub patience: f64,
    /// Whom to measure; everybody if not given
    #[arg(long, global = true, value_enum, value_delimiter = ',')]
    pub subjects: Vec<Name>,
    /// Print JSON in place of tables
    #[arg(long, global = true, conflicts_with = "summary")]
    pub json: bool,
    /// Print the medians alone, a table for each quantity
    #[arg(long, global = true)]
    pub summary: bool,
}

/// What to measure.
#[derive(Clone, Debug, Subcommand)]
pub enum Workload {
    /// Commands from a client to the state machine of every node
    Replicate {
        /// Nodes of the group
        #[arg(long, value_delimiter = ',', default_values_t = [3, 5])]
        nodes: Vec<u64>,
        /// Commands proposed together
        #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 128, 1_024])]
        batch: Vec<u64>,
        /// Commands in a sample
        #[arg(long, default_value_t = 131_072)]
        entries: u64,
    },
    /// The time of an entry as the log gets long: 3 nodes, batches of 128
    Length {
        /// Entries there are already
        #[arg(long, value_delimiter = ',', default_values_t = [1_000, 10_000, 100_000, 1_000_000, 10_000_000])]
        entries: Vec<u64>,
    },
    /// Bytes of the log of one node beyond the payloads
    Memory {
        /// Entries in the log
        #[arg(long, value_delimiter = ',', default_values_t = [100_000, 1_000_000])]
        entries: Vec<u64>,
    },
    /// Requests to the allocator: a round of heartbeats, and an entry
    Allocations {
        /// Nodes of the group
        #[arg(long, default_value_t = 5)]
        nodes: u64,
    },
    /// All of them, with their default sizes
    All,
}

impl Arguments {
    /// Effort and subjects.
    pub fn plan(&self) -> Plan {
        let subjects = if self.subjects.is_empty() {
            Name::ALL.to_vec()
        } else {
            self.subjects.clone()
        };
        Plan {
            effort: Effort {
                repetitions: self.repetitions,
                patience: Duration::try_from_secs_f64(self.patience).unwrap_or(Duration::ZERO),
            },
            subjects,
        }
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
