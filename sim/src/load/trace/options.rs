//! How a file is read, and what was met on the way.
//!
//! A recording from a real system has holes, repeats and lines that a logger cut in half. By default
//! the first bad row is an error with its place, because a load with rows missing is another load.
//! Whoever would rather go on says so, and gets a list of what was left out.
//!
//! The rules:
//!
//! - A row at the time of the row before, with the same number, is a *repeat*: dropped and counted.
//! - A row at the time of the row before with another number, a row before that time, and a row
//!   that cannot be read are *bad*: an error, or skipped and reported. The row that came first stays.
//! - A sample of Prometheus that is not a number (`NaN`, an infinity, the marker of a stale series) is
//!   *absent*: there is no row, and the place is a gap.
//! - A gap stays a gap. What is played in its place is for [`Refinement`](crate::load::Refinement)
//!   to say, and is never decided here.

use super::{Limits, TraceError};

/// How a file is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// How much the file may hold.
    pub limits: Limits,
    /// What happens at a bad row.
    pub bad_rows: BadRows,
    /// What the numbers are; `None`: counts in CSV, rates in Prometheus JSON.
    pub numbers: Option<Numbers>,
    /// Which of several series are read. CSV has one.
    pub series: SeriesChoice,
}

/// What happens at a bad row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BadRows {
    /// The file is refused.
    #[default]
    Refuse,
    /// The row is left out and reported.
    Skip,
}

/// What the numbers of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    /// What came in during one step.
    Counts,
    /// What came in per second. Times the step, rounded half up, that is a count.
    Rates,
}

/// Which series of a Prometheus answer are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeriesChoice {
    /// Names and values of labels that a series must have.
    pub labels: Vec<(String, String)>,
    /// What is done with those that have them.
    pub combine: Combine,
}

/// What is done with several series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Combine {
    /// There must be exactly one.
    #[default]
    Single,
    /// They are added, time by time. As in Prometheus, a series without a sample at a time adds
    /// nothing to it; such times are counted.
    Sum,
}

/// What was met while a file was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadReport {
    /// Bad rows that were left out.
    pub skipped: u64,
    /// The first of them, at most [`MAX_REPORTED`].
    pub first_skipped: Vec<TraceError>,
    /// Rows that repeat the one before.
    pub repeats: u64,
    /// Samples that are not a number.
    pub absent: u64,
    /// The series that were read, as Prometheus writes them; none for CSV.
    pub series: Vec<String>,
    /// Times at which not all of these have a sample.
    pub partial: u64,
}

/// How many skipped rows are reported one by one.
pub const MAX_REPORTED: usize = 100;

impl ReadReport {
    /// True if skipped rows are only counted from now on.
    pub(super) fn list_is_full(&self) -> bool {
        self.first_skipped.len() >= MAX_REPORTED
    }

    /// Notes a row that is left out.
    pub(super) fn skip(&mut self, error: TraceError) {
        self.skipped += 1;
        if !self.list_is_full() {
            self.first_skipped.push(error);
        }
    }
}
