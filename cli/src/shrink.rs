//! `quorate shrink`: the smallest scenario that still fails, and its story.

use std::fmt::Write as _;
use std::io::{IsTerminal, stderr};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use quorate_sim::shrink::{Chapter, DEFAULT_RUNS, NotFailing, Shrunk, shrink, story};
use quorate_sim::{Mutant, Scenario};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::mutant::{self, Named};
use crate::{atomic, input, interrupt};

/// What to shrink, and how long.
#[derive(Debug, Args)]
pub(crate) struct ShrinkArguments {
    /// A scenario file that fails, or the name of a built-in scenario.
    scenario: String,
    /// Where the smallest scenario is written.
    #[arg(short = 'o', long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The bug that the program has, if the scenario fails with one.
    #[arg(long, value_name = "NAME")]
    mutant: Option<Named>,
    /// The most runs.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_RUNS,
          value_parser = clap::value_parser!(u64).range(1..))]
    runs: u64,
    /// Print one JSON object in place of words.
    #[arg(long)]
    json: bool,
}

/// The most lines of a story.
const STORY: usize = 24;

/// Shrinks the scenario and tells its story. Exit code 1: it fails, as it did before.
pub(crate) fn run(arguments: &ShrinkArguments) -> Result<ExitCode, Failure> {
    let scenario = input::scenario(&arguments.scenario)?;
    let mutant = mutant::chosen(arguments.mutant);
    interrupt::listen();
    let small = match smallest(&scenario, mutant, arguments.runs) {
        Ok(small) => small,
        Err(NotFailing::Scenario(error)) => return Err(Failure::SetUp(error)),
        Err(NotFailing::Clean) => {
            println!("{}", NotFailing::Clean);
            return Ok(ExitCode::SUCCESS);
        }
    };
    if let Some(path) = &arguments.out {
        atomic::write(path, &small.scenario.to_json())?;
    }
    let story = story(&small.scenario, mutant, STORY).map_err(Failure::SetUp)?;
    if arguments.json {
        println!("{}", to_json(&small, &story));
    } else {
        print!("{}", in_words(&small, &story));
    }
    Ok(ExitCode::from(1))
}

/// Shrinks with a progress bar, until nothing helps, the budget is spent, or Ctrl-C.
pub(crate) fn smallest(
    scenario: &Scenario,
    mutant: Mutant,
    runs: u64,
) -> Result<Shrunk, NotFailing> {
    let progress = progress_bar(runs);
    let mut control = |done: u64, best: &Scenario| -> ControlFlow<()> {
        progress.set_position(done);
        progress.set_message(format!(
            "{} actions, {} voters",
            best.actions.len(),
            best.voters
        ));
        interrupt::control()
    };
    let small = quiet_panics(|| shrink(scenario, mutant, runs, &mut control));
    progress.finish_and_clear();
    small
}

/// A mutant may make the kernel panic, which is what is looked for and no news for a terminal.
pub(crate) fn quiet_panics<T>(work: impl FnOnce() -> T) -> T {
    let loud = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let done = work();
    std::panic::set_hook(loud);
    done
}

/// The story of a shrunk failure, with the link that opens it.
pub(crate) fn in_words(small: &Shrunk, story: &[Chapter]) -> String {
    let mut words = String::new();
    let scenario = &small.scenario;
    let _ = writeln!(
        words,
        "{} actions on {} voters in {} s, after {} runs: {}",
        scenario.actions.len(),
        scenario.voters,
        scenario.until,
        small.runs,
        small.violation
    );
    for (number, chapter) in (1..).zip(story) {
        let _ = writeln!(words, "{number:>4}. {chapter}");
    }
    let _ = writeln!(words, "open in the lab: #{}", scenario.to_fragment());
    words
}

/// The same as an object.
pub(crate) fn to_json(small: &Shrunk, story: &[Chapter]) -> Value {
    let chapters = story
        .iter()
        .map(|chapter| json!({"at_micros": chapter.at.0, "text": chapter.text}));
    json!({
        "violation": small.violation,
        "actions": small.scenario.actions.len(),
        "runs": small.runs,
        "scenario": small.scenario,
        "story": chapters.collect::<Vec<_>>(),
        "fragment": small.scenario.to_fragment(),
    })
}

fn progress_bar(runs: u64) -> ProgressBar {
    if !stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = "{bar:32} {pos}/{len} runs at most, {per_sec}  {msg}";
    let style = ProgressStyle::with_template(template).expect("the template is written here");
    let bar = ProgressBar::new(runs).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
