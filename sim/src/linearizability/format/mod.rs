//! Histories as files.
//!
//! Three formats: JSON lines of our own, the logs of Jepsen's etcd test, and key-value logs in the
//! notation of Clojure. Each line is an event, and its number is its position. A history with a hole
//! in it would give a verdict on something that never happened, so every bad line is an error.

mod jepsen;
mod jsonl;
mod kv;

use std::fmt;
use std::str::FromStr;

use super::history::{History, HistoryError};
use super::register::{Answer, Call, Register, Value};
use super::verdict::{Report, check};
use super::versioned::{Versioned, VersionedAnswer, VersionedCall};

pub use jsonl::{to_jsonl, versioned_to_jsonl};

/// How a history is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// JSON, one event a line.
    JsonLines,
    /// What Jepsen's etcd test of one register logs.
    Jepsen,
    /// What a test of a key-value store logs: get, put and append.
    KeyValue,
}

/// A history that was read, with the machine it is to be compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// Registers, all of them with this at the start.
    Registers(Register, History<Call, Answer>),
    /// Registers with versions.
    Versioned(History<VersionedCall, VersionedAnswer>),
}

/// Why a file is no history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// A line that cannot be read.
    Line {
        /// Its number, from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// A line that cannot come there.
    History {
        /// Its number, from 1.
        line: u64,
        /// Why not.
        error: HistoryError,
    },
    /// Not UTF-8 from this line on.
    NotText {
        /// Its number, from 1.
        line: u64,
    },
    /// Nothing in it looks like an event.
    Empty,
    /// Its first line is in none of the formats.
    UnknownFormat {
        /// The number of the line, from 1.
        line: u64,
    },
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::JsonLines, Self::Jepsen, Self::KeyValue];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::JsonLines => "jsonl",
            Self::Jepsen => "jepsen",
            Self::KeyValue => "kv",
        }
    }

    /// Guesses the format from the first line that is not empty.
    pub fn guess(bytes: &[u8]) -> Result<Self, ReadError> {
        let text = text(bytes)?;
        let (line, first) = lines(text).next().ok_or(ReadError::Empty)?;
        if first.starts_with("INFO") {
            return Ok(Self::Jepsen);
        }
        match first.strip_prefix('{').map(str::trim_start) {
            Some(rest) if rest.starts_with(':') => Ok(Self::KeyValue),
            Some(_) => Ok(Self::JsonLines),
            None => Err(ReadError::UnknownFormat { line }),
        }
    }
}

impl Recorded {
    /// Reads a history.
    pub fn read(bytes: &[u8], format: Format) -> Result<Self, ReadError> {
        let text = text(bytes)?;
        let recorded = match format {
            Format::JsonLines => jsonl::read(text)?,
            Format::Jepsen => Self::Registers(Register::default(), jepsen::read(text)?),
            Format::KeyValue => {
                let register = Register {
                    initial: Some(Value::Text("".into())),
                };
                Self::Registers(register, kv::read(text)?)
            }
        };
        Ok(recorded)
    }

    /// Judges it, with a budget of configurations for each key.
    pub fn check(&self, steps: u64) -> Report {
        match self {
            Self::Registers(register, history) => check(register, history, steps),
            Self::Versioned(history) => check(&Versioned, history, steps),
        }
    }
}

/// The lines that are not empty, with their numbers.
fn lines(text: &str) -> impl Iterator<Item = (u64, &str)> {
    let numbered = (1..).zip(text.lines().map(str::trim));
    numbered.filter(|(_, line)| !line.is_empty())
}

fn text(bytes: &[u8]) -> Result<&str, ReadError> {
    str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let lines = before.split(|&byte| byte == b'\n').count();
        ReadError::NotText { line: lines as u64 }
    })
}

fn bad(line: u64, what: impl Into<String>) -> ReadError {
    ReadError::Line {
        line,
        what: what.into(),
    }
}

fn at(line: u64) -> impl Fn(HistoryError) -> ReadError {
    move |error| ReadError::History { line, error }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let format = Self::ALL.into_iter().find(|format| format.name() == name);
        format.ok_or_else(|| format!("the formats are {}", Self::ALL.map(Self::name).join(", ")))
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { line, what } => write!(f, "line {line}: {what}"),
            Self::History { line, error } => write!(f, "line {line}: {error}"),
            Self::NotText { line } => write!(f, "line {line}: this is not UTF-8"),
            Self::Empty => f.write_str("there is no event in this history"),
            Self::UnknownFormat { line } => write!(
                f,
                "line {line}: this is neither JSON, nor a line of Jepsen's log, nor of a key-value \
                 log; name the format if it is one"
            ),
        }
    }
}

impl std::error::Error for ReadError {}
