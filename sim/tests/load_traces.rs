//! The public traces. They are not kept here: the feature `traces` says that they are at hand.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::path::Path;
use std::sync::Arc;

use quorate::Micros;
use quorate_sim::load::{Gaps, LoadCurve, LoadSpec, Trace, TraceSpec};

fn read(name: &str) -> Trace {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data/traces")
        .join(name);
    let bytes = std::fs::read(&path).unwrap();
    Trace::parse(name, &bytes).unwrap()
}

#[test]
fn worldcup98_is_read_whole() {
    let trace = read("worldcup98_requests_per_minute.csv");
    assert_eq!(trace.rows().len(), 125_300);
    assert_eq!(trace.step(), Micros::from_secs(60));
    assert_eq!(trace.start().to_string(), "1998-04-30T21:30:00");
    assert_eq!(trace.total_milli(), 1_352_804_107_000);
    assert_eq!(trace.peak_milli(), 229_426_000);
    let gaps = Gaps {
        count: 7,
        missing_rows: 10,
        longest: Micros::from_secs(240),
        early_rows: 0,
    };
    assert_eq!(trace.gaps(), gaps);

    let trace = Arc::new(trace);
    let spec = TraceSpec {
        from: Some("1998-07-07".to_owned()),
        speed: 60,
        ..TraceSpec::of(&trace)
    };
    let load = LoadCurve::build(&LoadSpec::Trace(spec), Some(Arc::clone(&trace))).unwrap();
    let LoadCurve::Trace(played) = &load else {
        unreachable!("the load is a trace")
    };
    let minute = |at: u64| played.date_time(Micros::from_secs(at)).to_string();
    assert_eq!(minute(0), "1998-07-07T00:00:00");
    assert_eq!(minute(1_439), "1998-07-07T23:59:00");
    assert!(!load.ended(Micros::from_secs(1_440)));
}

#[test]
fn the_benchmark_traces_are_read_whole() {
    let traces = [
        ("nab_Twitter_volume_AAPL.csv", 15_902, 300, 0, 13_479_000),
        ("nab_elb_request_count_8c0756.csv", 4_032, 300, 8, 656_000),
        ("nab_grok_asg_anomaly.csv", 4_621, 300, 0, 45_623),
        ("nab_nyc_taxi.csv", 10_320, 1_800, 0, 39_197_000),
    ];
    for (name, rows, step, gaps, peak_milli) in traces {
        let trace = read(name);
        assert_eq!(trace.rows().len(), rows, "{name}");
        assert_eq!(trace.step(), Micros::from_secs(step), "{name}");
        assert_eq!(trace.gaps().count, gaps, "{name}");
        assert_eq!(trace.peak_milli(), peak_milli, "{name}");
    }
}
