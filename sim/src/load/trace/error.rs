//! What can be wrong with a file, and where.

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
    /// The text is not JSON, or not the answer to a range query.
    Json {
        /// Which line.
        line: u64,
        /// What is wrong.
        what: String,
    },
    /// Prometheus answered that the query failed.
    QueryFailed(String),
    /// No series has the labels that were asked for.
    NoSeries {
        /// How many series there are.
        series: usize,
    },
    /// Several series have them, and they are not to be added.
    SeveralSeries {
        /// How many have them.
        series: usize,
        /// The first ten.
        first: Vec<String>,
    },
    /// A sample of a series is wrong.
    Sample {
        /// Which line.
        line: u64,
        /// Which series.
        series: String,
        /// What is wrong.
        fault: FieldFault,
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
    /// The time is not later than that of the row before, and it is no exact repeat.
    NotLater {
        /// The time of this row.
        time: DateTime,
        /// The time of the row before.
        previous: DateTime,
    },
    /// A sample is not a pair of a time and a text.
    NotASample(String),
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
            Self::Json { line, what } => write!(f, "line {line}: {what}"),
            Self::QueryFailed(what) => write!(f, "Prometheus says that the query failed: {what}"),
            Self::NoSeries { series: 0 } => f.write_str("there is no series in the file"),
            Self::NoSeries { series } => {
                write!(
                    f,
                    "none of the {series} series has the labels that were asked for"
                )
            }
            Self::SeveralSeries { series, first } => write!(
                f,
                "{series} series fit; name labels that only one has, or ask for their sum: {}{}",
                first.join(" "),
                if *series > first.len() { " …" } else { "" }
            ),
            Self::Sample {
                line,
                series,
                fault,
            } => write!(f, "line {line}, series {series}: {fault}"),
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
            Self::NotASample(text) => {
                write!(f, "`{text}` is not a sample such as [1700000000, \"12.5\"]")
            }
            Self::NotANumber(text) => write!(f, "`{text}` is not a number"),
            Self::Negative(text) => write!(f, "`{text}` is negative"),
            Self::TooLarge(text) => write!(f, "`{text}` is larger than 10^12"),
        }
    }
}

impl std::error::Error for TraceError {}
