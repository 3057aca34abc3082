//! The table at the end of a run, and the line that closes it.

use std::time::{Duration, Instant};

use crate::counts::Counts;
use crate::error::Error;

/// What became of every step, in the order they ran.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    name: &'static str,
    outcome: Outcome,
    took: Duration,
}

/// How a step ended.
#[derive(Debug)]
enum Outcome {
    /// A check or a build that succeeded; it has no tests to count.
    Done,
    /// A suite that ran at least one test, none of which failed.
    Passed(Counts),
    /// Anything else, with the reason. Counts at least one failure.
    Failed(Counts, String),
    /// A suite whose files or data are not in this checkout; outside the counts.
    Absent,
}

impl Report {
    /// Runs a check or a build.
    pub(crate) fn check(&mut self, name: &'static str, run: impl FnOnce() -> Result<(), Error>) {
        self.step(name, || match run() {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::Failed(Counts::default(), error.to_string()),
        });
    }

    /// Runs a suite; `Err` carries the counts that were read before it failed.
    pub(crate) fn suite(
        &mut self,
        name: &'static str,
        run: impl FnOnce() -> Result<Counts, (Counts, Error)>,
    ) {
        self.step(name, || match run() {
            Ok(counts) => judge(counts),
            Err((counts, error)) => Outcome::Failed(counts, error.to_string()),
        });
    }

    /// Notes a suite that is not in this checkout.
    pub(crate) fn absent(&mut self, name: &'static str) {
        self.rows.push(Row {
            name,
            outcome: Outcome::Absent,
            took: Duration::ZERO,
        });
    }

    /// Whether a step of this name has run and failed.
    pub(crate) fn has_failed(&self, name: &str) -> bool {
        self.rows
            .iter()
            .any(|row| row.name == name && matches!(row.outcome, Outcome::Failed(..)))
    }

    /// Prints the table and, alone on the last line, `N passed, N failed`.
    pub(crate) fn finish(&self) -> Result<(), Error> {
        println!("\n{}", self.table());
        let total = self.total();
        let is_clean = total.failed == 0 && total.passed > 0;
        if !is_clean {
            println!("FAILED: {}\n", self.failures().join(", "));
        }
        println!("{} passed, {} failed", total.passed, total.failed);
        if is_clean {
            Ok(())
        } else {
            Err(Error::Reported)
        }
    }

    fn failures(&self) -> Vec<&str> {
        let failed = self
            .rows
            .iter()
            .filter(|row| matches!(row.outcome, Outcome::Failed(..)));
        let names: Vec<&str> = failed.map(|row| row.name).collect();
        if names.is_empty() {
            vec!["no test ran"]
        } else {
            names
        }
    }

    fn step(&mut self, name: &'static str, run: impl FnOnce() -> Outcome) {
        println!("\n== {name}");
        let start = Instant::now();
        let outcome = run();
        let took = start.elapsed();
        match &outcome {
            Outcome::Failed(_, reason) => println!("== {name}: FAILED: {reason}"),
            Outcome::Passed(counts) => println!("== {name}: {} tests passed", counts.passed),
            Outcome::Done | Outcome::Absent => println!("== {name}: done"),
        }
        self.rows.push(Row {
            name,
            outcome,
            took,
        });
    }

    fn total(&self) -> Counts {
        let mut total = Counts::default();
        for row in &self.rows {
            total += counted(&row.outcome);
        }
        total
    }

    fn table(&self) -> String {
        let head = format!(
            "{:<16}{:>8}{:>8}{:>10}\n",
            "suite", "passed", "failed", "seconds"
        );
        std::iter::once(head)
            .chain(self.rows.iter().map(Row::line))
            .collect()
    }
}

impl Row {
    fn line(&self) -> String {
        let Self {
            name,
            outcome,
            took,
        } = self;
        let Counts { passed, failed } = counted(outcome);
        let seconds = took.as_secs_f64();
        match outcome {
            Outcome::Done => format!("{name:<16}{:>16}{seconds:>10.1}\n", "done"),
            Outcome::Passed(_) => format!("{name:<16}{passed:>8}{failed:>8}{seconds:>10.1}\n"),
            Outcome::Failed(_, reason) => {
                let first = reason.lines().next().unwrap_or_default();
                format!("{name:<16}{passed:>8}{failed:>8}{seconds:>10.1}  {first}\n")
            }
            Outcome::Absent => format!("{name:<16}{:>16}\n", "absent"),
        }
    }
}

/// A suite in which nothing ran has proved nothing.
fn judge(counts: Counts) -> Outcome {
    if counts.failed > 0 {
        Outcome::Failed(counts, format!("{} tests failed", counts.failed))
    } else if counts.passed == 0 {
        Outcome::Failed(counts, "no test ran".to_owned())
    } else {
        Outcome::Passed(counts)
    }
}

/// The counts of a step; one that failed without counting anything is one failure.
fn counted(outcome: &Outcome) -> Counts {
    match outcome {
        Outcome::Done | Outcome::Absent => Counts::default(),
        Outcome::Passed(counts) => *counts,
        Outcome::Failed(counts, _) => Counts {
            failed: counts.failed.max(1),
            ..*counts
        },
    }
}

#[cfg(test)]
mod tests {
    use super::Report;
    use crate::counts::Counts;
    use crate::error::Error;

    fn counts(passed: u64, failed: u64) -> Counts {
        Counts { passed, failed }
    }

    #[test]
    fn sums_what_ran_and_leaves_out_what_is_absent() {
        let mut report = Report::default();
        report.check("format", || Ok(()));
        report.suite("native", || Ok(counts(5, 0)));
        report.absent("traces");
        assert_eq!(report.total(), counts(5, 0));
        assert!(report.finish().is_ok());
        assert!(report.table().contains("absent"), "{}", report.table());
    }

    #[test]
    fn a_suite_without_tests_is_a_failure() {
        let mut report = Report::default();
        report.suite("empty", || Ok(counts(0, 0)));
        assert_eq!(report.total(), counts(0, 1));
        assert!(report.has_failed("empty"));
        assert!(report.finish().is_err());
    }

    #[test]
    fn a_runner_that_breaks_after_counting_is_one_failure_more() {
        let mut report = Report::default();
        report.suite("broken", || {
            Err((counts(7, 0), Error::Other("exit 101".to_owned())))
        });
        assert_eq!(report.total(), counts(7, 1));
    }

    #[test]
    fn nothing_at_all_is_not_a_success() {
        let mut report = Report::default();
        report.absent("everything");
        assert!(report.finish().is_err());
    }
}
