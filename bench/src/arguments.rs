//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::sample::Effort;
use crate::subject::Name;
use crate::workload::Plan;

/// Quorate beside its peers: the same work, in one run.
#[derive(Debug, Parser)]
#[command(name = "quorate-bench", max_term_width = 100)]
pub struct Arguments {
    /// What to measure
    #[command(subcommand)]
    pub workload: Workload,
    /// Samples of each figure; a hundred times as many of work that takes microseconds
    #[arg(long, global = true, default_value_t = 9)]
    pub repetitions: usize,
    /// Seconds after which no further sample of a figure is taken
    #[arg(long, global = true, default_value_t = 10.0)]
    pub patience: f64,
    /// Whom to measure; all but `crdt-kit` if not given
    #[arg(long, global = true, value_enum, value_delimiter = ',')]
    pub subjects: Vec<Name>,
    /// Print JSON in place of tables
    #[arg(long, global = true)]
    pub json: bool,
}

/// What to measure.
#[derive(Clone, Debug, Subcommand)]
pub enum Workload {
    /// Eight replicas add and remove at random and sync every 1,000 operations
    Churn {
        /// Operations in all
        #[arg(long, default_value_t = 100_000)]
        operations: usize,
    },
    /// One add into a large set, sent and applied
    Add {
        /// Elements in the set
        #[arg(long, default_value_t = 100_000)]
        elements: usize,
    },
    /// Full merges of two sets
    Merge {
        /// Elements in each set
        #[arg(long, default_value_t = 100_000)]
        elements: usize,
    },
    /// Pruning a journal of removals
    Prune {
        /// Removals in the journal
        #[arg(long, default_value_t = 1_000_000)]
        removals: usize,
    },
    /// Memory beyond the elements
    Memory {
        /// Elements in the set; several sizes at once are possible
        #[arg(long, value_delimiter = ',', default_values_t = [100_000, 1_000_000])]
        elements: Vec<usize>,
    },
    /// Bytes and time of our own set from 10^3 elements up
    Growth {
        /// The last power of ten
        #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(3..=9))]
        up_to: u32,
        /// Where to draw the curves, as SVG
        #[arg(long)]
        svg: Option<PathBuf>,
        /// Where to write the points, as JSON
        #[arg(long)]
        points: Option<PathBuf>,
    },
    /// All of them but growth, with their default sizes
    All,
}

impl Arguments {
    /// Effort and subjects.
    pub fn plan(&self) -> Plan {
        let subjects = if self.subjects.is_empty() {
            Name::USUAL.to_vec()
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
