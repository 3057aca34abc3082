//! `quorate scale`: a recorded load against policies, side by side.

mod json;
mod options;
mod words;

pub(crate) use options::ScaleArguments;

use std::fs;
use std::io::{IsTerminal, stderr};
use std::path::Path;
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressStyle};
use quorate_sim::load::{ReadReport, Reading, Refinement, Trace};
use quorate_sim::replay::comparison::{
    Comparison, ComparisonOptions, Contender, Progress, Recording, compare,
};
use quorate_sim::replay::report::Report;
use quorate_sim::replay::sweep::{Sweep, sweep};

use crate::failure::Failure;
use crate::input;
use crate::policy::{self, Named};

/// Everything that came out.
struct Outcome<'a> {
    trace: &'a Trace,
    /// What was met while it was read.
    read: &'a ReadReport,
    refinement: Refinement,
    comparison: Comparison,
    sweep: Option<Sweep>,
}

/// Replays the trace under every policy, prints the scores and writes the reports.
pub(crate) fn run(arguments: &ScaleArguments) -> Result<ExitCode, Failure> {
    let contenders = contenders(arguments)?;
    let Reading { trace, report } = input::reading(&arguments.trace, &arguments.reading()?)?;
    tell_skipped(&report);
    let refinement = arguments.refinement();
    let recording = Recording::new(&trace, refinement).map_err(Failure::Ticks)?;
    let comparison = compare_all(arguments, &recording, &contenders)?;
    let outcome = Outcome {
        trace: &trace,
        read: &report,
        refinement,
        comparison,
        sweep: search(arguments, &recording, &contenders)?,
    };
    write_reports(arguments, &outcome)?;
    if arguments.json {
        println!("{}", json::of(&outcome));
    } else {
        print!("{outcome}");
    }
    Ok(ExitCode::SUCCESS)
}

fn contenders(arguments: &ScaleArguments) -> Result<Vec<Contender>, Failure> {
    let mut contenders = Vec::new();
    for text in arguments.policies() {
        let Named {
            name,
            policy,
            notes,
        } = policy::find(text)?;
        for note in notes {
            eprintln!("note: {name}: {note}");
        }
        contenders.push(Contender { name, policy });
    }
    Ok(contenders)
}

fn tell_skipped(report: &ReadReport) {
    for error in &report.first_skipped {
        eprintln!("skipped: {error}");
    }
    let unlisted = report.skipped - report.first_skipped.len() as u64;
    if unlisted > 0 {
        eprintln!("skipped: {unlisted} more");
    }
}

fn compare_all(
    arguments: &ScaleArguments,
    recording: &Recording<'_>,
    contenders: &[Contender],
) -> Result<Comparison, Failure> {
    let options = ComparisonOptions {
        model: arguments.model()?,
        ..ComparisonOptions::default()
    };
    let bar = progress_bar("ticks");
    let mut comparison = compare(recording, contenders, options, |now| show(&bar, now))
        .map_err(Failure::Comparison)?;
    if arguments.html.is_some() {
        let bar = progress_bar("policies asked for reasons");
        comparison
            .give_words(recording, |now| show(&bar, now))
            .map_err(Failure::Comparison)?;
    }
    Ok(comparison)
}

/// The search that was asked for, around the first policy.
fn search(
    arguments: &ScaleArguments,
    recording: &Recording<'_>,
    contenders: &[Contender],
) -> Result<Option<Sweep>, Failure> {
    let (settings, [base, ..]) = (&arguments.sweep, contenders) else {
        return Ok(None);
    };
    if settings.is_empty() {
        return Ok(None);
    }
    let bar = progress_bar("ticks of the sweep");
    sweep(
        recording,
        &base.policy,
        settings,
        arguments.search()?,
        |now| show(&bar, now),
    )
    .map(Some)
    .map_err(Failure::Sweep)
}

fn write_reports(arguments: &ScaleArguments, outcome: &Outcome<'_>) -> Result<(), Failure> {
    let report = Report {
        comparison: &outcome.comparison,
        sweep: outcome.sweep.as_ref(),
        command: &command_line(std::env::args().skip(1)),
    };
    if let Some(path) = &arguments.html {
        write(path, &report.to_html())?;
    }
    if let Some(path) = &arguments.svg {
        write(path, &report.to_svg())?;
    }
    if let (Some(path), Some(sweep)) = (&arguments.csv, &outcome.sweep) {
        write(path, &sweep.to_csv())?;
    }
    Ok(())
}

fn write(path: &Path, content: &str) -> Result<(), Failure> {
    fs::write(path, content).map_err(|error| Failure::Unwritable(path.into(), error))
}

/// The command as it can be typed again.
fn command_line(arguments: impl Iterator<Item = String>) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:".contains(c);
    let quoted = arguments.map(|argument| {
        if !argument.is_empty() && argument.chars().all(plain) {
            argument
        } else {
            format!("'{}'", argument.replace('\'', "'\\''"))
        }
    });
    std::iter::once("quorate".to_owned())
        .chain(quoted)
        .collect::<Vec<_>>()
        .join(" ")
}

fn show(bar: &ProgressBar, now: Progress) {
    bar.set_length(now.total);
    bar.set_position(now.done);
    if now.done == now.total {
        bar.finish_and_clear();
    }
}

fn progress_bar(unit: &'static str) -> ProgressBar {
    if !stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = "{bar:32} {percent:>3} %  {pos}/{len} {msg}, {eta} left";
    let style = ProgressStyle::with_template(template).expect("the template is written here");
    ProgressBar::new(0).with_style(style).with_message(unit)
}

#[cfg(test)]
mod tests {
    use super::command_line;

    #[test]
    fn a_command_can_be_typed_again() {
        let typed = ["scale", "a b.csv", "--series", "code=200", "it's"];
        assert_eq!(
            command_line(typed.map(str::to_owned).into_iter()),
            r"quorate scale 'a b.csv' --series code=200 'it'\''s'"
        );
    }
}
