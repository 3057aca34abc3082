//! How many tests ran, read from the closing lines that test runners print.
//!
//! An exit status alone cannot tell a green run from one in which nothing ran: a filter that
//! matches nothing, a file that is skipped in this environment and a suite that was never compiled
//! all exit with zero. So the numbers are read, and zero is a failure.

use std::ops::AddAssign;

/// Tests that passed and tests that did not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Tests that ran and succeeded.
    pub(crate) passed: u64,
    /// Tests that ran and failed, were interrupted, or succeeded only when repeated.
    pub(crate) failed: u64,
}

impl Counts {
    /// Takes in one line of a runner's output; most lines say nothing about counts.
    pub(crate) fn read(&mut self, line: &str) {
        let line = without_colours(line);
        let line = line.trim();
        if let Some(counts) = libtest(line)
            .or_else(|| node(line))
            .or_else(|| playwright(line))
        {
            *self += counts;
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// `test result: ok. 12 passed; 0 failed; …`, by cargo and by wasm-bindgen's runner alike.
fn libtest(line: &str) -> Option<Counts> {
    // The browser's output arrives in pieces, so the driver's chatter may stand before it.
    let (_, result) = line.split_once("test result: ")?;
    let (_, numbers) = result.split_once(". ")?;
    let mut counts = Counts::default();
    for part in numbers.split(';') {
        let Some((number, what)) = number_and_word(part) else {
            continue;
        };
        match what {
            "passed" => counts.passed = number,
            "failed" => counts.failed = number,
            _ => {}
        }
    }
    Some(counts)
}

/// `# pass 3` or `ℹ fail 1`, one count a line, by Node's runner.
fn node(line: &str) -> Option<Counts> {
    let rest = line
        .strip_prefix("# ")
        .or_else(|| line.strip_prefix("ℹ "))?;
    let (word, number) = rest.split_once(' ')?;
    let number = number.trim().parse().ok()?;
    match word {
        "pass" => Some(Counts {
            passed: number,
            failed: 0,
        }),
        "fail" | "cancelled" => Some(Counts {
            passed: 0,
            failed: number,
        }),
        _ => None,
    }
}

/// `5 passed (12.3s)`, `1 failed`, `1 flaky`, `2 did not run`, one count a line, by Playwright.
fn playwright(line: &str) -> Option<Counts> {
    let (number, what) = number_and_word(line)?;
    let (what, time) = what.split_once(" (").unwrap_or((what, "0s)"));
    if !time.ends_with(')') {
        return None;
    }
    match what {
        "passed" => Some(Counts {
            passed: number,
            failed: 0,
        }),
        "failed" | "flaky" | "interrupted" | "did not run" => Some(Counts {
            passed: 0,
            failed: number,
        }),
        _ => None,
    }
}

fn number_and_word(text: &str) -> Option<(u64, &str)> {
    let (number, what) = text.trim().split_once(' ')?;
    Some((number.parse().ok()?, what))
}

fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\x1b' {
            // A control sequence ends with its first letter.
            characters.find(char::is_ascii_alphabetic);
        } else {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::Counts;

    fn read(output: &str) -> (u64, u64) {
        let mut counts = Counts::default();
        output.lines().for_each(|line| counts.read(line));
        (counts.passed, counts.failed)
    }

    #[test]
    fn cargo_prints_a_line_per_test_program() {
        let output = "running 2 tests\n\
            test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n\
            test result: FAILED. 3 passed; 2 failed; 0 ignored; finished in 0.10s\n";
        assert_eq!(read(output), (15, 2));
    }

    #[test]
    fn the_browsers_line_may_follow_something_else() {
        let line = "console.log: x test result: ok. 4 passed; 0 failed; 0 ignored; 0 filtered out";
        assert_eq!(read(line), (4, 0));
    }

    #[test]
    fn node_prints_a_count_per_line_in_two_dialects() {
        assert_eq!(read("# tests 5\n# pass 4\n# fail 1\n# skipped 0\n"), (4, 1));
        assert_eq!(read("ℹ tests 2\nℹ pass 2\nℹ fail 0\n"), (2, 0));
    }

    #[test]
    fn playwright_counts_flaky_tests_as_failures() {
        let output = "  1 failed\n    [chromium] › lab.spec.ts:3:1 › a test\n  1 flaky\n  \
            2 did not run\n  5 passed (12.3s)\n";
        assert_eq!(read(output), (5, 4));
        assert_eq!(
            read("  \x1b[32m7 passed\x1b[39m\x1b[2m (4.1s)\x1b[22m"),
            (7, 0)
        );
    }

    #[test]
    fn prose_with_numbers_counts_nothing() {
        assert_eq!(
            read("3 passed the gate\n2 failed attempts so far\n# note 4\n"),
            (0, 0)
        );
    }
}
