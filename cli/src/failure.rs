//! Why a command could not be carried out: always something about its input.

use std::fmt;
use std::path::PathBuf;

use quorate_sim::ScenarioError;
use quorate_sim::load::TraceError;

/// Bad input: what it was, where, and what to do.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A file could not be read.
    Unreadable(PathBuf, std::io::Error),
    /// A name that is neither a file nor a built-in scenario.
    UnknownScenario(String),
    /// A scenario file that is none.
    Scenario(PathBuf, ScenarioError),
    /// A load trace that is none.
    Trace(PathBuf, TraceError),
    /// The options do not fit each other or the scenario.
    Options(String),
    /// The cluster could not be set up.
    SetUp(ScenarioError),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(path, error) => write!(f, "{}: {error}", path.display()),
            Self::UnknownScenario(name) => write!(
                f,
                "{name}: there is no such file and no built-in scenario of that name; \
                 `quorate scenarios` lists them"
            ),
            Self::Scenario(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Trace(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Options(what) => f.write_str(what),
            Self::SetUp(error) => error.fmt(f),
        }
    }
}
