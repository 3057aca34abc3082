//! The workloads: one file each, the same for every subject.

pub mod add;
pub mod churn;
pub mod growth;
pub mod memory;
pub mod merge;
pub mod prune;

use indicatif::{ProgressBar, ProgressStyle};

use crate::sample::Effort;
use crate::subject::Name;

/// What all workloads are given.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How hard to try.
    pub effort: Effort,
    /// Whom to measure, in order.
    pub subjects: Vec<Name>,
}

impl Plan {
    /// The same plan for work that is no conversation of two replicas.
    #[must_use]
    pub fn without_sessions(mut self) -> Self {
        self.subjects
            .retain(|&subject| subject != Name::QuorateInSession);
        self
    }
}

/// A bar that says what is being measured; silent where standard error is no terminal.
fn progress(workload: &'static str, steps: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix:>8} [{bar:24}] {pos}/{len} {msg}")
        .expect("the template is a constant");
    ProgressBar::new(steps as u64)
        .with_style(style)
        .with_prefix(workload)
}
