//! Nodes added and removed per sliding window.

use quorate::Micros;
use quorate::autoscale::guard::{
    ChangeBudget, ChangeLimit, ChangeWindow, GuardNumbers, GuardReason, GuardSettings,
};

use crate::fleet::{Bench, secs};

fn window(seconds: u64, added: ChangeLimit, removed: ChangeLimit) -> ChangeWindow {
    ChangeWindow {
        window: secs(seconds),
        added,
        removed,
    }
}

fn nodes(nodes: u32) -> ChangeLimit {
    ChangeLimit {
        nodes: Some(nodes),
        permille: None,
    }
}

fn permille(permille: u32) -> ChangeLimit {
    ChangeLimit {
        nodes: None,
        permille: Some(permille),
    }
}

const ANY: ChangeLimit = ChangeLimit {
    nodes: None,
    permille: None,
};

fn bench(windows: Vec<ChangeWindow>) -> Bench {
    Bench::new(GuardSettings {
        change_budget: Some(ChangeBudget::new(windows).unwrap()),
        ..GuardSettings::default()
    })
}

#[test]
fn what_was_removed_counts_until_it_is_as_old_as_the_window() {
    let mut bench = bench(vec![window(600, ANY, nodes(5))]);
    assert_eq!(bench.act(20, 17, secs(0)), 17);
    assert_eq!(bench.act(17, 10, secs(300)), 15, "two of five are left");

    let held = bench.judge(15, 10, Micros(599_999_999));
    assert_eq!(held.target(), 15);
    let verdict = held.binding().unwrap();
    assert_eq!(verdict.reason, GuardReason::RemovalBudget);
    assert_eq!(verdict.frees_at, Some(secs(600)));
    assert_eq!(
        verdict.numbers,
        GuardNumbers::ChangeBudget {
            window: Some(secs(600)),
            used: 5,
            limit: 5
        }
    );
    assert_eq!(
        verdict.to_string(),
        "5 of 5 nodes changed within 600 s: 10 -> 15 nodes, until 600.000"
    );
    assert_eq!(
        bench.target(15, 10, secs(600)),
        12,
        "the first three are forgotten"
    );
    assert_eq!(bench.target(15, 10, secs(900)), 10);
}

#[test]
fn the_directions_have_budgets_of_their_own() {
    let mut bench = bench(vec![window(600, nodes(4), nodes(2))]);
    assert_eq!(bench.act(10, 20, secs(0)), 14);
    assert_eq!(bench.act(14, 1, secs(1)), 12);
    assert_eq!(
        bench.target(12, 20, secs(2)),
        12,
        "what was removed is not added again for free"
    );
    let held = bench.judge(12, 20, secs(2));
    assert_eq!(held.binding().unwrap().reason, GuardReason::AdditionBudget);
}

#[test]
fn a_share_is_one_of_the_fleet_before_the_first_change_in_the_window() {
    let mut bench = bench(vec![window(600, ANY, permille(100))]);
    assert_eq!(bench.act(50, 48, secs(0)), 48);
    assert_eq!(bench.act(48, 10, secs(60)), 45, "a tenth of 50, not of 48");
    assert_eq!(bench.target(45, 10, secs(599)), 45);
    assert_eq!(
        bench.target(45, 10, secs(600)),
        44,
        "three of the 48 that were there"
    );
    assert_eq!(bench.target(45, 10, secs(660)), 41, "a tenth of 45");
}

#[test]
fn a_share_is_at_least_one_node() {
    let mut bench = bench(vec![window(600, ANY, permille(100))]);
    assert_eq!(bench.act(3, 1, secs(0)), 2);
    assert_eq!(bench.target(2, 1, secs(1)), 2);
}

#[test]
fn the_tightest_window_decides_and_the_last_to_let_go_says_when() {
    let mut bench = bench(vec![
        window(60, ANY, nodes(2)),
        window(3_600, ANY, nodes(4)),
    ]);
    assert_eq!(bench.act(20, 10, secs(0)), 18);
    assert_eq!(bench.act(18, 10, secs(60)), 16);
    let held = bench.judge(16, 10, secs(90));
    assert_eq!(held.target(), 16);
    assert_eq!(held.binding().unwrap().frees_at, Some(secs(3_600)));
}

#[test]
fn a_decision_that_nobody_carried_out_charges_nothing() {
    let mut bench = bench(vec![window(600, nodes(3), nodes(3))]);
    for second in 0..50 {
        assert_eq!(bench.target(20, 10, secs(second)), 17);
    }
    bench.executed(20, 20, secs(51));
    assert_eq!(bench.target(20, 10, secs(52)), 17);
}

#[test]
fn a_clock_that_goes_back_frees_nothing() {
    let mut bench = bench(vec![window(600, ANY, nodes(2))]);
    assert_eq!(bench.act(20, 10, secs(1_000)), 18);
    assert_eq!(bench.target(18, 10, secs(300)), 18);
    bench.executed(18, 17, secs(0));
    assert_eq!(bench.target(17, 10, secs(1_599)), 17);
    assert_eq!(bench.target(17, 10, secs(1_600)), 15);
}

#[test]
fn a_full_log_forgets_nothing_early() {
    let mut bench = bench(vec![window(10_000, ANY, nodes(1_000))]);
    let mut fleet = 2_000;
    for second in 0..1_000 {
        bench.executed(fleet, fleet - 1, secs(second));
        fleet -= 1;
    }
    assert_eq!(bench.target(fleet, 1, secs(9_999)), fleet);
}
