//! `quorate lincheck`: was there one order for what clients saw?

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use quorate_sim::linearizability::format::{Format, Recorded};
use quorate_sim::linearizability::{DEFAULT_STEPS, Participant, Report, Verdict, Witness};
use serde_json::{Value, json};

use crate::failure::Failure;

/// Which history, in which format.
#[derive(Debug, Args)]
pub(crate) struct LincheckArguments {
    /// A file with what clients did, or `-` for standard input.
    history: String,
    /// How it is written: jsonl, jepsen or kv; guessed from its first line if nobody says so.
    #[arg(long, value_name = "NAME")]
    format: Option<Format>,
    /// The most configurations that are tried for each key.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_STEPS,
          value_parser = clap::value_parser!(u64).range(1..))]
    steps: u64,
    /// Print one JSON object in place of words.
    #[arg(long)]
    json: bool,
}

/// Judges the history and prints the verdict.
pub(crate) fn run(arguments: &LincheckArguments) -> Result<ExitCode, Failure> {
    let bytes = read(&arguments.history)?;
    let refuse = |error| Failure::History(arguments.history.clone(), error);
    let format = match arguments.format {
        Some(format) => format,
        None => Format::guess(&bytes).map_err(refuse)?,
    };
    let recorded = Recorded::read(&bytes, format).map_err(refuse)?;
    let report = recorded.check(arguments.steps);
    if arguments.json {
        println!("{}", to_json(&report, format));
    } else {
        print(&report, arguments.steps);
    }
    Ok(match report.verdict {
        Verdict::Linearizable => ExitCode::SUCCESS,
        Verdict::NotLinearizable(_) => ExitCode::from(1),
        Verdict::Undecided { .. } => ExitCode::from(2),
    })
}

fn read(name: &str) -> Result<Vec<u8>, Failure> {
    if name == "-" {
        let mut bytes = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut bytes);
        return read.map(|_| bytes).map_err(Failure::Stream);
    }
    let path = Path::new(name);
    fs::read(path).map_err(|error| Failure::Unreadable(path.into(), error))
}

fn print(report: &Report, steps: u64) {
    match &report.verdict {
        Verdict::Linearizable => println!("linearizable"),
        Verdict::NotLinearizable(witness) => println!("not linearizable\n{witness}"),
        Verdict::Undecided { key } => {
            println!("undecided: {steps} steps were not enough for {key}; --steps allows more");
        }
    }
    println!(
        "{} operations on {} keys, {} of them of unknown outcome; {} steps",
        report.operations, report.keys, report.unknown, report.steps
    );
}

fn to_json(report: &Report, format: Format) -> Value {
    let mut object = json!({
        "verdict": match report.verdict {
            Verdict::Linearizable => "linearizable",
            Verdict::NotLinearizable(_) => "not_linearizable",
            Verdict::Undecided { .. } => "undecided",
        },
        "format": format.name(),
        "operations": report.operations,
        "unknown": report.unknown,
        "keys": report.keys,
        "steps": report.steps,
    });
    match &report.verdict {
        Verdict::Linearizable => {}
        Verdict::NotLinearizable(witness) => object["witness"] = witness_json(witness),
        Verdict::Undecided { key } => object["key"] = key.as_str().into(),
    }
    object
}

fn witness_json(witness: &Witness) -> Value {
    let ordered = witness.last_ordered.iter().map(|ordered| {
        let mut object = participant_json(&ordered.participant);
        object["state"] = ordered.state.as_str().into();
        object
    });
    json!({
        "key": witness.key,
        "line": witness.position,
        "impossible": participant_json(&witness.impossible),
        "possible": witness.possible,
        "is_complete": witness.is_complete,
        "ordered": witness.ordered,
        "last_ordered": ordered.collect::<Vec<_>>(),
        "window": witness.window.iter().map(participant_json).collect::<Vec<_>>(),
        "text": witness.to_string(),
    })
}

fn participant_json(participant: &Participant) -> Value {
    json!({
        "client": participant.client,
        "called_at": participant.called_at,
        "answered_at": participant.answered_at,
        "words": participant.words,
    })
}
