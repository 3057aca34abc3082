//! Rows in the order in which they come, under the rules of [`super::options`].

use quorate::Micros;

use super::clock::{Clock, Instant};
use super::error::{FieldFault, TraceError};
use super::number::{NumberFault, fixed_point};
use super::options::{BadRows, ReadOptions, ReadReport};
use super::{Limits, Row};

/// The largest count of a row, in thousandths: 10^12 requests.
pub(super) const MAX_COUNT_MILLI: u64 = 1_000_000_000_000_000;

/// The rows read so far.
pub(super) struct Content {
    /// Strictly ascending, the first at zero.
    pub(super) rows: Vec<Row>,
    /// How times are written, and the first one; known from the first row on.
    pub(super) start: Option<(Clock, Instant)>,
    pub(super) report: ReadReport,
    limits: Limits,
    bad_rows: BadRows,
}

impl Content {
    pub(super) fn new(options: &ReadOptions) -> Self {
        Self {
            rows: Vec::new(),
            start: None,
            report: ReadReport::default(),
            limits: options.limits,
            bad_rows: options.bad_rows,
        }
    }

    /// Takes one row at a time that was written as `text`.
    pub(super) fn push(
        &mut self,
        (clock, time): (Clock, Instant),
        text: &str,
        count_milli: u64,
    ) -> Result<(), FieldFault> {
        let &(first_clock, start) = self.start.as_ref().unwrap_or(&(clock, time));
        if clock != first_clock {
            return Err(FieldFault::OtherClock(cut(text)));
        }
        let offset = match self.rows.last() {
            None => Micros::ZERO,
            Some(last) => match time.since(start) {
                Some(offset) if offset > last.offset => offset,
                Some(offset) if offset == last.offset && count_milli == last.count_milli => {
                    self.report.repeats += 1;
                    return Ok(());
                }
                _ => {
                    return Err(FieldFault::NotLater {
                        time: time.date_time(),
                        previous: start.later(last.offset).date_time(),
                    });
                }
            },
        };
        self.start = Some((clock, start));
        self.rows.push(Row {
            offset,
            count_milli,
        });
        Ok(())
    }

    /// True if another row would be one too many.
    pub(super) fn is_full(&self) -> bool {
        self.rows.len() >= self.limits.rows
    }

    /// Counts a bad row of which nobody wants to know the place: it is to be skipped, and enough are
    /// listed. Finding the line takes a walk through the file.
    pub(super) fn counted_only(&mut self) -> bool {
        let full = self.bad_rows == BadRows::Skip && self.report.list_is_full();
        self.report.skipped += u64::from(full);
        full
    }

    /// What becomes of a bad row.
    pub(super) fn bad(&mut self, error: TraceError) -> Result<(), TraceError> {
        match self.bad_rows {
            BadRows::Refuse => Err(error),
            BadRows::Skip => {
                self.report.skip(error);
                Ok(())
            }
        }
    }
}

/// A count in thousandths.
pub(super) fn count_milli(text: &str) -> Result<u64, FieldFault> {
    match fixed_point(text, 3) {
        Ok(milli) if milli <= MAX_COUNT_MILLI => Ok(milli),
        Ok(_) | Err(NumberFault::TooLarge) => Err(FieldFault::TooLarge(cut(text))),
        Err(NumberFault::Negative) => Err(FieldFault::Negative(cut(text))),
        Err(NumberFault::NotANumber) => Err(FieldFault::NotANumber(cut(text))),
    }
}

/// The first forty characters: enough to find the place, and no more than fits into a message.
pub(super) fn cut(text: &str) -> String {
    text.chars().take(40).collect()
}
