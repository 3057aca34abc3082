//! A recorded load: counts per time step, read from a CSV file.
//!
//! Rows are points on a staircase. A row's count is what came in during one *step*, the most
//! common distance between two rows; its rate holds until the next row begins, over a gap too,
//! however long. A gap is thus neither zero load nor an invented slope, and [`Trace::gaps`] says
//! how many there are. Nothing is interpolated.

mod clock;
mod columns;
mod error;
mod number;
mod reader;

pub use error::{Column, FieldFault, TraceError};
pub use reader::Limits;

pub(super) use clock::date_time;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::civil::DateTime;
use quorate::Micros;

use clock::Instant;

/// One row of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The time since the first row.
    pub offset: Micros,
    /// What came in during one step, in thousandths of a request.
    pub count_milli: u64,
}

/// Where the distance between two rows is not the step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gaps {
    /// Places where the next row comes later than one step.
    pub count: u64,
    /// Rows that would fit into those places.
    pub missing_rows: u64,
    /// The longest distance between two rows, if there is a gap.
    pub longest: Micros,
    /// Rows that come sooner than one step after the row before. They count as a full step.
    pub early_rows: u64,
}

/// The hash of a file's content: xxh3 (64 bits) over its lines without the byte order mark,
/// carriage returns at line ends and empty lines.
///
/// Written as 16 hexadecimal digits, in JSON too, where numbers end at 53 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TraceHash(pub u64);

impl fmt::Display for TraceHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl From<TraceHash> for String {
    fn from(hash: TraceHash) -> Self {
        hash.to_string()
    }
}

impl FromStr for TraceHash {
    type Err = TraceHashError;
    fn from_str(text: &str) -> Result<Self, TraceHashError> {
        let digits = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        u64::from_str_radix(text, 16)
            .ok()
            .filter(|_| digits)
            .map(Self)
            .ok_or(TraceHashError)
    }
}

impl TryFrom<String> for TraceHash {
    type Error = TraceHashError;
    fn try_from(text: String) -> Result<Self, TraceHashError> {
        text.parse()
    }
}

/// A hash that is not 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceHashError;

impl fmt::Display for TraceHashError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the hash of a trace is 16 hexadecimal digits")
    }
}

impl std::error::Error for TraceHashError {}

/// A recorded load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    name: String,
    /// At least two, strictly ascending by offset, the first at zero.
    rows: Vec<Row>,
    /// Not zero.
    step: Micros,
    start: Instant,
    peak_milli: u64,
    total_milli: u128,
    gaps: Gaps,
    hash: TraceHash,
}

impl Trace {
    /// Reads a CSV file: `bytes` is its content, `name` what people call it.
    ///
    /// Two columns are used. A header decides which (`period`, `timestamp`, `time`, `date`,
    /// `datetime`, `ts` for the time; `count`, `value`, `requests` for the number); without one,
    /// or with other names, they are the first and the second. Times are `YYYY-MM-DD hh:mm:ss`,
    /// ISO 8601 with or without an offset, or seconds since 1970; one file keeps to one of these.
    /// Numbers are decimal, not negative, rounded to thousandths.
    ///
    /// A byte order mark, CRLF and empty lines are fine. Anything else that does not fit is an
    /// error with line and column; no row is ever skipped. O(bytes).
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, TraceError> {
        Self::parse_within(name, bytes, Limits::default())
    }

    /// [`Trace::parse`] with limits other than the default ones.
    pub fn parse_within(name: &str, bytes: &[u8], limits: Limits) -> Result<Self, TraceError> {
        let reader::Content { start, rows, hash } = reader::read(bytes, limits)?;
        let step = most_common_distance(&rows);
        Ok(Self {
            name: name.to_owned(),
            peak_milli: rows.iter().map(|row| row.count_milli).max().unwrap_or(0),
            total_milli: rows.iter().map(|row| u128::from(row.count_milli)).sum(),
            gaps: gaps(&rows, step),
            rows,
            step,
            start,
            hash,
        })
    }

    /// What people call the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The rows, in order; at least two.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The most common distance between two rows; the shorter one if two are equally common.
    pub fn step(&self) -> Micros {
        self.step
    }

    /// The date and time of the first row. In UTC where the file says what that is, otherwise in
    /// whatever the file means.
    pub fn start(&self) -> DateTime {
        self.start.date_time()
    }

    /// The date and time at `offset`; the last moment of the calendar if it lies beyond.
    pub fn date_time(&self, offset: Micros) -> DateTime {
        self.start.later(offset).date_time()
    }

    /// How far after the first row `date_time` is. `None` before the first and after the last.
    pub fn offset(&self, date_time: DateTime) -> Option<Micros> {
        let offset = Instant::of(date_time)?.since(self.start)?;
        (offset <= self.last().offset).then_some(offset)
    }

    /// The last row.
    pub fn last(&self) -> Row {
        *self.rows.last().expect("a trace has at least two rows")
    }

    /// How long the trace lasts: its last row lasts one step.
    pub fn duration(&self) -> Micros {
        self.last().offset + self.step
    }

    /// The largest count, in thousandths of a request per step.
    pub fn peak_milli(&self) -> u64 {
        self.peak_milli
    }

    /// The sum of all counts, in thousandths of a request.
    pub fn total_milli(&self) -> u128 {
        self.total_milli
    }

    /// Where rows are missing.
    pub fn gaps(&self) -> Gaps {
        self.gaps
    }

    /// The hash of the content.
    pub fn hash(&self) -> TraceHash {
        self.hash
    }

    /// Milli-requests per second at `offset`: those of the last row that began by then.
    /// O(log rows).
    pub fn rate_at(&self, offset: Micros) -> u64 {
        let begun = self.rows.partition_point(|row| row.offset <= offset);
        // The first row begins at zero, so at least one has begun.
        let row = self.rows[begun.max(1) - 1];
        let rate = u128::from(row.count_milli) * 1_000_000 / u128::from(self.step.0);
        u64::try_from(rate).unwrap_or(u64::MAX)
    }
}

fn distances(rows: &[Row]) -> impl Iterator<Item = Micros> {
    rows.windows(2).map(|pair| pair[1].offset - pair[0].offset)
}

fn most_common_distance(rows: &[Row]) -> Micros {
    let mut times_seen: BTreeMap<Micros, u64> = BTreeMap::new();
    for distance in distances(rows) {
        *times_seen.entry(distance).or_default() += 1;
    }
    // From long to short, so that the shorter one wins a tie.
    times_seen
        .into_iter()
        .rev()
        .max_by_key(|&(_, times)| times)
        .map(|(distance, _)| distance)
        .expect("two rows have a distance")
}

fn gaps(rows: &[Row], step: Micros) -> Gaps {
    let mut gaps = Gaps::default();
    for distance in distances(rows) {
        if distance > step {
            gaps.count += 1;
            gaps.missing_rows += (distance.0 - 1) / step.0;
            gaps.longest = gaps.longest.max(distance);
        } else if distance < step {
            gaps.early_rows += 1;
        }
    }
    gaps
}
