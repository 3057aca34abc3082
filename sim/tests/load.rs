//! Load curves: recorded and synthetic, and the specifications that ask for them.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::sync::Arc;

use proptest::prelude::*;
use quorate::Micros;
use quorate_sim::load::{Gaps, LoadCurve, LoadError, LoadSpec, Trace, TraceSpec};

const FLASH_DAY: &[u8] = include_bytes!("../data/flash_day.csv");

const fn secs(secs: u64) -> Micros {
    Micros::from_secs(secs)
}

fn parse(text: &str) -> Trace {
    Trace::parse("test.csv", text.as_bytes()).unwrap()
}

fn synthetic(json: &str) -> LoadCurve {
    LoadCurve::build(&serde_json::from_str(json).unwrap(), None).unwrap()
}

fn played(trace: &Arc<Trace>, from: Option<&str>, speed: u32) -> Result<LoadCurve, LoadError> {
    let spec = TraceSpec {
        from: from.map(str::to_owned),
        speed,
        ..TraceSpec::of(trace)
    };
    LoadCurve::build(&LoadSpec::Trace(spec), Some(Arc::clone(trace)))
}

#[test]
fn the_invented_day_follows_its_formula() {
    let trace = Trace::parse("flash_day.csv", FLASH_DAY).unwrap();
    let day = synthetic(r#"{ "kind": "diurnal", "low": 2, "high": 8, "period_s": 86400 }"#);
    let crowd = synthetic(
        r#"{ "kind": "flash_crowd", "base": 0, "peak": 30, "at_s": 46800, "rise_s": 900,
             "hold_s": 1800, "fall_s": 5400 }"#,
    );
    assert_eq!(trace.rows().len(), 288);
    assert_eq!((trace.step(), trace.gaps()), (secs(300), Gaps::default()));
    assert_eq!(trace.start().to_string(), "2025-01-15T00:00:00");
    for (i, row) in (0_u64..).zip(trace.rows()) {
        let at = secs(i * 300);
        let count = (day.rate_at(at) + crowd.rate_at(at)) * 300 / 1_000 + 7_919 * i % 97;
        assert_eq!(
            (row.offset, row.count_milli),
            (at, count * 1_000),
            "row {i}"
        );
    }
}

#[test]
fn a_trace_is_played_from_somewhere_at_some_speed() {
    let trace = Arc::new(Trace::parse("flash_day.csv", FLASH_DAY).unwrap());
    let real = played(&trace, None, 1).unwrap();
    let fast = played(&trace, None, 60).unwrap();
    for second in [0, 1, 4, 5, 6, 787, 1_439, 1_440, 9_999] {
        assert_eq!(fast.rate_at(secs(second)), real.rate_at(secs(second * 60)));
    }
    assert!(!real.ended(secs(86_399)) && real.ended(secs(86_400)));
    assert!(!fast.ended(secs(1_439)) && fast.ended(secs(1_440)));
    assert!(fast.ended(Micros::MAX));
    assert_eq!(
        fast.rate_at(Micros::MAX),
        real.rate_at(secs(86_100)),
        "the last row holds"
    );

    let noon = played(&trace, Some("2025-01-15 13:20:00"), 60).unwrap();
    assert_eq!(noon.rate_at(Micros::ZERO), real.rate_at(secs(48_000)));
    let LoadCurve::Trace(load) = &noon else {
        unreachable!("the load is a trace")
    };
    assert_eq!(load.date_time(secs(2)).to_string(), "2025-01-15T13:22:00");
    assert_eq!(
        load.date_time(Micros::MAX).to_string(),
        "2025-01-15T23:55:00"
    );
    assert!(played(&trace, Some("2025-01-15"), 1).is_ok());
    assert!(played(&trace, Some("2025-01-15T23:55"), 1).is_ok());
}

#[test]
fn a_wrong_start_says_what_the_trace_covers() {
    let trace = Arc::new(Trace::parse("flash_day.csv", FLASH_DAY).unwrap());
    let refuse = |from| played(&trace, Some(from), 1).unwrap_err().to_string();
    for from in ["2025-01-16", "2025-01-14T23:59:59", "2025-01-15T23:55:01"] {
        let message = refuse(from);
        assert!(
            message
                .ends_with(" is outside of the trace, 2025-01-15T00:00:00 to 2025-01-15T23:55:00"),
            "{message}"
        );
    }
    assert_eq!(
        refuse("noon"),
        "load_from: `noon` is not a date like 1998-07-07 or 1998-07-07 18:30:00"
    );
}

#[test]
fn only_the_trace_that_is_asked_for_is_played() {
    let trace = Arc::new(parse("period,count\n0,1\n60,2\n"));
    let other = Arc::new(parse("period,count\n0,1\n60,3\n"));
    let spec = LoadSpec::Trace(TraceSpec::of(&trace));
    assert!(LoadCurve::build(&spec, Some(Arc::clone(&trace))).is_ok());
    assert_eq!(
        LoadCurve::build(&spec, None).unwrap_err().to_string(),
        format!(
            "the load needs the file test.csv (2 rows, hash {})",
            trace.hash()
        )
    );
    let message = LoadCurve::build(&spec, Some(other))
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("; this is test.csv (2 rows, hash "),
        "{message}"
    );
    let LoadSpec::Trace(fewer) = &spec else {
        unreachable!("the load is a trace")
    };
    let fewer = LoadSpec::Trace(TraceSpec {
        rows: 3,
        ..fewer.clone()
    });
    assert!(LoadCurve::build(&fewer, Some(Arc::clone(&trace))).is_err());
    let constant = LoadSpec::Constant {
        requests_per_second: 1,
    };
    assert_eq!(
        LoadCurve::build(&constant, Some(trace))
            .unwrap_err()
            .to_string(),
        "the file test.csv was given, but the load of the scenario is synthetic"
    );
}

#[test]
fn specifications_survive_json_and_refuse_what_they_do_not_know() {
    let trace = parse("period,count\n0,1\n60,2\n");
    let spec = LoadSpec::Trace(TraceSpec::of(&trace));
    let json = serde_json::to_string(&spec).unwrap();
    assert_eq!(
        json,
        format!(
            r#"{{"kind":"trace","hash":"{}","name":"test.csv","rows":2,"speed":1}}"#,
            trace.hash()
        )
    );
    assert_eq!(serde_json::from_str::<LoadSpec>(&json).unwrap(), spec);
    let refusals = [
        (
            r#"{"kind":"constant","requests_per_second":4,"low":2}"#,
            "unknown field `low`",
        ),
        (
            r#"{"kind":"constant"}"#,
            "missing field `requests_per_second`",
        ),
        (r#"{"kind":"constant","requests_per_second":-4}"#, "-4"),
        (r#"{"kind":"square"}"#, "unknown variant `square`"),
        (
            r#"{"kind":"trace","name":"a","rows":2,"hash":"12"}"#,
            "16 hexadecimal digits",
        ),
        (
            r#"{"kind":"trace","name":"a","rows":2,"hash":"+123456789abcdef"}"#,
            "16 hexadecimal digits",
        ),
        (
            r#"{"kind":"trace","name":"a","rows":2,"hash":"0123456789abcdef","until":1}"#,
            "unknown field `until`",
        ),
    ];
    for (json, reason) in refusals {
        let error = serde_json::from_str::<LoadSpec>(json)
            .unwrap_err()
            .to_string();
        assert!(error.contains(reason), "{json}: {error}");
    }
}

#[test]
fn synthetic_loads_that_make_no_sense_are_refused() {
    let refuse = |json| {
        let spec: LoadSpec = serde_json::from_str(json).unwrap();
        LoadCurve::build(&spec, None).unwrap_err().to_string()
    };
    assert_eq!(
        refuse(r#"{"kind":"constant","requests_per_second":1000000001}"#),
        "load.requests_per_second: 1000000001 requests per second are more than 1000000000"
    );
    assert_eq!(
        refuse(r#"{"kind":"diurnal","low":5,"high":4,"period_s":60}"#),
        "load.low (5) is larger than load.high (4)"
    );
    assert_eq!(
        refuse(r#"{"kind":"diurnal","low":4,"high":5,"period_s":0}"#),
        "load.period_s must not be 0"
    );
    let trace = Arc::new(parse("0,1\n60,2\n"));
    assert_eq!(played(&trace, None, 0), Err(LoadError::NoSpeed));
    let flat = r#"{"kind":"diurnal","low":1000000000,"high":1000000000,"period_s":60}"#;
    assert_eq!(
        synthetic(flat).rate_at(secs(30)),
        1_000_000_000_000,
        "the limit itself is fine"
    );
}

#[test]
fn the_day_is_a_sine() {
    let day = synthetic(r#"{"kind":"diurnal","low":100,"high":300,"period_s":360}"#);
    let rates = [
        (0, 100_000),
        (60, 150_000),
        (180, 300_000),
        (300, 150_000),
        (360, 100_000),
    ];
    for (at, rate) in rates {
        assert!(
            day.rate_at(secs(at)).abs_diff(rate) <= 1,
            "at {at}: {}",
            day.rate_at(secs(at))
        );
    }
    for at in 0..=720_u32 {
        let phase = f64::from(at) * std::f64::consts::PI / 360.0;
        let exact = 100_000.0 + 200_000.0 * phase.sin().powi(2);
        let rate = f64::from(u32::try_from(day.rate_at(secs(u64::from(at)))).unwrap());
        assert!(
            (rate - exact).abs() < 0.0033 * 200_000.0,
            "at {at}: {rate} {exact}"
        );
    }
    assert!(!day.ended(Micros::MAX));
}

#[test]
fn the_crowd_comes_and_goes() {
    let crowd = synthetic(
        r#"{"kind":"flash_crowd","base":100,"peak":500,"at_s":60,"rise_s":40,"hold_s":30,"fall_s":80}"#,
    );
    let rates = [
        (0, 100),
        (59, 100),
        (60, 100),
        (70, 200),
        (99, 490),
        (100, 500),
        (129, 500),
        (130, 500),
        (170, 300),
        (209, 105),
        (210, 100),
        (100_000, 100),
    ];
    for (at, rate) in rates {
        assert_eq!(crowd.rate_at(secs(at)), rate * 1_000, "at {at}");
    }
    let jump = synthetic(
        r#"{"kind":"flash_crowd","base":1,"peak":5,"at_s":60,"rise_s":0,"hold_s":30,"fall_s":0}"#,
    );
    let rates = [(59, 1), (60, 5), (89, 5), (90, 1)];
    for (at, rate) in rates {
        assert_eq!(jump.rate_at(secs(at)), rate * 1_000, "at {at}");
    }
}

proptest! {
    #[test]
    fn the_curves_stay_between_their_ends(
        low in 0..1_000_000_000u64,
        more in 0..1_000_000u64,
        spans in prop::array::uniform4(prop_oneof![0..1_000u64, any::<u64>()]),
        now in any::<u64>(),
    ) {
        let [at_s, rise_s, hold_s, fall_s] = spans;
        let high = (low + more).min(1_000_000_000);
        let day = LoadSpec::Diurnal { low, high, period_s: at_s.max(1) };
        let crowd = LoadSpec::FlashCrowd { base: low, peak: high, at_s, rise_s, hold_s, fall_s };
        for spec in [day, crowd] {
            let curve = LoadCurve::build(&spec, None).unwrap();
            for now in [now, now % 4_000_000_000] {
                let rate = curve.rate_at(Micros(now));
                prop_assert!((low * 1_000..=high * 1_000).contains(&rate), "{rate}");
            }
        }
    }
}
