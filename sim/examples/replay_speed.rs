//! How long a recording takes under five policies:
//! `cargo run --release -p quorate-sim --example replay_speed -- RECORDING.csv`.
//!
//! Prints the fastest of some runs, since whatever else the machine does only adds to it.

use std::error::Error;
use std::time::{Duration, Instant};

use quorate::autoscale::{Guards, Policy, Strategy};
use quorate_sim::load::Trace;
use quorate_sim::replay::{Model, PolicyScaler, replay};

const KINDS: [&str; 5] = ["threshold", "hpa", "kpa", "nomad", "quorate"];
const RUNS: usize = 9;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("say which recording")?;
    let trace = Trace::parse(&path, &std::fs::read(&path)?)?;
    let mut total = Duration::ZERO;
    for kind in KINDS {
        let mut fastest = Duration::MAX;
        for _ in 0..RUNS {
            let started = Instant::now();
            play(&trace, kind)?;
            fastest = fastest.min(started.elapsed());
        }
        let ticks = u128::try_from(trace.rows().len())?;
        let each = fastest.as_nanos() / ticks.max(1);
        println!("{kind}: {fastest:.1?}, {each} ns per tick");
        total += fastest;
    }
    println!("together: {total:.1?} for {} ticks", trace.rows().len());
    Ok(())
}

fn play(trace: &Trace, kind: &str) -> Result<(), Box<dyn Error>> {
    let strategy = Strategy::of_kind(kind).ok_or("a kind is missing")?;
    let policy = Policy::new(strategy, Guards::default())?;
    let mut scaler = PolicyScaler::new(&policy, trace.step())?;
    let counts = trace.rows().iter().map(|row| row.count_milli);
    let score = replay(
        Model::default(),
        trace.peak_milli(),
        trace.step(),
        counts,
        &mut scaler,
    )?;
    std::hint::black_box(score);
    Ok(())
}
