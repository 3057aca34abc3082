//! What can be wrong with a CSV file, and where.

use std::fmt;

use jiff::civil::DateTime;

/// Why a file is not a trace. Lines count from 1, as an editor shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TraceError {
    /// The file is larger than the limit.
    TooManyBytes {
        /// How large it is.
        bytes: usize,
        /// How large it may be.
        limit: usize,
    },
    /// There are more rows than the limit.
    TooManyRows {
        /// The line of the first row too many.
        line: u64,
        /// How many there may be.
        limit: usize,
    },
    /// Two rows are needed to know the time step.
    TooFewRows {
        /// How many there are.
        rows: usize,
    },
    /// A time and a number are needed, and there is one column only.
    OneColumn {
        /// The first line.
        line: u64,
    },
    /// A row has more or fewer fields than the first line.
    Ragged {
        /// Which line.
        line: u64,
        /// How many fields the first line has.
        expected: usize,
        /// How many this one has.
        found: usize,
    },
    /// A field is wrong.
    Field {
        /// Which line.
        line: u64,
        /// Which column.
        column: Column,
        /// What is wrong.
        fault: FieldFault,
    },
}

/// A column of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Counted from 1.
    pub number: usize,
    /// Its name, if the file has a header.
    pub name: Option<String>,
}

/// What is wrong with a field. Texts are cut after 40 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldFault {
    /// The bytes are not UTF-8.
    NotText,
    /// The text is not a time.
    NotATime(String),
    /// The time is written in another way than that of the first row.
    OtherClock(String),
    /// The time is not later than that of the row before.
    NotLater {
        /// The time of this row.
        time: DateTime,
        /// The time of the row before.
        previous: DateTime,
    },
    /// The text is not a decimal number.
    NotANumber(String),
    /// The number is negative.
    Negative(String),
    /// The number is beyond 10^12.
    TooLarge(String),
}

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyBytes { bytes, limit } => {
                write!(f, "the file has {bytes} bytes, the limit is {limit}")
            }
            Self::TooManyRows { line, limit } => {
                write!(f, "line {line}: more than {limit} rows")
            }
            Self::TooFewRows { rows } => {
                write!(f, "a trace needs at least two rows, the file has {rows}")
            }
            Self::OneColumn { line } => write!(
                f,
                "line {line}: a trace needs a time and a number, separated by a comma"
            ),
            Self::Ragged {
                line,
                expected,
                found,
            } => {
                write!(
                    f,
                    "line {line}: {found} fields, the first line has {expected}"
                )
            }
            Self::Field {
                line,
                column,
                fault,
            } => write!(f, "line {line}, {column}: {fault}"),
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "column {} ({name})", self.number),
            None => write!(f, "column {}", self.number),
        }
    }
}

impl fmt::Display for FieldFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotText => f.write_str("the field is not UTF-8 text"),
            Self::NotATime(text) => write!(
                f,
                "`{text}` is not a time (YYYY-MM-DD hh:mm:ss, ISO 8601, or seconds since 1970)"
            ),
            Self::OtherClock(text) => {
                write!(
                    f,
                    "`{text}` is written in another way than the time of the first row"
                )
            }
            Self::NotLater { time, previous } => {
                write!(f, "{time} is not later than {previous} in the row before")
            }
            Self::NotANumber(text) => write!(f, "`{text}` is not a number"),
            Self::Negative(text) => write!(f, "`{text}` is negative"),
            Self::TooLarge(text) => write!(f, "`{text}` is larger than 10^12"),
        }
    }
}

impl std::error::Error for TraceError {}
