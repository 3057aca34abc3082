//! Every test, in one command: native, in Node, in a browser, from the packed npm package, end to
//! end on the page. A failing suite does not hide the ones after it.

mod javascript;
mod rust;
mod suite;

use clap::{Args, ValueEnum};

use crate::counts::Counts;
use crate::error::Error;
use crate::report::Report;
use crate::tools::{Tool, Toolbox};
use crate::workspace::Workspace;
use crate::{pack, page, process, size};
use suite::Suite;

/// Which tests to run.
#[derive(Debug, Default, Args)]
pub(crate) struct Options {
    /// Only these suites, and the builds they need [default: all]
    #[arg(value_enum)]
    suites: Vec<Suite>,
}

/// Runs the tests and prints the counts.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<(), Error> {
    let mut report = Report::default();
    run_suites(workspace, options, &mut report);
    report.finish()
}

/// Runs the tests as the last part of a longer report.
pub(crate) fn run_suites(workspace: &Workspace, options: &Options, report: &mut Report) {
    let suites = selected(&options.suites, |suite| suite.is_present(workspace));
    let needed: Vec<Tool> = suites
        .iter()
        .flat_map(|suite| suite.tools())
        .copied()
        .collect();
    let context = Context {
        workspace,
        tools: &Toolbox::prepare(workspace, &needed),
    };
    for suite in suites {
        context.run(suite, report);
    }
}

/// The wanted suites and the builds they need, in order.
fn selected(wanted: &[Suite], is_present: impl Fn(Suite) -> bool) -> Vec<Suite> {
    let all = Suite::value_variants();
    let chosen: Vec<Suite> = if wanted.is_empty() {
        all.to_vec()
    } else {
        wanted.to_vec()
    };
    let is_needed = |build: &Suite| {
        chosen
            .iter()
            .any(|suite| is_present(*suite) && suite.after().contains(build))
    };
    all.iter()
        .copied()
        .filter(|suite| chosen.contains(suite) || is_needed(suite))
        .collect()
}

/// A suite's counts, or the counts up to the point where it broke and the reason.
type Ran = Result<Counts, (Counts, Error)>;

/// What a suite runs with.
#[derive(Debug)]
struct Context<'a> {
    workspace: &'a Workspace,
    tools: &'a Toolbox,
}

impl Context<'_> {
    fn run(&self, suite: Suite, report: &mut Report) {
        if !suite.is_present(self.workspace) {
            return report.absent(suite.name());
        }
        if let Some(build) = suite
            .after()
            .iter()
            .find(|build| report.has_failed(build.name()))
        {
            let reason = Error::Other(format!("`{}` failed, and this tests it", build.name()));
            return report.suite(suite.name(), || Err(before_counting(reason)));
        }
        match suite {
            Suite::Package => {
                report.check(suite.name(), || {
                    pack::pack(self.workspace, self.tools).map(drop)
                });
            }
            Suite::Page => report.check(suite.name(), || page::build(self.workspace, self.tools)),
            Suite::Fuzz => report.check(suite.name(), || rust::fuzz(self)),
            _ => report.suite(suite.name(), || {
                self.tools.require(suite.tools()).map_err(before_counting)?;
                self.tests(suite)
            }),
        }
    }

    fn tests(&self, suite: Suite) -> Ran {
        match suite {
            Suite::Native => rust::native(self),
            Suite::Traces => rust::traces(self),
            Suite::Doc => rust::documentation(self),
            Suite::WasmNode => rust::wasm_in_node(self),
            Suite::WasmChrome => rust::wasm_in_chrome(self),
            Suite::Consumers => javascript::run_consumers(self),
            Suite::E2e => javascript::end_to_end(self),
            Suite::Size => size::measure(self.workspace).map_err(before_counting),
            Suite::Fuzz | Suite::Package | Suite::Page => Ok(Counts::default()),
        }
    }
}

/// An error before any test ran.
fn before_counting(error: Error) -> (Counts, Error) {
    (Counts::default(), error)
}

/// Runs a test runner and reads its counts.
fn counted(runner: &mut std::process::Command) -> Ran {
    let mut counts = Counts::default();
    let status = process::observe(runner, |line| counts.read(line));
    match status {
        Ok(status) if status.success() => Ok(counts),
        // The counts say it all; a second error would count the same failure twice.
        Ok(_) if counts.failed > 0 => Ok(counts),
        Ok(status) => Err((
            counts,
            Error::Failed {
                line: process::line(runner),
                status,
            },
        )),
        Err(error) => Err((counts, error)),
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::{Suite, counted, selected};
    use crate::process::command;

    #[test]
    fn a_suite_brings_the_build_it_tests() {
        assert_eq!(selected(&[Suite::E2e], |_| true), [Suite::Page, Suite::E2e]);
        assert_eq!(
            selected(&[Suite::E2e], |suite| suite != Suite::E2e),
            [Suite::E2e]
        );
        assert_eq!(selected(&[], |_| true), Suite::value_variants());
    }

    #[test]
    fn builds_come_before_what_tests_them() {
        let all = selected(&[], |_| true);
        for (position, suite) in all.iter().enumerate() {
            assert!(
                suite
                    .after()
                    .iter()
                    .all(|build| all[..position].contains(build))
            );
        }
    }

    #[test]
    fn a_runner_that_dies_without_a_failed_test_is_an_error() {
        let script = "echo 'test result: ok. 3 passed; 0 failed; 0 ignored'; exit 7";
        let (counts, error) = counted(command("sh").args(["-c", script])).expect_err("it exits 7");
        assert_eq!(counts.passed, 3);
        assert!(error.to_string().contains("exit status: 7"), "{error}");
    }

    #[test]
    fn a_runner_with_failed_tests_is_counted_once() {
        let script = "echo 'test result: FAILED. 3 passed; 1 failed; 0 ignored'; exit 101";
        let counts = counted(command("sh").args(["-c", script])).expect("it has counts");
        assert_eq!((counts.passed, counts.failed), (3, 1));
    }
}
