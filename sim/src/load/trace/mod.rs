//! A recorded load: counts per time step, read from a CSV file or from the answer to a range query
//! of Prometheus.
//!
//! Content are points on a staircase. A row's count is what came in during one *step*, the most
//! common distance between two rows; its rate holds until the next row begins, over a gap too,
//! however long. A gap is thus neither zero load nor an invented slope, and [`Trace::gaps`] says
//! how many there are. Nothing is interpolated here; [`Trace::ticks`] does when it is asked.

mod clock;
mod columns;
mod error;
mod number;
mod options;
mod prometheus;
mod reader;
mod refinement;
mod rows;
mod spread;
mod ticks;

pub use error::{Column, FieldFault, TraceError};
pub use options::{BadRows, Combine, MAX_REPORTED, Numbers, ReadOptions, ReadReport, SeriesChoice};
pub use reader::Limits;
pub use refinement::{GapRule, Interpolation, MAX_PARTS, MAX_TICKS, Refinement, RefinementError};
pub use ticks::Ticks;

pub(super) use clock::date_time;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::civil::DateTime;
use quorate::Micros;

use clock::Instant;
use rows::Content;

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
    /// Content that would fit into those places.
    pub missing_rows: u64,
    /// The longest distance between two rows, if there is a gap.
    pub longest: Micros,
    /// Content that come sooner than one step after the row before. They count as a full step.
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

/// A trace, and what was met while it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// What the file holds.
    pub trace: Trace,
    /// What was left out.
    pub report: ReadReport,
}

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
    /// Reads a file: `bytes` is its content, `name` what people call it. CSV, or JSON if it begins
    /// with a bracket or a brace.
    ///
    /// **CSV**: two columns are used. A header decides which (`period`, `timestamp`, `time`, `date`,
    /// `datetime`, `ts` for the time; `count`, `value`, `requests` for the number); without one,
    /// or with other names, they are the first and the second. Times are `YYYY-MM-DD hh:mm:ss`,
    /// ISO 8601 with or without an offset, or seconds since 1970; one file keeps to one of these.
    /// Numbers are decimal, not negative, rounded to thousandths. A byte order mark, CRLF and empty
    /// lines are fine.
    ///
    /// **JSON**: the answer of Prometheus to a range query, a matrix with one series; see
    /// [`Trace::read`] for several.
    ///
    /// Anything that does not fit is an error with its line; no row is skipped but an exact
    /// repeat of the one before. O(bytes).
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, TraceError> {
        Self::read(name, bytes, &ReadOptions::default()).map(|reading| reading.trace)
    }

    /// [`Trace::parse`] with limits other than the default ones.
    pub fn parse_within(name: &str, bytes: &[u8], limits: Limits) -> Result<Self, TraceError> {
        let options = ReadOptions {
            limits,
            ..ReadOptions::default()
        };
        Self::read(name, bytes, &options).map(|reading| reading.trace)
    }

    /// [`Trace::parse`] as `options` say: past bad rows, one series of several, their sum.
    pub fn read(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Reading, TraceError> {
        let limit = options.limits.bytes;
        if bytes.len() > limit {
            let bytes = bytes.len();
            return Err(TraceError::TooManyBytes { bytes, limit });
        }
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let is_json = matches!(text.trim_ascii_start().first(), Some(b'{' | b'['));
        let (rows, numbers) = if is_json {
            (prometheus::read(text, options)?, Numbers::Rates)
        } else {
            (reader::read(text, options)?, Numbers::Counts)
        };
        let wanted = options.numbers.unwrap_or(numbers);
        let mut selection = prometheus::selection(&options.series);
        if wanted != numbers {
            selection.push_str("other numbers");
        }
        Self::of(name, rows, wanted, reader::hash(text, &selection))
    }

    fn of(
        name: &str,
        read: Content,
        numbers: Numbers,
        hash: TraceHash,
    ) -> Result<Reading, TraceError> {
        let Content {
            mut rows,
            start,
            report,
            ..
        } = read;
        let Some((_, start)) = start.filter(|_| rows.len() >= 2) else {
            return Err(TraceError::TooFewRows { rows: rows.len() });
        };
        let step = most_common_distance(&rows);
        if numbers == Numbers::Rates {
            for row in &mut rows {
                row.count_milli = count_of(row.count_milli, step);
            }
        }
        let trace = Self {
            name: name.to_owned(),
            peak_milli: rows.iter().map(|row| row.count_milli).max().unwrap_or(0),
            total_milli: rows.iter().map(|row| u128::from(row.count_milli)).sum(),
            gaps: gaps(&rows, step),
            rows,
            step,
            start,
            hash,
        };
        Ok(Reading { trace, report })
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

/// What a rate per second comes to in one step, rounded half up; at most what one row may hold.
fn count_of(rate_milli: u64, step: Micros) -> u64 {
    let micro = u128::from(rate_milli) * u128::from(step.0);
    let count = micro.saturating_add(500_000) / 1_000_000;
    u64::try_from(count)
        .unwrap_or(u64::MAX)
        .min(rows::MAX_COUNT_MILLI)
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
