//! From the bytes of a file to rows.

use csv::{ByteRecord, ReaderBuilder, Trim};
use quorate::Micros;
use xxhash_rust::xxh3::Xxh3;

use super::clock::{self, Clock, Instant};
use super::columns::{Columns, are_names};
use super::error::{FieldFault, TraceError};
use super::number::{NumberFault, fixed_point};
use super::{Row, TraceHash};

/// How much a file may hold. The rows of a trace stay in memory, 16 bytes each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest file.
    pub bytes: usize,
    /// The most rows.
    pub rows: usize,
}

impl Default for Limits {
    /// 256 MiB and 8,000,000 rows: three months of seconds.
    fn default() -> Self {
        Self {
            bytes: 256 << 20,
            rows: 8_000_000,
        }
    }
}

/// What a file holds.
pub(super) struct Content {
    /// The time of the first row.
    pub(super) start: Instant,
    /// At least two, strictly ascending, the first at zero.
    pub(super) rows: Vec<Row>,
    /// The hash of the content.
    pub(super) hash: TraceHash,
}

/// The largest count of a row, in thousandths: 10^12 requests.
const MAX_COUNT_MILLI: u64 = 1_000_000_000_000_000;

/// Reads and checks all rows.
pub(super) fn read(bytes: &[u8], limits: Limits) -> Result<Content, TraceError> {
    if bytes.len() > limits.bytes {
        return Err(TraceError::TooManyBytes {
            bytes: bytes.len(),
            limit: limits.bytes,
        });
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut records = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(text);
    let mut record = ByteRecord::new();
    let mut table: Option<Table> = None;
    while records
        .read_byte_record(&mut record)
        .expect("memory can be read to its end")
    {
        match &mut table {
            None => table = Some(Table::begin(text, &record)?),
            Some(table) if table.rows.len() == limits.rows => {
                return Err(TraceError::TooManyRows {
                    line: table.line(&record),
                    limit: limits.rows,
                });
            }
            Some(table) => table.push(&record)?,
        }
    }
    match table {
        Some(Table {
            rows,
            start: Some((_, start)),
            ..
        }) if rows.len() >= 2 => Ok(Content {
            start,
            rows,
            hash: hash(text),
        }),
        short => Err(TraceError::TooFewRows {
            rows: short.map_or(0, |table| table.rows.len()),
        }),
    }
}

/// The rows read so far, and what was learned about the file.
struct Table<'a> {
    text: &'a [u8],
    header: Option<Vec<String>>,
    /// Fields of the first line; every line has as many, at least two.
    width: usize,
    columns: Columns,
    rows: Vec<Row>,
    /// How times are written, and the first one; known from the first row on.
    start: Option<(Clock, Instant)>,
}

impl<'a> Table<'a> {
    /// Learns from the first record, which is the header or the first row.
    fn begin(text: &'a [u8], record: &ByteRecord) -> Result<Self, TraceError> {
        let fields: Vec<String> = record
            .iter()
            .map(|field| String::from_utf8_lossy(field).into_owned())
            .collect();
        let header = are_names(&fields).then_some(fields);
        let columns = Columns::of(header.as_deref());
        let width = record.len();
        let mut table = Self {
            text,
            header,
            width,
            columns,
            rows: Vec::new(),
            start: None,
        };
        if width < 2 {
            return Err(TraceError::OneColumn {
                line: table.line(record),
            });
        }
        if table.header.is_none() {
            table.push(record)?;
        }
        Ok(table)
    }

    fn push(&mut self, record: &ByteRecord) -> Result<(), TraceError> {
        if record.len() != self.width {
            let (expected, found) = (self.width, record.len());
            return Err(TraceError::Ragged {
                line: self.line(record),
                expected,
                found,
            });
        }
        let Columns { time, count } = self.columns;
        let offset = self
            .offset(&record[time])
            .map_err(|fault| self.field_error(record, time, fault))?;
        let count_milli =
            count_milli(&record[count]).map_err(|fault| self.field_error(record, count, fault))?;
        self.rows.push(Row {
            offset,
            count_milli,
        });
        Ok(())
    }

    /// The time of a row as the span since the first one, which is later than that of the row
    /// before.
    fn offset(&mut self, field: &[u8]) -> Result<Micros, FieldFault> {
        let text = as_text(field)?;
        let (clock, time) = clock::read(text).ok_or_else(|| FieldFault::NotATime(cut(text)))?;
        let &mut (first_clock, start) = self.start.get_or_insert((clock, time));
        if clock != first_clock {
            return Err(FieldFault::OtherClock(cut(text)));
        }
        let Some(previous) = self.rows.last().map(|row| row.offset) else {
            return Ok(Micros::ZERO);
        };
        time.since(start)
            .filter(|&offset| offset > previous)
            .ok_or_else(|| FieldFault::NotLater {
                time: time.date_time(),
                previous: start.later(previous).date_time(),
            })
    }

    fn field_error(&self, record: &ByteRecord, index: usize, fault: FieldFault) -> TraceError {
        let column = Columns::named(index, self.header.as_deref());
        TraceError::Field {
            line: self.line(record),
            column,
            fault,
        }
    }

    /// The line on which `record` begins. The reader's own count stops at the empty lines before
    /// it.
    fn line(&self, record: &ByteRecord) -> u64 {
        let position = record.position().map_or(0, csv::Position::byte);
        let begin = usize::try_from(position)
            .unwrap_or(usize::MAX)
            .min(self.text.len());
        let is_break = |byte: &&u8| matches!(**byte, b'\r' | b'\n');
        let breaks = self.text[begin..].iter().take_while(is_break).count();
        let before = &self.text[..begin + breaks];
        before.split(|&byte| byte == b'\n').count() as u64
    }
}

fn count_milli(field: &[u8]) -> Result<u64, FieldFault> {
    let text = as_text(field)?;
    match fixed_point(text, 3) {
        Ok(milli) if milli <= MAX_COUNT_MILLI => Ok(milli),
        Ok(_) | Err(NumberFault::TooLarge) => Err(FieldFault::TooLarge(cut(text))),
        Err(NumberFault::Negative) => Err(FieldFault::Negative(cut(text))),
        Err(NumberFault::NotANumber) => Err(FieldFault::NotANumber(cut(text))),
    }
}

fn as_text(field: &[u8]) -> Result<&str, FieldFault> {
    str::from_utf8(field).map_err(|_| FieldFault::NotText)
}

/// The first forty characters: enough to find the place, and no more than fits into a message.
fn cut(text: &str) -> String {
    text.chars().take(40).collect()
}

fn hash(text: &[u8]) -> TraceHash {
    let mut hash = Xxh3::new();
    for line in text.split(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if !line.is_empty() {
            hash.update(line);
            hash.update(b"\n");
        }
    }
    TraceHash(hash.digest())
}
