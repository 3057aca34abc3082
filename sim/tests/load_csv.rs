//! Traces from CSV: what is found, what is counted, and what is refused with line and column.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use proptest::prelude::*;
use quorate::Micros;
use quorate_sim::load::{Column, FieldFault, Gaps, Limits, Trace, TraceError};

const fn secs(secs: u64) -> Micros {
    Micros::from_secs(secs)
}

fn parse(text: &str) -> Trace {
    Trace::parse("test.csv", text.as_bytes()).unwrap()
}

fn refuse(text: &str) -> String {
    Trace::parse("test.csv", text.as_bytes())
        .unwrap_err()
        .to_string()
}

#[test]
fn a_trace_is_a_staircase() {
    let trace = parse("period,count\n1998-07-07 00:00:00,60\n1998-07-07 00:01:00,90.5\n");
    assert_eq!((trace.step(), trace.duration()), (secs(60), secs(120)));
    assert_eq!((trace.peak_milli(), trace.total_milli()), (90_500, 150_500));
    let rates = [
        (0, 1_000),
        (59, 1_000),
        (60, 1_508),
        (119, 1_508),
        (100_000, 1_508),
    ];
    for (at, rate) in rates {
        assert_eq!(trace.rate_at(secs(at)), rate, "at {at} s");
    }
}

#[test]
fn a_gap_holds_the_last_row_and_is_counted() {
    let trace = parse("time,requests\n0,1\n10,2\n20,3\n55,4\n65,5\n70,6\n80,7\n");
    assert_eq!(trace.step(), secs(10));
    assert_eq!(
        trace.gaps(),
        Gaps {
            count: 1,
            missing_rows: 3,
            longest: secs(35),
            early_rows: 1
        }
    );
    assert_eq!(trace.rate_at(secs(54)), 300);
    assert_eq!(trace.rate_at(secs(55)), 400);
    assert_eq!(
        trace.rate_at(secs(70)),
        600,
        "an early row counts as a full step"
    );
}

#[test]
fn the_shorter_of_two_equally_common_distances_is_the_step() {
    assert_eq!(parse("0,1\n60,1\n90,1\n150,1\n180,1\n").step(), secs(30));
}

#[test]
fn headers_separators_and_clocks_are_found() {
    let rows = |text: &str| {
        let trace = parse(text);
        (
            trace.start().to_string(),
            trace.step(),
            trace.rate_at(Micros::ZERO),
        )
    };
    let expected = ("2014-04-10T00:04:00".to_owned(), secs(300), 313);
    for text in [
        "timestamp,value\n2014-04-10 00:04:00,94.0\n2014-04-10 00:09:00,56.0\n",
        "\u{feff}timestamp,value\r\n2014-04-10 00:04:00,94.0\r\n2014-04-10 00:09:00,56.0\r\n",
        "2014-04-10T00:04,94\n2014-04-10T00:09,56",
        "VALUE , Host, TIME\n94, a, 2014-04-10T02:04:00+02:00\n56, b, 2014-04-10T00:09:00Z\n",
        "when,how many\n1397088240,94\n1397088540,56\n\n\n",
        "\"timestamp\",\"value\"\n\"2014-04-10 00:04:00\",\"94\"\n\"2014-04-10 00:09:00\",\"5.6e1\"\n",
    ] {
        assert_eq!(rows(text), expected, "{text:?}");
    }
}

#[test]
fn the_hash_is_that_of_the_content() {
    let plain = parse("period,count\n0,1\n60,2\n");
    for same in [
        "\u{feff}period,count\r\n0,1\r\n60,2",
        "period,count\n\n0,1\n60,2\n\n",
    ] {
        assert_eq!(parse(same).hash(), plain.hash(), "{same:?}");
    }
    for other in ["period,count\n0,1\n60,3\n", "period,counts\n0,1\n60,2\n"] {
        assert_ne!(parse(other).hash(), plain.hash(), "{other:?}");
    }
    // xxh3 of the bytes `period,count\n0,1\n60,2\n`.
    assert_eq!(plain.hash().to_string(), "d49b56a3ecadb06e");
}

#[test]
fn what_is_wrong_is_said_with_line_and_column() {
    let head = "period,count\n1998-07-07 00:00:00,1\n";
    let cases = [
        (
            "1998-07-07 00:01:00,many",
            "line 3, column 2 (count): `many` is not a number",
        ),
        (
            "1998-07-07 00:01:00,",
            "line 3, column 2 (count): `` is not a number",
        ),
        (
            "1998-07-07 00:01:00,-1",
            "line 3, column 2 (count): `-1` is negative",
        ),
        (
            "1998-07-07 00:01:00,1e13",
            "line 3, column 2 (count): `1e13` is larger than 10^12",
        ),
        (
            "1998-07-07 00:01:00,NaN",
            "line 3, column 2 (count): `NaN` is not a number",
        ),
        (
            "1998-07-32 00:01:00,1",
            "line 3, column 1 (period): `1998-07-32 00:01:00` is not a time (YYYY-MM-DD hh:mm:ss, \
             ISO 8601, or seconds since 1970)",
        ),
        (
            "1998-07-07 00:00:00,2",
            "line 3, column 1 (period): 1998-07-07T00:00:00 is not later than 1998-07-07T00:00:00 \
             in the row before",
        ),
        (
            "1998-07-06 23:59:00,1",
            "line 3, column 1 (period): 1998-07-06T23:59:00 is not later than 1998-07-07T00:00:00 \
             in the row before",
        ),
        (
            "1998-07-07 00:01:00Z,1",
            "line 3, column 1 (period): `1998-07-07 00:01:00Z` is written in another way than the \
             time of the first row",
        ),
        (
            "1998-07-07 00:01:00",
            "line 3: 1 fields, the first line has 2",
        ),
        (
            "1998-07-07 00:01:00,1,2",
            "line 3: 3 fields, the first line has 2",
        ),
        (
            "\n\n1998-07-07 00:01:00,2\n\r\n\n1998-07-07 00:02:00,x",
            "line 8, column 2 (count): `x` is not a number",
        ),
    ];
    for (row, message) in cases {
        assert_eq!(
            refuse(&format!("{head}{row}\n1998-07-07 00:05:00,1\n")),
            message
        );
    }
}

/// A logger that says the same thing twice; one that says two things is refused above.
#[test]
fn an_exact_repeat_of_a_row_is_dropped() {
    let repeated = parse("period,count\n0,1\n60,2\n60,2.0\n60,2\n120,3\n");
    assert_eq!(repeated.rows(), parse("0,1\n60,2\n120,3\n").rows());
}

#[test]
fn a_broken_first_row_is_not_taken_for_a_header() {
    assert!(refuse("199x-07-07,5\n1998-07-08,6\n1998-07-09,7\n").starts_with("line 1, column 1: "));
    assert!(
        refuse("1998-07-07,many\n1998-07-08,6\n1998-07-09,7\n").starts_with("line 1, column 2")
    );
}

#[test]
fn files_that_are_no_traces_are_refused() {
    assert_eq!(
        refuse(""),
        "a trace needs at least two rows, the file has 0"
    );
    assert_eq!(
        refuse("period,count\n"),
        "a trace needs at least two rows, the file has 0"
    );
    assert_eq!(
        refuse("period,count\n0,1\n"),
        "a trace needs at least two rows, the file has 1"
    );
    assert_eq!(
        refuse("\na;b\n0;1\n60;2\n"),
        "line 2: a trace needs a time and a number, separated by a comma"
    );
    let binary = Trace::parse("x", b"period,count\n0,\xff\n60,2\n").unwrap_err();
    let column = Column {
        number: 2,
        name: Some("count".to_owned()),
    };
    assert_eq!(
        binary,
        TraceError::Field {
            line: 2,
            column,
            fault: FieldFault::NotText
        }
    );
    let long = refuse(&format!("0,1\n60,{}\n", "x".repeat(10_000)));
    assert!(long.len() < 100, "{long}");
}

#[test]
fn limits_hold() {
    let text = b"period,count\n0,1\n60,2\n120,3\n";
    let within = |bytes, rows| Trace::parse_within("x", text, Limits { bytes, rows });
    assert!(within(text.len(), 3).is_ok());
    assert_eq!(
        within(text.len() - 1, 3),
        Err(TraceError::TooManyBytes {
            bytes: text.len(),
            limit: text.len() - 1
        })
    );
    assert_eq!(
        within(text.len(), 2),
        Err(TraceError::TooManyRows { line: 4, limit: 2 })
    );
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        rows in prop::collection::vec((1..1_000_000u64, 0..1_000_000_000u64), 2..50),
        start in 0..4_000_000_000u64,
    ) {
        use std::fmt::Write as _;

        let mut text = String::from("time,count\n");
        let mut offsets = Vec::new();
        let mut offset = 0;
        for (distance, count) in &rows {
            let (whole, milli) = (count / 1_000, count % 1_000);
            writeln!(text, "{},{whole}.{milli:03}", start + offset).unwrap();
            offsets.push(offset);
            offset += distance;
        }
        let trace = parse(&text);
        prop_assert_eq!(trace.rows().len(), rows.len());
        for ((row, offset), (_, count)) in trace.rows().iter().zip(offsets).zip(&rows) {
            prop_assert_eq!((row.offset, row.count_milli), (secs(offset), *count));
            let expected = u128::from(*count) * 1_000_000 / u128::from(trace.step().0);
            prop_assert_eq!(u128::from(trace.rate_at(row.offset)), expected);
        }
    }

    #[test]
    fn any_bytes_give_a_trace_or_an_error(
        bytes in prop::collection::vec(
            prop_oneof![
                6 => prop::sample::select(b"0123456789,.-: \r\n\"TZe+".to_vec()),
                1 => any::<u8>(),
            ],
            0..300,
        ),
    ) {
        if let Ok(trace) = Trace::parse("noise", &bytes) {
            prop_assert!(trace.rows().len() >= 2);
            prop_assert!(trace.rows().windows(2).all(|pair| pair[0].offset < pair[1].offset));
        }
    }
}
