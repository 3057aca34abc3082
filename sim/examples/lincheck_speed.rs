//! How long the judge takes: recorded histories given as files, and a generated log of 100,000
//! operations on 100 keys.
//!
//! `cargo run --release -p quorate-sim --example lincheck_speed -- HISTORY…`
//!
//! Reading is not in the time; each history is judged until a tenth of a second has passed, and the
//! fastest counts.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that cannot be set up has failed"
)]

use std::time::{Duration, Instant};

use quorate_sim::linearizability::format::{Format, Recorded};
use quorate_sim::linearizability::generate::{Appends, Options, linearizable};
use quorate_sim::linearizability::{DEFAULT_STEPS, Register, Report, Verdict, check};

fn main() {
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path).unwrap();
        let recorded = Recorded::read(&bytes, Format::guess(&bytes).unwrap()).unwrap();
        measure(&path, || recorded.check(DEFAULT_STEPS));
    }
    for (name, appends, unknown_permille) in [
        ("registers, all answered", Appends::Never, 0),
        ("registers, 1 % unknown", Appends::Never, 10),
        ("appends, all answered", Appends::Always, 0),
    ] {
        let options = Options {
            operations: 100_000,
            keys: 100,
            clients: 20,
            values: 10,
            unknown_permille,
            appends,
        };
        let history = linearizable(&options, 1);
        measure(name, || {
            check(&Register::default(), &history, DEFAULT_STEPS)
        });
    }
}

fn measure(name: &str, judge: impl Fn() -> Report) {
    let (mut fastest, mut total) = (Duration::MAX, Duration::ZERO);
    let mut report = None;
    while total < Duration::from_millis(100) {
        let started = Instant::now();
        report = Some(judge());
        let took = started.elapsed();
        fastest = fastest.min(took);
        total += took;
    }
    let report = report.unwrap();
    let verdict = match report.verdict {
        Verdict::Linearizable => "linearizable",
        Verdict::NotLinearizable(_) => "not linearizable",
        Verdict::Undecided { .. } => "undecided",
    };
    println!(
        "{:>9.3} ms  {:>8} steps  {:>6} operations  {verdict:<16}  {name}",
        fastest.as_secs_f64() * 1_000.0,
        report.steps,
        report.operations
    );
}
