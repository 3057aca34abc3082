//! When metrics are not believed.

use std::collections::BTreeMap;

use quorate::autoscale::guard::{
    Disagreement, Distrust, DistrustHold, DistrustSettings, Doubt, GuardNumbers, GuardReason,
    GuardRecord, GuardSettings, SummedMetric,
};
use quorate::autoscale::{
    Bounds, Metric, MetricName, NodeSample, NodeState, Observation, Resource,
};
use quorate::{Micros, NodeId};

use crate::fleet::{Bench, nodes, secs};

fn bench(settings: DistrustSettings) -> Bench {
    Bench::new(GuardSettings {
        distrust: Some(Distrust::new(settings).unwrap()),
        ..GuardSettings::default()
    })
}

const OFF: DistrustSettings = DistrustSettings {
    hold: DistrustHold::Removals,
    min_fresh_permille: None,
    frozen_after: None,
    loaded_from: 50,
    disagreements: Vec::new(),
};

fn stale(share: u32, hold: DistrustHold) -> Bench {
    bench(DistrustSettings {
        hold,
        min_fresh_permille: Some(share),
        ..OFF
    })
}

const STALE: Metric = Metric::Stale {
    value: 10,
    age: Micros::from_secs(60),
};

fn of(fresh: u32, old: u32) -> Vec<NodeSample> {
    [(1, fresh, Metric::Fresh(10)), (101, old, STALE)]
        .into_iter()
        .filter(|(_, count, _)| *count > 0)
        .map(|(first, count, cpu)| nodes(first, count, NodeState::Ready, cpu))
        .collect()
}

fn doubt(record: &GuardRecord) -> Option<Doubt> {
    match record.verdicts().next().unwrap().numbers {
        GuardNumbers::Distrust { doubt } => doubt,
        _ => panic!("distrust comes first"),
    }
}

#[test]
fn too_few_fresh_values_hold_removals() {
    let mut bench = stale(700, DistrustHold::Removals);
    assert_eq!(bench.judge_fleet(of(7, 3), 2, secs(0)).target(), 2);
    let held = bench.judge_fleet(of(6, 4), 2, secs(1));
    assert_eq!(held.target(), 10);
    assert_eq!(held.binding().unwrap().reason, GuardReason::StaleMetrics);
    assert_eq!(bench.judge_fleet(of(6, 4), 20, secs(2)).target(), 20);
}

#[test]
fn they_hold_both_directions_if_told_to() {
    let mut bench = stale(700, DistrustHold::Both);
    assert_eq!(bench.judge_fleet(of(6, 4), 2, secs(1)).target(), 10);
    assert_eq!(bench.judge_fleet(of(6, 4), 20, secs(2)).target(), 10);
}

#[test]
fn a_node_without_values_or_with_one_old_one_is_not_fresh() {
    let mut bench = stale(1_000, DistrustHold::Removals);
    let silent = vec![NodeSample::unmeasured(NodeId(1), NodeState::Ready)];
    assert!(doubt(&bench.judge_fleet(silent, 1, secs(0))).is_some());
    let mixed = vec![NodeSample {
        memory: STALE,
        ..nodes(1, 1, NodeState::Ready, Metric::Fresh(5))
    }];
    assert!(doubt(&bench.judge_fleet(mixed, 1, secs(0))).is_some());
    let starting = vec![NodeSample::unmeasured(NodeId(1), NodeState::Starting)];
    assert!(doubt(&bench.judge_fleet(starting, 1, secs(0))).is_none());
}

fn frozen() -> Bench {
    bench(DistrustSettings {
        frozen_after: Some(secs(600)),
        ..OFF
    })
}

fn reading(cpu: i64) -> Vec<NodeSample> {
    vec![nodes(1, 10, NodeState::Ready, Metric::Fresh(cpu))]
}

#[test]
fn readings_that_do_not_move_under_load_hold_removals() {
    let mut bench = frozen();
    assert_eq!(bench.judge_fleet(reading(300), 5, secs(0)).target(), 5);
    assert_eq!(bench.judge_fleet(reading(300), 5, secs(599)).target(), 5);
    let held = bench.judge_fleet(reading(300), 5, secs(600));
    assert_eq!(held.target(), 10);
    assert_eq!(
        doubt(&held),
        Some(Doubt::Frozen {
            unchanged_for: secs(600)
        })
    );
    assert_eq!(
        bench.judge_fleet(reading(301), 5, secs(615)).target(),
        5,
        "one unit is enough"
    );
    assert_eq!(bench.judge_fleet(reading(301), 5, secs(1_214)).target(), 5);
    assert_eq!(bench.judge_fleet(reading(301), 5, secs(1_215)).target(), 10);
}

#[test]
fn an_idle_fleet_may_read_the_same_for_hours() {
    let mut bench = frozen();
    bench.judge_fleet(reading(49), 5, secs(0));
    assert_eq!(bench.judge_fleet(reading(49), 5, secs(9_000)).target(), 5);
    let waiting = || {
        vec![NodeSample {
            queue: Metric::Fresh(1),
            ..nodes(1, 10, NodeState::Ready, Metric::Fresh(0))
        }]
    };
    bench.judge_fleet(waiting(), 5, secs(9_001));
    assert_eq!(bench.judge_fleet(waiting(), 5, secs(9_601)).target(), 10);
}

#[test]
fn zero_and_absent_are_different_readings() {
    let mut bench = frozen();
    let with = |memory| {
        vec![NodeSample {
            memory,
            ..nodes(1, 10, NodeState::Ready, Metric::Fresh(500))
        }]
    };
    bench.judge_fleet(with(Metric::Absent), 5, secs(0));
    assert_eq!(
        bench
            .judge_fleet(with(Metric::Fresh(0)), 5, secs(600))
            .target(),
        5
    );
}

fn disagreeing(sum_of: SummedMetric) -> Bench {
    bench(DistrustSettings {
        disagreements: vec![Disagreement {
            sum_of,
            against: MetricName::new("fleet_load").unwrap(),
            permille: 200,
        }],
        ..OFF
    })
}

fn reported(cpu: Metric, fleet_load: Metric) -> Observation {
    let metrics = BTreeMap::from([(MetricName::new("fleet_load").unwrap(), fleet_load)]);
    let nodes = vec![nodes(1, 10, NodeState::Ready, cpu)];
    Observation::with_metrics(nodes, metrics).unwrap()
}

#[test]
fn two_sources_that_differ_hold_removals() {
    let mut bench = disagreeing(SummedMetric::Resource(Resource::Cpu));
    let mut judge = |cpu, load| {
        let record = bench.judge_observation(&reported(cpu, load), 5, secs(0));
        (record.target(), doubt(&record))
    };
    let fresh = Metric::Fresh;
    assert_eq!(
        judge(fresh(400), fresh(5_000)),
        (5, None),
        "a fifth of the larger"
    );
    let doubt = Doubt::Disagreeing {
        pair: 0,
        sum: 4_000,
        reported: 5_001,
    };
    assert_eq!(judge(fresh(400), fresh(5_001)), (10, Some(doubt)));
    assert_eq!(judge(fresh(0), fresh(0)).0, 5);
    assert_eq!(judge(fresh(-1), fresh(1)).0, 10);
    assert_eq!(judge(fresh(i64::MAX), fresh(i64::MIN)).0, 10);
    assert_eq!(
        judge(STALE, fresh(9)).0,
        5,
        "what is not known does not disagree"
    );
    assert_eq!(judge(fresh(9), Metric::Absent).0, 5);
}

#[test]
fn a_metric_of_the_hosts_own_can_be_compared() {
    let name = || MetricName::new("requests").unwrap();
    let mut bench = disagreeing(SummedMetric::Custom(name()));
    let observation = |requests| {
        let node = NodeSample {
            custom: BTreeMap::from([(name(), Metric::Fresh(requests))]),
            ..nodes(1, 4, NodeState::Ready, Metric::Absent)
        };
        let metrics =
            BTreeMap::from([(MetricName::new("fleet_load").unwrap(), Metric::Fresh(400))]);
        Observation::with_metrics(vec![node], metrics).unwrap()
    };
    let mut target = |requests| {
        bench
            .judge_observation(&observation(requests), 1, secs(0))
            .target()
    };
    assert_eq!(target(100), 1);
    assert_eq!(target(10), 4);
}

#[test]
fn bounds_do_not_rest_on_metrics() {
    let mut bench = Bench::new(GuardSettings {
        bounds: Bounds::new(1, 8).unwrap(),
        distrust: Some(Distrust::default()),
        ..GuardSettings::default()
    });
    let held = bench.judge_fleet(of(1, 9), 2, secs(0));
    assert_eq!(
        held.target(),
        8,
        "held at ten by distrust, brought to eight by the bounds"
    );
    assert_eq!(held.binding().unwrap().reason, GuardReason::MaxNodes);
}
