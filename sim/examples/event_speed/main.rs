//! How many events a second the simulator does with every invariant on, what a run takes in memory,
//! and how long it takes to go to any event of it:
//! `cargo run --release -p quorate-sim --example event_speed -- runs [EVENTS [NATIVE_NANOSECONDS]]`,
//! the same with `labs`, which also records for the timeline, and with `seeks [EVENTS]`.
//!
//! Prints the fastest of some runs, since whatever else the machine does only adds to it. The same
//! program runs as WebAssembly (`--target wasm32-wasip1`); told how many nanoseconds an event took
//! natively, it prints the ratio. `shipped.mjs` beside it does what `labs` does with the simulator of
//! the npm package.

mod allocations;

use std::error::Error;
use std::time::{Duration, Instant};

use quorate::{Micros, Random};
use quorate_sim::{CHECKPOINT_BYTES, Lab, Progress, Recording, Scenario, World, presets};

/// Clusters of five voters under a mixed workload: one that scales, one that loses messages and
/// crashes, and one that does neither.
const PRESETS: [&str; 3] = ["five-nodes", "bad-network", "leader-cut-off"];
/// A second in nanoseconds.
const SECOND: u64 = 1_000_000_000;
const RUNS: usize = 5;
const SEEKS: usize = 50;
const DEFAULT_EVENTS: u64 = 1_000_000;
/// Longer than any run here lasts.
const ENDLESS: Micros = Micros::from_secs(10_000_000);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| arguments.get(at).map(|it| it.parse()).transpose();
    let events = number(1)?.unwrap_or(DEFAULT_EVENTS);
    match arguments.first().map(String::as_str) {
        Some("runs") => measure_all(measure_run, events, number(2)?),
        Some("labs") => measure_all(measure_lab, events, number(2)?),
        Some("seeks") => measure_seeks(events),
        _ => Err("say `runs`, `labs` or `seeks`".into()),
    }
}

/// Measures a preset with so many events; the nanoseconds that one takes.
type Measure = fn(&str, u64) -> Result<u64, Box<dyn Error>>;

fn measure_all(measure: Measure, events: u64, native: Option<u64>) -> Result<(), Box<dyn Error>> {
    let mut total = 0;
    for slug in PRESETS {
        total += measure(slug, events)?;
    }
    let mean = total / PRESETS.len() as u64;
    println!(
        "together: {} events/s, {mean} ns per event",
        SECOND / mean.max(1)
    );
    if let Some(native) = native {
        println!("{} % of the native time", mean * 100 / native.max(1));
    }
    Ok(())
}

fn endless(slug: &str) -> Result<Scenario, Box<dyn Error>> {
    let preset = presets::find(slug).ok_or("a preset is missing")?;
    Ok(Scenario {
        until: ENDLESS,
        ..preset.scenario
    })
}

/// Runs a preset some times; the nanoseconds that an event takes.
fn measure_run(slug: &str, events: u64) -> Result<u64, Box<dyn Error>> {
    let mut fastest = Duration::MAX;
    let (mut held, mut calls, mut nodes) = (0, 0, 0);
    for _ in 0..RUNS {
        let (held_before, calls_before) = (allocations::held(), allocations::calls());
        let mut world = World::new(endless(slug)?, None, Recording::Off)?;
        let started = Instant::now();
        while world.events() < events && world.step() {}
        fastest = fastest.min(started.elapsed());
        if world.is_violated() {
            return Err(format!("{slug} breaks an invariant").into());
        }
        held = allocations::held() - held_before;
        calls = allocations::calls() - calls_before;
        nodes = world.running().max(1);
    }
    let each = u64::try_from(fastest.as_nanos())? / events.max(1);
    let count = usize::try_from(events.max(1))?;
    println!(
        "{slug}: {} events/s, {each} ns per event, {} allocations per 100 events; holds {} bytes at \
         the end, {} per node, {} per event",
        SECOND / each.max(1),
        100 * calls / count,
        held,
        held / nodes,
        held / count,
    );
    Ok(each)
}

/// Runs a preset some times as the page and the package do: with a history and copies to go back to.
fn measure_lab(slug: &str, events: u64) -> Result<u64, Box<dyn Error>> {
    let mut fastest = Duration::MAX;
    for _ in 0..RUNS {
        let mut lab = Lab::new(endless(slug)?, None)?;
        let started = Instant::now();
        let progress = lab.advance(ENDLESS, events);
        fastest = fastest.min(started.elapsed());
        if progress != Progress::Paused {
            return Err(format!("{slug} came to an end").into());
        }
    }
    let each = u64::try_from(fastest.as_nanos())? / events.max(1);
    println!("{slug}: {each} ns per event");
    Ok(each)
}

/// Goes to events here and there in a recorded run.
fn measure_seeks(events: u64) -> Result<(), Box<dyn Error>> {
    // The same run with hardly any checkpoints tells what they take.
    let held_before = allocations::held();
    let bare = recorded(events, 0)?;
    let held_bare = allocations::held() - held_before;
    drop(bare);
    let held_before = allocations::held();
    let mut lab = recorded(events, CHECKPOINT_BYTES)?;
    let held = allocations::held() - held_before;
    let mut random = Random::new(1);
    let mut times = Vec::new();
    for _ in 0..SEEKS {
        let target = random.below(events);
        let started = Instant::now();
        lab.seek_event(target);
        while lab.continue_seek(u64::MAX) == Progress::Paused {}
        times.push(started.elapsed());
        if lab.events() != target {
            return Err("a seek ended elsewhere".into());
        }
    }
    times.sort_unstable();
    let (checkpoints, reckoned) = lab.checkpoints();
    println!(
        "{SEEKS} seeks in {events} events: median {:.1?}, worst {:.1?}; {checkpoints} checkpoints, \
         reckoned at {reckoned} bytes, hold {} of {held} bytes",
        times[SEEKS / 2],
        times[SEEKS - 1],
        held.saturating_sub(held_bare),
    );
    Ok(())
}

fn recorded(events: u64, checkpoint_bytes: usize) -> Result<Lab, Box<dyn Error>> {
    let mut lab = Lab::within(endless(PRESETS[0])?, None, checkpoint_bytes)?;
    while lab.advance(ENDLESS, events - lab.events()) == Progress::Paused && lab.events() < events {
    }
    Ok(lab)
}
