//! Traces from the answers of Prometheus, and files with bad rows, repeats and holes.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::fmt::Write as _;

use proptest::prelude::*;
use quorate::Micros;
use quorate_sim::load::{
    BadRows, Combine, Limits, MAX_REPORTED, Numbers, ReadOptions, Reading, Row, SeriesChoice, Trace,
};

fn options() -> ReadOptions {
    ReadOptions::default()
}

fn skipping() -> ReadOptions {
    ReadOptions {
        bad_rows: BadRows::Skip,
        ..options()
    }
}

fn choosing(labels: &[(&str, &str)], combine: Combine) -> ReadOptions {
    let labels = labels
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    ReadOptions {
        series: SeriesChoice { labels, combine },
        ..options()
    }
}

fn read(text: &str, options: &ReadOptions) -> Reading {
    Trace::read("x.json", text.as_bytes(), options).unwrap()
}

fn refuse(text: &str, options: &ReadOptions) -> String {
    Trace::read("x.json", text.as_bytes(), options)
        .unwrap_err()
        .to_string()
}

/// The rows as seconds and thousandths.
fn rows(reading: &Reading) -> Vec<(u64, u64)> {
    let pair = |row: &Row| (row.offset.as_secs(), row.count_milli);
    reading.trace.rows().iter().map(pair).collect()
}

/// Two series of a step of 15 s; the first misses a sample, the second has a stale one.
const TWO: &str = r#"{"status": "success", "warnings": ["slow"], "data": {"resultType": "matrix", "result": [
  {"metric": {"__name__": "requests_total", "job": "web", "code": "200"},
   "values": [[1700000000, "2"], [1700000015, "4.5"],
              [1700000045, "1e1"]]},
  {"metric": {"__name__": "requests_total", "job": "web", "code": "500"},
   "values": [[1700000000, "0.5"], [1700000015, "NaN"],
              [1700000030.000, "1"], [1700000045, "2"]]}
]}}"#;

#[test]
fn a_series_is_chosen_by_its_labels() {
    let reading = read(TWO, &choosing(&[("code", "200")], Combine::Single));
    assert_eq!(reading.trace.start().to_string(), "2023-11-14T22:13:20");
    assert_eq!(reading.trace.step(), Micros::from_secs(15));
    assert_eq!(rows(&reading), [(0, 30_000), (15, 67_500), (45, 150_000)]);
    assert_eq!(
        reading.report.series,
        [r#"requests_total{code="200",job="web"}"#]
    );
    assert_eq!(reading.trace.gaps().missing_rows, 1);
    let other = read(TWO, &choosing(&[("code", "500")], Combine::Single));
    assert_eq!(rows(&other), [(0, 7_500), (30, 15_000), (45, 30_000)]);
    assert_eq!(other.report.absent, 1);
    assert_ne!(reading.trace.hash(), other.trace.hash());
}

#[test]
fn several_series_are_added_when_that_is_asked() {
    let sum = read(TWO, &choosing(&[("job", "web")], Combine::Sum));
    assert_eq!(
        rows(&sum),
        [(0, 37_500), (15, 67_500), (30, 15_000), (45, 180_000)]
    );
    assert_eq!((sum.report.partial, sum.report.absent), (2, 1));
    assert_eq!(sum.report.series.len(), 2);
    let several = refuse(TWO, &options());
    assert_eq!(
        several,
        "2 series fit; name labels that only one has, or ask for their sum: \
         requests_total{code=\"200\",job=\"web\"} requests_total{code=\"500\",job=\"web\"}"
    );
    let none = refuse(TWO, &choosing(&[("code", "404")], Combine::Sum));
    assert_eq!(
        none,
        "none of the 2 series has the labels that were asked for"
    );
}

#[test]
fn the_answer_may_be_bare() {
    let result = r#"[{"metric": {}, "values": [[0, "1"], [60, "2"], [120, "3"]]}]"#;
    let data = format!(r#"{{"resultType": "matrix", "result": {result}}}"#);
    let answer = format!("\u{feff}\n {{\"status\": \"success\", \"data\": {data}}}");
    for text in [result, &data, &answer] {
        let reading = read(text, &options());
        assert_eq!(rows(&reading), [(0, 60_000), (60, 120_000), (120, 180_000)]);
        assert_eq!(reading.report.series, ["{}"]);
        assert_eq!(
            Trace::parse("x.json", text.as_bytes()).unwrap(),
            reading.trace
        );
    }
    let counts = ReadOptions {
        numbers: Some(Numbers::Counts),
        ..options()
    };
    let counted = read(result, &counts);
    assert_eq!(rows(&counted), [(0, 1_000), (60, 2_000), (120, 3_000)]);
    assert_ne!(counted.trace.hash(), read(result, &options()).trace.hash());
}

fn one(values: &str) -> String {
    format!("[{{\"metric\": {{\"job\": \"web\"}}, \"values\": [\n{values}\n]}}]")
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    let cases = [
        (
            "[0, \"1\"],\n[60, \"many\"]",
            "line 3, series {job=\"web\"}: `many` is not a number",
        ),
        (
            "[0, \"1\"],\n\n[60, \"-1\"]",
            "line 4, series {job=\"web\"}: `-1` is negative",
        ),
        (
            "[0, \"1\"],\n[60]",
            "line 3, series {job=\"web\"}: `[60]` is not a sample such as [1700000000, \"12.5\"]",
        ),
        (
            "[0, \"1\"],\n[\"now\", \"1\"]",
            "line 3, series {job=\"web\"}: `[\"now\", \"1\"]` is not a sample such as [1700000000, \"12.5\"]",
        ),
        (
            "[0, \"1\"],\n[60, \"1\"],\n[60, \"2\"]",
            "line 4, series {job=\"web\"}: 1970-01-01T00:01:00 is not later than 1970-01-01T00:01:00 in the row before",
        ),
        (
            "[60, \"1\"],\n[0, \"1\"]",
            "line 3, series {job=\"web\"}: 1970-01-01T00:00:00 is not later than 1970-01-01T00:01:00 in the row before",
        ),
        (
            "[0, \"1e13\"],\n[60, \"1\"]",
            "line 2, series {job=\"web\"}: `1e13` is larger than 10^12",
        ),
        ("[0, \"1\"],\n[60, \"1\"", "line 4: expected `,` or `]`"),
    ];
    for (values, message) in cases {
        assert_eq!(refuse(&one(values), &options()), message);
    }
    let whole = [
        ("{", "line 1: EOF while parsing an object"),
        ("[]", "there is no series in the file"),
        (
            "{\"a\": 1}",
            "line 1: this is not the answer of Prometheus to a range query: it has no `data` and no \
          `result` with a `resultType`",
        ),
        (
            "{\"status\": \"success\",\n\"data\": {\"resultType\": \"vector\", \"result\": []}}",
            "line 2: the result is a vector, the answer to a range query is a matrix",
        ),
        (
            "{\"status\": \"error\", \"errorType\": \"bad_data\", \"error\": \"parse error\"}",
            "Prometheus says that the query failed: parse error",
        ),
        (
            "[{\"metric\": {}, \"values\": [[0, \"NaN\"], [60, \"1\"]]}]",
            "a trace needs at least two rows, the file has 1",
        ),
        (
            "[\n{\"values\": 5}]",
            "line 2: invalid type: integer `5`, expected a sequence",
        ),
    ];
    for (text, message) in whole {
        assert_eq!(refuse(text, &options()), message, "{text}");
    }
}

#[test]
fn bad_rows_are_skipped_and_reported_when_that_is_asked() {
    let json = one(
        "[0, \"1\"],\n[60, \"many\"],\n[120, \"2\"],\n[120, \"2\"],\n[120, \"3\"],\n[180, \"+Inf\"],\n[240, \"4\"]",
    );
    let reading = read(&json, &skipping());
    assert_eq!(
        rows(&reading),
        [(0, 120_000), (120, 240_000), (240, 480_000)]
    );
    let report = &reading.report;
    assert_eq!((report.skipped, report.repeats, report.absent), (2, 1, 1));
    let said: Vec<_> = report
        .first_skipped
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(said[0].starts_with("line 3, ") && said[0].ends_with("`many` is not a number"));
    assert!(said[1].starts_with("line 6, "), "{said:?}");

    let csv = "time,count\n0,1\nlater,2\n60,2\n60,2\n60,5\n120,\"3\n\"\n180,1,1\n240,4\n";
    let reading = read(csv, &skipping());
    assert_eq!(
        rows(&reading),
        [(0, 1_000), (60, 2_000), (120, 3_000), (240, 4_000)]
    );
    assert_eq!((reading.report.skipped, reading.report.repeats), (3, 1));
    assert!(
        reading.report.first_skipped[2]
            .to_string()
            .contains("3 fields")
    );
}

#[test]
fn the_list_of_skipped_rows_is_bounded() {
    let mut csv = String::from("time,count\n0,1\n60,2\n");
    for _ in 0..500 {
        csv.push_str("120,many\n");
    }
    let mut json = String::from("[0, \"1\"], [60, \"2\"]");
    for _ in 0..500 {
        let _ = write!(json, ",\n[120, \"many\"]");
    }
    for text in [csv, one(&json)] {
        let report = read(&text, &skipping()).report;
        assert_eq!(
            (report.skipped, report.first_skipped.len()),
            (500, MAX_REPORTED)
        );
    }
}

#[test]
fn limits_hold_for_json_too() {
    let text = one("[0, \"1\"],\n[60, \"1\"],\n[120, \"1\"]");
    let within = |bytes, rows| ReadOptions {
        limits: Limits { bytes, rows },
        ..options()
    };
    assert_eq!(refuse(&text, &within(1_000, 2)), "line 4: more than 2 rows");
    assert_eq!(
        refuse(&text, &within(10, 2)),
        format!("the file has {} bytes, the limit is 10", text.len())
    );
}

#[test]
fn rates_become_counts() {
    let rates = ReadOptions {
        numbers: Some(Numbers::Rates),
        ..options()
    };
    let reading = read("0,0.333\n60,2\n120,0\n", &rates);
    assert_eq!(rows(&reading), [(0, 19_980), (60, 120_000), (120, 0)]);
    let largest = read("0,1e12\n86400,0\n172800,0\n", &rates);
    assert_eq!(largest.trace.peak_milli(), 1_000_000_000_000_000);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is in a file: rows ascend, and everything is a row, a repeat, absent or reported.
    #[test]
    fn nothing_vanishes(samples in prop::collection::vec((0..20_u64, "[0-9]{1,3}|NaN|x|-4"), 0..40)) {
        let values: Vec<_> = samples
            .iter()
            .map(|(time, value)| format!("[{}, \"{value}\"]", time * 60))
            .collect();
        let Ok(reading) = Trace::read("x", one(&values.join(",\n")).as_bytes(), &skipping()) else {
            return Ok(());
        };
        let rows = reading.trace.rows();
        prop_assert!(rows.windows(2).all(|pair| pair[0].offset < pair[1].offset));
        let report = reading.report;
        let told = rows.len() as u64 + report.repeats + report.absent + report.skipped;
        prop_assert_eq!(told, samples.len() as u64);
    }

    #[test]
    fn no_text_breaks_the_reader(noise in "[\\[{][\\[\\]{}\",:0-9a-z \n]{0,60}") {
        let _ = Trace::read("x", noise.as_bytes(), &skipping());
    }
}
