//! From the bytes of a CSV file to rows.

use csv::{ByteRecord, ReaderBuilder, Trim};
use xxhash_rust::xxh3::Xxh3;

use super::TraceHash;
use super::clock;
use super::columns::{Columns, are_names};
use super::error::{FieldFault, TraceError};
use super::options::ReadOptions;
use super::rows::{Content, count_milli, cut};

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

/// Reads and checks all rows.
pub(super) fn read(text: &[u8], options: &ReadOptions) -> Result<Content, TraceError> {
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
            None => table = Some(Table::begin(text, &record, options)?),
            Some(table) => table.row(&record)?,
        }
    }
    Ok(table.map_or_else(|| Content::new(options), |table| table.rows))
}

/// What is wrong with a row.
enum RowFault {
    /// It has more or fewer fields than the first line.
    Ragged,
    /// The field with this index, from zero, is wrong.
    Field(usize, FieldFault),
}

/// The rows read so far, and what was learned about the file.
struct Table<'a> {
    text: &'a [u8],
    header: Option<Vec<String>>,
    /// Fields of the first line; every line has as many, at least two.
    width: usize,
    columns: Columns,
    rows: Content,
    /// The most rows.
    limit: usize,
}

impl<'a> Table<'a> {
    /// Learns from the first record, which is the header or the first row.
    fn begin(
        text: &'a [u8],
        record: &ByteRecord,
        options: &ReadOptions,
    ) -> Result<Self, TraceError> {
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
            rows: Content::new(options),
            limit: options.limits.rows,
        };
        if width < 2 {
            return Err(TraceError::OneColumn {
                line: table.line(record),
            });
        }
        if table.header.is_none() {
            table.row(record)?;
        }
        Ok(table)
    }

    fn row(&mut self, record: &ByteRecord) -> Result<(), TraceError> {
        if self.rows.is_full() {
            return Err(TraceError::TooManyRows {
                line: self.line(record),
                limit: self.limit,
            });
        }
        match self.push(record) {
            Err(fault) if !self.rows.counted_only() => {
                let error = self.error(record, fault);
                self.rows.bad(error)
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn push(&mut self, record: &ByteRecord) -> Result<(), RowFault> {
        if record.len() != self.width {
            return Err(RowFault::Ragged);
        }
        let Columns { time, count } = self.columns;
        let read_time = |field| {
            let text = as_text(field)?;
            let moment = clock::read(text).ok_or_else(|| FieldFault::NotATime(cut(text)))?;
            Ok((moment, text))
        };
        let (moment, text) =
            read_time(&record[time]).map_err(|fault| RowFault::Field(time, fault))?;
        let count_milli = as_text(&record[count])
            .and_then(count_milli)
            .map_err(|fault| RowFault::Field(count, fault))?;
        self.rows
            .push(moment, text, count_milli)
            .map_err(|fault| RowFault::Field(time, fault))
    }

    /// What is wrong with `record`, and where.
    fn error(&self, record: &ByteRecord, fault: RowFault) -> TraceError {
        let line = self.line(record);
        match fault {
            RowFault::Ragged => TraceError::Ragged {
                line,
                expected: self.width,
                found: record.len(),
            },
            RowFault::Field(index, fault) => TraceError::Field {
                line,
                column: Columns::named(index, self.header.as_deref()),
                fault,
            },
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

fn as_text(field: &[u8]) -> Result<&str, FieldFault> {
    str::from_utf8(field).map_err(|_| FieldFault::NotText)
}

/// The hash of a file's content; what else decides what is read of it counts too.
pub(super) fn hash(text: &[u8], selection: &str) -> TraceHash {
    let mut hash = Xxh3::new();
    for line in text.split(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if !line.is_empty() {
            hash.update(line);
            hash.update(b"\n");
        }
    }
    hash.update(selection.as_bytes());
    TraceHash(hash.digest())
}
