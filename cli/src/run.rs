//! `quorate run`: one run, watched to its end.

use std::io::{IsTerminal, stderr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use quorate_sim::load::{LoadSpec, Trace, TraceSpec};
use quorate_sim::{Recording, Scenario, Verdict, World};

use crate::failure::Failure;
use crate::input::{self, Span};
use crate::summary::Summary;

/// What to run, and how.
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// A scenario file, or the name of a built-in scenario.
    scenario: String,
    /// A load trace (CSV) in place of the scenario's load.
    #[arg(long, value_name = "CSV")]
    load: Option<PathBuf>,
    /// Where in the trace to begin: a date or a date and time, such as 1998-07-07 or 1998-07-07T18:00.
    #[arg(long, value_name = "TIME", requires = "load")]
    load_from: Option<String>,
    /// How many times faster than it was recorded the trace passes; once, if nobody says so.
    #[arg(long, value_name = "N", requires = "load",
          value_parser = clap::value_parser!(u32).range(1..))]
    load_speed: Option<u32>,
    /// Another seed than the scenario's.
    #[arg(long)]
    seed: Option<u64>,
    /// Another length than the scenario's, such as 90s, 5m or 24h.
    #[arg(long, value_name = "TIME")]
    until: Option<Span>,
    /// Print one JSON object in place of words.
    #[arg(long)]
    json: bool,
}

/// How many events pass between two looks at the progress bar.
const SLICE: u64 = 50_000;

/// Runs the scenario, prints what happened and says whether anything broke.
pub(crate) fn run(arguments: &RunArguments) -> Result<ExitCode, Failure> {
    let (scenario, trace) = prepare(arguments)?;
    let mut world = World::new(scenario, trace.as_ref(), Recording::Off).map_err(Failure::SetUp)?;
    let started = Instant::now();
    let highest_fleet = run_to_the_end(&mut world);
    let summary = Summary::of(&world, trace.as_deref(), highest_fleet, started.elapsed());
    if arguments.json {
        println!("{}", summary.to_json());
    } else {
        print!("{summary}");
    }
    // What was to be expected of the faults is no failure of what is tested.
    Ok(match world.verdict() {
        Verdict::Clean | Verdict::ExpectedLoss { .. } => ExitCode::SUCCESS,
        Verdict::Violated { .. } => ExitCode::from(1),
    })
}

fn prepare(arguments: &RunArguments) -> Result<(Scenario, Option<Arc<Trace>>), Failure> {
    let mut scenario = input::scenario(&arguments.scenario)?;
    if let Some(seed) = arguments.seed {
        scenario.seed = seed;
    }
    if let Some(Span(until)) = arguments.until {
        scenario.until = until;
    }
    let Some(path) = &arguments.load else {
        if let LoadSpec::Trace(wanted) = &scenario.load {
            let what = format!(
                "the scenario's load is the trace {}: give it with --load",
                wanted.name
            );
            return Err(Failure::Options(what));
        }
        return Ok((scenario, None));
    };
    let trace = Arc::new(input::trace(path)?);
    // A scenario that was recorded with a trace takes that trace and no other.
    let mut spec = match scenario.load {
        LoadSpec::Trace(wanted) => wanted,
        _ => TraceSpec::of(&trace),
    };
    spec.from = arguments.load_from.clone().or(spec.from);
    spec.speed = arguments.load_speed.unwrap_or(spec.speed);
    scenario.load = LoadSpec::Trace(spec);
    Ok((scenario, Some(trace)))
}

/// Runs to the end or to the first violation; the most nodes that ever ran at once.
fn run_to_the_end(world: &mut World) -> usize {
    let progress = progress_bar(world);
    let mut highest_fleet = world.running();
    'run: loop {
        for _ in 0..SLICE {
            if !world.step() || world.is_violated() {
                break 'run;
            }
        }
        highest_fleet = highest_fleet.max(world.running());
        progress.set_position(world.now().as_secs());
        progress.set_message(format!(
            "{} events, {} nodes",
            world.events(),
            world.running()
        ));
    }
    progress.finish_and_clear();
    highest_fleet.max(world.running())
}

fn progress_bar(world: &World) -> ProgressBar {
    if !stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = "{bar:32} {percent:>3} %  {msg}, {eta} left";
    let style = ProgressStyle::with_template(template).expect("the template is written here");
    let bar = ProgressBar::new(world.scenario().until.as_secs()).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
