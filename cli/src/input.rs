//! Files and options, parsed at the door.

use std::fs;
use std::path::Path;
use std::str::FromStr;

use jiff::SignedDuration;
use quorate::Micros;
use quorate_sim::load::Trace;
use quorate_sim::{Scenario, presets};

use crate::failure::Failure;

/// A span of time on the command line: `90s`, `5m`, `24h`, `1h 30m`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span(pub(crate) Micros);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let example = "a time such as 90s, 5m, 24h or 1h30m";
        let span: SignedDuration = text.parse().map_err(|_| format!("expected {example}"))?;
        let micros = u64::try_from(span.as_micros())
            .map_err(|_| format!("a run cannot end before it begins; expected {example}"))?;
        if micros == 0 {
            return Err(format!(
                "a run of no length shows nothing; expected {example}"
            ));
        }
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
    let bytes = fs::read(path).map_err(|error| Failure::Unreadable(path.into(), error))?;
    let name = path
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into());
    Trace::parse(&name, &bytes).map_err(|error| Failure::Trace(path.into(), error))
}
