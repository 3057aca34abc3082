//! The answer of Prometheus to a range query.
//!
//! `{"status": "success", "data": {"resultType": "matrix", "result": [{"metric": {…}, "values":
//! [[1700000000, "12.5"], …]}]}}`, or only the `data`, or only the `result`. A query usually
//! answers with several series. Taking the first one would make the load depend on an order that
//! means nothing, so the file must have one, or somebody says which, or that they are to be added.
//!
//! Samples are kept as they are written until they are read, digit by digit: a parser of JSON would
//! make doubles of the times, and its errors would not know the line of a number that is
//! well-formed and wrong.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::clock::{self, Clock, Instant};
use super::error::{FieldFault, TraceError};
use super::options::{Combine, ReadOptions, ReadReport, SeriesChoice};
use super::rows::{Content, MAX_COUNT_MILLI, count_milli, cut};

/// The answer, or its `data`. Whatever else is in it, such as `warnings`, is none of a trace's
/// business.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    status: Option<String>,
    error: Option<String>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    result_type: Option<String>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Series<'a> {
    #[serde(default)]
    metric: BTreeMap<String, String>,
    #[serde(borrow, default)]
    values: Vec<&'a RawValue>,
}

/// What of the choice of series belongs to the identity of a trace: nothing, if nobody chose.
pub(super) fn selection(choice: &SeriesChoice) -> String {
    let mut text = String::new();
    for (name, value) in &choice.labels {
        let _ = write!(text, "{name}={value:?},");
    }
    if choice.combine == Combine::Sum {
        text.push_str("sum");
    }
    text
}

/// Reads the series that `options` choose.
pub(super) fn read(bytes: &[u8], options: &ReadOptions) -> Result<Content, TraceError> {
    let text = str::from_utf8(bytes).map_err(|error| TraceError::Json {
        line: line_at(bytes, error.valid_up_to()),
        what: "the text is not UTF-8".into(),
    })?;
    let file = File { text };
    let all: Vec<Series> = file.part(file.result(text)?)?;
    let chosen = choose(&all, &options.series)?;
    let names: Vec<String> = chosen.iter().map(|series| name(series)).collect();
    let mut read = Vec::new();
    for (series, name) in chosen.into_iter().zip(&names) {
        read.push(file.samples(series, name, options)?);
    }
    let mut rows = match <[Content; 1]>::try_from(read) {
        Ok([only]) => only,
        Err(several) => sum(several, options)?,
    };
    rows.report.series = names;
    Ok(rows)
}

fn choose<'a, 'b>(
    all: &'a [Series<'b>],
    choice: &SeriesChoice,
) -> Result<Vec<&'a Series<'b>>, TraceError> {
    let fits = |series: &&Series| {
        let has = |(name, value): &(String, String)| series.metric.get(name) == Some(value);
        choice.labels.iter().all(has)
    };
    let chosen: Vec<_> = all.iter().filter(fits).collect();
    match (chosen.len(), choice.combine) {
        (0, _) => Err(TraceError::NoSeries { series: all.len() }),
        (1, _) | (_, Combine::Sum) => Ok(chosen),
        (series, Combine::Single) => {
            let first = chosen.into_iter().take(10).map(name).collect();
            Err(TraceError::SeveralSeries { series, first })
        }
    }
}

/// The name of a series as Prometheus writes it: `requests_total{job="web"}`.
fn name(series: &Series) -> String {
    let mut labels = Vec::new();
    let mut name = "";
    for (label, value) in &series.metric {
        if label == "__name__" {
            name = value;
        } else {
            labels.push(format!("{label}={value:?}"));
        }
    }
    if labels.is_empty() && !name.is_empty() {
        return name.to_owned();
    }
    format!("{name}{{{}}}", labels.join(","))
}

/// A file, in which every part knows its line.
#[derive(Clone, Copy)]
struct File<'a> {
    text: &'a str,
}

impl<'a> File<'a> {
    /// The list of series, whatever it is wrapped in.
    fn result(self, text: &'a str) -> Result<&'a str, TraceError> {
        if text.trim_start().starts_with('[') {
            return Ok(text);
        }
        let answer: Answer = self.part(text)?;
        if answer.status.is_some_and(|status| status != "success") {
            let what = answer.error.unwrap_or_else(|| "it does not say why".into());
            return Err(TraceError::QueryFailed(what));
        }
        if let Some(data) = answer.data {
            return self.result(data.get());
        }
        let what = match (answer.result_type.as_deref(), answer.result) {
            (Some("matrix"), Some(result)) => return Ok(result.get()),
            (Some(other), Some(_)) => format!(
                "the result is a {}, the answer to a range query is a matrix",
                cut(other)
            ),
            _ => "this is not the answer of Prometheus to a range query: it has no `data` and no \
                  `result` with a `resultType`"
                .into(),
        };
        Err(TraceError::Json {
            line: self.line(text),
            what,
        })
    }

    /// A part of the file as a `T`.
    fn part<T: Deserialize<'a>>(self, part: &'a str) -> Result<T, TraceError> {
        serde_json::from_str(part).map_err(|error| {
            // The parser counts from the beginning of the part, and a line of the part from one.
            let below = (error.line() as u64).saturating_sub(1);
            let words = error.to_string();
            let what = words
                .rsplit_once(" at line ")
                .map_or(&*words, |(what, _)| what);
            TraceError::Json {
                line: self.line(part) + below,
                what: what.to_owned(),
            }
        })
    }

    /// The samples of a series as rows.
    fn samples(
        self,
        series: &Series<'a>,
        name: &str,
        options: &ReadOptions,
    ) -> Result<Content, TraceError> {
        let mut rows = Content::new(options);
        for &sample in &series.values {
            let place = |fault| TraceError::Sample {
                line: self.line(sample.get()),
                series: name.to_owned(),
                fault,
            };
            if rows.is_full() {
                return Err(TraceError::TooManyRows {
                    line: self.line(sample.get()),
                    limit: options.limits.rows,
                });
            }
            if let Err(fault) = push(&mut rows, sample.get())
                && !rows.counted_only()
            {
                rows.bad(place(fault))?;
            }
        }
        Ok(rows)
    }

    /// The line on which `part`, which is a part of the file, begins.
    fn line(self, part: &str) -> u64 {
        let offset = part
            .as_ptr()
            .addr()
            .saturating_sub(self.text.as_ptr().addr());
        line_at(self.text.as_bytes(), offset)
    }
}

fn line_at(bytes: &[u8], offset: usize) -> u64 {
    let before = &bytes[..offset.min(bytes.len())];
    before.split(|&byte| byte == b'\n').count() as u64
}

/// Takes `[time, "value"]`.
fn push(rows: &mut Content, sample: &str) -> Result<(), FieldFault> {
    let no_sample = || FieldFault::NotASample(cut(sample));
    let (time, value): (&RawValue, &RawValue) =
        serde_json::from_str(sample).map_err(|_| no_sample())?;
    let moment = clock::epoch(time.get()).ok_or_else(no_sample)?;
    let unescaped: String;
    let value = if value.get().starts_with('"') {
        unescaped = serde_json::from_str(value.get()).map_err(|_| no_sample())?;
        unescaped.as_str()
    } else {
        value.get()
    };
    if is_absent(value) {
        rows.report.absent += 1;
        return Ok(());
    }
    rows.push((Clock::Epoch, moment), time.get(), count_milli(value)?)
}

/// True for what stands where there is no number; the marker of a stale series is a NaN, too.
fn is_absent(value: &str) -> bool {
    let value = value.strip_prefix(['+', '-']).unwrap_or(value);
    ["nan", "inf", "null"].contains(&value.to_ascii_lowercase().as_str())
}

/// The sum of several series, time by time.
fn sum(several: Vec<Content>, options: &ReadOptions) -> Result<Content, TraceError> {
    let mut sums: BTreeMap<Instant, (u64, usize)> = BTreeMap::new();
    let mut report = ReadReport::default();
    let count = several.len();
    for Content {
        rows,
        start,
        report: of_one,
        ..
    } in several
    {
        add(&mut report, of_one);
        let Some((_, start)) = start else { continue };
        for row in rows {
            let (sum, series) = sums.entry(start.later(row.offset)).or_default();
            *sum = sum.saturating_add(row.count_milli);
            *series += 1;
        }
    }
    let mut rows = Content::new(options);
    for (time, (sum, series)) in sums {
        let line = 1;
        if rows.is_full() {
            let limit = options.limits.rows;
            return Err(TraceError::TooManyRows { line, limit });
        }
        report.partial += u64::from(series < count);
        let fault = if sum > MAX_COUNT_MILLI {
            Err(FieldFault::TooLarge((sum / 1_000).to_string()))
        } else {
            rows.push((Clock::Epoch, time), "", sum)
        };
        fault.map_err(|fault| TraceError::Sample {
            line,
            series: format!("sum of {count}"),
            fault,
        })?;
    }
    rows.report = report;
    Ok(rows)
}

fn add(report: &mut ReadReport, of_one: ReadReport) {
    report.repeats += of_one.repeats;
    report.absent += of_one.absent;
    let unlisted = of_one.skipped - of_one.first_skipped.len() as u64;
    of_one
        .first_skipped
        .into_iter()
        .for_each(|error| report.skip(error));
    report.skipped += unlisted;
}
