//! `quorate scale`: a recorded load against policies, side by side.

mod options;
mod output;

pub(crate) use options::ScaleArguments;

use std::io::{IsTerminal, stderr};
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressStyle};
use quorate_sim::load::{Reading, Ticks};
use quorate_sim::replay::{Model, PolicyScaler, Replay, Score};

use crate::failure::Failure;
use crate::input;
use crate::policy::{self, Named};
use output::{Contender, Output};

/// How many ticks pass between two looks at the progress bar.
const SLICE: u64 = 8_192;

/// Replays the trace under every policy and prints the scores.
pub(crate) fn run(arguments: &ScaleArguments) -> Result<ExitCode, Failure> {
    let named = arguments
        .policies()
        .map(policy::find)
        .collect::<Result<Vec<_>, _>>()?;
    let Reading { trace, report } = input::reading(&arguments.trace, &arguments.reading()?)?;
    for error in &report.first_skipped {
        eprintln!("skipped: {error}");
    }
    let unlisted = report.skipped - report.first_skipped.len() as u64;
    if unlisted > 0 {
        eprintln!("skipped: {unlisted} more");
    }
    for Named { name, notes, .. } in &named {
        for note in notes {
            eprintln!("note: {name}: {note}");
        }
    }
    let refinement = arguments.refinement();
    let ticks = trace.ticks(refinement).map_err(Failure::Ticks)?;
    let model = arguments.model()?;
    let (interval, length) = (ticks.interval(), ticks.size_hint().0);
    let scores = replay(model, &ticks, &named)?;
    let output = Output {
        trace: &trace,
        report: &report,
        refinement,
        interval,
        length,
        model,
        contenders: named
            .iter()
            .zip(scores)
            .map(|(named, score)| Contender {
                name: &named.name,
                policy: &named.policy,
                score,
            })
            .collect(),
    };
    if arguments.json {
        println!("{}", output.to_json());
    } else {
        print!("{output}");
    }
    Ok(ExitCode::SUCCESS)
}

/// One pass: every policy sees a tick before the next one is made.
fn replay(model: Model, ticks: &Ticks<'_>, named: &[Named]) -> Result<Vec<Score>, Failure> {
    let peak = ticks.clone().max().unwrap_or(0);
    let mut runs = named
        .iter()
        .map(|Named { name, policy, .. }| {
            let replay = Replay::new(model, peak, ticks.interval()).map_err(Failure::Model)?;
            let scaler = PolicyScaler::new(policy, ticks.interval())
                .map_err(|error| Failure::Options(format!("{name}: {error}")))?;
            Ok((replay, scaler))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let progress = progress_bar(ticks.size_hint().0 as u64);
    for (index, count) in (0_u64..).zip(ticks.clone()) {
        for (replay, scaler) in &mut runs {
            replay.step(count, scaler);
        }
        if index.is_multiple_of(SLICE) {
            progress.set_position(index);
        }
    }
    progress.finish_and_clear();
    Ok(runs.into_iter().map(|(replay, _)| replay.score()).collect())
}

fn progress_bar(ticks: u64) -> ProgressBar {
    if !stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} ticks {eta}")
        .expect("the template is a constant");
    ProgressBar::new(ticks).with_style(style)
}
