//! The replay of this project's own small trace: numbers that always run.

use quorate::autoscale::Strategy;
use quorate::autoscale::quorate::Quorate;
use quorate_sim::load::Trace;
use quorate_sim::replay::{Model, QuorateScaler, Scaler, Score, replay};

use crate::contenders::{CONTENDERS, Service, shipped};

const FLASH_DAY: &[u8] = include_bytes!("../../data/flash_day.csv");

fn trace() -> Trace {
    Trace::parse("flash_day.csv", FLASH_DAY).unwrap()
}

fn service(trace: &Trace) -> Service {
    Service {
        interval: trace.step(),
        node_requests_milli: trace.peak_milli() / 40,
    }
}

fn play(trace: &Trace, scaler: &mut dyn Scaler) -> Score {
    let counts = trace.rows().iter().map(|row| row.count_milli);
    replay(
        Model::default(),
        trace.peak_milli(),
        trace.step(),
        counts,
        scaler,
    )
    .unwrap()
}

/// Minutes, node-hours, flips, actions.
const EXPECTED: [(&str, [u64; 4]); CONTENDERS.len()] = [
    ("Threshold", [35, 587, 0, 94]),
    ("HPA CPU 70", [30, 254, 1, 33]),
    ("HPA requests 70", [20, 254, 0, 30]),
    ("KPA", [15, 261, 34, 73]),
    ("Nomad", [20, 260, 18, 60]),
    ("Quorate thrifty", [15, 264, 1, 44]),
    ("Quorate default", [15, 274, 1, 45]),
    ("shipped threshold", [35, 587, 0, 94]),
    ("shipped hpa, CPU 70", [30, 254, 1, 33]),
    ("shipped hpa, requests 70", [20, 254, 0, 30]),
    ("shipped kpa", [10, 262, 34, 73]),
    ("shipped nomad", [40, 252, 11, 43]),
    ("shipped wpa", [555, 269, 1, 35]),
    ("shipped step_scaling", [25, 344, 0, 46]),
];

#[test]
fn every_contender_has_its_numbers() {
    let trace = trace();
    for (contender, (name, expected)) in CONTENDERS.iter().zip(EXPECTED) {
        let score = play(&trace, &mut *(contender.fresh)(service(&trace)));
        let found = [
            score.minutes(),
            score.node_hours(),
            score.flips,
            score.actions,
        ];
        assert_eq!((contender.name, found), (name, expected));
    }
}

#[test]
fn guards_and_observations_change_nothing_where_nothing_is_forbidden() {
    let trace = trace();
    let policy = Quorate::default();
    let alone = play(&trace, &mut QuorateScaler::new(policy));
    let mut behind = shipped(service(&trace), Strategy::Quorate(policy));
    assert_eq!(play(&trace, &mut *behind), alone);
}
