//! How much of the fleet must be ready for a removal.

use quorate::NodeId;
use quorate::autoscale::guard::{GuardNumbers, GuardReason, GuardSettings, ReadyShare};
use quorate::autoscale::{Metric, NodeSample, NodeState};

use crate::fleet::{Bench, nodes, secs};

fn bench(permille: u32) -> Bench {
    Bench::new(GuardSettings {
        ready_share: Some(ReadyShare::new(permille).unwrap()),
        ..GuardSettings::default()
    })
}

fn fleet(ready: u32, unready: u32, starting: u32) -> Vec<NodeSample> {
    [
        (1, ready, NodeState::Ready),
        (1_001, unready, NodeState::Unready),
        (2_001, starting, NodeState::Starting),
    ]
    .into_iter()
    .filter(|(_, count, _)| *count > 0)
    .map(|(first, count, state)| nodes(first, count, state, Metric::Fresh(100)))
    .collect()
}

#[test]
fn what_is_left_must_be_ready_enough_even_if_only_ready_nodes_go() {
    let mut bench = bench(800);
    // 9 of 10: four removed leave 5 of 6 (833), five leave 4 of 5 (800), six leave 3 of 4.
    let held = bench.judge_fleet(fleet(9, 1, 0), 1, secs(0));
    assert_eq!(held.target(), 5);
    let verdict = held.binding().unwrap();
    assert_eq!(verdict.reason, GuardReason::ReadyShare);
    assert_eq!(verdict.frees_at, None);
    assert_eq!(
        verdict.numbers,
        GuardNumbers::ReadyShare {
            ready: 9,
            size: 10,
            permille: 800,
            removable: 5,
            not_ready: vec![NodeId(1_001)]
        }
    );
}

#[test]
fn nothing_goes_while_too_few_are_ready() {
    let mut bench = bench(800);
    assert_eq!(bench.judge_fleet(fleet(7, 3, 0), 1, secs(0)).target(), 10);
    assert_eq!(bench.judge_fleet(fleet(7, 0, 3), 9, secs(0)).target(), 10);
    assert_eq!(
        bench.judge_fleet(fleet(7, 3, 0), 20, secs(0)).target(),
        20,
        "more may come"
    );
}

#[test]
fn a_fleet_that_is_all_ready_may_shrink_to_nothing() {
    for permille in [1, 800, 1_000] {
        assert_eq!(
            bench(permille)
                .judge_fleet(fleet(10, 0, 0), 1, secs(0))
                .target(),
            1
        );
    }
    assert_eq!(
        bench(1_000)
            .judge_fleet(fleet(10, 1, 0), 1, secs(0))
            .target(),
        11
    );
}

#[test]
fn at_most_eight_are_named() {
    let held = bench(900).judge_fleet(fleet(10, 5, 20), 1, secs(0));
    let words = held.binding().unwrap().to_string();
    assert_eq!(
        words,
        "10 of 35 nodes are ready, at least 900 per mille must be: 0 may go; not ready: n1001, \
         n1002, n1003, n1004, n1005, n2001, n2002, n2003: 1 -> 35 nodes"
    );
}
