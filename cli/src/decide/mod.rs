//! `quorate decide`: observations in, decisions out, one JSON object a line.
//!
//! The policy runs beside whatever measures and whatever scales, in any language: a pipe is enough. The
//! input also says what was carried out, since a decision that nobody followed must start no
//! cooldown. Nothing is read ahead and every answer is flushed, so that both ends can wait for
//! each other.

mod line;

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use quorate::autoscale::{Decision, Policy, State, decide};

use crate::atomic;
use crate::failure::Failure;
use crate::policy::{self, Named};
use line::Line;

/// Which policy decides, and what becomes of bad lines.
#[derive(Debug, Args)]
pub(crate) struct DecideArguments {
    /// A strategy by name, a policy file (JSON) or a manifest of Kubernetes (YAML).
    #[arg(long, value_name = "NAME|FILE")]
    policy: String,
    /// Say each decision in words, step by step, in place of JSON.
    #[arg(long)]
    explain: bool,
    /// A file with what the autoscaler remembers: read at the start if it is there, written at the
    /// end.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Report a bad line and go on.
    #[arg(long)]
    keep_going: bool,
}

/// The longest line.
const MAX_LINE: u64 = 64 << 20;

/// Decides on every observation of standard input.
pub(crate) fn run(arguments: &DecideArguments) -> Result<ExitCode, Failure> {
    let Named { policy, notes, .. } = policy::find(&arguments.policy)?;
    for note in notes {
        eprintln!("note: {note}");
    }
    let mut state = match &arguments.state {
        Some(path) => load(path)?,
        None => State::new(),
    };
    let outcome = answer_all(arguments, &policy, &mut state);
    // What was decided before a bad line was decided, and is remembered.
    if let Some(path) = &arguments.state {
        save(path, &state)?;
    }
    outcome.map(|()| ExitCode::SUCCESS)
}

fn answer_all(
    arguments: &DecideArguments,
    policy: &Policy,
    state: &mut State,
) -> Result<(), Failure> {
    let mut input = BufReader::new(io::stdin().lock());
    let mut output = io::stdout().lock();
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        let read = input
            .by_ref()
            .take(MAX_LINE)
            .read_until(b'\n', &mut bytes)
            .map_err(Failure::Stream)?;
        if read == 0 {
            break;
        }
        if read as u64 == MAX_LINE {
            let what = format!("the line has more than {MAX_LINE} bytes");
            return Err(Failure::Line(number, what));
        }
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        match Line::parse(bytes.trim_ascii_end()) {
            Ok(Line::Executed(change)) => state.executed(policy, change),
            Ok(Line::Observed(at, observation)) => {
                let decision = decide(policy, state, &observation, at);
                write(&mut output, &decision, arguments.explain).map_err(Failure::Stream)?;
            }
            Err(what) if arguments.keep_going => eprintln!("skipped: line {number}: {what}"),
            Err(what) => return Err(Failure::Line(number, what)),
        }
    }
    Ok(())
}

fn write(output: &mut impl Write, decision: &Decision, explain: bool) -> io::Result<()> {
    if explain {
        writeln!(output, "{} s: {decision}", decision.at)?;
        for step in decision.steps() {
            let mark = if step.binding { '>' } else { ' ' };
            writeln!(
                output,
                "  {mark} {:<12} {}",
                step.name.to_string(),
                step.detail
            )?;
        }
        writeln!(output, "    {}", decision.what_would_change_it())?;
    } else {
        serde_json::to_writer(&mut *output, decision)?;
        output.write_all(b"\n")?;
    }
    output.flush()
}

fn load(path: &Path) -> Result<State, Failure> {
    if !path.exists() {
        return Ok(State::new());
    }
    let json = fs::read_to_string(path).map_err(|error| Failure::Unreadable(path.into(), error))?;
    serde_json::from_str(&json)
        .map_err(|error| Failure::State(path.into(), crate::input::json_error(&error)))
}

fn save(path: &Path, state: &State) -> Result<(), Failure> {
    let json = serde_json::to_string(state).expect("plain data has a JSON form");
    atomic::write(path, &json)
}
