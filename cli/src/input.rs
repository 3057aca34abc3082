//! Files and options, parsed at the door.

use std::fs;
use std::path::Path;
use std::str::FromStr;

use jiff::SignedDuration;
use quorate::Micros;
use quorate_sim::load::{ReadOptions, Reading, Trace};
use quorate_sim::{Scenario, presets};

use crate::failure::Failure;

/// A span of time on the command line that is not nothing: `90s`, `5m`, `24h`, `1h 30m`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span(pub(crate) Micros);

/// A span of time on the command line that may be nothing: `0s`, `90s`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delay(pub(crate) Micros);

const EXAMPLE: &str = "a time such as 90s, 5m, 24h or 1h30m";

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Delay(micros) = text.parse()?;
        if micros == Micros::ZERO {
            return Err(format!(
                "this time must be longer than nothing; expected {EXAMPLE}"
            ));
        }
        Ok(Self(micros))
    }
}

impl FromStr for Delay {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let span: SignedDuration = text.parse().map_err(|_| format!("expected {EXAMPLE}"))?;
        let micros = u64::try_from(span.as_micros())
            .map_err(|_| format!("a time cannot be negative; expected {EXAMPLE}"))?;
        Ok(Self(Micros(micros)))
    }
}

/// Reads a scenario from a file, or takes the built-in one of that name.
pub(crate) fn scenario(name: &str) -> Result<Scenario, Failure> {
    if let Some(preset) = presets::find(name) {
        return Ok(preset.scenario);
    }
    let path = Path::new(name);
    if !path.exists() {
        return Err(Failure::UnknownScenario(name.into()));
    }
    let json = fs::read_to_string(path).map_err(|error| Failure::Unreadable(path.into(), error))?;
    Scenario::parse(&json).map_err(|error| Failure::Scenario(path.into(), error))
}

/// Reads a load trace.
pub(crate) fn trace(path: &Path) -> Result<Trace, Failure> {
    reading(path, &ReadOptions::default()).map(|reading| reading.trace)
}

/// Reads a load trace as `options` say.
pub(crate) fn reading(path: &Path, options: &ReadOptions) -> Result<Reading, Failure> {
    let bytes = fs::read(path).map_err(|error| Failure::Unreadable(path.into(), error))?;
    let name = path
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into());
    Trace::read(&name, &bytes, options).map_err(|error| Failure::Trace(path.into(), error))
}

/// What is wrong with JSON, the place first.
pub(crate) fn json_error(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    let words = error.to_string();
    let what = words
        .rsplit_once(" at line ")
        .map_or(&*words, |(what, _)| what);
    format!("line {line}, column {column}: {what}")
}
