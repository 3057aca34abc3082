//! Reading histories: what is written is read again, and a hole is an error with its line.

use proptest::prelude::*;
use quorate_sim::linearizability::format::{
    Format, ReadError, Recorded, to_jsonl, versioned_to_jsonl,
};
use quorate_sim::linearizability::generate::{Appends, Options, linearizable};
use quorate_sim::linearizability::{HistoryError, Recorder, Value, VersionedAnswer, VersionedCall};

use super::verdicts::{LOST_APPEND, OVERLAPPING, TIMED_OUT};

fn refusal(history: &str, format: Format) -> String {
    Recorded::read(history.as_bytes(), format)
        .unwrap_err()
        .to_string()
}

fn in_jsonl(lines: &[&str]) -> String {
    refusal(&lines.join("\n"), Format::JsonLines)
}

const WRITE: &str = r#"{"client":1,"type":"invoke","op":"write","key":"x","value":1}"#;
const OK: &str = r#"{"client":1,"type":"ok"}"#;

#[test]
fn the_format_is_guessed_from_the_first_line() {
    let guess = |text: &str| Format::guess(text.as_bytes());
    assert_eq!(guess(OVERLAPPING), Ok(Format::JsonLines));
    assert_eq!(guess(LOST_APPEND), Ok(Format::KeyValue));
    assert_eq!(guess(TIMED_OUT), Ok(Format::Jepsen));
    assert_eq!(
        guess("\n\nhello"),
        Err(ReadError::UnknownFormat { line: 3 })
    );
    assert_eq!(guess(" \n"), Err(ReadError::Empty));
    assert_eq!(
        Format::guess(b"{}\n\xff"),
        Err(ReadError::NotText { line: 2 })
    );
}

#[test]
fn a_hole_is_an_error_with_its_line() {
    assert_eq!(
        in_jsonl(&[OK]),
        "line 1: client 1 gets an answer and has nothing open: a call is missing"
    );
    assert_eq!(
        in_jsonl(&[WRITE, "", WRITE]),
        "line 3: client 1 asks again, while its operation of line 1 is open"
    );
    let twice = refusal(
        "INFO jepsen.util - 3 :invoke :read nil\nINFO jepsen.util - 3 :invoke :read nil",
        Format::Jepsen,
    );
    assert!(twice.starts_with("line 2: client 3 asks again"), "{twice}");
    let hole = refusal(
        r#"{:process 4, :type :ok, :f :get, :key "a", :value "x"}"#,
        Format::KeyValue,
    );
    assert!(
        hole.starts_with("line 1: client 4 gets an answer"),
        "{hole}"
    );
}

#[test]
fn a_line_that_is_cut_off_is_an_error_with_its_line() {
    assert_eq!(in_jsonl(&[WRITE, &OK[..20]]), "line 2: the line is cut off");
    let first = TIMED_OUT.trim_start().lines().next().unwrap();
    for length in [0, 10, 24, 35] {
        let cut = format!("{first}\n{}", &first[..length]);
        let read = Recorded::read(cut.as_bytes(), Format::Jepsen);
        // As much as `INFO  jeps` may be a line of something else.
        assert_eq!(read.is_err(), length >= 24, "{cut}");
    }
    let first = LOST_APPEND.trim_start().lines().next().unwrap();
    for length in 1..first.len() {
        let error = refusal(&first[..length], Format::KeyValue);
        assert!(error.starts_with("line 1: "), "{length}: {error}");
    }
}

#[test]
fn every_bad_field_is_named() {
    let bad = [
        (
            r#"{"client":1,"type":"invoke","op":"read"}"#,
            "`key` is missing",
        ),
        (
            r#"{"client":1,"type":"invoke","key":"x"}"#,
            "`op` is missing",
        ),
        (
            r#"{"client":1,"type":"invoke","op":"write","key":"x"}"#,
            "`value` is missing",
        ),
        (
            r#"{"client":1,"type":"invoke","op":"write","key":"x","value":1.5}"#,
            "`value`: 1.5 is no integer of 64 bits",
        ),
        (
            r#"{"client":1,"type":"invoke","op":"append","key":"x","value":3}"#,
            "`value`: only a text can be appended",
        ),
        (
            r#"{"client":1,"type":"invoke","op":"cas","key":"x","value":3}"#,
            "`expected` is missing",
        ),
        (
            r#"{"client":1,"type":"invoke","op":"swap","key":"x","value":3}"#,
            "unknown variant `swap`",
        ),
        (r#"{"client":1,"tpye":"invoke"}"#, "unknown field `tpye`"),
        (
            r#"{"client":1,"type":"invoke","op":"append","key":"x","value":"a","version":2}"#,
            "`version`: only `cas` asks for one",
        ),
    ];
    for (line, what) in bad {
        let error = in_jsonl(&[line]);
        assert!(
            error.starts_with("line 1: ") && error.contains(what),
            "{error}"
        );
    }
    let elsewhere = r#"{"client":1,"type":"ok","key":"y"}"#;
    assert!(in_jsonl(&[WRITE, elsewhere]).contains("another call than that of line 1"));
    let early = WRITE.replace('}', r#","time":9}"#);
    let back = OK.replace('}', r#","time":8}"#);
    assert_eq!(
        in_jsonl(&[&early, &back]),
        "line 2: time runs backwards, from 9 to 8"
    );
}

#[test]
fn an_answer_to_another_call_is_a_hole_too() {
    let jepsen = "INFO jepsen.util - 3 :invoke :write 1\nINFO jepsen.util - 3 :ok :write 2";
    assert_eq!(
        refusal(jepsen, Format::Jepsen),
        "line 2: process 3 gets the answer to another call than that of line 1"
    );
}

#[test]
fn what_is_not_about_a_process_is_passed_over() {
    let log = "INFO  jepsen.core - Worker 3 starting\nINFO jepsen.util - :nemesis :info :start nil\n\
               INFO jepsen.util - 3 :invoke :write 1";
    let recorded = Recorded::read(log.as_bytes(), Format::Jepsen).unwrap();
    assert_eq!(recorded.check(100).operations, 1);
    assert_eq!(
        Recorded::read(b"INFO  jepsen.core - Worker 3 starting", Format::Jepsen),
        Err(ReadError::Empty)
    );
}

#[test]
fn a_history_error_keeps_its_kind() {
    let read = Recorded::read(OK.as_bytes(), Format::JsonLines);
    let error = HistoryError::AnswerWithoutCall { client: 1 };
    assert_eq!(read, Err(ReadError::History { line: 1, error }));
}

#[test]
fn versions_survive_a_round_trip() {
    let mut recorder = Recorder::default();
    let put = VersionedCall::Put(Some(Value::Integer(i128::from(u64::MAX))));
    recorder.call(1, 1, "x".into(), put).unwrap();
    let version = Some(4);
    recorder
        .answer(2, 1, VersionedAnswer::Done { version })
        .unwrap();
    let cas = VersionedCall::CompareAndSet {
        version: 3,
        new: None,
    };
    recorder.call(3, 1, "x".into(), cas).unwrap();
    recorder
        .answer(4, 1, VersionedAnswer::Different { version })
        .unwrap();
    recorder.call(5, 1, "x".into(), VersionedCall::Get).unwrap();
    let history = recorder.finish();
    let text = versioned_to_jsonl(&history);
    let read = Recorded::read(text.as_bytes(), Format::JsonLines);
    assert_eq!(read, Ok(Recorded::Versioned(history)));
}

proptest! {
    #[test]
    fn a_history_survives_a_round_trip(seed in any::<u64>(), operations in 1..60_usize) {
        let options = Options {
            operations,
            keys: 3,
            clients: 4,
            values: 5,
            unknown_permille: 100,
            appends: if seed % 2 == 0 { Appends::Always } else { Appends::Never },
        };
        let history = linearizable(&options, seed);
        let text = to_jsonl(&history);
        let read = Recorded::read(text.as_bytes(), Format::JsonLines).unwrap();
        let Recorded::Registers(_, again) = &read else {
            panic!("there are no versions");
        };
        // Positions may shift, where somebody gave up; a second trip changes nothing more.
        prop_assert_eq!(again.operations().len(), history.operations().len());
        prop_assert_eq!(to_jsonl(again), text);
    }
}
