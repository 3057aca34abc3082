//! Why a command could not be carried out: always something about its input.

use std::fmt;
use std::path::PathBuf;

use quorate::autoscale::Strategy;
use quorate_sim::ScenarioError;
use quorate_sim::cloud::CloudError;
use quorate_sim::linearizability::format::ReadError;
use quorate_sim::load::{RefinementError, TraceError};
use quorate_sim::replay::comparison::ComparisonError;
use quorate_sim::replay::sweep::SweepError;

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
    /// A history of client operations that is none.
    History(String, ReadError),
    /// A file could not be written.
    Unwritable(PathBuf, std::io::Error),
    /// A name that is neither a file nor a strategy.
    UnknownPolicy(String),
    /// A policy file that is none: what is wrong, with its place.
    Policy(PathBuf, String),
    /// A manifest that is none.
    Manifest(PathBuf, CloudError),
    /// The state of an autoscaler that is none: what is wrong, with its place.
    State(PathBuf, String),
    /// The trace cannot be cut into such ticks.
    Ticks(RefinementError),
    /// The policies cannot be compared.
    Comparison(ComparisonError),
    /// The policy cannot be searched.
    Sweep(SweepError),
    /// A line of the input.
    Line(u64, String),
    /// Standard input could not be read, or standard output not be written.
    Stream(std::io::Error),
    /// The options do not fit each other or the scenario.
    Options(String),
    /// The cluster could not be set up.
    SetUp(ScenarioError),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(path, error) | Self::Unwritable(path, error) => {
                write!(f, "{}: {error}", path.display())
            }
            Self::UnknownPolicy(name) => write!(
                f,
                "{name}: there is no such file and no strategy of that name; the strategies are {}",
                Strategy::KINDS.join(", ")
            ),
            Self::Policy(path, what) | Self::State(path, what) => {
                write!(f, "{}: {what}", path.display())
            }
            Self::Manifest(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Ticks(error) => error.fmt(f),
            Self::Comparison(error) => error.fmt(f),
            Self::Sweep(error) => error.fmt(f),
            Self::Line(line, what) => write!(f, "line {line}: {what}"),
            Self::Stream(error) => error.fmt(f),
            Self::UnknownScenario(name) => write!(
                f,
                "{name}: there is no such file and no built-in scenario of that name; \
                 `quorate scenarios` lists them"
            ),
            Self::Scenario(path, error) => write!(f, "{}: {error}", path.display()),
            Self::History(name, error) => write!(f, "{name}: {error}"),
            Self::Trace(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Options(what) => f.write_str(what),
            Self::SetUp(error) => error.fmt(f),
        }
    }
}
