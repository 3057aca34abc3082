//! What can go wrong in a command, said so that the reader knows what to do next.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

/// Why a command of this program stopped.
#[derive(Debug)]
pub(crate) enum Error {
    /// A program ran and reported failure; its own output has said why.
    Failed {
        /// The command line as typed in a shell.
        line: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// A program could not be started at all.
    NotStarted {
        /// The command line as typed in a shell.
        line: String,
        /// What the system said.
        source: io::Error,
    },
    /// A file or directory could not be read or written.
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Something this machine needs and this program cannot install; each with the way to get it.
    Missing(Vec<String>),
    /// The report on standard output has said what failed, and its last line is the counts.
    Reported,
    /// Anything else, already a sentence.
    Other(String),
}

impl Error {
    /// Says which file an input or output error is about.
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_path_buf();
        move |source| Self::File { path, source }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed { line, status } => write!(f, "`{line}` failed with {status}"),
            Self::NotStarted { line, source } => write!(f, "`{line}` did not start: {source}"),
            Self::File { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Missing(ways) => {
                write!(
                    f,
                    "this machine lacks something that cannot be installed from here"
                )?;
                ways.iter().try_for_each(|way| write!(f, "\n  - {way}"))
            }
            Self::Reported => f.write_str("failed as reported"),
            Self::Other(sentence) => f.write_str(sentence),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NotStarted { source, .. } | Self::File { source, .. } => Some(source),
            _ => None,
        }
    }
}
